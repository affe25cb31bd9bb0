"""Each prober at a small real server: good, wrong, loading, refusing, and silent."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from catalog.probes import words
from catalog.probes.prober import PROBERS
from tests.catalog.standins import garbage, hang, huge, seen

VECTOR = [0.6, 0.8, 0.0]
LOADING = (503, {"error": {"message": "Loading model", "code": 503}})


def models(*names: str, owner: str = "x") -> dict[str, Any]:
    """A list of models as OpenAI's."""
    return {"data": [{"id": name, "owned_by": owner} for name in names]}


def vectors(vector: list[Any]) -> dict[str, Any]:
    """An answer with one vector."""
    return {"data": [{"embedding": vector}], "usage": {"prompt_tokens": 20}}


TOKEN: dict[str, Any] = {
    "choices": [{"text": "", "finish_reason": "length"}],
    "usage": {"prompt_tokens": 4, "completion_tokens": 1},
}
OPENAI: dict[str, Any] = {"GET /v1/models": models("m"), "POST /v1/completions": TOKEN}
EMBEDDINGS: dict[str, Any] = {
    "GET /v1/models": models("bge"),
    "POST /v1/embeddings": vectors(VECTOR),
}
INFINITY: dict[str, Any] = {
    "GET /health": {"unix": 1.0},
    "GET /models": {
        "data": [
            {
                "id": "bge",
                "owned_by": "infinity",
                "stats": {"queue_absolute": 3, "results_pending": 1},
            }
        ]
    },
    "POST /embeddings": vectors(VECTOR),
}
TEI: dict[str, Any] = {
    "GET /health": "",
    "GET /info": {"model_id": "BAAI/bge", "version": "1.9.3"},
    "GET /metrics": "te_queue_size 0\nte_request_count 7\nte_request_success 6\n",
    "POST /embed": [VECTOR],
}
LLAMA: dict[str, Any] = {
    "GET /health": {"status": "ok"},
    "GET /v1/models": models("tiny.gguf", owner="llamacpp"),
    "GET /props": {"build_info": "b9999-abc"},
    "GET /slots": [
        {"is_processing": True, "n_prompt_tokens": 256, "n_ctx": 512},
        {"is_processing": False, "n_prompt_tokens": 500, "n_ctx": 512},
    ],
    "GET /metrics": "llamacpp:requests_processing 1\nllamacpp:requests_deferred 0\n"
    "llamacpp:n_decode_total 12\nllamacpp:prompt_tokens_total 9\n",
    "POST /v1/completions": TOKEN,
}
WHISPER: dict[str, Any] = {
    "GET /health": {"message": "OK"},
    "GET /v1/models": models("Systran/faster-whisper-large-v3"),
    "POST /v1/audio/transcriptions": {"text": ""},
}
LITELLM: dict[str, Any] = {
    "GET /health/liveliness": "I'm alive!",
    "GET /health/readiness": {"status": "healthy", "db": "connected"},
    "GET /v1/models": models("gpt", owner="openai"),
    "POST /v1/completions": TOKEN,
}
MLX: dict[str, Any] = {
    "GET /health": {"status": "ok"},
    "GET /v1/models": models("/models/tiny"),
    "POST /v1/completions": TOKEN,
}


def ollama(*loaded: str, ends: datetime | None = None, **more: Any) -> dict[str, Any]:
    """An Ollama with two models, and some of them loaded."""
    # Far enough for the longest run of all tests.
    end = (ends or datetime.now(UTC) + timedelta(hours=20)).isoformat()
    running = [
        {"name": name, "expires_at": end, "size_vram": 5, "context_length": 8192}
        for name in loaded
    ]
    return {
        "GET /api/version": {"version": "0.12.0"},
        "GET /api/tags": {"models": [{"name": "qwen:7b"}, {"name": "llama:8b"}]},
        "GET /api/ps": {"models": running},
        "POST /api/generate": {"done": True, "prompt_eval_count": 9, "eval_count": 1},
        **more,
    }


def patience(answer: Any) -> float:
    """Seconds: short only for what never comes."""
    return 0.3 if answer is hang else 5.0


