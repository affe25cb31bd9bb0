"""Many entities: the whole list, pages by query, facets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from catalog.query import paths
from catalog.query.columns import as_bits, positions_of
from catalog.query.language.scope import Scope
from portal.api.backstage import filters, ordering
from portal.api.backstage.documents import projected, texts
from portal.api.backstage.errors import JSON, InputError
from portal.api.backstage.filters import Entities
from portal.api.backstage.ordering import Cursor, Order
from portal.api.backstage.predicates import predicate
from portal.api.plain import Answer, Ask

PAGE_SIZE = 200
_MOST = 100_000
_MOST_FACETS = 600
# With more values than these, going through the entities is cheaper.
_COUNTED_BY_BITS = 600


def entities(ask: Ask) -> Answer:
    """`GET /entities`: a bare list; with `limit` a part of it, and where it goes on."""
    scope = Scope.declared(ask.viewer)
    found = filters.matching(scope, filters.parse(ask.all("filter")))
    order = _list_order(ask.all("order"))
    limit, offset = _number(ask, "limit"), _number(ask, "offset") or 0
    after = ask.one("after")
    cursor = ordering.read(after) if after else Cursor(order)
    if limit == 0:
        raise InputError("Invalid limit: it has to be greater than zero")
    size = _MOST if limit is None else limit
    page = ordering.page(scope.table, found, cursor, size, offset)
    items = _projected(texts(scope, page.positions), _fields(ask))
    headers = [JSON]
    if page.after and limit:
        more = [(key, value) for key, value in ask.pairs if key not in _PAGING]
        headers.append(("Link", _link(more, limit, page.after)))
    return Answer(200, f"[{','.join(items)}]".encode(), tuple(headers))


_PAGING = ("after", "limit", "offset")


def _link(more: list[tuple[str, str]], limit: int, after: Cursor) -> str:
    asked = urlencode([*more, ("limit", limit), ("after", after.written())])
    return f'</entities?{asked}>; rel="next"'


def _list_order(texts_: Sequence[str]) -> Order:
    for text in texts_[:1]:
        way, colon, name = text.partition(":")
        if not colon or way not in ("asc", "desc") or not name:
            raise InputError(
                f"Invalid order parameter '{text}', expected <asc or desc>:<field>"
            )
        return Order(name, way == "desc")
    return Order()


def by_query(ask: Ask) -> Answer:
    """`GET /entities/by-query`."""
    text = ask.one("cursor")
    if text:
        cursor = ordering.read(text)
    else:
        asked: dict[str, Any] = {"filter": ask.all("filter")}
        term = ask.one("fullTextFilterTerm")
        if term is not None:
            named = [
                f for value in ask.all("fullTextFilterFields") for f in value.split(",")
            ]
            asked["term"], asked["in"] = term, [name for name in named if name]
        cursor = Cursor(_query_order(ask.all("orderField")), asked)
    counts = ask.one("totalItems") != "exclude"
    limit, offset = _number(ask, "limit"), _number(ask, "offset") or 0
    return _queried(ask, cursor, limit, offset, counts, _fields(ask))


def by_predicate(ask: Ask) -> Answer:
    """`POST /entities/by-query`: the same, asked with a predicate."""
    body = body_of(ask)
    text = body.get("cursor")
    if isinstance(text, str) and text:
        cursor = ordering.read(text)
    else:
        asked: dict[str, Any] = {"query": body.get("query") or {}}
        wanted = body.get("fullTextFilter") or {}
        if wanted.get("term") is not None:
            asked["term"] = str(wanted["term"])
            asked["in"] = texts_of(wanted.get("fields") or [], "fullTextFilter.fields")
        cursor = Cursor(_body_order(body.get("orderBy") or []), asked)
    limit, offset = _whole(body, "limit"), _whole(body, "offset") or 0
    fields = texts_of(body.get("fields") or [], "fields")
    counts = body.get("totalItems") != "exclude"
    return _queried(ask, cursor, limit, offset, counts, fields)


def _queried(
    ask: Ask,
    cursor: Cursor,
    limit: int | None,
    offset: int,
    counts: bool,
    fields: Sequence[str],
) -> Answer:
    scope = Scope.declared(ask.viewer)
    found = _found(scope, cursor)
    total = cursor.total
    if total is None and counts and cursor.at is None:
        total = found.bit_count()
    cursor = replace(cursor, total=total)
    size = PAGE_SIZE if limit is None else limit
    page = ordering.page(scope.table, found, cursor, size, offset)
    items = _projected(texts(scope, page.positions), fields)
    ends = {"nextCursor": page.after, "prevCursor": page.before}
    info = {name: one.written() for name, one in ends.items() if one and size}
    body = (
        f'{{"items":[{",".join(items)}],"totalItems":{total or 0},'
        f'"pageInfo":{json.dumps(info)}}}'
    )
    return Answer(200, body.encode(), (JSON,))


def _found(scope: Scope, cursor: Cursor) -> int:
    """What a cursor was asked for. It comes back from outside, and is read anew."""
    asked = cursor.asked
    if "query" in asked:
        found = predicate(Entities(scope), asked["query"])
    else:
        given = texts_of(asked.get("filter") or [], "filter")
        found = filters.matching(scope, filters.parse(given))
    term = str(asked.get("term") or "").strip().lower()
    if term:
        named = texts_of(asked.get("in") or [], "fields") or [cursor.order.field]
        found &= _holding(scope, term, named)
    return found


def _holding(scope: Scope, term: str, named: Sequence[str]) -> int:
    """Who has a text in a value of some fields."""
    places = paths.Haystack.of(scope.table, named).holding(term)
    return as_bits(places, len(scope.table.keys))


def facets(ask: Ask) -> Answer:
    """`GET /entity-facets`: how many entities have each value of some paths."""
    scope = Scope.declared(ask.viewer)
    found = filters.matching(scope, filters.parse(ask.all("filter")))
    return _counted(scope, found, [f for f in ask.all("facet") if f])


def facets_by_predicate(ask: Ask) -> Answer:
    """`POST /entity-facets`."""
    body, scope = body_of(ask), Scope.declared(ask.viewer)
    found = predicate(Entities(scope), body.get("query") or {})
    return _counted(scope, found, texts_of(body.get("facets") or [], "facets"))


def _counted(scope: Scope, found: int, names: Sequence[str]) -> Answer:
    if not names:
        raise InputError("Missing facet parameter")
    if len(names) > _MOST_FACETS:
        raise InputError(f"At most {_MOST_FACETS} facets: there are {len(names)}")
    counted = {name: _facet(scope, found, name) for name in names}
    return Answer(200, json.dumps({"facets": counted}).encode(), (JSON,))


def _facet(scope: Scope, found: int, name: str) -> list[dict[str, Any]]:
    if filters.is_relation(name):
        numbers: Mapping[str, int] = {
            end: (bits & found).bit_count()
            for end, bits in filters.relation_column(scope, name).items()
        }
    else:
        numbers = _numbers(scope, found, paths.column(scope.table, name))
    return [{"value": v, "count": n} for v, n in sorted(numbers.items()) if n]


def _numbers(scope: Scope, found: int, column: paths.PathColumn) -> Mapping[str, int]:
    if len(column.positions) <= _COUNTED_BY_BITS:
        by_bits = column.written
        return {value: (bits & found).bit_count() for value, bits in by_bits.items()}
    values = column.values
    return Counter(v for at in positions_of(found) for v in values[at] if v is not None)


def _query_order(given: Sequence[str]) -> Order:
    # Backstage sorts by the first one only, and so do its clients expect.
    for text in given[:1]:
        name, _, way = text.partition(",")
        if not name or way not in ("", "asc", "desc"):
            raise InputError("Invalid order field order, must be asc or desc")
        return Order(name, way == "desc")
    return Order()


def _body_order(given: Any) -> Order:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise InputError("Invalid orderBy: expected a list of objects")
    for one in given[:1]:
        if not isinstance(one.get("field"), str) or one.get("order") not in (
            "asc",
            "desc",
        ):
            raise InputError("Invalid orderBy: expected a field, and asc or desc")
        return Order(one["field"], one["order"] == "desc")
    return Order()


def _fields(ask: Ask) -> list[str]:
    given = [f.strip() for value in ask.all("fields") for f in value.split(",")]
    return [name for name in given if name]


def _projected(found: list[str], fields: Sequence[str]) -> list[str]:
    return [projected(text, fields) for text in found] if fields else found


def _number(ask: Ask, name: str) -> int | None:
    text = ask.one(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InputError(f"request/query/{name} must be integer")
    return int(text)


def _whole(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**9:
        raise InputError(f"request/body/{name} must be integer")
    return value


def body_of(ask: Ask) -> dict[str, Any]:
    """The JSON object that was sent. Raises InputError."""
    try:
        data = json.loads(ask.body or b"{}")
    except (ValueError, RecursionError):
        raise InputError("The body is not JSON") from None
    if not isinstance(data, dict):
        raise InputError("request/body must be object")
    return data


def texts_of(value: Any, name: str) -> list[str]:
    """A list of texts that was sent. Raises InputError."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(f"request/body/{name} must be array")
    return value
