"""What a Backstage of one set-up takes, and how a document of ours becomes one of its.

A profile is one file of `profiles/`. It says which kind each kind becomes, and shapes
one document; what the viewer may not see it asks its `World`, which never names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from catalog import refs
from catalog.entities.viewer import Viewer
from catalog.kind import RefTo
from catalog.plugins import Registry
from portal.projections import rules
from portal.projections.naming import Names

# Who answers for what has an owner that this export does not show.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class World:
    """What a document may refer to in one export, for one viewer.

    What is hidden and what is missing are left out alike: else leaving one out would
    tell that it exists. Only for those who see everything is a reference to nothing
    kept, because a Backstage may know what we do not.
    """

    names: Names
    viewer: Viewer
    home: str = ""

    def refer(self, value: Any, kind: str, namespace: str) -> str:
        """A reference in the words of the export; empty where it leads nowhere."""
        try:
            ref = refs.parse(value, kind=kind, namespace=namespace)
        except refs.RefError:
            return ""
        key = str(ref)
        if key in self.names:
            new = self.names.of(key)
        elif self.viewer.sees_all:
            new = self.names.outside(ref)
        else:
            return ""
        return f"{new.kind.lower()}:{new.namespace}/{new.name}"


@dataclass
class Draft:
    """One document on its way out, and what had to be changed or left out of it."""

    data: dict[str, Any]
    ref: str
    world: World
    said: Mapping[str, str]
    notes: list[str] = field(default_factory=list)
    lost: int = 0

    @property
    def kind(self) -> str:
        """The kind that the catalog has."""
        kind: str = self.data["kind"]
        return kind

    @property
    def metadata(self) -> dict[str, Any]:
        """Its metadata."""
        metadata: dict[str, Any] = self.data["metadata"]
        return metadata

    @property
    def spec(self) -> dict[str, Any]:
        """Its spec; empty where it has none."""
        spec: dict[str, Any] = self.data.setdefault("spec", {})
        return spec

    @property
    def namespace(self) -> str:
        """The namespace that references without one are in."""
        return self.metadata.get("namespace") or refs.DEFAULT_NAMESPACE

    def refer(self, value: Any, kind: str) -> str:
        """A reference of this document in the words of the export, or empty."""
        found = self.world.refer(value, kind, self.namespace)
        self.lost += not found
        return found

    def refer_field(self, value: Any, marker: RefTo) -> Any:
        """All references of a field, a list where it was one; empty where none is."""
        if not isinstance(value, list):
            return self.refer(value, marker.kind)
        found = [self.refer(one, marker.kind) for one in value]
        return list(dict.fromkeys(one for one in found if one))


class Profile:
    """One way to write the catalog for a Backstage. Subclasses are never created."""

    name: ClassVar[str] = ""
    title: ClassVar[str]
    summary: ClassVar[str]

    @classmethod
    def becomes(cls, kind: str) -> str:
        """The kind that this kind becomes; empty where it is left out."""
        raise NotImplementedError

    @classmethod
    def reason(cls, kind: str) -> str:
        """Why a kind is left out."""
        raise NotImplementedError

    @classmethod
    def shape(cls, draft: Draft) -> dict[str, Any]:
        """The document as Backstage takes it."""
        raise NotImplementedError

    @classmethod
    def refusal(cls, made: dict[str, Any]) -> str:
        """Why Backstage would drop a shaped document; empty where it would not."""
        return rules.refusal(made)

    @classmethod
    def kinds(cls) -> list[str]:
        """What `catalog.rules` of that Backstage has to allow."""
        raise NotImplementedError

    @classmethod
    def settings(cls) -> str:
        """A module that this Backstage needs besides; empty where it needs none."""
        return ""


PROFILES: Registry[Profile] = Registry(Profile, folder="profiles")
DEFAULT = "stock"
