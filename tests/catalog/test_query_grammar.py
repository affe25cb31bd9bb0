"""The grammar of queries: what is read, and what is said where it does not fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.query.language.grammar import MOST_CLAUSES, MOST_TEXT, parse
from catalog.query.language.nodes import All, Clause, Either, Node, Not, Words
from catalog.query.language.wrong import Wrong


def outline(node: Node | None) -> str:
    """A tree as nested words."""
    if isinstance(node, Clause):
        return f"{node.field}{node.op}{','.join(node.values)}"
    if isinstance(node, Words):
        return f"'{node.text}'" if node.exact else node.text
    if isinstance(node, Not):
        return f"not {outline(node.inner)}"
    if isinstance(node, All | Either):
        name = "all" if isinstance(node, All) else "either"
        return f"{name}({' '.join(map(outline, node.parts))})"
    return ""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", ""),
        ("  ", ""),
        ("whisper", "whisper"),
        ("kind:model whisper", "all(kind:model whisper)"),
        ("kind=model", "kind:model"),
        ("kind: model", "kind:model"),
        ("kind:model,eval", "kind:model,eval"),
        ("kind!=model", "kind!=model"),
        ("eval.age:>30d", "eval.age>30d"),
        ("dependsOn >= 3", "dependsOn>=3"),
        ('cost-centre:"AI lab" x', "all(cost-centre:AI lab x)"),
        (r'title:"say \"hi\" \\"', 'title:say "hi" \\'),
        ('"help article"', "'help article'"),
        ("a OR b c", "either(a all(b c))"),
        ("(a OR b) c", "all(either(a b) c)"),
        ("a AND b", "all(a b)"),
        ("a or b", "all(a or b)"),
        ("-tag:old", "not tag:old"),
        ("NOT (a OR b)", "not either(a b)"),
        ("whisper-large", "whisper-large"),
        ("owner:user:ada", "owner:user:ada"),
        ("http://kind:model", "http://kind:model"),
        ("label.team/site:attic", "label.team/site:attic"),
        ("ORDER NOTES ANDES", "all(ORDER NOTES ANDES)"),
        ("kind:AND1", "kind:AND1"),
        ('title:"a, b",c d', "all(title:a, b,c d)"),
        ('title:c,"AND","" d', "all(title:c,AND, d)"),
        ('kind:a, "b"', "all(kind:a 'b')"),
    ],
)
def test_what_is_read(text, read):
    assert outline(parse(text)) == read


@pytest.mark.parametrize(
    ("text", "carets", "message"),
    [
        ("OR a", "^^", "before it is none"),
        ("a OR", "  ^^", "After OR a condition is missing"),
        ("a AND AND b", "      ^^^", "before it is none"),
        ("NOT", "^^^", "After NOT a condition is missing"),
        ("(a b", "^", "not closed"),
        ("x (a (b)", "  ^", "not closed"),
        ("a)", " ^", "never opened"),
        ("()", " ^", "a condition is missing"),
        ("kind:", "^^^^^", "After kind: stands no value"),
        ("kind: AND b", "^^^^^", "After kind: stands no value"),
        ("kind:,", "^^^^^^", "stands no value"),
        ("kind:(a b)", "     ^", "not a parenthesis"),
        ('a "b', "  ^^", "quotation mark is not closed"),
        ("x" * (MOST_TEXT + 1), "^", "may have 1,000"),
        ("(" * 30 + "-" * 1 + "a" + ")" * 30, None, None),
        ("-" * 25 + "a", "^", "nested deeper"),
        ("-" * (MOST_TEXT - 1) + "a", "^", "nested deeper"),
        ('kind:a,"b', "       ^^", "quotation mark is not closed"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(text, carets, message):
    if message is None:
        assert parse(text) is not None
        return
    with pytest.raises(Wrong) as told:
        parse(text)
    assert (told.value.carets, message in told.value.message) == (carets, True), str(
        told.value
    )
    assert told.value.text == text


def test_no_query_has_more_parts_than_can_be_afforded():
    with pytest.raises(Wrong, match="may have 60"):
        parse(" ".join(f"a{n}" for n in range(MOST_CLAUSES + 1)))


@given(st.text(alphabet='ab:()"-<>=!, ANDORT.\\\n\tä*', max_size=40))
def test_any_text_is_read_or_told_to_be_wrong(text):
    try:
        tree = parse(text)
    except Wrong as wrong:
        assert wrong.message and wrong.remedy and 0 <= wrong.start < wrong.end
        assert wrong.start <= len(text)
    else:
        assert tree is None or text[tree.start : tree.end]
