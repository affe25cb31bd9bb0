"""What asks no model: HTTP, heartbeat, and Wyoming's events over TCP."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from catalog.probes import clock, words
from catalog.probes.clock import lasting
from catalog.probes.declaring import declared
from catalog.probes.prober import Found, named
from catalog.probes.probers.http import HttpSettings, bounded, steps
from tests.catalog.standins import Standin, hang, huge, look_at, seen

ANSWER = {"status": "ok", "checks": [{"name": "db", "up": True}], "version": "2.14"}


@pytest.mark.parametrize(
    ("options", "verdict", "error"),
    [
        ({}, words.OK, ""),
        ({"path": "/gone"}, words.BAD, words.NOT_FOUND),
        ({"path": "/gone", "status": [200, 404]}, words.OK, ""),
        ({"status": [204]}, words.BAD, words.BAD_STATUS),
        ({"contains": '"ok"'}, words.OK, ""),
        ({"contains": "fine"}, words.BAD, words.CONDITION),
        ({"matches": r"version.*2\.\d"}, words.OK, ""),
        ({"matches": r"version.*3\.\d"}, words.BAD, words.CONDITION),
        ({"json_path": "checks[0].up"}, words.OK, ""),
        ({"json_path": "checks[0].up", "equals": True}, words.OK, ""),
        ({"json_path": "checks[0].up", "equals": 1}, words.BAD, words.CONDITION),
        ({"json_path": "checks[1].up"}, words.BAD, words.CONDITION),
        ({"json_path": "status.up"}, words.BAD, words.CONDITION),
        ({"json_path": "status", "equals": "ok"}, words.OK, ""),
        ({"path": "/text", "json_path": "status"}, words.BAD, words.BAD_BODY),
        ({"path": "/away"}, words.BAD, words.BAD_STATUS),
        ({"path": "/away", "status": [302]}, words.OK, ""),
        ({"path": "/huge"}, words.BAD, "too-large"),
        ({"path": "/key"}, words.DEGRADED, words.KEY_WRONG),
    ],
)
def test_http(options: dict[str, Any], verdict: str, error: str) -> None:
    """Status, body and value, as declared."""

    async def away(_: web.Request) -> web.StreamResponse:
        # To another port of the same host: not followed.
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"})

    given = {
        "GET /": ANSWER,
        "GET /text": "status: ok",
        "GET /away": away,
        "GET /huge": huge,
        "GET /key": (403, "no"),
    }
    path = {"path": "/", **options}
    found, _ = seen("http", given, "alive", options=path)
    assert (found.verdict, found.error) == (verdict, error)
    assert bool(found.detail) == (verdict != words.OK)


def test_http_head_and_silence() -> None:
    """HEAD has no body; a server that hangs is named so."""
    found, standin = seen("http", {"HEAD /": ""}, "alive", options={"method": "HEAD"})
    assert found.verdict == words.OK and standin.asked == ["HEAD /"]
    found, _ = seen("http", {"GET /": hang}, "alive", timeout=0.3)
    assert found.error == "first-byte-timeout"


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a*)*b", "a*b*c*d", "a?" * 25, r"(a)\1", "(", "(a|aa)+", "(?P<n>a){9}"],
)
def test_a_pattern_that_could_hold_up_the_loop_is_refused(pattern: str) -> None:
    """By what it is, with a reason."""
    with pytest.raises(ValueError, match="it "):
        bounded(pattern)
    with pytest.raises(ValidationError):
        HttpSettings.model_validate({"matches": pattern})


def test_the_worst_pattern_that_is_allowed_is_quick() -> None:
    """On the worst answer that is read."""
    worst = "\n".join(["a" * 65_000])
    given = {"GET /": worst}
    options = {"path": "/", "matches": "a?a*b"}
    began = clock.now()
    found, _ = seen("http", given, "alive", options=options, timeout=10)
    assert found.error == words.CONDITION
    assert clock.now() - began < 2000


def test_a_pattern_is_found_far_out_in_a_long_line() -> None:
    """An answer is often one line."""
    for at in (0, 130, 150, 290, 310, 9000):
        given = {"GET /": " " * at + "version: 2.14"}
        options = {"path": "/", "matches": r"version: 2\.\d+$"}
        assert seen("http", given, "alive", options=options)[0].verdict == words.OK


def test_settings_of_http_that_do_not_fit_are_named() -> None:
    """What, where, and what to do."""
    assert steps("checks[0].a.b[2][3]") == ["checks", 0, "a", "b", 2, 3]
    for bad in ("a..b", "[x]", "a[", "a]b", ".", "a[0]b"):
        assert steps(bad) == []
    for options, said in (
        ({"equals": 1}, "equals needs json_path"),
        ({"method": "HEAD", "contains": "x"}, "use GET"),
        ({"path": "healthz"}, "begin with /"),
        ({"method": "POST"}, "GET"),
    ):
        entry = {"type": "http", "url": "http://a.lan", **options}
        (found,) = declared({"spec": {"probes": [entry]}})
        assert said in found.fault


def test_a_heartbeat() -> None:
    """Never, in time, late, and failed."""
    options = {"period": 60, "grace": 30}

    def beat(**memory: Any) -> Found:
        return asyncio.run(
            look_at("heartbeat", "", "alive", options=options, memory=memory)
        )

    now = clock.now()
    assert beat().verdict == words.UNCHECKED and "No ping yet" in beat().detail
    assert beat(pinged_at=now - 80_000).verdict == words.OK
    late = beat(pinged_at=now - 95_000)
    assert (late.verdict, late.error, late.sure) == (words.BAD, words.NOT_PINGED, True)
    assert "1 min 35 s ago" in late.detail
    failed = beat(pinged_at=now, failed="disk full")
    assert (failed.verdict, failed.sure) == (words.BAD, True)
    assert "disk full" in failed.detail
    assert late.memory is None and failed.memory is None
    assert lasting(90_000_000) == "1 d 1 h" and lasting(0) == "0 s"


def test_names_that_people_write() -> None:
    """In any case, and by what the project calls itself."""
    for said, meant in (
        ("llama.cpp", "llama-cpp"),
        ("text-embeddings-inference", "tei"),
        ("Speaches", "whisper"),
        ("faster-whisper", "whisper"),
        ("vLLM", "vllm"),
        ("nonsense", "nonsense"),
    ):
        assert named(said) == meant
    note = {"metadata": {"annotations": {"greenroom/probe": "Llama.cpp http://a:1"}}}
    assert [one.prober for one in declared(note)] == ["llama-cpp"]


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
INFO = {
    "asr": [
        {
            "name": "faster-whisper",
            "version": "3.8.1",
            "models": [
                {"name": "/models/large-v3", "installed": True},
                {"name": "tiny", "installed": False},
            ],
        }
    ],
    "tts": [],
}


def event(kind: str, data: Any = None, payload: bytes = b"") -> bytes:
    """One event as bytes."""
    body = json.dumps(data).encode() if data is not None else b""
    header = {"type": kind, "version": "1.10.2"}
    sizes = {"data_length": len(body), "payload_length": len(payload)}
    return json.dumps({**header, **sizes}).encode() + b"\n" + body + payload


async def read(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """The next event: its type and payload."""
    header = json.loads(await reader.readline())
    await reader.readexactly(header.get("data_length") or 0)
    payload = await reader.readexactly(header.get("payload_length") or 0)
    return header["type"], payload


def speaking(
    info: Any = INFO,
    transcript: bytes = event("transcript", {"text": ""}),
    cut: int = 0,
) -> Talk:
    """A server that describes itself and transcribes; `cut` sends that many bytes at a
    time."""

    async def send(writer: asyncio.StreamWriter, content: bytes) -> None:
        for at in range(0, len(content), cut or len(content)):
            writer.write(content[at : at + (cut or len(content))])
            await writer.drain()
            await asyncio.sleep(0)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = b""
        while True:
            kind, payload = await read(reader)
            heard += payload
            if kind == "describe":
                await send(
                    writer, event("noise", None, b"x" * 99) + event("info", info)
                )
            if kind == "audio-stop":
                assert len(heard) == 32_000
                await send(writer, transcript)

    return talk


def wyoming(talk: Talk, level: str, **given: Any) -> tuple[Found, list[str]]:
    """What is found at a server that talks so, and the log."""
    log: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    async def run() -> Found:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            url = f"tcp://127.0.0.1:{port}"
            return await look_at("wyoming", url, level, log, **given)
        finally:
            server.close()

    return asyncio.run(run()), log


@pytest.mark.parametrize("cut", [0, 1])
def test_wyoming(cut: int) -> None:
    """Whole events and single bytes are the same; an empty text is a text."""
    alive, _ = wyoming(speaking(cut=cut), "alive")
    assert (alive.verdict, alive.version, alive.kind) == (words.OK, "3.8.1", "wyoming")
    found, log = wyoming(speaking(cut=cut), "serving", options={"model": "large-v3"})
    assert (found.verdict, found.error) == (words.OK, "")
    assert found.models == ["/models/large-v3"] and found.latency
    assert any(line.startswith("← transcript") for line in log)
    other, _ = wyoming(speaking(), "serving", options={"model": "tiny"})
    assert other.error == words.WRONG_MODEL


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes everything and says nothing."""
    await reader.read()


