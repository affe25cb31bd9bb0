"""Searching: facets, sorts, pages and views, against a count in plain Python."""

from __future__ import annotations

import random
from collections import Counter
from operator import attrgetter
from typing import Any

import pytest
from django.http import QueryDict

from catalog.entities import findings
from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.query.fields import FIELDS
from catalog.query.search import Search
from tests.catalog.documents import declare, document, seen_by, viewer

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
STRANGER = Viewer(signed_in=True)


def run(query: str = "", by: Viewer = EVERYTHING) -> Any:
    return Search.from_params(QueryDict(query)).run(by)


def names(query: str = "", by: Viewer = EVERYTHING) -> list[str]:
    return [row.name for row in run(query, by).rows]


def facet(results: Any, key: str) -> dict[str, int]:
    found = {f.key: f for f in results.facets}
    return {v.value: v.count for v in found[key].values} if key in found else {}


def random_catalog(chance: random.Random, size: int) -> list[Any]:
    owners = ["lab", "speech", "gone", "user:ada"]
    kinds = ["Component", "Model", "Resource", "System"]
    made = []
    for number in range(size):
        annotations = {}
        if chance.random() < 0.6:
            annotations["greenroom/tier"] = chance.choice(["critical", "standard"])
        if chance.random() < 0.3:
            annotations |= seen_by(chance.choice(["speech", "user:ada", "public", "x"]))
        tags = chance.sample(["a", "b", "c"], chance.randint(0, 3))
        spec = {"owner": chance.choice(owners)}
        kind = chance.choice(kinds)
        if kind == "Component":
            spec["type"] = chance.choice(["service", "agent"])
        made.append(
            document(kind, f"n{number}", annotations=annotations, tags=tags, spec=spec)
        )
    return made


def values_of(entity: Entity, key: str) -> list[str]:
    """What an entity has in a field, read from its document and row."""
    if key == "tag":
        return entity.metadata.get("tags") or []
    value = attrgetter(FIELDS[key].column.replace("__", "."))(entity)
    spared = not value and entity.kind in findings.NEED_NO_OWNER
    return [] if spared else [value]


QUERIES = [
    {},
    {"kind": ["Component"]},
    {"kind": ["Component", "Model"], "tag": ["a"]},
    {"owner": ["group:default/lab"], "tier": ["critical"]},
    {"tier": [""], "tag": ["a", "b"]},
    {"owner": ["lab", "user:ada"], "kind": ["Resource"], "type": ["host"]},
    {"kind": ["Nonsense"]},
]


@pytest.mark.parametrize("seed", range(3))
def test_facets_count_what_choosing_a_value_would_show(seed):
    chance = random.Random(seed)
    declare(
        document("Group", "lab"),
        document("Group", "speech", spec={"members": ["ada"]}),
        document("User", "ada"),
        *random_catalog(chance, 60),
    )
    for by in (EVERYTHING, STRANGER, viewer("user:default/ada"), Viewer()):
        rows = list(Entity.objects.visible_to(by))
        for query in QUERIES:
            check_counts(rows, query, by)


def check_counts(rows: list[Entity], query: dict[str, list[str]], by: Viewer) -> None:
    params = QueryDict(mutable=True)
    full = {"lab": "group:default/lab", "user:ada": "user:default/ada"}
    wanted = {}
    for key, values in query.items():
        params.setlist(key, values)
        wanted[key] = {full.get(v, v) for v in values}

    def fits(row: Entity, ignored: str = "") -> bool:
        return all(
            key == ignored or wanted[key] & set(values_of(row, key)) for key in wanted
        )

    results = Search.from_params(params).run(by)
    assert results.total == sum(fits(row) for row in rows)
    assert all(fits(row) for row in results.rows)
    for key in ("kind", "type", "owner", "tier", "tag"):
        counted = Counter(
            value
            for row in rows
            if fits(row, ignored=key)
            for value in values_of(row, key)
            if value or FIELDS[key].empty
        )
        shown = {k: n for k, n in facet(results, key).items() if n}
        assert shown == dict(counted), (key, query)


def test_a_facet_offers_what_is_chosen_even_without_hits():
    declare(document(), document("Model", "m"))
    results = run("kind=Model&type=service")
    assert (results.total, facet(results, "type")["service"]) == (0, 0)
    assert [(c.key, c.value) for c in results.chips] == [
        ("kind", "Model"),
        ("type", "service"),
    ]


