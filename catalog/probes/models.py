"""What is asked, when, and what was found: Probe, Check, Sample, Transition and more.

Moments of what is written often are integers, milliseconds since 1970 in UTC: one
number on every database, and half the size.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from catalog.entities.models import Identity
from catalog.probes import standins, words
from catalog.probes.notices import Notice as Notice
from catalog.probes.notices import Told as Told

JSON = "{}"


class Probe(models.Model):
    """One server to ask for one entity, as declared; and what is known of it now.

    Made and removed by catalog.probes.syncing from the documents; a pause is a
    decision and survives a new document, because the key stays.
    """

    DECLARED, INFERRED = "declared", "inferred"

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="probes")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    prober = models.CharField(max_length=40)
    url = models.CharField(max_length=500, blank=True)
    title = models.CharField(max_length=100, blank=True)
    origin = models.CharField(max_length=10, default=DECLARED)
    why = models.CharField(max_length=200, blank=True)
    settings = models.TextField(default=JSON)
    expected = models.TextField(default="[]")
    queue = models.CharField(max_length=100, blank=True)
    fault = models.CharField(max_length=500, blank=True)

    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=200, blank=True)
    paused_reason = models.CharField(max_length=500, blank=True)

    state = models.CharField(max_length=12, default=words.UNKNOWN)
    since = models.BigIntegerField(default=0)
    fresh_until = models.BigIntegerField(default=0, db_index=True)
    error = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    latency = models.FloatField(null=True, blank=True)
    models_seen = models.TextField(default="[]")
    version = models.CharField(max_length=100, blank=True)
    kind_seen = models.CharField(max_length=40, blank=True)
    load = models.TextField(default=JSON)
    started_at = models.BigIntegerField(null=True, blank=True)
    flips = models.TextField(default="[]")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "prober", "url", "title"], name="probe_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.prober} {self.url}".strip()

    @property
    def key(self) -> tuple[str, str]:
        """What a declaration knows it by, among those of its entity."""
        return self.prober, self.url or self.title

    @property
    def options(self) -> dict[str, Any]:
        """The settings as declared, without the URL; and its stand-in in the demo."""
        found: dict[str, Any] = json.loads(self.settings)
        return found

    @property
    def stand_in(self) -> str:
        """The address that is asked in place of the URL; empty outside the demo."""
        return str(self.options.get(standins.OPTION, ""))

    @property
    def expects(self) -> list[list[str]]:
        """The models it should serve: for each, all names that it may go by."""
        found: list[list[str]] = json.loads(self.expected)
        return found

    @property
    def serves(self) -> list[str]:
        """The models that it said it serves, when it was last asked."""
        found: list[str] = json.loads(self.models_seen)
        return found

    @property
    def figures(self) -> dict[str, float]:
        """Load as last read: running, waiting, kv, tokens_per_s and what else."""
        found: dict[str, float] = json.loads(self.load)
        return found


class Check(models.Model):
    """One level of one probe: when it is due, and what was found there.

    `verdict` is the last look, `confirmed` what is believed after enough of them.
    `streak` counts looks that say something else than what is believed.
    """

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="checks")
    level = models.CharField(max_length=10)
    interval = models.PositiveIntegerField()
    timeout = models.FloatField(default=10.0)
    due = models.BigIntegerField(default=0, db_index=True)
    busy_until = models.BigIntegerField(default=0)
    at = models.BigIntegerField(default=0)
    ok_at = models.BigIntegerField(default=0)
    verdict = models.CharField(max_length=10, blank=True)
    confirmed = models.CharField(max_length=10, blank=True)
    since = models.BigIntegerField(default=0)
    streak = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    latency = models.FloatField(null=True, blank=True)
    timings = models.CharField(max_length=200, default=JSON)
    memory = models.TextField(default=JSON)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["probe", "level"], name="check_once")
        ]

    def __str__(self) -> str:
        return f"{self.probe} {self.level}"


class Sample(models.Model):
    """One look, kept for two days: what was found, and how long it took.

    `verdict` is its place in words.VERDICTS, `bucket` the place of the latency in
    catalog.probes.histogram, or -1 without an answer.
    """

    check_row = models.ForeignKey(
        Check, models.CASCADE, db_column="check_id", db_index=False
    )
    at = models.BigIntegerField()
    verdict = models.SmallIntegerField()
    bucket = models.SmallIntegerField(default=-1)
    latency = models.FloatField(null=True)
    error = models.CharField(max_length=30, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["check_row", "at"]),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.check_row_id} {words.VERDICTS[self.verdict]}"


class Rollup(models.Model):
    """The looks of one check in five minutes or an hour, as counts that can be added.

    `histogram` is a JSON object of bucket to count.
    """

    check_row = models.ForeignKey(
        Check, models.CASCADE, db_column="check_id", db_index=False
    )
    seconds = models.PositiveIntegerField()
    at = models.BigIntegerField()
    looks = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    unchecked = models.PositiveIntegerField(default=0)
    total = models.FloatField(default=0.0)
    histogram = models.TextField(default=JSON)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["check_row", "seconds", "at"], name="rollup_once"
            )
        ]
        indexes = [models.Index(fields=["seconds", "at"])]

    def __str__(self) -> str:
        return f"{self.check_row_id} {self.seconds} s at {self.at}"


class Transition(models.Model):
    """A change of state, kept for ever. Without a probe it is that of the entity.

    Rooms above claim those of entities by setting `processed_at`; the one of this
    room, which tells people, has its own.
    """

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="transitions")
    probe = models.ForeignKey(Probe, models.CASCADE, null=True, blank=True)
    at = models.BigIntegerField()
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    error = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    flapping = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["identity", "probe", "at"]),
            models.Index(fields=["told_at", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.identity} {self.before} → {self.after}"


class Status(models.Model):
    """What is said of an entity now: the worst of its probes."""

    identity = models.OneToOneField(
        Identity, models.CASCADE, primary_key=True, related_name="status"
    )
    state = models.CharField(max_length=12, default=words.UNKNOWN)
    since = models.BigIntegerField(default=0)
    fresh_until = models.BigIntegerField(default=0)
    error = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    latency = models.FloatField(null=True, blank=True)
    at = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "statuses"

    def __str__(self) -> str:
        return f"{self.identity} {self.state}"


class Maintenance(models.Model):
    """A window in which an entity may be down and nobody is called."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="maintenance")
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    by = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "maintenance windows"

    def __str__(self) -> str:
        return f"{self.identity} until {self.ends_at:%Y-%m-%d %H:%M}"


