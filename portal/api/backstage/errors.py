"""Errors as Backstage's clients read them: a name, a message, the request."""

from __future__ import annotations

import json

from portal.api.plain import Answer, Ask

JSON = ("Content-Type", "application/json; charset=utf-8")


class BackstageError(Exception):
    """Something that a client is told; `name` is what its code looks at."""

    name, status = "Error", 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputError(BackstageError):
    """The request cannot be understood."""

    name, status = "InputError", 400


class NotFoundError(BackstageError):
    """There is no such thing, or none that the asker may see."""

    name, status = "NotFoundError", 404


class NotAllowedError(BackstageError):
    """Greenroom does not take this from a client of Backstage."""

    name, status = "NotAllowedError", 403


def told(error: BackstageError, ask: Ask) -> Answer:
    """An error as an answer."""
    url = ask.path + (f"?{ask.query}" if ask.query else "")
    body = {
        "error": {"name": error.name, "message": error.message},
        "request": {"method": ask.method, "url": url},
        "response": {"statusCode": error.status},
    }
    return Answer(error.status, json.dumps(body).encode(), (JSON,))
