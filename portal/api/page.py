"""The reference of the API as a page of the help, made from its description."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.accounts.links import absolute
from portal.api.described import described
from portal.web.pages import help as help_pages
from techdocs.markdown import Heading


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters, answers and an example; every shape."""
    found = described()
    headings = []
    for group in found.groups:
        headings.append(Heading(2, group.anchor, group.title))
        headings += [Heading(3, one.anchor, one.summary) for one in group.operations]
    headings.append(Heading(2, "shapes", "Shapes"))
    context = {
        "groups": found.groups,
        "shapes": found.shapes,
        "base": absolute(reverse("api:api-root"), request),
        **help_pages.frame(help_pages.API_PAGE, headings),
    }
    return render(request, "pages/help_api.html", context)
