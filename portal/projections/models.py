"""ExportDoor and Reading: who may read an export, and what was read last."""

from __future__ import annotations

import zlib

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.entities.viewer import EVERYTHING, Viewer


class ExportDoor(models.Model):
    """One way in: with a token, of which only the hash is kept, or the one without.

    `sight` is what is read through it. The door without a token has no hash.
    """

    PUBLIC, SIGNED_IN, ALL = "public", "signed-in", "all"
    SIGHTS = (
        (SIGNED_IN, "What everyone who is signed in may see"),
        (ALL, "Everything, also what is restricted"),
    )

    title = models.CharField("what for", max_length=100)
    sight = models.CharField(max_length=10, choices=SIGHTS, default=SIGNED_IN)
    token_hash = models.CharField(max_length=64, blank=True, unique=True)
    beginning = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        """Is this the door without a token?"""
        return not self.token_hash

    def viewer(self, *, open_house: bool) -> Viewer:
        """Who looks through it, as the catalog sees it. No group is named."""
        if self.sight == self.ALL:
            return EVERYTHING
        return Viewer(signed_in=self.sight == self.SIGNED_IN or open_house)


class Reading(models.Model):
    """The last time that one file was read through one door, and what it held."""

    door = models.ForeignKey(ExportDoor, models.CASCADE, related_name="readings")
    target = models.CharField(max_length=40)
    profile = models.CharField(max_length=40)
    file = models.CharField(max_length=300)
    at = models.DateTimeField()
    agent = models.CharField(max_length=200, blank=True)
    status = models.PositiveSmallIntegerField()
    stamp = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["door", "target", "profile", "file"], name="reading_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.door} {self.profile}/{self.file}"

    @property
    def text(self) -> str:
        """What was read."""
        return zlib.decompress(self.content).decode()
