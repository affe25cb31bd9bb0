"""Handing out the value of a secret: to the use and the host that it is bound to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

from django.utils import timezone

from catalog.secrets import rules
from catalog.secrets.models import Secret
from catalog.secrets.places import Unfit, host_of
from catalog.secrets.reading import NotSet, SecretError, value_of

AVAILABLE, NOT_SET, UNREADABLE = "available", "not set", "unreadable"
_REFERENCE = re.compile(rf"\$\{{({rules.NAME.pattern})\}}")
_NOTED_FOR = timedelta(hours=1)
_ASK = "An administrator can change that under Settings, Secrets."


@dataclass(frozen=True, repr=False)
class Revealed:
    """A secret in the open: keep it out of rows, logs, messages and arguments.

    A key of several lines comes without its last line break; ssh wants one.
    """

    username: str
    value: str

    def __repr__(self) -> str:
        return f"Revealed(username={self.username!r}, value=…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret does not travel: send its name, and reveal it there.")


@dataclass(frozen=True)
class State:
    """Whether this process finds the value, and what to do where it does not."""

    code: str
    text: str = ""


def reveal(
    name: str,
    *,
    use: str,
    host: str,
    port: int | None = None,
    many_lines: bool = False,
) -> Revealed:
    """The secret, for this use at this host and no other. Raises SecretError.

    Give the port that is really asked, the usual one of the scheme included. Only
    where no header carries the value (an ssh key) may it have `many_lines`.
    """
    if use not in rules.USES:
        raise ValueError(f"No secret has the use {use!r}: name it in {rules.__name__}.")
    secret = _registered(name)
    if use not in secret.use_words:
        title = rules.USES[use]
        raise SecretError(
            f"The secret {name} may not be used for {title[0].lower()}{title[1:]}.",
            _ASK,
        )
    _check_place(secret, host, port)
    value = value_of(secret)
    if not many_lines and len(value.splitlines()) > 1:
        raise SecretError(
            f"The {secret.where} of the secret {name} has several lines, and a header "
            "carries one.",
            "Write the value on a single line.",
        )
    _note_use(secret)
    return Revealed(secret.username, value)


def references(text: str) -> list[str]:
    """The names that a text refers to as `${NAME}`, each once."""
    return list(dict.fromkeys(_REFERENCE.findall(text)))


def state_of(secret: Secret) -> State:
    """Does this process find the value? Others may find another."""
    try:
        value_of(secret)
    except NotSet as error:
        return State(NOT_SET, str(error))
    except SecretError as error:
        return State(UNREADABLE, str(error))
    return State(AVAILABLE)


def fields_with_value(secret: Secret) -> list[str]:
    """The fields of a row that somebody has typed its value into, by mistake."""
    try:
        value = value_of(secret)
    except SecretError:
        return []
    typed = {name: getattr(secret, name) for name in ("hosts", "username", "note")}
    return [name for name, text in typed.items() if value in text]


def _registered(name: str) -> Secret:
    # What is no name may be the secret itself, in the wrong field: it is not repeated.
    if not rules.NAME.fullmatch(name):
        raise SecretError(
            "What stands there is not the name of a secret.",
            "A name has capital letters, digits and _, such as FORGEJO_TOKEN.",
        )
    secret = Secret.objects.filter(name=name).first()
    if secret is None:
        raise SecretError(
            f"The secret {name} is not registered.",
            "An administrator registers it under Settings, Secrets.",
        )
    return secret


def _check_place(secret: Secret, host: str, port: int | None) -> None:
    try:
        asked = host_of(host)
    except Unfit as unfit:
        raise SecretError(f"The secret {secret.name} is not sent: {unfit}") from None
    if any(place.covers(asked, port) for place in secret.places):
        return
    at = f" at port {port}" if port is not None else ""
    raise SecretError(f"The secret {secret.name} is not bound to {asked}{at}.", _ASK)


def _note_use(secret: Secret) -> None:
    now = timezone.now()
    if secret.last_used_at is None or secret.last_used_at < now - _NOTED_FOR:
        Secret.objects.filter(pk=secret.pk).update(last_used_at=now)
