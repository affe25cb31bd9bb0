"""Push webhooks: is a call signed by the source's secret, and is it about its branch?

Forgejo, Gitea and GitHub sign the body with HMAC-SHA256. The secret is derived from the
house's own key, so that nothing is stored; raising its number makes a new one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from django.utils import timezone
from django.utils.crypto import salted_hmac

from catalog.sources.claims import ask_again
from catalog.sources.models import Source

# What each forge calls it; the second is `sha256=` and the same.
SIGNATURES = (
    "X-Forgejo-Signature",
    "X-Gitea-Signature",
    "X-Hub-Signature-256",
    "X-Gogs-Signature",
)
EVENTS = ("X-Forgejo-Event", "X-Gitea-Event", "X-GitHub-Event", "X-Gogs-Event")
# A stranger's calls are noted this often at most, because each note is a write.
_QUIET = timedelta(seconds=10)


@dataclass(frozen=True)
class Heard:
    """What came of a call: was the source asked to be read, and the sentence for the
    forge's own log."""

    accepted: bool
    sentence: str


def secret_of(source: Source) -> str:
    """The secret that the forge signs with."""
    said = f"{source.pk} {source.hook_number}"
    return salted_hmac("greenroom hook", said, algorithm="sha256").hexdigest()


def is_signed(source: Source, headers: Mapping[str, str], body: bytes) -> bool:
    """Does any of the signatures fit the body?"""
    right = hmac.new(secret_of(source).encode(), body, hashlib.sha256).hexdigest()
    given = (headers.get(name, "").removeprefix("sha256=") for name in SIGNATURES)
    return any(
        hmac.compare_digest(one.lower().encode(), right.encode()) for one in given
    )


def hear(source: Source, headers: Mapping[str, str], body: bytes) -> Heard:
    """Act on a signed call: a push to the source's branch makes it due now."""
    event = next((headers[name] for name in EVENTS if headers.get(name)), "push")
    if event == "ping":
        return _noted(source, False, f"The hook of {source.name} works.")
    if event != "push":
        return _noted(source, False, f"Nothing is done on {event}; send push events.")
    payload = _payload(headers, body)
    if payload is None:
        return _noted(source, False, "The body is no JSON; nothing was done.")
    branch = _text(payload.get("ref")).removeprefix("refs/heads/")
    wanted = source.branch or _text(_inside(payload, "repository", "default_branch"))
    if branch and wanted and branch.removeprefix("refs/tags/") != wanted:
        sentence = f"The push was to {branch[:100]}; this source reads {wanted[:100]}."
        return _noted(source, False, sentence)
    pusher = (_text(_inside(payload, "pusher", key)) for key in ("name", "login"))
    who = next(filter(None, pusher), "")
    commit = _text(payload.get("after"))[:7]
    reason = f"Push to {branch or 'the repository'}" + (f" by {who}" if who else "")
    reason = f"{reason[:250]} ({commit})." if commit else f"{reason[:250]}."
    ask_again(source.pk, reason)
    return _noted(source, True, reason)


def refuse(source: Source) -> None:
    """Say on the source that a call came whose signature does not fit."""
    now = timezone.now()
    if source.hook_at is None or source.hook_at < now - _QUIET:
        note = "A call was refused: its signature does not fit the secret."
        Source.objects.filter(pk=source.pk).update(hook_at=now, hook_note=note)


def renew(source: Source) -> None:
    """Make a new secret; the old one is worth nothing from now on."""
    source.hook_number += 1
    source.hook_at, source.hook_note = None, ""
    source.save(update_fields=["hook_number", "hook_at", "hook_note"])


def _noted(source: Source, accepted: bool, sentence: str) -> Heard:
    rows = Source.objects.filter(pk=source.pk)
    rows.update(hook_at=timezone.now(), hook_note=sentence[:300])
    return Heard(accepted, sentence)


def _payload(headers: Mapping[str, str], body: bytes) -> dict[str, Any] | None:
    """The JSON of a call, which may be a field of a form."""
    try:
        text = body.decode()
        if headers.get("Content-Type", "").startswith("application/x-www-form"):
            text = parse_qs(text).get("payload", [""])[0]
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _inside(payload: dict[str, Any], *steps: str) -> Any:
    value: Any = payload
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
