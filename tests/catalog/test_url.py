"""A source behind a URL, read from a real server on this machine."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from urllib3.connection import HTTPConnection
from urllib3.util.ssl_match_hostname import CertificateError

from catalog import http
from catalog.entities.models import Entity
from catalog.http import fetching
from catalog.sources import adding, processing
from catalog.sources.provider import SourceError
from tests.catalog.documents import document, get, text_of

Answer = Callable[[BaseHTTPRequestHandler], None]
TEXT = text_of(document())


class Server:
    """A web server whose answers a test decides."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                etag = self.headers.get("If-None-Match", "")
                outer.asked.append((self.path, etag))
                outer.pages.get(self.path, status(404))(self)

            def log_message(self, *args: object) -> None:
                """Be quiet."""

        self.web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.web.server_port}"
        threading.Thread(
            target=self.web.serve_forever, args=(0.02,), daemon=True
        ).start()


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def page(body: str | bytes, etag: str = "", **headers: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if etag and handler.headers.get("If-None-Match") == etag:
            return status(304)(handler)
        named = {"ETag": etag, **headers} if etag else headers
        status(200, **named)(handler)
        handler.wfile.write(raw)

    return answer


def drip(before_headers: bool) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if not before_headers:
            status(200)(handler)
        try:
            for _ in range(200):
                handler.wfile.write(b"a")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.web.shutdown()
    made.web.server_close()


@pytest.mark.django_db
@pytest.mark.storage
def test_a_url_is_read_again_only_when_it_changed(server):
    server.pages["/c.yaml"] = page(TEXT, '"one"')
    source = adding.add_source(f"{server.url}/c.yaml")
    assert processing.refresh(source).added == 1
    assert processing.refresh(source).unchanged == 1
    server.pages["/c.yaml"] = page(text_of(document(title="New")), '"two"')
    assert processing.refresh(source).changed == 1
    assert [etag for _, etag in server.asked] == ["", '"one"', '"one"']


@pytest.mark.django_db
@pytest.mark.storage
def test_a_refused_answer_is_never_taken_for_unchanged(server):
    server.pages["/c.yaml"] = page(TEXT, '"good"')
    source = adding.add_source(f"{server.url}/c.yaml")
    processing.refresh(source)
    server.pages["/c.yaml"] = page(text_of(document(tags=["X"])), '"bad"')
    assert processing.refresh(source).refused == 1
    server.pages["/c.yaml"] = page(TEXT, '"good"')
    assert processing.refresh(source).refused == 0
    assert source.findings.count() == 0


@pytest.mark.django_db
@pytest.mark.storage
def test_a_server_that_is_down_takes_nothing_away(server):
    location = document("Location", "l", spec={"targets": ["./sub/web.yaml"]})
    server.pages["/c.yaml"] = page(text_of(location))
    server.pages["/sub/web.yaml"] = page(TEXT)
    source = adding.add_source(f"{server.url}/c.yaml")
    assert processing.refresh(source).added == 2
    server.pages = {"/c.yaml": status(503)}
    processing.refresh(source)
    assert not Entity.objects.exclude(orphan_since=None)
    assert "503" in source.findings.get(path=f"{server.url}/c.yaml").message
    assert get("component:default/web").path == f"{server.url}/sub/web.yaml"


@pytest.mark.django_db
@pytest.mark.storage
def test_a_location_stays_on_its_host(server):
    targets = ["https://elsewhere.example/a.yaml", "http://[::1/x"]
    location = document("Location", "l", spec={"targets": targets})
    server.pages["/c.yaml"] = page(text_of(location))
    outcome = processing.refresh(adding.add_source(f"{server.url}/c.yaml"))
    assert [p.code for p in outcome.problems] == ["target", "target"]


@pytest.mark.django_db
@pytest.mark.storage
def test_an_etag_of_any_length_is_no_trouble(server):
    server.pages["/c.yaml"] = page(TEXT, '"' + "x" * 2000 + '"')
    source = adding.add_source(f"{server.url}/c.yaml")
    processing.refresh(source)
    assert processing.refresh(source).unchanged == 1


def test_redirects_are_followed_so_far(server):
    server.pages["/a"] = status(302, Location="/b")
    server.pages["/b"] = status(301, Location=f"{server.url}/c?x=1")
    server.pages["/c?x=1"] = page("found")
    assert http.fetch(f"{server.url}/a").body == b"found"
    server.pages["/b"] = status(302, Location="/a")
    with pytest.raises(http.Unreachable, match="redirects more than 5 times"):
        http.fetch(f"{server.url}/a")


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest", "file:///etc/passwd", "http://[fe80::1]/"],
)
def test_a_redirect_does_not_lead_to_closed_addresses(server, target):
    server.pages["/a"] = status(302, Location=target)
    with pytest.raises(http.Refused):
        http.fetch(f"{server.url}/a")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://8.8.8.8/",
        "ftp://127.0.0.1/",
        "http:///x",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://a b/",
        "http://127.0.0.1\r\nX: y/",
        "http://[fd00:ec2::254]/latest/meta-data",
        "http://100.100.100.200/latest/meta-data",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::1]/",
        f"http://{'a' * 70}.example/",
        "http://a..example/",
        "http://１２７.0.0.1:1/",
    ],
)
def test_closed_addresses_are_refused(url):
    with pytest.raises(http.FetchError) as caught:
        http.fetch(url, timeout=1)
    assert str(caught.value).endswith(".")


