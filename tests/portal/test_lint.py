"""`lint`: its three forms of output, its exit status, and that it needs no house."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.color import make_style, no_style

from catalog.entities.problems import WARNING, Problem
from catalog.sources.linting import Report, Section
from portal import env, keys
from portal.env import PROJECT
from portal.management.lint_formats import FORMATS

ODD = Problem(
    "odd",
    "50% of\r\nit, and: ::error::this",
    "Mend\x1b[31m it.",
    at=("spec", "dependsOn", 2),
    value="a\nb",
    subject="component:default/web",
    path="a,b:c%\n.yaml",
    line=3,
    column=5,
)
SOFT = Problem("soft", "No line.", "", WARNING, path="<stdin>")
GOOD = (
    "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: lab}\n"
    "spec: {type: team, children: []}\n"
)
LOOSE = GOOD.replace("[]", "[far]")
BAD = GOOD.replace("name: lab", "name: a lab")


def written(form: str, *problems: Problem, **report: Any) -> list[str]:
    made = Report([Section("x", list(problems))], **report)
    return list(FORMATS[form](made, no_style()))


def test_text_is_one_line_for_each_and_cannot_paint_or_break_it():
    assert written("text", ODD, SOFT) == [
        "<stdin>: warning: No line.",
        r"a,b:c%\n.yaml:3:5: error: 50% of\r\nit, and: ::error::this Mend\x1b[31m it.",
        "0 good, 1 error, 1 warning",
    ]


def test_the_severity_is_coloured_for_a_terminal():
    made = Report([Section("x", [SOFT])])
    first = next(iter(FORMATS["text"](made, make_style("dark"))))
    assert first.startswith("<stdin>: \x1b[") and "warning\x1b[0m: No line." in first


def test_what_was_not_looked_at_is_told():
    made = Report([Section("x", left_out=2)], checked_references=False)
    for form in ("text", "github"):
        assert list(FORMATS[form](made, no_style())) == [
            "0 good, 0 errors, 0 warnings; 2 left out, since nothing says the catalog "
            "is meant; references between documents were not checked (--partial)"
        ]


def test_json_is_one_document_with_all_of_it():
    found = json.loads("\n".join(written("json", ODD, SOFT, checked_references=False)))
    assert found == {
        "version": 1,
        "documents": 0,
        "errors": 1,
        "warnings": 1,
        "left_out": 0,
        "references_checked": False,
        "problems": [
            {
                "code": "soft",
                "severity": "warning",
                "file": "<stdin>",
                "line": None,
                "column": None,
                "field": "",
                "value": "",
                "entity": "",
                "message": "No line.",
                "remedy": "",
            },
            {
                "code": "odd",
                "severity": "error",
                "file": ODD.path,
                "line": 3,
                "column": 5,
                "field": "spec.dependsOn[2]",
                "value": "a\nb",
                "entity": "component:default/web",
                "message": ODD.message,
                "remedy": ODD.remedy,
            },
        ],
    }


def unescaped(text: str) -> str:
    """As the runner does it."""
    for code, letter in (("0D", "\r"), ("0A", "\n"), ("3A", ":"), ("2C", ",")):
        text = text.replace(f"%{code}", letter)
    return text.replace("%25", "%")


def test_a_note_for_a_forge_is_read_back_as_it_was():
    soft, odd, _ = written("github", ODD, SOFT)
    assert soft == "::warning title=Greenroom%3A soft::No line."
    match = re.fullmatch(r"::error ([^:\n]*)::(.*)", odd)
    assert match
    properties = dict(pair.split("=", 1) for pair in match[1].split(","))
    assert {name: unescaped(value) for name, value in properties.items()} == {
        "file": ODD.path,
        "line": "3",
        "col": "5",
        "title": "Greenroom: odd",
    }
    assert unescaped(match[2]) == f"{ODD.message} {ODD.remedy}"
    assert odd.startswith("::error file=a%2Cb%3Ac%25%0A.yaml,line=3,")


def run(*args: str) -> tuple[int, str]:
    output = StringIO()
    try:
        call_command("lint", *args, stdout=output)
    except SystemExit as end:
        return int(end.code or 0), output.getvalue()
    return 0, output.getvalue()


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        (GOOD, ["--strict"], 0),
        (LOOSE, [], 0),
        (LOOSE, ["--strict"], 1),
        (LOOSE, ["--strict", "--partial"], 0),
        (BAD, [], 1),
        (BAD, ["--partial"], 1),
    ],
)
@pytest.mark.parametrize("form", FORMATS)
def test_the_exit_status(tmp_path, form, text, options, status):
    (tmp_path / "a.yaml").write_text(text)
    code, said = run(str(tmp_path), "--format", form, *options)
    assert code == status
    problem = text != GOOD and "--partial" not in options
    assert ("a.yaml" in said) == (problem or text == BAD)


def test_a_wrong_call_is_told():
    for wrong in (["x", "--format", "xml"], [], ["x", "--no-such"]):
        with pytest.raises(CommandError):
            call_command("lint", *wrong)


class Checkout:
    """The real command, somewhere else, with an environment that would stop others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables: dict[str, str] = {
            "GREENROOM_DATA": str(folder / "data"),
            "GREENROOM_PORT": "no port",
            "GREENROOM_NO_SUCH": "1",
            "DATABASE_URL": "postgres://u:p@127.0.0.1:1/none",
            "BROKER_URL": "redis://127.0.0.1:1",
            "HOME": str(folder / "no-home"),
            "LC_ALL": "C",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def lint(self, *args: str | bytes, **more: Any) -> Any:
        return subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), "lint", *args],
            cwd=self.folder / "work",
            env=self.variables,
            capture_output=True,
            check=False,
            **more,
        )


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work").mkdir()
        yield Checkout(folder)


