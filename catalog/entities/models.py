"""Identity, Entity, Relation, Attribute, Audience, Revision, Finding: the tables.

Written only by catalog.sources.applying; read through `visible_to`, which comes first
in every query that a person or a machine asks.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.entities import sight
from catalog.entities.event import Event as Event
from catalog.entities.viewer import PUBLIC, RESTRICTED, SIGNED_IN, Viewer


class Identity(models.Model):
    """What an entity is called, for ever: rows of all rooms point here.

    Never deleted with its entity, so that history survives renames and removals.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ref = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return self.ref


class FormerRef(models.Model):
    """A reference that an identity answered to before it was renamed."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="former_refs")
    ref = models.CharField(max_length=200, unique=True)
    until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.ref


class EntityQuerySet(models.QuerySet["Entity"]):
    """Entities, restricted first."""

    def visible_to(self, viewer: Viewer) -> EntityQuerySet:
        """Only what this viewer may see. See catalog.entities.access for the rule."""
        if viewer.sees_all:
            return self
        rows = Audience.objects.filter(principal__in=viewer.principals)
        found = self.filter(
            models.Q(audience__in=viewer.audiences)
            | models.Q(
                audience=Entity.RESTRICTED,
                pk__in=rows.values("entity_id"),
            ),
        )
        return found._without_closed(viewer)

    def _without_closed(self, viewer: Viewer) -> EntityQuerySet:
        """Without what stands in a source that is not for this viewer."""
        if viewer.closed is not None:
            return self.exclude(source__in=viewer.closed) if viewer.closed else self
        closed = Ceiling.objects.all()
        open_to = closed.filter(principal__in=viewer.principals)
        return self.filter(
            ~models.Q(source__in=closed.values("source_id"))
            | models.Q(source__in=open_to.values("source_id"))
        )

    def light(self) -> EntityQuerySet:
        """Without the long texts, for lists."""
        return self.defer("text", "document", "final")


class Entity(models.Model):
    """One document of the catalog, with the fields that lists need as columns.

    `text` is the author's own YAML; `document` the same as JSON; `final` what is
    served, JSON without relations, because those differ from viewer to viewer.
    """

    PUBLIC, SIGNED_IN, RESTRICTED = PUBLIC, SIGNED_IN, RESTRICTED

    identity = models.OneToOneField(
        Identity, models.PROTECT, primary_key=True, related_name="entity"
    )
    ref = models.CharField(max_length=200, unique=True)
    api_version = models.CharField(max_length=100)
    kind = models.CharField(max_length=63)
    namespace = models.CharField(max_length=63)
    name = models.CharField(max_length=63)
    title = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    type = models.CharField(max_length=100, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    lifecycle = models.CharField(max_length=100, blank=True)
    system = models.CharField(max_length=200, blank=True)
    tier = models.CharField(max_length=100, blank=True)
    data_class = models.CharField(max_length=100, blank=True)
    exposure = models.CharField(max_length=100, blank=True)
    cost_centre = models.CharField(max_length=100, blank=True)
    audience = models.CharField(max_length=10, default=SIGNED_IN)
    source = models.ForeignKey(
        "sources.Source", models.PROTECT, related_name="entities"
    )
    path = models.CharField(max_length=1000, blank=True)
    line = models.PositiveIntegerField(default=1)
    text = models.TextField()
    document = models.TextField()
    final = models.TextField()
    digest = models.CharField(max_length=64)
    etag = models.CharField(max_length=64)
    orphan_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = EntityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entities"
        indexes = [
            models.Index(fields=["source", "path"]),
            models.Index(fields=["owner"]),
            models.Index(fields=["-changed_at"]),
            models.Index(fields=["kind", "type"]),
            # All of them are read at once, without the rows.
            models.Index(fields=["identity", "etag"]),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def label(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.name

    @property
    def data(self) -> dict[str, Any]:
        """The document as the author declared it: apiVersion, kind, metadata, spec."""
        if not hasattr(self, "_data"):
            self._data: dict[str, Any] = json.loads(self.document)
        return self._data

    @property
    def metadata(self) -> dict[str, Any]:
        """`metadata` of the document."""
        return self.data.get("metadata") or {}

    @property
    def spec(self) -> dict[str, Any]:
        """`spec` of the document; empty where it has none."""
        return self.data.get("spec") or {}


class Attribute(models.Model):
    """Tags, labels and annotations as keys and values, for filters and facets.

    Keys: `tag`, `label.<key>`, `annotation.<key>`.
    """

    entity = models.ForeignKey(Entity, models.CASCADE, related_name="attributes")
    key = models.CharField(max_length=330)
    value = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["key", "value", "entity"])]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Audience(models.Model):
    """A user or group that may see a restricted entity."""

    entity = models.ForeignKey(Entity, models.CASCADE, related_name="audiences")
    principal = models.CharField(max_length=200, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "principal"], name="audience_once"
            )
        ]

    def __str__(self) -> str:
        return self.principal


class Ceiling(models.Model):
    """A user or group that may see the entities of a source, where not everybody may.

    It closes the whole source to others, whatever its documents say.
    """

    source = models.ForeignKey(
        "sources.Source", models.CASCADE, related_name="ceilings"
    )
    principal = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "principal"], name="ceiling_once")
        ]

    def __str__(self) -> str:
        return self.principal


class Relation(models.Model):
    """One edge, stored in its forward direction (`dependsOn`, never `dependencyOf`).

    `declared_by` is the entity whose document says so; it may stand at either end.
    Ends are lower-case references, so that a missing target is kept and shown.
    """

    declared_by = models.ForeignKey(Entity, models.CASCADE, related_name="declares")
    source_ref = models.CharField(max_length=200)
    type = models.CharField(max_length=40)
    target_ref = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["declared_by", "source_ref", "type", "target_ref"],
                name="relation_once",
            )
        ]
        indexes = [
            models.Index(fields=["source_ref", "type"]),
            models.Index(fields=["target_ref", "type"]),
        ]

    def __str__(self) -> str:
        return f"{self.source_ref} {self.type} {self.target_ref}"


class RevisionManager(models.Manager["Revision"]):
    """Revisions, each of which knows from the start who could see its text."""

    def bulk_create(
        self, objs: Iterable[Revision], *args: Any, **options: Any
    ) -> list[Revision]:
        """Write many, as the applying of a plan does; the only way they are made."""
        made = list(objs)
        for revision in made:
            revision.readers = sight.readers(revision.text, revision.widest)
        return super().bulk_create(made, *args, **options)


class Revision(models.Model):
    """One change of one entity: the text it got, who or what changed it, and why.

    `widest` is what its source said of who may see it. `readers` is that together with
    what the text said, so that the past can be asked for without reading YAML.
    """

    ADDED, CHANGED, REMOVED = "added", "changed", "removed"

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="revisions")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=10)
    door = models.CharField(max_length=40)
    source_name = models.CharField(max_length=200, blank=True)
    path = models.CharField(max_length=1000, blank=True)
    commit = models.CharField(max_length=64, blank=True)
    widest = models.CharField(
        max_length=500, blank=True, help_text="Who could see its source then."
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    author_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    readers = models.CharField(
        max_length=2 * sight.LONGEST + 1,
        blank=True,
        help_text="Who could read it then, as its text and its source said.",
    )

    objects = RevisionManager()

    class Meta:
        indexes = [
            models.Index(fields=["identity", "-id"]),
            models.Index(fields=["identity", "readers", "id"], name="revision_readers"),
            models.Index(fields=["-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.identity} {self.action} {self.at:%Y-%m-%d %H:%M}"


class Overlay(models.Model):
    """One field that is said over a document by somebody else, and by nobody besides.

    `authority` is who: `portal` for a person here, or a source or room by its name.
    """

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="overlays")
    field = models.CharField(max_length=200)
    value = models.TextField()
    authority = models.CharField(max_length=100)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    author_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "field"], name="one_authority_per_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.identity} {self.field}"


class Finding(models.Model):
    """Something that is not as it should be, until it is mended or ignored.

    `subject` is an entity reference or empty; `source` and `path` say where to look.
    """

    ERROR, WARNING = "error", "warning"

    code = models.CharField(max_length=60)
    severity = models.CharField(max_length=10)
    subject = models.CharField(max_length=200, blank=True, db_index=True)
    source = models.ForeignKey(
        "sources.Source", models.CASCADE, related_name="findings", null=True
    )
    path = models.CharField(max_length=1000, blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    column = models.PositiveIntegerField(null=True, blank=True)
    field = models.CharField(max_length=300, blank=True)
    value = models.CharField(max_length=300, blank=True)
    message = models.TextField()
    remedy = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    fix = models.TextField(blank=True, help_text="YAML that would mend it.")
    since = models.DateTimeField(default=timezone.now)
    ignored_until = models.DateTimeField(null=True, blank=True)
    ignored_by = models.CharField(max_length=200, blank=True)
    ignored_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["source", "path"])]

    def __str__(self) -> str:
        return f"{self.code} {self.subject or self.path}"


class CatalogState(models.Model):
    """One row: the generation number, raised by every change of the catalog.

    What is derived in memory (facets, group closures) lives as long as its generation.
    """

    generation = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return f"generation {self.generation}"


class Advance(models.Model):
    """One step of the generation number, so that what is derived can follow it.

    `touched` are the keys of the entities that differ, with commas; ANY where it is
    not told. A step that was rolled back leaves its number to another `mark`.
    """

    ANY = "*"

    generation = models.PositiveBigIntegerField(primary_key=True)
    mark = models.PositiveBigIntegerField()
    touched = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"advance to {self.generation}"
