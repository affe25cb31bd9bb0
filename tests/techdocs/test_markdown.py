"""Markdown to safe HTML: what it may hold, where its links lead, its headings."""

from __future__ import annotations

import time

import pytest

from techdocs.markdown import Heading, render


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](javascript:alert(1))",
        '<a href="https://e.org" onclick="alert(1)">x</a>',
        "<style>body{display:none}</style>",
        '[x](https://e.org "t" onclick=alert(1))',
        "```\n</code></pre><script>alert(1)</script>\n```",
        "# <script>alert(1)</script>",
    ],
)
def test_nothing_runs(text):
    html = str(render(text).html).lower()
    for harm in ("<script", "<img", "<style", 'href="javascript', 'href="data'):
        assert harm not in html
    assert " onclick=" not in html.replace("&quot;", '"') or "&lt;a" in html


def test_html_is_shown_as_text():
    assert "&lt;b&gt;bold&lt;/b&gt;" in render("<b>bold</b>").html


def test_pictures_become_links():
    html = render("![a chart](https://elsewhere.org/x.png)").html
    assert "<img" not in html
    assert '<a href="https://elsewhere.org/x.png"' in html
    assert ">a chart</a>" in html


def test_headings_have_anchors_and_make_the_contents():
    text = render("# One\n\n## Two & more\n\n## Two & more\n")
    assert text.title == "One"
    assert text.headings == [
        Heading(1, "one", "One"),
        Heading(2, "two-more", "Two & more"),
        Heading(2, "two-more_1", "Two & more"),
    ]
    assert '<h2 id="two-more_1">' in text.html


def test_anchors_never_take_the_names_of_the_frame():
    assert [h.anchor for h in render("# Main\n\n## Confirm\n\n## ?").headings] == [
        "main-section",
        "confirm-section",
        "-section",
    ]


def test_links_go_through_one_function():
    html = render("[a](b.md#c)", link=lambda href: href.replace(".md", "/")).html
    assert 'href="b/#c"' in html


def test_tables_scroll_in_their_place():
    html = render("| a | b |\n|---|---|\n| 1 | `<table>` |").html
    assert html.count('<div class="scroll"') == 1
    assert html.count("<table>") == 1


def test_code_can_be_reached_by_keyboard():
    assert '<pre tabindex="0"><code>x' in render("```yaml\nx\n```").html


@pytest.mark.parametrize(
    "part", ["[", "![", "[a](", "[a](b ", "[a][", "# a\n", "a\n===\n", "*a_"]
)
def test_no_text_takes_the_square_of_its_length(part):
    began = time.process_time()
    render(part * (100_000 // len(part)))
    assert time.process_time() - began < 8


def test_many_links_are_all_made():
    text = render("[a](https://lab.example/) and [b] text\n" * 3000)
    assert text.html.count("<a ") == 3000


def test_headings_of_the_same_name_have_anchors_of_their_own():
    anchors = [h.anchor for h in render("# a\n# a\n# a_1\n# a\n# main").headings]
    assert len(set(anchors)) == 5
    assert anchors[:2] == ["a", "a_1"]
