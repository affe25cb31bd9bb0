"""Noting what a tool did to an entity: checked, once for each key, never changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.entities.models import Entity, Event, Revision

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# Clocks of two machines differ by so much.
AHEAD = timedelta(minutes=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_TEXTS = ("action", "title", "tool", "version", "url", "key")
_SAME = ("action", "title", "tool", "version", "url")


class Unnoted(Exception):
    """Nothing was noted: what is wrong, and what to do."""

    def __init__(self, field: str, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence, self.remedy = field, sentence, remedy


class OtherEvent(Unnoted):
    """The key was used for something else."""


@dataclass(frozen=True)
class Told:
    """What a tool says that it did. Without `at` it was just now."""

    action: str
    title: str = ""
    tool: str = ""
    version: str = ""
    url: str = ""
    key: str = ""
    at: datetime | None = None


def note(
    entity: Entity, told: Told, author: AbstractBaseUser, token_title: str = ""
) -> tuple[Event, bool]:
    """Write it down, and say whether it is new. Raises Unnoted.

    The same key of the same author is noted once, and has to say the same again.
    """
    now = timezone.now()
    _check(told, now)
    texts = {name: getattr(told, name).strip() for name in _TEXTS}
    at = min(told.at or now, now)
    event = Event(
        identity_id=entity.pk,
        at=at,
        noted_at=now,
        author_id=author.pk,
        author_name=str(author),
        token_title=token_title,
        readers=_readers(entity, at),
        **texts,
    )
    if known := _known(event):
        return _same(known, event, told), False
    try:
        with transaction.atomic():
            event.save()
    except IntegrityError:
        # Two at once: the other one was first.
        if known := _known(event):
            return _same(known, event, told), False
        raise
    return event, True


def _check(told: Told, now: datetime) -> None:
    for name, text in asdict(told).items():
        if name in _TEXTS:
            _check_text(name, text)
    if not told.action.strip():
        raise Unnoted("action", "`action` is empty.", "Say what was done: “deployed”.")
    if told.url:
        _check_url(told.url.strip())
    if told.at and told.at > now + AHEAD:
        said = f"`at` is {told.at.isoformat()}, which is not yet."
        raise Unnoted("at", said, "Set the clock of that machine, or leave `at` out.")
    if told.at and told.at < EARLIEST:
        said = f"`at` is {told.at.isoformat()}, before {EARLIEST:%Y}."
        raise Unnoted("at", said, "Send when it was done, or leave `at` out.")


def _check_text(name: str, text: str) -> None:
    most = getattr(Event._meta.get_field(name), "max_length", 0)
    if len(text.strip()) > most:
        said = f"`{name}` has {len(text.strip())} characters, and may have {most}."
        raise Unnoted(name, said, "Shorten it; a link can say more.")
    odd = next((letter for letter in text.strip() if not letter.isprintable()), None)
    if odd is not None:
        said = f"`{name}` holds the control character {odd!r}."
        raise Unnoted(name, said, "Send one line of plain text.")


def _check_url(url: str) -> None:
    """Only what a browser may follow, and nothing that is to stay secret."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or " " in url:
        said = f"`url` is {url[:100]!r}, which is no http or https address."
        raise Unnoted("url", said, "Send the whole address, with https://.")
    if parts.username is not None or parts.password is not None:
        said = "`url` holds a user name or a password, which everybody would read."
        raise Unnoted("url", said, "Leave it out.")


def _readers(entity: Entity, at: datetime) -> str:
    """Who could read the entity at a moment; before its first text, who could then."""
    rows = Revision.objects.filter(identity_id=entity.pk)
    then = rows.filter(at__lte=at).order_by("-pk").first()
    found = then or rows.order_by("pk").first()
    return found.readers if found else ""


def _known(event: Event) -> Event | None:
    if not event.key:
        return None
    rows = Event.objects.filter(author_id=event.author_id, key=event.key)
    return rows.first()


def _same(known: Event, event: Event, told: Told) -> Event:
    """The one that was noted before. Raises OtherEvent where it says something else."""
    differs = [n for n in _SAME if getattr(known, n) != getattr(event, n)]
    if known.identity_id != event.identity_id:
        differs.insert(0, "ref")
    if told.at is not None and known.at != event.at:
        differs.append("at")
    if differs:
        said = f"The key {event.key!r} was used before with another `{differs[0]}`."
        raise OtherEvent(differs[0], said, "Use a new key for each thing that is done.")
    return known
