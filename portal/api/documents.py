"""Applying documents: one or many, tried first or taken, the same twice is nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.entities.problems import Problem, did_you_mean
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
    check_names(request, How)
    text = body_text(request, "Send one or more YAML documents.")
    wanted = _wanted(how)
    match = request.headers.get("If-Match", "")
    cause = processing.cause_of(DOOR, account, how.reason)
    try:
        if how.dry_run:
            done = sets.preview(text, wanted, viewer, match)
        else:
            done = sets.take(text, wanted, viewer, cause, match)
    except sets.TooMany as error:
        raise ApiProblem(409, error.message, error.remedy) from None
    except sets.Changed as error:
        raise ApiProblem(412, error.message, error.remedy) from None
    return as_applied(done, dry_run=how.dry_run)


def _wanted(how: How) -> sets.Wanted:
    if how.prune and not how.set:
        said = "`prune` needs a `set`: what was applied before under which name?"
        raise ApiProblem(400, said, "Send set=NAME as well, each time.")
    return sets.Wanted(how.set, how.prune, how.prune_confirm)


def check_names(request: HttpRequest, manner: type[Manner]) -> None:
    """Refuse parameters of other names: with `dry-run` everything would be taken."""
    found = []
    for name in request.GET:
        if name not in manner.model_fields:
            near = did_you_mean(name, manner.model_fields)
            said = f"There is no such parameter. {near}".strip()
            found.append({"at": f"query.{name}", "message": said})
    if found:
        said = "; ".join(f"{one['at']}: {one['message']}" for one in found[:3])
        remedy = "Nothing was done: correct its name."
        raise ApiProblem(422, said, remedy, errors=found)


def body_text(request: HttpRequest, remedy: str) -> str:
    """The body as text. Raises ApiProblem; `remedy` is for an empty one."""
    if request.content_type == "multipart/form-data":
        said = "Send the file itself as the body, as curl does with --data-binary."
        raise ApiProblem(400, "The body is a form.", said)
    try:
        text = request.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = f"The body is not UTF-8: byte {error.start} cannot be read."
        raise ApiProblem(400, said, "Send it in UTF-8.") from None
    if not text.strip():
        raise ApiProblem(400, "The body is empty.", remedy)
    return text


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
