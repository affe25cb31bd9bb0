"""The appliance as a person meets it: real processes, real signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal import children, preflight
from portal.env import PROJECT, SettingsError, setup_token
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


def test_killed_processes_come_back(appliance: Appliance) -> None:
    appliance.start_and_wait()
    wait_until(lambda: appliance.child("celery") > 0, "the start of the worker")
    for role in ("celery", "granian"):
        old = appliance.child(role)
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: appliance.child(role) not in (0, old), f"a new {role}")  # noqa: B023
    wait_until(lambda: appliance.readiness().get("status") == "ok", "a new page")
    assert "SIGKILL" in appliance.said()


def test_nothing_outlives_a_killed_supervisor(appliance: Appliance) -> None:
    appliance.start_and_wait()
    wait_until(lambda: appliance.child("celery") > 0, "the start of the worker")
    assert appliance.process is not None
    appliance.process.kill()
    appliance.process.wait()
    wait_until(lambda: appliance.family() == [], "the end of the children")


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
