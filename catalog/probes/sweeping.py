"""What turns by time alone: silence becomes unknown, and maintenance ends.

Also after a long silence of the engine itself: the transition is dated to the moment
after which nothing was known.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from catalog.probes import clock, looks, standing, words
from catalog.probes.models import Check, Maintenance, Probe, Status
from catalog.probes.recording import raise_version

_CHUNK = 500


def sweep() -> set[int]:
    """Bring everything that time has overtaken to its state. Returns the identities
    that changed."""
    now = clock.now()
    stale = Probe.objects.filter(fresh_until__lt=now).exclude(state=words.UNKNOWN)
    rows = stale.order_by("pk").values_list("pk", flat=True)
    changed: set[int] = set()
    keys = list(rows[:_CHUNK])
    while keys:
        changed |= settle_probes(keys)
        keys = list(rows.filter(pk__gt=keys[-1])[:_CHUNK])
    changed |= _settle_windows()
    looks.give_up()
    if changed:
        raise_version()
    return changed


def settle_probes(keys: list[int]) -> set[int]:
    """Bring these probes and their entities to the state that holds now."""
    with transaction.atomic():
        rows = Probe.objects.filter(pk__in=keys)
        family = standing.locked(rows.values_list("identity_id", flat=True))
        probes = {probe.pk: probe for probe in family if probe.pk in set(keys)}
        checks: dict[int, list[Check]] = defaultdict(list)
        for check in Check.objects.filter(probe_id__in=probes):
            checks[check.probe_id].append(check)
        return standing.settle(
            {key: (probes[key], checks[key]) for key in probes}, family=family
        )


def _settle_windows() -> set[int]:
    """Entities whose maintenance begins or ends now."""
    now = timezone.now()
    windows = Maintenance.objects.filter(starts_at__lte=now, ends_at__gt=now)
    resting = set(windows.values_list("identity_id", flat=True))
    shown = Status.objects.filter(state=words.MAINTENANCE)
    marked = set(shown.values_list("identity_id", flat=True))
    wrong = resting ^ marked
    if not wrong:
        return set()
    with transaction.atomic():
        return standing.settle_entities(wrong, clock.now())
