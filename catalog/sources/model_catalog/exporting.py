"""What a viewer may see of a query's result, as model catalogs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from catalog.entities import relations
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.query.language.asking import ask
from catalog.sources.model_catalog.writing import RELATIONS, Export, Seen, write

_CHUNK = 300
T = TypeVar("T")


def export(query: str, viewer: Viewer) -> Export:
    """The export of what a query finds. Raises Wrong where it cannot be read."""
    keys = ask(query, viewer).keys()
    visible = Entity.objects.visible_to(viewer)
    found = list(_seen(visible.filter(pk__in=part) for part in _chunks(keys)))
    servers = [one for one in found if one.is_server]
    around: dict[str, list[str]] = {}
    for part in _chunks([one.ref for one in servers]):
        for ref, edges in relations.around(part, viewer, RELATIONS).items():
            around[ref] = [edge.other for edge in edges if edge.forward and edge.entity]
    wanted = sorted({other for others in around.values() for other in others})
    parts = (visible.filter(ref__in=part) for part in _chunks(wanted))
    others = {one.ref: one for one in _seen(parts)}
    linked = {
        one.ref: _in_order(one, [others[ref] for ref in around[one.ref]])
        for one in servers
    }
    return write(found, linked)


def _in_order(server: Seen, others: list[Seen]) -> list[Seen]:
    """As the server's document names them; what others declare comes after."""
    named = [other for _, _, other in relations.named(server.data)]
    order = {ref: number for number, ref in reversed(list(enumerate(named)))}
    unique = {one.ref: one for one in others}
    return sorted(
        unique.values(), key=lambda one: (order.get(one.ref, len(order)), one.ref)
    )


def _chunks(values: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _seen(parts: Iterable[Iterable[Entity]]) -> Iterator[Seen]:
    for rows in parts:
        for one in rows:
            yield Seen(one.ref, one.data, one.path)
