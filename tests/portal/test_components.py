"""The page of components, the error pages, and what every template may call."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import timezone

from portal.web import jinja, script, stylesheet
from portal.web.pages import errors
from portal.web.pages.components import components

WEB = Path(jinja.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
INLINE = re.compile(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=["']""")


class Reader(SimpleNamespace):
    """An account that no database knows."""

    is_authenticated = True
    sees_all = True
    theme = "dark"
    entity_ref = "user:default/mira"

    def get_username(self) -> str:
        return "mira"

    def get_full_name(self) -> str:
        return "Mira Novak"


@pytest.fixture
def request_of(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/-/components/?kind=component&page=2")
    request.user = Reader()  # type: ignore[assignment]  # no table is needed here
    request._messages = []  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_are_short_and_hold_nothing_inline(template: Path) -> None:
    text = template.read_text("utf-8")
    assert not INLINE.search(re.sub(r"{[{%].*?[%}]}", "", text))
    assert len(text.splitlines()) <= 120


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_can_be_read(template: Path) -> None:
    get_template(str(template.relative_to(WEB / "templates")), using="jinja2")


def test_every_component_is_shown(request_of: HttpRequest) -> None:
    page = components(request_of).content.decode()
    assert not INLINE.search(page)
    assert 'data-theme="dark"' in page
    assert page.count("<main") == 1
    used = set(re.findall(r"\bui\.(\w+)\(", _sources("pages/components*")))
    missing = (
        _exported()
        - used
        - {"form_field", "form_fields", "form_parts", "palette_items"}
    )
    assert missing == set()


def _sources(pattern: str) -> str:
    files = (WEB / "templates").glob(pattern)
    found = [
        file
        for one in files
        for file in (one.rglob("*.html") if one.is_dir() else [one])
    ]
    return "".join(file.read_text("utf-8") for file in found)


def _exported() -> set[str]:
    return set(re.findall(r"set (\w+) =", _sources("components/kit.html")))


def test_ids_are_unique(request_of: HttpRequest) -> None:
    ids = re.findall(r'\sid="([^"]+)"', components(request_of).content.decode())
    assert sorted(ids) == sorted(set(ids))


def test_missing_says_the_same_of_hidden(request_of: HttpRequest) -> None:
    response = errors.not_found(request_of)
    assert response.status_code == 404
    assert b"not visible to you" in response.content


def test_forbidden_says_why(request_of: HttpRequest) -> None:
    response = errors.no_permission(request_of, PermissionDenied("Only for editors."))
    assert response.status_code == 403
    assert b"Only for editors." in response.content


def test_strangers_see_no_rooms(request_of: HttpRequest) -> None:
    request_of.user.is_authenticated = False  # type: ignore[misc]
    assert b"side-nav" not in errors.not_found(request_of).content


@pytest.mark.parametrize("page", [errors.server_error, errors.bad_request])
def test_broken_pages_ask_nobody(page: Any, rf: RequestFactory) -> None:
    response = page(rf.get("/"))
    assert response.status_code in (400, 500)
    assert b"<h1>" in response.content


def test_query_changes_parameters() -> None:
    params = QueryDict("kind=model&kind=api&page=3")
    assert jinja.query(params, page=None) == "?kind=model&kind=api"
    assert jinja.query(params, drop=("kind", "api")) == "?kind=model&page=3"
    assert (
        jinja.query(params, {"data-class": "a b"}, kind=[], page="")
        == "?data-class=a+b"
    )
    assert jinja.query({"q": "x", "page": 2}, page=None) == "?q=x"


def test_ages() -> None:
    now = timezone.now()
    assert ">6 d ago</time>" in jinja.age(now - timedelta(days=6))
    assert ">3 h</time>" in jinja.age(now - timedelta(hours=3), "")
    assert ">just now</time>" in jinja.age(now)
    assert "never" in jinja.age(None)


def test_words_and_names() -> None:
    assert jinja.words("dependsOn") == "depends on"
    assert jinja.words("apiConsumedBy") == "API consumed by"
    assert jinja.words("consumesApi") == "consumes API"
    assert jinja.name_of("group:default/ml-ops") == "ml-ops"
    assert jinja.initials("ml-ops") == "MO"
    assert jinja.initials("Mira Anna Novak") == "MN"
    assert jinja.initials("Qdrant") == "QD"


def test_the_bundle_has_every_part() -> None:
    css = {file.stem for file in stylesheet.FOLDER.glob("*.css")}
    assert css == set(stylesheet.PARTS)
    js = {file.stem for file in script.FOLDER.glob("*.js")}
    assert js == {*script.PARTS, "theme"}
    assert "/*" not in stylesheet.stylesheet()


def test_colours_are_named_in_one_file() -> None:
    strays = re.compile(r"#[0-9a-f]{3,8}\b|\brgb", re.IGNORECASE)
    for part in stylesheet.PARTS:
        text = (stylesheet.FOLDER / f"{part}.css").read_text("utf-8")
        assert not strays.search(text), part


def test_the_script_needs_no_secure_context() -> None:
    text = script.script()
    for word in ("navigator.clipboard", "crypto.subtle", "serviceWorker", "eval("):
        assert word not in text
