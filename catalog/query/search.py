"""Searching entities: filters, text, sort and page, all of it as URL parameters.

Facets count what choosing a value would show: each ignores its own filter, none counts
what the viewer may not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog import refs
from catalog.entities import findings, ownership
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.query import columns
from catalog.query.columns import SORTS, Columns
from catalog.query.fields import FIELDS, Field
from catalog.query.fulltext import Sought
from catalog.query.language.asking import Answer, ask
from catalog.query.language.grammar import MOST_TEXT
from catalog.query.language.matching import spelled
from catalog.query.language.scope import Remark, Scope
from catalog.query.language.wrong import Wrong

PAGE_SIZE = 30
MOST_FILTERS = 50
VIEWS = ("all", "mine", "attention")
_MAX_VALUES = 500


@dataclass(frozen=True)
class Value:
    """One value of a facet, with how many entities choosing it would show."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Facet:
    """One field with its values, most frequent first."""

    key: str
    title: str
    values: list[Value]


@dataclass(frozen=True)
class Chip:
    """A filter that is on: which parameter and value to remove to lift it."""

    key: str
    title: str
    value: str
    label: str

    @property
    def sentence(self) -> str:
        """`Kind: Model`."""
        return f"{self.title}: {self.label}"


@dataclass
class Results:
    """One page of entities and everything around it."""

    rows: list[Entity]
    total: int
    facets: list[Facet]
    chips: list[Chip]
    page: int
    pages: int
    views: dict[str, int]
    scope: Scope
    titles: Mapping[str, str] = field(default_factory=dict)
    answer: Answer | None = None
    wrong: Wrong | None = None

    @property
    def remarks(self) -> list[Remark]:
        """What the asker should know of the answer."""
        return self.answer.scope.remarks if self.answer else []

    @property
    def words(self) -> str:
        """The full text that every row holds."""
        return self.answer.words if self.answer else ""

    @property
    def sought(self) -> Sought:
        """The words that a row may show."""
        return self.answer.sought if self.answer else Sought()

    @property
    def conditions(self) -> list[str]:
        """The typed conditions on fields."""
        return self.answer.fields if self.answer else []


