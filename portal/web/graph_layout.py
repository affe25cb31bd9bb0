"""A layered picture of relations: columns from left to right, cycle-safe, no overlap.

The steps are the classic ones: turn round the edges that close a cycle, give each node
a column, put a bend where an edge passes a column, order each column by its neighbours,
then move nodes towards their neighbours as far as there is room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import mean

NODE_WIDTH, NODE_HEIGHT = 180, 46
COLUMN_GAP, ROW_GAP, BEND_HEIGHT = 44, 16, 8
# How far a picture shrinks to fit its card before the card scrolls instead.
SMALLEST = 0.85
TALLEST_COLUMN = 9
PARALLEL_GAP = 12
SWEEPS = 8


@dataclass(frozen=True)
class Node:
    """A box of the picture. Without `href` it is shown as missing."""

    key: str
    title: str
    subtitle: str = ""
    icon: str = "box"
    hue: str = "slate"
    href: str = ""
    status: str = ""
    focus: bool = False


@dataclass(frozen=True)
class Edge:
    """An arrow of the picture, from source to target."""

    source: str
    target: str
    type: str


@dataclass(frozen=True)
class Placed:
    """A node with its upper left corner."""

    node: Node
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """An edge as SVG: the path, the points of its tip, and its dash pattern."""

    edge: Edge
    path: str
    tip: str
    dash: int


@dataclass(frozen=True)
class Drawing:
    """All that the template needs."""

    width: float
    height: float
    nodes: list[Placed]
    lines: list[Line]
    dashes: dict[str, int]

    @property
    def by_key(self) -> dict[str, Node]:
        return {placed.node.key: placed.node for placed in self.nodes}

    @property
    def node_size(self) -> tuple[int, int]:
        return NODE_WIDTH, NODE_HEIGHT

    @property
    def smallest_width(self) -> int:
        return round(self.width * SMALLEST)


# Upper edge, members, height with gaps.
_Block = tuple[float, list[str], float]


@dataclass
class _Plan:
    """Work in progress: columns of keys; a bend is a key made of edge and column."""

    rank: dict[str, int]
    columns: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    before: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    chains: dict[Edge, list[str]] = field(default_factory=dict)
    bends: set[str] = field(default_factory=set)

    def height(self, key: str) -> int:
        return BEND_HEIGHT if key in self.bends else NODE_HEIGHT


def draw(nodes: Sequence[Node], edges: Iterable[Edge]) -> Drawing:
    """Place the nodes and route the edges; edges to unknown nodes are left out."""
    known = {node.key: node for node in nodes}
    kept = [e for e in dict.fromkeys(edges) if {e.source, e.target} <= known.keys()]
    pairs = _without_cycles(list(known), [e for e in kept if e.source != e.target])
    plan = _Plan(_ranks(list(known), sorted(set(pairs.values()))))
    _build_columns(plan, list(known), pairs)
    _order(plan)
    y = _heights(plan)
    x = {key: rank * (NODE_WIDTH + COLUMN_GAP) for key, rank in plan.rank.items()}
    dashes = {t: i for i, t in enumerate(sorted({e.type for e in kept}, key=_by_use))}
    offsets = _offsets(list(plan.chains))
    return Drawing(
        width=(max(plan.columns, default=0) + 1) * (NODE_WIDTH + COLUMN_GAP)
        - COLUMN_GAP,
        height=max((y[k] + plan.height(k) for k in plan.rank), default=0),
        nodes=[Placed(node, x[node.key], y[node.key]) for node in nodes],
        lines=[_line(e, plan, x, y, dashes[e.type], offsets[e]) for e in plan.chains],
        dashes=dashes,
    )


def _by_use(relation: str) -> tuple[bool, str]:
    """The commonest relation gets the plain line."""
    return relation != "dependsOn", relation


def _without_cycles(keys: list[str], edges: list[Edge]) -> dict[Edge, tuple[str, str]]:
    """Each edge with the pair that it is laid out as: an edge that closes a cycle is
    turned round."""
    out = defaultdict(list)
    for edge in edges:
        out[edge.source].append(edge.target)
    closing: set[tuple[str, str]] = set()
    done: set[str] = set()
    targets = {edge.target for edge in edges}
    for start in sorted(keys, key=lambda key: key in targets):
        stack, path = [(start, iter(out[start]))], {start}
        while stack and start not in done:
            key, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                path.discard(key)
                done.add(key)
            elif child in path:
                closing.add((key, child))
            elif child not in done:
                path.add(child)
                stack.append((child, iter(out[child])))
    return {
        e: (e.target, e.source)
        if (e.source, e.target) in closing
        else (e.source, e.target)
        for e in edges
    }


def _ranks(keys: list[str], pairs: list[tuple[str, str]]) -> dict[str, int]:
    """The column of each node: one after the last node before it."""
    before, after = defaultdict(list), defaultdict(list)
    for a, b in pairs:
        before[b].append(a)
        after[a].append(b)
    rank: dict[str, int] = {}
    waiting = {key: len(before[key]) for key in keys}
    ready = [key for key in keys if not waiting[key]]
    for key in ready:
        rank[key] = max((rank[b] + 1 for b in before[key]), default=0)
        for child in after[key]:
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    for key in keys:
        if not before[key] and after[key]:
            rank[key] = min(rank[child] for child in after[key]) - 1
    _spread(rank, before, after)
    lowest = min(rank.values(), default=0)
    return {key: value - lowest for key, value in rank.items()}


def _spread(
    rank: dict[str, int], before: dict[str, list[str]], after: dict[str, list[str]]
) -> None:
    """Move outer nodes of a column that is too tall one column further out."""
    for outer, step in ((after, 1), (before, -1)):
        low, high = min(rank.values(), default=0), max(rank.values(), default=0)
        column = low if step > 0 else high
        while low - len(rank) <= column <= high + len(rank):
            here = [key for key, value in rank.items() if value == column]
            free = [
                key for key in here if not outer[key] and (before, after)[step < 0][key]
            ]
            for key in free[: max(0, len(here) - TALLEST_COLUMN)]:
                rank[key] += step
            column += step


def _build_columns(
    plan: _Plan, keys: list[str], pairs: dict[Edge, tuple[str, str]]
) -> None:
    for key in keys:
        plan.columns[plan.rank[key]].append(key)
    for number, (edge, (a, b)) in enumerate(pairs.items()):
        chain = [a]
        for column in range(plan.rank[a] + 1, plan.rank[b]):
            bend = f"\0{number}\0{column}"
            plan.bends.add(bend)
            plan.rank[bend] = column
            plan.columns[column].append(bend)
            chain.append(bend)
        chain.append(b)
        for one, two in pairwise(chain):
            plan.after[one].append(two)
            plan.before[two].append(one)
        plan.chains[edge] = chain if edge.source == a else chain[::-1]


def _order(plan: _Plan) -> None:
    """Sort each column by the mean place of its neighbours; keep the best sweep."""
    best, fewest = {k: list(v) for k, v in plan.columns.items()}, _crossings(plan)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        near = plan.before if forward else plan.after
        for column in sorted(plan.columns, reverse=not forward):
            place = {k: i for keys in plan.columns.values() for i, k in enumerate(keys)}
            plan.columns[column].sort(
                key=lambda key: (
                    mean(place[n] for n in near[key]) if near[key] else place[key]
                )
            )
        crossings = _crossings(plan)
        if crossings < fewest:
            best, fewest = {k: list(v) for k, v in plan.columns.items()}, crossings
    plan.columns.update(best)


def _crossings(plan: _Plan) -> int:
    total = 0
    for column, keys in plan.columns.items():
        place = {key: i for i, key in enumerate(plan.columns.get(column + 1, ()))}
        ends = [sorted(place[t] for t in plan.after[key]) for key in keys]
        flat = [end for group in ends for end in group]
        total += sum(a > b for i, a in enumerate(flat) for b in flat[i + 1 :])
    return total


def _heights(plan: _Plan) -> dict[str, float]:
    """The upper edge of each node: stacked, then drawn towards its neighbours."""
    y: dict[str, float] = {}
    tallest = max((_stack_height(plan, c) for c in plan.columns.values()), default=0)
    for keys in plan.columns.values():
        at = (tallest - _stack_height(plan, keys)) / 2
        for key in keys:
            y[key] = at
            at += plan.height(key) + ROW_GAP
    for sweep in range(SWEEPS):
        for column in sorted(plan.columns, reverse=bool(sweep % 2)):
            _settle(plan, plan.columns[column], y)
    top = min(y.values(), default=0)
    return {key: round(value - top) for key, value in y.items()}


def _stack_height(plan: _Plan, keys: list[str]) -> float:
    return sum(plan.height(key) for key in keys) + ROW_GAP * (len(keys) - 1)


def _settle(plan: _Plan, keys: list[str], y: dict[str, float]) -> None:
    """Give each node of a column the height it wants, keeping order and distance."""
    wanted = []
    for key in keys:
        near = plan.before[key] + plan.after[key]
        middle = (
            mean(y[n] + plan.height(n) / 2 for n in near)
            if near
            else y[key] + plan.height(key) / 2
        )
        wanted.append(middle - plan.height(key) / 2)
    # Nodes that would overlap form a block, placed at the mean of what they want.
    blocks: list[_Block] = []
    for key, want in zip(keys, wanted, strict=True):
        block: _Block = (want, [key], plan.height(key) + ROW_GAP)
        while blocks and blocks[-1][0] + blocks[-1][2] > block[0]:
            block = _joined(blocks.pop(), block)
        blocks.append(block)
    for top, members, _ in blocks:
        for key in members:
            y[key] = top
            top += plan.height(key) + ROW_GAP


def _joined(upper: _Block, lower: _Block) -> _Block:
    n, m = len(upper[1]), len(lower[1])
    top = (upper[0] * n + (lower[0] - upper[2]) * m) / (n + m)
    return top, upper[1] + lower[1], upper[2] + lower[2]


def _offsets(edges: list[Edge]) -> dict[Edge, float]:
    """How far edges between the same two nodes are drawn apart."""
    groups = defaultdict(list)
    for edge in edges:
        groups[frozenset((edge.source, edge.target))].append(edge)
    return {
        edge: (i - (len(group) - 1) / 2) * PARALLEL_GAP
        for group in groups.values()
        for i, edge in enumerate(group)
    }


def _line(
    edge: Edge,
    plan: _Plan,
    x: dict[str, int],
    y: dict[str, float],
    dash: int,
    offset: float,
) -> Line:
    """A soft line through the bends; backwards for an edge that closes a cycle."""
    chain = plan.chains[edge]
    ahead = 1 if plan.rank[edge.source] < plan.rank[edge.target] else -1
    points = []
    for key in chain:
        middle = y[key] + plan.height(key) / 2 + offset
        left, right = (x[key], middle), (x[key] + NODE_WIDTH, middle)
        points += [left, right] if ahead > 0 else [right, left]
    points = points[1:-1]
    end_x, end_y = points[-1]
    points[-1] = (end_x - 5 * ahead, end_y)
    path = f"M{points[0][0]:g},{points[0][1]:g}"
    for i, (one, two) in enumerate(pairwise(points)):
        half = (two[0] - one[0]) / 2
        path += (
            f"H{two[0]:g}"
            if i % 2
            else f"C{one[0] + half:g},{one[1]:g} {two[0] - half:g},{two[1]:g}"
            f" {two[0]:g},{two[1]:g}"
        )
    base = end_x - 7 * ahead
    tip = f"{end_x:g},{end_y:g} {base:g},{end_y - 4:g} {base:g},{end_y + 4:g}"
    return Line(edge, path, tip, dash)
