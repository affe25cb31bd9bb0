"""Removing an entity that was made in the portal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from catalog.entities.models import Entity
from catalog.sources import made_here
from catalog.sources.provider import SourceError
from portal.web.gate import account_of, viewer_of
from portal.web.jinja import entity_url


@require_POST
def remove(request: HttpRequest, namespace: str, kind: str, name: str) -> HttpResponse:
    """Take it away, and show where it can be brought back."""
    viewer = viewer_of(request)
    visible = Entity.objects.visible_to(viewer).select_related("source", "identity")
    entity = get_object_or_404(visible, ref=f"{kind}:{namespace}/{name}")
    try:
        made_here.remove(entity, account_of(request), viewer)
    except SourceError as error:
        messages.error(request, str(error))
        return redirect(entity_url(entity))
    messages.success(
        request,
        f"{entity.label} was removed. What named it shows a missing relation now. "
        "Its history keeps the text: Restore, below, brings it back.",
    )
    return redirect("source", entity.source_id)
