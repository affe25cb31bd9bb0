"""Probes follow the documents: what is declared is asked, what is not is not.

Looked at whenever the catalog's generation has moved; only entities that changed since
are read. What a person decided about a probe stays with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.entities import generation
from catalog.entities.models import Entity, Relation
from catalog.probes import clock, expecting, standing, words
from catalog.probes.claiming import soon
from catalog.probes.declaring import Declaration, declared
from catalog.probes.models import Check, Probe, Progress
from catalog.probes.prober import PROBERS
from catalog.probes.recording import raise_version

# Clocks of several machines, and a commit that came late.
_MARGIN = timedelta(minutes=2)
_CHUNK = 500


def follow(*, whole: bool = False, again: bool = False) -> set[int]:
    """Bring the probes up to the catalog, if it has moved. Returns the identities whose
    probes have changed. `whole` looks at every entity; `again` at those since the last
    time that came to its end, for whoever may have been killed in the middle."""
    now = generation.current()
    progress = Progress.objects.filter(pk=1).first()
    progress = progress or Progress.objects.get_or_create(pk=1)[0]
    if progress.generation == now and not (whole or again):
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
    return touched


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
    wanted = {entity.pk: _wanted(entity) for entity in entities}
    expected = expecting.expected(
        entity.ref for entity in entities if wanted[entity.pk]
    )
    known: dict[int, dict[tuple[str, str], Probe]] = {}
    touched: set[int] = set()
    with transaction.atomic():
        for probe in standing.locked(wanted):
            known.setdefault(probe.identity_id, {})[probe.prober, probe.url] = probe
        for entity in entities:
            models = expected.get(entity.ref, [])
            if _sync_one(
                entity.pk, wanted[entity.pk], known.get(entity.pk, {}), models
            ):
                touched.add(entity.pk)
        if touched:
            standing.settle_entities(touched, clock.now())
    return touched


def _wanted(entity: Entity) -> list[Declaration]:
    return declared(entity.data)


def _sync_one(
    identity: int,
    wanted: list[Declaration],
    known: dict[tuple[str, str], Probe],
    models: list[list[str]],
) -> bool:
    gone = known.keys() - {one.key for one in wanted}
    for key in gone:
        known[key].delete()
    changed = bool(gone)
    for one in wanted:
        probe = known.get(one.key) or Probe(
            identity_id=identity, prober=one.prober, url=one.url
        )
        changed |= _bring_up(probe, one, models)
    return changed


def _bring_up(probe: Probe, one: Declaration, models: list[list[str]]) -> bool:
    """Write a declaration into its probe; whether anything was new."""
    own = one.options.get("model")
    worker = one.options.get("worker")
    fields = {
        "title": one.title,
        "origin": Probe.INFERRED if one.inferred else Probe.DECLARED,
        "why": (one.why or one.place)[:200],
        "settings": json.dumps(dict(one.options), sort_keys=True),
        "expected": json.dumps([[own]] if own else models),
        "queue": f"host.{worker}" if worker else "",
        "fault": one.fault[:500],
    }
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
