"""What probes measured over time, and asking them to look now."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from catalog.probes import clock, looks, series, words
from catalog.probes.models import Check, Look, Probe, Sample
from catalog.probes.rolling import FIVE, HOUR
from catalog.probes.series import Point
from portal.api.catalog import ADDRESS, FAILS, shown
from portal.api.problems import ApiProblem, ProblemOut
from portal.api.sent import Moment
from portal.web.gate import account_of

router = Router(tags=["Observed"])


class Step(StrEnum):
    """How finely samples are given."""

    AUTO, RAW, FIVE, HOUR = "auto", "raw", "5min", "1h"


# The longest range that each may be asked for.
SECONDS = {Step.FIVE: FIVE, Step.HOUR: HOUR}
LONGEST = {
    Step.RAW: timedelta(hours=6),
    Step.FIVE: timedelta(days=7),
    Step.HOUR: timedelta(days=100),
}
_SAID = {Step.RAW: "6 hours", Step.FIVE: "7 days", Step.HOUR: "100 days"}


class Range(Schema):
    """Which time, and how finely."""

    since: Moment | None = Field(
        None,
        description="Begin, with its zone; a day before the end without it.",
        examples=["2026-11-25T00:00:00Z"],
    )
    until: Moment | None = Field(
        None, description="End, with its zone; now without it."
    )
    step: Step = Field(
        Step.AUTO,
        description="`raw` gives each look (6 hours at most, kept for two days), "
        "`5min` (7 days at most) and `1h` (100 days at most) sums; `auto` the finest "
        "that fits.",
    )


class Which(Schema):
    """Which probes."""

    probe: int | None = Field(None, description="Only this one, by its `id`.")


class SampleOut(Schema):
    """One look. `latency_ms` is null where nothing answered."""

    at: datetime
    verdict: str = Field(examples=["ok"])
    latency_ms: float | None = Field(examples=[12.5])
    error: str


class PartOut(Schema):
    """One part of the range; all null where nobody looked or nothing is kept."""

    at: datetime = Field(description="When it begins.")
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None
    looks: int | None
    bad: int | None = Field(description="Looks that found it down.")


class SeriesOut(Schema):
    """One level of one probe over time."""

    probe: int = Field(description="`id` of the probe.")
    level: str = Field(examples=["alive"])
    samples: list[SampleOut] = Field(description="Each look, with the step raw.")
    parts: list[PartOut] = Field(description="Each part, with the other steps.")


class SamplesOut(Schema):
    """What the probes of an entity measured."""

    since: datetime
    until: datetime
    step: Step
    step_seconds: int | None = Field(description="null with the step raw.")
    series: list[SeriesOut]


class AskedLook(Schema):
    """A look that was asked for."""

    id: int
    probe: int


class LookOut(AskedLook):
    """A look that was asked for, and how far it is."""

    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    log: str = Field(description="What was sent and received so far.")


@router.get(
    f"{ADDRESS}/probes/samples",
    response={200: SamplesOut, **FAILS},
    summary="Samples",
)
def samples(
    request: HttpRequest, kind: str, namespace: str, name: str, asked: Query[Range]
) -> Any:
    """Latency and verdicts over time, for each level of each probe. A gap is null and
    never 0."""
    entity = shown(request, kind, namespace, name)
    since, until, step = _range(asked)
    start, end = clock.milliseconds(since), clock.milliseconds(until)
    rows = Check.objects.filter(probe__identity_id=entity.pk).order_by("pk")
    return {
        "since": since,
        "until": until,
        "step": step,
        "step_seconds": SECONDS.get(step),
        "series": [_series(check, start, end, step) for check in rows],
    }


def _range(asked: Range) -> tuple[datetime, datetime, Step]:
    until = asked.until or timezone.now()
    try:
        since = asked.since or until - timedelta(days=1)
        length = until - since
    except OverflowError:
        raise ApiProblem(400, "`until` is too long ago.", "Ask for later.") from None
    if length <= timedelta():
        said = f"`since` ({since.isoformat()}) is not before `until`."
        raise ApiProblem(400, said, "Swap them, or leave `until` out.")
    step = asked.step
    if step is Step.AUTO:
        step = next((s for s, most in LONGEST.items() if length <= most), Step.HOUR)
    if length > LONGEST[step]:
        said = f"From `since` to `until` it is longer than {_SAID[step]}."
        raise ApiProblem(400, said, "Ask in several parts, or with a larger step.")
    return since, until, step


def _series(check: Check, start: int, end: int, step: Step) -> dict[str, Any]:
    found: dict[str, Any] = {"probe": check.probe_id, "level": check.level}
    if step is Step.RAW:
        rows = series.looks(check, start, end)
        return {**found, "samples": [_sample(row) for row in rows], "parts": []}
    parts = series.gapless(check, start, end, SECONDS[step])
    return {**found, "samples": [], "parts": [_part(*part) for part in parts]}


def _sample(row: Sample) -> dict[str, Any]:
    return {
        "at": clock.moment(row.at),
        "verdict": words.VERDICTS[row.verdict],
        "latency_ms": row.latency,
        "error": row.error,
    }


def _part(at: int, point: Point | None) -> dict[str, Any]:
    return {
        "at": clock.moment(at),
        "latency_p50_ms": point.p50 if point else None,
        "latency_p95_ms": point.p95 if point else None,
        "latency_p99_ms": point.p99 if point else None,
        "looks": point.looks if point else None,
        "bad": point.bad if point else None,
    }


@router.post(
    f"{ADDRESS}/probes/run",
    response={202: list[AskedLook], 403: ProblemOut, 409: ProblemOut, **FAILS},
    summary="Probe now",
)
def probe_now(
    request: HttpRequest,
    kind: str,
    namespace: str,
    name: str,
    which: Query[Which],
) -> Any:
    """Ask for a look at once, of all its probes or of one. The worker that can reach
    the server makes it; follow it under `/probes/looks/{id}`."""
    account = account_of(request)
    entity = shown(request, kind, namespace, name)
    rows = Probe.objects.filter(identity_id=entity.pk).order_by("pk")
    if which.probe is not None:
        rows = rows.filter(pk=which.probe)
    made = [looks.ask_for(row, account.label) for row in rows]
    if not made:
        said = "no probe" if which.probe is None else f"no probe {which.probe}"
        remedy = "List its probes, or declare one in its document."
        raise ApiProblem(409, f"{entity.ref} has {said}.", remedy)
    return Status(202, [{"id": look.pk, "probe": look.probe_id} for look in made])


@router.get(
    f"{ADDRESS}/probes/looks/{{id}}",
    response={200: LookOut, 403: ProblemOut, **FAILS},
    summary="A look",
)
def look(request: HttpRequest, kind: str, namespace: str, name: str, id: int) -> Any:
    """A look that was asked for: waiting, under way, or ended, with its log. For
    editors; of each probe the newest five are kept."""
    entity = shown(request, kind, namespace, name)
    row = Look.objects.filter(pk=id, probe__identity_id=entity.pk).first()
    if row is None:
        said = f"{entity.ref} has no look {id}."
        raise ApiProblem(404, said, "Ask for one: POST …/probes/run.")
    return {
        "id": row.pk,
        "probe": row.probe_id,
        "asked_at": row.asked_at,
        "began_at": row.began_at,
        "ended_at": row.ended_at,
        "log": row.log,
    }
