"""How the house is built: small files, captions, one way in, nothing left half done."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.files import ROOMS, ROOT, ending, kept, text, tree

MODULES = ending(".py")
PAGES = ending(".html", ".jinja")
MAX_LINES = 400
MAX_FUNCTION = 40
FORBIDDEN = {"utils", "helpers", "common", "misc", "base", "services"}
TOOLS = {
    ".ci",
    ".dockerignore",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "manage.py",
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


def test_there_is_something_to_look_at():
    assert len(MODULES) > 60 and PAGES


def test_the_top_level_is_the_one_that_was_agreed():
    assert {path.parts[0] for path in kept()} <= {*ROOMS, *TOOLS}
    assert {path.parts[0] for path in kept()} >= set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_has_a_caption(path):
    caption = ast.get_docstring(tree(path))
    assert caption, "Say in one line what it is for."
    assert len(caption.splitlines()[0]) <= 88


@pytest.mark.parametrize(
    "path", ending(".py", ".js", ".css", ".html", ".jinja"), ids=str
)
def test_a_file_is_short(path):
    assert len(text(path).splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_functions_are_short(path):
    long = {
        node.name: length
        for node in functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION
    }
    assert not long


def test_no_module_has_a_name_that_says_nothing():
    assert not [path for path in MODULES if {path.stem, *path.parts} & FORBIDDEN]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_stand_at_the_top(path):
    inside = {
        node.name
        for node in functions(path)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
    assert not inside


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if p.parts[0] in ("catalog", "techdocs", "oncall")],
    ids=str,
)
def test_rooms_know_no_web(path):
    """Pages and addresses belong to portal; import-linter cannot see inside Django."""
    closed = ("django.http", "django.shortcuts", "django.urls", "django.views", "ninja")
    for node in ast.walk(tree(path)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not [name for name in names if name.startswith(closed)]


INLINE = re.compile(r"""\s(style|on[a-z]+)\s*=\s*["'{]|<style\b|javascript:""", re.I)
SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)", re.I)
REMOTE = re.compile(
    r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["']?(?:https?:)?//"""
)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_templates_hold_nothing_inline_and_nothing_remote(path):
    page = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text(path), flags=re.S)
    for pattern in (INLINE, SCRIPT, REMOTE):
        assert not pattern.search(page), pattern.search(page)


def test_the_search_for_inline_code_finds_it():
    for bad in (
        '<a onclick="x">',
        "<p style='x'>",
        '<a href="javascript:x">',
        "<style>",
    ):
        assert INLINE.search(bad)
    assert SCRIPT.search("<script>") and not SCRIPT.search('<script src="x">')
    assert REMOTE.search('<script src="https://cdn.example/x.js">')


@pytest.mark.parametrize(
    "path",
    ending(".py", ".js", ".css", ".html", ".md", ".sh", ".yaml", ".toml"),
    ids=str,
)
def test_nothing_is_left_to_do(path):
    words = re.compile(r"\b(TO" "DO|FIX" "ME|X" "XX|HA" "CK)\\b")
    assert not words.search(text(path))


def test_every_app_has_its_migrations():
    """Django passes over an app without them in silence."""
    models = [p for p in MODULES if p.name == "models.py" and p.parts[0] != "tests"]
    assert len(models) >= 3
    for path in models:
        assert (ROOT / path.parent / "migrations/0001_initial.py").exists(), path
