"""The history of an entity: its revisions, what one said, and bringing that back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from catalog.entities import past
from catalog.entities.models import Revision
from catalog.sources import made_here, processing
from catalog.sources.provider import SourceError
from portal.api.catalog import ADDRESS, FAILS, check_match, shown
from portal.api.documents import as_applied, as_problem
from portal.api.problems import ApiProblem, ProblemOut
from portal.api.schemas import Applied, Newest, RevisionOut, RevisionText
from portal.web.gate import account_of, viewer_of

router = Router(tags=["Entities"])


@router.get(
    f"{ADDRESS}/revisions",
    response={200: list[RevisionOut], **FAILS},
    summary="Revisions",
)
def revisions(
    request: HttpRequest,
    kind: str,
    namespace: str,
    name: str,
    newest: Query[Newest],
) -> Any:
    """What was changed, by whom and why, newest first."""
    entity = shown(request, kind, namespace, name)
    rows = past.revisions(entity, viewer_of(request))
    return [_revision(row) for row in rows[: newest.limit]]


@router.get(
    f"{ADDRESS}/revisions/{{id}}",
    response={200: RevisionText, **FAILS},
    summary="One revision",
)
def revision(
    request: HttpRequest, kind: str, namespace: str, name: str, id: int
) -> Any:
    """One change with the text that it left behind, if you may read what was then."""
    entity = shown(request, kind, namespace, name)
    row = past.revisions(entity, viewer_of(request)).filter(pk=id).first()
    if row is None:
        raise _missing(entity.ref, id)
    return _revision(row) | {"text": row.text}


@router.post(
    f"{ADDRESS}/revisions/{{id}}/restore",
    response={
        200: Applied,
        403: ProblemOut,
        409: ProblemOut,
        412: ProblemOut,
        **FAILS,
    },
    summary="Restore",
)
def restore(request: HttpRequest, kind: str, namespace: str, name: str, id: int) -> Any:
    """Declare a former text of an entity that was made in the portal again. With
    If-Match only over the version that you know."""
    account, viewer = account_of(request), viewer_of(request)
    try:
        # Of two at once the second finds what the first left.
        with processing.locked():
            entity = shown(request, kind, namespace, name)
            row = made_here.former(entity, viewer, id)
            if row is None:
                raise _missing(entity.ref, id)
            check_match(request, entity)
            done = made_here.restore(entity, row, account, viewer)
    except SourceError as error:
        raise ApiProblem(409, error.message, error.remedy) from None
    if done.refused:
        raise ApiProblem(
            409,
            f"What {entity.ref} said then is refused today; nothing was changed.",
            "Mend that text, and apply it.",
            errors=[as_problem(one) for one in done.problems],
        )
    return as_applied(done, dry_run=False)


def _missing(ref: str, id: int) -> ApiProblem:
    said = f"{ref} has no revision {id} that you may read."
    return ApiProblem(404, said, "List its revisions.")


def _revision(row: Revision) -> dict[str, Any]:
    return {
        "id": row.pk,
        "at": row.at,
        "action": row.action,
        "door": row.door,
        "author": row.author_name,
        "reason": row.reason,
        "commit": row.commit,
    }
