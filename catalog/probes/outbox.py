"""Messages that wait for their receivers: written once, sent, tried again, given up.

A message is claimed by moving its next time forward, so one worker sends it. A worker
that dies while it sends leaves it to be sent again a minute later: rather twice than
never.
"""

from __future__ import annotations

from django.utils import timezone

from catalog.probes import clock
from catalog.probes.models import Receiver
from catalog.probes.notices import Notice
from catalog.probes.sending import Errand, Message, Outcome, send_all

# Seconds until the next try after each that failed; after the last of them none.
WAITS = (30, 120, 600)
_CLAIMED, _OLD, _KEPT = 60_000, 3600_000, 7 * 24 * 3600_000
_AT_ONCE = 20
_OVERTAKEN = "Not sent: there was newer news of it."
_TOO_OLD = "Not sent: it was an hour old by then."


def put(identity: int, message: Message, now: int) -> int:
    """A message about an entity for every receiver; how many there are.

    It overtakes what still waits about that entity. Inside a transaction.
    """
    waiting = Notice.objects.filter(identity_id=identity, done_at=None)
    waiting.update(done_at=now, fault=_OVERTAKEN)
    made = [
        Notice(
            receiver=receiver,
            identity_id=identity,
            title=message.title,
            body=message.body,
            is_bad=message.is_bad,
            created_at=now,
            next_at=now,
        )
        for receiver in Receiver.objects.filter(enabled=True)
    ]
    return len(Notice.objects.bulk_create(made))


def send_due(now: int | None = None) -> int:
    """Send what is due, all at the same time. Returns how many were sent."""
    moment = now or clock.now()
    waiting = Notice.objects.filter(done_at=None)
    if not waiting.exists():
        # Most of the time: nothing is written then.
        return 0
    waiting.filter(created_at__lt=moment - _OLD).update(done_at=moment, fault=_TOO_OLD)
    due = waiting.filter(next_at__lte=moment, receiver__enabled=True)
    rows = due.select_related("receiver").order_by("next_at", "pk")[:_AT_ONCE]
    mine = [row for row in rows if _claim(row, moment)]
    if not mine:
        return 0
    outcomes = send_all(
        [
            Errand(row.receiver.address, Message(row.title, row.body, row.is_bad))
            for row in mine
        ]
    )
    for row, outcome in zip(mine, outcomes, strict=True):
        _note(row, outcome, moment)
    return sum(outcome.sent for outcome in outcomes)


def note(receiver: Receiver, outcome: Outcome) -> None:
    """Keep at the receiver how the last sending went."""
    rows, now = Receiver.objects.filter(pk=receiver.pk), timezone.now()
    if outcome.sent:
        rows.update(sent_at=now, failed_at=None, fault="")
    else:
        rows.update(failed_at=now, fault=outcome.text[:500])


def forget(now: int | None = None) -> int:
    """Let go what was done with a week ago; how many."""
    old = (now or clock.now()) - _KEPT
    return Notice.objects.filter(done_at__lt=old).delete()[0]


def _claim(row: Notice, now: int) -> bool:
    mine = Notice.objects.filter(pk=row.pk, done_at=None, next_at=row.next_at)
    row.tries += 1
    return bool(mine.update(next_at=now + _CLAIMED, tries=row.tries))


def _note(row: Notice, outcome: Outcome, now: int) -> None:
    note(row.receiver, outcome)
    mine = Notice.objects.filter(pk=row.pk, tries=row.tries)
    if outcome.sent:
        mine.update(done_at=now, fault="")
    elif row.tries > len(WAITS):
        mine.filter(done_at=None).update(done_at=now, fault=outcome.text[:500])
    else:
        wait = now + WAITS[row.tries - 1] * 1000
        mine.filter(done_at=None).update(next_at=wait, fault=outcome.text[:500])
