"""Relations as criteria: to whom, whether, and how many; in both directions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial

from catalog import refs
from catalog.entities.models import Relation
from catalog.kind import relation_pairs
from catalog.query.columns import Columns, as_bits
from catalog.query.language.criterion import ANY, NONE, ORDERED, Criterion
from catalog.query.language.matching import compare, means, number
from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Scope, Truth
from catalog.query.language.wrong import Wrong, near

# (position, other end, position of who declares it)
Rows = list[tuple[int, str, int]]


def _rows(table: Columns, relation: str) -> Rows:
    """All edges of a name, as far as their ends are in the catalog."""
    backward = {inverse: type_ for type_, inverse in relation_pairs().items()}
    forward = backward.get(relation, relation)
    found: Rows = []
    kept = Relation.objects.filter(type=forward)
    for source, target, by in kept.values_list(
        "source_ref", "target_ref", "declared_by_id"
    ):
        near_end, far = (source, target) if forward == relation else (target, source)
        at, declared = table.at_ref(near_end), table.position.get(by)
        if at is not None and declared is not None:
            found.append((at, far, declared))
    return found


def edges(scope: Scope, relation: str) -> set[tuple[int, str]]:
    """(position, other end) of the edges that the asker may know of; once where both
    ends declare one."""
    table = scope.table
    rows = table.keep(("edges", relation), lambda: _rows(table, relation))
    if scope.seen == table.everything:
        return {(at, far) for at, far, _ in rows}
    seen = table.digits(scope.seen)
    return {(at, far) for at, far, by in rows if seen[at] == "1" and seen[by] == "1"}


def having(scope: Scope, relation: str) -> int:
    """Who has an edge of this name."""
    found = {at for at, _ in edges(scope, relation)}
    return as_bits(found, len(scope.table.keys))


def _find(relation: str, scope: Scope, clause: Clause) -> Truth:
    known = edges(scope, relation)
    size = len(scope.table.keys)
    counts = Counter(at for at, _ in known)
    # `dependsOn:3` could be a name; only the comparisons count.
    if clause.op != ":":
        fits, wanted = compare(clause.op), number(clause)
        yes = as_bits((at for at, n in counts.items() if fits(n, wanted)), size)
        if fits(0, wanted):
            yes |= scope.seen & ~as_bits(counts, size)
        return Truth(yes)
    yes = 0
    for value in clause.values:
        if value.casefold() == NONE:
            yes |= scope.seen & ~as_bits(counts, size)
        elif value.casefold() == ANY:
            yes |= as_bits(counts, size)
        else:
            meant = {far: means(far, value) for far in {far for _, far in known}}
            yes |= as_bits((at for at, far in known if meant[far]), size)
    return Truth(yes)


def relation_names() -> list[str]:
    """Every name of a relation, in both directions."""
    pairs = relation_pairs()
    return sorted({*pairs, *pairs.values()}, key=str.casefold)


def _relation(scope: Scope, clause: Clause) -> Truth:
    yes = 0
    names = {name.casefold(): name for name in relation_names()}
    for value in clause.values:
        name = names.get(value.casefold())
        if name is None:
            raise Wrong(
                f"There is no relation “{value}”.",
                clause.start,
                clause.end,
                f"Relations are {', '.join(relation_names())}.",
                tuple(f"relation:{one}" for one in near(value, names.values(), 0.6)),
            )
        yes |= having(scope, name)
    return Truth(yes)


def _choices(relation: str, scope: Scope) -> Mapping[str, int]:
    found = Counter(refs.short(far) for _, far in edges(scope, relation))
    return dict(found.most_common())


def _relation_choices(scope: Scope) -> Mapping[str, int]:
    found = {name: having(scope, name).bit_count() for name in relation_names()}
    return {name: n for name, n in found.items() if n}


def criteria() -> list[Criterion]:
    """All of this file."""
    found = [
        Criterion(
            "relation",
            "Relation",
            "Has a relation of this name.",
            _relation,
            ("relation:dependsOn", "-relation:ownedBy"),
            choices=_relation_choices,
        )
    ]
    for name in relation_names():
        found.append(
            Criterion(
                name,
                name,
                f"The other end of “{name}”; with > or < how many there are.",
                partial(_find, name),
                (f"{name}:any", f"{name}>2"),
                ORDERED,
                choices=partial(_choices, name),
                group="Relations",
            )
        )
    return found
