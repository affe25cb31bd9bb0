"""Relations: pairs both ways, once each, with what is missing or hidden."""

from __future__ import annotations

import pytest

from catalog.entities import relations
from catalog.entities.models import Relation
from catalog.entities.viewer import EVERYTHING, Viewer
from tests.catalog.documents import declare, document, seen_by

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
STRANGER = Viewer(signed_in=True)


def edges(ref: str, viewer: Viewer = EVERYTHING) -> set[tuple[str, str, bool]]:
    """(type, other end, is the other end there?)"""
    return {
        (edge.type, edge.other, edge.entity is not None)
        for edge in relations.of(ref, viewer)
    }


PAIRS = [
    ("Component", "owner", "Group", "ownedBy", "ownerOf"),
    ("Component", "system", "System", "partOf", "hasPart"),
    ("System", "domain", "Domain", "partOf", "hasPart"),
    ("Domain", "subdomainOf", "Domain", "partOf", "hasPart"),
    ("Component", "subcomponentOf", "Component", "partOf", "hasPart"),
    ("Component", "providesApis", "API", "providesApi", "apiProvidedBy"),
    ("Component", "consumesApis", "API", "consumesApi", "apiConsumedBy"),
    ("Component", "dependsOn", "Resource", "dependsOn", "dependencyOf"),
    ("Resource", "dependsOn", "Component", "dependsOn", "dependencyOf"),
    ("Component", "dependencyOf", "Component", "dependencyOf", "dependsOn"),
    ("Group", "parent", "Group", "childOf", "parentOf"),
    ("Group", "children", "Group", "parentOf", "childOf"),
    ("Group", "members", "User", "hasMember", "memberOf"),
    ("User", "memberOf", "Group", "memberOf", "hasMember"),
    ("Component", "serves", "Model", "serves", "servedBy"),
    ("Component", "runsOn", "Resource", "runsOn", "hosts"),
    ("Model", "baseModel", "Model", "derivedFrom", "baseOf"),
    ("Model", "trainingData", "Resource", "usesData", "dataUsedBy"),
    ("Eval", "evaluates", "Model", "evaluates", "evaluatedBy"),
    ("Eval", "dataset", "Resource", "usesData", "dataUsedBy"),
]
LISTS = {"providesApis", "consumesApis", "dependsOn", "dependencyOf", "children"}
LISTS |= {"members", "memberOf", "serves", "trainingData", "evaluates"}


@pytest.mark.parametrize(("kind", "field", "other", "there", "back"), PAIRS)
def test_each_field_gives_an_edge_both_ways(kind, field, other, there, back):
    target = f"{other.lower()}:default/far"
    spec = {field: [target] if field in LISTS else target}
    declare(document(kind, "near", spec=spec), document(other, "far"))
    assert (there, target, True) in edges(f"{kind.lower()}:default/near")
    assert (back, f"{kind.lower()}:default/near", True) in edges(target)


WITH_DEFAULT = [
    (kind, field, other, there)
    for kind, field, other, there, _ in PAIRS
    if field not in ("dependsOn", "dependencyOf")
]


@pytest.mark.parametrize(("kind", "field", "other", "there"), WITH_DEFAULT)
def test_a_reference_without_a_kind_has_the_default_of_its_field(
    kind, field, other, there
):
    declare(document(kind, "near", spec={field: ["far"] if field in LISTS else "far"}))
    target = f"{other.lower()}:default/far"
    assert (there, target, False) in edges(f"{kind.lower()}:default/near")


def test_an_edge_that_both_ends_declare_is_one_edge():
    declare(
        document("Group", "lab", spec={"members": ["ada"]}),
        document("User", "ada", spec={"memberOf": ["lab"]}),
    )
    assert Relation.objects.count() == 2
    assert [e.type for e in relations.of("user:default/ada", EVERYTHING)] == [
        "memberOf"
    ]
    assert edges("group:default/lab") == {("hasMember", "user:default/ada", True)}


def test_the_same_target_twice_is_one_edge_and_oneself_is_none():
    targets = ["component:b", "Component:default/B", "component:web"]
    declare(document(spec={"dependsOn": targets}))
    found = {e for e in edges("component:default/web") if e[0] == "dependsOn"}
    assert found == {("dependsOn", "component:default/b", False)}


def test_a_short_reference_lies_in_the_same_namespace():
    declare(document("Component", "web", namespace="it", spec={"system": "shop"}))
    assert ("partOf", "system:it/shop", False) in edges("component:it/web")


def test_a_dangling_target_is_kept_and_found_when_it_appears():
    declare(document(spec={"runsOn": "node-01"}))
    assert ("runsOn", "resource:default/node-01", False) in edges(
        "component:default/web"
    )
    declare(document("Resource", "Node-01"))
    assert ("runsOn", "resource:default/node-01", True) in edges(
        "component:default/web"
    )


def test_unknown_kinds_still_have_an_owner_and_dependencies():
    spec = {"owner": "lab", "dependsOn": ["resource:a", 5], "system": {"no": 1}}
    declare(document("Widget", "w", spec=spec))
    assert edges("widget:default/w") == {
        ("ownedBy", "group:default/lab", False),
        ("dependsOn", "resource:default/a", False),
    }


def test_a_changed_document_forgets_its_former_edges():
    declare(document(spec={"runsOn": "a"}))
    declare(document(spec={"runsOn": "b"}))
    assert {e[1] for e in edges("component:default/web") if e[0] == "runsOn"} == {
        "resource:default/b"
    }


def test_a_hidden_target_looks_like_a_missing_one():
    secret = seen_by("user:nobody")
    declare(
        document(spec={"dependsOn": ["component:hidden", "component:missing"]}),
        document(name="hidden", annotations=secret),
    )
    wanted = {
        ("dependsOn", "component:default/hidden", False),
        ("dependsOn", "component:default/missing", False),
    }
    assert wanted <= edges("component:default/web", STRANGER)


def test_edges_that_a_hidden_entity_declares_do_not_exist():
    secret = seen_by("user:nobody")
    hidden = document(
        name="h", annotations=secret, spec={"dependsOn": ["component:web"]}
    )
    declare(document(), hidden)
    dependencies = {
        e for e in edges("component:default/web", STRANGER) if "depend" in e[0]
    }
    assert dependencies == set()
    assert ("dependencyOf", "component:default/h", True) in edges(
        "component:default/web"
    )
    assert edges("component:default/h", STRANGER) == set()


def test_neighbours_cost_two_queries_however_many(django_assert_num_queries):
    declare(
        *(
            document(name=f"c{n}", spec={"dependsOn": ["component:c0"]})
            for n in range(9)
        )
    )
    with django_assert_num_queries(2):
        relations.around({f"component:default/c{n}" for n in range(9)}, EVERYTHING)
