"""The catalog's generation number, and what may be remembered while it lasts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Generic, TypeVar

from django.db.models import F

from catalog.entities import hot
from catalog.entities.models import CatalogState

V = TypeVar("V")


_READ: ContextVar[list[int] | None] = ContextVar("generation", default=None)


@contextmanager
def read_once(known: int | None = None) -> Iterator[None]:
    """Ask for the number only once in here, or not at all where it is `known`: all of a
    page then rests on the same state. A change made in here is seen."""
    token = _READ.set([] if known is None else [known])
    try:
        yield
    finally:
        _READ.reset(token)


def current() -> int:
    """The number now; 0 before the first change. One query."""
    known = _READ.get()
    if known:
        return known[0]
    now = hot.generation()
    if known is not None:
        known.append(now)
    return now


def advance() -> None:
    """Raise the number, inside the transaction that changes the catalog."""
    if not CatalogState.objects.update(generation=F("generation") + 1):
        CatalogState.objects.create(pk=1)
    known = _READ.get()
    if known:
        known.clear()


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
