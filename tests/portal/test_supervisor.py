"""The appliance as a person meets it: real processes, real signals."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from catalog.probes import standins
from portal import children, preflight, supervisor, values, wsgi
from portal.env import PROJECT, SettingsError
from portal.example import HOMELAB
from portal.keys import setup_token
from tests.appliances import Appliance, is_zombie
from tests.servers import wait_until

pytestmark = pytest.mark.xdist_group("appliance")
STOP = 5.0


def ask_to_stop(appliance: Appliance, number: int) -> float:
    """Send a signal to the supervisor; the seconds until it has ended well."""
    assert appliance.process is not None
    began = time.monotonic()
    appliance.process.send_signal(number)
    assert appliance.status() == 0, appliance.said()
    return time.monotonic() - began


def test_start_serve_stop_and_start_again(appliance: Appliance) -> None:
    appliance.start_and_wait()
    first = appliance.readiness()
    assert first["setup"] is True
    key = (appliance.data / "secret.key").read_text("ascii")
    assert f"/setup/{setup_token(key)}/" in appliance.said()
    assert f"http://127.0.0.1:{appliance.port}/" in appliance.said()
    assert "▄" in appliance.said()
    wait_until(lambda: appliance.child("celery") > 0, "the start of the worker")
    assert ask_to_stop(appliance, signal.SIGTERM) < STOP
    assert appliance.family() == []

    appliance.start_and_wait()
    assert appliance.said().count("Preparing") == 1
    assert appliance.readiness()["instance"] != first["instance"]
    assert ask_to_stop(appliance, signal.SIGINT) < STOP
    assert appliance.family() == []
    assert "Traceback" not in appliance.said()
    assert "Warm shutdown" not in appliance.said()
    assert appliance.said().endswith("Greenroom has stopped.\n")


@pytest.mark.slow
def test_a_demo_keeps_its_stand_ins_and_stops_them(appliance: Appliance) -> None:
    appliance.start_and_wait("--demo")
    assert "stand-ins answer" in appliance.said()
    wait_until(lambda: appliance.child("demo") > 0, "the stand-ins")
    wait_until(lambda: appliance.child("celery") > 0, "the start of the worker")
    port = standins.port("tei", "http://node-01.lan:8080")
    wait_until(lambda: answers(port), "their answer")
    with closing(sqlite3.connect(appliance.data / "greenroom.sqlite3")) as database:
        wait_until(lambda: ask_one(database, UP) != 0, "a look at one")
    old = appliance.child("demo")
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: appliance.child("demo") not in (0, old), "new stand-ins")
    assert "The demo process ended (SIGKILL)" in appliance.said()
    assert ask_to_stop(appliance, signal.SIGTERM) < STOP
    assert appliance.family() == []

    # The example is in the catalog still, and nobody answers for it any more.
    appliance.start_and_wait()
    with closing(sqlite3.connect(appliance.data / "greenroom.sqlite3")) as database:
        wait_until(lambda: ask_one(database, ASKED) == 0, "the rest of its probes")
    assert appliance.child("demo") == 0


UP = "SELECT count(*) FROM probes_probe WHERE state = 'up'"
ASKED = "SELECT count(*) FROM probes_probe WHERE paused_at IS NULL"


def answers(port: int) -> bool:
    """Does anything listen there?"""
    with closing(socket.socket()) as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def test_a_demo_loads_the_example_beside_what_else_is_loaded(tmp_path: Path) -> None:
    settings, demo = supervisor.read(["--demo", "--catalog", str(tmp_path)])
    assert demo and settings.catalog == (str(tmp_path), str(HOMELAB))
    settings, _ = supervisor.read(["--demo", "--catalog", "deploy/examples/homelab"])
    assert len(settings.catalog) == 1
    assert supervisor.read([])[1] is False


@pytest.mark.slow
def test_links_lead_to_the_address_that_runs(appliance: Appliance) -> None:
    appliance.start_and_wait()
    here = f"http://127.0.0.1:{appliance.port}/"
    elsewhere = {"GREENROOM_PORT": "9", "GREENROOM_BIND": "127.0.0.2"}
    assert appliance.manage("setup_link", **elsewhere).stdout.startswith(f"{here}setup")
    invite = appliance.manage("account", "invite", "Jonas", **elsewhere)
    assert invite.stdout.startswith(f"{here}invite/")
    assert appliance.process is not None
    appliance.process.kill()
    appliance.process.wait()
    after = appliance.manage("setup_link", **elsewhere)
    assert after.stdout.startswith("http://127.0.0.2:9/setup/")


def test_what_it_keeps_is_closed_to_others(appliance: Appliance) -> None:
    appliance.start_and_wait()
    assert stat.S_IMODE(appliance.data.stat().st_mode) == 0o700
    for file in [p for p in appliance.data.rglob("*") if not is_static(p)]:
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


def is_static(path: Path) -> bool:
    """Collected files hold nothing that is not in the repository."""
    return "static" in path.parts


@pytest.mark.slow
def test_a_page_that_is_not_there_is_not_logged(appliance: Appliance) -> None:
    appliance.start_and_wait()
    assert appliance.get("/nothing/").status in {302, 404}
    assert appliance.get("/static/nothing.css").status == 404
    assert "nothing" not in appliance.said()


DOCUMENT = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {name}}}
spec: {{type: service, owner: nobody, lifecycle: production}}
"""


