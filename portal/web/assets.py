"""Which static files there are: ours, the admin's, htmx, and what is made of parts.

Third-party files come from locked Python packages, and only those in use: collecting
and compressing everything that packages bring costs seconds at each first start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import django.contrib.admin
import django_htmx
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

from portal.web import icons, script, stylesheet

OURS = Path(__file__).resolve().parent / "static"
ADMIN = Path(django.contrib.admin.__file__).parent / "static"
HTMX = Path(django_htmx.__file__).parent / "static/django_htmx"
# Address below /static/ -> file in a package.
PICKED = {"vendor/htmx.min.js": HTMX / "htmx-2.min.js"}
# Address -> what writes its text.
MADE = {
    "greenroom/icons.svg": icons.sprite,
    "greenroom/greenroom.css": stylesheet.stylesheet,
    "greenroom/greenroom.js": script.script,
}
# Parts that are only sent joined.
JOINED = {f"greenroom/css/{part}.css" for part in stylesheet.PARTS} | {
    f"greenroom/js/{part}.js" for part in script.PARTS
}
# Of the admin: not the translations of a widget, nor what is there minified as well.
ADMIN_LEFT_OUT = ("select2/i18n/", "jquery/jquery.js", "select2.full.js", "README")
ADMIN_KEPT = "select2/i18n/en.js"


class PickedStorage(FileSystemStorage):
    """Picked and made files, under the addresses that we give them."""

    def path(self, name: str) -> str:
        return str(PICKED.get(name) or made(name))


class Finder(BaseFinder):
    """Finds the files above, for collectstatic and for the test server."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ours = FileSystemStorage(location=OURS)
        self.admin = FileSystemStorage(location=ADMIN)
        self.picked = PickedStorage(location=settings.GREENROOM_DATA)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in below(OURS):
            if name not in JOINED:
                yield name, self.ours
        for name in below(ADMIN):
            if is_used(name):
                yield name, self.admin
        for name in (*PICKED, *MADE):
            yield name, self.picked

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        match = next((file for file in places(path) if file.is_file()), None)
        if find_all:
            return [str(match)] if match else []
        return str(match) if match else None


def places(name: str) -> Iterator[Path]:
    """Where the file of this address may be."""
    if name in PICKED:
        yield PICKED[name]
    if name in MADE:
        yield made(name)
    for root in (OURS, ADMIN):
        file = (root / name).resolve()
        if file.is_relative_to(root):
            yield file


def below(root: Path) -> Iterator[str]:
    """Every file below a folder, by its relative name."""
    for file in sorted(root.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            yield file.relative_to(root).as_posix()


def is_used(name: str) -> bool:
    """Whether the admin needs this file."""
    if name.endswith(ADMIN_KEPT):
        return True
    return not any(part in name for part in ADMIN_LEFT_OUT)


def made(name: str) -> Path:
    """A made file, kept in the data folder and written anew when its text changes."""
    file = Path(settings.GREENROOM_DATA) / "generated" / name
    text = MADE[name]()
    if not file.is_file() or file.read_text("utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return file
