"""Secrets by reference: names that an administrator bound to hosts and uses."""
