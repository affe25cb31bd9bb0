"""The facets of the index as criteria: kind, type, owner, lifecycle, tag, status …"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from catalog import refs
from catalog.entities.ownership import group_tree, principals
from catalog.query.fields import Field
from catalog.query.language.criterion import ANY, NONE, Criterion
from catalog.query.language.matching import means, remark_unknown, union, without
from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Scope, Truth
from catalog.query.language.wrong import Wrong

ME = "me"
_EXAMPLES = {
    "kind": ("kind:model", "kind:model,eval"),
    "owner": ("owner:platform", "owner:me", "owner:none"),
    "tag": ("tag:cuda", "tag:speech*"),
    "status": ("status:down", "-status:up"),
}
_HELP = {
    "owner": "Who answers for it; a group with all groups inside it, and me.",
    "lifecycle": "How far it is, as its document says.",
    "source": "The source that declares it.",
    "status": "What probes say. It is not known of what nobody probes.",
}


def of(field: Field) -> Criterion:
    """The criterion of a facet."""
    find = _owner if field.key == "owner" else _find
    example = next(iter(field.labels), "") or "any"
    return Criterion(
        field.key,
        field.title,
        _HELP.get(field.key, f"{field.title}, as the filter beside the list has it."),
        partial(find, field),
        _EXAMPLES.get(field.key, (f"{field.key}:{example}",)),
        choices=partial(_choices, field),
        group="Observed" if field.live else "Declared",
    )


def _choices(field: Field, scope: Scope) -> Mapping[str, int]:
    counts = scope.counted(scope.table.bits[field.key])
    counts.pop("", None)
    return {refs.short(ref): n for ref, n in counts.items()} if field.is_ref else counts


def _find(field: Field, scope: Scope, clause: Clause) -> Truth:
    column = scope.table.bits[field.key]
    none = without(scope, column, ("", *field.unknown))
    if field.is_ref:
        found = Truth(_linked(field, scope, clause, none))
    elif field.unknown:
        found = _observed(field, scope, clause, none)
    else:
        found = Truth(union(scope, column, clause.values, none))
    remark_unknown(scope, clause, _named(field, scope))
    return found


def _observed(field: Field, scope: Scope, clause: Clause, none: int) -> Truth:
    """Each value by itself: of some it is known that nobody knows."""
    column = scope.table.bits[field.key]
    told = {NONE, ANY, *field.unknown}
    found = Truth(0)
    for value in dict.fromkeys(clause.values):
        yes = union(scope, column, (value,), none)
        found |= Truth(yes, 0 if value.casefold() in told else none & ~yes)
    return found


def _linked(field: Field, scope: Scope, clause: Clause, none: int) -> int:
    column = scope.table.bits[field.key]
    words = [value for value in clause.values if value.casefold() in (NONE, ANY)]
    found = union(scope, column, words, none)
    for value in clause.values:
        found |= scope.table.union(field.key, _refs(field.key, column, value))
    return found


def _refs(kind: str, known: Iterable[str], value: str) -> list[str]:
    """The references that a value means: one, or with `*` of those that are known."""
    if "*" in value:
        return [ref for ref in known if ref and means(ref, value)]
    try:
        return [str(refs.parse(value.lower(), kind=kind))]
    except refs.RefError:
        return []


def _named(field: Field, scope: Scope) -> Mapping[str, int]:
    """Every spelling of the values that are seen."""
    counts = dict(scope.counted(scope.table.bits[field.key]))
    if not field.is_ref:
        return counts | dict.fromkeys(field.labels, 0)
    return _spellings("group" if field.key == "owner" else field.key, counts)


def _spellings(kind: str, counts: Mapping[str, int]) -> dict[str, int]:
    """References as they may be written: whole, short, and what needs no kind."""
    found: dict[str, int] = {}
    for ref, number in counts.items():
        short = refs.short(ref)
        found |= dict.fromkeys((short, short.removeprefix(f"{kind}:"), ref), number)
    return found


def _owner(field: Field, scope: Scope, clause: Clause) -> Truth:
    yes = 0
    for value in clause.values:
        yes |= _owned(scope, clause, value)
    if not yes:
        named = _spellings("group", dict.fromkeys(_groups(scope), 0))
        remark_unknown(scope, clause, {**_named(field, scope), **named, ME: 0})
    return Truth(yes)


def _groups(scope: Scope) -> list[str]:
    groups = (ref for ref in scope.table.refs if ref.startswith("group:"))
    return list(filter(scope.sees, groups))


def _owned(scope: Scope, clause: Clause, value: str) -> int:
    table, word = scope.table, value.casefold()
    column = table.bits["owner"]
    if word == NONE:
        return table.unowned(scope.seen)
    if word == ANY:
        return table.union("owner", filter(scope.sees, column))
    if word == ME:
        return table.union("owner", _mine(scope, clause))
    known = {*scope.counted(column), *_groups(scope)} if "*" in value else ()
    wanted = _refs("group", known, value)
    # A group that the asker does not see says nothing: neither what is inside it, nor
    # that it is inside another.
    inside = (one for ref in filter(scope.sees, wanted) for one in group_tree(ref))
    return table.union("owner", {*wanted, *filter(scope.sees, inside)})


def _mine(scope: Scope, clause: Clause) -> list[str]:
    if not scope.viewer.ref:
        raise Wrong(
            "“me” is nobody: this account is linked to no person of the catalog.",
            clause.start,
            clause.end,
            "An administrator links it, under People.",
        )
    return list(principals(scope.viewer.ref))
