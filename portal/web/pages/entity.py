"""The pages of one entity: overview, its YAML, and the download."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from catalog.entities.models import Finding
from portal.web import entity_head
from portal.web.panel import ASIDE, MAIN, cards
from portal.web.subject import Subject, of_entity


@require_safe
@of_entity
def overview(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """What it is, who answers for it, what it needs: one card for each."""
    context = entity_head.context(
        subject, "entity", main=cards(subject, MAIN), aside=cards(subject, ASIDE)
    )
    return render(request, "pages/entity.html", context)


@require_safe
@of_entity
def health(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """How it is now, for a page that stays open; 204 where it is not probed."""
    if subject.health is None:
        return HttpResponse(status=204)
    context = {"entity": subject.entity, "subject": subject}
    return render(request, "fragments/health.html", context)


@require_safe
@of_entity
def source_text(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """The document as its author wrote it, and where that is."""
    context = entity_head.context(
        subject, "entity-yaml", marked=marked_lines(subject), notes=warnings(subject)
    )
    return render(request, "pages/entity_yaml.html", context)


def warnings(subject: Subject) -> list[Finding]:
    """Complaints about the text that was taken."""
    return [f for f in subject.findings if f.severity != Finding.ERROR]


def marked_lines(subject: Subject) -> list[int]:
    """The lines that warnings point at, counted from the start of the document."""
    entity = subject.entity
    here = [f for f in warnings(subject) if f.line and f.path == entity.path]
    return [f.line - entity.line + 1 for f in here if f.line]


@require_safe
@of_entity
def download(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """The author's own text, as a file."""
    entity = subject.entity
    response = HttpResponse(entity.text, content_type="text/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{entity.name}.yaml"'
    response["ETag"] = etag = f'"{entity.digest}"'
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, etag=etag, response=response) or response
