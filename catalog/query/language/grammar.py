"""The grammar: `kind:model (owner:platform OR tier:critical) -tag:old whisper`.

Lark reads it; here stands what it means, and what is said where it does not fit. A
word of capitals, AND, OR, NOT, joins; in small letters it is a word to look for.

    Wrong             the text is not a query
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken
from lark.exceptions import VisitError

from catalog.query.language.nodes import All, Clause, Either, Node, Not, Words, inside
from catalog.query.language.wrong import Wrong

MOST_TEXT, MOST_CLAUSES, MOST_DEPTH = 1000, 60, 20

_QUOTED = r'"(?:[^"\\]|\\.)*"'
# One value of a list; what is quoted may hold commas and spaces.
_ONE = rf'(?:{_QUOTED}|[^\s()",]+)'
_GRAMMAR = rf"""
start: [either]
?either: both (_OR both)*
?both: part (_AND? part)*
?part: (NOT | MINUS) part -> negated
     | OPENS either CLOSES -> group
     | clause
     | WORD -> word
     | QUOTED -> quoted
clause: FIELD OP VALUES

_AND.4: /AND(?![^\s()])/
_OR.4: /OR(?![^\s()])/
NOT.4: /NOT(?![^\s()])/
MINUS.3: /-(?=[^\s)])/
FIELD.2: /[A-Za-z][\w.\/-]*(?=\s*(?:>=|<=|!=|>|<|=)|:(?!\/\/))/
OP: />=|<=|!=|:(?:>=|<=|>|<)?|>|<|=/
OPENS: "("
CLOSES: ")"
QUOTED: /{_QUOTED}/
VALUES: /(?!(?:AND|OR|NOT)(?![^\s()]))(?:{_ONE}|,)(?:(?<=,){_ONE}|,)*/
WORD: /(?!(?:AND|OR|NOT)(?![^\s()]))[^\s()"]+/
%ignore /\s+/
"""


class _Builder(Transformer[Token, Node | None]):
    """Nodes of what the parser found."""

    def start(self, found: list[Any]) -> Node | None:
        return found[0] if found else None

    def word(self, found: list[Token]) -> Node:
        return Words(*_span(found[0]), str(found[0]))

    def quoted(self, found: list[Token]) -> Node:
        return Words(*_span(found[0]), _unquoted(found[0]), exact=True)

    def group(self, found: list[Any]) -> Node:
        opens, inner, closes = found
        whole: Node = replace(inner, start=opens.start_pos, end=closes.end_pos)
        return whole

    def negated(self, found: list[Any]) -> Node:
        sign, inner = found
        return Not(sign.start_pos or 0, inner.end, inner)

    def both(self, found: list[Node]) -> Node:
        return All(found[0].start, found[-1].end, tuple(found))

    def either(self, found: list[Node]) -> Node:
        return Either(found[0].start, found[-1].end, tuple(found))

    def clause(self, found: list[Token]) -> Node:
        name, op, value = found
        values = tuple(
            _unquoted(one) if one.startswith('"') else one
            for one in re.findall(_ONE, value)
        )
        start, end = _span(name)[0], _span(value)[1]
        if not values:
            hint = f"Write one before or after the comma, such as {name}{op}none."
            raise Wrong(f"After {name}{op} stands no value.", start, end, hint)
        return Clause(start, end, str(name), _OPERATORS.get(op, str(op)), values)


# `kind=model` and `age:>30d` are other spellings of `kind:model` and `age>30d`.
_OPERATORS = {"=": ":", ":>": ">", ":<": "<", ":>=": ">=", ":<=": "<="}


# A page asks the same text for its list, its facets and its explanation.
@lru_cache(maxsize=256)
def parse(text: str) -> Node | None:
    """The tree of a query; None where nothing is asked. Raises Wrong."""
    try:
        tree = _parsed(text)
    except Wrong as wrong:
        raise wrong.within(text) from None
    return tree


def _parsed(text: str) -> Node | None:
    if len(text) > MOST_TEXT:
        said = f"The query has {len(text):,} characters, and may have {MOST_TEXT:,}."
        raise Wrong(said, 0, 1, "Leave something out.")
    try:
        tree: Any = _parser().parse(text)
    except UnexpectedCharacters as error:
        raise _not_read(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _not_expected(text, error.token) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Wrong):
            raise error.orig_exc from None
        raise
    if tree is not None:
        _bound(tree)
    return tree  # type: ignore[no-any-return]


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Builder())


def _span(token: Token) -> tuple[int, int]:
    return token.start_pos or 0, token.end_pos or 0


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _bound(tree: Node) -> None:
    """Nothing that would cost without end. Raises Wrong."""
    # Not by calls inside calls: a thousand signs would be as many.
    leaves: list[Node] = []
    todo = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if depth > MOST_DEPTH:
            said = f"The query is nested deeper than {MOST_DEPTH} levels."
            raise Wrong(said, tree.start, tree.start + 1, "Ask for less at once.")
        if isinstance(node, Clause | Words):
            leaves += [node] * _weight(node)
        todo += [(part, depth + 1) for part in reversed(inside(node))]
    if len(leaves) > MOST_CLAUSES:
        extra = leaves[MOST_CLAUSES]
        said = f"The query has {len(leaves)} parts, and may have {MOST_CLAUSES}."
        hint = "Join values: owner:a,b,c. Each one with a * counts as a part."
        raise Wrong(said, extra.start, extra.end, hint)


def _weight(leaf: Clause | Words) -> int:
    """As how many parts it counts: a value with * is compared with everything."""
    values = leaf.values if isinstance(leaf, Clause) else ()
    return max(1, sum("*" in value for value in values))


def _not_read(text: str, at: int) -> Wrong:
    """What stands there begins nothing that could follow."""
    word = re.match(r"AND|OR|NOT|\S", text[at:])
    found = word[0] if word else ""
    if found == '"':
        return Wrong(
            "The quotation mark is not closed.", at, len(text), 'Write another " after.'
        )
    return _misplaced(text, at, found)


def _not_expected(text: str, token: Token) -> Wrong:
    if token.type == "$END":
        return _too_short(text)
    at, found = token.start_pos or 0, str(token)
    before = text[:at].rstrip()
    if token.type == "OP":
        return Wrong(f"“{found}” follows no field.", at, at + len(found), _FORM)
    if before.endswith((":", "=", "<", ">")) and found != "(":
        start = re.search(r"\S+$", before)
        return _no_value(before, start.start() if start else at)
    return _misplaced(text, at, found)


_FORM = "A field and its value look like this: kind:model, or changed.age>30d."


def _no_value(before: str, start: int) -> Wrong:
    named = before[start:]
    return Wrong(
        f"After {named} stands no value.",
        start,
        len(before),
        f'Write one, such as {named}none or {named}"several words".',
    )


def _misplaced(text: str, at: int, found: str) -> Wrong:
    before = text[:at].rstrip()
    end = at + len(found)
    if found in ("AND", "OR"):
        said = f"{found} stands between two conditions, and before it is none."
        hint = f"To look for the word, write {found.lower()}."
        return Wrong(said, at, end, hint)
    if found == ")" and text.count("(", 0, at) <= text.count(")", 0, at):
        return Wrong("This parenthesis was never opened.", at, end, "Take it away.")
    if found == ")":
        said = "Before this parenthesis a condition is missing."
        return Wrong(said, at, end, "Write one, or take the parenthesis away.")
    if re.search(r"[:=<>]$", before) and found == "(":
        hint = "Several values are joined by commas: kind:model,eval."
        return Wrong("Here a value is expected, not a parenthesis.", at, end, hint)
    return Wrong(f"“{found}” cannot stand here.", at, end, _FORM)


def _too_short(text: str) -> Wrong:
    """It ends where something has to follow."""
    kept = text.rstrip()
    last = re.search(r"[^\s()]+$", kept)
    word, at = (last[0], last.start()) if last else ("", len(kept) - 1)
    if word in ("AND", "OR", "NOT"):
        said = f"After {word} a condition is missing."
        return Wrong(
            said, at, len(kept), f"To look for the word, write {word.lower()}."
        )
    if word.endswith((":", "=", "<", ">")):
        return _no_value(kept, at)
    opened = _opened(text)
    if opened is not None:
        return Wrong("This parenthesis is not closed.", opened, opened + 1, "Write ).")
    return Wrong("The query ends too early.", max(0, at), len(kept), _FORM)


def _opened(text: str) -> int | None:
    """Where the innermost parenthesis stands that nothing closes."""
    open_: list[int] = []
    for found in re.finditer(rf"{_QUOTED}|[()]", text):
        if found[0] == "(":
            open_.append(found.start())
        elif found[0] == ")" and open_:
            open_.pop()
    return open_[-1] if open_ else None
