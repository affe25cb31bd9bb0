"""Which condition of a query keeps an entity out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog import refs
from catalog.query.columns import positions_of
from catalog.query.language.evaluating import evaluate
from catalog.query.language.nodes import All, Either, Node
from catalog.query.language.scope import Scope


@dataclass(frozen=True)
class Reason:
    """One condition of a query, and whether it holds for an entity: True, False, or
    None where nobody knows."""

    text: str
    holds: bool | None
    depth: int


def explain(node: Node, scope: Scope, ref: str, text: str) -> list[Reason]:
    """Which parts of a query hold for an entity that the asker sees. Raises Wrong."""
    at = scope.table.at_ref(ref)
    if at is None or not scope.sees(ref):
        return []
    return list(_reasons(node, scope, at, text, 0))


def _reasons(
    node: Node, scope: Scope, at: int, text: str, depth: int
) -> Iterator[Reason]:
    truth = evaluate(node, scope)
    holds: bool | None = bool(truth.yes >> at & 1)
    if truth.unknown >> at & 1:
        holds = None
    if isinstance(node, All) and not depth:
        for part in node.parts:
            yield from _reasons(part, scope, at, text, depth)
        return
    yield Reason(text[node.start : node.end], holds, depth)
    if isinstance(node, All | Either):
        for part in node.parts:
            yield from _reasons(part, scope, at, text, depth + 1)


def meant(scope: Scope, name: str) -> str:
    """The reference of what is called so: by reference, name or title, of what is seen;
    empty where nothing is."""
    wanted = name.casefold()
    for at in positions_of(scope.seen):
        ref = scope.table.refs[at]
        short, bare = refs.short(ref), ref.rpartition("/")[2]
        if wanted in (ref, short, bare, scope.table.titles[ref].casefold()):
            return ref
    return ""
