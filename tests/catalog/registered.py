"""Secrets as an administrator registers them, for tests."""

from __future__ import annotations

from catalog.secrets.models import Secret

VALUE = "s3cr3t/of+the=house"


def registered(name: str = "FORGEJO_TOKEN", **fields: str) -> Secret:
    """A row that went through all of its rules."""
    known = {"hosts": "git.lab.example", "uses": "git"}
    secret = Secret(name=name, **{**known, **fields})
    secret.full_clean()
    secret.save()
    return secret


def in_file(name: str = "FORGEJO_TOKEN", path: str = "", **fields: str) -> Secret:
    """One whose value lies in the folder of secrets."""
    return registered(name, origin=Secret.FILE, variable=path or "token", **fields)
