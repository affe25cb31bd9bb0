"""What the kinds say of themselves: fields, relations, a small example."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from catalog.entities import dialect
from catalog.kind import KINDS, Kind, RefTo

# What a rule of the whole spec asks for, beyond the fields that are required.
_ALSO: dict[str, dict[str, Any]] = {
    "API": {"definition": "openapi: 3.1.0\ninfo: {title: Example, version: '1'}\n"},
    "Location": {"targets": ["./services/whisper/catalog-info.yaml"]},
}
_PLURALS = {"text": "texts", "number": "numbers", "reference": "references"}
_NAMES = {"Group": "platform", "User": "mira", "Model": "whisper-large-v3"}


@dataclass(frozen=True)
class Row:
    """One field of a spec. `refs` are (kind or empty, relation, its way back)."""

    name: str
    type: str
    required: bool
    what: str
    values: tuple[str, ...]
    refs: list[tuple[str, str, str]]
    default: str = ""


@dataclass(frozen=True)
class Page:
    """Everything that the page of one kind shows."""

    kind: type[Kind]
    rows: list[Row]
    parts: list[tuple[str, str, list[Row]]]
    example: str


def page_of(kind: type[Kind]) -> Page:
    """The reference of one kind."""
    parts = [
        (model.__name__, (model.__doc__ or "").strip(), rows(model))
        for model in _parts(kind.Spec)
    ]
    return Page(kind, rows(kind.Spec), parts, dialect.write(example(kind)))


def find(name: str) -> type[Kind] | None:
    """A kind by its name in any case."""
    lowered = {known.lower(): kind for known, kind in KINDS.items()}
    return lowered.get(name.lower())


def relation_rows() -> list[tuple[str, str, str, str]]:
    """(kind, field, relation, way back) of every field that makes a relation."""
    rows = (
        (kind.name, field, *_ways(marker))
        for kind in KINDS.values()
        for field, marker in kind.links()
    )
    return list(dict.fromkeys(rows))


def _ways(marker: RefTo) -> tuple[str, str]:
    """The relation as seen from the entity that declares it, and from the other."""
    ways = (marker.relation, marker.inverse)
    return ways[::-1] if marker.reverse else ways


def rows(model: type[BaseModel]) -> list[Row]:
    """The fields of a mapping."""
    return [
        Row(
            name=name,
            type=_type(field.annotation, field),
            required=field.is_required(),
            what=field.description or "",
            values=_values(field.annotation),
            refs=[(m.kind, *_ways(m)) for m in dict.fromkeys(_markers(field))],
            default=_default(field),
        )
        for name, field in model.model_fields.items()
    ]


def _default(field: FieldInfo) -> str:
    """What holds where nothing is said; empty where that is nothing."""
    value = None if field.is_required() else field.get_default()
    known = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if known else ""


def _markers(field: FieldInfo) -> Iterator[RefTo]:
    for marker in [*field.metadata, *_inner_markers(field.annotation)]:
        if isinstance(marker, RefTo):
            yield marker


def _inner_markers(annotation: Any) -> Iterator[Any]:
    for inner in get_args(annotation):
        yield from getattr(inner, "__metadata__", ())
        yield from _inner_markers(inner)


def _values(annotation: Any) -> tuple[str, ...]:
    """The values of a field that takes only certain ones."""
    if get_origin(annotation) is Literal:
        return tuple(str(value) for value in get_args(annotation))
    found: tuple[str, ...] = ()
    for inner in get_args(annotation):
        found += _values(inner)
    return found


def _type(annotation: Any, field: FieldInfo | None = None) -> str:
    """A type in words: `text`, `list of references`, `Version`."""
    if field is not None and any(isinstance(m, RefTo) for m in field.metadata):
        return "reference"
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        is_ref = any(isinstance(m, RefTo) for m in annotation.__metadata__)
        return "reference" if is_ref else _type(inner[0])
    if origin in (Union, types.UnionType):
        return _either(inner)
    if origin is list:
        return f"list of {_PLURALS.get(one := _type(inner[0]), one)}"
    if origin is Literal:
        return "one of"
    return _plain_type(annotation)


def _either(options: tuple[Any, ...]) -> str:
    words = [_type(option) for option in options if option is not type(None)]
    return " or ".join(dict.fromkeys(words))


def _plain_type(annotation: Any) -> str:
    names = {str: "text", int: "number", float: "number", bool: "true or false"}
    if annotation in names:
        return names[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.__name__
    return "mapping"


def _parts(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The mappings inside a spec that have fields of their own."""
    found: dict[type[BaseModel], None] = {}
    for field in model.model_fields.values():
        for part in _models(field.annotation):
            found[part] = None
    return list(found)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def example(kind: type[Kind]) -> dict[str, Any]:
    """The smallest document of a kind that is valid."""
    spec = {
        name: _sample(field.annotation, field)
        for name, field in kind.Spec.model_fields.items()
        if field.is_required()
    }
    return {
        "apiVersion": kind.api_versions[0],
        "kind": kind.name,
        "metadata": {"name": f"my-{kind.name.lower()}"},
        "spec": spec | _ALSO.get(kind.name, {}),
    }


def _sample(annotation: Any, field: FieldInfo) -> Any:
    if field.examples:
        return field.examples[0]
    marker = next(_markers(field), None)
    if get_origin(annotation) is list:
        needs_one = any(getattr(rule, "min_length", 0) for rule in field.metadata)
        return [_reference(marker)] if needs_one else []
    if marker is not None:
        return _reference(marker)
    values = _values(annotation)
    return values[0] if values else "production"


def _reference(marker: RefTo | None) -> str:
    kind = marker.kind if marker else ""
    return _NAMES.get(kind, f"my-{kind.lower()}" if kind else "component:whisper")
