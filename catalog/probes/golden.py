"""The golden inputs, and what an OpenAI-compatible server must make of them."""

from __future__ import annotations

import io
import math
import struct
import wave
from functools import cache
from typing import TYPE_CHECKING, Any

from catalog.probes import answers, words
from catalog.probes.prober import Found, Spent, stop

if TYPE_CHECKING:
    from catalog.probes.ask import Ask

PROMPT = "ping"
SENTENCE = "The quick brown fox."
RATE = 16_000


@cache
def second_of_audio() -> bytes:
    """One second of a soft tone: 16 kHz, mono, 16 bit, as a WAV file."""
    samples = (
        int(3000 * math.sin(2 * math.pi * 440 * at / RATE)) for at in range(RATE)
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(RATE)
        audio.writeframes(b"".join(struct.pack("<h", value) for value in samples))
    return file.getvalue()


def likeness(one: list[float], other: list[float]) -> float:
    """The cosine of two vectors of the same length, neither of them zero."""
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / (math.hypot(*one) * math.hypot(*other))


async def completion(ask: Ask, model: str) -> Found:
    """One token of an OpenAI-compatible server, by completions or else by chat."""
    options: dict[str, Any] = {"model": model, "max_tokens": 1, "temperature": 0}
    reply = await ask.post("/v1/completions", json={**options, "prompt": PROMPT})
    if reply.status in (404, 405, 501):
        messages = [{"role": "user", "content": PROMPT}]
        reply = await ask.post(
            "/v1/chat/completions", json={**options, "messages": messages}
        )
    data = answers.object_of(reply)
    choice = next(iter(answers.entries(data, "choices")), None)
    usage = data.get("usage") or {}
    tokens = usage.get("completion_tokens") or 0
    if choice is None or not (choice.get("finish_reason") or tokens):
        raise stop(words.BAD_BODY, "It answers, and completes nothing.")
    spent = Spent(1, int(usage.get("prompt_tokens") or 0), int(tokens))
    return Found(latency=reply.timings.total, spent=spent)


async def embedding(ask: Ask, model: str, path: str = "/v1/embeddings") -> Found:
    """The vector of a sentence, from an OpenAI-compatible server."""
    body = {"model": model, "input": SENTENCE, "encoding_format": "float"}
    reply = await ask.post(path, json=body)
    data = answers.object_of(reply)
    first = next(iter(answers.entries(data)), {})
    found = judged_vector(ask, answers.vector(first.get("embedding")), model)
    usage = data.get("usage") or {}
    found.spent = Spent(1, int(usage.get("prompt_tokens") or 0))
    found.latency = reply.timings.total
    return found


def judged_vector(ask: Ask, vector: list[float], model: str) -> Found:
    """Has the vector the declared dimension and norm, and is it as it always was?"""
    settings: Any = ask.settings
    wanted = getattr(settings, "dimension", None)
    load = {"dimension": float(len(vector))}
    if wanted and len(vector) != wanted:
        raise stop(
            words.WRONG_DIMENSION,
            f"The vector has {len(vector)} numbers, not {wanted}.",
            words.DEGRADED,
        )
    norm = sum(n * n for n in vector) ** 0.5
    if getattr(settings, "normalized", None) and abs(norm - 1) > 1e-3:
        raise stop(
            words.BAD_BODY,
            f"The vector has the norm {norm:.4f}, not 1.",
            words.DEGRADED,
        )
    memory = {"model": model, "vector": [round(n, 6) for n in vector]}
    known = ask.memory.get("vector")
    if known and ask.memory.get("model") == model and len(known) == len(vector):
        like = likeness(vector, known)
        if like < 0.999:
            found = Found(
                words.DEGRADED,
                words.CHANGED,
                f"The same sentence has another vector now ({like:.3f} alike).",
            )
            found.load = load
            return found
        return Found(load=load)
    return Found(load=load, memory=memory)


async def transcription(ask: Ask, model: str) -> Found:
    """The text of one second of sound, from an OpenAI-compatible server."""
    fields = {
        "model": model,
        "language": "en",
        "response_format": "json",
        "temperature": "0",
    }
    reply = await ask.post(
        "/v1/audio/transcriptions",
        file=second_of_audio(),
        form=fields,
    )
    data = answers.object_of(reply)
    if not isinstance(data.get("text"), str):
        raise stop(words.BAD_BODY, "It answers, and without a field text.")
    return Found(latency=reply.timings.total, spent=Spent(1))