SERVERS: dict[str, dict[str, Any]] = {
    "openai": OPENAI,
    "embeddings": EMBEDDINGS,
    "infinity": INFINITY,
    "tei": TEI,
    "llama-cpp": LLAMA,
    "whisper": WHISPER,
    "litellm": LITELLM,
    "mlx": MLX,
    "ollama": ollama("qwen:7b"),
}
HEALTH = {
    "openai": "/v1/models",
    "embeddings": "/v1/models",
    "litellm": "/health/liveliness",
    "ollama": "/api/version",
}
LISTS = {"infinity": "/models", "tei": "/info", "ollama": "/api/tags"}


@pytest.mark.parametrize("prober", SERVERS)
def test_a_good_server_is_alive_and_serves(prober: str) -> None:
    """Both levels, with the models it lists, the time it took and what it cost."""
    alive, _ = seen(prober, SERVERS[prober], "alive")
    assert (alive.verdict, alive.error) == (words.OK, "")
    assert alive.latency and alive.latency > 0
    found, standin = seen(prober, SERVERS[prober])
    assert (found.verdict, found.error, found.detail) == (words.OK, "", "")
    assert found.models and found.latency and len(standin.worked) == 1
    assert found.spent.requests == 1


@pytest.mark.parametrize("prober", SERVERS)
def test_another_model_is_degraded_and_its_name_is_never_sent(prober: str) -> None:
    """What it does list is asked instead, and named."""
    given = SERVERS[prober]
    found, standin = seen(prober, given, expects=(("wanted-model",),))
    assert (found.verdict, found.error) == (words.DEGRADED, words.WRONG_MODEL)
    assert "not wanted-model" in found.detail
    assert all("wanted-model" not in str(body) for body in standin.bodies)


@pytest.mark.parametrize("prober", SERVERS)
@pytest.mark.parametrize(
    ("answer", "verdict", "error"),
    [
        (LOADING, words.DEGRADED, words.LOADING),
        ((401, {"error": "Unauthorized"}), words.DEGRADED, words.KEY_WRONG),
        ((500, "oops"), words.BAD, words.SERVER_ERROR),
        (hang, words.BAD, "first-byte-timeout"),
        (huge, words.BAD, "too-large"),
    ],
    ids=["loading", "key", "5xx", "hang", "huge"],
)
def test_health_in_words(prober: str, answer: Any, verdict: str, error: str) -> None:
    """A status, silence, and too much."""
    path = f"GET {HEALTH.get(prober, '/health')}"
    answers = {**SERVERS[prober], path: answer}
    found, _ = seen(prober, answers, "alive", timeout=patience(answer))
    assert (found.verdict, found.error) == (verdict, error)
    assert found.detail


@pytest.mark.parametrize("prober", SERVERS)
@pytest.mark.parametrize("answer", ["<html>no</html>", garbage, [], "1"])
def test_a_list_that_is_none_is_not_asked_further(prober: str, answer: Any) -> None:
    """No model is known, so nothing is sent, and nobody calls that up."""
    path = f"GET {LISTS.get(prober, '/v1/models')}"
    found, standin = seen(prober, {**SERVERS[prober], path: answer})
    assert found.verdict in (words.BAD, words.UNCHECKED)
    assert not standin.worked and found.detail


WORK = {
    "infinity": "/embeddings",
    "embeddings": "/v1/embeddings",
    "tei": "/embed",
    "whisper": "/v1/audio/transcriptions",
    "ollama": "/api/generate",
}


@pytest.mark.parametrize("prober", SERVERS)
@pytest.mark.parametrize("answer", ["", "{", garbage, {}, [], huge, hang, {"data": []}])
def test_an_answer_that_is_no_work_is_bad(prober: str, answer: Any) -> None:
    """It answers, and serves nothing."""
    path = f"POST {WORK.get(prober, '/v1/completions')}"
    found, _ = seen(prober, {**SERVERS[prober], path: answer}, timeout=patience(answer))
    assert found.verdict == words.BAD and found.models
    assert found.error in (words.BAD_BODY, "first-byte-timeout", "too-large")


