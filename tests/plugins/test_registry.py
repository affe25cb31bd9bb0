"""Plugins: one new file is enough, names are unique, strangers cannot stop us."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from catalog import kind, plugins
from catalog.entities import validation
from catalog.kind import KINDS, Kind, relation_pairs
from catalog.plugins import PluginError, Registry
from catalog.sources.provider import PROVIDERS
from tests.catalog.documents import document

RACK = '''
"""Rack: where hosts stand."""
from typing import Annotated
from pydantic import Field
from catalog import kind

class RackSpec(kind.Spec):
    owner: kind.GroupOwner = Field(description="Who answers for it.")
    stands: Annotated[
        str, kind.RefTo("standsIn", "shelters", "Resource")
    ] | None = Field(None, description="The room that it stands in.")

class Rack(kind.Kind):
    name = "Rack"
    plural = "Racks"
    summary = "A rack."
    icon = "server"
    api_versions = ("example.org/v1",)
    Spec = RackSpec
'''
Room = Callable[..., None]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """Build a room with a `kinds` folder, and install it."""
    monkeypatch.syspath_prepend(tmp_path)
    changes = []

    def build(files: dict[str, str]) -> None:
        package = tmp_path / "cellar"
        (package / "kinds").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "kinds/__init__.py").touch()
        for name, content in files.items():
            (package / "kinds" / name).write_text(content)
        importlib.invalidate_caches()
        change = override_settings(INSTALLED_APPS=["cellar", "catalog.entities"])
        change.enable()
        changes.append(change)
        forget()

    yield build
    for change in changes:
        change.disable()
    for name in [name for name in sys.modules if name.partition(".")[0] == "cellar"]:
        del sys.modules[name]
    forget()


def forget() -> None:
    """Let the one registry of kinds look again."""
    KINDS.__dict__.pop("_plugins", None)
    relation_pairs.cache_clear()


def test_one_file_is_a_kind_with_schema_relations_and_validation(room):
    room({"rack.py": RACK})
    assert KINDS["Rack"].schema()["properties"]["kind"] == {"const": "Rack"}
    assert "stands" in KINDS["Rack"].schema()["properties"]["spec"]["properties"]
    assert relation_pairs()["standsIn"] == "shelters"
    good = {
        **document("Rack", "r1", spec={"owner": "lab"}),
        "apiVersion": "example.org/v1",
    }
    assert not validation.check(good)
    (problem,) = validation.check({**good, "spec": {}})
    assert problem.field == "spec.owner"


def test_without_the_room_the_kind_is_unknown():
    assert "Rack" not in KINDS
    with pytest.raises(
        KeyError, match=r"no kinds plugin 'Sytem'.*'System'.*Known: API"
    ):
        KINDS["Sytem"]


def test_two_plugins_of_one_name_stop_the_start_naming_both(room):
    room({"rack.py": RACK, "shelf.py": RACK})
    with pytest.raises(
        PluginError, match=r"'Rack'.*cellar\.kinds\.rack.*cellar\.kinds\.shelf"
    ):
        len(KINDS)


def test_a_broken_plugin_of_ours_is_raised(room):
    room({"rack.py": "import no_such_module_anywhere"})
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        len(KINDS)


def test_what_is_imported_into_a_plugin_file_is_no_second_plugin(room):
    room({"rack.py": RACK, "other.py": "from cellar.kinds.rack import Rack\n"})
    assert list(KINDS).count("Rack") == 1


def entry_point(root: Path, module: str, content: str) -> None:
    """Install a stranger's distribution with one plugin."""
    (root / f"{module}.py").write_text(content)
    info = root / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(f"[greenroom.kinds]\n{module} = {module}\n")


def test_a_plugin_of_a_stranger_is_found_and_a_broken_one_is_recorded(
    tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(tmp_path)
    entry_point(tmp_path, "greenroom_rack", RACK)
    entry_point(tmp_path, "greenroom_bad", "raise RuntimeError('out of order')")
    entry_point(tmp_path, "greenroom_worse", "x = (")
    found = Registry(Kind, folder="kinds")
    assert "Rack" in found and "Component" in found
    assert found.broken["greenroom_bad"] == "RuntimeError: out of order"
    assert found.broken["greenroom_worse"].startswith("SyntaxError")
    monkeypatch.delitem(sys.modules, "greenroom_rack")


def test_a_stranger_cannot_take_over_a_name_of_ours(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    entry_point(tmp_path, "greenroom_thief", RACK.replace('"Rack"', '"Component"'))
    found = Registry(Kind, folder="kinds")
    assert found["Component"].__module__ == "catalog.kinds.component"
    assert "Component" in found.broken["greenroom_thief"]
    monkeypatch.delitem(sys.modules, "greenroom_thief")


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_says_what_it_is(name):
    assert PROVIDERS[name].title and PROVIDERS[name].__doc__


def test_the_registries_look_where_they_say():
    assert KINDS.folder == "kinds" and issubclass(KINDS["API"], kind.Kind)
    assert plugins.Registry.__doc__
