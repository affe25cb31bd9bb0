"""Walks: all that an entity needs, or all that needs it, through others."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from catalog.entities import graph
from catalog.entities.graph import Step
from portal.api.catalog import ADDRESS, FAILS, shown
from portal.web.gate import viewer_of

router = Router(tags=["Entities"])


def _known(value: str) -> str:
    if value in graph.IMPACT:
        return value
    said = f"A walk goes along {', '.join(graph.IMPACT)}."
    raise PydanticCustomError("relation", said)


Along = Annotated[
    str,
    AfterValidator(_known),
    Field(json_schema_extra={"enum": [*graph.IMPACT]}),
]


class Direction(StrEnum):
    """Which way to go."""

    NEEDS = "needs"
    NEEDED_BY = "needed-by"


class Way(Schema):
    """Which walk, and how far."""

    direction: Direction = Field(
        Direction.NEEDED_BY,
        description="`needs`: what it depends on. `needed-by`: what depends on it.",
    )
    depth: int | None = Field(
        None, ge=1, le=100, description="At most so many steps; without it to the end."
    )
    type: list[Along] = Field(
        default_factory=list,
        max_length=20,
        description="Only along these relations.",
    )
    limit: int = Field(500, ge=1, le=2000, description="At most so many entities.")


class NodeOut(Schema):
    """One entity that a walk reached. `known` is false where it is missing."""

    ref: str = Field(examples=["component:default/llm-gateway"])
    distance: int = Field(description="How many steps away, at least.", examples=[1])
    known: bool
    title: str
    owner: str = Field(examples=["group:default/platform"])


class PathOut(Schema):
    """One relation that a walk went along, as it reads in that direction."""

    source: str = Field(examples=["component:default/llm-gateway"])
    type: str = Field(examples=["dependencyOf"])
    target: str = Field(examples=["component:default/rag"])


class WalkOut(Schema):
    """What a walk reached, nearest first."""

    start: str
    direction: Direction
    nodes: list[NodeOut]
    edges: list[PathOut] = Field(description="All between the start and the nodes.")
    truncated: bool = Field(description="Is there more, behind the limit or the depth?")


@router.get(f"{ADDRESS}/walk", response={200: WalkOut, **FAILS}, summary="Walk")
def walk(
    request: HttpRequest, kind: str, namespace: str, name: str, way: Query[Way]
) -> Any:
    """What an outage of it would touch, or what could bring it down: everything that
    relations lead to, never through what you may not see."""
    entity, viewer = shown(request, kind, namespace, name), viewer_of(request)
    types = frozenset(way.type or graph.IMPACT)
    down = way.direction is Direction.NEEDS
    # One step more than asked for, to know whether there is one.
    far = None if way.depth is None else way.depth + 1
    steps = graph.walk(entity.ref, viewer, down=down, depth=far, types=types)
    near = [step for step in steps if way.depth is None or step.depth <= way.depth]
    given = graph.shown(near[: way.limit], viewer)
    reached = {entity.ref, *(step.ref for step in given)}
    edges = graph.between(reached, viewer, down=down, types=types)
    return {
        "start": entity.ref,
        "direction": way.direction,
        "nodes": [_node(step) for step in given],
        "edges": [
            {"source": source, "type": type_, "target": target}
            for source, type_, target in sorted(edges)
        ],
        "truncated": len(given) < len(steps),
    }


def _node(step: Step) -> dict[str, Any]:
    return {
        "ref": step.ref,
        "distance": step.depth,
        "known": step.exists,
        "title": step.entity.label if step.entity else "",
        "owner": step.owner,
    }
