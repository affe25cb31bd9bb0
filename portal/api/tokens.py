"""The tokens of whoever asks: the list, making one, revoking one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from portal.accounts import tokens
from portal.accounts.models import ApiToken
from portal.accounts.refusal import Refusal
from portal.api.auth import token_of
from portal.api.problems import COMMON, ApiProblem, ProblemOut
from portal.api.sent import Line, Sent, Whole
from portal.web.gate import account_of

router = Router(tags=["Tokens"])
FAILS = {403: ProblemOut, **COMMON}
CLASHES = {409: ProblemOut, **FAILS}


class Scope(StrEnum):
    """What a token may."""

    READ, WRITE = "read", "write"


class NewToken(Sent):
    """A token to be made."""

    title: Line = Field(max_length=100, examples=["CI of the homelab"])
    scope: Scope = Field(Scope.READ, description="`write` needs the role Editor.")
    days: Whole = Field(
        90,
        ge=0,
        le=3650,
        description="How long it works; 0 until it is revoked. One that a token makes "
        "cannot outlive that one.",
    )


class TokenOut(Schema):
    """A token. Its text is not known here."""

    id: int
    title: str
    scope: Scope
    beginning: str = Field(examples=["grm_Xy12"])
    created_at: datetime
    expires_at: datetime | None = Field(description="null: until it is revoked.")
    used_at: datetime | None
    made_by: int | None = Field(description="The token that made it, if one did.")
    current: bool = Field(description="Is it the one that asks?")


class MadeToken(TokenOut):
    """A new token with its text, which is shown this once."""

    token: str = Field(examples=["grm_…"])


@router.get("/tokens", response={200: list[TokenOut], **COMMON}, summary="Tokens")
def mine(request: HttpRequest) -> Any:
    """Your own tokens that are not revoked, newest first."""
    return [_token(request, row) for row in tokens.of(account_of(request))]


@router.post("/tokens", response={201: MadeToken, **CLASHES}, summary="Make a token")
def make(request: HttpRequest, wanted: NewToken, response: HttpResponse) -> Any:
    """Make a token of yours; its text stands in this answer and nowhere else. A token
    makes none that may more, or longer, than itself: revoking it revokes them too."""
    try:
        row, text = tokens.make(
            account_of(request),
            wanted.title,
            wanted.scope,
            wanted.days,
            token_of(request),
        )
    except Refusal as error:
        status = 403 if error.field in ("scope", "days") else 409
        place = {"at": f"body.{error.field or 'title'}", "message": error.sentence}
        raise ApiProblem(
            status, error.sentence, "Nothing was made.", errors=[place]
        ) from None
    response["Cache-Control"] = "no-store"
    return Status(201, _token(request, row) | {"token": text})


@router.delete(
    "/tokens/{id}", response={204: None, 404: ProblemOut, **FAILS}, summary="Revoke"
)
def revoke(request: HttpRequest, id: int) -> Any:
    """Revoke a token of yours, and those that it made. What uses them is refused from
    now on."""
    account = account_of(request)
    row = tokens.of(account).filter(pk=id).first()
    if row is None:
        raise ApiProblem(404, f"You have no token {id}.", "List them: GET /tokens.")
    tokens.revoke(row, account)
    return Status(204, None)


def _token(request: HttpRequest, row: ApiToken) -> dict[str, Any]:
    asking = token_of(request)
    return {
        "id": row.pk,
        "title": row.title,
        "scope": row.scope,
        "beginning": row.beginning,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "used_at": row.used_at,
        "made_by": row.made_by_id,
        "current": asking is not None and asking.pk == row.pk,
    }
