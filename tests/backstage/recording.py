"""The answers of the real Backstage on the sample catalog, kept in answers/.

Quirks, seen with plugin-catalog-backend 4.0.5 and catalog-client 1.16.4; each stands in
an answer here or in test_quirks.py, test_refusals.py:

- Pages: 200 without a limit, no upper bound; limit 0 counts, but is an error in the
  older GET /entities, which without a limit gives everything.
- Order: by-query and the older list without a limit use the first order only; the older
  list with a limit uses all. Case does not count; entities without the field come last,
  up as well as down.
- Cursors are base64 of JSON. The client looks inside: if it finds "query", as in all
  cursors of 4.0.5, also those of a GET, it asks for the next page with POST.
- totalItems "exclude" gives 0, not an absence.
- Filters: keys and values without case; two values of one key in one set are either;
  a key that holds a mapping does not exist; a reference has to be whole
  (relations.ownedBy=lab finds nothing). `fields` count case.
- The term of a full text is a LIKE pattern: "%" finds everything. Without fields it
  looks into the order's field, without an order into the uid.
- by-refs: the order asked for, null for what is missing, filtered out or no reference;
  a reference without a namespace is not completed: null.
- Facets: an unknown one is an empty list, and so is "kind,spec.type" in one.
- Errors: {error, request, response}; an unknown parameter is 400, an unknown route or
  method 404 without a body; a client's 404 is undefined, except for ancestors.
- DELETE of an unknown uid is 204, of an unknown location 404.
- One disallowed kind, missing name or YAML error drops the whole file; other errors
  drop the one entity. Both are only in the log. Of one name twice the last stays.
- Lists of references in a spec come back sorted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.backstage import installing, serving
from tests.backstage.backend import Backstage
from tests.backstage.calls import reads, writes
from tests.backstage.client import Line, normalised, run_client
from tests.backstage.comparing import compare
from tests.backstage.configuring import Settings
from tests.backstage.wire import REQUESTS, Answer, Ask, asked

SAMPLE = installing.HERE / "sample"
ANSWERS = installing.HERE / "answers"
# The writes last: they change the sample.
FILES = ("requests", "reads", "writes")


@contextmanager
def on_the_sample(settings: Settings | None = None) -> Iterator[tuple[Backstage, str]]:
    """A Backstage that has taken the sample, and where the sample is served."""
    with serving.folder(SAMPLE) as source, Backstage(settings) as backstage:
        compare(backstage, f"{source}/catalog-info.yaml")
        yield backstage, source


def places(backstage: Backstage, source: str) -> dict[str, str]:
    """What the addresses of one run are called in the answers."""
    return {backstage.base: "{base}", source: "{source}"}


def answered(name: str, backstage: Backstage, source: str) -> list[Line]:
    """One of FILES, asked now."""
    where = places(backstage, source)
    if name == "requests":
        return asked(REQUESTS, asker(backstage), where)
    calls = reads(source) if name == "reads" else writes(source)
    lines = run_client(backstage.base, backstage.token, calls)
    return normalised(lines, calls, where)


def asker(backstage: Backstage) -> Ask:
    """The `ask` of wire.py for a real Backstage."""

    def ask(method: str, path: str, body: Any, token: str) -> Answer:
        shown = {"own": None, "none": "", "bad": "wrong"}[token]
        response = backstage.ask(method, path, body, token=shown)
        headers = {name.lower(): value for name, value in response.headers.items()}
        text = response.data.decode()
        try:
            return Answer(response.status, json.loads(text) if text else None, headers)
        except ValueError:
            return Answer(response.status, text, headers)

    return ask


def record() -> None:
    """Write all answers anew."""
    with on_the_sample() as (backstage, source):
        found = {name: answered(name, backstage, source) for name in FILES}
    for name, answers in found.items():
        # One line for each call: a changed answer is one changed line.
        lines = ",\n".join(json.dumps(line, ensure_ascii=False) for line in answers)
        (ANSWERS / f"{name}.json").write_text(f"[\n{lines}\n]\n")
        print(f"{name}: {len(answers)} answers")


def recorded(name: str) -> list[Line]:
    """The answers in one file."""
    return list(json.loads((ANSWERS / f"{name}.json").read_text()))
