"""Where the value of a secret is found, in the process that asks: nowhere else.

    SecretError
    └── NotSet   there is no such variable or file here, or it is empty

The messages are for people, and never hold a value.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from django.conf import settings

from catalog.secrets.models import Secret
from catalog.secrets.rules import MAX_BYTES, is_ours

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
# A pipe, or a link that was put there meanwhile, holds nobody and leads nowhere.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
EVERYWHERE = "Set it for the web process and for every worker, then start them again."
IN_FOLDER = "Put it into the folder of secrets of this machine."


class SecretError(Exception):
    """A secret is not handed out; the message says why, the remedy what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class NotSet(SecretError):
    """It has no value in this process."""


def value_of(secret: Secret) -> str:
    """The value as this process finds it, without its last line break.

    Raises SecretError.
    """
    if secret.origin == Secret.FILE:
        text = _text_of(secret, _bytes_of(secret))
        remedy = "Write the value into it."
    else:
        text = _text_of(secret, _variable_of(secret))
        remedy = EVERYWHERE
    text = text.rstrip("\r\n")
    if not text.strip():
        raise NotSet(
            f"The {secret.where} of the secret {secret.name} is empty.", remedy
        )
    if _UNSEEN.search(text):
        raise SecretError(
            f"The {secret.where} of the secret {secret.name} holds control characters.",
            "Write the value as plain text.",
        )
    return text


def _variable_of(secret: Secret) -> bytes:
    # Asked again here: a row may be older than the setting of that name.
    if is_ours(secret.variable):
        raise SecretError(
            f"The secret {secret.name} names {secret.variable}, a setting of "
            "Greenroom, which is never handed out.",
            "Put the value into a variable of its own.",
        )
    value = os.environb.get(secret.variable.encode())
    if value is None:
        raise NotSet(
            f"The secret {secret.name} is not set in this process: there is no "
            f"environment variable {secret.variable}.",
            EVERYWHERE,
        )
    return value


def _text_of(secret: Secret, raw: bytes) -> str:
    try:
        # Some editors begin a file with a mark that is no part of it.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SecretError(
            f"The {secret.where} of the secret {secret.name} is not UTF-8.",
            "Write the value as plain text.",
        ) from None


def _bytes_of(secret: Secret) -> bytes:
    try:
        handle = os.open(_path_of(secret), _FLAGS)
        try:
            _check(secret, os.fstat(handle))
            return os.read(handle, MAX_BYTES)
        finally:
            os.close(handle)
    except (FileNotFoundError, NotADirectoryError):
        raise NotSet(
            f"The secret {secret.name} is not set in this process: there is no "
            f"{secret.where}.",
            IN_FOLDER,
        ) from None
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "its links lead in a circle"
        raise SecretError(
            f"The {secret.where} of the secret {secret.name} cannot be read: {why}.",
            "Let the user that runs Greenroom read it.",
        ) from None


def _path_of(secret: Secret) -> Path:
    """The file itself: links may lead about in the folder, never out of it."""
    folder = Path(settings.GREENROOM_SECRETS).resolve(strict=True)
    path = folder.joinpath(secret.variable).resolve(strict=True)
    if not path.is_relative_to(folder):
        raise SecretError(
            f"The {secret.where} of the secret {secret.name} leads out of the folder "
            "of secrets.",
            "Put the file itself into the folder.",
        )
    return path


def _check(secret: Secret, found: os.stat_result) -> None:
    """Raise SecretError for what is no file of a secret."""
    start = f"The {secret.where} of the secret {secret.name}"
    if not stat.S_ISREG(found.st_mode):
        raise SecretError(f"{start} is not a file.", "Put a plain text file there.")
    if found.st_size > MAX_BYTES:
        raise SecretError(
            f"{start} is larger than {MAX_BYTES // 1024} kB.", "A secret is short."
        )
    if any(_is_same(found, own) for own in settings.GREENROOM_OWN_FILES):
        raise SecretError(
            f"{start} belongs to Greenroom itself, and is never handed out.",
            "Put the value into a file of its own.",
        )


def _is_same(found: os.stat_result, own: Path) -> bool:
    try:
        return os.path.samestat(found, own.stat())
    except OSError:
        return False
