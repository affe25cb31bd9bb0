"""Reading a Prometheus page by lists of aliases: names change from version to version.

    TABLE = {
        "running": Gauge("vllm:num_requests_running"),
        "kv": Gauge("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", how=max),
        "output_tokens": Counter("vllm:generation_tokens_total"),
    }

Newest names first. Values of several engines or labels are added up. What is unknown is
passed over; what is required and missing has drifted, and is not 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from catalog.probes import words
from catalog.probes.prober import stop

STARTED = "process_start_time_seconds"


@dataclass(frozen=True, init=False)
class Series:
    """One figure: the names that it goes by, newest first."""

    names: tuple[str, ...]
    how: Callable[[Iterable[float]], float]
    is_counter: bool
    required: bool

    def __init__(
        self,
        *names: str,
        how: Callable[[Iterable[float]], float] = sum,
        is_counter: bool = False,
        required: bool = False,
    ) -> None:
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "how", how)
        object.__setattr__(self, "is_counter", is_counter)
        object.__setattr__(self, "required", required)


def gauge(
    *names: str,
    how: Callable[[Iterable[float]], float] = sum,
    required: bool = False,
) -> Series:
    """A figure that goes up and down."""
    return Series(*names, how=how, required=required)


def counter(*names: str, required: bool = False) -> Series:
    """A sum since the server started."""
    return Series(*names, is_counter=True, required=required)


Table = Mapping[str, Series]


@dataclass
class Reading:
    """The figures of one page. A figure that the page does not hold is not in here."""

    load: dict[str, float] = field(default_factory=dict)
    counters: dict[str, float] = field(default_factory=dict)
    matched: dict[str, str] = field(default_factory=dict)
    started_at: float | None = None

    def moved_since(self, before: Reading) -> bool:
        """Has any figure changed that only work changes?"""
        return self.counters != before.counters or self.load != before.load


def read(page: str, table: Table) -> Reading:
    """The figures of a table in a page. Raises Stop where a required one is missing, or
    where it is no page of metrics."""
    values = _values(page, table)
    reading = Reading()
    started = values.pop(STARTED, None)
    if started:
        reading.started_at = started[0]
    for figure, series in table.items():
        name = next((name for name in series.names if name in values), None)
        if name is None:
            continue
        reading.matched[figure] = name
        into = reading.counters if series.is_counter else reading.load
        into[figure] = float(series.how(values[name]))
    _check(reading, table)
    return reading


def _check(reading: Reading, table: Table) -> None:
    missing = [
        (figure, series.names[0])
        for figure, series in table.items()
        if series.required and figure not in reading.matched
    ]
    if missing:
        named = ", ".join(f"{name} ({figure})" for figure, name in missing)
        raise stop(
            words.DRIFTED,
            f"The metrics do not hold {named}, under this or an older name.",
            words.DEGRADED,
        )


def _values(page: str, table: Table) -> dict[str, list[float]]:
    """The values of every name that the table knows; the rest is never parsed."""
    wanted = {name for series in table.values() for name in series.names} | {STARTED}
    values: dict[str, list[float]] = {}
    lines = "\n".join(line for line in page.splitlines() if _name_of(line) in wanted)
    try:
        for family in text_string_to_metric_families(f"{lines}\n"):
            for sample in family.samples:
                if math.isfinite(sample.value):
                    values.setdefault(sample.name, []).append(sample.value)
    except ValueError as error:
        raise stop(
            words.BAD_BODY, f"The metrics cannot be read: {error}.", words.DEGRADED
        ) from None
    return values


def _name_of(line: str) -> str:
    ends = [at for at in (line.find("{"), line.find(" ")) if at > 0]
    return line[: min(ends)] if ends else ""
