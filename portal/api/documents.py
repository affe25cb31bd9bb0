"""Applying documents: one or many, tried first or taken, the same twice is nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.entities.models import Entity
from catalog.entities.problems import Problem
from catalog.sources import pasting, processing
from catalog.sources.outcome import Outcome, outcome_of
from portal.api.auth import editor
from portal.api.problems import COMMON, ApiProblem, ProblemOut
from portal.api.schemas import Applied
from portal.web.gate import viewer_of

router = Router(tags=["Entities"])
DOOR = "api"


class How(Schema):
    """How documents are applied."""

    dry_run: bool = Field(False, description="Only say what would be done.")
    reason: str = Field("", max_length=500, description="Why; the history keeps it.")


@router.post(
    "/apply",
    response={
        200: Applied,
        400: ProblemOut,
        403: ProblemOut,
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
    account, viewer = editor(request), viewer_of(request)
    text = body_text(request, "Send one or more YAML documents.")
    plan = processing.preview_text(text, viewer=viewer)
    _check_match(request, [known.ref for _, known in plan.changed])
    if how.dry_run:
        return as_applied(outcome_of(plan), dry_run=True)
    outcome, _ = pasting.take(
        text, author=account, viewer=viewer, door=DOOR, reason=how.reason
    )
    return as_applied(outcome, dry_run=False)


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


def _check_match(request: HttpRequest, changed: list[str]) -> None:
    """Has somebody else changed what the asker knows?"""
    wanted = request.headers.get("If-Match", "")
    if not wanted:
        return
    rows = Entity.objects.visible_to(viewer_of(request)).filter(ref__in=changed)
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
        "refs": outcome.refs,
        "problems": [_problem(one) for one in outcome.problems],
    }


def _problem(one: Problem) -> dict[str, Any]:
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
