"""The catalog's generation number, and what may be remembered while it lasts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Generic, TypeVar

from django.db import transaction

from catalog.entities import hot
from catalog.entities.models import Advance, CatalogState

V = TypeVar("V")
# With more, what is derived is made anew; and so it is for who is further behind.
MOST_TOUCHED = 200
_REMEMBERED = 200


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


def advance(touched: Collection[int] | None = None) -> None:
    """Raise the number, inside the transaction that changes the catalog.

    `touched` are the keys of all entities that are new, gone or otherwise in any way,
    with who may see them; None where it may be any, or the sources themselves.
    """
    with transaction.atomic(savepoint=False):
        number = hot.advance()
        if not number:
            number = CatalogState.objects.create(pk=1).generation
        _remember(number, touched)
    known = _READ.get()
    if known:
        known.clear()


def _remember(number: int, touched: Collection[int] | None) -> None:
    told = touched is not None and len(touched) <= MOST_TOUCHED
    said = ",".join(map(str, touched or ())) if told else Advance.ANY
    hot.remember(number, secrets.randbits(62), said)
    if number % _REMEMBERED == 0:
        Advance.objects.filter(generation__lte=number - _REMEMBERED).delete()


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
