"""Any web address: its status, what its answer holds, and how long its certificate
lasts."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from catalog.http.exchange import Reply
from catalog.probes import answers, words
from catalog.probes.prober import Found, Prober, stop
from catalog.probes.settings import ProbeSettings
from catalog.probes.words import ALIVE

# A pattern is matched piece by piece, so that none can hold up the loop.
_PIECE, _READ, _REPEATS, _OPTIONS = 300, 64 * 1024, 1, 1
_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")
Scalar = str | int | float | bool | None


class HttpSettings(ProbeSettings):
    """What an answer has to be like."""

    path: str = Field(
        "", description="What is asked below the URL.", examples=["/healthz"]
    )
    method: Literal["GET", "HEAD"] = Field("GET", description="How it is asked.")
    status: list[int] = Field(
        default_factory=list,
        max_length=20,
        description="The statuses that are good; else 200 to 299.",
        examples=[[200, 204]],
    )
    contains: str = Field(
        "", max_length=500, description="Text that the answer has to hold."
    )
    matches: str = Field(
        "",
        max_length=200,
        description="Regular expression that a line of the answer has to match, with "
        "one of * + { and one ? at most.",
        examples=["version: 2\\.\\d+"],
    )
    json_path: str = Field(
        "",
        max_length=200,
        description="Where in a JSON answer a value has to be.",
        examples=["checks[0].status"],
    )
    equals: Scalar = Field(
        None, description="What that value has to be; else it only has to be there."
    )
    certificate_days: float = Field(
        14, ge=0, le=365, description="Days that the certificate has to last still."
    )

    @field_validator("path")
    @classmethod
    def _path(cls, value: str) -> str:
        if value and not value.startswith(("/", "?")):
            raise ValueError("it has to begin with /")
        return value

    @field_validator("matches")
    @classmethod
    def _matches(cls, value: str) -> str:
        return bounded(value)

    @field_validator("json_path")
    @classmethod
    def _json_path(cls, value: str) -> str:
        if value and not steps(value):
            raise ValueError("it is not a path such as checks[0].status")
        return value

    @model_validator(mode="after")
    def _fits(self) -> HttpSettings:
        if self.equals is not None and not self.json_path:
            raise ValueError("equals needs json_path: where is that value?")
        if self.method == "HEAD" and (self.contains or self.matches or self.json_path):
            raise ValueError("HEAD has no answer to look into: use GET")
        return self


class Http(Prober):
    """A web address."""

    name = "http"
    title = "HTTP"
    aliases = ("https", "web", "website")
    summary = "The status of an address, what its answer holds, its certificate."
    levels = {ALIVE: 30}
    timeouts = {ALIVE: 10}
    Settings = HttpSettings
    example = {
        "url": "https://wiki.example.org",
        "path": "/healthz",
        "json_path": "status",
        "equals": "ok",
    }

    async def alive(self) -> Found:
        """Ask, and judge the answer."""
        settings = self.settings
        assert isinstance(settings, HttpSettings)
        reply = await self.ask.send(settings.method, settings.path)
        _judge_status(reply, settings.status)
        text = reply.body[:_READ].decode("utf-8", "replace")
        if settings.contains and settings.contains not in text:
            raise _unmet(f"The answer does not hold “{settings.contains}”.", reply)
        if settings.matches and not _matches(settings.matches, text):
            raise _unmet(f"No line of the answer matches {settings.matches}.", reply)
        if settings.json_path:
            _judge_value(reply, settings.json_path, settings.equals)
        return _judged_certificate(reply, settings.certificate_days)


def _judge_status(reply: Reply, wanted: list[int]) -> None:
    if not wanted:
        answers.good(reply)
    elif reply.status not in wanted:
        good = ", ".join(map(str, wanted))
        raise stop(
            words.BAD_STATUS,
            f"It answers {reply.status}, not {good}.{answers.quoted(reply)}",
        )


def _unmet(said: str, reply: Reply) -> Exception:
    return stop(words.CONDITION, f"{said}{answers.quoted(reply)}")


def _judge_value(reply: Reply, path: str, wanted: Scalar) -> None:
    try:
        value: Any = json.loads(reply.body)
    except ValueError:
        raise stop(words.BAD_BODY, f"{reply.url} answers, but not with JSON.") from None
    for step in steps(path):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            raise _unmet(f"The answer has no {path}.", reply) from None
    same = value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
    if wanted is not None and not same:
        shown = json.dumps(value)[:100]
        raise stop(words.CONDITION, f"{path} is {shown}, not {json.dumps(wanted)}.")


def _judged_certificate(reply: Reply, least: float) -> Found:
    days = reply.days_of_certificate
    if days is None:
        return Found()
    load = {"certificate_days": round(days, 1)}
    if days >= least:
        return Found(load=load)
    said = f"The certificate ends in {days:.1f} days; {least:g} are wanted."
    return Found(words.DEGRADED, words.CERTIFICATE, said, load=load)


def _matches(pattern: str, text: str) -> bool:
    compiled = re.compile(pattern)
    return any(
        compiled.search(line, at, at + _PIECE)
        for line in text.splitlines()
        for at in range(0, max(1, len(line) - _PIECE // 2), _PIECE // 2)
    )


def bounded(pattern: str) -> str:
    """A regular expression that cannot take long. Raises ValueError."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"it is no regular expression: {error}") from None
    plain = re.sub(r"\\.", "_", pattern.replace("(?", "("))
    if len(re.findall(r"[*+{]", plain)) > _REPEATS:
        raise ValueError(f"it has more than {_REPEATS} of * + {{")
    if plain.count("?") > _OPTIONS:
        raise ValueError(f"it has more than {_OPTIONS} of ?")
    if re.search(r"\)[*+?{]", plain):
        raise ValueError("it repeats a group in brackets")
    if re.search(r"\\[1-9]|\(\?P=", pattern):
        raise ValueError("it refers back to a group")
    return pattern


def steps(path: str) -> list[str | int]:
    """`checks[0].status` as keys and places; nothing where it is no path."""
    found: list[str | int] = []
    for part in path.split("."):
        at = 0
        while at < len(part):
            match = _STEP.match(part, at)
            if match is None or (match[1] and at):
                return []
            found.append(match[1] if match[1] else int(match[2]))
            at = match.end()
        if not part:
            return []
    return found
