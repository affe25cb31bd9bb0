"""Probes follow the documents: what is declared is asked, what is not is not.

Looked at whenever the catalog's generation has moved; only entities that changed since
are read. What a person decided about a probe stays with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.entities import generation
from catalog.entities.models import Entity, Relation
from catalog.probes import clock, expecting, standing, standins, sweeping, words
from catalog.probes.claiming import soon
from catalog.probes.declaring import Declaration, declared
from catalog.probes.models import Check, Probe, Progress
from catalog.probes.prober import PROBERS
from catalog.probes.recording import raise_version

# Clocks of several machines, and a commit that came late.
_MARGIN = timedelta(minutes=2)
_CHUNK = 500


def follow(*, whole: bool = False) -> set[int]:
    """Bring the probes up to the catalog, if it has moved. Returns the identities whose
    documents or probes have changed. `whole` looks at every entity in any case."""
    now = generation.current()
    progress = Progress.objects.filter(pk=1).first()
    progress = progress or Progress.objects.get_or_create(pk=1)[0]
    if progress.generation == now and not whole:
        return set()
    began = timezone.now()
    mine = Progress.objects.filter(pk=1, generation=progress.generation)
    if not mine.update(generation=now):
        return set()
    try:
        touched = _bring_all_up(progress, whole=whole)
    except BaseException:
        Progress.objects.filter(pk=1).update(generation=-1)
        raise
    Progress.objects.filter(pk=1).update(synced_at=began)
    return touched


def _bring_all_up(progress: Progress, *, whole: bool) -> set[int]:
    since = None if whole else progress.synced_at
    changed = _changed_since(since - _MARGIN if since else None)
    touched: set[int] = set()
    for start in range(0, len(changed), _CHUNK):
        touched |= sync(changed[start : start + _CHUNK])
    touched |= _remove_orphaned()
    if touched:
        raise_version()
    return touched | set(changed)


def _changed_since(moment: object) -> list[int]:
    """The entities whose documents, or whose models, are new."""
    rows = Entity.objects.all()
    if moment is not None:
        rows = rows.filter(changed_at__gte=moment)
    keys = set(rows.values_list("pk", flat=True))
    models = set(rows.filter(kind="Model").values_list("ref", flat=True))
    if models and moment is not None:
        edges = Relation.objects.filter(type="serves", target_ref__in=models)
        keys |= set(
            Entity.objects.filter(ref__in=edges.values("source_ref")).values_list(
                "pk", flat=True
            )
        )
    return sorted(keys)


def sync(keys: Iterable[int]) -> set[int]:
    """Make the probes of these entities as their documents say."""
    entities = list(Entity.objects.filter(pk__in=list(keys)))
    examples = _of_examples(entities)
    wanted = {entity.pk: _wanted(entity) for entity in entities}
    expected = expecting.expected(
        entity.ref for entity in entities if wanted[entity.pk]
    )
    known: dict[int, dict[tuple[str, str], Probe]] = {}
    touched: set[int] = set()
    with transaction.atomic():
        for probe in standing.locked(wanted):
            known.setdefault(probe.identity_id, {})[probe.key] = probe
        for entity in entities:
            said = _Said(
                entity.pk,
                wanted[entity.pk],
                expected.get(entity.ref, []),
                entity.pk in examples,
            )
            if _sync_one(said, known.get(entity.pk, {})):
                touched.add(entity.pk)
        if touched:
            standing.settle_entities(touched, clock.now())
        _settle_paused(touched & examples)
    return touched


@dataclass(frozen=True)
class _Said:
    """What the documents say of one entity: its probes, and the models it serves."""

    identity: int
    wanted: list[Declaration]
    models: list[list[str]]
    is_example: bool


def _of_examples(entities: Iterable[Entity]) -> set[int]:
    """Those of them that come with an example."""
    keys = [entity.pk for entity in entities]
    rows = Entity.objects.filter(pk__in=keys, source__example=True)
    return set(rows.values_list("pk", flat=True))


def _settle_paused(examples: set[int]) -> None:
    """Their probes may rest now, or go on."""
    rows = Probe.objects.filter(identity_id__in=examples)
    if examples:
        sweeping.settle_probes(list(rows.values_list("pk", flat=True)))


def _wanted(entity: Entity) -> list[Declaration]:
    return declared(entity.data)


def _sync_one(said: _Said, known: dict[tuple[str, str], Probe]) -> bool:
    gone = known.keys() - {one.key for one in said.wanted}
    for key in gone:
        known[key].delete()
    changed = bool(gone)
    for one in said.wanted:
        probe = known.get(one.key) or Probe(
            identity_id=said.identity, prober=one.prober, url=one.url
        )
        changed |= _bring_up(probe, one, said)
    return changed


def _bring_up(probe: Probe, one: Declaration, said: _Said) -> bool:
    """Write a declaration into its probe; whether anything was new."""
    fields = _fields(one, said) | _rest(probe, one, said)
    new = {
        name: value for name, value in fields.items() if getattr(probe, name) != value
    }
    if probe.pk and not new:
        return False
    if "fault" in new:
        new["error"] = words.UNUSABLE if one.fault else ""
        new["detail"] = one.fault[:500]
    for name, value in new.items():
        setattr(probe, name, value)
    # Not what the looks and people write meanwhile.
    probe.save(update_fields=list(new) if probe.pk else None)
    _sync_checks(probe, one)
    return True


def _fields(one: Declaration, said: _Said) -> dict[str, Any]:
    own = one.options.get("model")
    worker = one.options.get("worker")
    stand_in = standins.of(one.prober, one.url, is_example=said.is_example)
    options = {**one.options, **({standins.OPTION: stand_in} if stand_in else {})}
    return {
        "title": one.title,
        "origin": Probe.INFERRED if one.inferred else Probe.DECLARED,
        "why": (one.why or one.place)[:200],
        "settings": json.dumps(options, sort_keys=True),
        "expected": json.dumps([[own]] if own else said.models),
        "queue": f"host.{worker}" if worker and not stand_in else "",
        "fault": one.fault[:500],
    }


def _rest(probe: Probe, one: Declaration, said: _Said) -> dict[str, Any]:
    """A pause where nobody could answer, or its end; what people decide goes first."""
    if _has_nobody(one, said):
        was_asked = probe.pk and not probe.stand_in
        if probe.paused_at or was_asked:
            return {}
        return {
            "paused_at": timezone.now(),
            "paused_by": standins.WHO,
            "paused_reason": standins.WHY,
        }
    if probe.paused_by != standins.WHO:
        return {}
    return {"paused_at": None, "paused_by": "", "paused_reason": ""}


def _has_nobody(one: Declaration, said: _Said) -> bool:
    """Is there no machine that could answer, and no stand-in for it?"""
    if not said.is_example or one.fault or not PROBERS[one.prober].asks:
        return False
    return not standins.of(one.prober, one.url, is_example=True)


def _sync_checks(probe: Probe, one: Declaration) -> None:
    levels = {} if one.fault else _levels(one)
    known = {check.level: check for check in probe.checks.all()}
    for level in known.keys() - levels.keys():
        known[level].delete()
    now = clock.now()
    for level, (interval, timeout) in levels.items():
        check = known.get(level) or Check(probe=probe, level=level)
        # Somebody waits to see what became of the new document.
        check.due = soon(f"{probe.uid}{level}", now)
        check.interval, check.timeout = interval, timeout
        said = ["due", "interval", "timeout"]
        check.save(update_fields=said if check.pk else None)


def _levels(one: Declaration) -> dict[str, tuple[int, float]]:
    prober = PROBERS[one.prober]
    settings = prober.Settings.model_validate({**one.options, "url": one.url})
    return {
        level: (seconds, prober.patience(level, settings))
        for level, seconds in prober.intervals(settings).items()
    }


def _remove_orphaned() -> set[int]:
    """Probes of what is in the catalog no more."""
    gone = Probe.objects.filter(identity__entity=None)
    identities = set(gone.values_list("identity_id", flat=True))
    gone.delete()
    return identities
