"""What a declaration may say of a probe, beside its type; probers add their own."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

REFERENCE = re.compile(r"\$\{([A-Z][A-Z0-9_]{0,62})\}")
_QUEUE = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
LEAST, MOST = 5, 24 * 3600
Seconds = Annotated[int, Field(ge=0, le=MOST)]


class ProbeSettings(BaseModel):
    """What a declaration may say of a probe. Probers add their own."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    url: str = Field(
        "",
        description="Where the server answers.",
        examples=["http://node-01.lan:8000"],
    )
    title: str = Field("", max_length=100, description="What people call this probe.")
    key: str = Field(
        "",
        description="The registered secret that it is asked with, as ${NAME}.",
        examples=["${VLLM_KEY}"],
    )
    every: dict[Literal["alive", "metrics", "serving"], Seconds] = Field(
        default_factory=dict,
        description="Seconds between two looks of a level; 0 switches it off.",
        examples=[{"serving": 300}],
    )
    timeout: float | None = Field(
        None, gt=0, le=300, description="Seconds until an answer is too late."
    )
    ca: str = Field("", description="Certificates (PEM) of an authority of your own.")
    tls: Literal["verified", "unverified"] = Field(
        "verified", description="Whether the certificate has to be trusted."
    )
    worker: str = Field(
        "",
        description="Ask from the worker with the queue host.<this>.",
        examples=["gpu-01"],
    )

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        return checked_url(value) if value else value

    @field_validator("key")
    @classmethod
    def _key(cls, value: str) -> str:
        if value and not REFERENCE.fullmatch(value):
            raise ValueError(
                "it is not a reference: register the secret under Settings, Secrets, "
                "and write its name as ${NAME}"
            )
        return value

    @field_validator("every")
    @classmethod
    def _every(cls, value: dict[str, int]) -> dict[str, int]:
        for level, seconds in value.items():
            if 0 < seconds < LEAST:
                raise ValueError(f"{level} is asked every {LEAST} seconds at most")
        return value

    @field_validator("worker")
    @classmethod
    def _worker(cls, value: str) -> str:
        if value and not _QUEUE.fullmatch(value):
            raise ValueError("a worker has small letters, digits, - and .")
        return value


class ModelSettings(ProbeSettings):
    """Of a server that runs models."""

    model: str = Field(
        "",
        description="The id that it has to list; else the models the entity serves.",
        examples=["Qwen/Qwen2.5-7B-Instruct"],
    )


class VectorSettings(ModelSettings):
    """Of a server that makes vectors."""

    dimension: int | None = Field(
        None, gt=0, description="Numbers in a vector, for embeddings.", examples=[1024]
    )
    normalized: bool = Field(
        False, description="Has every vector the norm 1, and is that to be checked?"
    )


def checked_url(value: str) -> str:
    """The URL without a slash at its end. Raises ValueError."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https", "tcp") or not parts.hostname:
        raise ValueError(
            "it is not an address such as http://node-01.lan:8000 or tcp://host:10300"
        )
    if "@" in parts.netloc:
        raise ValueError(
            "it holds a user name or a password: register a secret instead, and name "
            "it as key"
        )
    if parts.scheme == "tcp" and not parts.port:
        raise ValueError("it needs a port, such as tcp://node-01.lan:10300")
    return value.rstrip("/")
