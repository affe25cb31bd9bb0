"""`is:` and `has:`: conditions with a name of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from catalog.entities import findings, ownership
from catalog.entities.models import Entity
from catalog.query.columns import as_bits
from catalog.query.fields import FIELDS
from catalog.query.language.criteria.documents import PRODUCTION, staged
from catalog.query.language.criteria.edges import having, relation_names
from catalog.query.language.criterion import Criterion
from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Scope, Truth
from catalog.query.language.wrong import Wrong, near


@dataclass(frozen=True)
class Condition:
    """One word after `is:` or `has:`."""

    name: str
    help: str
    find: Callable[[Scope], int]


IS: dict[str, Condition] = {}
HAS: dict[str, Condition] = {}


def register_is(name: str, help_: str, find: Callable[[Scope], int]) -> None:
    """Add a word after `is:`; a room does it when its app is ready."""
    IS[name] = Condition(name, help_, find)


def register_has(name: str, help_: str, find: Callable[[Scope], int]) -> None:
    """Add a word after `has:`."""
    HAS[name] = Condition(name, help_, find)


def _orphan(scope: Scope) -> int:
    return scope.table.orphans & scope.seen


def _unowned(scope: Scope) -> int:
    return scope.table.unowned(scope.seen) & scope.seen


def _dangling(scope: Scope) -> int:
    return _at(scope, {by for by, _, _ in findings.dangling(scope.viewer)})


def _refused(scope: Scope) -> int:
    return _at(scope, findings.subjects_with_errors())


def _example(scope: Scope) -> int:
    rows = Entity.objects.filter(source__example=True)
    return scope.at_keys(rows.values_list("pk", flat=True))


def _mine(scope: Scope) -> int:
    ref = scope.viewer.ref
    owners = ownership.principals(ref) if ref else frozenset()
    return scope.table.union("owner", owners) & scope.seen


def _at(scope: Scope, refs: set[str]) -> int:
    places = (scope.table.at_ref(ref) for ref in refs)
    found = as_bits((at for at in places if at is not None), len(scope.table.keys))
    return found & scope.seen


def _described(column: str, scope: Scope) -> int:
    rows = Entity.objects.exclude(**{column: ""})
    return scope.at_keys(rows.values_list("pk", flat=True))


def _valued(key: str, scope: Scope) -> int:
    found = 0
    for value, bits in scope.table.bits[key].items():
        found |= bits if value and value not in FIELDS[key].unknown else 0
    return found & scope.seen


def has_words() -> Mapping[str, Condition]:
    """All that may stand after `has:`: what was registered, facets and relations."""
    found = dict(HAS)
    for key, named in FIELDS.items():
        help_ = f"Some {named.title.lower()} is known."
        found.setdefault(key, Condition(key, help_, partial(_valued, key)))
    for name in relation_names():
        bits = partial(having, relation=name)
        found.setdefault(name.lower(), Condition(name, f"A relation {name}.", bits))
    return found


def _find(
    words: Callable[[], Mapping[str, Condition]], scope: Scope, clause: Clause
) -> Truth:
    known = words()
    found = 0
    for value in clause.values:
        condition = known.get(value.lower())
        if condition is None:
            names = [one.name for one in known.values()]
            raise Wrong(
                f"There is no {clause.field}:{value}.",
                clause.start,
                clause.end,
                f"After {clause.field}: may stand {', '.join(names)}.",
                tuple(f"{clause.field}:{one}" for one in near(value, names, 0.6)),
            )
        found |= condition.find(scope)
    return Truth(found & scope.seen)


def _choices(
    words: Callable[[], Mapping[str, Condition]], scope: Scope
) -> Mapping[str, int]:
    found = {one.name: one.find(scope).bit_count() for one in words().values()}
    return {name: n for name, n in found.items() if n}


def _is_words() -> Mapping[str, Condition]:
    return IS


for _name, _help, _is in (
    ("orphan", "It vanished from its source.", _orphan),
    ("unowned", "Nobody in the catalog owns it, and somebody should.", _unowned),
    ("dangling", "A relation of it leads nowhere.", _dangling),
    ("refused", "Its newest document was refused.", _refused),
    ("mine", "You own it, or a group that you are in.", _mine),
    ("example", "It comes with an example.", _example),
    (
        PRODUCTION,
        "A version of it is in production; of what has no versions, its lifecycle.",
        partial(staged, stage=PRODUCTION),
    ),
):
    register_is(_name, _help, _is)
register_has("title", "It has a title.", partial(_described, "title"))
register_has("description", "It has a description.", partial(_described, "description"))


def criteria() -> list[Criterion]:
    """All of this file."""
    return [
        Criterion(
            "is",
            "Is",
            "What it is like.",
            partial(_find, _is_words),
            ("is:production", "is:orphan,unowned", "-is:example"),
            choices=partial(_choices, _is_words),
            group="Conditions",
        ),
        Criterion(
            "has",
            "Has",
            "A field or a relation of this name is there.",
            partial(_find, has_words),
            ("has:tier", "-has:description", "has:dependsOn"),
            choices=partial(_choices, has_words),
            group="Conditions",
        ),
    ]