@dataclass(frozen=True)
class Search:
    """What is asked for. Built from URL parameters, which it never refuses.

    `text` is a query as it was typed; one that is wrong finds nothing, and says why.
    `lists` are views that whoever asks brings along: references of entities, by name.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    view: str = "all"
    sort: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def from_params(
        cls, params: Any, lists: Mapping[str, frozenset[str]] | None = None
    ) -> Search:
        """Read a QueryDict (or anything with `get` and `getlist`)."""
        lists = lists or {}
        filters = {}
        for key in FIELDS:
            values = tuple(dict.fromkeys(params.getlist(key)))[:MOST_FILTERS]
            if values:
                filters[key] = values
        sort = params.get("sort", "")
        view = params.get("view", "all")
        page = params.get("page", "1")[:9]
        return cls(
            # One more than is allowed, so that what is too long is told.
            text=params.get("q", "").strip()[: MOST_TEXT + 1],
            filters=filters,
            view=view if view in VIEWS or view in lists else "all",
            sort=sort if sort.removeprefix("-") in SORTS else "",
            page=max(1, int(page)) if page.isascii() and page.isdigit() else 1,
            lists=lists,
        )

    def run(self, viewer: Viewer) -> Results:
        """The page, counted and faceted for this viewer."""
        scope = Scope.of(viewer)
        table, seen = scope.table, scope.seen
        views = {
            name: self._view(table, name, viewer) & seen
            for name in (*VIEWS, *self.lists)
        }
        sieve = self._sieve(scope, views[self.view])
        total = sieve.found.bit_count()
        pages = max(1, -(-total // self.size))
        page = min(self.page, pages)
        titles = _Titles(table, seen)
        return Results(
            rows=self._rows(table, sieve.found, page, sieve.answer),
            total=total,
            facets=self._facets(table, sieve, titles),
            chips=self._chips(titles),
            page=page,
            pages=pages,
            views={name: bits.bit_count() for name, bits in views.items()},
            scope=scope,
            titles=titles,
            answer=sieve.answer,
            wrong=sieve.wrong,
        )

    def found(self, scope: Scope) -> int:
        """The positions of all that is found, on every page. None where it is wrong."""
        return self._sieve(
            scope, self._view(scope.table, self.view, scope.viewer)
        ).found

    def _sieve(self, scope: Scope, view: int) -> _Sieve:
        """What the text and each filter let through, of a view."""
        answer, wrong = self._asked(scope)
        base = view & scope.seen & (answer.truth.yes if answer else 0)
        bits = scope.table.bits
        chosen = {
            key: scope.table.union(key, _meant(bits[key], key, values))
            for key, values in self.filters.items()
        }
        return _Sieve(base, chosen, answer, wrong)

    def _view(self, table: Columns, name: str, viewer: Viewer) -> int:
        if name in self.lists:
            return _at(table, self.lists[name])
        return _view(table, name, viewer)

    def _asked(self, scope: Scope) -> tuple[Answer | None, Wrong | None]:
        try:
            return ask(self.text, scope.viewer, scope), None
        except Wrong as wrong:
            return None, wrong

    def _rows(
        self, table: Columns, found: int, page: int, answer: Answer | None
    ) -> list[Entity]:
        start = (page - 1) * self.size
        if answer and answer.words and not self.sort:
            keys = answer.scope.best(answer.words, found, start + self.size)[start:]
        else:
            keys = table.page(found, self.sort or "title", start, self.size)
        rows = Entity.objects.light().select_related("source").in_bulk(keys)
        return [rows[key] for key in keys if key in rows]

    def _facets(self, table: Columns, sieve: _Sieve, titles: _Titles) -> list[Facet]:
        facets = []
        for name, named in FIELDS.items():
            beside = sieve.without(name)
            values = self._values(named, table.bits[name], beside, titles)
            if values:
                facets.append(Facet(name, named.title, values))
        return facets

    def _values(
        self, named: Field, column: Mapping[str, int], scope: int, titles: _Titles
    ) -> list[Value]:
        asked = self.filters.get(named.key, ())
        selected = _meant(column, named.key, asked)
        values = []
        for value, bits in column.items():
            count = (bits & scope).bit_count()
            # A chosen value that only hidden entities have must not show itself.
            chosen = value in selected and bits & titles.seen
            if (count or chosen) and (value or named.empty):
                label = titles.label(named, value)
                values.append(Value(value, label, count, value in selected))
        order = list(named.labels)
        if order:
            values.sort(key=lambda v: order.index(v.value) if v.value in order else 99)
        else:
            values.sort(key=lambda v: (not v.selected, -v.count, v.label.casefold()))
        return values[:_MAX_VALUES]

    def _chips(self, titles: _Titles) -> list[Chip]:
        return [
            Chip(key, FIELDS[key].title, value, titles.label(FIELDS[key], value))
            for key, values in self.filters.items()
            for value in values
        ]


@dataclass(frozen=True)
class _Sieve:
    """What a view and the text let through, and what each filter does by itself."""

    base: int
    chosen: Mapping[str, int]
    answer: Answer | None
    wrong: Wrong | None

    @property
    def found(self) -> int:
        """What comes through all of it."""
        return self.without("")

    def without(self, name: str) -> int:
        """What comes through all but one filter."""
        found = self.base
        for key, bits in self.chosen.items():
            if key != name:
                found &= bits
        return found


class _Titles(dict[str, str]):
    """Titles by reference, only of what the viewer sees."""

    def __init__(self, table: Columns, seen: int) -> None:
        super().__init__()
        self._table, self.seen = table, seen

    def __missing__(self, ref: str) -> str:
        self[ref] = title = self._title(ref)
        return title

    def _title(self, ref: str) -> str:
        at = self._table.at_ref(ref)
        if at is not None and self.seen >> at & 1:
            return self._table.titles[ref]
        return refs.short(ref)

    def label(self, named: Field, value: str) -> str:
        """How a facet's value is shown."""
        if not value:
            return named.empty
        return self[value] if named.is_ref else named.labels.get(value, value)


def _meant(column: Mapping[str, int], key: str, values: tuple[str, ...]) -> set[str]:
    """The values of a column that were asked for, whatever their capitals; references
    may be short."""
    if FIELDS[key].is_ref:
        values = tuple(_full_ref(value.lower(), FIELDS[key].title) for value in values)
    return {known for value in values for known in spelled(column, value)}


def _full_ref(value: str, title: str) -> str:
    kind = "group" if title == "Owner" else title.lower()
    try:
        return str(refs.parse(value, kind=kind))
    except refs.RefError:
        return value


def _view(table: Columns, name: str, viewer: Viewer) -> int:
    if name == "mine":
        owners = ownership.principals(viewer.ref) if viewer.ref else frozenset()
        return table.union("owner", owners)
    if name == "attention":
        return _attention(table, viewer)
    return table.everything


def _attention(table: Columns, viewer: Viewer) -> int:
    """Orphans, the unowned, and whatever has an error or leads nowhere."""
    subjects = findings.subjects_with_errors()
    subjects |= {by for by, _, _ in findings.dangling(viewer)}
    found = _at(table, subjects)
    return found | table.unowned(table.visible_to(viewer)) | table.orphans


def _at(table: Columns, refs_: Iterable[str]) -> int:
    """The positions of these references; unknown ones are left out."""
    positions = (table.at_ref(ref) for ref in refs_)
    return columns.as_bits((p for p in positions if p is not None), len(table.keys))
