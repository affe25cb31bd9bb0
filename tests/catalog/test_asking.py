"""The event loop's client: classes of failure, limits, redirects, closed addresses."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from catalog.http import asking
from catalog.http.asking import Client
from catalog.http.exchange import Failed, Request
from tests.catalog.loopback import HANGS, serving


def ask(*requests: Request) -> list[Any]:
    """Each request's reply or failure, asked at the same time."""

    async def all_of_them() -> list[Any]:
        client = Client()
        try:
            return await asyncio.gather(
                *(client.ask(one) for one in requests), return_exceptions=True
            )
        finally:
            await client.close()

    return asyncio.run(all_of_them())


def test_a_reply_has_its_phases():
    with serving(get={"/a": (200, "hello")}) as server:
        (reply,) = ask(Request(f"{server.url}/a"))
    assert reply.status == 200 and reply.body == b"hello"
    phases = reply.timings
    assert 0 < phases.connected <= phases.first_byte <= phases.total


def test_any_status_is_an_answer():
    with serving(get={"/a": (503, "no")}) as server:
        (reply,) = ask(Request(f"{server.url}/a"))
    assert reply.status == 503


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://169.254.169.254/latest", "not-allowed"),
        ("http://[fe80::1]/", "not-allowed"),
        ("http://[::ffff:169.254.169.254]/", "not-allowed"),
        ("http://0.0.0.0/", "not-allowed"),
        ("http://100.100.100.200/", "not-allowed"),
        ("http://8.8.8.8/", "not-allowed"),
        ("http://2130706433/", "not-allowed"),
        ("ftp://127.0.0.1/", "not-allowed"),
        ("http://user:secret@127.0.0.1/", "not-allowed"),
        ("http://no-such-host.invalid/", "dns"),
    ],
)
def test_what_is_never_asked(url, error):
    (failed,) = ask(Request(url, timeout=5))
    assert isinstance(failed, Failed)
    # An address in a form of old may be called unknown instead of closed.
    assert failed.error == error or (error, failed.error) == ("not-allowed", "dns")
    assert "secret" not in failed.message


def test_a_name_that_leads_to_a_closed_address(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
    (failed,) = ask(Request("http://harmless.lan/"))
    assert failed.error == "not-allowed"


def test_a_refused_connection(closed_port):
    (failed,) = ask(Request(f"http://127.0.0.1:{closed_port}/"))
    assert failed.error == "refused"


def test_silence_is_late_and_holds_nobody_else():
    with serving(get={"/hang": HANGS, "/a": (200, "x")}) as server:
        late, quick = ask(
            Request(f"{server.url}/hang", timeout=0.4), Request(f"{server.url}/a")
        )
    assert late.error == "first-byte-timeout" and late.timings.connected is not None
    assert quick.status == 200 and quick.timings.total < 300


def test_a_large_body_is_cut():
    with serving(get={"/a": (200, "x" * 5000)}) as server:
        (failed,) = ask(Request(f"{server.url}/a", max_bytes=1000))
    assert failed.error == "too-large"


def test_a_redirect_stays_with_its_host():
    with serving() as other, serving() as server:
        server.answers["GET /a"] = (307, "", {"Location": "/a/"})
        server.answers["GET /a/"] = (200, "there")
        server.answers["GET /b"] = (302, "", {"Location": f"{other.url}/stolen"})
        key = {"Authorization": "Bearer key"}
        near, far = ask(
            Request(f"{server.url}/a", headers=key),
            Request(f"{server.url}/b", headers=key),
        )
    assert near.body == b"there"
    assert far.status == 302 and not other.heard


def test_a_redirect_without_end_ends():
    with serving(get={"/a": (302, "", {"Location": "/a"})}) as server:
        (reply,) = ask(Request(f"{server.url}/a"))
    assert reply.status == 302 and len(server.heard) == asking.MAX_REDIRECTS + 1


def test_tls_with_somebody_who_speaks_none():
    with serving() as server:
        (failed,) = ask(Request(f"https://127.0.0.1:{server.port}/", timeout=2))
    assert failed.error in ("tls", "broken-off")


def test_a_form_carries_a_file():
    with serving(post={"/t": (200, {"text": ""})}) as server:
        request = Request(
            f"{server.url}/t", "POST", form={"model": "m"}, file=b"RIFFdata"
        )
        (reply,) = ask(request)
        body = server.heard[0][2]
    assert reply.status == 200 and b"RIFFdata" in body and b'name="model"' in body