@pytest.mark.parametrize("prober", ["embeddings", "infinity", "tei"])
@pytest.mark.parametrize(
    ("vector", "options", "verdict", "error"),
    [
        (VECTOR, {"dimension": 4}, words.DEGRADED, words.WRONG_DIMENSION),
        ([math.nan, 1.0], {}, words.BAD, words.BAD_BODY),
        ([0.0, 0.0], {}, words.BAD, words.BAD_BODY),
        (["a"], {}, words.BAD, words.BAD_BODY),
        ([], {}, words.BAD, words.BAD_BODY),
        ([3.0, 4.0], {"normalized": True}, words.DEGRADED, words.BAD_BODY),
        ([3.0, 4.0], {}, words.OK, ""),
        (VECTOR, {"dimension": 3, "normalized": True}, words.OK, ""),
    ],
)
def test_vectors(
    prober: str, vector: list[Any], options: Any, verdict: str, error: str
) -> None:
    """Dimension, norm, and numbers that are numbers."""
    path = f"POST {WORK[prober]}"
    content: Any = [vector] if prober == "tei" else vectors(vector)
    found, _ = seen(prober, {**SERVERS[prober], path: content}, options=options)
    assert (found.verdict, found.error) == (verdict, error)


def test_a_vector_that_turns_is_seen() -> None:
    """The same sentence, another direction: another model behind the same name."""
    first, _ = seen("embeddings", EMBEDDINGS)
    assert first.memory
    turned = {**EMBEDDINGS, "POST /v1/embeddings": vectors([0.8, 0.6, 0.0])}
    found, _ = seen("embeddings", turned, memory=first.memory)
    assert (found.verdict, found.error) == (words.DEGRADED, words.CHANGED)
    assert found.memory is None


def test_infinity_below_a_prefix_and_its_queue() -> None:
    """Its characters are not taken for tokens."""
    moved = {
        "GET /v1/models": INFINITY["GET /models"],
        "POST /v1/embeddings": INFINITY["POST /embeddings"],
    }
    found, _ = seen("infinity", moved)
    assert (found.verdict, found.spent.prompt_tokens) == (words.OK, 0)
    load, _ = seen("infinity", INFINITY, "metrics")
    assert load.load == {"waiting": 3.0, "pending": 1.0} and load.counters is None


def test_infinity_is_asked_for_what_its_model_can() -> None:
    """A model that only ranks would refuse to make a vector."""
    entry = {"id": "ranks", "owned_by": "infinity", "capabilities": ["rerank"]}
    rank = {"GET /models": {"data": [entry]}, "POST /rerank": {"results": []}}
    none, asked = seen("infinity", rank)
    assert (none.verdict, none.error) == (words.BAD, words.BAD_BODY)
    assert asked.worked == ["POST /rerank"]
    rank["POST /rerank"] = {"results": [{"index": 0, "relevance_score": 0.9}]}
    assert seen("infinity", rank)[0].verdict == words.OK
    entry["capabilities"] = ["embed", "rerank"]
    both, asked = seen("infinity", {**INFINITY, "GET /models": {"data": [entry]}})
    assert both.verdict == words.OK and asked.worked == ["POST /embeddings"]


def test_tei_tells_its_version_and_what_its_model_is_for() -> None:
    """A reranker is asked for a rank, a classifier for a class."""
    found, _ = seen("tei", TEI)
    assert (found.version, found.kind) == ("1.9.3", "tei")
    for kind, path in (("reranker", "/rerank"), ("classifier", "/predict")):
        info = {"model_id": "m", "model_type": {kind: {}}}
        given = {"GET /info": info, f"POST {path}": [{"index": 0, "score": 0.5}]}
        found, standin = seen("tei", given)
        assert (found.verdict, standin.worked) == (words.OK, [f"POST {path}"])
    load, _ = seen("tei", TEI, "metrics")
    assert (load.load, load.counters) == ({"waiting": 0.0}, {"requests": 6.0})
    full = {**TEI, "GET /metrics": "te_queue_size 9\n"}
    found, standin = seen("tei", full)
    assert found.verdict == words.BUSY and not standin.worked


def test_llama_cpp_and_its_slots() -> None:
    """Only work counts as load; the id without its ending is the model."""
    found, _ = seen("llama-cpp", LLAMA, options={"model": "tiny"})
    assert (found.verdict, found.version, found.kind) == (
        words.OK,
        "b9999-abc",
        "llama-cpp",
    )
    load, _ = seen("llama-cpp", LLAMA, "metrics")
    assert load.load == {"running": 1, "waiting": 0, "slots": 2, "kv": 0.25}
    assert load.counters == {"steps": 12, "prompt_tokens": 9}


