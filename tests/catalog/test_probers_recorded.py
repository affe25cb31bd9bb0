"""Each prober at the answers that real servers gave: recordings of tests/nodes."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from catalog.probes import words
from catalog.probes.prober import Found
from tests.catalog.standins import Standin, hang, seen
from tests.catalog.test_probers_plain import event, read, wyoming

ANSWERS = Path(
    os.environ.get("NODE_ANSWERS", Path(__file__).parents[1] / "nodes/answers")
)
KEY = "node-key"
# Cases that are the plain answer to their request.
PLAIN = [
    "health",
    "version",
    "v1-models",
    "models",
    "info",
    "props",
    "slots",
    "metrics",
    "api-ps",
    "api-version",
    "completion",
    "chat",
    "embedding",
    "embedding-bare",
    "transcription",
    "metrics-slash",
    "liveliness",
    "readiness",
    "api-tags",
    "root",
]
SERVERS = {
    "vllm-chat": ("vllm", {}),
    "vllm-embedding": ("vllm", {"task": "embedding"}),
    "vllm-whisper": ("vllm", {"task": "transcription"}),
    "llama-server": ("llama-cpp", {}),
    "llama-cpp-python": ("openai", {}),
    "mlx": ("mlx", {}),
    "infinity": ("infinity", {}),
    "litellm": ("litellm", {}),
}
pytestmark = pytest.mark.skipif(
    not ANSWERS.is_dir(), reason=f"{ANSWERS} holds no recordings: make record-nodes"
)


def recorded(server: str, case: str) -> dict[str, Any]:
    """One recording; of a server that was not recorded the test is skipped."""
    path = ANSWERS / server / f"{case}.json"
    if not (ANSWERS / server).is_dir():
        pytest.skip(f"{server} is not recorded")
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def replayed(server: str, **instead: str) -> dict[str, Any]:
    """The server as it was recorded; `instead` takes another case for one of PLAIN."""
    answers: dict[str, Any] = {}
    for case in PLAIN:
        said = recorded(server, case)
        used = recorded(server, instead.get(case.replace("-", "_"), case)) or said
        if said:
            request = said["request"]
            place = f"{request['method']} {request['path']}"
            keyless = recorded(server, f"{case}-without-key")
            answers[place] = _handler(used, keyless)
    return answers


def _handler(said: dict[str, Any], keyless: dict[str, Any]) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        has_key = "Authorization" in request.headers
        outcome = said if has_key or not keyless else keyless
        response = outcome.get("response")
        if response is None:
            return await hang(request)
        kept = ("server", "content-type", "location")
        headers = {k: v for k, v in response["headers"].items() if k in kept}
        return web.Response(
            status=response["status"], headers=headers, body=response["body"].encode()
        )

    return handle


def look(
    server: str, level: str, *, key: str = KEY, timeout: float = 5.0, **instead: str
) -> tuple[Found, Standin]:
    """What its prober finds at the recordings."""
    prober, options = SERVERS[server]
    return seen(
        prober,
        replayed(server, **instead),
        level,
        options=options,
        key=key,
        timeout=timeout,
    )


@pytest.mark.parametrize("server", SERVERS)
def test_a_healthy_server_is_up_at_every_level(server: str) -> None:
    """With the model it lists, its kind and version where it tells them."""
    alive, _ = look(server, "alive")
    assert (alive.verdict, alive.error) == (words.OK, "")
    found, standin = look(server, "serving")
    assert (found.verdict, found.error, found.detail) == (words.OK, "", "")
    assert (found.models and "tiny" in found.models[0]) or server == "mlx"
    assert found.latency and len(standin.worked) == 1
    if server.startswith("vllm"):
        assert (found.version, found.kind) == ("0.32.0", "vllm")


@pytest.mark.parametrize(
    "server", [name for name in SERVERS if name not in ("mlx", "llama-cpp-python")]
)
def test_its_metrics_are_read(server: str) -> None:
    """No required name has drifted, and idle is idle."""
    found, _ = look(server, "metrics")
    assert (found.verdict, found.detail) == (words.OK, "")
    assert found.load is not None
    assert found.load.get("running", 0) == found.load.get("waiting", 0) == 0
    if server.startswith("vllm"):
        assert found.started_at and set(found.load) >= {"running", "waiting", "kv"}
        assert {"prompt_tokens", "output_tokens"} <= set(found.counters or {})


@pytest.mark.parametrize("server", ["vllm-chat", "llama-server"])
def test_a_full_server_is_busy_and_not_asked(server: str) -> None:
    """The load that it tells of itself under load."""
    load, _ = look(server, "metrics", metrics="metrics-loaded")
    assert load.load and load.load["running"] > 0
    found, standin = look(server, "serving", metrics="metrics-loaded")
    if load.load["waiting"]:
        assert (found.verdict, found.error) == (words.BUSY, words.SATURATED)
        assert not standin.worked


@pytest.mark.parametrize(
    "server", [name for name in SERVERS if name not in ("mlx", "litellm")]
)
def test_a_key_that_is_missing_is_no_outage(server: str) -> None:
    """It answers, and refuses: degraded, and no model is asked."""
    found, standin = look(server, "serving", key="")
    assert (found.verdict, found.error) == (words.DEGRADED, words.KEY_WRONG)
    assert not standin.worked


def test_litellm_without_a_key_and_with_a_wrong_one() -> None:
    """500 and 400 from one without a database."""
    found, _ = look("litellm", "metrics", key="")
    assert (found.verdict, found.error) == (words.UNCHECKED, words.NO_KEY)
    found, _ = look("litellm", "metrics", v1_models="v1-models-wrong-key")
    assert (found.verdict, found.error) == (words.DEGRADED, words.KEY_WRONG)


@pytest.mark.parametrize(
    "server", ["vllm-chat", "llama-server", "mlx", "llama-cpp-python", "litellm"]
)
def test_a_frozen_server_serves_nothing(server: str) -> None:
    """Whatever its health says, one token tells."""
    if not recorded(server, "work-frozen"):
        pytest.skip(f"{server} was not recorded frozen")
    found, _ = look(server, "serving", completion="work-frozen", timeout=0.5)
    assert found.verdict == words.BAD
    assert found.error in ("first-byte-timeout", words.SERVER_ERROR)


def test_infinity_is_not_believed_by_the_name_it_echoes() -> None:
    """A vector of the wrong dimension is seen, and characters are no tokens."""
    given = replayed("infinity")
    found, _ = seen("infinity", given, key=KEY, options={"dimension": 5})
    assert (found.verdict, found.error) == (words.DEGRADED, words.WRONG_DIMENSION)
    found, _ = seen("infinity", given, key=KEY, options={"normalized": True})
    assert found.verdict == words.OK and found.spent.prompt_tokens == 0
    assert found.memory and len(found.memory["vector"]) > 5


def test_wyoming_as_recorded() -> None:
    """It describes itself and transcribes; a ping gets no answer from it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, _ = await read(reader)
            case = {"describe": "describe", "audio-stop": "transcribe"}.get(kind)
            if case:
                said = json.loads(recorded("wyoming", case)["response"]["body"])
                writer.write(event(said["type"], said["data"]))

    alive, _ = wyoming(talk, "alive")
    assert (alive.verdict, alive.version) == (words.OK, "3.8.1")
    found, log = wyoming(talk, "serving", options={"model": "ct2"})
    assert (found.verdict, found.error) == (words.OK, "")
    assert any("transcript" in line for line in log)
