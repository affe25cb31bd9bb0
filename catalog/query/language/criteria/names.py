"""What an entity is called: name, title, namespace, reference; labels, annotations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from catalog.entities.models import Attribute
from catalog.query.columns import as_bits
from catalog.query.language.criterion import Criterion
from catalog.query.language.matching import remark_unknown, union, without
from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Scope, Truth


def _part(ref: str, part: str) -> str:
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    return {"namespace": namespace, "name": name, "kind": kind, "ref": ref}[part]


def _column(scope: Scope, part: str) -> dict[str, int]:
    table = scope.table

    def make() -> dict[str, int]:
        places: dict[str, list[int]] = defaultdict(list)
        for at, ref in enumerate(table.refs):
            value = table.titles[ref] if part == "title" else _part(ref, part)
            places[value].append(at)
        return {one: as_bits(at, len(table.keys)) for one, at in places.items()}

    return table.keep(("part", part), make)


def _find(part: str, scope: Scope, clause: Clause) -> Truth:
    column = _column(scope, part)
    yes = union(scope, column, clause.values, 0)
    if not yes:
        remark_unknown(scope, clause, scope.counted(column))
    return Truth(yes)


def _namespaces(scope: Scope) -> Mapping[str, int]:
    return scope.counted(_column(scope, "namespace"))


def _attribute(sort: str, scope: Scope, clause: Clause) -> Truth:
    key = f"{sort}.{clause.field.partition('.')[2]}"
    rows = Attribute.objects.filter(key__iexact=key)
    column: dict[str, int] = {}
    position = scope.table.position
    for entity, value in rows.values_list("entity_id", "value"):
        if entity in position:
            column[value] = column.get(value, 0) | 1 << position[entity]
    yes = union(scope, column, clause.values, without(scope, column))
    remark_unknown(scope, clause, scope.counted(column))
    return Truth(yes)


def _called(part: str, title: str, help_: str, *examples: str) -> Criterion:
    return Criterion(part, title, help_, partial(_find, part), examples)


def _open(sort: str, *examples: str) -> Criterion:
    help_ = f"{sort.capitalize()} of the document, by its key."
    find = partial(_attribute, sort)
    return Criterion(f"{sort}.", sort.capitalize(), help_, find, examples, is_open=True)


def criteria() -> list[Criterion]:
    """All of this file."""
    whole = "ref:component:default/lab-chat"
    anything = "The name in the document; * stands for anything."
    titled = "The title, or the name of what has none."
    space = _called("namespace", "Namespace", "The namespace.", "namespace:default")
    return [
        _called("name", "Name", anything, "name:whisper-large-v3", "name:whisper*"),
        _called("title", "Title", titled, 'title:"Lab chat"'),
        _called("ref", "Reference", "The whole reference.", whole),
        replace(space, choices=_namespaces),
        _open("label", "label.team/site:attic", "label.gpu:any"),
        _open("annotation", "annotation.greenroom/probe:any"),
    ]
