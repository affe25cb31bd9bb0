"""The answers of the real Backstage on the sample catalog, kept in answers/."""

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
