"""Writing down what was found: many looks in one transaction, by plain SQL.

Every look becomes a sample; what is believed of its level, its probe and its entity
follows, and each change of that is a transition.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F

from catalog.probes import histogram, judging, progress, standing, words
from catalog.probes.ask import Target
from catalog.probes.judging import Belief
from catalog.probes.models import Change, Check, Probe
from catalog.probes.models import Progress as Row
from catalog.probes.prober import Found
from catalog.probes.progress import Progress
from catalog.probes.sql import SqlRow, kept
from catalog.probes.usage import Counted, add_usage

_SAMPLE = (
    "INSERT INTO probes_sample (check_id, at, verdict, bucket, latency, error) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)
_CHECK = (
    "UPDATE probes_check SET "
    # Whoever claimed it meanwhile keeps the claim, and the rhythm.
    "busy_until = CASE WHEN busy_until = %s THEN 0 ELSE busy_until END, "
    "due = CASE WHEN due > %s THEN %s ELSE due END, at = %s, ok_at = %s, "
    "verdict = %s, confirmed = %s, since = %s, streak = %s, error = %s, detail = %s, "
    "latency = %s, timings = %s, memory = %s WHERE id = %s"
)
_HASTEN = (
    "UPDATE probes_check SET due = %s WHERE probe_id = %s AND level = %s AND due > %s"
)
_LISTED = 50
_NOT_SOONER = 2**62
# A start beyond this is no moment.
_LAST = 10_000_000_000


@dataclass(frozen=True)
class Result:
    """What one look at one target found, and when it ended (milliseconds)."""

    target: Target
    found: Found
    at: int


def record(results: list[Result]) -> set[int]:
    """Write results down. Returns the identities of which a fact has changed."""
    if not results:
        return set()
    with transaction.atomic():
        batch = _Batch(results)
        for result in sorted(results, key=lambda result: result.at):
            batch.add(result)
        batch.write()
    return batch.touched


class _Batch:
    """The rows that some results touch, brought up to date in memory and written."""

    def __init__(self, results: list[Result]) -> None:
        self.at = max(result.at for result in results)
        keys = {result.target.probe for result in results}
        self.family = standing.locked(identities(results))
        self.probes = {probe.pk: probe for probe in self.family if probe.pk in keys}
        self.checks: dict[int, dict[int, Check]] = defaultdict(dict)
        for check in Check.objects.filter(probe_id__in=keys):
            self.checks[check.probe_id][check.pk] = check
        self.samples: list[SqlRow] = []
        self.written: dict[int, Check] = {}
        self.held: dict[int, int] = {}
        self.sooner: dict[int, int] = {}
        self.hastened: list[SqlRow] = []
        self.counted: list[Counted] = []
        self.changes: list[Change] = []
        self.touched: set[int] = set()

    def add(self, result: Result) -> None:
        """Take one result in; one of a probe that is gone is forgotten."""
        probe = self.probes.get(result.target.probe)
        check = self.checks[result.target.probe].get(result.target.check)
        if probe is None or check is None:
            return
        found, at = result.found, result.at
        counted = Progress()
        if check.level == words.METRICS:
            before = json.loads(check.memory)
            found, counted = progress.weigh(found, before, at)
            if found.memory and progress.has_just_stopped(before, found.memory):
                self.hastened.append((at, probe.pk, words.SERVING, at))
        self._sample(check, found, at)
        if found.error == words.OWN_LIMIT:
            # It tells nothing of the server: what was believed is, until it is too old.
            self.sooner[check.pk] = at + judging.RETRY * 1000
        else:
            self._believe(check, found, at, flips=json.loads(probe.flips))
        self.counted.append(Counted(probe.pk, at, counted, found.spent))
        if counted.restarted:
            self._change(probe, "restart", "", "", "Its counters began anew.")
        self._learn(probe, found)
        self.written[check.pk] = check
        self.held[check.pk] = max(result.target.held, self.held.get(check.pk, 0))

    def _sample(self, check: Check, found: Found, at: int) -> None:
        verdict = words.VERDICTS.index(found.verdict)
        place = histogram.bucket(found.latency)
        self.samples.append(
            (check.pk, at, verdict, place, found.latency, kept(found.error, 30))
        )

    def _believe(self, check: Check, found: Found, at: int, flips: list[int]) -> None:
        before = Belief(check.confirmed, check.since, check.streak, check.verdict)
        if at > judging.known_until(check.at, check.interval, check.timeout):
            # After a silence nothing is believed any more: not what was, either.
            before = Belief()
        flapping = judging.is_flapping(flips, at)
        belief = judging.weigh(before, found, at, flapping=flapping)
        check.confirmed, check.since = belief.confirmed, belief.since
        check.streak, check.verdict = belief.streak, belief.verdict
        check.at, check.latency = at, found.latency
        if found.verdict in (words.OK, words.BUSY):
            check.ok_at = at
        if belief.verdict == belief.confirmed:
            error = kept(found.error, 30)
            if check.error != error:
                self.touched.add(self.probes[check.probe_id].identity_id)
            check.error, check.detail = error, kept(found.detail, 500)
        check.timings = json.dumps(found.timings)[:200]
        if found.memory is not None:
            check.memory = json.dumps(found.memory)
        in_doubt = check.level == words.METRICS and progress.is_in_doubt(
            found.memory, at
        )
        soon = judging.next_look(belief, check.interval)
        if in_doubt:
            soon = min(soon, judging.RETRY)
        if soon < check.interval:
            self.sooner[check.pk] = at + soon * 1000

    def _learn(self, probe: Probe, found: Found) -> None:
        """The facts that the server told of itself, and which of them are new."""
        if found.load is not None:
            probe.load = json.dumps({**probe.figures, **found.load})
        if found.started_at and 0 < found.started_at < _LAST:
            probe.started_at = int(found.started_at * 1000)
        version = kept(found.version or "", 100)
        if version and version != probe.version:
            if probe.version:
                self._change(probe, "version", probe.version, version, "")
            probe.version = version
            self.touched.add(probe.identity_id)
        kind = kept(found.kind or "", 40)
        if kind and kind != probe.kind_seen:
            probe.kind_seen = kind
            self.touched.add(probe.identity_id)
        if found.models is not None:
            self._learn_models(probe, found.models[:_LISTED])

    def _learn_models(self, probe: Probe, listed: list[str]) -> None:
        known = probe.serves
        if sorted(listed) == sorted(known):
            return
        if known:
            self._change(
                probe, "models", ", ".join(known), ", ".join(listed) or "none", ""
            )
        probe.models_seen = json.dumps(listed)
        self.touched.add(probe.identity_id)

    def _change(
        self, probe: Probe, what: str, before: str, after: str, evidence: str
    ) -> None:
        self.touched.add(probe.identity_id)
        self.changes.append(
            Change(
                identity_id=probe.identity_id,
                probe=probe,
                what=what,
                before=kept(before, 500),
                after=kept(after, 500),
                evidence=kept(evidence or f"Told by {probe}.", 500),
            )
        )

    def _row(self, check: Check) -> SqlRow:
        sooner = self.sooner.get(check.pk, _NOT_SOONER)
        return (self.held[check.pk], sooner, sooner, *_belief(check))

    def write(self) -> None:
        """Everything, and what follows for probes and entities."""
        with connection.cursor() as cursor:
            cursor.executemany(_SAMPLE, self.samples)
            cursor.executemany(
                _CHECK, [self._row(check) for check in self.written.values()]
            )
            cursor.executemany(_HASTEN, self.hastened)
        add_usage(self.counted)
        Change.objects.bulk_create(self.changes)
        moved = standing.settle(
            {
                key: (probe, list(self.checks[key].values()))
                for key, probe in self.probes.items()
            },
            # What is written late has happened when it did.
            self.at,
            family=self.family,
        )
        self.touched |= moved
        if moved:
            raise_version()


def _belief(check: Check) -> SqlRow:
    return (
        check.at,
        check.ok_at,
        check.verdict,
        check.confirmed,
        check.since,
        check.streak,
        check.error,
        check.detail,
        check.latency,
        check.timings,
        check.memory,
        check.pk,
    )


def raise_version() -> None:
    """Whoever keeps states in memory has to read them again."""
    changed = Row.objects.filter(pk=1).update(state_version=F("state_version") + 1)
    if not changed:
        Row.objects.get_or_create(pk=1)


def identities(results: Iterable[Result]) -> set[int]:
    """The entities that some results are about."""
    return {result.target.identity for result in results}
