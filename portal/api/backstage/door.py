"""The long way to Backstage's API: sessions, strangers, and who has no valid token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from catalog.entities import generation
from catalog.entities.access import viewer_of
from portal.accounts import asking
from portal.api.backstage import router
from portal.api.backstage.errors import BackstageError, told
from portal.api.limits import LIMIT
from portal.api.plain import Answer, Ask

_BEARER = "bearer "


class AuthenticationError(BackstageError):
    """Nobody knows who asks."""

    name, status = "AuthenticationError", 401


class TooMany(BackstageError):
    """Who asks has asked too much."""

    name, status = "TooManyRequestsError", 429


def _door(answer: Callable[[Ask], Answer]) -> Callable[..., HttpResponse]:
    # A session changes nothing here, so that no page of others can act through it.
    @csrf_exempt
    def view(request: HttpRequest, rest: str) -> HttpResponse:
        ask = Ask(
            method=request.method or "",
            path=f"/{rest}",
            viewer=viewer_of(request.user, open_house=settings.GREENROOM_PUBLIC),
            query=request.META.get("QUERY_STRING", ""),
            body=request.body,
            headers={"if-none-match": request.headers.get("If-None-Match", "")},
        )
        return _response(_answered(request, ask, answer))

    return view


def _answered(
    request: HttpRequest, ask: Ask, answer: Callable[[Ask], Answer]
) -> Answer:
    credentials = request.headers.get("Authorization", "")
    try:
        if credentials:
            return _by_token(credentials, ask, answer)
        if not ask.viewer.signed_in:
            raise AuthenticationError("Missing credentials")
        return answer(ask)
    except BackstageError as error:
        found = told(error, ask)
        wait = (("Retry-After", "60"),) if error.status == 429 else ()
        return Answer(found.status, found.body, (*found.headers, *wait))


def _by_token(credentials: str, ask: Ask, answer: Callable[[Ask], Answer]) -> Answer:
    if not credentials.lower().startswith(_BEARER):
        raise AuthenticationError("Missing credentials")
    who = asking.by_token(credentials[len(_BEARER) :].strip())
    if who is None:
        raise AuthenticationError("Illegal token")
    if not LIMIT.count(who.account):
        raise TooMany("This account has asked too much in this minute")
    with generation.read_once(who.generation):
        return answer(replace(ask, viewer=who.viewer, edits=who.edits))


def _response(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))


urlpatterns = [
    path(
        f"{prefix[1:]}/<path:rest>",
        _door(answer),
        name=f"backstage-{prefix.rpartition('/')[2]}",
    )
    for prefix, answer in (
        (router.CATALOG, router.catalog),
        (router.SEARCH, router.searching),
    )
]
