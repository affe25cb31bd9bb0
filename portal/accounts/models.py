"""Account, Invite, Attempt, AuditEvent, and what people keep: SavedView, Star."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class Role(models.TextChoices):
    """What an account may do; each role includes the one before it."""

    VIEWER = "viewer", "Viewer"
    EDITOR = "editor", "Editor"
    ADMIN = "admin", "Administrator"


class Theme(models.TextChoices):
    """Which colours a person reads in."""

    AUTO = "auto", "As the device says"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; their names are found whatever the spelling."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """The account of that user name, in any case."""
        return self.get(username=(username or "").strip().lower())

    def create_user(
        self, username: str, password: str | None = None, **fields: Any
    ) -> Account:
        """Save a new account. Without a password, nobody can sign in to it."""
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(
        self, username: str, password: str | None = None, **fields: Any
    ) -> Account:
        """What Django's `createsuperuser` calls: an administrator."""
        return self.create_user(username, password, **{**fields, "role": Role.ADMIN})


class Account(AbstractBaseUser):
    """One login. `role` alone says what it may do.

    `entity_ref` is the User entity that the person is in the catalog: ownership and
    visibility rest on it. It stays when the entity vanishes.
    """

    username = models.CharField("user name", max_length=63, unique=True)
    display_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField("e-mail", blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    entity_ref = models.CharField("User entity", max_length=200, blank=True)
    time_zone = models.CharField(max_length=60, blank=True)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.AUTO)
    # Of the table of the catalog, as an address has them; empty for the usual ones.
    columns = models.CharField(max_length=1000, blank=True, editable=False)
    is_active = models.BooleanField("active", default=True)
    is_founder = models.BooleanField(
        default=False, editable=False, help_text="Made by the set-up link."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity_ref"],
                condition=~models.Q(entity_ref=""),
                name="entity_has_one_account",
                violation_error_message="Another account is linked to that User.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="email_once",
                violation_error_message="Another account has that e-mail address.",
            ),
            # Two people at the set-up link at once: the database lets one through.
            models.UniqueConstraint(
                fields=["is_founder"],
                condition=models.Q(is_founder=True),
                name="one_founder",
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def clean(self) -> None:
        """Bring names and references to the form that is stored."""
        super().clean()
        self.username = self.username.strip().lower()
        self.entity_ref = self.entity_ref.strip().lower()
        self.email = self.email.strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store names and references in lower case, whoever saves."""
        self.clean()
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """What people call them: the display name, or the user name."""
        return self.display_name or self.username

    @property
    def sees_all(self) -> bool:
        """Visibility does not bind an administrator."""
        return self.is_admin

    @property
    def is_admin(self) -> bool:
        """May manage sources and people."""
        return self.is_active and self.role == Role.ADMIN

    @property
    def can_edit(self) -> bool:
        """May paste and declare entities."""
        return self.is_active and self.role in (Role.EDITOR, Role.ADMIN)

    @property
    def is_staff(self) -> bool:
        """Django's admin opens for administrators only."""
        return self.is_admin

    @property
    def is_superuser(self) -> bool:
        """Django's word for an administrator."""
        return self.is_admin

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Everything for administrators, nothing for others."""
        return self.is_admin

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        """As `has_perm`."""
        return self.is_admin

    def has_module_perms(self, app_label: str) -> bool:
        """As `has_perm`."""
        return self.is_admin

    def get_full_name(self) -> str:
        """Django's word for the label."""
        return self.label

    def get_short_name(self) -> str:
        """Django's word for the label."""
        return self.label


class InviteQuerySet(models.QuerySet["Invite"]):
    """Invites."""

    def open(self) -> InviteQuerySet:
        """Those that somebody can still accept."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())


class Invite(models.Model):
    """A link that makes one account. Only a hash of its token is kept.

    `entity_ref` links the account to a User entity that exists; `username` fixes the
    user name; `group_ref` is the group that a new User entity becomes a member of. All
    three are the administrator's choice, because each of them can grant sight.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    note = models.CharField("for whom", max_length=200, blank=True)
    username = models.CharField("user name", max_length=63, blank=True)
    entity_ref = models.CharField("User entity", max_length=200, blank=True)
    group_ref = models.CharField("Group entity", max_length=200, blank=True)
    created_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, related_name="invites_made"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="invites_used"
    )

    objects = InviteQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"invite {self.pk} ({self.role})"


class Attempt(models.Model):
    """A failed sign-in or a reset that was asked for, counted to slow down guessing.

    `key` is a keyed hash: people type passwords into the wrong box.
    """

    key = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["key", "at"])]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.at:%Y-%m-%d %H:%M:%S}"


class AuditEvent(models.Model):
    """Who did what to whom, and when. Rows are only ever added."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True)
    actor_name = models.CharField(max_length=100)
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.subject}"


class SavedView(models.Model):
    """A query of the catalog that somebody keeps under a title.

    `query` holds the parameters of its address. It says what is asked, never what is
    found: that depends on who looks.
    """

    MOST_QUERY = 2000

    owner = models.ForeignKey(Account, models.CASCADE, related_name="saved_views")
    title = models.CharField(max_length=80)
    query = models.CharField(max_length=MOST_QUERY)
    is_shared = models.BooleanField("shared", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("title"), "owner", name="view_title_once_per_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Star(models.Model):
    """An entity that somebody marked, by its reference: the star stays when the entity
    vanishes, and shows again when it comes back."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="stars")
    ref = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "ref"], name="one_star_each"),
        ]

    def __str__(self) -> str:
        return self.ref


class MetricsDoor(models.Model):
    """One row: the number that the token for /metrics is made with, and who came.

    The token itself is derived from the key of the house and stored nowhere.
    """

    number = models.PositiveIntegerField(default=1)
    used_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"metrics token {self.number}"


class ApiToken(models.Model):
    """What a program shows to be let in as an account. Only its hash is kept."""

    READ, WRITE = "read", "write"
    SCOPES = ((READ, "Reads what you may see"), (WRITE, "Reads and writes as you may"))

    account = models.ForeignKey(Account, models.CASCADE, related_name="api_tokens")
    made_by = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="made",
        help_text="The token that asked for it, which it cannot outlive.",
    )
    title = models.CharField("what for", max_length=100)
    scope = models.CharField(max_length=10, choices=SCOPES, default=READ)
    token_hash = models.CharField(max_length=64, unique=True)
    beginning = models.CharField(max_length=12)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.account}: {self.title}"

    @property
    def has_ended(self) -> bool:
        """Is its time over?"""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def writes(self) -> bool:
        """May it change anything?"""
        return self.scope == self.WRITE