@pytest.mark.slow
def test_what_changed_while_the_worker_was_down_shows_soon(
    appliance: Appliance, tmp_path: Path
) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    (folder / "one.yaml").write_text(DOCUMENT.format(name="one"), "utf-8")
    appliance.start_and_wait("--catalog", str(folder))
    wait_until(lambda: appliance.child("celery") > 0, "the start of the worker")
    with closing(sqlite3.connect(appliance.data / "greenroom.sqlite3")) as database:
        first = last_run(database)
        wait_until(lambda: last_run(database) != first, "its first reading")
        old = appliance.child("celery")
        os.kill(old, signal.SIGKILL)
        # As if it had died in the middle of reading.
        database.execute(HELD)
        database.commit()
        (folder / "one.yaml").write_text(DOCUMENT.format(name="two"), "utf-8")
        wait_until(lambda: appliance.child("celery") not in (0, old), "a new worker")
        began = time.monotonic()
        wait_until(lambda: ask_one(database, FOUND) == 1, "the change")
    # Well before the regular look, which comes every ten seconds.
    assert time.monotonic() - began < 8


HELD = "UPDATE sources_source SET busy_until = '2999-01-01', due_at = '2999-01-01'"
FOUND = "SELECT count(*) FROM entities_entity WHERE name = 'two'"


def last_run(database: sqlite3.Connection) -> object:
    """When the source was read."""
    return ask_one(database, "SELECT max(last_run_at) FROM sources_source")


def ask_one(database: sqlite3.Connection, query: str) -> Any:
    """The one value that a query gives."""
    return database.execute(query).fetchone()[0]


def refusal(appliance: Appliance, *options: str) -> str:
    """Start what cannot start; the one sentence that says why."""
    appliance.start(*options)
    assert appliance.status() == 2
    said = appliance.said()
    assert said.startswith("Greenroom cannot start. ")
    assert said.count("\n") == 1
    return said


def test_a_port_in_use_is_named_with_another(appliance: Appliance) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", appliance.port))
        other.listen()
        said = refusal(appliance)
    assert f"Port {appliance.port} is already in use." in said
    assert f"make run PORT={appliance.port + 1}" in said


@pytest.mark.slow
def test_both_families_are_served_and_looked_at(appliance: Appliance) -> None:
    if values.everywhere() != "::":
        pytest.skip("this machine has no IPv6")
    appliance.variables = {"GREENROOM_BIND": ""}
    appliance.start_and_wait()
    for family, here in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as reader:
            assert reader.connect_ex((here, appliance.port)) == 0
    assert ask_to_stop(appliance, signal.SIGTERM) < STOP
    with socket.socket() as other:
        other.bind(("127.0.0.1", appliance.port))
        other.listen()
        with pytest.raises(SettingsError, match="already in use"):
            preflight.check_port("::", appliance.port)


@pytest.mark.django_db
def test_a_reader_by_ipv4_has_an_address_of_ipv4() -> None:
    environ: dict[str, object] = {}
    setup_testing_defaults(environ)
    environ |= {"REMOTE_ADDR": "::ffff:192.0.2.7", "PATH_INFO": "/healthz"}
    wsgi.application(environ, lambda *_: None)
    assert environ["REMOTE_ADDR"] == "192.0.2.7"


def test_a_data_folder_that_is_none(appliance: Appliance) -> None:
    appliance.data.write_text("", "utf-8")
    assert "is a file" in refusal(appliance)


def test_a_data_folder_that_cannot_be_made(appliance: Appliance) -> None:
    appliance.data.write_text("", "utf-8")
    appliance.data = appliance.data / "below"
    assert "GREENROOM_DATA" in refusal(appliance)


def test_a_wrong_setting(appliance: Appliance) -> None:
    appliance.variables = {"GREENROOM_THREADS": "many"}
    assert "“many” must be a whole number" in refusal(appliance)


def test_a_catalog_that_is_not_there(appliance: Appliance, tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing")
    said = refusal(appliance, "--catalog", missing)
    assert missing in said
    assert "does not exist" in said


def test_two_on_one_data_folder(appliance: Appliance, tmp_path: Path) -> None:
    appliance.start_and_wait()
    with Appliance(appliance.data, tmp_path / "second").ended() as second:
        assert "already runs" in refusal(second)


def test_a_foreign_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="GREENROOM_BIND"):
        preflight.check_port("192.0.2.55", 8000)


GUARDED = """
import time
from portal import children
with children.guarded(always=True):
    child = children.Child.start(["sleep", "99"], {"PATH": "/usr/bin:/bin"})
    print(child.process.pid, flush=True)
    time.sleep(99)
"""


def test_where_the_kernel_does_not_tell_a_guard_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Without the kernel's message, as on macOS.
    script = f"from portal import children\nchildren.LIBC = None\n{GUARDED}"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=PROJECT
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: is_zombie(child), "the end of the child")


def test_exit_statuses_in_words() -> None:
    assert children.in_words(-9) == "SIGKILL"
    assert children.in_words(3) == "exit status 3"
