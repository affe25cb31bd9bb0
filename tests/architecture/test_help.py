"""The help is complete: every setting, command, kind and link."""

from __future__ import annotations

import re

import pytest
from django.core.management import load_command_class

from catalog.kind import KINDS
from portal.env import TABLE
from tests.architecture.files import ROOT, ending, text

DOCS = ROOT / "portal/docs"
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")
COMMANDS = sorted(
    path.stem
    for path in (ROOT / "portal/management/commands").glob("*.py")
    if not path.stem.startswith("_")
)


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_every_setting_is_explained(setting):
    assert re.search(rf"^##+ .*\b{setting.name}\b", SETTINGS, re.M)
    assert setting.variable in SETTINGS
    assert setting.help.endswith(".")


def test_no_setting_is_explained_that_is_none():
    named = set(re.findall(r"GREENROOM_[A-Z_]+", SETTINGS))
    known = {name for setting in TABLE for name in setting.variables}
    assert named <= known | {f"{name}_FILE" for name in known}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_explained(name):
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    assert re.search(rf"^#+ .*\b{name}\b", page, re.M), f"Explain {name} there."
    command = load_command_class("portal", name)
    assert command.help.endswith(".")


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_help(name):
    kind = KINDS[name]
    assert kind.summary.endswith(".") and kind.plural
    for field, info in kind.Spec.model_fields.items():
        assert info.description, f"{name}.{field}"


@pytest.mark.parametrize("path", ending(".md"), ids=str)
def test_links_between_pages_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(path)):
        if not re.match(r"[a-z]+:|/", target):
            assert (ROOT / path.parent / target).exists(), target
