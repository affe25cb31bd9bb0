"""Deciding what a document leaves open, for an entity that is declared elsewhere."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from catalog.entities.decisions import DECISIONS
from catalog.entities.models import Entity
from catalog.sources import enriching
from catalog.sources.processing import cause_of
from portal.web.gate import account_of, viewer_of
from portal.web.jinja import entity_url

DOOR = "decision"


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, namespace: str, kind: str, name: str) -> HttpResponse:
    """Say a field, or take it back; its document is not touched."""
    visible = Entity.objects.visible_to(viewer_of(request)).select_related("source")
    entity = get_object_or_404(visible, ref=f"{kind}:{namespace}/{name}")
    error = ""
    given = request.POST
    if request.method == "POST":
        reason = given.get("reason", "").strip()
        cause = cause_of(DOOR, account_of(request), reason)
        key = given.get("field", "")
        try:
            if "take_back" in given:
                enriching.take_back(entity, key, cause)
            else:
                enriching.say(entity, key, given.get(f"value-{key}", ""), cause)
        except enriching.Held as held:
            error = str(held)
        else:
            messages.success(request, f"{entity.label} is decided.")
            return redirect(entity_url(entity))
    context = {
        "entity": entity,
        "error": error,
        "open": [one for one in DECISIONS if enriching.may_say(entity, one)],
        "said": enriching.said_about(entity),
        "given": given,
    }
    return render(request, "pages/entity_decide.html", context)
