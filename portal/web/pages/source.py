"""One source: its state and readings, its findings file by file, its orphans."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalog import refs
from catalog.entities import findings
from catalog.entities.models import Entity
from catalog.sources import hooks, made_here
from catalog.sources.models import Source
from catalog.sources.provider import PROVIDERS
from portal.accounts.links import absolute
from portal.accounts.models import Role
from portal.web.gate import account_of, allows, viewer_of
from portal.web.partial import render_part

# After so many seconds without an answer, nobody seems to be working.
PATIENCE = 15
FINDINGS = 300
MADE = 30
RUNS = 20
HELD = 200
SIGHT = {"public": "everybody", "signed-in": "everybody who is signed in"}


@require_http_methods(["GET", "HEAD"])
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """The source; while it is being read, htmx asks for its state again and again."""
    found = get_object_or_404(Source, pk=pk)
    viewer = viewer_of(request)
    problems = findings.open_for(viewer).filter(source=found)
    # That one is for the page of the entity; here the refusal says it.
    problems = problems.exclude(code="contested")
    orphans = list(findings.orphans(viewer).filter(source=found))
    listed = list(problems.order_by("path", "line", "pk")[:FINDINGS])
    context = {
        "source": found,
        "provider": PROVIDERS[found.provider].title,
        "reads": PROVIDERS[found.provider].reads,
        "entities": Entity.objects.visible_to(viewer).filter(source=found).count(),
        "files": [(p, list(g)) for p, g in groupby(listed, key=lambda row: row.path)],
        "number": problems.count(),
        "orphans": orphans,
        "leaves": leaves_of(found, orphans),
        "facts": facts_of(found),
        "runs": found.runs.order_by("-id")[:RUNS],
        **held_in(request, found),
        **hook_of(request, found),
        "is_admin": allows(request, Role.ADMIN),
        "sees_all": viewer.sees_all,
        "unseen": 0 if viewer.sees_all else findings.unseen_errors(found.pk),
        **made_in(request, found),
        **progress_of(request, found),
    }
    return render_part(
        request, "pages/source.html", "fragments/source_state.html", context
    )


def facts_of(found: Source) -> list[tuple[str, Any]]:
    """What is set, in words; what is not set is left out, but not who may see it."""
    told = [
        ("Reads", PROVIDERS[found.provider](found).reading()),
        ("Branch", found.branch or ("the default" if found.provider == "git" else "")),
        ("Files", found.pattern),
        ("Secret", f"${{{found.secret}}}" if found.secret else ""),
        ("Owner", refs.short(found.owner) if found.owner else ""),
        ("Allowed kinds", found.kinds or "all"),
        ("Allowed namespaces", found.namespaces or "all"),
        ("May declare people", "yes" if found.may_declare_people else "no"),
        ("Shown at most to", SIGHT.get(found.widest, found.widest)),
        ("Looks every", f"{found.interval} s"),
        ("Orphans leave after", f"{found.orphan_days} days"),
    ]
    if not found.orphan_days:
        told[-1] = ("Orphans", "stay until somebody removes them")
    return [(name, value) for name, value in told if value]


def leaves_of(found: Source, orphans: Iterable[Entity]) -> dict[int, datetime]:
    """When each orphan leaves the catalog, where it does so by itself."""
    if not found.orphan_days:
        return {}
    grace = timedelta(days=found.orphan_days)
    return {row.pk: row.orphan_since + grace for row in orphans if row.orphan_since}


def held_in(request: HttpRequest, found: Source) -> dict[str, Any]:
    """What a held refresh would take away: the names that the reader may see."""
    held = json.loads(found.held or "[]")
    if not held:
        return {"held": [], "held_total": 0}
    # A part: the page is to be read, and databases take only so many values.
    rows = Entity.objects.visible_to(viewer_of(request)).light()
    return {"held": rows.filter(ref__in=held[:HELD]), "held_total": len(held)}


def hook_of(request: HttpRequest, found: Source) -> dict[str, Any]:
    """The address and the secret of its webhook, for those who may know it."""
    if not allows(request, Role.ADMIN) or not PROVIDERS[found.provider].reads:
        return {"hook_address": "", "hook_secret": ""}
    address = absolute(reverse("hook", args=[found.pk]), request)
    return {"hook_address": address, "hook_secret": hooks.secret_of(found)}


def made_in(request: HttpRequest, found: Source) -> dict[str, Any]:
    """What was made in the portal, changed last first, and what was removed there."""
    if found.provider != "here":
        return {}
    viewer = viewer_of(request)
    rows = Entity.objects.visible_to(viewer).light().filter(source=found)
    return {
        "made": rows.order_by("-changed_at", "ref")[:MADE],
        "removed": made_here.removed(account_of(request), viewer),
    }


def progress_of(request: HttpRequest, found: Source) -> dict[str, Any]:
    """Was a reading asked for that has not come back yet, and for how long?"""
    asked = request.GET.get("asked", "")
    # Milliseconds, so that a reading just before is not taken for the answer.
    since = int(asked[:15]) / 1000 if asked.isascii() and asked.isdigit() else 0
    waited = time.time() - since
    answered = found.last_run_at is not None and found.last_run_at.timestamp() >= since
    waits = bool(since) and not answered and -60 < waited < 600
    return {
        "asked": asked,
        "waits": waits,
        "is_late": waits and waited > PATIENCE and found.busy_until is None,
        "answered": bool(since) and answered,
    }
