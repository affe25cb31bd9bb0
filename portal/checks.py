"""What `manage.py check` asks beyond Django: can this machine run Greenroom at all?"""

from __future__ import annotations

import sqlite3
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.compatibility)
def sqlite_can_search(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Full-text search on SQLite rests on its FTS5 extension."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        return []
    with sqlite3.connect(":memory:") as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    connection.close()
    if "ENABLE_FTS5" in options:
        return []
    return [
        Error(
            f"SQLite {sqlite3.sqlite_version} of this Python has no FTS5.",
            hint="Use a Python with it (python.org, Debian, uv), or set DATABASE_URL.",
            id="greenroom.E001",
        )
    ]


@register(Tags.security, deploy=True)
def debug_is_off(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Pages for developers show settings and code to everybody."""
    if not settings.DEBUG:
        return []
    return [
        Warning(
            "GREENROOM_DEBUG is on: error pages show the code and the settings.",
            hint="Unset it, except while developing.",
            id="greenroom.W001",
        )
    ]
