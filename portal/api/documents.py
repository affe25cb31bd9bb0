"""Applying documents: one or many, tried first or taken, the same twice is nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.entities.models import Entity
from catalog.entities.problems import Problem
from catalog.sources import processing, sets
from catalog.sources.outcome import Outcome
from portal.api.problems import COMMON, ApiProblem, ProblemOut
from portal.api.schemas import Applied
from portal.web.gate import account_of, viewer_of

router = Router(tags=["Entities"])
DOOR = "api"


class Manner(Schema):
    """Whether documents are taken or only tried, and why."""

    dry_run: bool = Field(False, description="Only say what would be done.")
    reason: str = Field("", max_length=500, description="Why; the history keeps it.")


class How(Manner):
    """How documents are applied."""

    set: str = Field(
        "",
        pattern=sets.NAME,
        description="The set that these documents belong to, by a name of yours.",
        examples=["homelab"],
    )
    prune: bool = Field(
        False,
        description="Take away what was applied with the same `set` before and is not "
        "among these documents. Nothing is, where one of them is refused.",
    )
    prune_confirm: int | None = Field(
        None,
        ge=0,
        description="How many may go, where that is a large part of the set; a dry run "
        "says it as `confirm`.",
    )


@router.post(
    "/apply",
    response={
        200: Applied,
        403: ProblemOut,
        409: ProblemOut,
        412: ProblemOut,
        **COMMON,
    },
    summary="Apply",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/yaml": {"schema": {}}},
        }
    },
)
def apply(request: HttpRequest, how: Query[How]) -> Any:
    """Take YAML documents, several with --- between them, as if they were pasted: good
    ones are taken, bad ones are told with line and column. With If-Match only over the
    version that you know (one document)."""
    account, viewer = account_of(request), viewer_of(request)
    text = body_text(request, "Send one or more YAML documents.")
    wanted = _wanted(how)
    _check_match(request, text)
    if how.dry_run:
        return as_applied(sets.preview(text, wanted, viewer), dry_run=True)
    cause = processing.cause_of(DOOR, account, how.reason)
    try:
        return as_applied(sets.take(text, wanted, viewer, cause), dry_run=False)
    except sets.TooMany as error:
        raise ApiProblem(409, error.message, error.remedy) from None


def _wanted(how: How) -> sets.Wanted:
    if how.prune and not how.set:
        said = "`prune` needs a `set`: what was applied before under which name?"
        raise ApiProblem(400, said, "Send set=NAME as well, each time.")
    return sets.Wanted(how.set, how.prune, how.prune_confirm)


def body_text(request: HttpRequest, remedy: str) -> str:
    """The body as text. Raises ApiProblem; `remedy` is for an empty one."""
    try:
        text = request.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = f"The body is not UTF-8: byte {error.start} cannot be read."
        raise ApiProblem(400, said, "Send it in UTF-8.") from None
    if not text.strip():
        raise ApiProblem(400, "The body is empty.", remedy)
    return text


def _check_match(request: HttpRequest, text: str) -> None:
    """Has somebody else changed what the asker knows?"""
    wanted, viewer = request.headers.get("If-Match", ""), viewer_of(request)
    if not wanted:
        return
    plan = processing.preview_text(text, viewer=viewer)
    changed = [known.ref for _, known in plan.changed]
    rows = Entity.objects.visible_to(viewer).filter(ref__in=changed)
    for ref, etag in rows.values_list("ref", "etag"):
        if f'"{etag}"' not in wanted:
            said = f"{ref} has changed meanwhile: its ETag is {etag}."
            raise ApiProblem(412, said, "Get it again, and apply your change to it.")


def as_applied(outcome: Outcome, *, dry_run: bool) -> dict[str, Any]:
    """What applying did, in the shape `Applied`."""
    return {
        "dry_run": dry_run,
        "added": outcome.added,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "refused": outcome.refused,
        "removed": len(outcome.gone),
        "refs": outcome.refs,
        "removed_refs": outcome.gone,
        "confirm": outcome.confirm,
        "note": outcome.note,
        "problems": [as_problem(one) for one in outcome.problems],
    }


def as_problem(one: Problem) -> dict[str, Any]:
    """A complaint, in the shape `ProblemLine`."""
    return {
        "code": one.code,
        "severity": one.severity,
        "message": one.message,
        "remedy": one.remedy,
        "line": one.line,
        "column": one.column,
        "field": one.field,
        "subject": one.subject,
    }
