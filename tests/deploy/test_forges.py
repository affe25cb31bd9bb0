"""What other repositories take from here: jobs for CI, hooks for commits."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.env import PROJECT
from portal.version import VERSION

JOBS = sorted((PROJECT / "deploy/examples/ci").glob("*.yaml"))
HOOKS = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))
GROUP = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: lab}\n"
GOOD = GROUP + "spec: {type: team, children: []}\n"
LOOSE = GROUP + "spec: {type: team, children: [far]}\n"
BAD = GROUP.replace("lab", "a lab")
COMPOSE = "services: {web: {image: x}}\n"


def is_workflow(file: Path) -> bool:
    command = [sys.executable, "-m", "check_jsonschema", str(file)]
    schema = ["--builtin-schema", "vendor.github-workflows"]
    return subprocess.run([*command, *schema], capture_output=True).returncode == 0


def test_there_is_a_job_for_each_forge() -> None:
    assert [path.stem for path in JOBS] == ["forgejo", "github"]


@pytest.mark.parametrize("file", JOBS, ids=lambda file: file.stem)
def test_a_job_follows_the_schema(file: Path, tmp_path: Path) -> None:
    assert is_workflow(file)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(file.read_text("utf-8").replace("runs-on:", "run-on:"), "utf-8")
    assert not is_workflow(wrong)


def steps(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))["jobs"][
        "lint"
    ]["steps"]
    return found


@pytest.mark.parametrize("file", JOBS, ids=lambda file: file.stem)
def test_a_job_brings_this_version(file: Path) -> None:
    (bring,) = [step for step in steps(file) if "env" in step]
    assert bring["env"]["VERSION"] == f"v{VERSION}"
    assert "make -C /tmp/greenroom env" in bring["run"]


@pytest.mark.parametrize("file", JOBS, ids=lambda file: file.stem)
def test_a_job_fails_for_a_bad_document(file: Path, tmp_path: Path) -> None:
    command = shlex.split(steps(file)[-1]["run"])
    assert command[:2] == [
        "/tmp/greenroom/.venv/bin/python",
        "/tmp/greenroom/manage.py",
    ]
    command[:2] = [sys.executable, str(PROJECT / "manage.py")]
    for text, status in ((GOOD, 0), (BAD, 1)):
        (tmp_path / "a.yaml").write_text(text, "utf-8")
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == status
        assert done.stdout.startswith("::error file=a.yaml,line=3,") == bool(status)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As pre-commit lays it out: the environment is a folder in its clone of ours."""
    clone = tmp_path_factory.mktemp("clone")
    for name in (
        "manage.py",
        "catalog",
        "portal",
        "techdocs",
        "oncall",
        "CHANGELOG.md",
    ):
        (clone / name).symlink_to(PROJECT / name)
    inside = clone / "py_env-python3"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(inside)], check=True
    )
    (packages,) = inside.glob("lib/python*/site-packages")
    paths = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "ours.pth").write_text("\n".join(paths), "utf-8")
    return clone


def commit(clone: Path, repository: Path, id_: str, *files: str) -> tuple[int, str]:
    """Run a hook as pre-commit does."""
    (hook,) = [hook for hook in HOOKS if hook["id"] == id_]
    assert hook["language"] == "python" and hook["require_serial"]
    passed = files if hook.get("pass_filenames", True) else ()
    done = subprocess.run(
        [*shlex.split(hook["entry"]), *hook.get("args", []), *passed],
        cwd=repository,
        env={"PATH": f"{clone}/py_env-python3/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_hook_looks_at_the_files_of_the_commit(clone: Path, tmp_path: Path) -> None:
    # What is called like a part of Greenroom must not stand in its place.
    for name in ("catalog", "portal", "django"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit(9)", "utf-8")
    for name, text in (("a", LOOSE), ("b", BAD), ("compose", COMPOSE)):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    status, said = commit(clone, tmp_path, "greenroom-lint", "a.yaml", "compose.yaml")
    assert status == 0 and said.startswith("1 good, 0 errors, 0 warnings; 1 left out")
    status, said = commit(clone, tmp_path, "greenroom-lint", "a.yaml", "b.yaml")
    assert status == 1 and said.startswith("b.yaml:3:12: error: metadata.name")


def test_a_hook_looks_at_the_whole_catalog(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(LOOSE, "utf-8")
    (tmp_path / "compose.yaml").write_text(COMPOSE, "utf-8")
    status, said = commit(clone, tmp_path, "greenroom-lint-all", "compose.yaml")
    assert status == 0 and "a.yaml:4:31: warning: spec.children[0] is 'far'" in said
    (tmp_path / "b.yaml").write_text(BAD, "utf-8")
    assert commit(clone, tmp_path, "greenroom-lint-all")[0] == 1
