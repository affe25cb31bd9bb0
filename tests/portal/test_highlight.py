"""Highlighting: which words are marked, in any spelling, and never as markup."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.query.fulltext import Sought
from portal.web.highlight import marked
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.portal.test_pages_catalog import page

PALETTE = {"X-Requested-With": "palette"}


@pytest.mark.parametrize(
    ("text", "begins", "expected"),
    [
        ("Whisper large-v3", ["whis", "v3"],
         "<mark>Whisper</mark> large-<mark>v3</mark>"),
        ("Crème BRÛLÉE", ["creme", "bru"], "<mark>Crème</mark> <mark>BRÛLÉE</mark>"),
        ("Cre\u0300me", ["creme"], "<mark>Cre\u0300me</mark>"),
        ("a_web web2", ["web"], "a_<mark>web</mark> <mark>web2</mark>"),
        ("cobweb", ["web"], "cobweb"),
        ("<script>alert(1)</script> & co", ["script"],
         "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt; &amp; co"),
        ("<b>", [], "&lt;b&gt;"),
    ],
)  # fmt: skip
def test_the_words_that_match_are_marked(text, begins, expected):
    assert marked(text, Sought(begins=tuple(begins))) == expected


def test_a_quoted_word_may_not_go_on():
    assert marked("web webs", Sought(wholes=("web",))) == "<mark>web</mark> webs"


@pytest.fixture
def viewer() -> Client:
    declare(
        document("Group", "platform", title="House team"),
        document(
            "Component",
            "web",
            title="<script>alert(1)</script> shop",
            description="Sells <b>things</b>.",
            tags=["vllm", "gpu"],
            spec={"owner": "platform"},
        ),
        document("Component", "vault", tags=["vllm"], annotations=seen_by("user:x")),
    )
    return people.signed_in(people.charlie())


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/catalog/?q={}", "/search/?q={}"])
def test_pages_mark_words_and_escape_the_rest(viewer, address):
    html = page(viewer, address.format("scrip things"))
    assert (
        "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt; shop" in html
    )
    assert "&lt;b&gt;<mark>things</mark>&lt;/b&gt;" in html
    assert "<script>alert" not in html and "<b>things" not in html


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/catalog/?q={}", "/search/?q={}"])
def test_a_match_that_the_row_does_not_show_says_where_it_is(viewer, address):
    html = page(viewer, address.format("vll"))
    assert "in tags: <mark>vllm</mark>" in html
    assert "vault" not in html
    assert "in owner: <mark>platform</mark>" in page(
        viewer, address.format("platform script")
    )
    assert "in name: <mark>web</mark>" in page(viewer, address.format("web"))
    assert "elsewhere" not in page(viewer, address.format("shop"))


@pytest.mark.django_db
def test_the_palette_marks_and_what_a_query_excludes_is_not_marked(viewer):
    html = page(viewer, "/search/?q=shop", **PALETTE)
    assert "<mark>shop</mark>" in html
    html = page(viewer, "/catalog/?q=shop -things")
    assert "<mark>things" not in html
    html = page(viewer, "/catalog/?q=shop kind:component")
    assert "<mark>shop</mark>" in html and "<mark>component" not in html
