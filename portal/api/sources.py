"""Sources: where documents come from, their readings, and reading one now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from catalog.entities import findings
from catalog.entities.models import Entity, Finding
from catalog.sources.models import Run, Source
from catalog.sources.provider import PROVIDERS
from catalog.sources.tasks import ask_to_read
from portal.api.problems import COMMON, ApiProblem, ProblemOut
from portal.web.gate import account_of, viewer_of
from portal.web.pages.sources import by_source

router = Router(tags=["Sources"])
FAILS = {403: ProblemOut, **COMMON}
MISSING = {404: ProblemOut, **FAILS}
_COUNTS = ("added", "changed", "unchanged", "removed", "refused")


class SourceOut(Schema):
    """A place that documents come from."""

    id: int
    name: str = Field(examples=["homelab"])
    provider: str = Field(examples=["git"])
    target: str = Field(examples=["https://forge.lab/me/homelab.git"])
    branch: str
    state: str = Field(description="never, ok, errors, failed or held.")
    error: str = Field(description="Why the last reading failed or is held.")
    commit: str
    paused: bool
    reading: bool = Field(description="Is it being read now?")
    last_run_at: datetime | None
    last_ok_at: datetime | None
    interval_seconds: int
    entities: int = Field(description="How many of its entities you may see.")
    errors: int = Field(description="How many of its errors you may see.")


class RunOut(Schema):
    """One reading. Looks that found nothing new are counted by the one before."""

    id: int
    at: datetime
    last_at: datetime = Field(description="The newest look that found the same.")
    looks: int
    state: str = Field(examples=["ok"])
    reason: str
    commit: str
    error: str
    duration_seconds: float
    changed_something: bool
    added: int | None = Field(description="null for who does not see everything.")
    changed: int | None
    unchanged: int | None
    removed: int | None
    refused: int | None


class AskedReading(Schema):
    """A reading that was asked for."""

    source: int
    after: int = Field(
        description="The reading has a larger id than this: `GET …/runs?after=` shows "
        "it once it has ended."
    )


class Part(Schema):
    """Which readings."""

    after: int = Field(0, ge=0, description="Only readings with a larger id.")
    limit: int = Field(20, ge=1, le=200, description="At most so many.")


@router.get("/sources", response={200: list[SourceOut], **FAILS}, summary="Sources")
def sources(request: HttpRequest) -> Any:
    """Every source with its state, for editors."""
    rows = list(Source.objects.order_by("provider", "name"))
    return _shapes(request, rows)


@router.get("/sources/{id}", response={200: SourceOut, **MISSING}, summary="One source")
def source(request: HttpRequest, id: int) -> Any:
    """One source with its state, for editors."""
    return _shapes(request, [_source(id)])[0]


@router.get(
    "/sources/{id}/runs", response={200: list[RunOut], **MISSING}, summary="Readings"
)
def runs(request: HttpRequest, id: int, part: Query[Part]) -> Any:
    """Its readings, newest first, for editors. What they brought is counted only for
    who sees everything."""
    rows = _source(id).runs.filter(pk__gt=part.after).order_by("-id")
    sees_all = viewer_of(request).sees_all
    return [_run(row, sees_all=sees_all) for row in rows[: part.limit]]


@router.post(
    "/sources/{id}/refresh",
    response={202: AskedReading, 409: ProblemOut, **MISSING},
    summary="Read now",
)
def refresh(request: HttpRequest, id: int) -> Any:
    """Ask the worker to read a source at once, for administrators. Follow it with
    `GET /sources/{id}/runs?after=` and the number of the answer."""
    account = account_of(request)
    row = _source(id)
    if not PROVIDERS[row.provider].reads:
        said = (
            f"{row.name} holds what was made in the portal: there is nothing to read."
        )
        raise ApiProblem(409, said, "Apply documents instead.")
    after = ask_to_read(row, f"{account} asked for it by the API.")
    return Status(202, {"source": row.pk, "after": after})


def _source(id: int) -> Source:
    row = Source.objects.filter(pk=id).first()
    if row is None:
        raise ApiProblem(404, f"There is no source {id}.", "List them: GET /sources.")
    return row


def _shapes(request: HttpRequest, rows: list[Source]) -> list[dict[str, Any]]:
    viewer = viewer_of(request)
    entities = by_source(Entity.objects.visible_to(viewer))
    errors = by_source(findings.shown_to(viewer).filter(severity=Finding.ERROR))
    return [_shape(row, entities, errors) for row in rows]


def _shape(
    row: Source, entities: Mapping[int, int], errors: Mapping[int, int]
) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "provider": row.provider,
        "target": row.target,
        "branch": row.branch,
        "state": row.state,
        "error": row.last_error,
        "commit": row.commit,
        "paused": row.paused,
        "reading": row.busy_until is not None,
        "last_run_at": row.last_run_at,
        "last_ok_at": row.last_ok_at,
        "interval_seconds": row.interval,
        "entities": entities.get(row.pk, 0),
        "errors": errors.get(row.pk, 0),
    }


def _run(row: Run, *, sees_all: bool) -> dict[str, Any]:
    return {
        "id": row.pk,
        "at": row.at,
        "last_at": row.last_at,
        "looks": row.looks,
        "state": row.state,
        "reason": row.reason,
        "commit": row.commit,
        "error": row.error,
        "duration_seconds": row.seconds,
        "changed_something": bool(row.added or row.changed or row.removed),
        **{name: getattr(row, name) if sees_all else None for name in _COUNTS},
    }