def test_nothing_of_the_hidden_is_counted_or_named():
    secret = document(
        "Group", "board", title="The Board", annotations=seen_by("user:x")
    )
    hidden = document(
        name="h", title="Hidden", tags=["secret"], annotations=seen_by("user:x")
    )
    declare(secret, hidden, document(spec={"owner": "board"}))
    results = run("", STRANGER)
    assert results.total == 1
    assert facet(results, "tag") == {}
    (owner,) = next(f for f in results.facets if f.key == "owner").values
    assert owner.label == results.titles["group:default/board"] == "group:board"
    assert run("q=hidden", STRANGER).total == 0
    assert run("q=hidden").total == 1
    assert facet(run(""), "owner")["group:default/board"] == 1
    assert run("").titles["group:default/board"] == "The Board"


def test_sorting():
    declare(
        document(name="b", title="Äther", spec={"owner": "zoo"}),
        document(
            name="a", title="beta", spec={"lifecycle": "deprecated", "owner": "lab"}
        ),
        document("Model", "c", title="Alpha", spec={"owner": "user:yak"}),
        document("Widget", "d", spec={}),
    )
    declare(document("Group", "zoo", title="Aardvarks"))
    some = "&kind=Component&kind=Model&kind=Widget"
    assert names(some) == ["c", "a", "d", "b"]
    assert names("sort=-title" + some) == ["b", "d", "a", "c"]
    assert names("sort=kind" + some) == ["a", "b", "c", "d"]
    # By the name of the owner, since the title of a hidden one must not show.
    assert names("sort=owner" + some) == ["a", "c", "b", "d"]
    assert names("sort=lifecycle" + some)[-1] == "d"
    declare(document(name="a", title="beta"))
    assert names("sort=-changed" + some)[0] == "a"


def test_paging():
    declare(*(document(name=f"n{n:03}") for n in range(65)))
    first, last, beyond = run(), run("page=3"), run("page=99")
    assert (first.total, first.pages, len(first.rows)) == (65, 3, 30)
    assert [row.name for row in last.rows] == [f"n{n:03}" for n in range(60, 65)]
    assert beyond.page == 3 and beyond.rows == last.rows
    assert names("page=2")[0] == "n030"
    assert names("page=2&q=n0&sort=-title")[0] == "n034"


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=x",
        "page=²",
        "page=" + "9" * 6000,
        "sort=nonsense",
        "sort=--title",
        "sort=-",
        "view=x",
        "kind=%00",
        "q=%00",
        "q=" + "a%20" * 3000,
        "owner=%20%20",
        "owner=a:b:c:",
        "tier=" + "x" * 9000,
    ],
    ids=lambda query: query[:20],
)
def test_any_address_is_answered(query):
    declare(document())
    assert run(query).page == 1


def test_words_and_filters_together():
    declare(
        document(name="whisper-a", tags=["x"]),
        document(name="whisper-b"),
        document(name="other", description="like whisper", tags=["x"]),
    )
    results = run("q=whisper&tag=x")
    assert [row.name for row in results.rows] == ["whisper-a", "other"]
    assert facet(results, "tag") == {"x": 2}
    assert run("q=%20").total == 3


def test_mine_is_what_i_and_my_groups_own():
    declare(
        document("Group", "lab", spec={"children": ["speech"]}),
        document("Group", "speech", spec={"members": ["ada"]}),
        document("User", "ada", spec={"memberOf": []}),
        document(name="a", spec={"owner": "speech"}),
        document(name="b", spec={"owner": "lab"}),
        document(name="c", spec={"owner": "user:ada"}),
        document(name="d", spec={"owner": "other"}),
    )
    ada = viewer("user:default/ada")
    assert names("view=mine", ada) == ["a", "b", "c"]
    assert run("", ada).views["mine"] == 3
    assert run("view=mine", Viewer(signed_in=True)).total == 0


def test_attention_shows_the_broken_the_unowned_and_the_dangling():
    declare(
        document("Group", "lab"),
        document(name="good"),
        document(name="unowned", spec={"owner": "gone"}),
        document(name="dangling", spec={"dependsOn": ["component:gone"]}),
        document(name="hidden", spec={"owner": "no"}, annotations=seen_by("user:x")),
    )
    Entity.objects.filter(name="lab").update(orphan_since="2026-01-01T00:00Z")
    declare(document(name="more"))
    assert names("view=attention", STRANGER) == ["dangling", "lab", "unowned"]
    assert run("view=attention").total == 4
    assert run().views["attention"] == 4
    unowned = {row.name for row in findings.unowned(STRANGER)}
    assert unowned <= set(names("view=attention", STRANGER))


def test_capitals_of_a_filter_do_not_matter():
    declare(document(name="a", spec={"type": "Model-Server"}))
    found = run("kind=component&type=model-server&owner=LAB")
    assert [row.name for row in found.rows] == ["a"]
    kinds = next(facet for facet in found.facets if facet.key == "kind")
    assert [(v.value, v.selected) for v in kinds.values] == [("Component", True)]
