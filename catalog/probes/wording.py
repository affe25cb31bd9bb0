"""What a message about an entity says, in words for people who read it at night.

It is written for administrators, who see everything: whoever sets up a receiver decides
who else reads along.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings

from catalog import refs
from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING
from catalog.probes import clock, words
from catalog.probes.models import Transition
from catalog.probes.sending import Message

RUNBOOK = "greenroom/runbook"
UP_AGAIN, FLAPPING, CALM = "up again", "flapping", "calm"
_LONGEST_TITLE, _LONGEST_REASON = 300, 160
_NO_LINK = "There is no link to its page: GREENROOM_URL is not set."


def message(what: str, moved: Transition, down_since: int) -> Message | None:
    """What is said of a change; None where the entity is gone.

    `what` is words.DOWN, UP_AGAIN, FLAPPING or CALM; `down_since` the beginning of the
    outage in milliseconds.
    """
    rows = Entity.objects.visible_to(EVERYTHING).light()
    entity = rows.filter(pk=moved.identity_id).first()
    if entity is None:
        return None
    said, lines = _said(what, moved, down_since)
    title = " ".join(f"{entity.label} {said}".split())
    body = "\n".join([*lines, *_about(entity)])
    return Message(title[:_LONGEST_TITLE], body, is_bad=what in (words.DOWN, FLAPPING))


def test_message(receiver: str) -> Message:
    """What “Send a test” sends."""
    house = settings.GREENROOM_URL or "No links: GREENROOM_URL is not set."
    works = f"The receiver “{receiver}” works: outages and their ends are told here."
    return Message("A test from Greenroom", f"{works}\n{house}", is_bad=False)


def _said(what: str, moved: Transition, down_since: int) -> tuple[str, list[str]]:
    """The end of the title, and the first lines below it."""
    if what == FLAPPING:
        return "is flapping: down and up again, too often", [
            "Nothing more is said until it has stayed the same for 15 minutes.",
            f"Since {_moment(moved.at)}.",
        ]
    if what == CALM:
        return "is stable again: up for 15 min", []
    if what == UP_AGAIN:
        lasted = f" after {_lasted(moved.at - down_since)}" if down_since else ""
        return _back(moved, lasted), [f"Since {_moment(moved.at)}."]
    detail = moved.detail.strip()
    reason = detail or words.ERRORS.get(moved.error, "")
    lines = [detail] if detail else []
    title = "is down" + (f": {_short(reason)}" if reason else "")
    return title, [*lines, f"Since {_moment(down_since or moved.at)}."]


def _back(moved: Transition, lasted: str) -> str:
    """Not down any more is not well: another model may have come up."""
    if moved.after != words.DEGRADED:
        return f"is up again{lasted}"
    reason = moved.detail.strip() or words.ERRORS.get(moved.error, "")
    return f"answers again{lasted}, and is degraded: {_short(reason)}"


def _short(reason: str) -> str:
    """The first sentence, as the end of another."""
    first = reason.split(". ")[0].rstrip(".")
    if first[1:2].islower() or first[1:2] == " ":
        first = first[:1].lower() + first[1:]
    return first if len(first) <= _LONGEST_REASON else f"{first[:_LONGEST_REASON]}…"


def _about(entity: Entity) -> list[str]:
    found = [f"Owner: {_owner(entity.owner)}."]
    runbook = _web_address(_annotations(entity).get(RUNBOOK))
    if runbook:
        found.append(f"Runbook: {runbook}")
    return [*found, page_of(entity.ref) or _NO_LINK]


def _owner(ref: str) -> str:
    if not ref:
        return "nobody"
    rows = Entity.objects.visible_to(EVERYTHING).light()
    owner = rows.filter(ref=ref).first()
    return owner.label if owner else refs.short(ref)


def _annotations(entity: Entity) -> dict[str, Any]:
    found = entity.metadata.get("annotations")
    return found if isinstance(found, dict) else {}


def _web_address(text: object) -> str:
    """The text if it is an http or https address, or empty."""
    try:
        address = text.strip() if isinstance(text, str) else ""
        is_web = urlsplit(address).scheme.lower() in ("http", "https")
    except ValueError:
        return ""
    return address if is_web and address.isprintable() else ""


def page_of(ref: str) -> str:
    """The page of an entity as people reach it; empty without GREENROOM_URL."""
    if not settings.GREENROOM_URL:
        return ""
    kind, _, path = ref.partition(":")
    namespace, _, name = path.partition("/")
    return f"{settings.GREENROOM_URL}/catalog/{namespace}/{kind}/{name}/"


def _moment(milliseconds: int) -> str:
    zone = ZoneInfo(settings.GREENROOM_TIME_ZONE or "UTC")
    moment = clock.moment(milliseconds).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".strip()


def _lasted(milliseconds: int) -> str:
    """How long something lasted, in its two largest units."""
    seconds = int(timedelta(milliseconds=max(0, milliseconds)).total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours = seconds // 60, seconds // 3600
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
