"""Secret: a name, where its value is found, and where it may go. Never the value."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from catalog.secrets import rules
from catalog.secrets.places import Place, Unfit, places_of


class Secret(models.Model):
    """An administrator's row: what `${NAME}` means, for which hosts and uses.

    The value is in the environment, or in a file, of whichever process needs it.
    """

    ENVIRONMENT, FILE = "environment", "file"
    ORIGINS = ((ENVIRONMENT, "Environment variable"), (FILE, "File"))

    name = models.CharField(max_length=63, unique=True)
    origin = models.CharField(max_length=12, choices=ORIGINS, default=ENVIRONMENT)
    variable = models.CharField(
        max_length=200,
        blank=True,
        help_text="The variable, or the file in the folder of secrets.",
    )
    hosts = models.TextField(help_text="One on each line.")
    uses = models.CharField(max_length=200, help_text="Words with spaces.")
    username = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def where(self) -> str:
        """What holds the value, as a message says it."""
        kind = "file" if self.origin == self.FILE else "variable"
        return f"{kind} {self.variable}"

    @property
    def places(self) -> list[Place]:
        """The hosts that it is bound to."""
        return places_of(self.hosts)

    @property
    def use_words(self) -> list[str]:
        """What it may be used for, as `reveal` is asked."""
        return self.uses.split()

    def clean(self) -> None:
        """Bring every field into its one form, or say at which one it cannot be.

        What is empty and may not be, Django says itself.
        """
        self.variable = self.variable or self.name
        wrong: dict[str, str] = {}
        for field, bring in self._forms().items():
            try:
                if getattr(self, field):
                    bring()
            except Unfit as unfit:
                wrong[field] = str(unfit)
        # The name stands for an empty variable: its complaint is enough for both.
        if "name" in wrong and self.variable == self.name:
            wrong.pop("variable", None)
        if wrong:
            raise ValidationError(wrong)

    def _forms(self) -> dict[str, Callable[[], None]]:
        return {
            "name": lambda: rules.check_name(self.name),
            "variable": self._clean_variable,
            "hosts": self._clean_hosts,
            "uses": self._clean_uses,
            "username": lambda: rules.check_username(self.username),
        }

    def _clean_variable(self) -> None:
        is_file = self.origin == self.FILE
        (rules.check_file if is_file else rules.check_variable)(self.variable)

    def _clean_hosts(self) -> None:
        places = self.places
        if not places:
            raise Unfit("Name one host at least: it is sent nowhere else.")
        self.hosts = "\n".join(map(str, places))

    def _clean_uses(self) -> None:
        words = self.use_words
        strange = [word for word in words if word not in rules.USES]
        if strange or not words:
            known = ", ".join(rules.USES)
            raise Unfit(f"“{self.uses}” is no use of a secret; there are {known}.")
        self.uses = " ".join(use for use in rules.USES if use in words)
