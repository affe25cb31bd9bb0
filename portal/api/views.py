"""Saved views: mine and what others share; saving, renaming, sharing, removing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field, StrictBool

from portal.accounts import saved_views
from portal.accounts.links import absolute
from portal.accounts.models import Account, SavedView
from portal.api.problems import COMMON, ApiProblem, ProblemOut
from portal.api.sent import Line, Sent
from portal.web.gate import account_of
from portal.web.saved_links import href_of
from portal.web.view_forms import NEEDS_EDITOR, SavedViewForm, TitleForm

router = Router(tags=["Saved views"])
FAILS = {403: ProblemOut, **COMMON}
CLASHES = {409: ProblemOut, **FAILS}
MISSING = {404: ProblemOut, **FAILS}
_AS_ADDRESS = "Write `query` as in the address of the catalog: q=kind:model."


class NewView(Sent):
    """A view to be saved."""

    title: Line = Field(max_length=80, examples=["Servers without a tier"])
    query: str = Field(
        description="What stands after the `?` of the catalog's address.",
        examples=["q=tier:none&kind=Component"],
    )
    shared: StrictBool = Field(False, description="For all with a login; for editors.")


class ViewChange(Sent):
    """What to change of a view; what is left out stays."""

    title: Line | None = Field(None, max_length=80, examples=["Servers without a tier"])
    shared: StrictBool | None = Field(None, examples=[True])


class ViewOut(Schema):
    """A saved view. It says what is asked, and you see of it what you may see."""

    id: int
    title: str
    query: str
    shared: bool
    owner: str = Field(description="Who saved it.")
    mine: bool
    created_at: datetime
    url: str = Field(description="Its page.")


@router.get("/views", response={200: list[ViewOut], **COMMON}, summary="Saved views")
def views(request: HttpRequest) -> Any:
    """Your own views first, then what others share."""
    account = account_of(request)
    return [_view(request, row) for row in saved_views.seen_by(account)]


@router.post("/views", response={201: ViewOut, **CLASHES}, summary="Save a view")
def save(request: HttpRequest, wanted: NewView) -> Any:
    """Save a query under a title."""
    account = account_of(request)
    _check_sharing(account, shared=wanted.shared)
    form = SavedViewForm(
        account,
        {
            "title": wanted.title,
            "query": wanted.query.removeprefix("?"),
            "is_shared": wanted.shared,
        },
    )
    return Status(201, _view(request, _kept(form)))


@router.patch(
    "/views/{id}",
    response={200: ViewOut, **MISSING, **CLASHES},
    summary="Rename or share",
)
def change(request: HttpRequest, id: int, wanted: ViewChange) -> Any:
    """Give a view of yours another title, share it, or take it back."""
    row = _own(request, id)
    if wanted.shared is not None:
        _check_sharing(account_of(request), shared=wanted.shared)
        row.is_shared = wanted.shared
    title = row.title if wanted.title is None else wanted.title
    return _view(request, _kept(TitleForm({"title": title}, instance=row)))


@router.delete("/views/{id}", response={204: None, **MISSING}, summary="Remove a view")
def remove(request: HttpRequest, id: int) -> Any:
    """Forget a view of yours. What it showed stays in the catalog."""
    _own(request, id).delete()
    return Status(204, None)


def _own(request: HttpRequest, id: int) -> SavedView:
    """A view of whoever asks: that of somebody else is as if it were not there."""
    row = account_of(request).saved_views.filter(pk=id).first()
    if row is None:
        raise ApiProblem(404, f"You have no view {id}.", "List them: GET /views.")
    return row


def _check_sharing(account: Account, *, shared: bool) -> None:
    if shared and not account.can_edit:
        said, _, remedy = NEEDS_EDITOR.partition(" Save it")
        role = account.get_role_display()
        raise ApiProblem(403, said.format(role=role), f"Save it{remedy}")


def _kept(form: TitleForm) -> SavedView:
    row = form.kept()
    if row is not None:
        return row
    found = [
        {"at": f"body.{field}", "message": str(sentence)}
        for field, sentences in form.errors.items()
        for sentence in sentences
    ]
    said = " ".join(one["message"] for one in found)
    status = 409 if form.clashes else 400
    remedy = _AS_ADDRESS if "query" in form.errors else "Nothing was saved."
    raise ApiProblem(status, said, remedy, errors=found)


def _view(request: HttpRequest, row: SavedView) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "query": row.query,
        "shared": row.is_shared,
        "owner": row.owner.label,
        "mine": row.owner_id == account_of(request).pk,
        "created_at": row.created_at,
        "url": absolute(href_of(row), request),
    }
