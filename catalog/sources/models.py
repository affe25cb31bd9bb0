"""Source, SourceFile and Run: where documents come from, and what was read there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Source(models.Model):
    """An administrator's row: one place that documents come from, and its limits.

    `provider` names a file of catalog/sources/providers; `target` is its address (a
    folder, a file, a URL; empty for what is made here).
    """

    NEVER, OK, ERRORS, FAILED, HELD = "never", "ok", "errors", "failed", "held"

    name = models.CharField(max_length=200, unique=True)
    provider = models.CharField(max_length=40)
    target = models.CharField(max_length=1000, blank=True)
    branch = models.CharField(
        max_length=200,
        blank=True,
        help_text="Branch or tag of a git repository; empty for its default branch.",
    )
    pattern = models.CharField(
        max_length=500,
        blank=True,
        help_text="Which files are read, such as services/**/catalog-info.yaml; "
        "several with spaces. Empty for every .yaml and .yml file.",
    )
    secret = models.CharField(
        max_length=63,
        blank=True,
        help_text="The name of a registered secret that opens it; never the secret.",
    )
    known_hosts = models.TextField(
        blank=True, help_text="Lines of known_hosts for an ssh server."
    )
    ca = models.TextField(
        blank=True,
        help_text="Certificates (PEM) of an authority of your own, for https.",
    )
    owner = models.CharField(
        max_length=200,
        blank=True,
        help_text="The group or user that answers for it, such as group:platform.",
    )
    example = models.BooleanField(
        default=False, help_text="Its entities are marked as an example."
    )
    may_declare_people = models.BooleanField(
        default=False, help_text="May it declare Groups and Users, and so grant sight?"
    )
    kinds = models.CharField(
        max_length=500,
        blank=True,
        help_text="Kinds that it may declare, with spaces; empty for all.",
    )
    namespaces = models.CharField(
        max_length=500,
        blank=True,
        help_text="Namespaces that it may declare in, with spaces; empty for all.",
    )
    widest = models.CharField(
        max_length=500,
        default="public",
        help_text="Who may see its entities at most: public, signed-in, or groups and "
        "users. A document can narrow it, never widen it.",
    )
    interval = models.PositiveIntegerField(
        default=60, help_text="Seconds between two looks, beside being watched."
    )
    orphan_days = models.PositiveIntegerField(
        default=30,
        help_text="Days until an entity that it does not declare any more is removed; "
        "0 keeps it until somebody removes it.",
    )
    paused = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    due_reason = models.CharField(max_length=300, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, default=NEVER)
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_seconds = models.FloatField(null=True, blank=True)
    last_summary = models.CharField(max_length=300, blank=True)
    last_error = models.TextField(blank=True)
    commit = models.CharField(max_length=64, blank=True)
    held = models.TextField(
        blank=True, help_text="JSON list of what the held refresh would take away."
    )
    may_lose = models.PositiveIntegerField(
        default=0, help_text="So many entities may vanish in the next refresh."
    )
    hook_number = models.PositiveIntegerField(
        default=1, help_text="Raised to make a new webhook secret."
    )
    hook_at = models.DateTimeField(null=True, blank=True)
    hook_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "target", "branch", "pattern"], name="source_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SourceFile(models.Model):
    """The digest of a file as last taken, so that an unchanged one costs nothing.

    `includes` are the files that its placeholders wrote into it, as a JSON object of
    path to digest.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="files")
    path = models.CharField(max_length=1000)
    digest = models.CharField(max_length=64)
    etag = models.CharField(max_length=300, blank=True)
    includes = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "path"], name="file_once")
        ]

    def __str__(self) -> str:
        return self.path


class Run(models.Model):
    """One reading of a source: when, why, how long, and what it brought.

    Readings that find everything as it was are told by the row before: `looks` counts
    them and `last_at` is the newest.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="runs")
    at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    looks = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=300, blank=True)
    seconds = models.FloatField(default=0)
    state = models.CharField(max_length=10)
    commit = models.CharField(max_length=64, blank=True)
    files = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["source", "-id"])]

    def __str__(self) -> str:
        return f"{self.source} {self.at:%Y-%m-%d %H:%M} {self.state}"


class SetMember(models.Model):
    """An entity that was applied under the name of a set, the last one if several.

    What a set does not hold any more can be taken away with it: see
    catalog.sources.sets.
    """

    entity = models.OneToOneField(
        "entities.Entity", models.CASCADE, primary_key=True, related_name="applied_in"
    )
    name = models.CharField(max_length=63, db_index=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.entity_id}"
