"""The door of scrapers, /metrics, and the page that says how one comes in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from catalog.entities.viewer import EVERYTHING, Viewer
from portal.accounts import links
from portal.accounts import metrics as door
from portal.accounts.refusal import Refusal
from portal.web.gate import account_of, viewer_of
from portal.web.scrape import exposition

REFUSED = (
    "This needs the token of /settings/metrics/ as “Authorization: Bearer …”, or a "
    "login.\n"
)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics: all of them for the token, else what the account may see."""
    try:
        viewer = reader(request)
    except Refusal as refusal:
        return HttpResponse(f"{refusal}\n", "text/plain; charset=utf-8", status=429)
    if viewer is None:
        response = HttpResponse(REFUSED, "text/plain; charset=utf-8", status=401)
        response["WWW-Authenticate"] = 'Bearer realm="Greenroom metrics"'
        return response
    return HttpResponse(exposition(viewer), CONTENT_TYPE_LATEST)


def reader(request: HttpRequest) -> Viewer | None:
    """Who reads, by token or login; nobody without either."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        address = request.META.get("REMOTE_ADDR", "")
        return EVERYTHING if door.opens(given.strip(), address) else None
    return viewer_of(request) if request.user.is_authenticated else None


@never_cache
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """The token, and the lines for the scraper's own configuration."""
    origin = links.origin(request)
    context = {
        "door": door.door(),
        "token": door.token(),
        "address": links.absolute(reverse("metrics"), request),
        "config": scrape_config(origin, reverse("metrics"), door.token()),
    }
    return render(request, "pages/metrics.html", context)


def scrape_config(origin: str, path: str, token: str) -> str:
    """A job for prometheus.yml."""
    scheme, _, host = origin.partition("://")
    return f"""\
scrape_configs:
  - job_name: greenroom
    scheme: {scheme}
    metrics_path: {path}
    authorization:
      credentials: {token}
    static_configs:
      - targets: ["{host}"]
"""


@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Make a new token."""
    door.renew(account_of(request))
    messages.success(
        request, "There is a new token; the old one is refused from now on."
    )
    return redirect("metrics-settings")
