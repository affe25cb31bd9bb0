"""Starring an entity, and taking the star away."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.accounts import stars
from portal.web.gate import account_of
from portal.web.jinja import entity_url
from portal.web.partial import wants_part
from portal.web.subject import Subject, of_entity


@require_POST
@of_entity
def star(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """Star it or not, as `star` says; then the page of the entity that it came from."""
    is_on = request.POST.get("star") == "on"
    stars.put(account_of(request), subject.entity.ref, on=is_on)
    home = entity_url(subject.entity)
    back = request.POST.get("next", "")
    # Only pages of this entity: the address was sent by a form.
    back = back if back.startswith(home) else home
    if wants_part(request):
        context = {"entity": subject.entity, "is_starred": is_on, "back": back}
        return render(request, "fragments/star_button.html", context)
    return redirect(back)
