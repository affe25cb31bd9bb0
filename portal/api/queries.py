"""Asking: entities by query, facets, why one is not there, what may be typed."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, QueryDict
from ninja import Query, Router, Schema
from pydantic import Field

from catalog import refs
from catalog.entities.models import Entity
from catalog.probes import states
from catalog.query.language import completing, explaining
from catalog.query.language.asking import ask
from catalog.query.language.grammar import MOST_TEXT
from catalog.query.search import Search
from portal.api import paging
from portal.api.problems import COMMON, ApiProblem, ProblemOut
from portal.api.schemas import (
    EntityLine,
    EntityPage,
    Explained,
    FacetOut,
    OptionOut,
    as_remark,
)
from portal.web.gate import viewer_of

router = Router(tags=["Queries"])


class Asked(Schema):
    """A query and a page of it."""

    q: str = Field(
        "",
        max_length=MOST_TEXT,
        description="The query; empty finds all.",
        examples=["kind:model"],
    )
    limit: int = Field(50, ge=1, le=500, description="Entities on one page.")
    cursor: str = Field(
        "",
        max_length=2000,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="`next` of the last page.",
    )
    order: Literal["title", "best"] = Field(
        "title",
        description="By title, or what fits the words of the query best first; without "
        "words by title.",
    )


class Why(Schema):
    """A query, and the entity that it is asked about."""

    q: str = Field(
        max_length=MOST_TEXT, description="The query.", examples=["kind:model"]
    )
    ref: str = Field(
        max_length=200,
        description="An entity, by its reference or name.",
        examples=["llm-gateway"],
    )


class Typed(Schema):
    """A query as it is typed."""

    q: str = Field("", description="What is typed so far.", examples=["kind:m"])
    at: int | None = Field(None, description="Where the cursor is; at the end without.")


@router.get("/entities", response={200: EntityPage, **COMMON}, summary="Ask")
def entities(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Entities that a query finds, a page at a time."""
    answer = ask(asked.q, viewer_of(request))
    table, found = answer.scope.table, answer.truth.yes
    if asked.order == "best" and answer.words:
        page, after = paging.among(table, answer.keys(), asked.cursor, asked.limit)
    else:
        page, after = paging.after(table, found, asked.cursor, asked.limit)
    return {
        "items": lines([table.keys[at] for at in page]),
        "total": found.bit_count(),
        "next": after,
        "remarks": [as_remark(remark) for remark in answer.scope.remarks],
    }


@router.get("/facets", response={200: list[FacetOut], **COMMON}, summary="Count")
def facets(request: HttpRequest, asked: Query[Asked]) -> Any:
    """How many entities of a query's result have each value of each field."""
    params = QueryDict(mutable=True)
    params["q"] = asked.q
    results = Search.from_params(params).run(viewer_of(request))
    if results.wrong:
        raise results.wrong
    return [
        {
            "key": facet.key,
            "title": facet.title,
            "values": [
                {"value": one.value, "title": one.label, "count": one.count}
                for one in facet.values
            ],
        }
        for facet in results.facets
    ]


@router.get(
    "/explain",
    response={200: Explained, **COMMON, 404: ProblemOut},
    summary="Explain",
)
def explain(request: HttpRequest, why: Query[Why]) -> Any:
    """Which conditions of a query hold for one entity."""
    answer = ask(why.q, viewer_of(request))
    found = explaining.meant(answer.scope, why.ref)
    if not found:
        raise ApiProblem(404, f"There is no entity “{why.ref}” that you may see.")
    at = answer.scope.table.by_ref[found]
    return {
        "ref": found,
        "is_in": bool(answer.truth.yes >> at & 1),
        "reasons": [vars(reason) for reason in answer.explain(found)],
    }


@router.get("/complete", response={200: list[OptionOut], **COMMON}, summary="Complete")
def complete(request: HttpRequest, typed: Query[Typed]) -> Any:
    """What may stand at a place of a query."""
    text, at = typed.q[:MOST_TEXT], typed.at
    place = len(text) if at is None else max(0, min(at, len(text)))
    return [vars(one) for one in completing.complete(text, place, viewer_of(request))]


def lines(keys: list[int]) -> list[EntityLine]:
    """Entities of these keys, in that order, with their states. Two queries."""
    rows = Entity.objects.light().in_bulk(keys)
    known = states.statuses(keys)
    return [_line(rows[key], known.get(key)) for key in keys if key in rows]


def _line(entity: Entity, status: Any) -> EntityLine:
    parts = refs.parse(entity.ref)
    return EntityLine(
        ref=entity.ref,
        kind=entity.kind,
        namespace=parts.namespace,
        name=entity.name,
        title=entity.label,
        description=entity.description,
        type=entity.type,
        owner=entity.owner,
        lifecycle=entity.lifecycle,
        system=entity.system,
        status=status.state if status else None,
        changed_at=entity.changed_at,
        etag=entity.etag,
    )
