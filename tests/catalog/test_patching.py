"""Columns that follow a change are what building them anew would give."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction

from catalog.entities import generation
from catalog.entities.models import Advance, CatalogState, Entity
from catalog.entities.viewer import Viewer
from catalog.query import building, columns, patching
from catalog.query.table import Columns
from catalog.sources import adding, applying, enriching, managing, processing
from catalog.sources.applying import Cause
from catalog.sources.models import Source
from tests.catalog.documents import declare, document, get, seen_by, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

CAUSE = Cause("test")
KINDS = ("Component", "Component", "System", "Group", "User", "Resource", "Model")
# Equal ones, those that only differ in capitals, and those beyond the alphabet.
TITLES = ("Alpha", "alpha", "Zebra", "Straße", "STRASSE", "Ünder", "middle", "")
WIDEST = ("", "public", "signed-in", "group:lab", "group:lab, user:ada", "group:ops")
VISIBILITIES = (*WIDEST, "public", "group:lab")


@pytest.fixture
def built(monkeypatch) -> list[Columns]:
    """Every table that was built anew by `columns.current`."""
    made: list[Columns] = []
    build = building.build

    def noted() -> Columns:
        made.append(build())
        return made[-1]

    monkeypatch.setattr(building, "build", noted)
    return made


def table() -> Columns:
    """The present table, without what moves by itself."""
    columns.current()
    return columns._LAST[0].table


class Life:
    """A catalog to which random things happen, each by its own way."""

    def __init__(self, seed: int, root: Path) -> None:
        self.random, self.root = Random(seed), root
        self.files: dict[str, str] = {}
        self.sources = [self.source("one"), self.source("two", widest="group:lab")]
        self.number = 0

    def source(self, name: str, **fields: Any) -> Source:
        place = self.root / name
        place.mkdir()
        (place / "first.yaml").write_text(text_of(document("System", f"{name}-first")))
        source = adding.add_source(str(place), **fields)
        processing.refresh(source)
        return source

    def some(self) -> dict[str, Any]:
        """A document that says anything."""
        pick = self.random.choice
        kind = pick(KINDS)
        notes = {
            "greenroom/tier": pick(("critical", "standard", "")),
            "greenroom/visibility": pick(VISIBILITIES),
        }
        spec: dict[str, Any] = {}
        if kind not in ("Group", "User"):
            spec["owner"] = pick(("lab", "ops", "user:ada", "group:other/lab"))
        if kind in ("Component", "Model"):
            spec["lifecycle"] = pick(("production", "experimental"))
        if kind in ("Component", "Resource", "Group"):
            spec["type"] = pick(("service", "website", "Service"))
        tags = self.random.sample(("a", "b", "c", "d"), self.random.randrange(4))
        title = pick(TITLES)
        made: dict[str, Any] = document(
            kind,
            f"n{self.random.randrange(12)}",
            **({"title": title} if title else {}),
            annotations={key: value for key, value in notes.items() if value},
            tags=tags,
            spec=spec,
        )
        return made

    def declare(self) -> None:
        number = self.random.choice((1, 1, 2, 4))
        text = text_of(*(self.some() for _ in range(number)))
        processing.declare(text, door="test")

    def write(self) -> None:
        """A file comes, changes or goes; entities move and are orphaned."""
        source = self.random.choice(self.sources)
        path = Path(source.target, f"{self.random.randrange(4)}.yaml")
        if path.exists() and self.random.random() < 0.4:
            path.unlink()
            managing.let_vanish(source, None)
            source.may_lose = 99
            source.save()
        else:
            path.write_text(text_of(*(self.some() for _ in range(2))))
        processing.refresh(source)

    def move(self) -> None:
        """A file of one source goes over to the other, as it is."""
        one, other = self.random.sample(self.sources, 2)
        for path in sorted(Path(one.target).glob("[0-9].yaml"))[:1]:
            path.rename(Path(other.target, path.name))
            one.may_lose = 99
            one.save()
            for source in (one, other):
                processing.refresh(source)

    def remove(self) -> None:
        rows = list(Entity.objects.order_by("pk"))
        with processing.locked():
            applying.remove(self.random.choice(rows), CAUSE)

    def decide(self) -> None:
        entity = self.random.choice(list(Entity.objects.order_by("pk")))
        try:
            if self.random.random() < 0.5:
                enriching.say(entity, "data-class", "internal", CAUSE)
            else:
                enriching.take_back(entity, "data-class", CAUSE)
        except enriching.Held:
            pass

    def govern(self) -> None:
        """A source is called otherwise, or is for others."""
        source = self.random.choice(self.sources)
        source.refresh_from_db()
        self.number += 1
        source.name = self.random.choice((source.name, f"Name {self.number}"))
        source.widest = self.random.choice(WIDEST)
        managing.change(source)

    def leave(self) -> None:
        """A source goes, its entities stay or do not; another comes."""
        source = self.sources.pop(0)
        keep = self.random.random() < 0.7
        managing.remove_source(source, None, keep_entities=keep)
        self.number += 1
        self.sources.append(self.source(f"new-{self.number}"))

    def happens(self) -> None:
        often = [self.declare] * 6 + [self.write] * 5 + [self.move] * 2
        often += [self.remove, self.remove, self.decide, self.decide]
        self.random.choice([*often, self.govern, self.leave])()


@pytest.mark.parametrize("seed", range(int(os.environ.get("EXAMPLES", "6"))))
def test_following_is_building_anew(seed, tmp_path, built):
    life, followed = Life(seed, tmp_path), 0
    for _ in range(30):
        before, rebuilt = table(), len(built)
        for _ in range(life.random.choice((1, 1, 1, 3))):
            life.happens()
        after = table()
        followed += after is not before and len(built) == rebuilt
        assert after == building.build()
        built.pop()
    assert followed > 10


def in_order() -> list[str]:
    return [ref.rpartition("/")[2] for ref in table().refs]


@pytest.fixture
def few() -> None:
    declare(*(document(name=name, tags=["old"]) for name in ("b", "d", "f")))
    table()
    declare(document(name="h"))
    table()


@pytest.mark.usefixtures("few")
def test_nothing_is_built_for_a_few(built):
    declare(document(name="a"), document(name="e"))
    assert in_order() == ["a", "b", "d", "e", "f", "h"]
    declare(document(name="a", title="Zed"), document(name="b", tags=["new"]))
    assert in_order() == ["b", "d", "e", "f", "h", "a"]
    with processing.locked():
        applying.remove(get("component:default/d"), CAUSE)
    assert in_order() == ["b", "e", "f", "h", "a"]
    assert not built
    tags = table().bits["tag"]
    assert {value: list(columns.positions_of(tags[value])) for value in tags} == {
        "old": [2],
        "new": [0],
    }


@pytest.mark.usefixtures("few")
def test_who_holds_the_former_table_keeps_it():
    former = table()
    copy = building.build()
    kept = former.keep("names", lambda: list(former.refs))
    declare(document(name="a"), document(name="b", title="Zed", tags=["new"]))
    assert table() is not former and former == copy
    assert former.keep("names", list) is kept
    assert table().keep("names", list) == []
    # Nobody moves, and yet what was kept could rest on what changed.
    table().keep("more", lambda: [1])
    declare(document(name="b", title="Zed", tags=["newer"]))
    assert table().keep("more", list) == []


@pytest.mark.usefixtures("few")
def test_who_may_see_follows_at_once(built):
    stranger = Viewer()
    hidden = document(name="b", annotations=seen_by("group:lab"))
    opened = document(name="b", annotations={"greenroom/visibility": "public"})
    in_lab = Viewer(signed_in=True, principals=frozenset({"group:default/lab"}))
    in_ops = Viewer(signed_in=True, principals=frozenset({"group:default/ops"}))
    at = 1 << in_order().index("b")
    assert table().visible_to(in_ops) & at
    declare(hidden)
    assert [bool(table().visible_to(v) & at) for v in (stranger, in_ops, in_lab)] == [
        False,
        False,
        True,
    ]
    declare(opened)
    assert table().visible_to(stranger) & at
    assert not built


@pytest.mark.usefixtures("few")
def test_what_says_nothing_of_entities_keeps_the_table(built):
    former = table()
    generation.advance(())
    assert table() is former and not built


def by_hand(steps: int) -> None:
    for _ in range(steps):
        generation.advance([get("component:default/b").pk])


def forget(steps: int) -> None:
    by_hand(steps)
    Advance.objects.filter(generation=generation.current()).delete()
    generation.advance(())


def restore() -> None:
    """As of a backup, from before steps were remembered."""
    Advance.objects.all().delete()
    CatalogState.objects.update(generation=7)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    "odd",
    [
        generation.advance,
        lambda: generation.advance(range(generation.MOST_TOUCHED + 1)),
        lambda: forget(2),
        restore,
        lambda: declare(
            *(document(name=f"x{n}") for n in range(patching._MOST_MOVED + 1))
        ),
    ],
    ids=["anything", "too many", "a step is missing", "a backup", "many move"],
)
def test_what_is_odd_is_built_anew(odd: Callable[[], object], built):
    Entity.objects.filter(name="b").update(title="By hand")
    odd()
    assert table().titles["component:default/b"] == "By hand"
    assert len(built) == 1


@pytest.mark.usefixtures("few")
def test_who_asks_for_an_older_generation_gets_the_last_table(built):
    with generation.read_once():
        number = generation.current()
        # Another request has another context, and does not clear what is read here.
        Context().run(lambda: (declare(document(name="a")), table()))
        assert generation.current() == number
        assert in_order()[0] == "a"
    assert not built


@pytest.mark.usefixtures("few")
def test_a_step_that_was_rolled_back_is_not_followed(built):
    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        declare(document(name="phantom"))
        assert "phantom" in in_order()
        raise Stop
    declare(document(name="real"))
    declare(document(name="more"))
    assert in_order() == ["b", "d", "f", "h", "more", "real"]
    assert len(built) == 1


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("step", [lambda: None, generation.advance])
def test_a_change_between_two_readings_is_read_whole(step, monkeypatch, built):
    """Of the rows it would come too late, of the attributes not."""
    declare(document(name="b", tags=["first"]))
    step()
    read, turns = building.rows_of, iter([1])

    def rows_of(*keys: Any) -> list[building.Row]:
        rows = read(*keys)
        for _ in turns:
            declare(document(name="b", title="Zed", tags=["last"]))
        return rows

    monkeypatch.setattr(building, "rows_of", rows_of)
    found = table()
    assert len(built) == (step is generation.advance)
    assert found == building.build()
    assert found.titles["component:default/b"] == "Zed"


def everybody(turn: int) -> None:
    """Eight entities get the same new tag at once, and other titles."""
    tags, first = [f"t{turn}"], turn * 7 % 10
    names = [f"n{number}" for number in range(8)]
    declare(*(document(name=n, tags=tags, title=f"{first}{n}") for n in names))


@pytest.mark.django_db(transaction=True)
def test_many_threads_never_see_half_a_change():
    """A table that was made of two generations would show titles beside other tags."""
    everybody(0)
    declare(document(name="other"))
    table()

    def write(_: int) -> int:
        try:
            for turn in range(1, 25):
                everybody(turn)
            return 0
        finally:
            connection.close()

    def read(_: int) -> int:
        try:
            seen = set()
            while "t24" not in (found := columns.current()).bits["tag"]:
                ((tag, bits),) = found.bits["tag"].items()
                assert (bits.bit_count(), len(found.keys)) == (8, 9)
                titled = {title[0] for title in found.titles.values()}
                assert titled == {str(int(tag[1:]) * 7 % 10), "o"}
                seen.add(tag)
            return len(seen)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(write, 0)
        seen = list(pool.map(read, range(3)))
        assert writing.result() == 0
    assert max(seen) > 1
    assert table() == building.build()
