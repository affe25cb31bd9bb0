"""From the name of a secret to its value, for one use at one host.

SecretError     the message is for people and never holds the value
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from catalog.secrets.models import USES, Secret

MAX_BYTES = 64 * 1024
WITHHELD = "secret-withheld"
_REFERENCE = re.compile(r"\$\{([A-Z][A-Z0-9_]{0,62})\}")
# Only an ssh key has lines; elsewhere they would begin a header of their own.
_WITH_LINES = frozenset({"git"})
_OFTEN = timedelta(hours=1)


class SecretError(Exception):
    """A secret that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Revealed:
    """A value on its way to where it is used."""

    username: str
    value: str = field(repr=False)


def reveal(name: str, *, use: str, host: str, port: int | None = None) -> Revealed:
    """The value of a registered secret for one use at one host. Raises SecretError."""
    secret = Secret.objects.filter(name=name).first()
    if secret is None:
        raise SecretError(
            f"There is no secret {name}. An administrator registers it under Settings, "
            "Secrets."
        )
    if use not in secret.uses.split():
        raise SecretError(
            f"The secret {name} is not for this use: {USES[use]}. An administrator can "
            "allow it."
        )
    if not is_bound(secret.hosts.split(), host, port):
        at = f"{host}:{port}" if port else host
        raise SecretError(
            f"The secret {name} may not be sent to {at}. An administrator can add that "
            "host to it."
        )
    value = _checked(secret, _value(secret), use)
    _note_use(secret)
    return Revealed(secret.username, value)


def is_bound(hosts: Iterable[str], host: str, port: int | None = None) -> bool:
    """Is the host one of those, which may begin with `*.` and end with a port?"""
    wanted = host.lower().strip("[]").rstrip(".")
    return any(_fits(*_split(one), wanted, port) for one in hosts)


def state_of(secret: Secret) -> str:
    """Why this process cannot use it; empty where it can."""
    try:
        _checked(secret, _value(secret), "git")
    except SecretError as error:
        return str(error)
    return ""


def references(text: str) -> list[str]:
    """The names in a text that are written as `${NAME}`."""
    return list(dict.fromkeys(_REFERENCE.findall(text)))


def scrub(text: str, *values: str) -> str:
    """A text without these values, before it is shown or logged."""
    for value in sorted(filter(None, values), key=len, reverse=True):
        text = text.replace(value, WITHHELD)
    return text


def _split(bound: str) -> tuple[str, int | None]:
    """A host of the list and its port, if it names one."""
    bound = bound.lower()
    if bound.startswith("["):
        inside, _, rest = bound[1:].partition("]")
        return inside, _port(rest.removeprefix(":"))
    if bound.count(":") == 1:
        name, _, port = bound.partition(":")
        return name.rstrip("."), _port(port)
    return bound.rstrip("."), None


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _fits(name: str, port: int | None, host: str, at: int | None) -> bool:
    if port is not None and port != at:
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name) - 1
    return name == host


def _value(secret: Secret) -> str:
    if secret.origin == Secret.ENVIRONMENT:
        value = os.environ.get(secret.where)
        if value is None:
            raise SecretError(
                f"The secret {secret.name} is not there: the environment variable "
                f"{secret.where} is not set in this process. Set it and start again."
            )
        return value
    return _file(secret)


def _file(secret: Secret) -> str:
    folder = Path(settings.SECRETS_FOLDER).resolve()
    path = (folder / secret.where).resolve()
    if not path.is_relative_to(folder):
        raise SecretError(
            f"The file of the secret {secret.name} leads out of {folder}. Put it there."
        )
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise SecretError(
                f"The file {path} is larger than 64 kB; that is no secret."
            )
        return raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SecretError(
            f"The secret {secret.name} is not there: {path} cannot be read: {reason}."
        ) from error
    except UnicodeDecodeError as error:
        raise SecretError(f"The file {path} is not UTF-8 text.") from error


def _checked(secret: Secret, value: str, use: str) -> str:
    if not value.strip():
        raise SecretError(f"The secret {secret.name} is empty.")
    lines = "\n\r\t" if use in _WITH_LINES else ""
    if any(ord(sign) < 32 and sign not in lines for sign in value):
        raise SecretError(
            f"The secret {secret.name} holds a line break or another control "
            "character, which cannot be sent."
        )
    return value


def _note_use(secret: Secret) -> None:
    now = timezone.now()
    if secret.last_used_at is None or secret.last_used_at < now - _OFTEN:
        Secret.objects.filter(pk=secret.pk).update(last_used_at=now)
