"""What needs attention, and that each viewer learns only of what they see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.entities import findings
from catalog.entities.models import Entity, Finding
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.query.attention import attention
from catalog.sources import adding, processing
from tests.catalog.documents import declare, document, seen_by, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
STRANGER = Viewer(signed_in=True)
SECRET = seen_by("user:nobody")
LAB = document("Group", "lab")


def warned(name: str = "web", **annotations: str):
    """A document with one warning."""
    return document(name=name, annotations={"greenroom/tier": "odd", **annotations})


def subjects(viewer: Viewer) -> list[str]:
    return [finding.subject for finding in findings.open_for(viewer)]


def test_a_warning_lives_until_it_is_mended():
    declare(warned())
    (finding,) = findings.open_for(EVERYTHING)
    assert (finding.code, finding.subject) == ("unknown-value", "component:default/web")
    declare(document())
    assert subjects(EVERYTHING) == []


def test_the_same_warning_is_one_finding_that_keeps_its_age():
    declare(warned())
    old = timezone.now() - timedelta(days=3)
    Finding.objects.update(since=old)
    declare(warned(), document(name="new"))
    declare({**warned(), "spec": {**warned()["spec"], "type": "website"}})
    (finding,) = findings.open_for(EVERYTHING)
    assert finding.since == old


def test_findings_about_others_stay():
    declare(warned("a"))
    declare(warned("b"))
    assert sorted(subjects(EVERYTHING)) == [
        "component:default/a",
        "component:default/b",
    ]


def test_a_finding_about_the_hidden_is_hidden():
    declare(warned("web"), warned("hidden", **SECRET))
    assert len(subjects(EVERYTHING)) == 2
    assert subjects(STRANGER) == ["component:default/web"]


def test_a_finding_about_a_file_is_for_administrators(folder):
    root = folder(
        {"catalog-info.yaml": "a: [", "b.yaml": text_of(document(name="B b"))}
    )
    processing.refresh(adding.add_source(str(root)))
    assert len(subjects(EVERYTHING)) == 2
    assert subjects(STRANGER) == []


def test_a_refused_document_is_a_finding_about_its_entity(folder):
    root = folder({"a.yaml": text_of(document())})
    source = adding.add_source(str(root))
    processing.refresh(source)
    folder({"a.yaml": text_of(document(tags=["Bad Tag"]))})
    processing.refresh(source)
    assert subjects(STRANGER) == ["component:default/web"]
    assert findings.subjects_with_errors() == {"component:default/web"}


def test_an_ignored_finding_comes_back_by_itself():
    declare(warned())
    finding = findings.open_for(EVERYTHING).get()
    findings.ignore(finding, timezone.now() + timedelta(days=1), "alice", "later")
    assert subjects(EVERYTHING) == []
    assert findings.ignored_for(EVERYTHING).get() == finding
    findings.ignore(finding, timezone.now() - timedelta(seconds=1), "alice", "")
    assert subjects(EVERYTHING) == ["component:default/web"]
    findings.heed(finding)
    assert not findings.ignored_for(EVERYTHING)


def test_a_hidden_target_dangles_like_a_missing_one():
    spec = {"dependsOn": ["component:hidden", "component:missing", "component:there"]}
    declare(LAB, document(spec=spec), document(name="there"))
    declare(document(name="hidden", annotations=SECRET))
    web = "component:default/web"
    assert findings.dangling(EVERYTHING) == [
        # A visibility that names nobody leaves only administrators.
        ("component:default/hidden", "visibleTo", "user:default/nobody"),
        (web, "dependsOn", "component:default/missing"),
    ]
    assert findings.dangling(STRANGER) == [
        (web, "dependsOn", "component:default/hidden"),
        (web, "dependsOn", "component:default/missing"),
    ]


def test_an_edge_that_is_declared_from_its_far_end_dangles_too():
    declare(LAB, document(spec={"dependencyOf": ["component:gone"]}))
    found = [("component:default/web", "dependsOn", "component:default/gone")]
    assert findings.dangling(EVERYTHING) == found


def test_an_owner_that_is_missing_or_hidden_is_no_owner():
    declare(LAB, document(name="owned"), document(name="lost", spec={"owner": "gone"}))
    declare(document("Group", "secret", annotations=SECRET))
    declare(
        document(name="dark", spec={"owner": "secret"}),
        document("Widget", "w", spec={}),
    )

    def unowned(viewer: Viewer) -> set[str]:
        return {row.name for row in findings.unowned(viewer)}

    assert unowned(EVERYTHING) == {"lost", "w"}
    assert unowned(STRANGER) == {"lost", "w", "dark"}


def test_attention_counts_what_its_lists_show():
    declare(warned(), document(name="hidden", annotations=SECRET))
    Entity.objects.update(orphan_since=timezone.now())
    for viewer in (EVERYTHING, STRANGER):
        found = attention(viewer)
        assert found.warnings == 1
        assert found.errors == 0
        assert found.orphans == findings.orphans(viewer).count()
        assert found.unowned == findings.unowned(viewer).count()
        assert found.dangling == len(findings.dangling(viewer))
    assert found.orphans == 1
