"""Asking: a query as text, for somebody; what is true, what is not known, remarks.

Wrong             the text is no query, with the place
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.query import fulltext, slips
from catalog.query.fulltext import Sought
from catalog.query.language.evaluating import evaluate
from catalog.query.language.explaining import Reason, explain
from catalog.query.language.grammar import parse
from catalog.query.language.nodes import (
    All,
    Clause,
    Either,
    Node,
    Not,
    Words,
    affirmed,
    demanded,
    walk,
)
from catalog.query.language.scope import Remark, Scope, Truth
from catalog.query.language.wrong import Wrong

_CHUNK = 500


@dataclass
class Answer:
    """What a query found. `words` is the full text that every hit holds: by it they
    are ordered. In `typed` every word stands by itself, in `tree` they are joined."""

    text: str
    tree: Node | None
    truth: Truth
    scope: Scope
    typed: Node | None = None

    @property
    def words(self) -> str:
        """The unquoted words that all have to hold, joined."""
        found = demanded(self.tree)
        return " ".join(n.text for n in found if isinstance(n, Words) and not n.exact)

    @property
    def fields(self) -> list[str]:
        """The conditions on fields, as they were typed."""
        parts = demanded(self.tree)
        return [
            self.text[part.start : part.end]
            for part in parts
            if not isinstance(part, Words)
        ]

    @property
    def sought(self) -> Sought:
        """The words that a hit may show."""
        found = [part for part in affirmed(self.tree) if isinstance(part, Words)]
        begins = [w for one in found if not one.exact for w in fulltext.words(one.text)]
        wholes = [w for one in found if one.exact for w in fulltext.words(one.text)]
        return Sought(tuple(begins), tuple(wholes))

    def keys(self) -> list[int]:
        """The keys of all hits: the best first where there are words, else by title."""
        table, found = self.scope.table, self.truth.yes
        if not self.words:
            return table.page(found, "title", 0, found.bit_count())
        return self.scope.best(self.words, found)

    def entities(self) -> list[Entity]:
        """All hits, without their long texts."""
        keys = self.keys()
        rows: dict[int, Entity] = {}
        for start in range(0, len(keys), _CHUNK):
            part = keys[start : start + _CHUNK]
            rows |= Entity.objects.light().in_bulk(part)
        return [rows[key] for key in keys if key in rows]

    def explain(self, ref: str) -> list[Reason]:
        """Which condition holds for one entity; empty for one that is not seen."""
        if self.tree is None:
            return []
        return explain(self.typed or self.tree, self.scope, ref, self.text)


def ask(text: str, viewer: Viewer, scope: Scope | None = None) -> Answer:
    """Ask a query. Raises Wrong."""
    scope = scope or Scope.of(viewer)
    scope.text = text = text.strip()
    written = parse(text)
    if written is None:
        return Answer(text, None, Truth(scope.seen), scope)
    typed = _without_signs(written)
    tree = _together(typed)
    try:
        truth = evaluate(tree, scope).within(scope.seen)
        _remark_on_signs(written, scope, text)
        _remark_on_silence(tree, truth, scope, text)
        if not truth.yes:
            _remark_on_slips(typed, scope, text)
    except Wrong as wrong:
        raise wrong.within(text) from None
    scope.remarks[:] = map(_askable, scope.remarks)
    return Answer(text, tree, truth, scope, typed)


def _askable(remark: Remark) -> Remark:
    """Without offers that are no query: too long, or of too many parts."""
    return replace(remark, instead=tuple(o for o in remark.instead if _is_query(o[1])))


def _is_query(text: str) -> bool:
    with suppress(Wrong):
        return parse(text) is not None
    return False


def _without_signs(node: Node) -> Node:
    """In `llm & gateway` nothing is asked for by `&`."""
    if isinstance(node, Not):
        return replace(node, inner=_without_signs(node.inner))
    if not isinstance(node, All | Either):
        return node
    parts = tuple(map(_without_signs, node.parts))
    if isinstance(node, All):
        parts = tuple(part for part in parts if not _is_sign(part)) or parts[:1]
    return replace(node, parts=parts) if len(parts) > 1 else parts[0]


def _is_sign(node: Node) -> bool:
    return isinstance(node, Words) and not fulltext.words(node.text)


def _together(tree: Node) -> Node:
    """Words that all have to hold are searched at once, and so have one order."""
    if not isinstance(tree, All):
        return tree
    plain = [p for p in tree.parts if isinstance(p, Words) and not p.exact]
    if len(plain) < 2:
        return tree
    joined = Words(plain[0].start, plain[-1].end, " ".join(p.text for p in plain))
    others = tuple(part for part in tree.parts if part not in plain)
    return All(tree.start, tree.end, (*others, joined))


def _remark_on_signs(tree: Node, scope: Scope, text: str) -> None:
    """Say what cannot be looked for."""
    signs = [part for part in walk(tree) if _is_sign(part)]
    if signs:
        one = text[signs[0].start : signs[0].end]
        said = f"“{one}” holds no letter and no digit, so it was not looked for."
        scope.remarks.append(Remark(said))


def _remark_on_silence(tree: Node, truth: Truth, scope: Scope, text: str) -> None:
    """Say of how many nobody knows, and offer both: with them, and only them."""
    if not truth.unknown:
        return
    number = truth.unknown.bit_count()
    for part in demanded(tree):
        inner = part.inner if isinstance(part, Not) else part
        if not isinstance(inner, Clause):
            continue
        silent = evaluate(part, scope).unknown & truth.unknown
        if silent:
            one = silent.bit_count()
            whom = "it, so it is" if one == 1 else "them, so they are"
            said = (
                f"{one:,} more may be meant: {inner.field} is not known of {whom} left"
            )
            said += " out."
            scope.remarks.append(Remark(said, _offers(part, inner, text)))
            return
    scope.remarks.append(Remark(f"Of {number:,} more it is not known."))


def _remark_on_slips(tree: Node, scope: Scope, text: str) -> None:
    """Where a word is in nothing that is seen: what was probably meant."""
    for part in walk(tree):
        if not isinstance(part, Words) or part.exact or _holds(part, scope):
            continue
        close = slips.near(part.text, scope.table, scope.seen)
        if not close:
            continue
        before, after = text[: part.start], text[part.end :]
        offers = tuple((f"Try {one}", f"{before}{one}{after}") for one in close)
        said = f"Nothing that you may see holds “{part.text}”."
        scope.remarks.append(Remark(said, offers))


def _holds(words: Words, scope: Scope) -> bool:
    return bool(scope.holding(words.text))


def _offers(part: Node, clause: Clause, text: str) -> tuple[tuple[str, str], ...]:
    before, itself = text[: part.start], text[part.start : part.end]
    after, silent = text[part.end :], f"{clause.field}:none"
    return (
        ("Show them too", f"{before}({itself} OR {silent}){after}"),
        ("Show only them", f"{before}{silent}{after}"),
    )
