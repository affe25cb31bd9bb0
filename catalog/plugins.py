"""The one registry: a folder of files becomes a set of plugins.

    KINDS = Registry(Kind, folder="kinds")

Each installed room may hold the folder; every file in it that defines a subclass with a
`name` is a plugin. Entry points of the group `greenroom.<folder>` add those of others.
A third-party plugin that is broken, or takes a name of ours, is recorded in `broken`;
a broken one of ours is raised.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import entry_points
from types import ModuleType
from typing import Generic, TypeVar

from django.apps import apps

P = TypeVar("P")


class PluginError(Exception):
    """Two plugins claim one name, or a name is asked for that no plugin has."""


class Registry(Mapping[str, type[P]], Generic[P]):
    """Plugins by name, found when they are first asked for."""

    def __init__(self, base: type[P], *, folder: str) -> None:
        self.base = base
        self.folder = folder
        self.broken: dict[str, str] = {}

    def __getitem__(self, name: str) -> type[P]:
        try:
            return self._plugins[name]
        except KeyError:
            raise KeyError(self._unknown(name)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._plugins)

    def __len__(self) -> int:
        return len(self._plugins)

    def _unknown(self, name: str) -> str:
        close = difflib.get_close_matches(name, self._plugins, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        known = ", ".join(sorted(self._plugins))
        return f"There is no {self.folder} plugin {name!r}.{hint} Known: {known}."

    @cached_property
    def _plugins(self) -> dict[str, type[P]]:
        found: dict[str, type[P]] = {}
        for module in self._own_modules():
            self._add(found, module)
        for point in entry_points(group=f"greenroom.{self.folder}"):
            try:
                self._add(found, importlib.import_module(point.module))
            except Exception as error:
                # A stranger's plugin must not stop the house: it is shown as broken.
                self.broken[point.name] = f"{type(error).__name__}: {error}"
        return found

    def _add(self, found: dict[str, type[P]], module: ModuleType) -> None:
        for plugin in self._plugins_of(module):
            name: str = plugin.name  # type: ignore[attr-defined]
            if name in found and found[name] is not plugin:
                raise PluginError(
                    f"Two plugins of {self.folder} are named {name!r}: "
                    f"{found[name].__module__} and {module.__name__}. Rename one."
                )
            found[name] = plugin

    def _plugins_of(self, module: ModuleType) -> Iterator[type[P]]:
        for _, value in inspect.getmembers(module, inspect.isclass):
            own = value.__module__ == module.__name__
            if own and issubclass(value, self.base) and value.__dict__.get("name"):
                yield value

    def _own_modules(self) -> Iterator[ModuleType]:
        for package_name in sorted(self._packages()):
            package = importlib.import_module(package_name)
            for info in pkgutil.iter_modules(package.__path__):
                yield importlib.import_module(f"{package_name}.{info.name}")

    def _packages(self) -> set[str]:
        """`<room>.<folder>` for every installed room, and for its parent."""
        rooms = {config.name for config in apps.get_app_configs()}
        rooms |= {name.rpartition(".")[0] for name in rooms if "." in name}
        return {
            f"{room}.{self.folder}"
            for room in rooms
            if not room.startswith("django.")
            and importlib.util.find_spec(f"{room}.{self.folder}")
        }
