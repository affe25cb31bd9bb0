"""Errors as RFC 9457 has them: `application/problem+json`, with what to do."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    RawPostDataException,
)
from ninja import NinjaAPI, Schema
from ninja.errors import (
    AuthenticationError,
    HttpError,
    Throttled,
    ValidationError,
)
from pydantic import Field

from catalog.query.language.wrong import Wrong

TYPE = "application/problem+json"
# What breaks the description, in plainer words than Pydantic's.
_WORDS = {
    "missing": "It is missing.",
    "extra_forbidden": "There is no such field: is it spelled right?",
    "model_type": "Send a JSON object.",
    "bool_type": "Write true or false.",
    "string_type": "Write a text.",
}
# Ninja itself says no other 403.
_CSRF = "Send the CSRF token of a page as X-CSRFToken, or ask with a token of yours."


class ProblemOut(Schema):
    """What is wrong with a request, and what to do."""

    type: str = Field(
        "about:blank", description="What sort of problem; a name of ours."
    )
    title: str = Field(description="The status in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What happened, and with which value.")
    remedy: str = Field("", description="What to do.")
    errors: list[dict[str, Any]] = Field(
        default_factory=list, description="One entry for each field or document."
    )


# What every endpoint may say.
# 400 for what cannot be read at all: no JSON, a strange host.
COMMON = {400: ProblemOut, 401: ProblemOut, 422: ProblemOut, 429: ProblemOut}


class ApiProblem(Exception):
    """Raise it anywhere in an endpoint."""

    def __init__(self, status: int, detail: str, remedy: str = "", **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.remedy, self.more = status, detail, remedy, more


def answer(
    status: int,
    detail: str,
    remedy: str = "",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """A problem as a response."""
    body = ProblemOut(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        remedy=remedy,
        **more,
    )
    return JsonResponse(
        body.model_dump(), status=status, content_type=TYPE, headers=headers
    )


def _wrong(_: HttpRequest, wrong: Any) -> HttpResponse:
    place = {
        "query": wrong.text,
        "start": wrong.start,
        "end": wrong.end,
        "instead": wrong.instead,
    }
    return answer(400, wrong.message, wrong.remedy, type="wrong-query", errors=[place])


def _place(steps: Sequence[str | int]) -> Sequence[str | int]:
    """Where it stands in the request, without the name that it has in our code: Ninja
    gives that of a body, and of a query where it leads into a list."""
    is_named = steps[0] == "body" or len(steps) > 2
    return (steps[0], *steps[2:]) if is_named else steps


def _unread(request: HttpRequest, said: str) -> str:
    """Why a body could not be read, with its place where it is JSON."""
    try:
        json.loads(request.body)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return f"The body is no JSON: {error.msg}, at {place}."
    except (ValueError, RequestDataTooBig, RawPostDataException):
        pass
    return said


def _invalid(_: HttpRequest, error: Any) -> HttpResponse:
    found = [
        {
            "at": ".".join(map(str, _place(one["loc"]))),
            "message": _WORDS.get(one["type"], one["msg"]),
        }
        for one in error.errors
    ]
    named = "; ".join(f"{one['at']}: {one['message']}" for one in found[:3])
    named = named if named.endswith((".", "?")) else f"{named}."
    remedy = "The description is at /api/v1/openapi.json, for people at "
    remedy += "/help/api-reference/."
    return answer(422, named, remedy, errors=found)


def handle(api: NinjaAPI) -> None:
    """Tell an API how its errors are written."""
    api.add_exception_handler(Wrong, _wrong)
    api.add_exception_handler(ValidationError, _invalid)

    @api.exception_handler(ApiProblem)
    def _problem(_: HttpRequest, error: Any) -> HttpResponse:
        return answer(error.status, error.detail, error.remedy, **error.more)

    @api.exception_handler(AuthenticationError)
    def _nobody(_: HttpRequest, error: Any) -> HttpResponse:
        remedy = "Send “Authorization: Bearer grm_…”; make a token under your profile."
        said = "There is no valid token or session with this request."
        return answer(
            401, said, remedy, {"WWW-Authenticate": 'Bearer realm="Greenroom"'}
        )

    @api.exception_handler(Throttled)
    def _too_many(_: HttpRequest, error: Any) -> HttpResponse:
        wait = max(1, math.ceil(error.wait or 1))
        said = "This account has asked too much in this minute."
        return answer(429, said, f"Wait {wait} s.", {"Retry-After": str(wait)})

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: Any) -> HttpResponse:
        if error.status_code == 400:
            return answer(400, _unread(request, str(error)), "Send it as JSON.")
        remedy = _CSRF if error.status_code == 403 else ""
        return answer(error.status_code, str(error), remedy)

    @api.exception_handler(Http404)
    def _missing(_: HttpRequest, error: Any) -> HttpResponse:
        return answer(404, str(error) or "There is nothing at this address.")
