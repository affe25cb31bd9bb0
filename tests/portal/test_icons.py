"""Every icon that is drawn is in the sprite, and every icon in the sprite is drawn."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from catalog.kind import KINDS
from portal.web import icons

WEB = Path(icons.__file__).parent
_WORDS = re.compile(r'"([a-z0-9][a-z0-9-]*)"')


def test_the_sprite_has_each_icon_once() -> None:
    sprite = ElementTree.fromstring(icons.sprite())
    found = [symbol.get("id") for symbol in sprite]
    assert found == list(icons.names())
    assert all(len(symbol) for symbol in sprite)


def test_the_sprite_runs_nothing_and_loads_nothing() -> None:
    assert not re.search(r"<script|<style|style=|href|on\w+=", icons.sprite())


def test_called_icons_are_in_the_sprite() -> None:
    calls = re.compile(r'\bicon\("([^"]+)"')
    used = {
        name
        for template in (WEB / "templates").rglob("*.html")
        for name in calls.findall(template.read_text("utf-8"))
    }
    assert used <= set(icons.names())


def test_no_icon_is_carried_for_nothing() -> None:
    sources = [*(WEB / "templates").rglob("*.html"), *WEB.rglob("*.py")]
    sources += [*(WEB / "static/greenroom/js").glob("*.js")]
    words = {
        word for source in sources for word in _WORDS.findall(source.read_text("utf-8"))
    }
    assert set(icons.ICONS) - words == set()


def test_every_kind_and_type_has_a_look() -> None:
    for name, kind in KINDS.items():
        for type_ in ("", *kind.types):
            assert icons.look(name, type_).icon in icons.names()


def test_an_unknown_kind_is_drawn_as_a_document() -> None:
    assert icons.look("Template") == icons.Look("file-text", "slate")
