"""Subject: one entity as one reader sees it, with the facts that cards share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponsePermanentRedirect,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from catalog import refs
from catalog.entities import findings, past, relations
from catalog.entities.models import Entity, Finding, FormerRef, Revision
from catalog.entities.relations import Edge
from catalog.entities.viewer import Viewer
from catalog.kind import KINDS, Kind, relation_pairs
from portal.accounts.models import Account
from portal.web.gate import viewer_of
from portal.web.health import Health, healths

PEOPLE = ("Group", "User")
RECENT = 3


@dataclass
class Subject:
    """An entity that the viewer may see. What is asked twice is read once."""

    entity: Entity
    viewer: Viewer
    account: Account | None = None

    @property
    def kind(self) -> type[Kind] | None:
        """What is known about its kind; None for a kind that nobody declared."""
        return KINDS.get(self.entity.kind)

    @property
    def is_people(self) -> bool:
        """Is it a group or a person, who own things instead of being owned?"""
        return self.entity.kind in PEOPLE

    @property
    def annotations(self) -> dict[str, str]:
        """`metadata.annotations` of the document."""
        return self.entity.metadata.get("annotations") or {}

    @cached_property
    def edges(self) -> list[Edge]:
        """Its relations. What a group or person owns is counted elsewhere: it may be
        half the catalog."""
        if not self.is_people:
            return relations.of(self.entity.ref, self.viewer)
        types = set(relation_pairs()) - {"ownedBy"}
        found = relations.around({self.entity.ref}, self.viewer, types)
        return found[self.entity.ref]

    def along(self, *types: str) -> list[Edge]:
        """The relations of these types."""
        return [edge for edge in self.edges if edge.type in types]

    def visible(self, *types: str) -> list[Entity]:
        """The entities at the end of these relations, as far as they can be shown."""
        return [edge.entity for edge in self.along(*types) if edge.entity is not None]

    @cached_property
    def owner(self) -> Entity | None:
        """Who answers for it, where that can be shown."""
        return next(iter(self.visible("ownedBy")), None)

    @cached_property
    def dangling(self) -> list[Edge]:
        """Relations that lead nowhere, as far as this viewer can see."""
        return [edge for edge in self.edges if edge.entity is None]

    @cached_property
    def findings(self) -> list[Finding]:
        """What is wrong with it, errors first."""
        return list(findings.about(self.entity))

    @cached_property
    def health(self) -> Health | None:
        """How it is, where it is probed."""
        return healths([self.entity.pk]).get(self.entity.pk)

    @cached_property
    def revisions(self) -> QuerySet[Revision]:
        """Its changes, newest first, as far as the viewer may read them."""
        return past.revisions(self.entity, self.viewer)

    @cached_property
    def newest_revisions(self) -> list[Revision]:
        """The newest changes, and one more to compare the last of them with."""
        return list(self.revisions.select_related("author")[: RECENT + 1])

    @cached_property
    def revision_count(self) -> int:
        """How often it changed."""
        if len(self.newest_revisions) <= RECENT:
            return len(self.newest_revisions)
        return self.revisions.count()


Page = Callable[..., HttpResponseBase]


def of_entity(page: Page) -> Callable[..., HttpResponseBase]:
    """A page below the address of an entity. Missing and hidden are the same 404."""

    @wraps(page)
    def found(
        request: HttpRequest, namespace: str, kind: str, name: str, **rest: Any
    ) -> HttpResponseBase:
        ref = f"{kind}:{namespace}/{name}"
        if ref != ref.lower():
            return HttpResponsePermanentRedirect(_same_page(request, ref.lower()))
        viewer = viewer_of(request)
        rows = Entity.objects.visible_to(viewer).defer("final")
        entity = rows.select_related("source", "identity").filter(ref=ref).first()
        if entity is not None:
            account = request.user if isinstance(request.user, Account) else None
            return page(request, Subject(entity, viewer, account), **rest)
        return redirect(_same_page(request, _new_ref(ref, viewer)))

    return found


def _new_ref(former: str, viewer: Viewer) -> str:
    """What an entity is called now that once had this reference."""
    known = FormerRef.objects.filter(ref=former).values("identity_id")
    seen = Entity.objects.visible_to(viewer).filter(pk__in=known)
    ref = seen.values_list("ref", flat=True).first()
    if ref is None:
        raise Http404
    return ref


def _same_page(request: HttpRequest, ref: str) -> str:
    """The page of this request, for another reference."""
    match = request.resolver_match
    kind, _, path = ref.partition(":")
    namespace, _, name = path.partition("/")
    rest = match.kwargs if match else {}
    kwargs: dict[str, Any] = {
        **rest,
        "namespace": namespace,
        "kind": kind,
        "name": name,
    }
    address = reverse(match.view_name if match else "entity", kwargs=kwargs)
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


def page_address(route: str, entity: Entity) -> str:
    """A page of an entity, by the name of its route."""
    ref = refs.Ref(entity.kind, entity.namespace, entity.name)
    lowered = {key: value.lower() for key, value in ref._asdict().items()}
    return reverse(route, kwargs=lowered)
