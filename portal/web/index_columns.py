"""The columns of the catalog index: which stand there, what is in them, the menu."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from catalog.entities.models import Entity
from catalog.query import shown
from catalog.query.fields import FIELDS
from catalog.query.search import Results
from catalog.query.shown import Shown
from portal.accounts import saved_views
from portal.accounts.models import Account
from portal.web.health import Health

# A row of the usual table shows these only where one of its rows has something in it.
_WHERE_SAID = ("lifecycle", "tier")


@dataclass(frozen=True)
class Choice:
    """One line of the menu. Nobody said anything yet where not `is_said`."""

    column: Shown
    is_on: bool
    is_said: bool


@dataclass(frozen=True)
class Layout:
    """The columns of one page. `chosen` is empty where they are the usual ones."""

    heads: list[Shown]
    cells: Mapping[str, Mapping[int, list[str]]]
    menu: list[Choice]
    chosen: str = ""
    # What the form of the menu carries besides, and whether the account keeps a choice.
    besides: tuple[tuple[str, str], ...] = ()
    is_kept: bool = False

    @classmethod
    def of(
        cls, request: HttpRequest, results: Results, healths: Mapping[int, Health]
    ) -> Layout:
        """What the address asks for, or what the account keeps, or the usual ones."""
        kept = kept_by(request)
        asked = asked_in(request)
        asked = kept if asked is None else asked
        columns = shown.every()
        if asked is None:
            heads = usual(results.rows, healths)
        else:
            heads = [columns[key] for key in asked]
        on = {head.key for head in heads} if asked is None else set(asked)
        scope = results.scope
        said = shown.said(scope.table, scope.seen)
        on_page = scope.table.set_of(row.pk for row in results.rows)
        return cls(
            heads=heads,
            cells=_worded(shown.cells(scope.table, on_page, [h.key for h in heads])),
            menu=[Choice(one, key in on, key in said) for key, one in columns.items()],
            chosen="" if asked is None else shown.written(asked),
            besides=_besides(request),
            is_kept=kept is not None,
        )


def asked_in(request: HttpRequest) -> tuple[str, ...] | None:
    """The columns that the address names; None where it names none."""
    return shown.chosen(request.GET.getlist(shown.PARAM))


def kept_by(request: HttpRequest) -> tuple[str, ...] | None:
    """The columns that whoever asks keeps for themselves; None for the usual ones."""
    account = request.user
    if not isinstance(account, Account) or not account.columns:
        return None
    return shown.chosen([account.columns])


def usual(rows: Iterable[Entity], healths: Mapping[int, Health]) -> list[Shown]:
    """The columns that the table has by itself, where there is something in them."""
    rows = list(rows)
    idle = {key for key in _WHERE_SAID if not any(getattr(row, key) for row in rows)}
    if not healths:
        idle.add("status")
    if not any(health.latency for health in healths.values()):
        idle.add("latency")
    columns = shown.every()
    return [columns[key] for key in shown.USUAL if key not in idle and key in columns]


def _worded(
    cells: Mapping[str, Mapping[int, list[str]]],
) -> dict[str, dict[int, list[str]]]:
    """The values as people read them."""
    found = {}
    for key, column in cells.items():
        labels = FIELDS[key].labels if key in FIELDS else {}
        found[key] = {
            row: [labels.get(value, value) for value in values]
            for row, values in column.items()
        }
    return found


def _besides(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    arranged = saved_views.arranged(request.GET)
    order = [pair for pair in arranged if pair[0] != shown.PARAM]
    return (*saved_views.asked(request.GET), *order)
