"""What stands above every page of an entity: title, marks, banners, decisions, tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.entities import decisions
from catalog.entities.graph import AGAINST, IMPACT
from catalog.entities.models import Entity, Finding
from catalog.entities.relations import Edge
from catalog.kind import relation_pairs
from catalog.query import hits
from catalog.sources import enriching, made_here
from catalog.sources.provider import PROVIDERS
from portal.accounts import stars
from portal.web.addresses import source_address, web_address
from portal.web.subject import Subject, page_address
from techdocs.markdown import render

# Kinds that answer for others, or only list files: nobody decides a tier for them.
_UNDECIDED = ("Group", "User", "Location")
_LOCATION = "backstage.io/source-location"
_EDIT = "backstage.io/edit-url"
_VIEW = "backstage.io/view-url"
_MAX_LEAD = 300
_HINTED = 4
# Kinds that may be asked how they are, whether they are or not.
_PROBED = ("Component", "API", "Resource")
_CONSUMERS = ("dependencyOf", "apiConsumedBy")


@dataclass(frozen=True)
class Choice:
    """One decision: its value, or how to decide it. `key` is its filter in the list."""

    key: str
    title: str
    value: str
    help: str
    how: str
    is_said: bool = False


@dataclass(frozen=True)
class Head:
    """The frame of one page of an entity."""

    subject: Subject
    crumbs: list[tuple[Entity | None, str]]
    lead: str
    consumers: list[Entity]
    production: str
    choices: list[Choice]
    tabs: list[tuple[str, str, bool, int | None]]
    refused: list[Finding]
    dangling: list[Edge]
    hints: dict[str, str]
    owner_ref: str
    edit_href: str
    edit_title: str
    is_ours: bool
    is_starred: bool

    @property
    def entity(self) -> Entity:
        """Whose page it is."""
        return self.subject.entity

    @property
    def undecided(self) -> list[Choice]:
        """What nobody has decided yet."""
        return [choice for choice in self.choices if not choice.value]

    @property
    def is_unowned(self) -> bool:
        """Should somebody answer for it, and nobody does who can be shown?"""
        needs_owner = self.entity.kind not in _UNDECIDED
        return needs_owner and self.subject.owner is None


def head_of(subject: Subject, current: str) -> Head:
    """The frame; `current` is the route of the page that is shown in it."""
    entity = subject.entity
    edit_href, edit_title = _edit_place(subject)
    missing = [edge.other for edge in subject.dangling[:_HINTED]]
    if entity.owner and subject.owner is None:
        missing.append(entity.owner)
    return Head(
        subject=subject,
        crumbs=_crumbs(subject),
        lead=lead_of(entity),
        consumers=_consumers(subject),
        production=production_version(entity),
        choices=_choices(entity),
        tabs=_tabs(subject, current),
        refused=[f for f in subject.findings if f.severity == Finding.ERROR],
        dangling=[edge for edge in subject.dangling if edge.type != "ownedBy"],
        hints={ref: hits.hint(ref, subject.viewer) for ref in missing},
        owner_ref=entity.owner,
        edit_href=edit_href,
        edit_title=edit_title,
        is_ours=made_here.may_change(entity, subject.viewer),
        is_starred=stars.has(subject.account, entity.ref),
    )


def context(subject: Subject, current: str, **more: Any) -> dict[str, Any]:
    """What the template of a page of an entity needs."""
    head = head_of(subject, current)
    return {"head": head, "entity": subject.entity, "subject": subject, **more}


def lead_of(entity: Entity) -> str:
    """The first paragraph of the description, shortened at a word."""
    first = " ".join(entity.description.strip().partition("\n\n")[0].split())
    if any(mark in first for mark in "*_`["):
        first = render(first).html.striptags()
    if len(first) <= _MAX_LEAD:
        return first
    return f"{first[:_MAX_LEAD].rpartition(' ')[0]}…"


def production_version(entity: Entity) -> str:
    """The version of a model that is in production, or empty."""
    versions = entity.spec.get("versions") if entity.kind == "Model" else None
    for version in versions or []:
        if version.get("stage") == "production":
            return str(version.get("version", ""))
    return ""


def _crumbs(subject: Subject) -> list[tuple[Entity | None, str]]:
    """Catalog, then what it belongs to: its system, or its owner, or its group."""
    above = [
        *subject.visible("partOf"),
        *subject.visible("ownedBy"),
        *subject.visible("childOf"),
        *subject.visible("memberOf"),
    ]
    return [(None, "Catalog"), *((entity, entity.label) for entity in above[:1])]


def _consumers(subject: Subject) -> list[Entity]:
    found = {entity.ref: entity for entity in subject.visible(*_CONSUMERS)}
    return sorted(found.values(), key=lambda entity: entity.label.casefold())


def _choices(entity: Entity) -> list[Choice]:
    if entity.kind in _UNDECIDED:
        return []
    has_lifecycle = entity.kind not in ("System", "Domain")
    stage = Choice(
        "lifecycle",
        "Lifecycle",
        entity.lifecycle,
        "How far it is.",
        f"spec.lifecycle: {decisions.LIFECYCLES[1]}",
    )
    made = [
        Choice(
            decision.key,
            decision.title,
            value,
            decision.help,
            f"{decision.annotation}: {' | '.join(decision.values) or 'a name'}",
            # Decided, and not by the document: then by somebody over it.
            is_said=bool(value) and enriching.may_say(entity, decision),
        )
        for decision, value in decisions.of(entity)
    ]
    return [stage, *made] if has_lifecycle else made


def _tabs(subject: Subject, current: str) -> list[tuple[str, str, bool, int | None]]:
    entity = subject.entity
    titles: list[tuple[str, str, int | None]] = [("entity", "Overview", None)]
    if not subject.is_people and entity.kind != "Location":
        near = {
            (edge.other, _is_needed(edge)) for edge in subject.edges if _is_impact(edge)
        }
        titles.append(("entity-dependencies", "Dependencies", len(near)))
    if subject.health is not None or entity.kind in _PROBED:
        titles.append(("entity-operations", "Operations", None))
    titles.append(("entity-yaml", "YAML", None))
    titles.append(("entity-history", "History", subject.revision_count))
    return [
        (title, page_address(route, entity), route == current, count)
        for route, title, count in titles
    ]


def _is_impact(edge: Edge) -> bool:
    return forward_type(edge) in IMPACT


def _is_needed(edge: Edge) -> bool:
    """Is the other end what is needed? If not, it needs this one."""
    return edge.forward is not (forward_type(edge) in AGAINST)


def forward_type(edge: Edge) -> str:
    """The type of an edge as it is declared, whichever end it is seen from."""
    if edge.forward:
        return edge.type
    declared = {inverse: forward for forward, inverse in relation_pairs().items()}
    return declared.get(edge.type, edge.type)


def _edit_place(subject: Subject) -> tuple[str, str]:
    """Where its document is changed: an address outside the house, or empty."""
    entity, source = subject.entity, subject.entity.source
    said = subject.annotations
    href = web_address(said.get(_EDIT)) or source_address(said.get(_LOCATION, ""))
    href = href or web_address(said.get(_VIEW))
    if not href and source.provider in PROVIDERS:
        provider = PROVIDERS[source.provider](source)
        href = web_address(provider.web_url(entity.path, entity.line))
    return href, "Edit at source" if href else ""
