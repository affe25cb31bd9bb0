"""Webhook, Delivery, and how far reading what happened has come: Place, Known."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.entities.models import Identity


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Webhooks."""

    def active(self) -> WebhookQuerySet:
        """Those that are told: a webhook rests with the account that made it."""
        return self.filter(enabled=True, created_by__is_active=True)


class Webhook(models.Model):
    """An address that is told what happens.

    `sight` says whose: what strangers see, what everybody with an account sees, or what
    its maker sees. `events` are types with a space between. `since` is when it was made
    or resumed: what is older is not sent. The secret is derived, see `signing`.
    """

    PUBLIC, SIGNED_IN, MAKER = "public", "signed-in", "maker"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=100, unique=True)
    address = models.CharField(max_length=500)
    events = models.CharField(max_length=400)
    query = models.CharField(max_length=500, blank=True)
    sight = models.CharField(max_length=10, default=SIGNED_IN)
    enabled = models.BooleanField(default=True)
    fault = models.CharField(max_length=500, blank=True)
    secret_number = models.PositiveIntegerField(default=1)
    renewed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="webhooks_made",
    )
    created_at = models.DateTimeField(default=timezone.now)
    since = models.DateTimeField(default=timezone.now)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def types(self) -> list[str]:
        """The types of events that it is told."""
        return self.events.split()

    @property
    def rests(self) -> bool:
        """Is it told nothing because nobody with an account stands behind it?"""
        return self.created_by is None or not self.created_by.is_active


class Delivery(models.Model):
    """One event for one webhook: what is sent, and how far sending it has come.

    Whoever claims it moves `next_at` forward and writes its own mark into `claim`.
    """

    WAITING, SENT, GAVE_UP, WITHHELD = "waiting", "sent", "gave up", "withheld"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=100)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(max_length=40)
    identity = models.ForeignKey(
        Identity, models.CASCADE, null=True, related_name="deliveries"
    )
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    state = models.CharField(max_length=10, default=WAITING)
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    claim = models.CharField(max_length=32, blank=True, db_index=True)
    status = models.PositiveIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    response = models.CharField(max_length=300, blank=True)
    took = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "key"], name="one_delivery_for_each_event"
            )
        ]
        indexes = [
            models.Index(fields=["state", "next_at"]),
            models.Index(fields=["webhook", "-id"]),
            models.Index(fields=["webhook", "-tried_at"]),
            models.Index(fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"

    @property
    def message_id(self) -> str:
        """The `webhook-id`: the same at every try."""
        return f"msg_{self.uid.hex}"

    @property
    def last_at(self) -> datetime:
        """When something was last done about it."""
        return self.tried_at or self.created_at

    @property
    def has_failed(self) -> bool:
        """Was it not taken at the last try?"""
        failed = self.state == self.WAITING and bool(self.error)
        return failed or self.state == self.GAVE_UP


class Place(models.Model):
    """How far the rows of a table are read.

    Rows are seen in the order of their commits, not of their keys: `gaps` is a JSON
    object of the keys that were left out, and when that was noticed in milliseconds.
    """

    name = models.CharField(max_length=20, primary_key=True)
    done = models.BigIntegerField()
    gaps = models.TextField(default="{}")

    def __str__(self) -> str:
        return f"{self.name} {self.done}"


class Known(models.Model):
    """What was there at the last reading: findings and orphans, whose end leaves no
    row. `facts` is what their end says, as JSON."""

    kind = models.CharField(max_length=10)
    key = models.BigIntegerField()
    at = models.DateTimeField()
    facts = models.TextField(default="{}")

    class Meta:
        verbose_name_plural = "known"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="known_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
