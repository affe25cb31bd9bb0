"""What people are told of outages: what was said of each entity, and each message."""

from __future__ import annotations

from django.db import models

from catalog.entities.models import Identity


class Told(models.Model):
    """What is known to be said of an entity: `said` is down, up, or nothing yet.

    While it is flapping nobody is told more; `moved` is its last change between down
    and up. Moments are milliseconds since 1970.
    """

    identity = models.OneToOneField(
        Identity, models.CASCADE, primary_key=True, related_name="told"
    )
    said = models.CharField(max_length=12, blank=True)
    down_since = models.BigIntegerField(default=0)
    flapping = models.BooleanField(default=False)
    moved = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "told"
        indexes = [models.Index(fields=["flapping", "moved"])]

    def __str__(self) -> str:
        return f"{self.identity} {self.said or 'nothing'}"


class Notice(models.Model):
    """One message to one receiver: its text, and how far sending it has come.

    Whoever moves `next_at` forward sends it. `done_at` is set when it was sent, given
    up or overtaken by a newer one; only what was sent has no fault then.
    """

    receiver = models.ForeignKey(
        "probes.Receiver", models.CASCADE, related_name="notices"
    )
    identity = models.ForeignKey(Identity, models.CASCADE, related_name="notices")
    title = models.CharField(max_length=300)
    body = models.TextField()
    is_bad = models.BooleanField(default=True)
    created_at = models.BigIntegerField()
    next_at = models.BigIntegerField()
    tries = models.PositiveIntegerField(default=0)
    done_at = models.BigIntegerField(null=True, blank=True)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["done_at", "next_at"])]

    def __str__(self) -> str:
        return self.title
