"""What is wrong with a secret that somebody wants to register, field by field."""

from __future__ import annotations

import ipaddress
import re

from django.conf import settings

from catalog.secrets.models import USES, Secret

_HOST = re.compile(
    r"(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:\d{1,5})?"
)
_PLACE = re.compile(r"[A-Za-z0-9_.][-A-Za-z0-9_./]*")


def check(secret: Secret) -> dict[str, str]:
    """A sentence by field; empty when it can be registered."""
    found = {}
    where = secret.where
    if secret.origin == Secret.ENVIRONMENT and where.upper() in settings.SECRETS_CLOSED:
        found["place"] = f"{where} is a setting of Greenroom itself, which stays here."
    elif not _PLACE.fullmatch(where) or ".." in where.split("/"):
        found["place"] = f"{where!r} is no name of a variable or a file in the folder."
    hosts = secret.hosts.split()
    wrong = next((host for host in hosts if not _is_host(host)), "")
    if not hosts:
        found["hosts"] = "Name at least one host, so that it cannot be sent elsewhere."
    elif wrong:
        found["hosts"] = (
            f"{wrong!r} is no host: write forge.lab, *.lab or 10.0.0.7:8443."
        )
    uses = secret.uses.split()
    if not uses or set(uses) - set(USES):
        found["uses"] = f"Choose at least one of {', '.join(USES)}."
    return found


def _is_host(host: str) -> bool:
    if _HOST.fullmatch(host.lower()):
        return True
    inside = host.partition("]")[0].removeprefix("[")
    try:
        ipaddress.ip_address(inside)
    except ValueError:
        return False
    return True
