"""The facets of the index as criteria: kind, type, owner, lifecycle, tag, status …"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from catalog import refs
from catalog.entities import ownership
from catalog.query.fields import Field
from catalog.query.language.criterion import ANY, NONE, Criterion
from catalog.query.language.matching import remark_unknown, union, without
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
    asked = clause
    if field.is_ref:
        asked = replace(clause, values=tuple(_full(field, clause)))
    none = without(scope, column, ("", *field.unknown))
    yes = union(scope, column, asked.values, none)
    remark_unknown(scope, clause, _named(field, scope))
    is_known = not field.unknown or {NONE, *field.unknown} & set(clause.values)
    return Truth(yes, 0 if is_known else none & ~yes)


def _named(field: Field, scope: Scope) -> Mapping[str, int]:
    """Every spelling of the values that are seen."""
    counts = dict(scope.counted(scope.table.bits[field.key]))
    if not field.is_ref:
        return counts | dict.fromkeys(field.labels, 0)
    short = {refs.short(ref): n for ref, n in counts.items()}
    return counts | short | {ref.rpartition("/")[2]: n for ref, n in counts.items()}


def _owner(field: Field, scope: Scope, clause: Clause) -> Truth:
    wanted: list[str] = []
    for value, ref in zip(clause.values, _full(field, clause), strict=True):
        if value.casefold() == ME:
            wanted += _mine(scope, clause)
            continue
        # A group inside it that the asker does not see says nothing.
        inside = [one for one in ownership.group_tree(ref) if scope.sees(one)]
        wanted += [ref, *inside]
    column = scope.table.bits["owner"]
    yes = union(scope, column, wanted, scope.table.unowned(scope.seen))
    if not yes:
        known = dict(_named(field, scope))
        groups = {one: 0 for one in scope.table.refs if one.startswith("group:")}
        seen = {refs.short(one): 0 for one in groups if scope.sees(one)}
        names = {one.rpartition("/")[2]: 0 for one in groups if scope.sees(one)}
        remark_unknown(scope, clause, {**known, **seen, **names, ME: 0})
    return Truth(yes)


def _mine(scope: Scope, clause: Clause) -> list[str]:
    if not scope.viewer.ref:
        raise Wrong(
            "“me” is nobody: this account is linked to no person of the catalog.",
            clause.start,
            clause.end,
            "An administrator links it, under People.",
        )
    return list(ownership.principals(scope.viewer.ref))


def _full(field: Field, clause: Clause) -> list[str]:
    """References with kind and namespace; what is none stays as it is."""
    kind = "group" if field.key == "owner" else field.key
    found = []
    for value in clause.values:
        try:
            plain = "*" in value or value.casefold() in (NONE, ANY)
            parsed = value if plain else str(refs.parse(value.lower(), kind=kind))
        except refs.RefError:
            parsed = value
        found.append(parsed)
    return found
