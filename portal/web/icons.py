"""Icons: which Lucide icons are in use, the sprite made of them, a look per kind.

The sprite is generated from the locked `lucide` package, so no third-party file is in
git. An icon that is not named here is not in the sprite: tests/portal/test_icons.py.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from zipfile import ZipFile

from catalog.kind import KINDS

_NAMES = """
    activity app-window archive arrow-down arrow-down-right arrow-down-wide-narrow
    arrow-left-right arrow-up arrow-up-right bell bot box boxes braces brain
    chart-scatter check chevron-left chevron-right circle-check circle-dashed
    clipboard-paste clock code columns-3 copy cpu database door-open download
    external-link eye eye-off file-text flask-conical folder folder-git-2 git-branch
    globe gpu history hourglass house inbox info key-round layers layout-grid library
    life-buoy link list-filter loader-circle lock log-out mail map-pin menu
    message-circle message-square-text mic minus monitor moon octagon-x pause pencil
    phone play plug plus radio refresh-cw rocket search send server settings shapes
    shield star sun table-2 tag text-search trash-2 triangle-alert unlink upload
    user users volume-2 waypoints webhook workflow wrench x
"""
ICONS = tuple(_NAMES.split())

_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
    ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">'
    "{body}</symbol>"
)


class Look(NamedTuple):
    """How a kind and type is drawn: an icon of the sprite, and the name of a hue."""

    icon: str
    hue: str


_KIND_LOOKS = {
    "component": Look("box", "teal"),
    "api": Look("code", "pink"),
    "resource": Look("database", "amber"),
    "system": Look("layers", "indigo"),
    "domain": Look("globe", "indigo"),
    "group": Look("users", "slate"),
    "user": Look("user", "slate"),
    "location": Look("map-pin", "slate"),
    "model": Look("brain", "violet"),
    "eval": Look("flask-conical", "green"),
}
_TYPE_LOOKS = {
    "component": {
        "model-server": Look("cpu", "blue"),
        "agent": Look("bot", "teal"),
        "rag-pipeline": Look("text-search", "teal"),
        "workflow": Look("workflow", "teal"),
        "website": Look("app-window", "teal"),
        "library": Look("library", "teal"),
    },
    "api": {
        "openapi": Look("braces", "pink"),
        "asyncapi": Look("radio", "pink"),
        "graphql": Look("waypoints", "pink"),
        "grpc": Look("arrow-left-right", "pink"),
        "mcp-server": Look("plug", "pink"),
    },
    "resource": {
        "host": Look("server", "amber"),
        "gpu": Look("gpu", "amber"),
        "dataset": Look("table-2", "amber"),
        "vector-store": Look("boxes", "amber"),
        "ai-model": Look("brain", "violet"),
        "bucket": Look("archive", "amber"),
    },
    "model": {
        "llm": Look("message-square-text", "violet"),
        "embedding": Look("chart-scatter", "violet"),
        "asr": Look("mic", "violet"),
        "tts": Look("volume-2", "violet"),
        "reranker": Look("arrow-down-wide-narrow", "violet"),
        "vision": Look("eye", "violet"),
        "classifier": Look("shapes", "violet"),
    },
}


def look(kind: str, type_: str = "") -> Look:
    """The icon and hue of an entity; a kind of another room brings its own icon."""
    kind, type_ = kind.lower(), type_.lower()
    known = _TYPE_LOOKS.get(kind, {}).get(type_) or _KIND_LOOKS.get(kind)
    return known or Look(_kind_icons().get(kind, "file-text"), "slate")


@cache
def names() -> tuple[str, ...]:
    """Every icon of the sprite: those named here, and those of the kinds."""
    return tuple(sorted({*ICONS, *_kind_icons().values()}))


def sprite() -> str:
    """All icons in use as one SVG file of symbols."""
    with ZipFile(str(files("lucide") / "lucide.zip")) as archive:
        symbols = [
            _symbol(name, archive.read(f"{name}.svg").decode()) for name in names()
        ]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


def _symbol(name: str, svg: str) -> str:
    found = _BODY.search(svg)
    if not found:
        raise ValueError(f"The icon {name!r} of the lucide package is not an SVG file.")
    body = re.sub(r"\s+", " ", found[1]).strip().replace(" />", "/>")
    return _SYMBOL.format(name=name, body=body.replace("> <", "><"))


@cache
def _kind_icons() -> dict[str, str]:
    return {name.lower(): kind.icon for name, kind in KINDS.items()}
