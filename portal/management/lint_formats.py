"""How the findings of `lint` are written: for people, programs and a forge's CI."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from catalog.entities.problems import Problem
from catalog.sources.linting import STDIN_SHOWN, Report

JSON_VERSION = 1
# A file name or a key may hold them: they would break the line, or colour the terminal.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def text(report: Report, style: Any) -> Iterator[str]:
    """`file:line:column: severity: message remedy`, and how many at the end."""
    paint = {"error": style.ERROR, "warning": style.WARNING}
    for problem in report.problems:
        place = f"{problem.place}: " if problem.place else ""
        severity = paint[problem.severity](problem.severity)
        yield f"{_one_line(place)}{severity}: {_one_line(_words(problem))}"
    yield summary(report)


def as_json(report: Report, style: Any) -> Iterator[str]:
    """One JSON document; what its keys mean stands in the help on the command line."""
    found = {
        "version": JSON_VERSION,
        "documents": report.documents,
        "errors": report.errors,
        "warnings": report.warnings,
        "left_out": report.left_out,
        "references_checked": report.checked_references,
        "problems": [_entry(problem) for problem in report.problems],
    }
    yield json.dumps(found, indent=2)


def github(report: Report, style: Any) -> Iterator[str]:
    """Workflow commands, which GitHub, Forgejo and Gitea show beside the lines."""
    for problem in report.problems:
        properties = {
            "file": "" if problem.path == STDIN_SHOWN else problem.path,
            "line": problem.line,
            "col": problem.column,
            "title": f"Greenroom: {problem.code}",
        }
        told = ",".join(
            f"{name}={_escaped(str(value), ':,')}"
            for name, value in properties.items()
            if value
        )
        yield f"::{problem.severity} {told}::{_escaped(_words(problem))}"
    yield summary(report)


FORMATS: dict[str, Callable[[Report, Any], Iterator[str]]] = {
    "text": text,
    "json": as_json,
    "github": github,
}


def summary(report: Report) -> str:
    """How many of what, and what was not looked at."""
    errors, warnings = report.errors, report.warnings
    said = (
        f"{report.documents} good, {errors} error{'s' * (errors != 1)}, "
        f"{warnings} warning{'s' * (warnings != 1)}"
    )
    if report.left_out:
        said += f"; {report.left_out} left out, since nothing says the catalog is meant"
    if not report.checked_references:
        said += "; references between documents were not checked (--partial)"
    return said


def _words(problem: Problem) -> str:
    return f"{problem.message} {problem.remedy}".strip()


def _entry(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "file": problem.path,
        "line": problem.line,
        "column": problem.column,
        "field": problem.field,
        "value": problem.value,
        "entity": problem.subject,
        "message": problem.message,
        "remedy": problem.remedy,
    }


def _one_line(words: str) -> str:
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], words)


def _escaped(words: str, more: str = "") -> str:
    """As the runner reads it back: per cent, line breaks, and separators."""
    return "".join(
        f"%{ord(letter):02X}" if letter in f"%\r\n{more}" else letter
        for letter in words
    )
