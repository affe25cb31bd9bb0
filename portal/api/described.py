"""The description of the API, read for people: operations by tag, shapes, examples."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from portal.api.house import api

_SHAPES = "#/components/schemas/"
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}
_FORMATS = {"date-time": "moment"}


class Word(NamedTuple):
    """A part of a type: `shape` is set where it names one."""

    text: str
    shape: str = ""


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a shape."""

    name: str
    type: list[Word]
    required: bool
    what: str
    default: str = ""
    example: str = ""
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """What a status means, and the type of its body; empty without one."""

    status: int
    type: list[Word]

    @property
    def phrase(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase


@dataclass(frozen=True)
class Operation:
    """One method at one path."""

    method: str
    path: str
    summary: str
    what: str
    parameters: list[Field]
    body: list[Word]
    body_sort: str
    answers: list[Answer]
    problems: list[Answer]
    query: str
    example: str

    @property
    def anchor(self) -> str:
        """The part of the address after #."""
        words = self.path.replace("{", "").replace("}", "").split("/")
        return "-".join([self.method.lower(), *filter(None, words)])

    def curl(self, base: str) -> str:
        """A command that asks it, with the address of this house."""
        path = _filled(self.path, self.parameters)
        lines = ['curl -H "Authorization: Bearer $TOKEN"']
        if self.method != "GET":
            lines[0] += f" -X {self.method}"
        if self.body_sort:
            lines.append(f'-H "Content-Type: {self.body_sort}"')
        if self.example:
            lines.append(self.example)
        lines.append(f'"{base}{path}{self.query}"')
        return " \\\n  ".join(lines)


@dataclass(frozen=True)
class Group:
    """The operations of one tag."""

    title: str
    operations: list[Operation]

    @property
    def anchor(self) -> str:
        """The part of the address after #."""
        return self.title.lower().replace(" ", "-")


@dataclass(frozen=True)
class Shape:
    """One shape that goes in or out; `values` where it is one of a few words."""

    name: str
    what: str
    fields: list[Field]
    values: list[str]

    @property
    def anchor(self) -> str:
        """The part of the address after #."""
        return f"shape-{self.name.lower()}"


@dataclass(frozen=True)
class Described:
    """The whole description."""

    groups: list[Group]
    shapes: list[Shape]


@cache
def described() -> Described:
    """The description of this house's API; it stays the same while it runs."""
    found = api.get_openapi_schema(path_prefix="/")
    shapes = found["components"]["schemas"]
    groups: dict[str, list[Operation]] = {}
    for path, methods in found["paths"].items():
        for method, one in methods.items():
            operation = _operation(method, path, one, shapes)
            groups.setdefault(one["tags"][0], []).append(operation)
    listed = [Group(title, operations) for title, operations in groups.items()]
    used = sorted(_reached(listed, shapes))
    return Described(listed, [_shape(name, shapes[name]) for name in used])


def _operation(
    method: str, path: str, one: Mapping[str, Any], shapes: Mapping[str, Any]
) -> Operation:
    parameters = [_parameter(row) for row in one["parameters"]]
    sort, content = next(iter(_content(one.get("requestBody", {}))), ("", {}))
    answers = [_answer(int(s), row) for s, row in one["responses"].items()]
    asked = {row.name: row.example for row in parameters if row.place == "query"}
    needed = {row.name for row in parameters if row.required}
    chosen = {k: v for k, v in asked.items() if v and k in needed | {"q", "since"}}
    query = urlencode(chosen, safe=":", quote_via=quote)
    return Operation(
        method=method.upper(),
        path=path,
        summary=one["summary"],
        what=one["description"],
        parameters=parameters,
        body=_type(content) if content else [Word("YAML")] if sort else [],
        body_sort=sort,
        answers=[row for row in answers if row.status < 400],
        problems=sorted(
            (row for row in answers if row.status >= 400), key=lambda row: row.status
        ),
        query=f"?{query}" if query else "",
        example=_body_example(sort, content, shapes),
    )


def _content(holder: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for sort, row in holder.get("content", {}).items():
        yield sort, row.get("schema", {})


def _answer(status: int, row: Mapping[str, Any]) -> Answer:
    sort, content = next(iter(_content(row)), ("", {}))
    if sort and not content:
        return Answer(status, [Word("YAML" if "yaml" in sort else sort)])
    return Answer(status, _type(content) if content else [])


def _parameter(row: Mapping[str, Any]) -> Field:
    found = _field(row["name"], row["schema"], required=row.get("required", False))
    example = str(row.get("example", found.example))
    what = row.get("description", found.what)
    return Field(
        found.name,
        found.type,
        found.required,
        what,
        found.default,
        example,
        row["in"],
    )


def _field(name: str, schema: Mapping[str, Any], *, required: bool) -> Field:
    default = schema.get("default")
    return Field(
        name=name,
        type=_type(schema),
        required=required,
        what=schema.get("description", ""),
        default="" if default in (None, "") else json.dumps(default).strip('"'),
        example=_written(next(iter(schema.get("examples", [])), "")),
    )


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _type(schema: Mapping[str, Any]) -> list[Word]:
    """A type in words; shapes are named."""
    if ref := schema.get("$ref"):
        name = ref.removeprefix(_SHAPES)
        return [Word(name, f"shape-{name.lower()}")]
    if values := schema.get("enum"):
        return [Word(" or ".join(map(str, values)))]
    for key in ("anyOf", "allOf"):
        if parts := schema.get(key):
            return _joined([_type(part) for part in parts])
    if schema.get("type") == "array":
        return [Word("list of "), *_type(schema.get("items", {}))]
    if schema.get("format") in _FORMATS:
        return [Word(_FORMATS[schema["format"]])]
    kind = str(schema.get("type", ""))
    return [Word(_WORDS.get(kind, kind or "anything"))]


def _joined(parts: list[list[Word]]) -> list[Word]:
    found = parts[0]
    for part in parts[1:]:
        found = [*found, Word(" or "), *part]
    return found


def _shape(name: str, schema: Mapping[str, Any]) -> Shape:
    needed = schema.get("required", [])
    fields = [
        _field(key, one, required=key in needed)
        for key, one in schema.get("properties", {}).items()
    ]
    values = [str(value) for value in schema.get("enum", [])]
    return Shape(name, schema.get("description", ""), fields, values)


def _reached(groups: list[Group], shapes: Mapping[str, Any]) -> set[str]:
    """The shapes that bodies and answers name, and those that these name."""
    named = {f"shape-{name.lower()}": name for name in shapes}
    words: list[Word] = []
    for group in groups:
        for one in group.operations:
            words += one.body
            words += [w for row in [*one.answers, *one.problems] for w in row.type]
            words += [word for row in one.parameters for word in row.type]
    found: set[str] = set()
    while words:
        shape = named.get(words.pop().shape)
        if shape and shape not in found:
            found.add(shape)
            fields = _shape(shape, shapes[shape]).fields
            words += [word for row in fields for word in row.type]
    return found


def _filled(path: str, parameters: list[Field]) -> str:
    for row in parameters:
        path = path.replace(f"{{{row.name}}}", row.example)
    return path.removeprefix("/")


def _body_example(
    sort: str, content: Mapping[str, Any], shapes: Mapping[str, Any]
) -> str:
    """The part of a command that sends a body."""
    if not sort:
        return ""
    if not content:
        return "--data-binary @catalog-info.yaml"
    shape = shapes[content["$ref"].removeprefix(_SHAPES)]
    body = {
        name: one["examples"][0]
        for name, one in shape["properties"].items()
        if one.get("examples")
    }
    if not body:
        return "--data-binary @model-catalog.json"
    return f"-d {shlex.quote(json.dumps(body, ensure_ascii=False))}"
