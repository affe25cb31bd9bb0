"""Settings: what this installation runs with, and where each value came from."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import env


@dataclass(frozen=True)
class Line:
    """One setting as it is shown; of a secret, only whether it is set."""

    name: str
    variable: str
    help: str
    value: str
    origin: str
    is_set: bool
    is_secret: bool


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """The table of settings, for reading: they are set outside."""
    current = env.current()
    context = {
        "lines": [line_of(setting, current) for setting in env.TABLE],
        "file": current.data / env.FILE_NAME,
        "version": django_settings.GREENROOM_VERSION,
    }
    return render(request, "pages/settings.html", context)


def line_of(setting: env.Setting, current: env.Env) -> Line:
    """One row of the table."""
    value = getattr(current, setting.name)
    origin = current.origins.get(setting.name)
    return Line(
        name=setting.name,
        variable=setting.variable,
        help=setting.help,
        value="" if setting.secret else text_of(value),
        origin=origin or "default",
        is_set=bool(value) if setting.secret else origin is not None,
        is_secret=setting.secret,
    )


def text_of(value: object) -> str:
    """A typed value as a person would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)
