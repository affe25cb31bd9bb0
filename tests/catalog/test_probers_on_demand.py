"""Models that are loaded on demand are neither loaded nor kept loaded by a probe."""

from __future__ import annotations

import wave
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from catalog.probes import progress, words
from catalog.probes.prober import Found
from tests.catalog.standins import Standin, seen
from tests.catalog.test_probers import VECTOR, WHISPER, models, ollama


def test_ollama_that_has_nothing_loaded_is_asked_nothing() -> None:
    """Ready, and not checked: neither green nor degraded."""
    found, standin = seen("ollama", ollama(), options={"model": "qwen:7b"})
    assert (found.verdict, found.error) == (words.UNCHECKED, words.NOT_LOADED)
    assert found.detail == "Ready; serving not checked: not loaded (qwen:7b)."
    assert found.models == ["qwen:7b", "llama:8b"]
    assert not standin.worked


def test_ollama_that_has_another_model_loaded() -> None:
    """It tells nothing of the one that is declared."""
    given = ollama("llama:8b")
    found, standin = seen("ollama", given, expects=(("qwen", "qwen:7b"),))
    assert (found.verdict, found.error) == (words.UNCHECKED, words.NOT_LOADED)
    assert not standin.worked
    found, standin = seen("ollama", given, expects=(("mistral",),))
    assert (found.verdict, found.error) == (words.DEGRADED, words.WRONG_MODEL)
    assert all(body["model"] == "llama:8b" for body in standin.bodies)


def test_ollama_is_asked_as_it_is_loaded_and_for_no_longer() -> None:
    """One token, with the context that it has, and without a time to stay."""
    found, standin = seen("ollama", ollama("qwen:7b"))
    body = standin.bodies[0]
    assert body["options"]["num_ctx"] == 8192
    assert "keep_alive" not in body and body["stream"] is False
    assert found.load == {"loaded": 1.0, "vram_bytes": 5.0}
    assert (found.version, found.kind) == ("0.12.0", "ollama")
    assert found.spent.prompt_tokens == 9


def test_ollama_that_nobody_has_used_since_is_left_at_rest() -> None:
    """Asking it again would keep it loaded for ever; a use in between is seen."""
    ends = datetime.now(UTC) + timedelta(minutes=4)
    first, _ = seen("ollama", ollama("qwen:7b", ends=ends))
    assert first.memory
    found, standin = seen("ollama", ollama("qwen:7b", ends=ends), memory=first.memory)
    assert found.verdict == words.OK and found.latency is None
    assert not standin.worked and "not used since" in found.detail
    used = ollama("qwen:7b", ends=ends + timedelta(minutes=1))
    found, standin = seen("ollama", used, memory=first.memory)
    assert len(standin.worked) == 1 and found.latency


def test_a_rest_of_an_hour_is_no_answer_any_more() -> None:
    """A model that stays loaded for a day is not called good for a day."""
    ends = datetime.now(UTC) + timedelta(hours=20)
    given = ollama("qwen:7b", ends=ends)
    first, _ = seen("ollama", given)
    assert first.memory
    first.memory["rest"]["asked"] -= 4000
    found, standin = seen("ollama", given, memory=first.memory)
    assert found.verdict == words.UNCHECKED and not standin.worked


def test_ollama_that_keeps_a_model_for_ever_is_asked_every_time() -> None:
    """There is nothing to prolong."""
    given = ollama("qwen:7b", ends=datetime.now(UTC) + timedelta(days=100_000))
    first, _ = seen("ollama", given)
    _, standin = seen("ollama", given, memory=first.memory)
    assert len(standin.worked) == 1


def test_ollama_that_is_about_to_unload_is_not_asked() -> None:
    """The question could come too late, and load it again."""
    soon = datetime.now(UTC) + timedelta(seconds=1)
    found, standin = seen("ollama", ollama("qwen:7b", ends=soon))
    assert found.verdict == words.UNCHECKED and not standin.worked


@pytest.mark.parametrize("options", [{"task": "embedding"}, {}])
def test_ollama_makes_a_vector_of_what_makes_vectors(options: dict[str, Any]) -> None:
    """By what the model can do, or as declared."""
    tags = {"models": [{"name": "bge", "capabilities": ["embedding"]}]}
    given = ollama("bge") | {
        "GET /api/tags": tags,
        "POST /api/embed": {"embeddings": [VECTOR], "prompt_eval_count": 6},
    }
    found, standin = seen("ollama", given, options={**options, "dimension": 3})
    assert (found.verdict, standin.worked) == (words.OK, ["POST /api/embed"])
    assert found.memory and found.memory["vector"] == VECTOR
    assert found.memory["rest"]["model"] == "bge"


def speaches(*loaded: str) -> dict[str, Any]:
    """A speaches with two models."""
    listed = models("org/tiny", "org/large")
    given = {**WHISPER, "GET /v1/models": listed}
    return {**given, "GET /api/ps": {"models": list(loaded)}}


def again(first: Found, later: float) -> tuple[Found, Standin]:
    """The next look, so many seconds later."""
    assert first.memory
    first.memory["rest"]["asked"] -= later
    return seen("whisper", speaches("org/large"), memory=first.memory)


def test_speaches_is_asked_only_for_what_it_has_loaded() -> None:
    """And not again before it has had the time to let it go."""
    found, standin = seen("whisper", speaches(), options={"model": "org/large"})
    assert (found.verdict, found.error) == (words.UNCHECKED, words.NOT_LOADED)
    assert not standin.worked
    first, standin = seen("whisper", speaches("org/large"))
    assert first.verdict == words.OK and len(standin.worked) == 1
    found, standin = again(first, 300)
    assert found.verdict == words.OK and not standin.worked
    found, standin = again(first, 100)
    assert found.verdict == words.OK and len(standin.worked) == 1


def test_whisper_without_a_health_route_is_alive_by_its_list() -> None:
    """Not every server of this kind has /health."""
    bare = {name: answer for name, answer in WHISPER.items() if "health" not in name}
    assert seen("whisper", bare, "alive")[0].verdict == words.OK
    assert seen("whisper", {}, "alive")[0].error == words.NOT_FOUND


def test_a_second_of_sound_is_sent_as_a_file() -> None:
    """With the model as it is listed, and a sound of exactly one second."""
    sent: dict[str, Any] = {}

    async def heard(request: web.Request) -> web.StreamResponse:
        form = await request.post()
        sent.update(form)
        file = form["file"]
        assert isinstance(file, web.FileField)
        with wave.open(file.file, "rb") as sound:
            sent["seconds"] = sound.getnframes() / sound.getframerate()
        return web.json_response({"text": "hm"})

    given = {**WHISPER, "POST /v1/audio/transcriptions": heard}
    found, _ = seen("whisper", given)
    assert (found.verdict, found.error) == (words.OK, "")
    assert sent["model"] == "Systran/faster-whisper-large-v3"
    assert (sent["seconds"], sent["language"]) == (1.0, "en")


def test_load_without_counters_is_never_taken_for_a_stall() -> None:
    """A queue that stays the same may be work that comes steadily."""
    memory: dict[str, Any] = {}
    for at in (0, 30_000, 60_000):
        reading = Found(load={"waiting": 3.0})
        found, _ = progress.weigh(reading, memory, at)
        assert found.verdict == words.BUSY and found.memory
        memory = found.memory
    counted = {**memory, "counters": {"steps": 1.0}, "moved_at": 0}
    reading = Found(load={"waiting": 3.0}, counters={"steps": 1.0})
    assert progress.weigh(reading, counted, 90_000)[0].error == words.STALLED
