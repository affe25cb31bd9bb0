"""The catalog's generation number, and what may be remembered while it lasts."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from django.db.models import F

from catalog.entities.models import CatalogState

V = TypeVar("V")


def current() -> int:
    """The number now; 0 before the first change. One query."""
    row = CatalogState.objects.values_list("generation", flat=True).first()
    return row or 0


def advance() -> None:
    """Raise the number, inside the transaction that changes the catalog."""
    if not CatalogState.objects.update(generation=F("generation") + 1):
        CatalogState.objects.create(pk=1)


class Cache(Generic[V]):
    """Values that hold for one generation. Shared by threads, bounded in number."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._generation = -1
        self._values: dict[Hashable, V] = {}

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The remembered value, or a new one. Costs one query for the generation."""
        now = current()
        with self._lock:
            if now != self._generation or len(self._values) > self._limit:
                self._values, self._generation = {}, now
            if key in self._values:
                return self._values[key]
        value = make()
        with self._lock:
            if self._generation == now:
                self._values[key] = value
        return value
