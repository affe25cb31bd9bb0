"""What Prometheus reads: gauges made of rows at the moment of the scrape.

Nothing is counted in this process, so every process says the same. Labels are names out
of the catalog and words of the house; no address, detail or error text is among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from catalog.entities import findings
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.probes import board, clock, health, states, words
from catalog.probes.models import Check, Status
from catalog.sources.models import Source

MOST_SERIES = 20_000
_UP = (words.UP, words.BUSY, words.DEGRADED)
_ENTITY = ["ref", "kind"]


@dataclass
class _Room:
    """How many series may still be told; what finds no place is counted."""

    left: int = MOST_SERIES
    cut: int = 0

    def take(self, number: int) -> bool:
        """Room for so many more?"""
        if number > self.left:
            self.cut += 1
            return False
        self.left -= number
        return True


class _Told(Collector):
    """Everything that this viewer may know."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.room = _Room()

    def collect(self) -> Iterator[Metric]:
        """The families, each with its rows."""
        # The engine first: it is little, and never to be cut.
        if self.viewer.sees_all:
            yield from _engine()
            yield from _sources()
        yield _findings(self.viewer)
        entities = self._kept(board.probed(self.viewer))
        yield from _entities(entities)
        yield from _probes(entities)
        yield _gauge("entities_left_out", "Entities beyond the limit.", self.room.cut)

    def _kept(self, entities: Iterable[Entity]) -> dict[int, Entity]:
        """Those that there is room for, whole ones."""
        rows = {entity.pk: entity for entity in entities}
        checks = Check.objects.filter(probe__identity_id__in=rows).order_by()
        counted = checks.values_list("probe__identity_id").annotate(n=Count("pk"))
        numbers = dict(counted)
        each = 1 + len(words.STATES)
        return {
            pk: entity
            for pk, entity in rows.items()
            if self.room.take(each + 2 * numbers.get(pk, 0))
        }


def exposition(viewer: Viewer) -> bytes:
    """The text in the format of Prometheus, as this viewer may read it."""
    registry = CollectorRegistry(auto_describe=False)
    told = _Told(viewer)
    registry.register(told)
    text: bytes = generate_latest(registry)
    if told.room.cut:
        text += (
            f"# Cut at {MOST_SERIES} series: {told.room.cut} entities are left out.\n"
        ).encode()
    return text


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"greenroom_{name}", text, value=value)


def _family(name: str, text: str, labels: list[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"greenroom_{name}", text, labels=labels)


def _entities(entities: dict[int, Entity]) -> Iterator[Metric]:
    up = _family("entity_up", "1 when it serves; absent while unknown.", _ENTITY)
    state = _family("entity_state", "1 for the state it is in.", [*_ENTITY, "state"])
    statuses, now = Status.objects.in_bulk(entities), clock.now()
    for pk, entity in entities.items():
        found = states.believed(statuses.get(pk) or Status(pk=pk), now).state
        labels = [entity.ref, entity.kind]
        if found in _UP or found == words.DOWN:
            up.add_metric(labels, 1 if found in _UP else 0)
        for word in words.STATES:
            state.add_metric([*labels, word], 1 if word == found else 0)
    yield up
    yield state


def _probes(entities: dict[int, Entity]) -> Iterator[Metric]:
    labels = ["ref", "prober", "probe", "level"]
    latency = _family("probe_latency_seconds", "How long the last answer took.", labels)
    seen = _family(
        "probe_last_look_timestamp_seconds", "When it was last looked at.", labels
    )
    rows = Check.objects.filter(probe__identity_id__in=entities)
    fields = ("probe__identity_id", "probe__prober", "probe_id", "level")
    for key, prober, probe, level, took, at in rows.order_by("pk").values_list(
        *fields, "latency", "at"
    ):
        named = [entities[key].ref, prober, str(probe), level]
        if took is not None:
            latency.add_metric(named, took / 1000)
        if at:
            seen.add_metric(named, at / 1000)
    yield latency
    yield seen


def _findings(viewer: Viewer) -> Metric:
    family = _family("findings", "Open findings.", ["code", "severity"])
    rows = findings.open_for(viewer).order_by().values_list("code", "severity")
    for code, severity, number in rows.annotate(number=Count("pk")):
        family.add_metric([code, severity], number)
    return family


def _engine() -> Iterator[Metric]:
    found = health.health()
    yield _gauge("probes", "Probes that are declared.", found.probes)
    yield _gauge("engine_workers", "Engines that live.", len(found.workers))
    yield _gauge("engine_due", "Checks that are due and not begun.", found.due)
    yield _gauge(
        "engine_lag_seconds",
        "How long the oldest check that is due has waited.",
        found.late / 1000,
    )
    beat = _family(
        "worker_last_beat_timestamp_seconds",
        "When it last said that it lives.",
        ["worker"],
    )
    lag = _family("worker_lag_seconds", "How late its looks began.", ["worker"])
    looks = _family("worker_looks", "Looks since it began.", ["worker"])
    for worker in [*found.workers, *found.dead]:
        beat.add_metric([worker.name], worker.beat_at / 1000)
        lag.add_metric([worker.name], worker.lag)
        looks.add_metric([worker.name], worker.looks)
    yield from (beat, lag, looks)


def _sources() -> Iterator[Metric]:
    family = _family("sources", "Sources by how they stand.", ["state"])
    counted: dict[str, int] = {}
    for source in Source.objects.all():
        counted[source.state] = counted.get(source.state, 0) + 1
    for state, number in sorted(counted.items()):
        family.add_metric([state], number)
    yield family
