"""Tests of what we run: the catalog."""
