"""The model catalog of Red Hat's bridge: taking its JSON, and giving it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.entities.problems import Problem
from catalog.query.language.grammar import MOST_TEXT
from catalog.sources import pasting, processing
from catalog.sources.model_catalog import exporting, reading, shape
from catalog.sources.outcome import outcome_of
from portal.api.documents import DOOR, Manner, as_applied, body_text, check_names
from portal.api.problems import COMMON, ApiProblem, ProblemOut
from portal.api.schemas import Applied
from portal.web.gate import account_of, viewer_of

router = Router(tags=["Model catalog"])
_ADDRESS = "/model-catalog"
# The names that the parts of the format have in the description.
_PART = "ModelCatalog{model}"


def shapes() -> dict[str, Any]:
    """The format as JSON Schemas: the whole as `ModelCatalog`, its parts after it."""
    template = f"#/components/schemas/{_PART}"
    whole = shape.Catalog.model_json_schema(ref_template=template)
    parts = whole.pop("$defs")
    named = {_PART.format(model=name): part for name, part in parts.items()}
    return {"ModelCatalog": whole, **named}


class Asked(Schema):
    """What to export, and in which form."""

    q: str = Field("", max_length=MOST_TEXT, description="The query; empty finds all.")
    bare: bool = Field(
        False,
        description="Answer with the document itself; the query has to lead to one.",
    )


class LeftOutOut(Schema):
    """An entity that the format cannot express."""

    ref: str = Field(examples=["group:default/platform"])
    reason: str = Field(examples=["The format has no place for a Group."])


class DocumentOut(Schema):
    """One document; `server` is empty for models without a server."""

    server: str = Field(examples=["component:default/granite-server"])
    catalog: dict[str, Any] = Field(description="The model catalog itself.")


class Exported(Schema):
    """A document for each server that was found, and what was left out."""

    documents: list[DocumentOut]
    left_out: list[LeftOutOut]


@router.get(
    _ADDRESS,
    response={
        200: Exported | dict[str, Any],
        409: ProblemOut,
        **COMMON,
    },
    summary="Export",
)
def export(request: HttpRequest, asked: Query[Asked]) -> Any:
    """What a query finds, as model catalogs. A server brings its models and its API
    with it. With `bare` the one document itself, for programs that read that JSON."""
    found = exporting.export(asked.q, viewer_of(request))
    if not asked.bare:
        return {
            "documents": [
                {"server": ref, "catalog": one} for ref, one in found.documents
            ],
            "left_out": [vars(one) for one in found.left_out],
        }
    if len(found.documents) > 1:
        servers = ", ".join(ref or "models without" for ref, _ in found.documents[:5])
        said = f"The query leads to {len(found.documents):,} documents: {servers}."
        raise ApiProblem(409, said, "Narrow it to one server, or leave out bare.")
    return found.documents[0][1]


@router.post(
    _ADDRESS,
    response={
        200: Applied,
        403: ProblemOut,
        409: ProblemOut,
        **COMMON,
    },
    summary="Import",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/ModelCatalog"}
                }
            },
        }
    },
)
def take(request: HttpRequest, how: Query[Manner]) -> Any:
    """Take a model catalog whole, or not at all: `errors` names every violation with
    its JSON pointer."""
    account, viewer = account_of(request), viewer_of(request)
    check_names(request, Manner)
    text = body_text(request, "Send a model catalog.")
    _check(text)
    plan = processing.preview_text(text, viewer=viewer)
    _refuse(409, plan.problems, "Nothing was taken: the catalog does not let it in.")
    if how.dry_run:
        return as_applied(outcome_of(plan), dry_run=True)
    outcome, _ = pasting.take(
        text, author=account, viewer=viewer, door=DOOR, reason=how.reason
    )
    _refuse(409, outcome.problems, "Nothing was taken: the catalog has changed.")
    return as_applied(outcome, dry_run=False)


def _check(text: str) -> None:
    """Is it one whole model catalog? Raises ApiProblem."""
    data, problem = reading.parsed(text)
    if problem is not None:
        _refuse(400, [problem], "The body is no JSON.")
    if not reading.is_known(data):
        said = "The body is no model catalog."
        raise ApiProblem(400, said, 'Send an object with "models" in it.')
    found = reading.read(text)
    problems = found.problems if found else []
    number = sum(one.is_error for one in problems)
    places = "place" if number == 1 else "places"
    said = f"The model catalog does not hold to its format in {number} {places}."
    _refuse(422, problems, said)


def _refuse(status: int, problems: Iterable[Problem], said: str) -> None:
    """Raise ApiProblem with every error; nothing where there is none."""
    errors = [
        {
            "pointer": shape.pointer(one.at),
            "message": one.message,
            "remedy": one.remedy,
            "line": one.line,
            "column": one.column,
        }
        for one in problems
        if one.is_error
    ]
    if errors:
        raise ApiProblem(status, said, "Mend what `errors` names.", errors=errors)
