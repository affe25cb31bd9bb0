"""Backstage's catalog API, for every tool that speaks to one."""
