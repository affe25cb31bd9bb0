"""What was observed: findings, and the probes of an entity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.entities import findings as stored
from catalog.probes import clock
from catalog.probes.models import Probe
from portal.api.catalog import ADDRESS, FAILS, shown
from portal.api.problems import COMMON
from portal.api.schemas import FindingOut, ProbeOut
from portal.web.gate import viewer_of

router = Router(tags=["Observed"])


class Which(Schema):
    """Which findings."""

    code: str = Field("", description="Only of this code.", max_length=100)
    subject: str = Field("", description="Only about this entity.", max_length=200)
    after: int = Field(0, ge=0, description="`id` of the last one of the last page.")
    limit: int = Field(100, ge=1, le=500, description="At most so many.")


@router.get(
    "/findings",
    response={200: list[FindingOut], **COMMON},
    summary="Findings",
)
def findings(request: HttpRequest, which: Query[Which]) -> Any:
    """What is not as it should be and not ignored, oldest first by `id`."""
    rows = stored.open_for(viewer_of(request)).filter(pk__gt=which.after)
    if which.code:
        rows = rows.filter(code=which.code)
    if which.subject:
        rows = rows.filter(subject=which.subject.lower())
    return [
        {name: getattr(row, name) for name in FindingOut.model_fields if name != "id"}
        | {"id": row.pk}
        for row in rows.order_by("pk")[: which.limit]
    ]


@router.get(
    f"{ADDRESS}/probes", response={200: list[ProbeOut], **FAILS}, summary="Probes"
)
def probes(request: HttpRequest, kind: str, namespace: str, name: str) -> Any:
    """Its probes with each level: what was found last, and when."""
    entity = shown(request, kind, namespace, name)
    rows = Probe.objects.filter(identity_id=entity.pk).prefetch_related("checks")
    return [_probe(row) for row in rows.order_by("pk")]


def _probe(row: Probe) -> dict[str, Any]:
    silent = row.state != "unknown" and row.fresh_until < clock.now()
    return {
        "id": row.pk,
        "prober": row.prober,
        "url": row.url,
        # Silence is not what was said before it.
        "state": "unknown" if silent else row.state,
        "since": _moment(row.since),
        "error": row.error,
        "detail": row.detail,
        "models": row.serves,
        "version": row.version,
        "paused": row.paused_at is not None,
        "checks": [
            {
                "level": check.level,
                "verdict": check.confirmed,
                "error": check.error,
                "detail": check.detail,
                "at": _moment(check.at),
                "latency_ms": check.latency,
                "every_seconds": check.interval,
            }
            for check in sorted(row.checks.all(), key=lambda check: check.pk)
        ],
    }


def _moment(milliseconds: int) -> datetime | None:
    return clock.moment(milliseconds) if milliseconds else None
