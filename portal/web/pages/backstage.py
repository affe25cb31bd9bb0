"""Connect Backstage: lines for its configuration, who reads, what does not go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from portal.accounts import links
from portal.projections import doors
from portal.projections.doors import LastRead
from portal.projections.models import ExportDoor
from portal.projections.profile import DEFAULT, PROFILES, Profile
from portal.projections.targets.backstage import ROOT, Backstage
from portal.web.account_forms import refusals_of
from portal.web.gate import account_of
from portal.web.pages.export import projection_for

TARGET = Backstage.name
MOST_LEFT_OUT = 100
MOST_CHANGES = 30
MOST_LINES = 200
# Stands for a token that nobody can read again.
HERE = "TOKEN"


class TokenForm(forms.Form):
    """What a token is for, and what is read with it."""

    title = forms.CharField(
        label="What for",
        max_length=100,
        help_text="So that you know it again: “Backstage of the lab”.",
    )
    sight = forms.ChoiceField(
        label="It reads",
        choices=ExportDoor.SIGHTS,
        initial=ExportDoor.SIGNED_IN,
        help_text="Backstage shows what it reads to everyone who can open it.",
    )


@dataclass(frozen=True)
class Way:
    """A door with who came through it."""

    door: ExportDoor
    read: list[LastRead]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """The page; a new token is shown on the answer that made it, and never again."""
    form = TokenForm(request.POST or None)
    made, text = None, ""
    if form.is_valid():
        with refusals_of(form):
            made, text = doors.make(account_of(request), **form.cleaned_data)
            form = TokenForm()
    profile = profile_of(request)
    door = made or door_of(request)
    projection = projection_for(door, TARGET, profile.name, request)
    left = projection.left_out()
    address = address_of(request, profile, door, text or HERE)
    open_doors = doors.open_doors()
    profiles = sorted(PROFILES.values(), key=lambda one: one.name != DEFAULT)
    context = {
        "form": form,
        "made": made,
        "profile": profile,
        "profile_choices": [(p.name, p.title, p.summary) for p in profiles],
        "door": door,
        "door_choices": [(one.pk, one.title) for one in open_doors],
        "ways": [Way(one, doors.last_read(one, TARGET)) for one in open_doors],
        "address": address,
        "config": app_config(links.origin(request), address, profile),
        "module": profile.settings(),
        "left": left[:MOST_LEFT_OUT],
        "left_number": len(left),
        "has_token": bool(text) or door.is_public,
    }
    status = 422 if form.errors else 200
    return render(request, "pages/backstage.html", context, status=status)


@never_cache
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What is different from what was last read through a door; all of it at first."""
    profile, door = profile_of(request), door_of(request)
    projection = projection_for(door, TARGET, profile.name, request)
    files = doors.texts_read(door, TARGET, profile.name)
    before = projection.taken_apart(files)
    context: dict[str, Any] = {
        "profile": profile,
        "door": door,
        "was_read": bool(before),
        "found": projection.difference(before, MOST_CHANGES) if before else None,
        "preview": [] if before else projection.preview(MOST_CHANGES),
        "most_lines": MOST_LINES,
    }
    return render(request, "pages/backstage_changes.html", context)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody gets in with it any more."""
    door = get_object_or_404(doors.tokens(), pk=pk)
    doors.revoke(door, account_of(request))
    messages.success(request, f"The token “{door.title}” is revoked.")
    return redirect("backstage")


def profile_of(request: HttpRequest) -> type[Profile]:
    """The form that is chosen, or the plain one."""
    name = request.GET.get("profile", "")
    return PROFILES[name if name in PROFILES else DEFAULT]


def door_of(request: HttpRequest) -> ExportDoor:
    """The door that is chosen, or the newest token, or the door without one."""
    chosen = request.GET.get("door", "")
    found = doors.open_doors()
    return next((one for one in found if str(one.pk) == chosen), found[0])


def address_of(
    request: HttpRequest, profile: type[Profile], door: ExportDoor, token: str
) -> str:
    """Where Backstage reads."""
    parts = {"target": TARGET, "profile": profile.name, "file": ROOT}
    if door.is_public:
        path = reverse("export", kwargs=parts)
    else:
        path = reverse("export-with-token", kwargs={**parts, "token": token})
    return links.absolute(path, request)


def app_config(origin: str, address: str, profile: type[Profile]) -> str:
    """The lines for app-config.yaml. Without a port Backstage takes the usual one."""
    host = origin.partition("://")[2]
    folder = address.removeprefix(origin).partition("/export/")[0] + "/export/"
    return f"""\
backend:
  reading:
    allow:
      - host: {host}
        paths: ['{folder}']
catalog:
  locations:
    - type: url
      target: {address}
      rules:
        - allow: [{", ".join(profile.kinds())}]
"""
