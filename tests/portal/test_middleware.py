"""Around every request: proxies, headers, cookies, login."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.test import Client, RequestFactory

from portal import doors
from portal.web import middleware
from portal.web.pages import csrf
from portal.wsgi import application

FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.7",
    "HTTP_X_FORWARDED_HOST": "portal.example",
    "HTTP_X_FORWARDED_PROTO": "https",
}


def behind(address: str, **headers: str) -> HttpRequest:
    """The request as views see it, from this address."""
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    middleware.TrustedProxies(view)(
        RequestFactory().get("/", REMOTE_ADDR=address, **headers)  # type: ignore[arg-type]
    )
    return seen[0]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", ""])
def test_a_listed_proxy_is_believed(address: str) -> None:
    request = behind(address, **FORWARDED)
    assert request.is_secure()
    assert request.get_host() == "portal.example"
    assert request.META["REMOTE_ADDR"] == "203.0.113.7"


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"])
def test_nobody_else_is_believed(address: str) -> None:
    request = behind(address, **FORWARDED)
    assert not request.is_secure()
    assert request.get_host() == "testserver"
    assert request.META["REMOTE_ADDR"] == address


def test_what_the_proxy_did_not_add_is_not_believed() -> None:
    forged = {
        "HTTP_X_FORWARDED_FOR": "1.1.1.1, 203.0.113.7, 127.0.0.9",
        "HTTP_X_FORWARDED_HOST": "evil.example, portal.example",
        "HTTP_X_FORWARDED_PROTO": "https, http",
    }
    request = behind("127.0.0.1", **forged)
    assert request.META["REMOTE_ADDR"] == "203.0.113.7"
    assert request.get_host() == "portal.example"
    assert not request.is_secure()


def test_the_list_of_proxies_is_a_setting(settings: Any) -> None:
    settings.GREENROOM_TRUSTED_PROXIES = (ipaddress.ip_network("10.0.0.0/8"),)
    assert behind("10.1.2.3", **FORWARDED).is_secure()
    assert not behind("127.0.0.1", **FORWARDED).is_secure()


def answer(
    wrap: Callable[[middleware.Next], Callable[[HttpRequest], HttpResponseBase]],
    secure: bool,
) -> HttpResponseBase:
    """What a view that sets a cookie answers through one middleware."""

    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response.set_cookie("a", "b")
        return response

    return wrap(view)(RequestFactory().get("/", secure=secure))


def test_cookies_are_secure_over_tls_and_never_elsewhere() -> None:
    assert answer(middleware.SecureCookies, True).cookies["a"]["secure"]
    assert not answer(middleware.SecureCookies, False).cookies["a"]["secure"]


def test_every_answer_has_a_strict_policy(client: Client) -> None:
    headers = client.get("/healthz").headers
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.django_db
def test_pages_need_a_login(client: Client, django_user_model: Any) -> None:
    django_user_model.objects.create_user("ada", "correct horse battery")
    response = client.get("/me/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login/?next=/me/"


@pytest.mark.django_db
def test_a_fragment_sends_the_whole_page_to_the_login(
    client: Client, django_user_model: Any
) -> None:
    django_user_model.objects.create_user("ada", "correct horse battery")
    response = client.get(
        "/me/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/me/"},
    )
    assert response.status_code == 200
    assert response.headers["HX-Redirect"].startswith("/login/?next=")


def test_an_open_house_opens_reading_only(settings: Any) -> None:
    assert not middleware.is_open(doors.of_page("catalog"))
    settings.GREENROOM_PUBLIC = True
    assert middleware.is_open(doors.of_page("catalog"))
    assert not middleware.is_open(doors.of_page("sources"))
    assert not middleware.is_open(doors.of_page("people"))


def test_a_page_that_nobody_listed_is_for_administrators() -> None:
    assert doors.of_page("brand-new").policy is doors.Policy.ADMIN
    assert doors.of_operation("GET", "api/v1/new").policy is doors.Policy.ADMIN
    assert doors.of_page("admin:index").policy is doors.Policy.ADMIN


@pytest.mark.django_db
def test_readiness_says_whether_set_up_is_to_come(
    client: Client, django_user_model: Any
) -> None:
    assert client.get("/readyz").json()["setup"] is True
    django_user_model.objects.create_user("ada", "correct horse battery")
    assert client.get("/readyz").json()["setup"] is False


def refused(**headers: str) -> str:
    """The page about a form that came with these headers and no token."""
    request = RequestFactory().post("/login/", **headers)  # type: ignore[arg-type]
    guard = CsrfViewMiddleware(lambda r: HttpResponse())
    response = guard.process_view(request, lambda r: HttpResponse(), (), {})
    assert isinstance(response, HttpResponse | HttpResponseForbidden)
    assert response.status_code == 403
    return response.content.decode()


def test_a_refused_form_behind_a_proxy_says_what_to_set() -> None:
    page = refused(HTTP_ORIGIN="https://portal.example")
    assert "GREENROOM_URL=https://portal.example" in page
    assert "GREENROOM_TRUSTED_PROXIES" in page
    assert "http://testserver" in page


def test_a_refused_form_without_a_token_says_to_load_again() -> None:
    page = refused(HTTP_ORIGIN="http://testserver")
    assert "load the page again" in page
    assert "GREENROOM_URL" not in page


def test_the_failure_view_is_the_one_of_the_settings() -> None:
    assert f"{csrf.__name__}.failure" == settings.CSRF_FAILURE_VIEW


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/deep/er/healthz"])
def test_a_sub_path_works_whether_the_proxy_strips_it_or_not(
    settings: Any, path: str
) -> None:
    settings.FORCE_SCRIPT_NAME = "/deep/er"
    environ = RequestFactory().get(path).environ
    statuses: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        statuses.append(status)

    application(environ, start_response)
    assert statuses == ["200 OK"]
