"""What a query says, as a tree; each node knows where in the text it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A part of a query: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True)
class Words(Node):
    """Full text: a word that may go on, or a quoted text that is exact."""

    text: str
    exact: bool = False


@dataclass(frozen=True)
class Clause(Node):
    """A field, an operator, and values of which any may hold."""

    field: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Not(Node):
    """What is not so."""

    inner: Node


@dataclass(frozen=True)
class All(Node):
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Either(Node):
    """At least one part holds."""

    parts: tuple[Node, ...]


def inside(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    if isinstance(node, Not):
        return (node.inner,)
    return node.parts if isinstance(node, All | Either) else ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything in it."""
    yield node
    for part in inside(node):
        yield from walk(part)


def affirmed(node: Node | None) -> Iterator[Node]:
    """The parts that speak for a hit: none that stands under a NOT."""
    if isinstance(node, All | Either):
        for part in node.parts:
            yield from affirmed(part)
    elif node is not None and not isinstance(node, Not):
        yield node


def demanded(node: Node | None) -> Iterator[Node]:
    """The parts that all have to hold: those of the outermost AND."""
    if isinstance(node, All):
        yield from node.parts
    elif node is not None:
        yield node
