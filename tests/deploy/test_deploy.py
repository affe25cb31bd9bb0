"""What is in deploy: compose files, image, unit; checked without an engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from portal.env import BY_VARIABLE, PROJECT

DEPLOY = PROJECT / "deploy"
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))
TEXTS = [*COMPOSE, DEPLOY / "Dockerfile", DEPLOY / "greenroom.service"]


@pytest.mark.parametrize("file", COMPOSE, ids=lambda file: file.name)
def test_compose_files_follow_the_specification(file: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", str(file)]
    done = subprocess.run(
        [*command, "--builtin-schema", "vendor.compose-spec"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_check_of_compose_files_finds_mistakes(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text("services:\n  web: {image: x, dependson: []}\n", "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", str(wrong)]
    done = subprocess.run([*command, "--builtin-schema", "vendor.compose-spec"])
    assert done.returncode != 0


@pytest.mark.parametrize("file", COMPOSE, ids=lambda file: file.name)
def test_compose_services_run_commands_that_exist(file: Path) -> None:
    commands = {path.stem for path in PROJECT.glob("portal/management/commands/*.py")}
    services = yaml.safe_load(file.read_text("utf-8"))["services"]
    ours = [service for service in services.values() if service["image"] == "greenroom"]
    assert {service["command"][2] for service in ours} <= commands
    # One scheduler: none beside the one that a single worker brings.
    text = file.read_text("utf-8")
    assert text.count('"--with-scheduler"') + text.count('"scheduler"]') == 1


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.name)
def test_only_settings_that_exist_are_used(file: Path) -> None:
    names = set(re.findall(r"\b(GREENROOM_[A-Z_]+)\b", file.read_text("utf-8")))
    assert names <= set(BY_VARIABLE)


def test_the_image_has_every_package_and_no_root() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8")
    for package in ("catalog", "techdocs", "oncall", "portal"):
        assert f"COPY {package} " in text
        assert f"!{package}\n" in ignored
    assert "USER 10001" in text
    assert "--require-hashes" in text
    assert "VOLUME /data" in text


def test_the_unit_is_understood_by_systemd(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    unit = tmp_path / "greenroom.service"
    text = (DEPLOY / "greenroom.service").read_text("utf-8")
    # The program it names is not on the machine of the tests.
    text = text.replace("/opt/greenroom/.venv/bin/python", "/bin/true")
    unit.write_text(text, "utf-8")
    command = [analyze, "verify", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "greenroom.service" in line]
    assert ours == []
