"""Backstage: a Location with relative targets, parts of at most 500 entities, and all.

Which part an entity is in rests on its reference alone, so that a new one moves no
other: Backstage would take a moved entity for one that two places claim.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.entities import generation
from catalog.entities.decisions import DECISIONS
from catalog.entities.models import Entity
from catalog.kind import BACKSTAGE, KINDS
from portal.projections import yaml_text
from portal.projections.naming import Named, Names
from portal.projections.profile import PROFILES, Draft, Profile, World
from portal.projections.projection import LeftOut, Projection

ROOT, ALL = "catalog-info.yaml", "all.yaml"
MOST_IN_PART = 500
_SEPARATOR = re.compile(r"^---\n", re.MULTILINE)
_KIND = re.compile(r"^kind: (.+)$", re.MULTILINE)
_NAME = re.compile(r"^  name: (.+)$", re.MULTILINE)
# Not that of a spec further down.
_NAMESPACE = re.compile(r"\A\nmetadata:\n(?:  .*\n)*?  namespace: (.+)$", re.MULTILINE)
_COLUMNS = tuple(decision.column for decision in DECISIONS)


@dataclass(frozen=True)
class Index:
    """What goes out to one viewer, without the texts."""

    names: Names
    parts: list[list[str]]
    places: dict[str, str]
    foreign: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Made:
    """One entity as it goes out; with a `refusal` it does not."""

    ref: str
    title: str
    data: dict[str, Any]
    refusal: str
    notes: tuple[str, ...]


_INDEXES: generation.Cache[Index] = generation.Cache(limit=4)
_LEFT_OUT: generation.Cache[list[LeftOut]] = generation.Cache(limit=8)


class Backstage(Projection):
    """The catalog for one Backstage."""

    name = "backstage"
    title = "Backstage"
    _left: list[LeftOut] | None = None

    @cached_property
    def profile(self) -> type[Profile]:
        """The form that is asked for. KeyError where there is none of this name."""
        return PROFILES[self.asked.profile]

    @cached_property
    def index(self) -> Index:
        """Remembered while the catalog stays as it is."""
        return _INDEXES.get(self.asked.key, self._make_index)

    def files(self) -> list[str]:
        """The root, its parts, everything in one, and each entity."""
        return [*self.main_files(), *sorted(self.index.places)]

    def main_files(self) -> list[str]:
        """All but the single entities."""
        parts = [part_name(number) for number in range(len(self.index.parts))]
        return [ROOT, *parts, ALL]

    def render(self, file: str) -> str | None:
        """One file."""
        if file == ROOT:
            return self.header() + yaml_text.write(self._root())
        if file == ALL:
            return self._joined(self._made(None))
        if file in self.index.places:
            found = [*self._made([self.index.places[file]])]
            return (
                self._joined(found) if any(not one.refusal for one in found) else None
            )
        number = part_number(file)
        if number is None or number >= len(self.index.parts):
            return None
        return self._joined(self._made(self.index.parts[number]))

    def folder(self) -> dict[str, str]:
        """Every file at once, each entity rendered once."""
        texts: dict[str, str] = {}
        self._left = list(self._told(self._noting(texts)))
        files = {ROOT: self.header() + yaml_text.write(self._root())}
        for number, part in enumerate(self.index.parts):
            inside = [texts[ref] for ref in part if ref in texts]
            files[part_name(number)] = self._file(inside)
        files[ALL] = self._file(texts.values())
        for ref, text in texts.items():
            files[place_of(self.index.names.of(ref))] = self._file([text])
        return files

    def _noting(self, texts: dict[str, str]) -> Iterator[Made]:
        """All entities; the text of each that goes out is put into `texts`."""
        for made in self._made(None):
            if not made.refusal:
                texts[made.ref] = yaml_text.write(made.data)
            yield made

    def documents(self) -> Iterator[tuple[str, str]]:
        """Every entity that goes out, by its new reference."""
        for made in self._made(None):
            if not made.refusal:
                yield name_in(made.data), yaml_text.write(made.data)

    def taken_apart(self, files: Mapping[str, str]) -> dict[str, str]:
        """Those of the parts; where none was read, those of the one file with all."""
        parts = {name: text for name, text in files.items() if name.startswith("part-")}
        found = {}
        for text in (parts or {ALL: files.get(ALL, "")}).values():
            for document in _SEPARATOR.split(text)[1:]:
                found[_name_written(document)] = document
        return dict(sorted(found.items()))

    def left_out(self) -> list[LeftOut]:
        """Whole entities first. Remembered while the catalog stays as it is."""
        if self._left is not None:
            return self._left
        return _LEFT_OUT.get(self.asked.key, lambda: list(self._told(self._made(None))))

    def _told(self, found: Iterable[Made]) -> Iterator[LeftOut]:
        for ref, title, kind in self.index.foreign:
            yield LeftOut(ref, title, self.profile.reason(kind), True)
        partly = []
        for made in found:
            if made.refusal:
                yield LeftOut(made.ref, made.title, made.refusal, True)
            else:
                partly += [
                    LeftOut(made.ref, made.title, note, False) for note in made.notes
                ]
        yield from partly

    def _joined(self, found: Iterable[Made]) -> str:
        texts = [yaml_text.write(made.data) for made in found if not made.refusal]
        return self._file(texts)

    def _file(self, texts: Iterable[str]) -> str:
        return self.header() + "---\n".join(["", *texts])

    def _root(self) -> dict[str, Any]:
        parts = range(len(self.index.parts))
        return {
            "apiVersion": BACKSTAGE[0],
            "kind": "Location",
            "metadata": {
                "name": f"greenroom-{self.asked.profile}",
                "description": "Everything that Greenroom exports.",
            },
            "spec": {"targets": [f"./{part_name(number)}" for number in parts]},
        }

    def _make_index(self) -> Index:
        rows = Entity.objects.visible_to(self.asked.viewer).order_by("ref")
        becomes = {
            kind.lower(): self.profile.becomes(kind)
            for kind in {*KINDS, *rows.order_by().values_list("kind", flat=True)}
        }
        going: list[Named] = []
        foreign = []
        found = rows.values_list("ref", "kind", "namespace", "name", "title")
        for ref, kind, namespace, name, title in found.iterator():
            if becomes[kind.lower()]:
                going.append(Named(ref, kind, namespace, name))
            else:
                foreign.append((ref, title or name, kind))
        names = Names(going, lambda kind: becomes.get(kind.lower(), ""))
        places = {place_of(names.of(row.ref)): row.ref for row in going}
        return Index(names, parted([row.ref for row in going]), places, foreign)

    def _made(self, wanted: list[str] | None) -> Iterator[Made]:
        """The entities of these references, or all, in their order."""
        rows = Entity.objects.visible_to(self.asked.viewer).order_by("ref")
        if wanted is not None:
            rows = rows.filter(ref__in=wanted)
        world = World(self.index.names, self.asked.viewer, self.asked.home)
        fields = rows.values_list("ref", "title", "name", "document", *_COLUMNS)
        for ref, title, name, document, *said in fields.iterator(500):
            if ref in world.names:
                yield self._shape(ref, title or name, json.loads(document), said, world)

    def _shape(
        self, ref: str, title: str, data: dict[str, Any], said: list[str], world: World
    ) -> Made:
        decided = {
            decision.annotation: value
            for decision, value in zip(DECISIONS, said, strict=True)
            if value
        }
        draft = Draft(data, ref, world, decided)
        made = self.profile.shape(draft)
        notes = list(draft.notes)
        if draft.lost:
            what = "reference leads" if draft.lost == 1 else "references lead"
            notes.append(f"{draft.lost} {what} to what is not in this export.")
        return Made(ref, title, made, self.profile.refusal(made), tuple(notes))


def part_name(number: int) -> str:
    """The file of one part."""
    return f"part-{number:03}.yaml"


def part_number(file: str) -> int | None:
    """The number of a part's file; None where it is no such name."""
    digits = file.removeprefix("part-").removesuffix(".yaml")
    is_name = digits.isascii() and digits.isdigit() and len(digits) < 10
    return int(digits) if is_name and part_name(int(digits)) == file else None


