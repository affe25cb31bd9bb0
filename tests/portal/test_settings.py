"""Django's settings: both forms, static files, the version, the checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from portal import version
from portal.env import PROJECT


def manage(folder: Path, *arguments: str, **variables: str) -> str:
    """Run a command on its own data folder; its output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "GREENROOM_DATA": str(folder), **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_checks_for_deployment_are_clean(tmp_path: Path) -> None:
    said = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert "no issues" in said


def test_every_setting_is_shown_with_its_origin(tmp_path: Path) -> None:
    (tmp_path / "greenroom.yaml").write_text("threads: 5\n", "utf-8")
    secret = "postgres://u:hidden@h/n"
    said = manage(tmp_path, "settings", GREENROOM_PORT="8765", DATABASE_URL=secret)
    assert "port = 8765" in said
    assert "environment variable GREENROOM_PORT" in said
    assert f"file {tmp_path}/greenroom.yaml, line 1" in said
    assert "hidden" not in said


@pytest.mark.slow
def test_prepare_collects_only_what_is_used(tmp_path: Path) -> None:
    manage(tmp_path, "prepare")
    manifest = json.loads((tmp_path / "static/staticfiles.json").read_text("utf-8"))
    names = set(manifest["paths"])
    assert {"vendor/htmx.min.js", "greenroom/icons.svg", "greenroom/greenroom.css"} <= (
        names
    )
    assert "admin/css/base.css" in names
    assert "greenroom/css/tokens.css" not in names
    assert not [name for name in names if "i18n/" in name and "en." not in name]
    css = tmp_path / "static" / manifest["paths"]["greenroom/greenroom.css"]
    assert css.with_name(f"{css.name}.br").exists()
    assert manage(tmp_path, "setup_link").strip().startswith("http://")


def test_a_sub_path_is_in_every_address(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings as s; from django.urls import reverse;"
        "from django.templatetags.static import static;"
        "print(s.STATIC_URL, s.SESSION_COOKIE_PATH, s.CSRF_TRUSTED_ORIGINS)"
    )
    said = manage(tmp_path, "shell", "-v0", "-c", code, GREENROOM_URL="https://h.x/g/")
    assert said.strip() == "/g/static/ /g/ ['https://h.x']"


def test_the_version_is_the_first_of_the_changelog(tmp_path: Path) -> None:
    log = tmp_path / "CHANGELOG.md"
    log.write_text("# Changelog\n\n## 2.1.0\n\n## 2.0.0\n", "utf-8")
    assert version.read(log) == "2.1.0"
    assert version.VERSION in version.CHANGELOG.read_text("utf-8")
    log.write_text("# Changelog\n", "utf-8")
    with pytest.raises(ValueError, match="no heading"):
        version.read(log)


@pytest.mark.storage
@pytest.mark.django_db
def test_the_database_is_the_one_that_was_asked_for() -> None:
    wanted = "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"
    assert connection.vendor == wanted
    if wanted == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)
            cursor.execute("PRAGMA foreign_keys")
            assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    ("ending", "threshold"),
    [("", 5), ("?prepare_threshold=none", None), ("?prepare_threshold=2", 2)],
)
def test_a_pooler_can_be_spared_prepared_statements(tmp_path, ending, threshold):
    said = manage(
        tmp_path,
        "shell",
        "--no-imports",
        "-c",
        "from django.conf import settings as s; "
        "print(repr(s.DATABASES['default']['OPTIONS']['prepare_threshold']))",
        DATABASE_URL=f"postgres://u:p@h/n{ending}",
    )
    assert said.strip() == repr(threshold)
