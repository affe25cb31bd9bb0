"""Declared against observed, as findings that last as long as the difference does.

Computed anew for entities of which a fact has changed, and for all once an hour. A
difference keeps its since and its being ignored; one that cannot be looked at now,
because its server does not answer, is kept as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q, Sum
from django.utils import timezone

from catalog.entities import generation
from catalog.entities.models import Entity, Finding, Relation
from catalog.probes import clock, differences, expecting, standing, words
from catalog.probes.differences import TITLES, Difference, Facts, Version
from catalog.probes.expecting import short_id
from catalog.probes.models import Check, Probe, Progress, Usage
from catalog.query.fields import Field, Live

_CHUNK = 500
_WEEK = timedelta(days=7)
_DAY = 86_400
_LEAST_COVERED, _OWN_MARGIN = 6 * 3600, 0.05
# Levels at which servers tell which models they serve.
_TELLING = (words.METRICS, words.SERVING)


def refresh(identities: Iterable[int]) -> int:
    """Compare these entities; how many findings came, went or changed."""
    keys = sorted(identities)
    changed = 0
    for start in range(0, len(keys), _CHUNK):
        changed += _refresh(keys[start : start + _CHUNK])
    return changed


def refresh_all() -> int:
    """Compare every entity that is probed, or should be; and let go of the rest."""
    probed = set(Probe.objects.values_list("identity_id", flat=True))
    servers = Q(kind="Component", type="model-server")
    servers |= Q(kind="API", type="ai-model-server")
    probed |= set(Entity.objects.filter(servers).values_list("pk", flat=True))
    changed = refresh(probed)
    refs = Entity.objects.filter(pk__in=probed).values("ref")
    gone = Finding.objects.filter(code__in=TITLES, source=None).exclude(
        subject__in=refs
    )
    changed += gone.delete()[0]
    return changed


def _refresh(keys: list[int]) -> int:
    facts, silent = _facts(keys)
    found = {ref: differences.differences(one) for ref, one in facts.items()}
    known: dict[str, list[Finding]] = defaultdict(list)
    changed = 0
    with transaction.atomic():
        if connection.features.has_select_for_update:
            # Two who compare at once would both add what is new.
            Progress.objects.select_for_update().filter(pk=1).first()
        rows = Finding.objects.filter(code__in=TITLES, source=None, subject__in=facts)
        for row in rows:
            known[row.subject].append(row)
        gone: list[int] = []
        for ref, wanted in found.items():
            gone += _gone(wanted, known[ref], silent[ref])
            changed += _bring_up(ref, wanted, known[ref])
        if gone:
            changed += Finding.objects.filter(pk__in=gone).delete()[0]
        if changed:
            generation.advance(())
    return changed


def _by_key(wanted: list[Difference]) -> dict[tuple[str, str], Difference]:
    return {(one.code, one.value[:300]): one for one in wanted}


def _gone(
    wanted: list[Difference], known: list[Finding], silent: list[str]
) -> Iterator[int]:
    """The findings of an entity that are not true any more."""
    fresh = _by_key(wanted)
    for row in known:
        if (row.code, row.value) not in fresh and not _is_of(row, silent):
            yield row.pk


def _bring_up(ref: str, wanted: list[Difference], known: list[Finding]) -> int:
    """Write the findings of an entity that are new, or said otherwise; how many."""
    by_key = {(row.code, row.value): row for row in known}
    changed = 0
    for key, one in _by_key(wanted).items():
        row = by_key.get(key)
        if row is None:
            _finding(ref, one).save()
            changed += 1
        elif row.message != one.message or row.fix != one.fix:
            row.message, row.remedy = one.message, one.remedy
            row.evidence, row.fix = one.evidence, one.fix
            row.save(update_fields=["message", "remedy", "evidence", "fix"])
            changed += 1
    return changed


def _is_of(row: Finding, silent: list[str]) -> bool:
    """Is it about a probe that says nothing now?"""
    if row.code == "deprecated-still-used":
        return bool(silent)
    return any(row.value == one or row.value.startswith(f"{one}: ") for one in silent)


def _finding(ref: str, one: Difference) -> Finding:
    return Finding(
        code=one.code,
        severity=Finding.WARNING,
        subject=ref,
        value=one.value[:300],
        message=one.message,
        remedy=one.remedy,
        evidence=one.evidence,
        fix=one.fix,
    )


def _facts(keys: list[int]) -> tuple[dict[str, Facts], dict[str, list[str]]]:
    """What is known of these entities; and of each, the probes that say nothing now."""
    entities = list(Entity.objects.light().filter(pk__in=keys))
    refs = {entity.pk: entity.ref for entity in entities}
    facts = {
        entity.ref: Facts(entity.ref, entity.kind, entity.type, entity.lifecycle)
        for entity in entities
    }
    silent: dict[str, list[str]] = defaultdict(list)
    probes = Probe.objects.filter(identity_id__in=refs).order_by("pk")
    certain = _certain(probes)
    for probe in probes:
        one = facts[refs[probe.identity_id]]
        one.has_probes = True
        if probe.pk in certain:
            one.probes.append(probe)
            one.errors[probe.pk] = certain[probe.pk]
        else:
            silent[one.ref].append(str(probe))
    _add_models(facts)
    _add_use(facts)
    return facts, silent


def _certain(probes: Iterable[Probe]) -> dict[int, tuple[str, str]]:
    """The probes whose last word on models is fresh and was not said only once; what
    they complain of."""
    now = clock.now()
    awake = {
        probe.pk
        for probe in probes
        if probe.fresh_until >= now
        and not probe.paused_at
        and probe.state != words.DOWN
    }
    found: dict[int, tuple[str, str]] = {}
    rows = Check.objects.filter(probe_id__in=awake, level__in=_TELLING)
    # The deeper level has the last word.
    for row in rows.order_by("level"):
        (level,) = standing.levels([row])
        if row.streak or not level.is_fresh(now):
            found.pop(row.probe_id, None)
        else:
            found[row.probe_id] = row.error, row.detail
    return found


def _add_models(facts: dict[str, Facts]) -> None:
    """The models that these entities declare to serve, and the versions of each."""
    edges = Relation.objects.filter(type="serves", source_ref__in=facts)
    pairs = list(edges.order_by("pk").values_list("source_ref", "target_ref"))
    models = Entity.objects.filter(ref__in={target for _, target in pairs})
    known = {model.ref: model for model in models}
    for source, target in dict.fromkeys(pairs):
        one, model = facts[source], known.get(target)
        name = target.rpartition("/")[2]
        one.serves.append((name, (name, *(expecting.names_of(model) if model else ()))))
        one.versions += _versions(model) if model else []


def _versions(model: Entity) -> list[Version]:
    found = model.spec.get("versions")
    return [
        Version(
            model.name,
            str(one.get("version", "")),
            str(one.get("stage", "")),
            short_id(str(one["artifact"])),
        )
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and one.get("artifact")
    ]


def _add_use(facts: dict[str, Facts]) -> None:
    """Requests a day beyond our own, where enough of the time was counted."""
    probes = {probe.pk: one for one in facts.values() for probe in one.probes}
    since = timezone.now().date() - _WEEK
    rows = Usage.objects.filter(probe_id__in=probes, day__gte=since)
    sums = rows.values("probe_id").annotate(
        asked=Sum("requests"), own=Sum("own_requests"), covered=Sum("covered")
    )
    for row in sums.order_by():
        if row["covered"] >= _LEAST_COVERED:
            one = probes[row["probe_id"]]
            # Some of ours may not be known as ours: those that we gave up on.
            beyond = max(0.0, row["asked"] - row["own"] * (1 + _OWN_MARGIN))
            one.used = (one.used or 0.0) + beyond * _DAY / row["covered"]


def _codes() -> dict[int, list[str]]:
    """The open differences of every entity, by its key."""
    rows = Finding.objects.filter(code__in=TITLES, source=None)
    rows = rows.filter(Q(ignored_until=None) | Q(ignored_until__lt=timezone.now()))
    codes: dict[str, list[str]] = defaultdict(list)
    for subject, code in rows.values_list("subject", "code").distinct():
        codes[subject].append(code)
    keys = Entity.objects.filter(ref__in=codes).values_list("pk", "ref")
    return {pk: codes[ref] for pk, ref in keys}


def _version() -> tuple[int, int]:
    # A difference that was ignored comes back on its day.
    return generation.current(), clock.now() // 60_000


FIELD = Field("drift", "Drift", live=Live(_version, _codes), labels=TITLES)
