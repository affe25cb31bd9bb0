"""A result of the index as a file: YAML as the authors wrote it, or a table in CSV."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import condition, require_safe

from catalog.entities import stamp
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.probes import states
from catalog.query import shown
from catalog.query.fields import FIELDS
from catalog.query.language.scope import Scope
from portal.web.gate import viewer_of
from portal.web.health import latency_of
from portal.web.index_columns import asked_in
from portal.web.pages.catalog import asked_of

# What tells the rows of a file apart; the title alone where columns are chosen.
_HEAD = ("ref", "title")


def etag_of(request: HttpRequest) -> str:
    """Changes when something does that the reader may see, and that is in the file."""
    search = asked_of(request)
    told = request.GET.urlencode()
    if search.view in search.lists:
        told += " ".join(sorted(search.lists[search.view]))
    asked = hashlib.sha256(told.encode()).hexdigest()[:12]
    return f'W/"{stamp.of(viewer_of(request))}-{asked}"'


def csv_etag_of(request: HttpRequest) -> str | None:
    """None for a file with a column that moves while the catalog does not."""
    live = {key for key, field in FIELDS.items() if field.live} | {"latency"}
    return None if live & set(asked_in(request) or ()) else etag_of(request)


@require_safe
@condition(etag_func=etag_of)
def export(request: HttpRequest) -> HttpResponseBase:
    """Every entity of a result that the reader may see, as its author wrote it."""
    scope = Scope.of(viewer_of(request))
    keys = keys_of(scope, asked_of(request).found(scope))
    parts = documents(scope.viewer, keys)
    return _file(parts, "application/yaml", "catalog-info.yaml")


@require_safe
@condition(etag_func=csv_etag_of)
def export_csv(request: HttpRequest) -> HttpResponseBase:
    """A result as a table for spreadsheets, with the columns that the address names."""
    scope = Scope.of(viewer_of(request))
    found = asked_of(request).found(scope)
    return _file(lines(scope, found, asked_in(request)), "text/csv", "catalog.csv")


def keys_of(scope: Scope, found: int) -> set[int]:
    """The keys of these positions."""
    return set(scope.table.page(found, "title", 0, found.bit_count()))


def _file(parts: Iterator[str], sort: str, name: str) -> HttpResponseBase:
    response = StreamingHttpResponse(parts, content_type=f"{sort}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-cache"
    return response


def documents(viewer: Viewer, keys: set[int]) -> Iterator[str]:
    """The documents in the order of their references, with lines between them."""
    rows = Entity.objects.visible_to(viewer).order_by("ref")
    joint = ""
    for key, text in rows.values_list("pk", "text").iterator():
        if key in keys:
            yield f"{joint}{text.rstrip()}\n"
            joint = "---\n"


def lines(scope: Scope, found: int, asked: Sequence[str] | None) -> Iterator[str]:
    """Rows of CSV. A cell that a spreadsheet would run as a formula is made text."""
    head = (*_HEAD, "description") if asked is None else _HEAD
    columns = shown.every()
    chosen = [
        columns[key] for key in (shown.USUAL_IN_FILES if asked is None else asked)
    ]
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([*head, *(one.in_file for one in chosen)])
    yield line.text
    keys = keys_of(scope, found)
    cells = shown.cells(scope.table, found, [one.key for one in chosen])
    if "latency" in (asked or ()):
        cells["latency"] = _latencies(keys)
    rows = Entity.objects.visible_to(scope.viewer).order_by("ref")
    for key, changed, *own in rows.values_list("pk", "changed_at", *head).iterator():
        if key not in keys:
            continue
        said = cells | {"changed": {key: [changed.isoformat(timespec="seconds")]}}
        beside = (" ".join(said[one.key].get(key, ())) for one in chosen)
        writer.writerow([_harmless(str(cell)) for cell in (*own, *beside)])
        yield line.text


def _latencies(keys: set[int]) -> Mapping[int, list[str]]:
    """Milliseconds; nothing where nobody knows."""
    return {
        key: [f"{latency:.0f}"]
        for key, status in states.statuses(keys).items()
        if (latency := latency_of(status)) is not None
    }


class _Line:
    """The line that was written last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
