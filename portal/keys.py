"""The key of this house: kept in the data folder, and what follows from it.

Imports no Django, so that the supervisor can use it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from portal.env import Env, SettingsError, reason


def signing_key(env: Env) -> str:
    """The secret key: as set, or kept in the data folder and made there once."""
    return env.secret_key or kept_key(env.data / "secret.key")


def kept_key(path: Path) -> str:
    """The key in this file, which only its owner may read; made once."""
    try:
        if not path.exists():
            keep_new_key(path)
    except OSError as error:
        raise SettingsError(
            f"the secret key cannot be kept in {path}: {reason(error)}; make the "
            f"folder writable, or set GREENROOM_SECRET_KEY."
        ) from None
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            f"the secret key in {path} cannot be read: {reason(error)}; let the user "
            f"that runs Greenroom read it."
        ) from None


def keep_new_key(path: Path) -> None:
    """Make the key, complete before it has its name: two starts may meet here."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()


def setup_token(secret_key: str) -> str:
    """The token of the one-time set-up link; it works while there is no account."""
    return hmac.new(
        secret_key.encode(), b"greenroom set-up link", hashlib.sha256
    ).hexdigest()[:40]
