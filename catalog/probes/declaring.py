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

from catalog.entities.problems import WARNING, Path, Problem, field_name
from catalog.probes.prober import PROBERS, named
from catalog.probes.settings import checked_url

ANNOTATION = "greenroom/probe"
UNUSABLE = "probe-unusable"
MOST = 20
# Type of a component, and of a link, that say together what is to be asked.
_INFERRED_LINKS = ("api", "endpoint", "health", "website")
_BY_TYPE = {"model-server": "openai", "website": "http", "service": "http"}


@dataclass(frozen=True)
class Declaration:
    """One probe as a document says it. `at` is where; `fault` says why it cannot be
    used."""

    prober: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    at: Path = ()
    inferred: bool = False
    why: str = ""
    fault: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by: its type and address; its title where it has none."""
        return self.prober, self.url or self.title

    @property
    def place(self) -> str:
        """Where it stands, as people write it."""
        return field_name(self.at)


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


def complaints(document: Mapping[str, Any]) -> Iterator[Problem]:
    """A warning for every declaration of a document that cannot be used."""
    for one in declared(document):
        if one.fault:
            yield Problem(
                UNUSABLE,
                f"{one.place}: {one.fault}",
                "Until then it is not asked. The help says what can be, under Probes.",
                WARNING,
                at=one.at,
                value=f"{one.prober} {one.url}".strip()[:100],
            )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def from_annotation(text: str) -> Iterator[Declaration]:
    """`type url`, several with `;` between them."""
    for part in text.split(";"):
        name, _, rest = part.strip().partition(" ")
        url, _, extra = rest.strip().partition(" ")
        fault = ""
        if extra:
            fault = f"“{extra.strip()[:80]}” is too much: write it in spec.probes."
        if name:
            entry = {"type": name, **({"url": url} if url else {})}
            yield _checked(entry, ("metadata", "annotations", ANNOTATION), fault)


def from_spec(value: Any) -> list[Declaration]:
    """The entries of `spec.probes`."""
    if value is None:
        return []
    at: Path = ("spec", "probes")
    if not isinstance(value, list):
        fault = "It has to be a list of probes, each with type and url."
        return [Declaration("", "", at=at, fault=fault)]
    found = []
    for number, entry in enumerate(value[:MOST]):
        here = (*at, number)
        if isinstance(entry, Mapping):
            found.append(_checked(entry, here))
        else:
            fault = "It has to be a mapping with type and url."
            found.append(Declaration("", field_name(here), at=here, fault=fault))
    return found


def _checked(entry: Mapping[str, Any], at: Path, fault: str = "") -> Declaration:
    options = {str(key): value for key, value in entry.items() if key != "type"}
    name, url = named(str(entry.get("type", ""))), str(options.get("url", ""))[:500]
    if fault:
        return Declaration(name[:40], url, at=at, fault=fault)
    if name not in PROBERS:
        return Declaration(name[:40], url, at=at, fault=_unknown(name))
    prober = PROBERS[name]
    try:
        settings = prober.Settings.model_validate(options)
    except ValidationError as error:
        return Declaration(name, url, at=at, fault=_first(error))
    if prober.schemes and not settings.url:
        return Declaration(name, url, at=at, fault=f"{name} needs a url.")
    if prober.schemes and urlsplit(settings.url).scheme not in prober.schemes:
        fault = f"{name} is asked at {' or '.join(prober.schemes)}, not at “{url}”."
        return Declaration(name, url, at=at, fault=fault)
    kept = settings.model_dump(exclude_defaults=True, exclude={"url", "title"})
    return Declaration(name, settings.url, kept, settings.title, at)


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
                at=("metadata", "links"),
            )
            return
