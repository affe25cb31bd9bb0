"""Queries answered naively, entity by entity, as the help has them: for comparing."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.catalog.documents import document, seen_by

# A leaf is (field, operator, values); others are ("not" | "all" | "either", parts).
Tree = tuple[Any, ...]
Known = bool | None
GROUPS = ("platform", "search", "none")
PEOPLE = ("ada", "eve")
TITLES = ("Whisper large", "Ärger", "🎉 ™", "none", 'a "b", c', "AND", "")
TAGS = ("gpu", "none", "text", "c++")
# Which of some numbers of hours an age means.
HOURS = {
    "<2d": (1, 20, 40),
    ">12h": (20, 40, 999),
    ">999999y": (),
    ">=0s": (1, 20, 40, 999),
}
WORDS = ("whisper", "large", "arger", "tm", "component", "gpu", "zebra")
PLAIN = re.compile(r'(?!AND$|[<>])[^\s()",]+')


@dataclass(frozen=True)
class Thing:
    """One entity: `parents` are groups, `needs` names; an orphan for `hours`."""

    kind: str
    name: str
    title: str = ""
    owner: str = ""
    reader: str = ""
    tags: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    state: str = ""
    hours: int | None = None

    @property
    def ref(self) -> str:
        """Its reference."""
        return f"{self.kind}:default/{self.name}".lower()

    @property
    def words(self) -> set[str]:
        """What full text finds it by."""
        plain = {"Ärger": "arger", "🎉 ™": "tm"}.get(self.title, self.title.lower())
        said = [plain, self.kind.lower(), self.name, self.owner, *self.tags]
        return set(re.findall(r"\w+", " ".join(said)))

    def document(self) -> Any:
        """Its document."""
        notes = seen_by(f"user:{self.reader}") if self.reader else {}
        if self.state:
            notes["greenroom/probe"] = "vllm http://127.0.0.1:1"
        spec: dict[str, Any] = {}
        if self.kind == "Group":
            spec = {"parent": self.parents[0]} if self.parents else {}
        elif self.kind == "User":
            spec = {"memberOf": list(self.parents)}
        else:
            spec = {"owner": self.owner}
            spec["dependsOn"] = [f"component:{name}" for name in self.needs]
        meta = {"title": self.title} if self.title else {}
        tags = list(self.tags)
        return document(
            self.kind, self.name, tags=tags, annotations=notes, spec=spec, **meta
        )


@dataclass
class Lab:
    """A catalog, and who looks: a person, or nobody who sees all."""

    things: list[Thing]
    who: str = ""
    seen: list[Thing] = field(default_factory=list)

    def __post_init__(self) -> None:
        readers = ("", self.who) if self.who else ("", *PEOPLE)
        self.seen = [one for one in self.things if one.reader in readers]

    def sees(self, ref: str) -> bool:
        """Is it there, for who looks?"""
        return any(one.ref == ref for one in self.seen)

    def above(self, name: str, kind: str = "User") -> set[str]:
        """The groups that a person or group is in, at any depth."""
        found: set[str] = set()
        todo = [one for one in self.things if (one.kind, one.name) == (kind, name)]
        while todo:
            new = set(todo.pop().parents) - found
            found |= new
            todo += [t for t in self.things if t.kind == "Group" and t.name in new]
        return found

    def holds(self, tree: Tree, thing: Thing) -> Known:
        """Is a tree true of an entity; None where nobody knows."""
        if tree[0] == "not":
            inner = self.holds(tree[1][0], thing)
            return None if inner is None else not inner
        if tree[0] in ("all", "either"):
            return _joined([self.holds(p, thing) for p in tree[1]], tree[0] == "either")
        name, op, values = tree
        told = [_FIELDS[name](self, thing, op, value) for value in values]
        found = _joined(told, True)
        return found if op != "!=" or found is None else not found


def _joined(told: list[Known], end: bool) -> Known:
    if end in told:
        return end
    return None if None in told else not end


def _fits(known: str, value: str) -> bool:
    pattern = ".*".join(map(re.escape, value.casefold().split("*")))
    return bool(known) and bool(re.fullmatch(pattern, known.casefold()))


def _tag(lab: Lab, thing: Thing, _: str, value: str) -> Known:
    if value == "any" or (
        value == "none" and not any("none" in one.tags for one in lab.seen)
    ):
        return bool(thing.tags) == (value == "any")
    return any(_fits(tag, value) for tag in thing.tags)


def _owner(lab: Lab, thing: Thing, _: str, value: str) -> Known:
    owner = f"group:default/{thing.owner}"
    if value == "none":
        return thing.kind not in ("User", "Group") and not lab.sees(owner)
    if not thing.owner or value == "any":
        return bool(thing.owner) and lab.sees(owner)
    names = {one.name for one in lab.seen if one.kind == "Group"}
    meant = {n for n in names | {thing.owner} if _fits(n, value)}
    inside = lab.above(thing.owner, "Group") & meant & names
    return thing.owner in meant or bool(inside and thing.owner in names)


def _status(_: Lab, thing: Thing, __: str, value: str) -> Known:
    if value in ("none", "any"):
        return bool(thing.state) == (value == "any")
    return thing.state == value if thing.state else None


def _age(_: Lab, thing: Thing, op: str, value: str) -> Known:
    if op == ":":
        return (thing.hours is None) == (value == "none")
    return None if thing.hours is None else thing.hours in HOURS[op + value]


def _needs(_: Lab, thing: Thing, op: str, value: str) -> Known:
    if op == ">":
        return len(thing.needs) > int(value)
    if value in ("none", "any"):
        return bool(thing.needs) == (value == "any")
    return any(_fits(name, value) for name in thing.needs)


_FIELDS: dict[str, Callable[[Lab, Thing, str, str], Known]] = {
    "kind": lambda _, t, __, value: _fits(t.kind, value),
    "name": lambda _, t, __, value: _fits(t.name, value),
    "title": lambda _, t, __, value: _fits(t.title or t.name, value),
    "tag": _tag,
    "owner": _owner,
    "status": _status,
    "orphan.age": _age,
    "dependsOn": _needs,
    "": lambda _, t, __, value: any(word.startswith(value) for word in t.words),
}
_VALUES: dict[str, tuple[str, ...]] = {
    "kind": ("model", "Component", "group", "*e*", "x"),
    "name": ("n1", "N2", "n*", "*1", "platform"),
    "title": (*TITLES[:-1], "*", "w*E"),
    "tag": (*TAGS, "any", "g*", "*", "x"),
    "owner": (*GROUPS, "any", "s*", "*orm", "*", "missing"),
    "status": ("up", "down", "none", "any"),
    "dependsOn": ("n1", "n*", "none", "any", "N2", "x"),
    "": WORDS,
}


def things(chance: random.Random) -> list[Thing]:
    """A small catalog."""

    def some(of: tuple[str, ...], most: int) -> tuple[str, ...]:
        return tuple(sorted(set(chance.choices(of, k=chance.randint(0, most)))))

    def reader() -> str:
        return chance.choice(["", "", *PEOPLE])

    found = [Thing("User", name, parents=some(GROUPS, 2)) for name in PEOPLE]
    for name in GROUPS:
        found.append(Thing("Group", name, reader=reader(), parents=some(GROUPS, 1)))
    names = tuple(f"n{n}" for n in range(8))
    for name in names:
        found.append(
            Thing(
                chance.choice(["Component", "Component", "Model"]),
                name,
                chance.choice(TITLES),
                chance.choice([*GROUPS, "missing"]),
                reader(),
                some(TAGS, 2),
                needs=tuple(one for one in some(names, 3) if one != name),
                state=chance.choice(["", "up", "down"]),
                hours=chance.choice([None, 1, 20, 40, 999]),
            )
        )
    return [one if one.kind == "Component" else _quiet(one) for one in found]


def _quiet(thing: Thing) -> Thing:
    return Thing(**{**vars(thing), "state": ""})


def tree(chance: random.Random, depth: int = 0) -> Tree:
    """A random query."""
    sort = chance.choice(["leaf", "leaf", "not", "all", "either"])
    if sort == "leaf" or depth > 2:
        return _leaf(chance)
    many = 1 if sort == "not" else chance.randint(2, 3)
    return sort, [tree(chance, depth + 1) for _ in range(many)]


def _leaf(chance: random.Random) -> Tree:
    name = chance.choice(list(_FIELDS))
    if name == "orphan.age":
        op, value = chance.choice([*map(_split, HOURS), (":", "none"), (":", "any")])
        return name, op, [value]
    if name == "dependsOn" and chance.random() < 0.5:
        return name, ">", [chance.choice("012")]
    op = chance.choice([":", ":", "!="]) if name else ":"
    return (
        name,
        op,
        chance.choices(_VALUES[name], k=chance.randint(1, 2 if name else 1)),
    )


def _split(compared: str) -> tuple[str, str]:
    op = compared.rstrip("0123456789dhys")
    return op, compared.removeprefix(op)


def written(node: Tree) -> str:
    """A tree as somebody would type it."""
    if node[0] == "not":
        return f"-{written(node[1][0])}"
    if node[0] in ("all", "either"):
        parts = map(written, node[1])
        return f"({(' ' if node[0] == 'all' else ' OR ').join(parts)})"
    name, op, values = node
    if not name:
        return str(values[0])
    return f"{name}{op}{','.join(_quoted(values))}"


def _quoted(values: list[str]) -> Iterator[str]:
    for one in values:
        escaped = one.replace('"', '\\"')
        yield one if PLAIN.fullmatch(one) else f'"{escaped}"'
