"""One entity: what is declared, its relations; taking it away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from catalog.entities import relations
from catalog.entities.models import Entity
from catalog.sources import made_here, processing, sets
from catalog.sources.provider import SourceError
from portal.api.problems import COMMON, ApiProblem, ProblemOut
from portal.api.schemas import EdgeOut
from portal.web.gate import account_of, viewer_of

router = Router(tags=["Entities"])
ADDRESS = "/entities/{kind}/{namespace}/{name}"
FAILS = {404: ProblemOut, **COMMON}
JSON = "application/json"


class Document(Schema):
    """An entity as it is served; relations have an address of their own."""

    apiVersion: str = Field(examples=["greenroom/v1"])
    kind: str = Field(examples=["Model"])
    metadata: dict[str, Any]
    spec: dict[str, Any] | None = None


def shown(request: HttpRequest, kind: str, namespace: str, name: str) -> Entity:
    """An entity that the asker may see. Raises ApiProblem, the same for hidden ones."""
    ref = f"{kind}:{namespace}/{name}".lower()
    rows = Entity.objects.visible_to(viewer_of(request)).select_related("source")
    entity = rows.filter(ref=ref).first()
    if entity is None:
        raise ApiProblem(404, f"There is no entity {ref[:200]} that you may see.")
    return entity


def check_match(request: HttpRequest, entity: Entity) -> None:
    """Is it still the version that the asker names, if any? Raises ApiProblem."""
    wanted = request.headers.get("If-Match", "")
    if wanted and not sets.is_known(wanted, entity.etag, entity.digest):
        said = f"{entity.ref} has changed meanwhile: its ETag is {entity.etag}."
        raise ApiProblem(412, said, "Get it again, and decide anew.")


@router.get(
    ADDRESS,
    response={200: Document, 304: None, **FAILS},
    summary="Get",
)
def get(request: HttpRequest, kind: str, namespace: str, name: str) -> HttpResponse:
    """The entity as JSON. The ETag is for If-None-Match here, and for If-Match where
    it is changed."""
    entity = shown(request, kind, namespace, name)
    return _unless_known(request, entity.final, JSON, entity.etag)


def _unless_known(
    request: HttpRequest, content: str, sort: str, etag: str
) -> HttpResponse:
    mark = f'"{etag}"'
    headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
    if mark in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(content, content_type=sort, headers=headers)


@router.get(
    f"{ADDRESS}/yaml",
    response={200: str, 304: None, **FAILS},
    summary="Get its YAML",
)
def text(request: HttpRequest, kind: str, namespace: str, name: str) -> HttpResponse:
    """The document as its author wrote it. Its ETag is of this text, so that with it
    not even a comment of somebody else is overwritten."""
    entity = shown(request, kind, namespace, name)
    sort = "application/yaml; charset=utf-8"
    return _unless_known(request, entity.text, sort, entity.digest)


@router.get(
    f"{ADDRESS}/relations",
    response={200: list[EdgeOut], **FAILS},
    summary="Relations",
)
def edges(request: HttpRequest, kind: str, namespace: str, name: str) -> Any:
    """Its relations in both directions, as far as you may know of them."""
    entity = shown(request, kind, namespace, name)
    found = relations.around([entity.ref], viewer_of(request))[entity.ref]
    return [
        {"type": edge.type, "target": edge.other, "known": edge.entity is not None}
        for edge in found
    ]


@router.delete(
    ADDRESS,
    response={204: None, 403: ProblemOut, 409: ProblemOut, 412: ProblemOut, **FAILS},
    summary="Delete",
)
def delete(request: HttpRequest, kind: str, namespace: str, name: str) -> HttpResponse:
    """Take away an entity that was made in the portal. With If-Match only the one that
    you know."""
    account = account_of(request)
    try:
        # Of two at once the second finds what the first left.
        with processing.locked():
            entity = shown(request, kind, namespace, name)
            check_match(request, entity)
            made_here.remove(entity, account, viewer_of(request))
    except SourceError as error:
        raise ApiProblem(
            409, str(error), "Take it out of the source that declares it."
        ) from None
    return HttpResponse(status=204)