def test_llama_cpp_without_metrics_says_what_to_do() -> None:
    """501 is no outage; serving is judged all the same."""
    off = {**LLAMA, "GET /metrics": (501, {"error": {"message": "no metrics"}})}
    found, _ = seen("llama-cpp", off, "metrics")
    assert found.verdict == words.UNCHECKED
    assert "--metrics" in found.detail
    assert seen("llama-cpp", off)[0].verdict == words.OK


def test_metrics_of_a_vllm_that_has_none_have_drifted() -> None:
    """Every vLLM has them; this is not down, and not 0 either."""
    found, _ = seen("vllm", OPENAI, "metrics")
    assert (found.verdict, found.error) == (words.DEGRADED, words.DRIFTED)
    assert not found.load


def test_mlx_is_asked_only_for_what_it_was_started_with() -> None:
    """Several models: the path among them, or the one that the probe names."""
    several = {**MLX, "GET /v1/models": models("org/a", "org/b")}
    found, standin = seen("mlx", several, expects=(("org/a",),))
    assert (found.verdict, found.error) == (words.UNCHECKED, words.NOT_LOADED)
    assert not standin.worked
    found, standin = seen("mlx", several, options={"model": "org/b"})
    assert found.verdict == words.OK and standin.bodies[0]["model"] == "org/b"
    path = {**MLX, "GET /v1/models": models("org/a", "/models/tiny")}
    found, standin = seen("mlx", path)
    assert standin.bodies[0]["model"] == "/models/tiny"


def test_mlx_that_answers_with_nothing() -> None:
    """Without a cache of downloads its list is empty: 200 and no body."""
    found, standin = seen("mlx", {**MLX, "GET /v1/models": ""})
    assert (found.verdict, found.models) == (words.UNCHECKED, [])
    assert not standin.worked


def test_litellm_is_not_asked_what_costs_money() -> None:
    """No serving level but on request, and never /health."""
    kind = PROBERS["litellm"]
    assert set(kind.intervals(kind.Settings.model_validate({}))) == {"alive", "metrics"}
    paid = kind.Settings.model_validate({"every": {"serving": 3600}})
    assert kind.intervals(paid)["serving"] == 3600
    for level in ("alive", "metrics", "serving"):
        _, standin = seen("litellm", LITELLM, level, key="sk-1234")
        assert "GET /health" not in standin.asked


def test_litellm_metrics_behind_a_redirect() -> None:
    """On the same server: followed with the key; to another it is no outage."""

    async def redirect(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "/there"})

    async def away(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/"})

    page = "litellm_in_flight_requests 2\nlitellm_input_tokens_metric_total 5\n"
    given = {**LITELLM, "GET /metrics/": redirect, "GET /there": page}
    found, standin = seen("litellm", given, "metrics", key="sk-1234")
    assert found.load == {"in_flight": 2} and found.models == ["gpt"]
    assert standin.headers[-1]["Authorization"] == "Bearer sk-1234"
    gone, _ = seen("litellm", {**LITELLM, "GET /metrics/": away}, "metrics")
    assert gone.verdict == words.UNCHECKED
    off, _ = seen("litellm", LITELLM, "metrics")
    assert off.verdict == words.UNCHECKED and off.models == ["gpt"]
    keyless, _ = seen("litellm", {**LITELLM, "GET /v1/models": (500, "")}, "metrics")
    assert (keyless.verdict, keyless.error) == (words.UNCHECKED, words.NO_KEY)


def test_openai_asks_nothing_of_what_loads_on_demand() -> None:
    """An Ollama or LM Studio that somebody declares as plain OpenAI."""
    plain = {**OPENAI, "GET /v1/models": models("qwen:7b", owner="library")}
    found, standin = seen("openai", plain)
    assert found.verdict == words.UNCHECKED and "type: ollama" in found.detail
    assert not standin.worked
    studio = {
        **OPENAI,
        "GET /v1/models": models("a", "b", owner="organization_owner"),
        "GET /api/v0/models": {
            "data": [{"id": "a", "state": "not-loaded"}, {"id": "b", "state": "loaded"}]
        },
    }
    found, standin = seen("openai", studio, options={"model": "a"})
    assert found.error == words.NOT_LOADED and not standin.worked
    found, standin = seen("openai", studio)
    assert standin.bodies[0]["model"] == "b"