def test_it_needs_no_settings_no_database_and_writes_nothing(checkout):
    work = checkout.folder / "work"
    (work / "a.yaml").write_text(LOOSE)
    work.chmod(0o555)
    checkout.folder.chmod(0o555)
    done = checkout.lint(".", "-", input=GOOD.replace("lab", "two").encode())
    checkout.folder.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines() == [
        b"a.yaml:4:31: warning: spec.children[0] is 'far', and no document here "
        b"declares group:far. Correct the name, or declare it.",
        b"2 good, 0 errors, 1 warning",
    ]
    assert [path.name for path in checkout.folder.iterdir()] == ["work"]


def test_the_house_of_this_machine_is_forgotten():
    environ = {"GREENROOM_X": "1", "DATABASE_URL_FILE": "/x", "PATH": "/bin"}
    env.forget(environ)
    found = env.load(environ)
    assert environ["PATH"] == "/bin" and "GREENROOM_X" not in environ
    assert found.queue is None and found.database_url == ""
    assert found.database_file is not None and not found.database_file.exists()
    with pytest.raises(OSError):
        found.data.mkdir(parents=True)
    assert len(keys.signing_key(found)) > 40


def test_called_wrongly_it_ends_with_two(checkout):
    for wrong in ([], ["--format", "xml", "x"], ["x", "--no-such"]):
        done = checkout.lint(*wrong)
        assert done.returncode == 2
        assert b"usage: manage.py lint" in done.stderr
        assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_whatever_it_is_given_it_ends_without_a_traceback(checkout):
    work = checkout.folder / "work"
    (work / "a.yaml").write_text(BAD)
    (work / "b.yaml").write_bytes(b"\x00\xff")
    (work / "c.yaml").write_text("apiVersion: greenroom/v1\n\ud7ff: [" + "{" * 999)
    (work / b"\xff.yaml".decode("utf-8", "surrogateescape")).write_text(BAD)
    os.mkfifo(work / "pipe.yaml")
    for form in FORMATS:
        for extra in ([], [b"\xff.yaml", b"no\xfe", "pipe.yaml", ""]):
            done = checkout.lint("--format", form, ".", "a.yaml", *extra)
            assert (done.returncode, done.stderr) == (1, b"")
            done.stdout.decode()
    checkout.variables["PYTHONIOENCODING"] = "ascii"
    assert checkout.lint(".").stderr == b""


def test_a_reader_that_has_seen_enough_is_no_fault(checkout):
    work = checkout.folder / "work"
    (work / "a.yaml").write_text("---\n".join(BAD for _ in range(3000)))
    command = f'"{sys.executable}" "{PROJECT}/manage.py" lint . | head -1'
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=work,
        env={**checkout.variables, "PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (141, b"")
    assert done.stdout.startswith(b"a.yaml:3:")


def test_closed_input_and_output_of_no_terminal(checkout):
    (checkout.folder / "work/a.yaml").write_text(GOOD)
    command = f'"{sys.executable}" "{PROJECT}/manage.py" lint . <&-'
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=checkout.folder / "work",
        env=checkout.variables,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"1 good, 0 errors, 0 warnings\n"


@pytest.mark.parametrize("gone", ["kind: Group\n", "name: lab"])
def test_what_has_no_kind_or_name_is_called_nothing(tmp_path, gone):
    file = tmp_path / "a.yaml"
    file.write_text(GOOD.replace(gone, ""))
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("lint", str(file), format="json", stdout=out)
    assert {one["entity"] for one in json.loads(out.getvalue())["problems"]} == {""}