def parted(found: list[str]) -> list[list[str]]:
    """References in the fewest parts that are a power of two and none too full."""
    hashes = [(ref, _number(ref)) for ref in found]
    number = 1
    while True:
        parts: list[list[str]] = [[] for _ in range(number)]
        for ref, hashed in hashes:
            parts[hashed % number].append(ref)
        if max(map(len, parts)) <= MOST_IN_PART:
            return parts if found else []
        number *= 2


def _number(ref: str) -> int:
    digest = hashlib.blake2b(ref.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _name_written(document: str) -> str:
    """The reference that the text of a rendered document has."""
    inside = document[document.find("\nmetadata:\n") :]
    found = [_KIND.search(document), _NAMESPACE.search(inside), _NAME.search(inside)]
    kind, space, name = (match[1].strip('"') if match else "default" for match in found)
    return f"{kind}:{space}/{name}".lower()


def place_of(ref: Any) -> str:
    """The file of one entity."""
    return f"entities/{ref.namespace}/{ref.kind}/{ref.name}.yaml".lower()


def name_in(data: dict[str, Any]) -> str:
    """The reference that a rendered document has, in lower case."""
    metadata = data["metadata"]
    space = metadata.get("namespace") or "default"
    return f"{data['kind']}:{space}/{metadata['name']}".lower()