async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up."""
    await reader.readline()


def saying(content: bytes) -> Talk:
    """Says this to everybody."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        await reader.read()

    return talk


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (silent, "first-byte-timeout"),
        (rude, "broken-off"),
        (saying(b"HTTP/1.1 400 Bad Request\r\n"), words.BAD_BODY),
        (saying(b"x" * 200_000), words.BAD_BODY),
        (saying(b'{"type": "info", "data_length": 99999999}\n'), words.BAD_BODY),
        (saying(b'{"type": "info", "data_length": -1}\n'), words.BAD_BODY),
        (saying(b'{"type": "info", "data_length": 9}\n{"a'), "first-byte-timeout"),
        (saying(b"[1]\n"), words.BAD_BODY),
        (saying(event("noise") * 500), words.BAD_BODY),
        (saying(event("error", {"text": "no"})), words.SERVER_ERROR),
    ],
)
def test_wyoming_that_is_none(talk: Talk, error: str) -> None:
    """Silence, noise, and too much of it: bad, with a reason, and never for long."""
    found, _ = wyoming(talk, "alive", timeout=0.5)
    assert (found.verdict, found.error) == (words.BAD, error)
    assert found.detail


def test_wyoming_that_speaks_and_does_not_listen() -> None:
    """A server for other things is alive, and not asked to transcribe."""
    piper = speaking({"tts": [{"name": "piper"}], "asr": []})
    assert wyoming(piper, "alive")[0].verdict == words.OK
    found, _ = wyoming(piper, "serving")
    assert found.verdict == words.UNCHECKED and "It offers tts" in found.detail
    broken = speaking(transcript=event("transcript", {}))
    assert wyoming(broken, "serving")[0].error == words.BAD_BODY


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for loopback that ends in ten days, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "own.pem", folder / "own.key"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
    command += "-nodes -days 10 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    parts = [*command.split(), "-out", str(made[0]), "-keyout", str(made[1])]
    subprocess.run(parts, check=True, capture_output=True)
    return made


@pytest.mark.parametrize(
    ("options", "verdict", "error"),
    [
        ({}, words.DEGRADED, words.CERTIFICATE),
        ({"certificate_days": 5}, words.OK, ""),
        ({"ca": ""}, words.BAD, "tls"),
        ({"ca": "", "tls": "unverified"}, words.OK, ""),
    ],
)
def test_a_certificate_that_ends_soon(
    certificate: tuple[Path, Path], options: dict[str, Any], verdict: str, error: str
) -> None:
    """Degraded, with the days that are left."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    given = {"path": "/", "ca": certificate[0].read_text(), **options}
    standin = Standin({"GET /": "small"})

    async def run() -> Found:
        async with standin.running(context):
            return await look_at("http", standin.url, "alive", options=given)

    found = asyncio.run(run())
    assert (found.verdict, found.error) == (verdict, error), found.detail
    if error == words.CERTIFICATE:
        assert found.load and 9 < found.load["certificate_days"] < 10.1
        assert "14 are wanted" in found.detail
