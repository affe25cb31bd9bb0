"""Paste YAML: what it would change, then taking the good and keeping the bad."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalog.sources import pasting, processing
from portal.accounts.models import Role
from portal.web.gate import account_of, needs, viewer_of
from portal.web.jinja import entity_url
from portal.web.partial import render_part

EXAMPLE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: my-service
  description: What it does, in one sentence.
spec:
  type: service
  lifecycle: production
  owner: group:default/my-team
"""


@needs(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """Preview by default; the button `take` declares what is good."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    context: dict[str, Any] = {"text": text, "plan": None}
    if request.method == "POST" and not text.strip():
        context["error"] = "There is nothing in the field: paste YAML or drop a file."
    elif request.method == "POST" and "take" in request.POST:
        return taken(request, text)
    elif request.method == "POST":
        context["plan"] = processing.preview_text(text, viewer=viewer_of(request))
    return show(request, context)


def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The page, or for htmx only the plan."""
    context = {"error": "", "taken": None, "example": EXAMPLE, **context}
    return render_part(
        request, "pages/source_paste.html", "fragments/paste_plan.html", context
    )


def taken(request: HttpRequest, text: str) -> HttpResponse:
    """Take what is good. What was refused stays in the field, to be mended."""
    author, viewer = account_of(request), viewer_of(request)
    outcome, left = pasting.take(text, author=author, viewer=viewer)
    if not left:
        messages.success(request, f"Taken: {outcome.summary}.")
        return redirect(address_of(outcome.refs))
    plan = processing.preview_text(left, viewer=viewer)
    context = {"text": left, "plan": plan, "taken": outcome if outcome.refs else None}
    return show(request, context)


def address_of(taken_refs: list[str]) -> str:
    """The entity that was taken, or the catalog with what changed last first."""
    if len(taken_refs) == 1:
        return entity_url(taken_refs[0])
    return f"{reverse('catalog')}?sort=-changed"
