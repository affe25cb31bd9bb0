"""Markdown to safe HTML: headings with anchors, a table of contents, nothing remote.

HTML in the text is shown as text. Pictures become links, because a page loads nothing
from elsewhere. What comes out has passed nh3's allow-list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

import nh3
from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.toc import slugify
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TAGS = {
    *HEADINGS,
    *("p", "br", "hr", "a", "em", "strong", "code", "pre", "blockquote", "del"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}} | {
    tag: {"id"} for tag in HEADINGS
}
_SCHEMES = {"http", "https", "mailto"}
# Names that the frame of a page uses itself.
_TAKEN = {"main", "nav", "palette", "palette-list", "confirm", "confirm-title"}
# What looks for a closing bracket, each time to the end of the text if need be.
_BRACKETS = (
    *("reference", "link", "image_link"),
    *("image_reference", "short_reference", "short_image_ref"),
)
_MOST_STEPS = 1_000_000
_UNDERLINE = re.compile(r"(=+|--+) *")
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)

Link = Callable[[str], str]


@dataclass(frozen=True)
class Heading:
    """One entry of the table of contents."""

    level: int
    anchor: str
    title: str


@dataclass(frozen=True)
class Text:
    """A text as HTML that is safe to show, with its headings."""

    html: Markup
    headings: list[Heading]

    @property
    def title(self) -> str:
        """The first heading of the first level, or empty."""
        return next((h.title for h in self.headings if h.level == 1), "")


def render(text: str, link: Link | None = None) -> Text:
    """A Markdown text as HTML. `link` turns the addresses of links into others."""
    reader = Markdown(
        extensions=["fenced_code", "tables", "sane_lists", "toc", _Ours(link)],
        extension_configs={"toc": {"slugify": _Anchors()}},
        output_format="html",
    )
    raw = reader.convert(text)
    clean = nh3.clean(
        raw,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"pre": {"tabindex": "0"}},
    )
    tokens: list[Any] = getattr(reader, "toc_tokens")  # noqa: B009
    return Text(Markup(_TABLE.sub(_scrollable, clean)), list(_headings(tokens)))


def _scrollable(table: re.Match[str]) -> str:
    """A wide table scrolls in its place, by keyboard too."""
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Table, scrollable">'
        f"{table[0]}</div>"
    )


def _headings(tokens: list[Any]) -> list[Heading]:
    found = []
    for token in tokens:
        title = Markup(token["name"]).unescape()
        found.append(Heading(token["level"], token["id"], title))
        found += _headings(token["children"])
    return found


class _Anchors:
    """The names of headings in addresses: each once, found without counting anew."""

    def __init__(self) -> None:
        self.given: set[str] = set()
        self.last: Counter[str] = Counter()

    def __call__(self, value: str, separator: str) -> str:
        """The name of one heading."""
        slug: str = slugify(value, separator)
        slug = f"{slug}-section" if slug in _TAKEN or not slug else slug
        name = slug
        while name in self.given:
            self.last[slug] += 1
            name = f"{slug}_{self.last[slug]}"
        self.given.add(name)
        return name


class _Ours(Extension):
    """No raw HTML, no pictures, links through one function."""

    def __init__(self, link: Link | None) -> None:
        super().__init__()
        self.link = link

    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        # After fenced code was taken out.
        md.preprocessors.register(_Apart(md), "apart", 5)
        steps = _Steps()
        for name in _BRACKETS:
            steps.bound(md.inlinePatterns[name])
        # After the patterns have made elements of the text, before they are written.
        md.treeprocessors.register(_Addresses(md, self.link), "addresses", 15)


class _Apart(Preprocessor):
    """Blank lines around headings: each block is read anew for every heading in it."""

    def run(self, lines: list[str]) -> list[str]:
        found: list[str] = []
        for line in lines:
            is_heading = line.startswith("#")
            found += ["", line, ""] if is_heading else [line]
            if _UNDERLINE.fullmatch(line):
                found.append("")
        return found


class _Steps:
    """How far all searches for closing brackets may go together, in characters: a text
    of nothing but `[` would take the square of its length. Then links stay text."""

    def __init__(self) -> None:
        self.left = _MOST_STEPS

    def bound(self, pattern: Any) -> None:
        """Count the searches of one pattern."""
        for method in ("getText", "getLink"):
            search = partial(self._search, getattr(pattern, method))
            setattr(pattern, method, search)

    def _search(self, search: Callable[..., Any], data: str, index: int) -> Any:
        if self.left <= 0:
            return search("", 0)
        found = search(data, index)
        # The last two: where it came to, and whether that was the end of a link.
        self.left -= found[-2] - index
        return found


class _Addresses(Treeprocessor):
    """Turns pictures into links, and addresses into those of the house."""

    def __init__(self, md: Markdown, link: Link | None) -> None:
        super().__init__(md)
        self.link = link

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.tag == "img":
                _to_link(element)
            if element.tag == "a" and self.link:
                element.set("href", self.link(element.get("href", "")))


def _to_link(picture: Element) -> None:
    address, words = picture.get("src", ""), picture.get("alt", "")
    picture.attrib.clear()
    picture.tag = "a"
    picture.set("href", address)
    picture.text = words or address
