"""The power tool: Django's admin in our colours, one file per room."""

from __future__ import annotations

from portal.admin import accounts, entities, secrets, sources

__all__ = ["accounts", "entities", "secrets", "sources"]
