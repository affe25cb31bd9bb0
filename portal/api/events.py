"""What tools did to entities, such as deployments: telling it, and what was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from catalog import refs
from catalog.entities import past, reporting
from catalog.entities.models import Event
from catalog.refs import RefError
from portal.api.auth import token_of
from portal.api.catalog import ADDRESS, FAILS, shown
from portal.api.problems import ApiProblem, ProblemOut
from portal.api.schemas import Newest
from portal.api.sent import Line, Moment, Sent
from portal.web.gate import account_of, viewer_of

router = Router(tags=["Events"])


class Happened(Sent):
    """What a tool did to an entity."""

    ref: str = Field(max_length=200, examples=["component:default/llm-gateway"])
    action: Line = Field(
        max_length=40,
        description="What was done, in a word or two.",
        examples=["deployed"],
    )
    title: str = Field("", max_length=300, description="One line that says more.")
    tool: str = Field("", max_length=60, examples=["Forgejo Actions"])
    version: str = Field("", max_length=100, examples=["1.4.2"])
    url: str = Field(
        "",
        max_length=1000,
        description="Where more of it is; http or https.",
        examples=["https://forge.lab/me/gateway/actions/runs/42"],
    )
    at: Moment | None = Field(
        None, description="When it was done, with its zone; now without it."
    )
    key: str = Field(
        "",
        max_length=200,
        description="Your own name for it: told again with the same key, it is noted "
        "once. The header Idempotency-Key does the same.",
        examples=["gateway-run-42"],
    )


class EventOut(Schema):
    """What was noted."""

    id: int
    ref: str
    at: datetime
    action: str
    title: str
    tool: str
    version: str
    url: str
    author: str = Field(description="The account that told it.")


@router.post(
    "/changes",
    response={
        200: EventOut,
        201: EventOut,
        403: ProblemOut,
        404: ProblemOut,
        409: ProblemOut,
        **FAILS,
    },
    summary="Tell a change",
)
def tell(request: HttpRequest, told: Happened) -> Any:
    """Note what CI, Ansible or you did to an entity. It stands in its history and
    among all changes, and is never changed. 201 when it is new, 200 when its key was
    told before."""
    account = account_of(request)
    entity = shown(request, *_parts(told.ref))
    said = told.model_dump(exclude={"ref"})
    said["key"] = said["key"] or request.headers.get("Idempotency-Key", "")
    token = token_of(request)
    try:
        event, is_new = reporting.note(
            entity, reporting.Told(**said), account, token.title if token else ""
        )
    except reporting.OtherEvent as error:
        raise ApiProblem(409, error.sentence, error.remedy) from None
    except reporting.Unnoted as error:
        place = {"at": f"body.{error.field}", "message": error.sentence}
        raise ApiProblem(400, error.sentence, error.remedy, errors=[place]) from None
    return Status(201 if is_new else 200, _event(event, entity.ref))


@router.get(
    f"{ADDRESS}/changes",
    response={200: list[EventOut], **FAILS},
    summary="Told changes",
)
def events(
    request: HttpRequest,
    kind: str,
    namespace: str,
    name: str,
    newest: Query[Newest],
) -> Any:
    """What tools did to it, newest first. What its document said is in its
    revisions."""
    entity = shown(request, kind, namespace, name)
    rows = past.events(viewer_of(request)).filter(identity_id=entity.pk)
    rows = rows.order_by("-at", "-pk")[: newest.limit]
    return [_event(row, entity.ref) for row in rows]


def _parts(text: str) -> refs.Ref:
    try:
        return refs.parse(text)
    except RefError as error:
        remedy = "Write kind:namespace/name."
        raise ApiProblem(400, f"`ref`: {error}.", remedy) from None


def _event(row: Event, ref: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "ref": ref,
        "at": row.at,
        "action": row.action,
        "title": row.title,
        "tool": row.tool,
        "version": row.version,
        "url": row.url,
        "author": row.author_name,
    }
