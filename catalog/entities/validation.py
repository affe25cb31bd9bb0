"""What a document must hold: Backstage's rules exactly, and what ours add.

Errors refuse the document; warnings let it in. Each names field, value and remedy.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from catalog import refs
from catalog.entities import decisions
from catalog.entities.near_keys import near_keys
from catalog.entities.problems import (
    QUOTE_IT,
    WARNING,
    Path,
    Problem,
    did_you_mean,
    field_name,
    shown,
)
from catalog.entities.spec_errors import spec_problems
from catalog.kind import KINDS, Kind

# Kinds of Backstage whose names are near to those that we know.
_FOREIGN_KINDS = ("AiResource", "Template")
ROOT_KEYS = ("apiVersion", "kind", "metadata", "spec")
_TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_API_VERSION = re.compile(
    r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?"
)

Problems = Iterator[Problem]


# What rooms above have to say of a document; `register` adds to it.
RULES: list[Callable[[dict[str, Any]], Iterable[Problem]]] = []


def register(rule: Callable[[dict[str, Any]], Iterable[Problem]]) -> None:
    """Add a rule of a room above, for documents that are valid otherwise."""
    RULES.append(rule)


def check(data: Any) -> list[Problem]:
    """Everything that is wrong with one document; the caller fills in the places."""
    if not isinstance(data, dict):
        message = f"The document is {_type_name(data)}, not an entity."
        return [Problem("shape", message, "Begin with apiVersion, kind and metadata.")]
    problems = [*_root(data), *_metadata(data.get("metadata"))]
    if any(problem.is_error for problem in problems):
        return problems
    problems += _kind_and_spec(data)
    if not any(problem.is_error for problem in problems):
        problems += [*decisions.check(data), *_visibility(data), *near_keys(data)]
        problems += [problem for rule in RULES for problem in rule(data)]
    return problems


def _root(data: dict[str, Any]) -> Problems:
    for key in data:
        if key not in ROOT_KEYS:
            hint = did_you_mean(key, ROOT_KEYS)
            yield Problem(
                "unknown-key",
                f"{key!r} is not a part of an entity.",
                hint or "Move it below metadata or spec, where extra keys are kept.",
                at=(key,),
            )
    yield from _text(data, ("apiVersion",), _is_api_version, "group/version")
    yield from _text(data, ("kind",), refs.KIND.fullmatch, "letters and digits")
    spec = data.get("spec")
    if spec is not None and not isinstance(spec, dict):
        yield Problem(
            "type",
            f"spec is {_type_name(spec)}, not a mapping.",
            "Write its fields below it, each on its own line.",
            at=("spec",),
        )


def _text(
    data: dict[str, Any], at: Path, fits: Callable[[str], Any], rule: str
) -> Problems:
    """Complain when the last step of `at` is missing in `data`, or does not fit."""
    key, name = str(at[-1]), field_name(at)
    if data.get(key) is None:
        yield Problem("missing", f"{name} is missing.", f"Add {key}: …", at=at)
        return
    value = data[key]
    if not isinstance(value, str):
        yield _not_text(at, value)
    elif not fits(value):
        yield Problem(
            "format", f"{name} is {shown(value)}.", f"It has to be {rule}.", at=at
        )


def _not_text(at: Path, value: Any) -> Problem:
    remedy = "Write a text."
    if isinstance(value, (int, float, bool)):
        remedy = f'{QUOTE_IT}"{str(value).lower()}".'
    return Problem(
        "type",
        f"{field_name(at)} is {_type_name(value)}, not a text.",
        remedy,
        at=at,
        value=shown(value),
    )


def _metadata(metadata: Any) -> Problems:
    if not isinstance(metadata, dict):
        yield Problem(
            "missing" if metadata is None else "type",
            "metadata is missing." if metadata is None else "metadata is no mapping.",
            "Add metadata with at least a name.",
            at=("metadata",),
        )
        return
    yield from _name(metadata)
    if "namespace" in metadata:
        yield from _text(
            metadata,
            ("metadata", "namespace"),
            refs.DNS_LABEL.fullmatch,
            "at most 63 lower-case letters, digits and inner dashes",
        )
    if "title" in metadata:
        yield from _text(metadata, ("metadata", "title"), bool, _NOT_EMPTY)
    if not isinstance(metadata.get("description", ""), str):
        yield _not_text(("metadata", "description"), metadata["description"])
    yield from _pairs(metadata, "labels", _is_label_value)
    yield from _pairs(metadata, "annotations", lambda value: True)
    yield from _tags(metadata.get("tags", []))
    yield from _web_links(metadata.get("links", []))


def _name(metadata: dict[str, Any]) -> Problems:
    for problem in _text(
        metadata, ("metadata", "name"), refs.NAME.fullmatch, _NAME_RULE
    ):
        if problem.code == "format":
            yield Problem(
                "format",
                problem.message,
                f"{problem.remedy} {_name_hint(metadata['name'])}".strip(),
                at=problem.at,
            )
        else:
            yield problem


_NOT_EMPTY = "a text that is not empty"
_NAME_RULE = "1 to 63 letters, digits and inner - _ . characters"


def _name_hint(name: str) -> str:
    try:
        return f"For example {refs.to_name(name)!r}, with the rest in metadata.title."
    except refs.RefError:
        return ""


def _pairs(
    metadata: dict[str, Any], key: str, value_fits: Callable[[str], Any]
) -> Problems:
    pairs = metadata.get(key, {})
    if not isinstance(pairs, dict):
        yield Problem(
            "type",
            f"metadata.{key} is {_type_name(pairs)}, not a mapping.",
            "Write one key: value on each line.",
            at=("metadata", key),
        )
        return
    for name, value in pairs.items():
        at = ("metadata", key, name)
        if not _is_key(name):
            yield Problem(
                "format",
                f"{name!r} is not a valid key in metadata.{key}.",
                "Write name or prefix.example/name, the prefix in lower case.",
                at=at,
            )
        if not isinstance(value, str):
            yield _not_text(at, value)
        elif not value_fits(value):
            yield Problem(
                "format", f"The label {name} is {shown(value)}.", _LABEL_RULE, at=at
            )


_LABEL_RULE = "A label's value is empty or at most 63 letters, digits and inner - _ ."


def _is_api_version(value: str) -> bool:
    return len(value) <= 100 and bool(_API_VERSION.fullmatch(value))


def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and not (len(prefix) <= 253 and _PREFIX.fullmatch(prefix)):
        return False
    return bool(refs.NAME.fullmatch(name))


def _is_label_value(value: str) -> bool:
    return value == "" or bool(refs.NAME.fullmatch(value))


def _tags(tags: Any) -> Problems:
    at = ("metadata", "tags")
    if not isinstance(tags, list):
        yield Problem(
            "type", "metadata.tags is not a list.", "Write [one, two].", at=at
        )
        return
    for index, tag in enumerate(tags):
        if not isinstance(tag, str):
            yield _not_text((*at, index), tag)
        elif not (len(tag) <= 63 and _TAG.fullmatch(tag)):
            good = re.sub(r"[^a-z0-9:+#]+", "-", tag.lower()).strip("-")[:63]
            yield Problem(
                "format",
                f"The tag {shown(tag)} is not valid.",
                f"Write {good!r}." if good else "Use a-z, 0-9, : + # and inner dashes.",
                at=(*at, index),
            )


def _web_links(links: Any) -> Problems:
    at = ("metadata", "links")
    if not isinstance(links, list):
        yield Problem("type", "metadata.links is not a list.", "Begin with -.", at=at)
        return
    for index, link in enumerate(links):
        yield from _web_link(link, (*at, index))


def _web_link(link: Any, at: Path) -> Problems:
    if not isinstance(link, dict):
        yield Problem("type", f"{field_name(at)} is no mapping.", "Add url: …", at=at)
        return
    yield from _text(
        link,
        (*at, "url"),
        _is_url,
        "a URL with its scheme, such as https://lab.example",
    )
    for key in ("title", "icon", "type"):
        if key in link:
            yield from _text(link, (*at, key), bool, _NOT_EMPTY)


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def _kind_and_spec(data: dict[str, Any]) -> Problems:
    name, version = data["kind"], data["apiVersion"]
    if name not in KINDS:
        yield _unknown_kind(name, version)
        return
    kind = KINDS[name]
    if version not in kind.api_versions:
        yield Problem(
            "api-version",
            f"apiVersion is {version!r}, which has no {name}.",
            f"Write {kind.api_versions[0]}.",
            at=("apiVersion",),
        )
        return
    yield from _spec(kind, data)


def _spec(kind: type[Kind], data: dict[str, Any]) -> Problems:
    if data.get("spec") is None:
        yield Problem(
            "missing", "spec is missing.", f"A {kind.name} needs one.", at=("spec",)
        )
        return
    yield from spec_problems(kind, data["spec"])


def _unknown_kind(name: str, version: str) -> Problem:
    """A slip of the pen in a kind of ours, or a kind of somebody else?"""
    ours = [
        known
        for known, kind in KINDS.items()
        if version in kind.api_versions or known.lower() == name.lower()
    ]
    hint = did_you_mean(name, ours)
    if hint and name not in _FOREIGN_KINDS:
        return Problem(
            "unknown-kind", f"There is no kind {name!r}.", hint, at=("kind",)
        )
    return Problem(
        "unknown-kind",
        f"{name} is a kind that Greenroom does not know; it is kept as it is.",
        "",
        WARNING,
        ("kind",),
    )


def _visibility(data: dict[str, Any]) -> Problems:
    """An unreadable visibility refuses the document: it must never show too much."""
    annotations = data["metadata"].get("annotations") or {}
    if decisions.VISIBILITY not in annotations:
        return
    try:
        principals(annotations[decisions.VISIBILITY])
    except refs.RefError as error:
        yield Problem(
            "visibility",
            f"{decisions.VISIBILITY} cannot be read: {error}.",
            "Write public, signed-in, or groups and users such as "
            "group:default/finance, user:default/ada.",
            at=("metadata", "annotations", decisions.VISIBILITY),
        )


_AUDIENCES = ("public", "signed-in")


def principals(value: str) -> list[str]:
    """The users and groups that a visibility names; none for public and signed-in.

    Raises RefError when it names something else.
    """
    if value.strip() in ("public", "signed-in"):
        return []
    found = []
    parts = [part for part in re.split(r"[,\s]+", value) if part]
    near = difflib.get_close_matches(value.strip().lower(), _AUDIENCES, 1, 0.75)
    if len(parts) == 1 and near:
        raise refs.RefError(f"{value!r} is no group; did you mean {near[0]!r}?")
    for part in parts:
        ref = refs.parse(part, kind="Group")
        if ref.kind.lower() not in ("group", "user"):
            raise refs.RefError(f"{part!r} is neither a group nor a user")
        found.append(str(ref))
    if not found:
        raise refs.RefError("it is empty")
    return found


def _type_name(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false"}
    if value is None:
        return "empty"
    return names.get(type(value), f"the number {value}")
