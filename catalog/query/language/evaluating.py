"""What is true of every entity, by a query.

Wrong             a field that does not exist, or a value that cannot be
"""

from __future__ import annotations

from dataclasses import replace

from catalog.query.language.known import all_criteria, criterion_of
from catalog.query.language.nodes import All, Clause, Either, Node, Not, Words
from catalog.query.language.scope import Remark, Scope, Truth
from catalog.query.language.wrong import Wrong, near


def evaluate(node: Node, scope: Scope) -> Truth:
    """What is true of whom, among those that are seen. Raises Wrong."""
    if isinstance(node, Not):
        return evaluate(node.inner, scope).negated(scope.seen)
    if isinstance(node, Either):
        found = Truth(0)
        for part in node.parts:
            found = found | evaluate(part, scope)
        return found
    if isinstance(node, All):
        found = Truth(scope.seen)
        for part in node.parts:
            found = found & evaluate(part, scope)
        return found
    assert isinstance(node, Words | Clause)
    return _leaf(node, scope)


def _leaf(node: Words | Clause, scope: Scope) -> Truth:
    if node not in scope.truths:
        if isinstance(node, Words):
            scope.truths[node] = _words(node, scope)
        else:
            scope.truths[node] = _clause(node, scope)
    return scope.truths[node]


def _words(node: Words, scope: Scope) -> Truth:
    return Truth(scope.holding(node.text, exact=node.exact))


def _clause(clause: Clause, scope: Scope) -> Truth:
    criterion = criterion_of(clause.field)
    if criterion is None:
        return _no_field(clause, scope)
    if clause.op not in criterion.operators:
        raise Wrong(
            f"{criterion.name} cannot be compared by {clause.op}.",
            clause.start,
            clause.end,
            f"Write {' or '.join(criterion.examples)}.",
        )
    if clause.op == "!=":
        same = replace(clause, op=":")
        return criterion.find(scope, same).within(scope.seen).negated(scope.seen)
    return criterion.find(scope, clause).within(scope.seen)


def _no_field(clause: Clause, scope: Scope) -> Truth:
    """A slip is told; what is like no field at all is text, as in `llama3:8b`."""
    close = near(clause.field, (one.name for one in all_criteria() if not one.is_open))
    if close or clause.op != ":":
        raise Wrong(
            f"There is no field “{clause.field}”.",
            clause.start,
            clause.start + len(clause.field),
            "The fields are under Help, Queries. To search for the text itself, put it "
            "in quotation marks.",
            tuple(close),
        )
    text = f"{clause.field}:{','.join(clause.values)}"
    said = f"“{clause.field}” is no field, so “{text}” was searched as text."
    scope.remarks.append(Remark(said))
    return _words(Words(clause.start, clause.end, text), scope)