def test_the_internet_does_not_redirect_into_the_house(server, monkeypatch):
    server.pages["/a"] = status(302, Location="/b")
    server.pages["/b"] = page("inside")
    answers = iter([("127.0.0.1", True), ("127.0.0.1", False)])
    monkeypatch.setattr(fetching, "judged_address", lambda *a, **k: next(answers))
    with pytest.raises(http.Refused, match="a private address"):
        http.fetch(f"{server.url}/a")
    assert [path for path, _ in server.asked] == ["/a"]


def test_a_certificate_of_somebody_else_is_a_sentence(server, monkeypatch):
    def connect(self):
        raise CertificateError("hostname 'a' doesn't match 'b'")

    monkeypatch.setattr(HTTPConnection, "connect", connect)
    with pytest.raises(http.Unreachable, match=r"doesn't match 'b'\.$"):
        http.fetch(f"{server.url}/a")


def test_a_path_of_any_letters_is_asked_for(server):
    server.pages["/%C3%BC%20x?q=%E2%82%AC&r=%41"] = page("found")
    assert http.fetch(f"{server.url}/ü x?q=€&r=%41").body == b"found"


@pytest.mark.django_db
def test_a_password_in_a_url_is_shown_nowhere(server):
    url = server.url.replace("://", "://ada:secret@")
    with pytest.raises(http.Refused) as caught:
        http.fetch(url)
    assert "secret" not in str(caught.value)
    with pytest.raises(SourceError) as refused:
        adding.add_source(url)
    assert "secret" not in str(refused.value)
    named = adding.add_source(f"{server.url}/a.yaml?token=secret")
    assert "secret" not in named.name


def test_an_answer_that_is_too_large_is_cut_off(server):
    server.pages["/a"] = page(b"x" * (http.MAX_BYTES + 1))
    with pytest.raises(http.Unreachable, match="larger than 16 MB"):
        http.fetch(f"{server.url}/a")
    packed = gzip.compress(b"x" * (http.MAX_BYTES * 4))
    server.pages["/a"] = page(packed, **{"Content-Encoding": "gzip"})
    with pytest.raises(http.Unreachable, match="larger than 16 MB"):
        http.fetch(f"{server.url}/a")


@pytest.mark.parametrize("before_headers", [True, False])
def test_a_slow_drip_ends_in_time(server, before_headers):
    server.pages["/a"] = drip(before_headers)
    started = time.monotonic()
    with pytest.raises(http.Unreachable, match=r"slow|long|end"):
        http.fetch(f"{server.url}/a", timeout=0.5)
    assert time.monotonic() - started < 2


def test_a_server_that_says_nothing_is_given_up(server):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(http.Unreachable, match="does not answer"):
            http.fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.3)


def test_what_breaks_off_is_no_answer(server):
    server.pages["/a"] = page(b"half", **{"Content-Length": "1000"})
    with pytest.raises(http.Unreachable, match="broke off"):
        http.fetch(f"{server.url}/a")


@pytest.mark.parametrize("code", [404, 500, 204, 401])
def test_other_answers_are_named(server, code):
    server.pages["/a"] = status(code)
    with pytest.raises(http.Unreachable, match=str(code)):
        http.fetch(f"{server.url}/a")


def test_a_port_that_nobody_listens_on_is_a_sentence():
    with pytest.raises(http.Unreachable, match=r"does not answer: .*refused"):
        http.fetch("http://127.0.0.1:1/", timeout=1)


def test_an_unknown_host_is_a_sentence():
    with pytest.raises(http.Unreachable, match="not known"):
        http.fetch("https://no-such-host.invalid/")
