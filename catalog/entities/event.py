"""Event: what a tool says that it did to an entity. Rows are only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.entities import sight


class Event(models.Model):
    """One thing that was done to an entity outside the catalog, such as a deployment.

    `at` is when it was done, `noted_at` when it was told. `key` is the teller's own
    name for it, so that it may be told again. `readers` is who could read the entity
    then, as its revision of that time says.
    """

    identity = models.ForeignKey(
        "entities.Identity", models.CASCADE, related_name="events"
    )
    at = models.DateTimeField()
    noted_at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=40)
    title = models.CharField(max_length=300, blank=True)
    tool = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=100, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    key = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    author_name = models.CharField(max_length=200, blank=True)
    token_title = models.CharField(max_length=100, blank=True)
    readers = models.CharField(max_length=2 * sight.LONGEST + 1, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "key"],
                condition=~models.Q(key=""),
                name="event_key_once",
            )
        ]
        indexes = [
            models.Index(fields=["identity", "-at"]),
            models.Index(fields=["-at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.identity} {self.action} {self.version}".strip()
