"""What fails outside our code is one sentence in the terminal, never a traceback."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError

from portal import env, faults, preflight
from tests.appliances import PROJECT, Appliance
from tests.servers import free_port

EXAMPLE = "deploy/examples/homelab"
FIRST = [
    (["import", "--dry-run", EXAMPLE], 0, " added"),
    (["lint", EXAMPLE], 0, " good, 0 errors"),
]
# Each of them makes all tables: the same again, so in the slow lane.
ALSO_FIRST = [
    (["account", "list"], 0, "No account yet"),
    (["account", "reset", "x"], 1, "There is no account “x”"),
    (["changepassword", "x"], 1, "does not exist"),
    (["import", EXAMPLE], 0, " added"),
    (["setup_link"], 0, "/setup/"),
]


def plain(appliance: Appliance) -> Appliance:
    """On SQLite, whatever the tests run on."""
    appliance.variables = {"DATABASE_URL": "", "BROKER_URL": ""}
    return appliance


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [*FIRST, *(pytest.param(*one, marks=pytest.mark.slow) for one in ALSO_FIRST)],
    ids=str,
)
def test_every_command_can_be_the_first(
    appliance: Appliance, command: list[str], status: int, said: str
) -> None:
    done = plain(appliance).manage(*command)
    assert done.returncode == status, done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if command[0] == "lint":
        assert not appliance.data.exists()
        return
    assert stat.S_IMODE(appliance.data.stat().st_mode) == 0o700
    for file in appliance.data.glob("greenroom.sqlite3*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.slow
def test_an_export_can_be_the_first(appliance: Appliance, tmp_path: Path) -> None:
    done = plain(appliance).manage("export", "-o", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    file = appliance.data / "greenroom.sqlite3"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("command", ["account list", "prepare", "appliance"])
def test_a_damaged_database(appliance: Appliance, command: str) -> None:
    file = appliance.data / "greenroom.sqlite3"
    appliance.data.mkdir()
    file.write_text("this is no database" * 9, "utf-8")
    said = sentence_of(plain(appliance), command)
    assert f"The database {file} is damaged" in said
    assert "Put back a copy" in said


@pytest.mark.parametrize("command", ["account list", "prepare", "appliance"])
def test_a_database_server_that_is_away(appliance: Appliance, command: str) -> None:
    port = free_port()
    url = f"postgres://us:hidden@127.0.0.1:{port}/name"
    said = sentence_of(appliance, command, DATABASE_URL=url)
    assert f"postgres://us:…@127.0.0.1:{port}/name cannot be used" in said
    assert "refused" in said
    assert "correct database_url (environment variable DATABASE_URL)" in said


def test_a_broker_that_is_away(appliance: Appliance) -> None:
    url = f"redis://:hidden@127.0.0.1:{free_port()}/0"
    said = sentence_of(plain(appliance), "appliance", BROKER_URL=url)
    assert "refused. Start that server, or correct broker_url (environment" in said


def sentence_of(appliance: Appliance, command: str, **variables: str) -> str:
    """The one line that a command ends with."""
    options = {"GREENROOM_PORT": str(appliance.port), **variables}
    done = appliance.manage(*command.split(), **options)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "hidden" not in done.stderr
    return done.stderr


SERVER = "postgres://us:hidden@host/name"


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("", OperationalError("no such table: x"), "Run manage.py prepare."),
        ("", OperationalError("database is locked"), "Try again."),
        ("", OperationalError("attempt to write a readonly database"), "write it"),
        ("", DatabaseError("database disk image is malformed"), "damaged"),
        (SERVER, ProgrammingError('relation "x" does not exist\n'), "manage.py prep"),
        (
            SERVER,
            OperationalError('connection failed: FATAL:  database "n" does not exist'),
            "correct database_url",
        ),
    ],
    ids=str,
)
def test_each_cause_has_its_remedy(
    tmp_path: Path, url: str, error: DatabaseError, said: str
) -> None:
    found = env.load({"GREENROOM_DATA": str(tmp_path), "DATABASE_URL": url})
    sentence = faults.sentence(error, found)
    assert said in sentence
    assert "\n" not in sentence
    assert "hidden" not in sentence
    assert ("…@host/name" in sentence) is bool(url)


def test_a_socket_is_not_asked_beforehand(tmp_path: Path) -> None:
    for url in ("postgres:///n?host=/tmp/x", "postgres://u:p@%2Ftmp%2Fx/n"):
        found = env.load({"GREENROOM_DATA": str(tmp_path), "DATABASE_URL": url})
        preflight.check_server("database_url", found)


def test_the_command_on_the_setup_page_runs_as_it_stands() -> None:
    page = PROJECT / "portal/web/templates/pages/setup_needed.html"
    assert ".venv/bin/python manage.py setup_link" in page.read_text("utf-8")
