"""References: parse, compare, shorten, and make names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import refs

DEFAULTS = {"kind": "Group", "namespace": "default"}


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("lab", "group:default/lab"),
        ("user:ada", "user:default/ada"),
        ("it/lab", "group:it/lab"),
        ("Component:Default/Web", "component:default/web"),
        ("component:default/a.b_c-d", "component:default/a.b_c-d"),
    ],
)
def test_a_short_reference_is_filled_in_and_compared_in_lower_case(text, stored):
    assert str(refs.parse(text, **DEFAULTS)) == stored


@pytest.mark.parametrize(
    "text",
    ["", "a:b:c", ":x", "a/b/c", "x y", "-a", "a-", "a" * 64, "9:x", "x/", None, 5, []],
)
def test_what_is_no_reference_is_refused(text):
    with pytest.raises(refs.RefError, match=r"reference|kind"):
        refs.parse(text, **DEFAULTS)


def test_a_reference_without_kind_needs_a_default():
    with pytest.raises(refs.RefError, match="component:qdrant"):
        refs.parse("qdrant")


def test_the_author_keeps_the_spelling():
    assert refs.parse("Component:Lab/Web") == ("Component", "Lab", "Web")


def test_only_the_default_namespace_is_left_out_for_people():
    assert refs.short("component:default/web") == "component:web"
    assert refs.short("component:it/default/web") == "component:it/default/web"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", "Qwen-Qwen2.5-7B-Instruct"),
        ("qwen2.5:7b", "qwen2.5-7b"),
        ("Größe 3", "Groe-3"),
        ("x" * 62 + "--y", "x" * 62),
    ],
)
def test_model_names_become_entity_names(raw, name):
    assert refs.to_name(raw) == name


@given(st.text())
def test_whatever_becomes_a_name_is_a_valid_one(raw):
    try:
        name = refs.to_name(raw)
    except refs.RefError:
        return
    assert refs.NAME.fullmatch(name)
    assert refs.parse(name, kind="Model").name == name
