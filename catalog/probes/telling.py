"""Which changes of entities are told to people, and once only, whoever finds them.

Down is told of what was up before, and then its end. What is not known is never told,
and neither is maintenance. What goes up and down all the time is told once; then
follows silence until it has been the same for a quarter of an hour.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.probes import clock, outbox, wording, words
from catalog.probes.judging import FLIP_WINDOW
from catalog.probes.models import Status, Transition
from catalog.probes.notices import Told

# Older ones are no news: they are noted, and nobody is told.
NEWS = 3600_000
_AT_ONCE, _CHUNK = 100, 500
_SIDES = {
    words.DOWN: words.DOWN,
    words.UP: words.UP,
    words.BUSY: words.UP,
    words.DEGRADED: words.UP,
}

_THERE = tuple(state for state, side in _SIDES.items() if side == words.UP)


def tell(now: int | None = None) -> int:
    """Write the messages about what has changed and was not told. Returns how many
    entities there was something to say of."""
    moment = now or clock.now()
    waiting = Transition.objects.filter(
        probe=None, told_at=None, at__gte=moment - NEWS
    ).order_by()
    _pass_over_calm(waiting)
    keys = waiting.values_list("identity_id", flat=True).distinct()[:_AT_ONCE]
    said = sum(_tell_of(key, moment) for key in list(keys))
    restless = Told.objects.filter(flapping=True, moved__lt=moment - FLIP_WINDOW)
    quiet = restless.values_list("identity_id", flat=True)[:_AT_ONCE]
    return said + sum(_tell_calm(key, moment) for key in list(quiet))


def _pass_over_calm(waiting: QuerySet[Transition]) -> None:
    """Note in one go what is no news: whoever was not said to be down is there.

    A thousand services that are seen for the first time, and whoever is busy now and
    then, would cost half a dozen queries each.
    """
    rows = list(waiting.values_list("pk", "identity_id"))
    # Also what is no news any more counts: it says what was before.
    others = Transition.objects.filter(probe=None, told_at=None)
    restless = set(
        others.exclude(after__in=_THERE).values_list("identity_id", flat=True)
    )
    calm = {identity for _, identity in rows} - restless
    if not calm:
        return
    with transaction.atomic():
        new = [Told(identity_id=identity) for identity in sorted(calm)]
        Told.objects.bulk_create(new, ignore_conflicts=True)
        told = Told.objects.filter(identity_id__in=calm).order_by("pk")
        if connection.features.has_select_for_update:
            # Whoever says just now that it is down must be heard first.
            told = told.select_for_update()
        calm = {one.pk for one in told if one.said != words.DOWN and not one.flapping}
        Told.objects.filter(pk__in=calm, said="").update(said=words.UP)
        keys = [pk for pk, identity in rows if identity in calm]
        for start in range(0, len(keys), _CHUNK):
            some = Transition.objects.filter(pk__in=keys[start : start + _CHUNK])
            some.filter(told_at=None).update(told_at=timezone.now())


def _tell_of(identity: int, now: int) -> bool:
    """Claim the changes of one entity, in their order, and say the last that counts."""
    Told.objects.get_or_create(identity_id=identity)
    with transaction.atomic():
        told = _locked(identity)
        rows = Transition.objects.filter(
            identity_id=identity, probe=None, told_at=None
        ).order_by("pk")
        news = None
        for row in rows:
            mine = Transition.objects.filter(pk=row.pk, told_at=None)
            if not mine.update(told_at=timezone.now()):
                continue
            what = _what(told, row)
            if what and row.at >= now - NEWS:
                news = (what, row)
        told.save()
        return news is not None and _write(*news, told, now)


def _what(told: Told, row: Transition) -> str:
    """What is to be said of a change; empty where nothing is.

    What was never seen up is no outage yet, and its beginning no recovery.
    """
    side = _SIDES.get(row.after)
    was_up = _SIDES.get(row.before) == words.UP
    known = told.said or (words.UP if was_up else "")
    if side is None or side == known or not known:
        told.said = words.UP if side == words.UP else known
        return ""
    told.said, told.moved = side, row.at
    if side == words.DOWN:
        told.down_since = row.at
    if told.flapping:
        return ""
    if row.flapping:
        told.flapping = True
        return wording.FLAPPING
    return words.DOWN if side == words.DOWN else wording.UP_AGAIN


def _tell_calm(identity: int, now: int) -> bool:
    """It has not moved for long: say how it stands, if that is known."""
    with transaction.atomic():
        told = _locked(identity)
        if not told.flapping or told.moved >= now - FLIP_WINDOW:
            return False
        told.flapping = False
        told.save()
        status = Status.objects.filter(identity_id=identity).first()
        if status is None or _SIDES.get(status.state) != told.said:
            return False
        stands = Transition(
            identity_id=identity,
            at=status.since,
            after=status.state,
            error=status.error,
            detail=status.detail,
        )
        is_down = told.said == words.DOWN
        return _write(words.DOWN if is_down else wording.CALM, stands, told, now)


def _write(what: str, row: Transition, told: Told, now: int) -> bool:
    message = wording.message(what, row, told.down_since)
    if message is None:
        return False
    outbox.put(told.identity_id, message, now)
    return True


def _locked(identity: int) -> Told:
    """One worker at a time speaks of an entity; on SQLite only one writes anyway."""
    rows = Told.objects.filter(identity_id=identity)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return rows.get()
