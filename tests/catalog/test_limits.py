"""What a source may declare, and who may see it: the administrator's word holds."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.entities import ceilings, edges, past
from catalog.entities.models import Entity, Finding
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.query import columns
from catalog.sources import adding, managing, processing
from catalog.sources.models import Source
from catalog.sources.provider import SourceError
from tests import people
from tests.catalog.documents import declare, document, get, seen_by, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

PUBLIC = {"greenroom/visibility": "public"}
IN_LAB = Viewer(
    signed_in=True, ref="user:default/ada", principals=frozenset({"group:default/lab"})
)
IN_BOTH = Viewer(
    signed_in=True,
    ref="user:default/max",
    principals=frozenset({"group:default/lab", "group:default/ops"}),
)
SIGNED_IN = Viewer(signed_in=True)
STRANGER = Viewer()


def source_of(folder, *documents, **limits) -> Source:
    root = folder({f"{n}.yaml": text_of(d) for n, d in enumerate(documents)})
    source = adding.add_source(str(root), **limits)
    processing.refresh(source)
    return source


def seen(viewer: Viewer) -> set[str]:
    """What a viewer sees, asked in all three ways there are."""
    rows = set(Entity.objects.visible_to(viewer).values_list("name", flat=True))
    found = columns.current()
    bits = columns.positions_of(found.visible_to(viewer))
    assert {found.refs[at].rpartition("/")[2] for at in bits} == rows
    hidden = {ref.rpartition("/")[2] for ref in edges.hidden_from(viewer)}
    assert hidden.isdisjoint(rows)
    assert len(hidden) + len(rows) == Entity.objects.count()
    return rows


def test_kinds_and_namespaces(folder):
    source = source_of(
        folder,
        document(name="good"),
        document("System", "sys"),
        document(name="it", namespace="it"),
        kinds="component API",
        namespaces="default",
    )
    assert set(Entity.objects.values_list("name", flat=True)) == {"good"}
    messages = sorted(f.message for f in source.findings.all())
    assert messages == [
        "A System may not be declared by catalog.",
        "catalog may not declare in the namespace 'it'.",
    ]
    lines = {(f.path, f.line) for f in source.findings.all()}
    assert lines == {("1.yaml", 2), ("2.yaml", 5)}


def test_more_is_allowed_later(folder):
    source = source_of(folder, document(), document("System", "sys"), kinds="Component")
    source.kinds = ""
    managing.change(source)
    assert processing.refresh(source).added == 1
    assert not Finding.objects.exists()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"kinds": "Componnt"}, "There is no kind 'Componnt'. Did you mean"),
        ({"namespaces": "Team"}, "'Team' is no namespace"),
        ({"widest": "everybody"}, None),
        ({"widest": "api:x"}, "is neither a group nor a user"),
        ({"pattern": "!"}, "The pattern '!' cannot be read"),
    ],
)
def test_wrong_limits_are_told(folder, limits, words):
    root = folder({"a.yaml": text_of(document())})
    if words is None:
        # A group may be declared later; until then nobody but administrators sees it.
        adding.add_source(str(root), **limits)
        return
    with pytest.raises(SourceError) as caught:
        adding.add_source(str(root), **limits)
    assert words in str(caught.value)


def test_signed_in_at_most(folder):
    source = source_of(
        folder,
        document(name="open", annotations=PUBLIC),
        document(name="plain"),
        document(name="lab", annotations=seen_by("group:lab")),
        widest="signed-in",
    )
    assert seen(STRANGER) == set()
    assert seen(SIGNED_IN) == {"open", "plain"}
    assert seen(IN_LAB) == {"open", "plain", "lab"}
    (finding,) = source.findings.all()
    assert (finding.code, finding.severity) == ("narrowed", "warning")
    assert (finding.path, finding.line) == ("0.yaml", 6)
    assert "at most to signed-in" in finding.message


def test_for_a_group_at_most(folder):
    source_of(
        folder,
        document(name="open", annotations=PUBLIC),
        document(name="plain"),
        document(name="ops", annotations=seen_by("group:ops")),
        document(name="lab", annotations=seen_by("group:lab")),
        widest="group:lab",
    )
    assert seen(STRANGER) == seen(SIGNED_IN) == set()
    assert seen(IN_LAB) == {"open", "plain", "lab"}
    assert seen(IN_BOTH) == {"open", "plain", "lab", "ops"}
    assert len(seen(EVERYTHING)) == 4


def test_narrowing_a_source_holds_at_once_and_widening_gives_back(folder):
    source = source_of(
        folder, document(name="open", annotations=PUBLIC), document(name="plain")
    )
    assert seen(STRANGER) == {"open"}
    source.widest = "group:lab"
    managing.change(source)
    assert seen(STRANGER) == seen(SIGNED_IN) == set()
    assert seen(IN_LAB) == {"open", "plain"}
    source.widest = "public"
    managing.change(source)
    assert seen(STRANGER) == {"open"} and seen(SIGNED_IN) == {"open", "plain"}


def test_what_a_removed_source_leaves_stays_closed(folder):
    source = source_of(
        folder,
        document(name="plain"),
        document(name="ops", annotations=seen_by("group:ops")),
        widest="group:lab",
    )
    managing.remove_source(source, None, keep_entities=True)
    assert seen(SIGNED_IN) == set()
    assert seen(IN_LAB) == {"plain"}
    assert seen(IN_BOTH) == {"plain"}
    assert seen(EVERYTHING) == {"plain", "ops"}


def test_the_history_of_a_closed_source_stays_closed(folder, tmp_path):
    source = source_of(folder, document(title="Quarterly"), widest="group:lab")
    entity = get("component:default/web")
    managing.remove_source(source, None, keep_entities=True)
    declare(document(title="Open"))
    entity = get("component:default/web")
    assert seen(SIGNED_IN) == {"web"}
    for viewer, number in ((SIGNED_IN, 1), (IN_LAB, 2), (EVERYTHING, 2)):
        texts = list(past.revisions(entity, viewer).values_list("text", flat=True))
        assert len(texts) == number, viewer
        assert ("Quarterly" in "".join(texts)) is (number == 2)


def test_a_stranger_reads_no_history_from_when_the_source_was_for_people(folder):
    source = source_of(
        folder, document(title="Inside", annotations=PUBLIC), widest="signed-in"
    )
    source.widest = "public"
    managing.change(source)
    folder({"0.yaml": text_of(document(title="Outside", annotations=PUBLIC))})
    processing.refresh(source)
    entity = get("component:default/web")
    texts = past.revisions(entity, STRANGER).values_list("text", flat=True)
    assert len(texts) == 1 and "Outside" in texts[0]
    people.alice()  # A house without an account shows only its set-up.
    page = Client().get("/catalog/default/component/web/history/").content.decode()
    assert "Outside" in page and "Inside" not in page


def test_both_say_that_a_name_is_declared_twice(folder, tmp_path):
    source_of(folder, document(title="First"))
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.yaml").write_text(text_of(document(title="Second")))
    second = adding.add_source(str(other))
    outcome = processing.refresh(second)
    assert get("component:default/web").title == "First"
    assert [(p.code, p.is_error) for p in outcome.problems] == [("taken", True)]
    found = Finding.objects.get(subject="component:default/web")
    assert found.message == (
        "other (b.yaml:1) declares component:web too; what it says is not taken."
    )
    (other / "b.yaml").unlink()
    processing.refresh(second)
    assert not Finding.objects.exists()


def test_a_viewer_who_was_asked_once_sees_the_same(folder):
    source_of(folder, document(name="plain"), widest="group:lab")
    for principals in (frozenset(), frozenset({"group:default/lab"})):
        asked = Viewer(
            signed_in=True,
            principals=principals,
            closed=ceilings.closed_to(principals),
        )
        fresh = Viewer(signed_in=True, principals=principals)
        assert seen(asked) == seen(fresh)
    account = people.charlie()
    assert "plain" not in seen(people.viewer(account))


def second_of(tmp_path, *documents, **limits) -> Source:
    """Another source that declares the same documents."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.yaml").write_text(text_of(*documents))
    source = adding.add_source(str(other), **limits)
    processing.refresh(source)
    return source


@pytest.mark.parametrize(
    ("widest", "strangers", "people"),
    [("signed-in", set(), {"open", "plain"}), ("group:lab", set(), set())],
)
def test_an_orphan_is_seen_as_its_new_source_allows(
    folder, tmp_path, widest, strangers, people
):
    """The same document, letter by letter, moves to a source that shows less."""
    both = (document(name="open", annotations=PUBLIC), document(name="plain"))
    source = source_of(folder, *both)
    assert seen(STRANGER) == {"open"}
    Entity.objects.update(orphan_since=source.created_at)
    second = second_of(tmp_path, *both, widest=widest)
    assert set(Entity.objects.values_list("source", flat=True)) == {second.pk}
    assert (seen(STRANGER), seen(SIGNED_IN)) == (strangers, people)
    assert seen(IN_LAB) == {"open", "plain"}


def test_an_orphan_of_a_closed_source_opens_in_an_open_one(folder, tmp_path):
    source = source_of(folder, document(name="plain"), widest="group:lab")
    managing.remove_source(source, None, keep_entities=True)
    assert seen(SIGNED_IN) == set()
    second_of(tmp_path, document(name="plain"))
    assert seen(SIGNED_IN) == {"plain"}
