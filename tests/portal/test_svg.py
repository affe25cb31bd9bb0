"""Pictures drawn on the server: sparkline, bar, beats, the graph of relations."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.web import svg
from portal.web.graph_layout import (
    NODE_HEIGHT,
    NODE_WIDTH,
    Drawing,
    Edge,
    Node,
    draw,
)
from portal.web.yaml_marks import marked_lines

KEYS = [str(number) for number in range(30)]


def test_spark() -> None:
    assert svg.spark([1, 3, 2], "p95", 20, 12) == (
        '<svg class="spark" viewBox="0 0 20 12" width="20" height="12" role="img"'
        ' aria-label="p95"><path class="spark-area" d="M0,9 10,3 20,6 V12 H0Z"/>'
        '<path class="spark-line" d="M0,9 10,3 20,6"/><circle cx="20" cy="6" r="2"/>'
        "</svg>"
    )


def test_spark_needs_two_values() -> None:
    assert svg.spark([1], "p95") == ""


def test_bar() -> None:
    assert 'width="25" height="6"/></svg>' in svg.bar(1, 4)
    assert 'aria-label="25 percent"' in svg.bar(1, 4)
    assert 'class="bar-fill" width="100"' in svg.bar(9, 4)
    assert 'class="bar-fill" width="0"' in svg.bar(1, 0)


def test_beats_draw_one_path_per_state() -> None:
    drawn = svg.beats(["ok", "ok", "down"], height=10)
    assert drawn.count("<path") == 2
    assert '<path class="is-ok" d="M0 0h4v10h-4zM6 0h4v10h-4z"/>' in drawn
    assert '<path class="is-down" d="M12 6h4v4h-4z"/>' in drawn
    assert 'aria-label="2 of 3 checks healthy, 1 down"' in drawn


def test_labels_are_escaped() -> None:
    hostile = '"><script>'
    drawn = svg.spark([1, 2], hostile) + svg.bar(1, 2, hostile)
    assert "<script" not in drawn + svg.beats(["ok"], hostile)


def test_yaml_is_marked_and_escaped() -> None:
    lines = marked_lines('a: "#1" # why\nb: |\n  <x>: y\n- c: 1\n---')
    assert lines == [
        '<span class="y-key">a</span>: &#34;#1&#34; '
        '<span class="y-comment"># why</span>',
        '<span class="y-key">b</span>: |',
        '<span class="y-text">  &lt;x&gt;: y</span>',
        '- <span class="y-key">c</span>: 1',
        '<span class="y-break">---</span>',
    ]


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"])))
def test_no_line_of_yaml_is_lost(text: str) -> None:
    assert len(marked_lines(text)) == len(text.splitlines())


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=60))
def test_any_graph_is_drawn_without_overlap(pairs: list[tuple[str, str]]) -> None:
    drawing = draw([Node(k, k) for k in KEYS], [Edge(a, b, "x") for a, b in pairs])
    for one, two in combinations(drawing.nodes, 2):
        apart_x, apart_y = abs(one.x - two.x), abs(one.y - two.y)
        assert apart_x >= NODE_WIDTH or apart_y >= NODE_HEIGHT
    assert len(drawing.lines) == len({pair for pair in pairs if len(set(pair)) == 2})
    _assert_inside(drawing)


def _assert_inside(drawing: Drawing) -> None:
    for placed in drawing.nodes:
        assert 0 <= placed.x <= drawing.width - NODE_WIDTH
        assert 0 <= placed.y <= drawing.height - NODE_HEIGHT


def test_a_circle_has_one_arrow_backwards() -> None:
    drawing = draw(
        [Node(key, key) for key in "abc"],
        [Edge("a", "b", "x"), Edge("b", "c", "x"), Edge("c", "a", "x")],
    )
    x = {placed.node.key: placed.x for placed in drawing.nodes}
    assert x["a"] < x["b"] < x["c"]


def test_a_tall_column_is_spread() -> None:
    drawing = draw([Node(k, k) for k in KEYS], [Edge("0", k, "x") for k in KEYS[1:]])
    assert drawing.height < 20 * NODE_HEIGHT + 500
    assert len({placed.x for placed in drawing.nodes}) > 2


def test_the_commonest_relation_has_the_plain_line() -> None:
    edges = [Edge("0", "1", "consumesApi"), Edge("0", "2", "dependsOn")]
    dashes = draw([Node(k, k) for k in KEYS[:3]], edges).dashes
    assert dashes == {"dependsOn": 0, "consumesApi": 1}


def test_nothing_to_draw() -> None:
    assert draw([], []).nodes == []
