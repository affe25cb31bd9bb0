"""Which probes a document declares, and which follow from it where it declares none.

    annotations: {greenroom/probe: "vllm http://node-01.lan:8000; tcp tcp://db.lan:5432"}
    spec: {probes: [{type: vllm, url: http://node-01.lan:8000, every: {serving: 300}}]}

A declaration that cannot be used is kept with its fault, and shown: it takes none of
its neighbours down.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from catalog.probes.prober import PROBERS, named
from catalog.probes.settings import checked_url

ANNOTATION = "greenroom/probe"
MOST = 20
# Type of a component, and of a link, that say together what is to be asked.
_INFERRED_LINKS = ("api", "endpoint", "health", "website")
_BY_TYPE = {"model-server": "openai", "website": "http", "service": "http"}


@dataclass(frozen=True)
class Declaration:
    """One probe as a document says it. `fault` says why it cannot be used."""

    prober: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    place: str = ""
    inferred: bool = False
    why: str = ""
    fault: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by: its type and address."""
        return self.prober, self.url


def declared(document: Mapping[str, Any]) -> list[Declaration]:
    """Every probe of a document, each once; those that follow from it only where it
    declares none."""
    metadata = _mapping(document.get("metadata"))
    spec = _mapping(document.get("spec"))
    said = _mapping(metadata.get("annotations")).get(ANNOTATION)
    found = list(from_annotation(said)) if isinstance(said, str) else []
    found += from_spec(spec.get("probes"))
    if not found:
        found = list(inferred(spec, metadata))
    return list({one.key: one for one in found}.values())[:MOST]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def from_annotation(text: str) -> Iterator[Declaration]:
    """`type url`, several with `;` between them."""
    for at, part in enumerate(text.split(";")):
        words = part.split()
        if not words:
            continue
        place = f"metadata.annotations.{ANNOTATION}, part {at + 1}"
        entry = {"type": words[0]}
        if len(words) > 1:
            entry["url"] = words[1]
        extra = " ".join(words[2:])
        yield _checked(
            entry,
            place,
            f"“{extra}” is too much after the address: write more in spec.probes."
            if extra
            else "",
        )


def from_spec(value: Any) -> list[Declaration]:
    """The entries of `spec.probes`."""
    if value is None:
        return []
    if not isinstance(value, list):
        fault = "spec.probes has to be a list of probes, each with type and url."
        return [Declaration("", "", place="spec.probes", fault=fault)]
    found = []
    for at, entry in enumerate(value[:MOST]):
        place = f"spec.probes[{at}]"
        if isinstance(entry, Mapping):
            found.append(_checked(entry, place))
        else:
            fault = f"{place} has to be a mapping with type and url."
            found.append(Declaration("", f"{place}", place=place, fault=fault))
    return found


def _checked(entry: Mapping[str, Any], place: str, fault: str = "") -> Declaration:
    options = {str(key): value for key, value in entry.items() if key != "type"}
    name, url = named(str(entry.get("type", ""))), str(options.get("url", ""))[:500]
    if fault:
        return Declaration(name[:40], url, place=place, fault=fault)
    if name not in PROBERS:
        return Declaration(name[:40], url, place=place, fault=_unknown(name))
    prober = PROBERS[name]
    try:
        settings = prober.Settings.model_validate(options)
    except ValidationError as error:
        return Declaration(name, url, place=place, fault=_first(error))
    if prober.schemes and not settings.url:
        return Declaration(name, url, place=place, fault=f"{name} needs a url.")
    if prober.schemes and urlsplit(settings.url).scheme not in prober.schemes:
        fault = f"{name} is asked at {' or '.join(prober.schemes)}, not at “{url}”."
        return Declaration(name, url, place=place, fault=fault)
    kept = settings.model_dump(exclude_defaults=True, exclude={"url", "title"})
    return Declaration(name, settings.url, kept, settings.title, place)


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, PROBERS, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    known = ", ".join(sorted(PROBERS))
    return f"There is no probe “{name[:40]}”.{hint} Known are {known}."


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    said = first["msg"].removeprefix("Value error, ")
    value = "" if first["type"] == "missing" else f" (“{str(first['input'])[:80]}”)"
    if first["type"] == "extra_forbidden":
        said = "there is no such setting of this probe"
    return f"{where}{value}: {said}."[:500]


def inferred(
    spec: Mapping[str, Any], metadata: Mapping[str, Any]
) -> Iterator[Declaration]:
    """What is obvious: a component of a known type, with a link of a type that says
    what the address is for."""
    prober = _BY_TYPE.get(str(spec.get("type", "")).lower())
    links = metadata.get("links")
    if prober is None or not isinstance(links, list):
        return
    for link in links:
        kind = str(_mapping(link).get("type", "")).lower()
        if kind in _INFERRED_LINKS:
            try:
                url = checked_url(str(_mapping(link).get("url", "")))
            except ValueError:
                continue
            why = f"type {spec.get('type')}, and a link of type {kind}"
            yield Declaration(
                prober if kind != "health" else "http",
                url.removesuffix("/v1") if prober == "openai" else url,
                inferred=True,
                why=why[:200],
                place="metadata.links",
            )
            return
