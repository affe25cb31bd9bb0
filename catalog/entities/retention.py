"""How long changes are kept: the newest of every entity, and all of some days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from catalog.entities.models import Event, Revision

# So many of the newest changes of an entity stay, however old they are; the last text
# of one that was removed is among them.
KEPT = 50
_BATCH = 500


def forget(days: int, *, kept: int = KEPT, most: int = 5_000) -> int:
    """Remove changes that are older than so many days, the oldest first.

    At most `most` at a time; what is left waits for the next call. Whatever is removed,
    all that came before it in its entity is removed too: a text that was hidden from
    somebody never goes before the texts that it hides. Returns how many.
    """
    first = _first_kept(days) if days else 0
    done = 0
    for identity in _long(kept, first) if first else ():
        for keys in _batches(_old(identity, kept, first)):
            done += Revision.objects.filter(pk__in=keys).delete()[0]
            if done >= most:
                return done
    return done


def forget_events(days: int, *, most: int = 5_000) -> int:
    """Remove what tools did more than so many days ago; 0 keeps it. Returns how many,
    at most `most` at a time."""
    if not days:
        return 0
    old = Event.objects.filter(at__lt=timezone.now() - timedelta(days=days))
    keys = list(old.order_by("at").values_list("pk", flat=True)[:most])
    for start in range(0, len(keys), _BATCH):
        Event.objects.filter(pk__in=keys[start : start + _BATCH]).delete()
    return len(keys)


def _first_kept(days: int) -> int:
    """The key of the oldest change that is not too old; 0 where none is too old."""
    start = timezone.now() - timedelta(days=days)
    if not Revision.objects.filter(at__lt=start).exists():
        return 0
    found = Revision.objects.filter(at__gte=start).aggregate(key=Min("pk"))["key"]
    if found is None:
        newest = Revision.objects.order_by("-pk").values_list("pk", flat=True).first()
        return (newest or 0) + 1
    key: int = found
    return key


def _long(kept: int, first: int) -> list[int]:
    """The identities with more changes than stay anyway, and old ones among them."""
    rows = Revision.objects.order_by().values("identity_id")
    rows = rows.annotate(number=Count("pk"), oldest=Min("pk"))
    long = rows.filter(number__gt=kept, oldest__lt=first)
    return list(long.values_list("identity_id", flat=True))


def _old(identity: int, kept: int, first: int) -> QuerySet[Revision]:
    rows = Revision.objects.filter(identity_id=identity)
    edge = rows.order_by("-pk").values_list("pk", flat=True)[kept - 1]
    return rows.filter(pk__lt=min(edge, first)).order_by("pk")


def _batches(rows: QuerySet[Revision]) -> Iterator[list[int]]:
    while keys := list(rows.values_list("pk", flat=True)[:_BATCH]):
        yield keys
