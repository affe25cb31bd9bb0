"""What happens around every request: proxies, headers, cookies, who looks, who may."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from catalog import refs
from catalog.entities import generation
from catalog.entities.access import viewer_of
from catalog.entities.models import Entity
from portal import doors
from portal.accounts import setup
from portal.doors import Door, Policy
from portal.web import gate

STATUS = frozenset({Policy.BADGE, Policy.STATUS})
READ_IN_OPEN_HOUSE = STATUS | {Policy.OF_ENTITY, Policy.READING}
Next = Callable[[HttpRequest], HttpResponseBase]

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_PORT",
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class TrustedProxies:
    """Believe X-Forwarded headers from listed proxies only; forget them otherwise."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_trusted(request.META.get("REMOTE_ADDR", "")):
            believe(request)
        else:
            for name in FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)


def is_trusted(address: str) -> bool:
    """Whether this address is one of the listed proxies."""
    try:
        peer = ipaddress.ip_address(address)
    except ValueError:
        # A Unix socket has no address: only this machine can reach it.
        return address == ""
    mapped = getattr(peer, "ipv4_mapped", None)
    return any((mapped or peer) in net for net in settings.GREENROOM_TRUSTED_PROXIES)


def believe(request: HttpRequest) -> None:
    """Take over what the nearest proxy says; what stands left of it may be forged."""
    for name in ("HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO"):
        if name in request.META:
            request.META[name] = request.META[name].split(",")[-1].strip()
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    for hop in (hop.strip() for hop in reversed(hops)):
        if hop:
            request.META["REMOTE_ADDR"] = hop
        if not is_trusted(hop):
            break


class SmallBodies:
    """Refuse what is too large before it is read: Django keeps files of any size, even
    those that a stranger sends to the login."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if not length.isascii() or not length.isdigit() or int(length[:15]) > most:
            raise RequestDataTooBig("The body of the request is too large.")
        return self.get_response(request)


class SecureCookies:
    """Mark cookies Secure where the reader came by TLS, and never elsewhere."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response


class SecurityHeaders:
    """The content security policy and its companions, on every response."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class Viewers:
    """`request.viewer`: who looks, as the catalog sees it; asked for when used."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        look = partial(viewer_behind, request)
        setattr(request, "viewer", SimpleLazyObject(look))  # noqa: B010
        with generation.read_once():
            return self.get_response(request)


def viewer_behind(request: HttpRequest) -> Any:
    """The viewer of this request."""
    return viewer_of(request.user, open_house=settings.GREENROOM_PUBLIC)


class LoginRequired:
    """Opens each door to those whom the list of doors names, and to nobody else."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        door = doors.of_page(name)
        # The API asks the list by itself: it answers in JSON, and takes tokens.
        if door.policy is Policy.ANYBODY or name.startswith("api:"):
            return None
        if request.user.is_authenticated:
            gate.check(request, door)
            return None
        if setup.is_needed():
            return whole_page(request, resolve_url("setup-needed"))
        if is_open(door) or is_public_entity(request, door, view_kwargs):
            return None
        return to_login(request)


def to_login(request: HttpRequest) -> HttpResponseBase:
    """The login, and back from there; a fragment takes its page with it."""
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    here = request.headers.get("HX-Current-URL") or request.get_full_path()
    query = urlencode({"next": here})
    return whole_page(request, f"{resolve_url(settings.LOGIN_URL)}?{query}")


def whole_page(request: HttpRequest, address: str) -> HttpResponse:
    """Lead there, out of a fragment too: it must not show a page inside the page."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def is_public_entity(request: HttpRequest, door: Door, parts: dict[str, Any]) -> bool:
    """Whether a page shows one entity that is declared `public`."""
    if door.policy not in (Policy.OF_ENTITY, Policy.BADGE):
        return False
    ref = str(refs.Ref(parts["kind"], parts["namespace"], parts["name"]))
    viewer = viewer_behind(request)
    return Entity.objects.visible_to(viewer).filter(ref=ref).exists()


def is_open(door: Door) -> bool:
    """Whether a stranger may open this door, as the settings are now."""
    return (
        door.policy is Policy.ANYBODY
        or (settings.GREENROOM_PUBLIC and door.policy in READ_IN_OPEN_HOUSE)
        or (settings.GREENROOM_STATUS_PUBLIC and door.policy in STATUS)
    )
