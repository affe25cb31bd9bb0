"""The requests that are recorded: identity, load, one unit of work, faults."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.nodes.processes import Node

UPSTREAM = "llama-cpp-python"
KEYLESS = {"mlx", "wyoming"}
AS_VLLM_CHAT = {"vllm-embedding", "vllm-whisper"}
PATHS = {
    "root": "/",
    "health": "/health",
    "version": "/version",
    "v1-models": "/v1/models",
    "models": "/models",
    "info": "/info",
    "props": "/props",
    "slots": "/slots",
    "metrics": "/metrics",
    "api-ps": "/api/ps",
    "api-version": "/api/version",
    "load": "/load",
    "openapi": "/openapi.json",
}
LITELLM_PATHS = {
    "metrics-slash": "/metrics/",
    "liveliness": "/health/liveliness",
    "readiness": "/health/readiness",
    "model-info": "/model/info",
    "model-group-info": "/model_group/info",
}
BOUNDARY = "greenroom-node"
SENTENCE = "The quick brown fox."


@dataclass(frozen=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    told: str | None = None

    def shown(self) -> dict[str, Any]:
        """How it is written down."""
        text = self.told or (self.body.decode() if self.body else None)
        headers = dict(self.headers)
        return {
            "method": self.method,
            "path": self.path,
            "headers": headers,
            "body": text,
        }


def bearer(key: str | None) -> dict[str, str]:
    """The header of a key."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def get(node: Node, path: str) -> Request:
    """A GET with the node's key."""
    return Request("GET", path, bearer(node.key))


def metrics(node: Node) -> Request:
    """Its load; LiteLLM redirects to the path with a slash."""
    return get(node, "/metrics/" if node.name == "litellm" else "/metrics")


def post(node: Node, path: str, value: Any, key: str | None = None) -> Request:
    """A POST of JSON, with the node's key unless another one is given ("" for none)."""
    headers = bearer(node.key if key is None else key)
    headers["Content-Type"] = "application/json"
    return Request("POST", path, headers, json.dumps(value).encode())


def one_token(node: Node) -> dict[str, Any]:
    """The smallest unit of generation."""
    return {"model": node.model, "prompt": "ping", "max_tokens": 1, "temperature": 0}


def completion(node: Node) -> Request:
    """One token of text."""
    return post(node, "/v1/completions", one_token(node))


def chat(model: str) -> dict[str, Any]:
    """The same as a chat."""
    messages = [{"role": "user", "content": "ping"}]
    return {"model": model, "messages": messages, "max_tokens": 1, "temperature": 0}


def embedding(model: str) -> dict[str, Any]:
    """One vector."""
    return {"model": model, "input": SENTENCE, "encoding_format": "float"}


def long_completion(node: Node) -> Request:
    """Some hundred tokens, to keep a server busy."""
    asked = {"max_tokens": 400, "ignore_eos": True, "temperature": 0.8}
    return post(node, "/v1/completions", one_token(node) | asked)


def generates(name: str) -> bool:
    """Whether the server makes text from text."""
    return name in {"vllm-chat", "llama-cpp-python", "llama-server", "mlx", "litellm"}


def sound() -> bytes:
    """One second of 16 kHz mono: half silence, half a tone of 440 Hz."""
    tone = (int(8000 * math.sin(2 * math.pi * 440 * n / 16000)) for n in range(8000))
    samples = [0] * 8000 + list(tone)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return buffer.getvalue()


def transcription(node: Node, content: bytes, **changed: str) -> Request:
    """A multipart upload."""
    fields = {"model": node.model, "language": "en", "temperature": "0"}
    fields |= {"response_format": "json"} | changed
    named = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    parts = [f'{named}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    disposition = 'form-data; name="file"; filename="ping.wav"'
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n"
    head += "Content-Type: audio/wav\r\n\r\n"
    end = f"\r\n--{BOUNDARY}--\r\n"
    body = "".join([*parts, head]).encode() + content + end.encode()
    headers = bearer(node.key)
    headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
    told = f"multipart {json.dumps(fields)} + file ping.wav of {len(content)} bytes"
    return Request("POST", "/v1/audio/transcriptions", headers, body, told)


def requests(node: Node) -> dict[str, Request]:
    """All that an idle server is asked."""
    paths = PATHS | (LITELLM_PATHS if node.name == "litellm" else {})
    if node.name == "litellm":
        # It would ask every model a real question.
        del paths["health"]
    asked = {case: get(node, path) for case, path in paths.items()}
    asked |= work(node)
    if node.key:
        asked |= keys(node)
    return asked


def work(node: Node) -> dict[str, Request]:
    """Generation, embedding and transcription, and how they go wrong."""
    wrong = "no-such-model"
    asked = {
        "completion": completion(node),
        "completion-zero": post(
            node, "/v1/completions", one_token(node) | {"max_tokens": 0}
        ),
        "completion-wrong-model": post(
            node, "/v1/completions", one_token(node) | {"model": wrong}
        ),
        "completion-not-json": Request(
            "POST",
            "/v1/completions",
            bearer(node.key) | {"Content-Type": "application/json"},
            b"{",
        ),
        "chat": post(node, "/v1/chat/completions", chat(node.model)),
        "chat-stream": post(
            node,
            "/v1/chat/completions",
            chat(node.model)
            | {"stream": True, "stream_options": {"include_usage": True}},
        ),
        "chat-wrong-model": post(node, "/v1/chat/completions", chat(wrong)),
        "embedding": post(node, "/v1/embeddings", embedding(node.model)),
        "embedding-bare": post(node, "/embeddings", embedding(node.model)),
        "embedding-wrong-model": post(node, "/v1/embeddings", embedding(wrong)),
        "transcription": transcription(node, sound()),
    }
    if node.name == "vllm-whisper":
        asked["transcription-wrong-model"] = transcription(node, sound(), model=wrong)
        asked["transcription-not-audio"] = transcription(node, b"not audio at all")
        asked["metrics-after"] = metrics(node)
    if node.name == "infinity":
        asked["embedding-bare-wrong-model"] = post(
            node, "/embeddings", embedding(wrong)
        )
    return asked


def keys(node: Node) -> dict[str, Request]:
    """What is open without a key, and what a wrong one gets."""
    paths = {**PATHS, **LITELLM_PATHS} if node.name == "litellm" else PATHS
    open_to_all = ("health", "version", "v1-models", "models", "metrics")
    asked = {
        f"{case}-without-key": Request("GET", paths[case])
        for case in open_to_all
        if node.name != "litellm" or case != "health"
    }
    wrong = Request("GET", "/v1/models", bearer("wrong-key"))
    asked |= {"v1-models-wrong-key": wrong}
    path, value = "/v1/completions", one_token(node)
    if node.name == "infinity":
        path, value = "/embeddings", embedding(node.model)
    asked["work-without-key"] = post(node, path, value, key="")
    asked["work-wrong-key"] = post(node, path, value, key="wrong-key")
    return asked
