"""What a model catalog holds, and every violation of it with its JSON pointer.

Keys that the format does not know are kept and told; all else that does not fit refuses
the document as a whole.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from catalog.entities.problems import WARNING, Path, Problem, did_you_mean, shown

CODE = "model-catalog"
# Values nested deeper than this are no model catalog, and cost their readers.
_DEEPEST = 40
# The README of the format names it, and the format itself refuses it.
MISNAMED, MEANT = "openai", "openapi"
API_TYPES = ("openapi", "asyncapi", "graphql", "grpc")
_WORDS = {
    "string_type": "a text",
    "list_type": "a list",
    "bool_type": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
}

NOT_GIVEN: Any = None
Filled = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """One object of the format; what it does not know is kept."""

    model_config = ConfigDict(extra="allow", strict=True)


class Common(Part):
    """What an API, a server and a model have alike."""

    tags: list[str] = Field([], description="Words that it is found by.")
    annotations: dict[str, str] = Field({}, description="Keys with texts.")


class ServerApi(Common):
    """The API of a model server."""

    url: str = Field(description="Where it answers.")
    type: Literal["openapi", "asyncapi", "graphql", "grpc", "openai"] = Field(
        description="What sort of contract: " + ", ".join(API_TYPES) + "."
    )
    spec: Filled = Field(description="The address of its contract.")


class Named(Common):
    """What a server and a model have alike."""

    name: Filled = Field(description="Its name.")
    owner: Filled = Field(description="The user or group that answers for it.")
    lifecycle: Filled = Field(description="How far it is, such as production.")
    description: str = Field(description="What it is and what it is for.")
    usage: str = Field("", description="How it is used.")


class ModelServer(Named):
    """A model server."""

    # Not required, and never null: what is not given is not looked at.
    API: ServerApi = Field(default=NOT_GIVEN, description="The API that it offers.")
    authentication: bool = Field(False, description="Does it want a login?")
    homepageURL: str = Field("", description="Its home page.")


class Model(Named):
    """A model."""

    artifactLocationURL: str = Field("", description="Where its weights lie.")
    ethics: str = Field("", description="What is to be considered.")
    howToUseURL: str = Field("", description="Where its use is explained.")
    license: str = Field("", description="Its licence.")
    support: str = Field("", description="Where help is found.")
    training: str = Field("", description="How it was trained.")


class Catalog(Part):
    """The document: at most one server, and models."""

    modelServer: ModelServer = Field(default=NOT_GIVEN, description="The server.")
    models: list[Model] = Field(description="The models; [] where there is none.")


def pointer(at: Path) -> str:
    """A place in a JSON document as RFC 6901 writes it; empty for all of it."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in at)
    return "".join(f"/{step}" for step in steps)


def complaint(
    at: Path, said: str, remedy: str = "", severity: str = "error"
) -> Problem:
    """A complaint about a place of the document; `said` goes on after its pointer."""
    at = tuple(step if is_kept(str(step)) else repr(step)[1:-1] for step in at)
    where = pointer(at) or "The document"
    return Problem(CODE, f"{where[:300]} {said}", remedy, severity, at)


def check(data: Any) -> list[Problem]:
    """Everything that is wrong with a document, and what is odd in it."""
    told = problems_of(Catalog, data) or list(_same_names(data))
    return [*told, *_oddities(data)]


def problems_of(part: type[Part], data: Any) -> list[Problem]:
    """What keeps a value from being this part of the format: each place once."""
    found = {problem.at: problem for problem in _violations(part, data)}
    found |= {problem.at: problem for problem in _values(data)}
    return list(found.values())


def fits(part: type[Part], value: Any) -> bool:
    """Is a value one that this part of the format may have?"""
    return not any(_violations(part, value))


def _violations(part: type[Part], data: Any) -> Iterator[Problem]:
    try:
        part.model_validate(data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            yield _violation(details)


def _violation(details: ErrorDetails) -> Problem:
    at, value = tuple(details["loc"]), details["input"]
    match details["type"]:
        case "missing":
            return complaint(at, "is missing.", _missing(at, value))
        case "string_too_short":
            return complaint(at, "is empty.", "Write a value.")
        case "literal_error":
            known = ", ".join(API_TYPES)
            hint = did_you_mean(value, API_TYPES)
            said = f"is {shown(value)}, which is no type of API."
            return complaint(at, said, hint or f"Write one of {known}.")
    wanted = _WORDS.get(details["type"], details["msg"].lower())
    said = "null" if value is None else shown(value)
    return complaint(at, f"is {said}, not {wanted}.", f"Write {wanted}.")


def _missing(at: Path, given: Any) -> str:
    """What to add; or what to rename, where something near is given."""
    key = str(at[-1])
    others = [one for one in given if isinstance(one, str)]
    near = difflib.get_close_matches(key, others, 1, 0.8)
    return f"There is {near[0]!r}: rename it." if near else f"Add {key!r}."


def _values(data: Any) -> Iterator[Problem]:
    """Keys that stand twice, and characters that no catalog can keep."""
    left: list[tuple[Path, Any]] = [((), data)]
    while left:
        at, value = left.pop()
        if len(at) > _DEEPEST:
            yield complaint(at, "lies too deep.", f"{_DEEPEST} levels are read.")
        elif isinstance(value, dict):
            for key in getattr(value, "twice", ()):
                yield complaint((*at, key), "stands twice.", "Remove one of the two.")
            yield from (_odd((*at, key)) for key in value if not is_kept(key))
            left += (((*at, key), one) for key, one in reversed(value.items()))
        elif isinstance(value, list):
            left += (((*at, n), value[n]) for n in reversed(range(len(value))))
        elif isinstance(value, str) and not is_kept(value):
            yield _odd(at)


def _odd(at: Path) -> Problem:
    said = "holds a character that cannot be kept: U+0000, or half of a pair."
    return complaint(at, said, "Take it out.")


def is_kept(text: str) -> bool:
    """Can a database and a file hold this text?"""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _same_names(data: dict[str, Any]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, model in enumerate(data["models"]):
        before = first.setdefault(model["name"], number)
        if before != number:
            said = f"is {shown(model['name'])}, as is /models/{before}/name."
            at = ("models", number, "name")
            yield complaint(at, said, "Give each model a name of its own.")


def _oddities(data: Any) -> Iterator[Problem]:
    """What is taken all the same: unknown keys, and the API type of the README."""
    for at, part, value in _parts(data):
        known = part.model_fields
        for key in value:
            if key not in known and is_kept(key):
                absent = [one for one in known if one not in value]
                said = "is not of the format; it is kept without effect."
                hint = did_you_mean(key, absent)
                yield complaint((*at, key), said, hint, WARNING)
        if part is ServerApi and value.get("type") == MISNAMED:
            said = f"is {MISNAMED!r}, which is no type of API; it is read as {MEANT!r}."
            yield complaint((*at, "type"), said, f"Write {MEANT!r}.", WARNING)


def _parts(data: Any) -> Iterator[tuple[Path, type[Part], dict[str, Any]]]:
    """Each object that the format knows, as far as it is one."""
    if not isinstance(data, dict):
        return
    yield (), Catalog, data
    server = data.get("modelServer")
    if isinstance(server, dict):
        yield ("modelServer",), ModelServer, server
        if isinstance(server.get("API"), dict):
            yield ("modelServer", "API"), ServerApi, server["API"]
    models = data.get("models")
    for number, model in enumerate(models if isinstance(models, list) else ()):
        if isinstance(model, dict):
            yield ("models", number), Model, model
