"""Source and SourceFile: where documents come from, and what was last read there."""

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
    owner = models.CharField(max_length=200, blank=True)
    example = models.BooleanField(
        default=False, help_text="Its entities are marked as an example."
    )
    may_declare_people = models.BooleanField(
        default=False, help_text="May it declare Groups and Users, and so grant sight?"
    )
    interval = models.PositiveIntegerField(
        default=60, help_text="Seconds between two looks, beside being watched."
    )
    paused = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    busy_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, default=NEVER)
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_seconds = models.FloatField(null=True, blank=True)
    last_summary = models.CharField(max_length=300, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "target"], name="source_once")
        ]

    def __str__(self) -> str:
        return self.name


class SourceFile(models.Model):
    """The digest of a file as last taken, so that an unchanged one costs nothing."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="files")
    path = models.CharField(max_length=1000)
    digest = models.CharField(max_length=64)
    etag = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "path"], name="file_once")
        ]

    def __str__(self) -> str:
        return self.path
