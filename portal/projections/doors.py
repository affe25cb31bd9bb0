"""Who may read an export: tokens made, found and revoked, and each reading noted."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone

from portal.accounts import audit
from portal.accounts.models import Account
from portal.accounts.refusal import Refusal
from portal.accounts.tokens import fresh, hash_of
from portal.projections.models import ExportDoor, Reading

MOST = 50
# Each note is a write; Backstage comes for every file every other minute.
_QUIET = timedelta(seconds=30)


@dataclass(frozen=True)
class Came:
    """One request for one file of an export."""

    target: str
    profile: str
    file: str
    agent: str
    status: int
    stamp: str


@dataclass(frozen=True)
class LastRead:
    """When somebody last came through a door for a form, and with what result."""

    profile: str
    at: datetime
    agent: str
    status: int


def make(by: Account, title: str, sight: str) -> tuple[ExportDoor, str]:
    """A new token and its text, which nobody can read again. Raises Refusal."""
    title = " ".join(title.split())[:100]
    open_ = tokens()
    if not title:
        raise Refusal("Say what the token is for, such as “Backstage of the lab”.")
    if open_.filter(title=title).exists():
        raise Refusal(f"There is a token “{title}”: revoke it or name this one.")
    if open_.count() >= MOST:
        raise Refusal(f"There are {MOST} tokens: revoke some that nobody uses.")
    text = fresh()
    door = ExportDoor.objects.create(
        title=title,
        sight=sight,
        token_hash=hash_of(text),
        beginning=text[:8],
        created_by=by,
    )
    audit.record(by, "made the export token", title, sight)
    return door, text


def tokens() -> QuerySet[ExportDoor]:
    """The tokens that may be used now."""
    return ExportDoor.objects.filter(revoked_at=None).exclude(token_hash="")


def find(text: str) -> ExportDoor | None:
    """The door that this token opens, if it may be used now."""
    rows = ExportDoor.objects.filter(token_hash=hash_of(text), revoked_at=None)
    return rows.first()


def public() -> ExportDoor:
    """The door without a token: what is public is read through it."""
    found, _ = ExportDoor.objects.get_or_create(
        token_hash="",
        defaults={"title": "Without a token", "sight": ExportDoor.PUBLIC},
    )
    return found


def revoke(door: ExportDoor, by: Account) -> None:
    """Nobody gets in with it any more, from now on."""
    ExportDoor.objects.filter(pk=door.pk).update(revoked_at=timezone.now())
    # What was read through it is nobody's business any more.
    Reading.objects.filter(door=door).delete()
    audit.record(by, "revoked the export token", door.title)


def note(door: ExportDoor, came: Came, text: str | None, kept: Iterable[str]) -> None:
    """Remember a reading: its text where there is a new one, else only the time.

    `kept` are the files that there are now: what was read of others is forgotten.
    """
    rows = Reading.objects.filter(
        door=door, target=came.target, profile=came.profile, file=came.file
    )
    now = timezone.now()
    about = {"at": now, "agent": came.agent[:200], "status": came.status}
    if text is None:
        rows.filter(at__lt=now - _QUIET).update(**about)
        return
    if rows.filter(stamp=came.stamp, at__gte=now - _QUIET).exists():
        return
    content = zlib.compress(text.encode(), 6)
    Reading.objects.update_or_create(
        door=door,
        target=came.target,
        profile=came.profile,
        file=came.file,
        defaults={**about, "stamp": came.stamp, "content": content},
    )
    others = Reading.objects.filter(door=door, target=came.target, profile=came.profile)
    names = list(kept)
    if names:
        others.exclude(file__in=names).delete()


def last_read(door: ExportDoor, target: str) -> list[LastRead]:
    """The last reading of each form, the newest first."""
    rows = Reading.objects.filter(door=door, target=target)
    found = []
    newest = rows.values("profile").annotate(last=Max("at")).order_by("-last")
    for profile, at in newest.values_list("profile", "last"):
        row = rows.filter(profile=profile, at=at).defer("content").first()
        if row is not None:
            found.append(LastRead(profile, row.at, row.agent, row.status))
    return found


def open_doors() -> list[ExportDoor]:
    """The tokens that may be used now, and the door without one at the end."""
    return [*tokens(), public()]


def texts_read(door: ExportDoor, target: str, profile: str) -> dict[str, str]:
    """What was last read through a door, file by file."""
    rows = Reading.objects.filter(door=door, target=target, profile=profile)
    return {row.file: row.text for row in rows.order_by("file")}
