"""Another Backstage as a source: what comes in, what costs nothing, what is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.entities import dialect, findings
from catalog.entities.models import Entity, Relation
from catalog.sources import adding, processing
from catalog.sources.models import Source
from catalog.sources.provider import provider_of
from catalog.sources.providers import backstage as provided
from tests.catalog.backstages import Backstage, backstage
from tests.catalog.documents import document, get, refs_of, seen_by, viewer

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
LIST, REFS = "/entities/by-query", "/entities/by-refs"
CHAT: dict[str, Any] = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {
        "annotations": {"backstage.io/techdocs-ref": "dir:."},
        "tags": ["a"],
        "name": "chat",
        "namespace": "team",
        "ours": {"extra": 1},
        "description": "One\ntwo",
    },
    "spec": {"type": "website", "lifecycle": "production", "owner": "lab"},
}
CHAT_TEXT = (
    "apiVersion: backstage.io/v1alpha1\n"
    "kind: Component\n"
    "metadata:\n"
    "  name: chat\n"
    "  namespace: team\n"
    "  description: |-\n    One\n    two\n"
    "  annotations:\n"
    "    greenroom/backstage-managed-by-location: url:https://forge.lab/a.yaml\n"
    "    greenroom/backstage-managed-by-origin-location:"
    " url:https://forge.lab/b.yaml\n"
    "    backstage.io/techdocs-ref: dir:.\n"
    "    greenroom/backstage-uid: uid-of-component:team/chat\n"
    "  tags:\n  - a\n"
    "  ours:\n    extra: 1\n"
    "spec:\n  type: website\n  lifecycle: production\n  owner: lab\n"
)


@pytest.fixture
def other() -> Iterator[Backstage]:
    with backstage() as made:
        made.put(document(name="web", spec={"dependsOn": ["component:store"]}))
        made.put(document(name="store"))
        made.put(document("Group", "lab"))
        yield made


def source_of(other: Backstage, **fields: Any) -> Source:
    return adding.add_source(other.url, provider="backstage", **fields)


def read(other: Backstage, **fields: Any) -> Source:
    source = source_of(other, **fields)
    outcome = processing.refresh(source)
    assert not outcome.error and not outcome.refused, outcome
    return source


def test_what_comes_in(other):
    other.put(CHAT)
    read(other)
    row = get("component:team/chat")
    assert row.path == "component/team/chat"
    assert row.text == CHAT_TEXT
    final = dialect.build(row.final, 1, None)["metadata"]
    assert final["uid"] == str(row.identity.uid)
    where = final["annotations"]["backstage.io/managed-by-location"]
    assert where == "backstage:component/team/chat"
    edges = set(Relation.objects.values_list("source_ref", "type", "target_ref"))
    assert ("component:default/web", "dependsOn", "component:default/store") in edges
    assert ("component:team/chat", "ownedBy", "group:team/lab") in edges


def test_what_is_unchanged_is_not_even_fetched(other):
    source = read(other)
    assert other.routes() == [LIST, LIST, REFS]
    assert processing.refresh(source).unchanged == 3
    assert other.routes() == [LIST]
    other.put(document(name="store", title="New"))
    del other.entities["group:default/lab"]
    other.put(document(name="late"))
    outcome = processing.refresh(source)
    assert (outcome.added, outcome.changed, outcome.removed) == (1, 1, 1)
    (_, _, listed), (method, _, asked) = other.asked
    assert method == "POST" and listed["fields"]
    wanted = ["component:default/late", "component:default/store"]
    assert sorted(asked["entityRefs"]) == wanted


def test_nothing_is_ever_written_there(other):
    source = read(other)
    processing.refresh(source)
    written = [r for m, r, _ in other.asked if m != "GET" and (m, r) != ("POST", REFS)]
    assert not written


def test_pages_are_followed_and_batches_bounded(other, monkeypatch):
    monkeypatch.setattr(provided, "BATCH", 4)
    other.most = 3
    for number in range(20):
        other.put(document(name=f"c-{number}"))
    source = source_of(other)
    other.routes()
    assert processing.refresh(source).added == 23
    batches = [asked["entityRefs"] for _, route, asked in other.asked if route == REFS]
    assert [len(batch) for batch in batches] == [4, 4, 4, 4, 4, 3]
    assert len({ref for batch in batches for ref in batch}) == 23
    assert other.routes().count(LIST) == 8


def test_only_the_kinds_of_the_source_are_asked_for(other):
    source = read(other, kinds="Component API")
    assert refs_of(Entity.objects.all()) == {
        "component:default/web",
        "component:default/store",
    }
    asked = [question.get("filter") for _, _, question in other.asked]
    assert ["kind=component,kind=api"] in asked
    assert provider_of(source).reading().startswith("Component, API; over /api/catalog")


def test_locations_stay_there_and_unknown_kinds_come(other):
    other.put(document("Location", "lab", spec={"targets": ["./people.yaml"]}))
    other.put(document("Template", "make", spec={"owner": "lab", "steps": [1]}))
    source = read(other)
    assert not Entity.objects.filter(kind="Location")
    assert get("template:default/make").owner == "group:default/lab"
    assert [f.code for f in source.findings.all()] == ["unknown-kind"]


def test_an_old_one_without_pages_and_by_refs(other):
    other.old |= {LIST, REFS}
    other.put(document(name="c.x"))
    source = read(other)
    assert Entity.objects.count() == 4
    assert processing.refresh(source).unchanged == 4
    assert other.routes()[-2:] == [LIST, "/entities"]


def test_complaints_of_the_other_side_are_warnings(other):
    token = "ghp_" + "kZ3vQ9xT7mWc5Rb2Ly8N" + "4Hs6JdPf1GaE0uKi"
    items = [
        {"level": "error", "type": "x", "message": f"cannot read\nthat {token}"},
        {"level": "info", "type": "x", "message": "all is well"},
        "odd",
    ]
    other.put(document(name="store"), status={"items": items})
    source = read(other)
    (finding,) = source.findings.all()
    assert (finding.severity, finding.subject) == ("warning", "component:default/store")
    assert "cannot read that" in finding.message
    assert token not in finding.message and "well" not in finding.message
    # Its text is the same when they are gone, and they go all the same.
    other.put(document(name="store"))
    assert processing.refresh(source).unchanged == 3
    assert not source.findings.all()


def test_relations_that_are_not_made_here_are_told_without_the_other_end(other):
    relations = [
        {"type": "ownedBy", "targetRef": "group:default/lab"},
        {"type": "dependencyOf", "targetRef": "component:default/hidden"},
        {"type": "ingestedBy", "targetRef": "component:default/hidden"},
        {"type": "partOf", "targetRef": "system:default/hidden"},
        {"type": "partOf", "target": {"kind": "System", "name": "hidden"}},
    ]
    other.put(document(name="store"), relations=relations)
    source = read(other)
    told = [finding.message for finding in source.findings.all()]
    assert len(told) == 2
    assert any("'ingestedBy'" in text for text in told)
    assert any("'partOf'" in text for text in told)
    assert not any("hidden" in text for text in told)


def test_an_entity_that_changes_or_goes_while_it_is_read(other):
    source = source_of(other)

    def meanwhile(route: str) -> None:
        if route == REFS:
            other.put(document(name="store", title="Newer"))
            other.entities.pop("group:default/lab", None)

    other.before = meanwhile
    assert processing.refresh(source).added == 2
    assert get("component:default/store").title == "Newer"
    other.before = lambda route: None
    other.routes()
    assert processing.refresh(source).unchanged == 2
    assert other.routes() == [LIST]


def test_who_sees_it_is_bounded_by_the_source(other):
    other.put(document("User", "ada", spec={"memberOf": ["lab"]}))
    other.put(document("User", "bob"))
    other.put(document(name="bobs", annotations=seen_by("user:bob")))
    broken = {"items": [{"level": "error", "message": "zebrafinch"}]}
    other.put(document(name="store"), status=broken)
    read(other, widest="group:lab")
    ada = viewer("user:default/ada")
    seen = refs_of(Entity.objects.visible_to(ada))
    assert "component:default/web" in seen and "component:default/bobs" not in seen
    bob = viewer("user:default/bob")
    assert "component:default/web" not in refs_of(Entity.objects.visible_to(bob))
    assert findings.shown_to(ada) and not findings.shown_to(bob)


def test_people_only_where_the_source_may(other):
    outcome = processing.refresh(source_of(other, people=False))
    assert (outcome.added, outcome.refused) == (2, 1)
    assert "Group may not be declared" in outcome.problems[0].message


def test_what_is_refused_leaves_its_neighbours(other):
    other.put(document(name="Bad Name"))
    other.put(document(name="odd", tags=["Not A Tag"]))
    other.put(document(name="half", description="\ud800\x00"))
    outcome = processing.refresh(source_of(other))
    assert (outcome.added, outcome.refused) == (3, 3)


@pytest.mark.parametrize(
    "given",
    ["{}", "{}/", "{}/api/catalog", "{}/api/catalog/", "{}/api/catalog/entities?x=1"],
)
def test_the_address_has_one_spelling(other, given):
    source = adding.add_source(given.format(other.url), provider="backstage")
    assert source.target == other.url
    assert adding.add_source(f"{other.url}/api/catalog").pk == source.pk


def test_what_only_looks_like_one_is_none(other, tmp_path):
    folder = tmp_path / "api" / "catalog"
    folder.mkdir(parents=True)
    assert adding.source_for(str(folder)).provider == "folder"
    url = f"{other.url}/api/catalog"
    assert adding.source_for(url, provider="url").provider == "url"
    assert adding.source_for(url).provider == "backstage"


def test_a_preview_takes_nothing(other):
    outcome = adding.dry_run(other.url, provider="backstage")
    assert outcome.added == 3
    assert not Entity.objects.exists() and not Source.objects.exclude(target="")
