"""How a secret may be called, and which variables and files it may name."""

from __future__ import annotations

import re

from django.conf import settings

from catalog.secrets.places import Unfit

MAX_BYTES = 64 * 1024
PREFIX = "GREENROOM_"
# What a secret may be used for; its key is what the caller of `reveal` says.
USES = {
    "git": "Git repositories",
    "url": "Documents at a URL",
    "probe": "Probes",
    "notification": "Notifications",
}
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,62}")
# Capitals only, so that a token that is pasted here by mistake is refused.
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def check_name(name: str) -> None:
    """Raise Unfit for what cannot be the name of a secret."""
    if not NAME.fullmatch(name):
        raise Unfit(
            "A name has capital letters, digits and _, begins with a letter, and has "
            "63 characters at most, such as FORGEJO_TOKEN."
        )


def check_variable(name: str) -> None:
    """Raise Unfit for what is no environment variable that may be handed out."""
    if not _VARIABLE.fullmatch(name):
        raise Unfit(
            "A variable has capital letters, digits and _, such as FORGEJO_TOKEN. "
            "Write its name here, never the value."
        )
    if is_ours(name):
        raise Unfit(
            f"{name} is a setting of Greenroom itself, which is never handed out. Put "
            "the secret into a variable of its own."
        )


def check_file(path: str) -> None:
    """Raise Unfit for what is no file below the folder of secrets."""
    parts = path.split("/")
    if len(parts) > 4 or not all(_FILE.fullmatch(part) for part in parts):
        raise Unfit(
            f"“{path}” is not a file below the folder of secrets. Write its name, such "
            "as forgejo_token or git/token: letters, digits, _ . and -, no leading / "
            "and no part that begins with a dot."
        )


def is_ours(variable: str) -> bool:
    """Is this environment variable a setting of Greenroom itself?"""
    return variable.startswith(PREFIX) or variable in settings.GREENROOM_OWN_VARIABLES


def check_username(name: str) -> None:
    """Raise Unfit for what a header cannot carry as a user name."""
    if ":" in name or not name.isprintable():
        raise Unfit("A user name has no colon and no control characters.")