class Change(models.Model):
    """Something that was seen to change: a restart, another version, other models."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="changes_seen")
    probe = models.ForeignKey(Probe, models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=20)
    before = models.CharField(max_length=500, blank=True)
    after = models.CharField(max_length=500, blank=True)
    evidence = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["identity", "-at"])]

    def __str__(self) -> str:
        return f"{self.identity} {self.what}"


class Usage(models.Model):
    """What one server counted in one day (UTC), and how much of that was ours."""

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="usage")
    day = models.DateField()
    requests = models.FloatField(default=0)
    prompt_tokens = models.FloatField(default=0)
    output_tokens = models.FloatField(default=0)
    own_requests = models.FloatField(default=0)
    own_prompt_tokens = models.FloatField(default=0)
    own_output_tokens = models.FloatField(default=0)
    covered = models.FloatField(default=0, help_text="Seconds that were counted.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["probe", "day"], name="usage_once")
        ]
        verbose_name_plural = "usage"

    def __str__(self) -> str:
        return f"{self.probe} {self.day}"


class Look(models.Model):
    """Somebody pressed “Probe now”: the log grows while it is looked."""

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="looks")
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.CharField(max_length=200)
    queue = models.CharField(max_length=100, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    log = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.probe} {self.asked_at:%Y-%m-%d %H:%M:%S}"


class Receiver(models.Model):
    """Where a confirmed outage and its end are told: an address of Apprise.

    A secret stands in it as `${NAME}`, registered for notifications and this host.
    """

    name = models.CharField(max_length=100, unique=True)
    address = models.CharField(max_length=500)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.name


class Worker(models.Model):
    """The heartbeat of one engine: who looks, from where, and how late it is."""

    name = models.CharField(max_length=200, unique=True)
    queues = models.CharField(max_length=500)
    started_at = models.BigIntegerField(default=0)
    beat_at = models.BigIntegerField(default=0)
    running = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    lag = models.FloatField(default=0, help_text="Seconds, the worst of late.")
    looks = models.BigIntegerField(default=0)
    fault = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.name


class Progress(models.Model):
    """One row: how far what follows the catalog and the clock has come."""

    generation = models.BigIntegerField(default=-1)
    synced_at = models.DateTimeField(null=True, blank=True)
    rolled = models.BigIntegerField(default=0)
    rolled_hours = models.BigIntegerField(default=0)
    state_version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "progress"

    def __str__(self) -> str:
        return f"generation {self.generation}"
