"""Entities with probes, for tests: declared, and looked at as the engine does."""

from __future__ import annotations

from typing import Any

from catalog.entities.models import Entity
from catalog.probes import clock, recording, syncing
from catalog.probes.claiming import targets_of
from catalog.probes.models import Check, Probe
from catalog.probes.prober import Found
from catalog.probes.recording import Result
from tests.catalog.documents import declare, document

VLLM = "vllm http://127.0.0.1:1"


def component(name: str = "llm", probe: str = VLLM, **spec: Any) -> Entity:
    """A component with a probe, in the catalog and in the probes."""
    annotations = {"greenroom/probe": probe} if probe else {}
    declare(document(name=name, annotations=annotations, spec=spec))
    syncing.follow()
    return Entity.objects.get(ref=f"component:default/{name}")


def check(name: str = "llm", level: str = "alive") -> Check:
    """One level of the first probe of a component."""
    ref = f"component:default/{name}"
    rows = Check.objects.filter(probe__identity__ref=ref, level=level)
    return rows.select_related("probe").order_by("probe_id")[0]


def probe(name: str = "llm") -> Probe:
    """The first probe of a component, as it is now."""
    rows = Probe.objects.filter(identity__ref=f"component:default/{name}")
    return rows.order_by("pk")[0]


def found(verdict: str = "ok", level: str = "alive", name: str = "llm", **more: Any):
    """Record that a look found this, at `at` (now) in milliseconds."""
    at = more.pop("at", None) or clock.now()
    (target,) = targets_of(Check.objects.filter(pk=check(name, level).pk))
    recording.record([Result(target, Found(verdict, **more), at)])


def is_up(name: str = "llm") -> None:
    """Every level of it was found to be well."""
    levels = Check.objects.filter(probe__identity__ref=f"component:default/{name}")
    for level in set(levels.values_list("level", flat=True)):
        found("ok", level, name, latency=12.0)


def is_down(name: str = "llm", **more: Any) -> None:
    """It was asked three times, and never answered."""
    for _ in range(3):
        found("bad", "alive", name, error="refused", detail="No.", **more)
