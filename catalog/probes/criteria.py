"""What queries may ask of probes: since when a state lasts, who is probed at all."""

from __future__ import annotations

from catalog.entities.models import Entity, Finding
from catalog.probes import clock
from catalog.probes.models import Probe, Status
from catalog.probes.states import believed
from catalog.query.language.criteria.ages import Moments, age
from catalog.query.language.criteria.conditions import register_has, register_is
from catalog.query.language.criterion import register
from catalog.query.language.scope import Scope


def _begun() -> Moments:
    """Since when each probed entity is in its state."""
    now = clock.now()
    rows = Status.objects.filter(identity__probes__isnull=False).distinct()
    shown = (believed(row, now) for row in rows)
    return {row.identity_id: row.since / 1000 for row in shown if row.since}


def _seen() -> Moments:
    """When something was last known of each probed entity."""
    rows = Status.objects.filter(identity__probes__isnull=False, at__gt=0)
    pairs = rows.distinct().values_list("identity_id", "at")
    return {key: at / 1000 for key, at in pairs}


def _probed(scope: Scope) -> int:
    return scope.at_keys(Probe.objects.values_list("identity_id", flat=True))


def _paused(scope: Scope) -> int:
    paused = Probe.objects.exclude(paused_at=None)
    return scope.at_keys(paused.values_list("identity_id", flat=True))


def _found(scope: Scope) -> int:
    subjects = Finding.objects.exclude(subject="").values("subject")
    rows = Entity.objects.filter(ref__in=subjects)
    return scope.at_keys(rows.values_list("pk", flat=True))


def register_all() -> None:
    """Tell the language; once, when the app is ready."""
    register(
        age(
            "status.age",
            "State",
            "Since it is in the state that probes give it.",
            _begun,
            "Observed",
        )
    )
    register(
        age("seen.age", "Seen", "Since it last answered a probe.", _seen, "Observed")
    )
    register_is("probed", "Some probe asks it.", _probed)
    register_is("paused", "Somebody paused a probe of it.", _paused)
    register_has("probe", "Some probe asks it.", _probed)
    register_has("finding", "Something is not as it should be.", _found)
