"""The export to Backstage: what it takes, what it names, and what nobody may read."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog.entities.models import Entity
from catalog.sources import applying, enriching, processing
from catalog.sources.applying import Cause
from portal.example import HOMELAB
from portal.projections.naming import digest
from portal.projections.profile import PROFILES
from portal.projections.profiles.stock import without_placeholders
from portal.projections.projection import Changed
from portal.projections.targets import backstage
from tests.catalog.documents import declare, document, seen_by
from tests.portal.projected import (
    OURS,
    SIGNED_IN,
    STRANGER,
    complaints,
    documents,
    everything,
    export,
)

pytestmark = pytest.mark.django_db
FINANCE = "group:default/finance"
LAB = document("Group", "lab")


HOSTILE = (
    LAB,
    document("Resource", "bge"),
    document("Model", "bge", title="BAAI/bge-m3:latest", description="x" * 5000),
    document("Model", "base"),
    document(
        "Model",
        "tuned",
        spec={
            "baseModel": "base",
            "trainingData": ["resource:data"],
            "versions": [
                {"version": "1", "stage": "production", "evals": ["q", "gone"]}
            ],
        },
    ),
    document("Eval", "q", spec={"evaluates": ["tuned", "component:web"]}),
    document(
        name="web",
        description="Ünïcode 模型: # - 'x'\nand a line\n",
        labels={"a": "1.0"},
        annotations={"example.org/number": "012", "example.org/on": "no"},
        spec={
            "serves": ["bge"],
            "runsOn": "node-1",
            "dependsOn": ["component:ring", "component:nowhere"],
        },
    ),
    document(name="ring", spec={"dependsOn": ["component:web"]}),
    document("Resource", "node-1"),
    document("Resource", "123"),
    document(
        "API",
        "tools",
        spec={
            "type": "mcp-server",
            "definition": ...,
            "remotes": [{"type": "streamable-http", "url": "http://x.lan/mcp"}],
        },
    ),
    document("API", "old-tools", spec={"type": "mcp-server"}),
    document("Location", "more", spec={"targets": ["./a.yaml"]}),
    document(
        "AiResource",
        "skill",
        spec={"type": "skill", "lifecycle": "production", "owner": "lab"},
    ),
)


@pytest.fixture
def hostile() -> None:
    """What is valid here and strains the other side."""
    declare(*HOSTILE)


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("viewer", ["all", "stranger", "signed-in"])
def test_every_document_is_one_that_backstage_takes(hostile, profile, viewer):
    who = {"stranger": STRANGER, "signed-in": SIGNED_IN}.get(viewer)
    found = (
        everything(profile, who, "https://lab.example/") if who else everything(profile)
    )
    assert bool(found) is (viewer != "stranger")
    more = OURS if profile == "native" else ()
    assert not [(ref, told) for ref in found if (told := complaints(found[ref], *more))]


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_example_goes_out_whole(profile):
    text = "---\n".join(path.read_text() for path in sorted(HOMELAB.rglob("*.yaml")))
    assert not processing.declare(text, door="test").refused
    more = OURS if profile == "native" else ()
    found = everything(profile)
    assert [complaints(one, *more) for one in found.values()] == [[]] * len(found)
    left = [one.ref for one in export(profile).left_out() if one.is_whole]
    assert left == ["location:default/homelab"]
    assert len(found) + 1 == Entity.objects.count()


def test_our_relations_become_dependencies(hostile):
    found = everything()
    bge = f"bge-{digest('model:default/bge bge')}"
    assert found["component:web"]["spec"]["dependsOn"] == [
        "component:default/ring",
        "component:default/nowhere",
        f"resource:default/{bge}",
        "resource:default/node-1",
    ]
    tuned = found["resource:tuned"]["spec"]
    assert tuned["type"] == "ai-model" and tuned["modelType"] == "llm"
    assert tuned["dependsOn"] == ["resource:default/base", "resource:default/data"]
    assert found["resource:q"]["spec"]["type"] == "ai-eval"
    assert found["resource:q"]["spec"]["dependsOn"] == [
        "resource:default/tuned",
        "component:default/web",
    ]
    model = found[f"resource:{bge}"]["metadata"]
    assert model["title"] == "BAAI/bge-m3:latest" and len(model["description"]) == 5000
    assert model["annotations"]["greenroom/ref"] == "Model:default/bge"
    assert found["resource:bge"]["spec"]["type"] == "host"


def test_tools_have_both_remotes_and_a_definition(hostile):
    tools = everything()["api:tools"]["spec"]
    assert tools["remotes"] and "http://x.lan/mcp" in tools["definition"]


def test_an_ai_resource_has_what_its_type_needs():
    head = {"lifecycle": "production", "owner": "lab"}
    rule = {**head, "type": "rule", "category": "style", "rationale": "Plain."}
    declare(
        LAB,
        document("AiResource", "kit", spec={**head, "type": "plugin", "skills": ["x"]}),
        document("AiResource", "shop", spec={**head, "type": "marketplace"}),
        document("AiResource", "plain", spec=rule),
        document("AiResource", "loud", spec={**rule, "rationale": ""}),
        document("AiResource", "odd", spec={**head, "type": ["skill"]}),
    )
    found = everything("ai-model", SIGNED_IN)
    assert found.keys() == {"group:lab", "airesource:kit", "airesource:plain"}
    assert found["airesource:kit"]["spec"]["skills"] == []
    told = export("ai-model", SIGNED_IN).left_out()
    reasons = {left.ref: left.reason for left in told if left.is_whole}
    assert "needs spec.plugins, a list" in reasons["airesource:default/shop"]
    assert "needs spec.rationale, a text" in reasons["airesource:default/loud"]


def test_what_does_not_go_out_is_told_with_the_reason(hostile):
    stock = {one.ref: one for one in export().left_out()}
    assert stock["location:default/more"].is_whole
    assert "AiResource" in stock["airesource:default/skill"].reason
    with_module = export("ai-model")
    left = {one.ref: one.reason for one in with_module.left_out() if one.is_whole}
    assert set(left) == {"location:default/more", "api:default/old-tools"}
    assert "spec.remotes" in left["api:default/old-tools"]
    assert "airesource:skill" in everything("ai-model")
    assert "api:old-tools" not in everything("ai-model")
    place = "entities/default/api/old-tools.yaml"
    assert with_module.render(place) is None and export().render(place)


def test_our_own_form_loses_nothing(hostile):
    found = everything("native")
    for entity in Entity.objects.exclude(kind__in=["Location", "AiResource"]):
        one = found[f"{entity.kind}:{entity.name}".lower()]
        if entity.name == "tools":
            # Without a definition a plain Backstage would drop it.
            assert one["spec"].pop("definition")
        assert one == entity.data
    assert '"serves"' in PROFILES["native"].settings()


def test_what_was_decided_here_goes_out():
    declare(LAB, document(name="web"))
    web = Entity.objects.get(ref="component:default/web")
    enriching.say(web, "tier", "critical", Cause("test"))
    annotations = everything()["component:web"]["metadata"]["annotations"]
    assert annotations["greenroom/tier"] == "critical"


def test_documents_are_pointed_to_in_their_repository():
    ref, source = "backstage.io/techdocs-ref", "backstage.io/source-location"
    git = "url:https://git.lab.example/a/b/tree/main/"
    declare(
        LAB,
        document(name="one", annotations={ref: "dir:./docs", source: git}),
        document(name="two", annotations={ref: "dir:."}),
        document(name="three", annotations={ref: git}),
    )
    found = everything()

    def given(name: str) -> str | None:
        there: dict[str, str] = found[f"component:{name}"]["metadata"]["annotations"]
        return there.get(ref)

    assert given("one") == f"{git}docs/"
    assert given("two") is None and given("three") == git
    told = [one.ref for one in export().left_out()]
    assert told == ["component:default/two"]


def test_backstage_is_never_told_to_fetch_what_a_document_names():
    given = {"more": [{"$text": "http://x"}], "a": {"$ref": "#/x"}, "b": {"$json": 1}}
    assert without_placeholders(given) == {
        "more": ['{"$text": "http://x"}'],
        "a": {"$ref": "#/x"},
        "b": '{"$json": 1}',
    }


def test_links_that_no_browser_takes_are_left_out():
    urls = ("https://a b/", "https://1.2.3.4.5/", "http://x:99999/", "https://ok.lan/x")
    declare(LAB, document(name="a", links=[{"url": url} for url in urls]))
    links = everything("stock", SIGNED_IN, "https://lab.example/")["component:a"]
    assert [link["url"] for link in links["metadata"]["links"]] == [
        "https://ok.lan/x",
        "https://lab.example/catalog/default/component/a/",
    ]


HIDDEN = seen_by(FINANCE)
SECRET = (
    document("Group", "finance", annotations=HIDDEN),
    document("Model", "ledger", annotations=HIDDEN),
    document("Eval", "ledger-check", annotations=HIDDEN),
    document(
        "Model",
        "open",
        annotations={"greenroom/visibility": "public"},
        spec={
            "baseModel": "ledger",
            "versions": [
                {
                    "version": "1",
                    "stage": "production",
                    "baseModel": "ledger",
                    "evals": ["ledger-check", "nothing"],
                }
            ],
        },
    ),
    document(
        name="clerk",
        spec={
            "owner": "finance",
            "serves": ["ledger", "open"],
            "dependsOn": ["model:ledger", "component:nothing"],
        },
    ),
    document("User", "eve", spec={"memberOf": ["finance"]}),
    document(
        "AiResource",
        "plugin",
        spec={
            "type": "plugin",
            "lifecycle": "production",
            "owner": "finance",
            "skills": ["ledger"],
        },
    ),
    document("AiResource", "ledger", annotations=HIDDEN),
)


@pytest.fixture
def secret() -> None:
    """`ledger` is for finance; others name it in every way that there is."""
    declare(*SECRET)


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("who", [STRANGER, SIGNED_IN])
def test_nothing_hidden_is_named_anywhere(secret, profile, who):
    files = export(profile, who).folder()
    told = repr(export(profile, who).left_out())
    assert len(files) > 2
    for word in ("ledger", "finance"):
        assert word not in "".join([*files, *files.values()]) + told
    if who is SIGNED_IN:
        assert "owner: unknown" in files["all.yaml"]
    assert "ledger" in export(profile).folder()["all.yaml"]


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("who", [STRANGER, SIGNED_IN])
def test_an_export_is_as_if_what_is_hidden_did_not_exist(secret, profile, who):
    def now() -> tuple[object, ...]:
        one = export(profile, who)
        return one.folder(), one.left_out(), one.stamp()

    before = now()
    for entity in Entity.objects.filter(name__in=["ledger", "ledger-check", "finance"]):
        applying.remove(entity, Cause("tests"))
    assert now() == before


def test_it_is_the_same_each_time_and_the_folder_is_what_is_served(hostile, tmp_path):
    one, two = export().folder(), export().folder()
    assert one == two and list(one) == list(two)
    served = export()
    assert {name: served.render(name) for name in one} == one
    assert set(one) == set(served.files())
    call_command(
        "export", "-o", str(tmp_path / "out"), profile="stock", stdout=StringIO()
    )
    assert written(tmp_path / "out") == one


def written(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in folder.rglob("*.yaml")
    }


def test_the_command_tells_what_it_leaves_out_and_for_whom_it_writes(hostile, tmp_path):
    out, said = tmp_path / "out", StringIO()
    call_command(
        "export", "-o", str(out), profile="stock", stdout=StringIO(), stderr=said
    )
    assert "location:default/more is left out: A Location says" in said.getvalue()
    call_command(
        "export",
        *("-o", str(out), "--profile", "native", "--sight", "public"),
        stdout=StringIO(),
    )
    assert set(written(out)) == {"catalog-info.yaml", "all.yaml"}
    call_command("export", "-o", str(out), stdout=StringIO())
    assert "default/component/web.yaml" in written(out)
    assert "all.yaml" not in written(out)


def test_a_new_entity_moves_no_other_to_another_part(monkeypatch):
    monkeypatch.setattr(backstage, "MOST_IN_PART", 4)
    declare(LAB, *(document(name=f"c{i}") for i in range(20)))
    before = export().index.parts
    assert max(map(len, before)) <= 4 and sum(map(len, before)) == 21
    root = documents(export().render("catalog-info.yaml") or "")[0]
    assert root["kind"] == "Location"
    assert root["spec"]["targets"] == [
        f"./part-{number:03}.yaml" for number in range(len(before))
    ]
    parts = [documents(export().render(t[2:]) or "") for t in root["spec"]["targets"]]
    assert sum(map(len, parts)) == 21
    applying.remove(Entity.objects.get(ref="component:default/c7"), Cause("tests"))
    after = export().index.parts
    if len(after) == len(before):
        gone = "component:default/c7"
        assert after == [[one for one in part if one != gone] for part in before]
    assert export().render(f"part-{len(after):03}.yaml") is None
    assert export().render("part-0.yaml") is None


def test_the_stamp_changes_with_what_is_seen_and_only_then(secret):
    before = {who: export("stock", who).stamp() for who in (STRANGER, SIGNED_IN)}
    declare(document("Model", "ledger", title="New", annotations=seen_by(FINANCE)))
    for who, stamp in before.items():
        assert export("stock", who).stamp() == stamp
    declare(document(name="clerk"))
    assert export("stock", SIGNED_IN).stamp() != before[SIGNED_IN]
    assert export("stock", STRANGER).stamp() == before[STRANGER]
    stamps = {export(name).stamp() for name in PROFILES}
    assert len(stamps) == len(PROFILES)


def test_the_difference_names_what_was_added_changed_and_removed():
    declare(LAB, document(name="a"), document(name="b"))
    before = dict(export().documents())
    declare(document(name="b", title="New"), document(name="c"))
    applying.remove(Entity.objects.get(ref="component:default/a"), Cause("tests"))
    found = export().difference(before, 10)
    assert [(one.action, one.name) for one in found.shown] == [
        ("changed", "component:default/b"),
        ("added", "component:default/c"),
        ("removed", "component:default/a"),
    ]
    assert any(line == ("+", "  title: New") for line in lines_of(found.shown[0]))
    assert export().difference(before, 1).more == 2
    assert not export().difference(dict(export().documents()), 10).number


def lines_of(one: Changed) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in one.lines]
