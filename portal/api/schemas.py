"""The shapes that go in and out, with an example each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class EntityLine(Schema):
    """An entity in a list."""

    ref: str = Field(description="Its reference.", examples=["model:default/bge-m3"])
    kind: str = Field(examples=["Model"])
    namespace: str = Field(examples=["default"])
    name: str = Field(examples=["bge-m3"])
    title: str = Field(examples=["BGE-M3"])
    description: str
    type: str = Field(examples=["embedding"])
    owner: str = Field(examples=["group:default/search"])
    lifecycle: str = Field(examples=["production"])
    system: str
    status: str | None = Field(
        description="What probes say: up, busy, degraded, down, unknown, maintenance; "
        "null where nobody probes it.",
        examples=["up"],
    )
    changed_at: datetime
    etag: str = Field(description="For If-Match.")


class Offer(Schema):
    """A query that goes on from here."""

    title: str = Field(examples=["Show them too"])
    query: str = Field(examples=["(-status:up OR status:none)"])


class RemarkOut(Schema):
    """What should be known of an answer."""

    text: str
    instead: list[Offer]


class EntityPage(Schema):
    """Some entities, and where the next ones are."""

    items: list[EntityLine]
    total: int = Field(description="How many the whole result has.", examples=[41])
    next: str = Field(description="The cursor of the next page; empty at the end.")
    remarks: list[RemarkOut]


class FacetValue(Schema):
    """One value of a facet."""

    value: str = Field(examples=["Model"])
    title: str = Field(examples=["Model"])
    count: int = Field(examples=[6])


class FacetOut(Schema):
    """One facet with its values."""

    key: str = Field(examples=["kind"])
    title: str = Field(examples=["Kind"])
    values: list[FacetValue]


class ReasonOut(Schema):
    """One condition of a query, and whether it holds."""

    text: str = Field(examples=["kind:model"])
    holds: bool | None = Field(description="null where nobody knows.")
    depth: int


class Explained(Schema):
    """Why an entity is in an answer or not."""

    ref: str
    is_in: bool
    reasons: list[ReasonOut]


class OptionOut(Schema):
    """What may stand in a query at a place."""

    insert: str
    start: int
    end: int
    title: str
    detail: str


class EdgeOut(Schema):
    """One relation of an entity. `known` is false where the other end is missing."""

    type: str = Field(examples=["dependsOn"])
    target: str = Field(examples=["component:default/llm-gateway"])
    known: bool


class Newest(Schema):
    """How many of a history."""

    limit: int = Field(50, ge=1, le=200, description="At most so many.")


class RevisionOut(Schema):
    """One change of an entity."""

    id: int
    at: datetime
    action: str = Field(examples=["changed"])
    door: str = Field(examples=["git"])
    author: str
    reason: str
    commit: str


class RevisionText(RevisionOut):
    """One change of an entity, with the text that it got."""

    text: str = Field(description="YAML; empty where the entity was removed.")


class FindingOut(Schema):
    """Something that is not as it should be."""

    id: int
    code: str = Field(examples=["wrong-model-served"])
    severity: str = Field(examples=["warning"])
    subject: str
    since: datetime
    message: str
    evidence: str
    remedy: str
    fix: str
    path: str
    line: int | None


class CheckOut(Schema):
    """One level of a probe."""

    level: str = Field(examples=["serving"])
    verdict: str = Field(examples=["ok"])
    error: str
    detail: str
    at: datetime | None = Field(description="When it was last looked at.")
    latency_ms: float | None
    every_seconds: int


class ProbeOut(Schema):
    """One probe of an entity."""

    id: int
    prober: str = Field(examples=["vllm"])
    url: str
    state: str = Field(examples=["up"])
    since: datetime | None
    error: str
    detail: str
    models: list[str]
    version: str
    paused: bool
    checks: list[CheckOut]


class ProblemLine(Schema):
    """One complaint about a document."""

    code: str
    severity: str
    message: str
    remedy: str
    line: int | None
    column: int | None
    field: str
    subject: str


class Applied(Schema):
    """What applying documents did, or would do."""

    dry_run: bool
    added: int
    changed: int
    unchanged: int
    refused: int
    removed: int = Field(description="Taken away because the set holds it no more.")
    refs: list[str] = Field(description="What was added or changed.")
    removed_refs: list[str]
    confirm: int | None = Field(
        description="So many would be taken away, which is a large part of the set: "
        "`prune_confirm` has to say the same number. null where that is not needed."
    )
    note: str = Field(description="Why nothing was taken away, where that was asked.")
    problems: list[ProblemLine]


def as_remark(remark: Any) -> RemarkOut:
    """A remark of the language as a shape."""
    offers = [Offer(title=title, query=text) for title, text in remark.instead]
    return RemarkOut(text=remark.text, instead=offers)
