"""Secret: the name of a secret, where its value lies, and where it may be sent.

The value itself is never stored: it stands in the environment or in a file of whoever
uses it.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

# What a secret may be used for. A new use is one line.
USES = {
    "git": "Git repositories",
    "url": "URLs of YAML files",
    "probe": "Probes",
    "notification": "Notifications",
}


class Secret(models.Model):
    """One registered name. `hosts` and `uses` are words with spaces between them."""

    ENVIRONMENT, FILE = "environment", "file"
    ORIGINS = (
        (ENVIRONMENT, "An environment variable"),
        (FILE, "A file in the secrets folder"),
    )

    name = models.CharField(
        max_length=63,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[A-Z][A-Z0-9_]{0,62}\Z",
                "Use capitals, digits and underscores, such as FORGE_TOKEN.",
            )
        ],
        help_text="How documents and settings call it: FORGE_TOKEN is written "
        "${FORGE_TOKEN}.",
    )
    origin = models.CharField(
        max_length=12,
        choices=ORIGINS,
        default=ENVIRONMENT,
        help_text="Greenroom never stores the value. The web process and every worker "
        "need the variable or the file.",
    )
    place = models.CharField(
        max_length=200,
        blank=True,
        help_text="Name of the variable or the file; empty where it is the same.",
    )
    username = models.CharField(
        max_length=200,
        blank=True,
        help_text="Sent with it where a server asks for a user name too.",
    )
    hosts = models.CharField(
        max_length=1000,
        help_text="Where it may be sent, with spaces: forge.lab, *.lab.example, "
        "10.0.0.7:8443.",
    )
    uses = models.CharField(max_length=200, help_text="What it may be used for.")
    note = models.CharField(
        max_length=300, blank=True, help_text="Whose it is, when it has to be renewed."
    )
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def where(self) -> str:
        """The variable or the file that holds the value."""
        return self.place or self.name
