"""pydantic's complaints about a spec, in the words of the catalog."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from catalog.entities.problems import (
    QUOTE_IT,
    Path,
    Problem,
    did_you_mean,
    field_name,
    shown,
)
from catalog.kind import Kind


def spec_problems(kind: type[Kind], spec: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with the spec of a document of this kind."""
    try:
        kind.Spec.model_validate(spec)
    except ValidationError as error:
        found: dict[Path, Problem] = {}
        for details in error.errors(include_url=False):
            problem = _problem(kind, spec, details)
            found.setdefault(problem.at, problem)
        # Of the branches of a union, only the one that came furthest says more.
        inner = {at[:end] for at in found for end in range(len(at))}
        yield from (problem for at, problem in found.items() if at not in inner)


def _problem(kind: type[Kind], spec: dict[str, Any], details: ErrorDetails) -> Problem:
    at: Path = ("spec", *_steps(spec, details))
    extra = (details.get("ctx") or {}).get("at")
    if extra:
        at = (*at, str(extra))
    name, value = field_name(at), details["input"]
    if details["type"] == "missing":
        return Problem(
            "missing",
            f"{name} is missing.",
            _missing_remedy(kind, spec, str(at[-1])),
            at=at,
        )
    message, remedy = _words(name, value, details)
    return Problem("spec", message, remedy, at=at, value=shown(value))


def _steps(spec: Any, details: ErrorDetails) -> Path:
    """The path without pydantic's own steps, such as the names of union branches."""
    steps: list[str | int] = []
    value = spec
    for step in details["loc"]:
        in_mapping = isinstance(value, dict) and step in value
        if in_mapping or (isinstance(value, list) and isinstance(step, int)):
            value = value[step]
            steps.append(step)
    if details["type"] == "missing" and details["loc"]:
        steps.append(details["loc"][-1])
    return tuple(steps)


def _missing_remedy(kind: type[Kind], spec: dict[str, Any], key: str) -> str:
    fields = kind.Spec.model_fields
    near = difflib.get_close_matches(key, set(spec) - set(fields), n=1, cutoff=0.7)
    if near:
        return f"There is {near[0]!r}: rename it to {key!r}."
    description = fields[key].description if key in fields else ""
    return f"Add {key}. {description or ''}".strip()


def _words(name: str, value: Any, details: ErrorDetails) -> tuple[str, str]:
    """Message and remedy for one complaint."""
    context = details.get("ctx") or {}
    match details["type"]:
        case "entity_ref":
            return f"{name}: {context['reason']}.", ""
        case "literal_error":
            hint = did_you_mean(
                value, str(context["expected"]).replace("'", "").split(", ")
            )
            return (
                f"{name} is {shown(value)}.",
                f"It has to be {context['expected']}. {hint}".strip(),
            )
        case "string_too_short":
            return f"{name} is empty.", "Write a value, or remove the field."
        case "too_short":
            return f"{name} is empty.", "Name at least one."
        case "string_type":
            return _not_a_text(name, value)
        case "list_type":
            return f"{name} is {shown(value)}, not a list.", f"Write [{_bare(value)}]."
        case "model_type" | "dict_type" | "model_attributes_type":
            return (
                f"{name} is {shown(value)}, not a mapping.",
                "Write its fields below it.",
            )
    return f"{name} is {shown(value)}: {details['msg'].lower()}.", ""


def _not_a_text(name: str, value: Any) -> tuple[str, str]:
    if isinstance(value, list):
        return f"{name} is a list.", "It has to be one text."
    if isinstance(value, dict):
        return f"{name} is a mapping.", "It has to be one text."
    if value is None:
        return f"{name} is empty.", "Write a value, or remove the field."
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{name} is {text}, which is not a text.", f'{QUOTE_IT}"{text}".'


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else "…"
