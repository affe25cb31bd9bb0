"""What a kind is: one pydantic spec that gives validation, schema, relations and help.

A kind is one file in a room's `kinds/` folder. The fields of its spec that name other
entities are marked with `RefTo`, which also says which relation they declare.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from catalog import refs
from catalog.plugins import Registry

BACKSTAGE = ("backstage.io/v1alpha1", "backstage.io/v1beta1")
OURS = ("greenroom/v1",)

Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class RefTo:
    """Marks a spec field that names an entity.

    `relation` is the forward type. With `reverse` the field's owner stands at the far
    end of the edge, as in `dependencyOf`. `kind` fills a reference without a kind.
    """

    relation: str
    inverse: str
    kind: str = ""
    reverse: bool = False

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            self._check, core_schema.str_schema(strict=True, min_length=1)
        )

    def _check(self, value: str) -> str:
        try:
            refs.parse(value, kind=self.kind)
        except refs.RefError as error:
            raise PydanticCustomError(
                "entity_ref", "{reason}", {"reason": str(error)}
            ) from error
        return value


GroupOwner = Annotated[str, RefTo("ownedBy", "ownerOf", "Group")]
InSystem = Annotated[str, RefTo("partOf", "hasPart", "System")]
InDomain = Annotated[str, RefTo("partOf", "hasPart", "Domain")]
Needs = Annotated[str, RefTo("dependsOn", "dependencyOf")]
NeededBy = Annotated[str, RefTo("dependsOn", "dependencyOf", reverse=True)]
RunsOn = Annotated[str, RefTo("runsOn", "hosts", "Resource")]


class Part(BaseModel):
    """A mapping inside a spec; what it does not know is kept."""

    model_config = ConfigDict(extra="allow", strict=True)


class Spec(Part):
    """The spec of a kind; what it does not know is kept."""


class Profile(Part):
    """How a group or a person is shown and reached."""

    displayName: str | None = Field(None, description="The name that people read.")
    email: str | None = Field(None, description="Where mail reaches them.")
    picture: str | None = Field(None, description="URL of a picture.")


class Probe(Part):
    """How it is asked whether it works; more settings as the type knows them."""

    type: Text = Field(description="What is asked.", examples=["vllm"])
    url: str | None = Field(
        None, description="Where it answers.", examples=["http://node-01.lan:8000"]
    )


class Kind:
    """One kind of entity. Subclasses set the class attributes; none is ever created."""

    name: ClassVar[str] = ""
    plural: ClassVar[str]
    summary: ClassVar[str]
    icon: ClassVar[str]
    api_versions: ClassVar[tuple[str, ...]]
    types: ClassVar[dict[str, str]] = {}
    Spec: ClassVar[type[Spec]]

    @classmethod
    @cache
    def links(cls) -> tuple[tuple[str, RefTo], ...]:
        """The spec fields that declare relations: (field name, marker)."""
        return tuple(_links(cls.Spec))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """JSON Schema of a whole document of this kind."""
        spec = cls.Spec.model_json_schema(ref_template="#/$defs/{model}")
        definitions = spec.pop("$defs", {})
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": cls.name,
            "description": cls.summary,
            "type": "object",
            "required": ["apiVersion", "kind", "metadata", "spec"],
            "additionalProperties": False,
            "properties": {
                "apiVersion": {"enum": list(cls.api_versions)},
                "kind": {"const": cls.name},
                "metadata": METADATA_SCHEMA,
                "spec": spec,
            },
            "$defs": definitions,
        }


def _links(spec: type[Spec]) -> Iterator[tuple[str, RefTo]]:
    for name, field in spec.model_fields.items():
        for marker in [*field.metadata, *_nested_markers(field.annotation)]:
            if isinstance(marker, RefTo):
                yield name, marker


def _nested_markers(annotation: Any) -> Iterator[Any]:
    """Markers inside `list[Annotated[str, RefTo(...)]]` and `... | None`."""
    for inner in get_args(annotation):
        yield from getattr(inner, "__metadata__", ())
        yield from _nested_markers(inner)


_NAME_SCHEMA = {"type": "string", "pattern": f"^{refs.NAME.pattern}$"}
_TEXTS_SCHEMA = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": _NAME_SCHEMA | {"description": "Unique in its kind and namespace."},
        "namespace": {"type": "string", "pattern": f"^{refs.DNS_LABEL.pattern}$"},
        "title": {"type": "string", "minLength": 1},
        "description": {"type": "string"},
        "labels": _TEXTS_SCHEMA,
        "annotations": _TEXTS_SCHEMA,
        "tags": {"type": "array", "items": {"type": "string"}},
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["url"],
                "properties": {
                    "url": {"type": "string", "format": "uri"},
                    "title": {"type": "string", "minLength": 1},
                    "icon": {"type": "string", "minLength": 1},
                    "type": {"type": "string", "minLength": 1},
                },
            },
        },
    },
}

KINDS: Registry[Kind] = Registry(Kind, folder="kinds")


@cache
def relation_pairs() -> dict[str, str]:
    """Every forward relation type with its inverse, of all kinds of all rooms."""
    return {
        marker.relation: marker.inverse
        for kind in KINDS.values()
        for _, marker in kind.links()
    }
