"""Refreshing a source: plan and apply, nothing lost, nothing taken over in silence."""

from __future__ import annotations

import json
import shutil

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.entities import findings, generation, history
from catalog.entities.models import Entity, Finding
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.sources import adding, processing
from catalog.sources.models import Source, SourceFile
from catalog.sources.outcome import Outcome
from catalog.sources.provider import SourceError
from tests import people
from tests.catalog.documents import declare, document, get, seen_by, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
WEB = "component:default/web"


def numbers(outcome: Outcome) -> dict[str, int]:
    names = ("added", "changed", "unchanged", "removed", "refused")
    return {name: n for name in names if (n := getattr(outcome, name))}


@pytest.fixture
def source(folder) -> Source:
    """A folder with two files and three entities."""
    root = folder(
        {
            "a.yaml": text_of(document(name="a1"), document(name="a2")),
            "b.yaml": text_of(document(name="b")),
        }
    )
    added = adding.add_source(str(root))
    assert numbers(processing.refresh(added)) == {"added": 3}
    return added


def orphans() -> set[str]:
    return set(Entity.objects.exclude(orphan_since=None).values_list("name", flat=True))


def messages() -> list[str]:
    return [finding.message for finding in findings.open_for(EVERYTHING)]


def test_the_unchanged_costs_no_reading_and_no_writing(
    source, django_assert_max_num_queries
):
    before = generation.current()
    with django_assert_max_num_queries(13):
        assert numbers(processing.refresh(source)) == {"unchanged": 3}
    assert generation.current() == before
    assert (source.state, source.last_summary) == (Source.OK, "3 unchanged")


def test_add_and_change(source, folder):
    folder(
        {
            "b.yaml": text_of(document(name="b", title="New")),
            "c.yaml": text_of(document(name="c")),
        }
    )
    outcome = processing.refresh(source)
    assert numbers(outcome) == {"added": 1, "changed": 1, "unchanged": 2}
    assert sorted(outcome.refs) == ["component:default/b", "component:default/c"]
    assert get("component:default/b").title == "New"


def test_a_change_of_spelling_is_the_same_entity(source, folder):
    uid = get("component:default/b").identity.uid
    folder({"b.yaml": text_of(document(name="B", namespace="default"))})
    assert numbers(processing.refresh(source)) == {"changed": 1, "unchanged": 2}
    entity = get("component:default/b")
    assert (entity.name, entity.identity.uid) == ("B", uid)


def test_an_entity_that_moves_keeps_its_history_and_knows_its_place(source, folder):
    folder({"b.yaml": None, "deep/c.yaml": "# moved\n" + text_of(document(name="b"))})
    text = (folder({}) / "deep/c.yaml").read_text()
    folder({"deep/c.yaml": text.replace("# moved\n", "")})
    assert numbers(processing.refresh(source)) == {"unchanged": 3}
    entity = get("component:default/b")
    assert (entity.path, entity.orphan_since) == ("deep/c.yaml", None)
    assert len(history.revisions(entity)) == 1
    final = json.loads(entity.final)["metadata"]["annotations"]
    assert final["backstage.io/managed-by-location"] == "folder:deep/c.yaml"


def test_a_shift_of_lines_is_no_revision(source, folder):
    folder({"a.yaml": "---\n\n---\n" + (folder({}) / "a.yaml").read_text()})
    processing.refresh(source)
    assert get("component:default/a1").line > 1
    assert len(history.revisions(get("component:default/a1"))) == 1


def test_what_vanishes_is_an_orphan_until_it_returns(source, folder):
    text = (folder({}) / "b.yaml").read_text()
    folder({"b.yaml": None})
    assert numbers(processing.refresh(source)) == {"unchanged": 2, "removed": 1}
    since = get("component:default/b").orphan_since
    assert numbers(processing.refresh(source)) == {"unchanged": 2}
    assert get("component:default/b").orphan_since == since
    folder({"b.yaml": text})
    assert numbers(processing.refresh(source)) == {"unchanged": 3}
    assert orphans() == set()


@pytest.mark.parametrize(
    "content", ["apiVersion: backstage.io/x\na: [", b"\0\0\0\0", b"\xff"]
)
def test_a_broken_file_keeps_its_last_good_state(source, folder, content):
    good = (folder({}) / "a.yaml").read_text()
    folder({"a.yaml": content, "c.yaml": text_of(document(name="c"))})
    outcome = processing.refresh(source)
    assert outcome.added == 1 and orphans() == set()
    assert [f.path for f in findings.open_for(EVERYTHING)] == ["a.yaml"]
    folder({"a.yaml": good})
    processing.refresh(source)
    assert messages() == []


def test_one_broken_document_leaves_its_neighbour_in_the_same_file(source, folder):
    folder(
        {
            "a.yaml": text_of(
                document(name="a1", title="T"), document(name="a2", tags=["X"])
            )
        }
    )
    assert numbers(processing.refresh(source)) == {
        "changed": 1,
        "unchanged": 1,
        "refused": 1,
    }
    assert (get("component:default/a1").title, orphans()) == ("T", set())
    assert source.state == Source.ERRORS
    (finding,) = findings.open_for(EVERYTHING)
    assert finding.subject == "component:default/a2"


def test_a_standing_error_is_one_finding_and_no_new_generation(source, folder):
    folder({"b.yaml": text_of(document(name="b", tags=["X"]))})
    processing.refresh(source)
    before, finding = generation.current(), Finding.objects.get()
    processing.refresh(source)
    assert (generation.current(), Finding.objects.get()) == (before, finding)


def test_of_two_in_one_reading_the_first_keeps_the_name(folder):
    root = folder(
        {
            "a.yaml": text_of(document(title="First")),
            "b.yaml": text_of(document(name="WEB", title="Second")),
        }
    )
    added = adding.add_source(str(root))
    assert numbers(processing.refresh(added)) == {"added": 1, "refused": 1}
    assert get(WEB).title == "First"
    assert "a.yaml:1" in messages()[0]


@pytest.mark.parametrize("name", ["0.yaml", "z.yaml"])
def test_a_later_file_does_not_take_over_a_name(source, folder, name):
    folder({name: text_of(document(name="b", title="Thief"))})
    outcome = processing.refresh(source)
    assert outcome.refused == 1
    assert get("component:default/b").path == "b.yaml"
    assert "b.yaml:1 was first" in messages()[0]
    folder({"b.yaml": None})
    processing.refresh(source)
    processing.refresh(source)
    assert get("component:default/b").title == "Thief"
    assert messages() == [] and orphans() == set()


def test_what_another_source_declares_stays_there(source, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(text_of(document(name="b", title="Other"), document(name="new")))
    second = adding.add_source(str(other))
    outcome = processing.refresh(second)
    assert numbers(outcome) == {"added": 1, "refused": 1}
    assert get("component:default/b").source == source
    assert "catalog (b.yaml:1), which keeps it" in outcome.problems[0].message


def test_an_orphan_goes_to_whoever_declares_it(source, folder, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(text_of(document(name="b", title="Other")))
    second = adding.add_source(str(other))
    processing.refresh(second)
    folder({"b.yaml": None})
    processing.refresh(source)
    processing.refresh(second)
    entity = get("component:default/b")
    assert (entity.source, entity.title, entity.orphan_since) == (second, "Other", None)


def test_a_copy_in_another_source_takes_over_when_the_first_is_gone(
    source, folder, tmp_path
):
    copy = tmp_path / "copy"
    shutil.copytree(folder({}), copy)
    second = adding.add_source(str(copy))
    assert numbers(processing.refresh(second)) == {"unchanged": 3}
    folder({"b.yaml": None})
    processing.refresh(source)
    processing.refresh(second)
    entity = get("component:default/b")
    assert (entity.source, entity.orphan_since) == (second, None)


def test_a_name_taken_by_the_hidden_is_only_not_available():
    declare(document(name="secret", annotations=seen_by("user:nobody")))
    text = text_of(document(name="secret"))
    outcome = processing.declare(text, door="paste", viewer=Viewer(signed_in=True))
    (problem,) = outcome.problems
    assert problem.message == "The name component:secret is not available."
    assert get("component:default/secret").audience == Entity.RESTRICTED
    orphaned = Entity.objects.filter(name="secret")
    orphaned.update(orphan_since="2026-01-01T00:00Z")
    again = processing.declare(text, door="paste", viewer=Viewer(signed_in=True))
    assert again.problems == outcome.problems


@pytest.mark.parametrize("kind", ["Group", "User"])
def test_people_are_declared_by_administrators(kind):
    text = text_of(document(kind, "ada"))
    bob = people.viewer(people.bob())
    outcome = processing.declare(text, door="paste", viewer=bob)
    assert [p.code for p in outcome.problems] == ["people"]
    alice = people.viewer(people.alice())
    assert processing.declare(text, door="paste", viewer=alice).added == 1


def test_people_are_declared_by_trusted_sources(folder):
    people_file = text_of(document("Group", "lab"), document("User", "ada"), document())
    source = adding.add_source(str(folder({"a.yaml": people_file})))
    Source.objects.update(may_declare_people=False)
    source.refresh_from_db()
    assert numbers(processing.refresh(source)) == {"added": 1, "refused": 2}
    Source.objects.update(may_declare_people=True)
    source.refresh_from_db()
    assert numbers(processing.refresh(source)) == {"added": 2, "unchanged": 1}


def test_a_folder_that_is_gone_keeps_everything(source, folder):
    root = folder({})
    root.rename(root.with_name("away"))
    outcome = processing.refresh(source)
    assert "does not exist" in outcome.error
    assert (source.state, orphans()) == (Source.FAILED, set())
    assert source.last_summary == "3 added"
    root.with_name("away").rename(root)
    assert not processing.refresh(source).error
    assert (source.state, source.last_error) == (Source.OK, "")


def test_what_lies_behind_a_broken_location_is_kept(folder):
    location = text_of(document("Location", "l", spec={"target": "./b.txt"}))
    root = folder({"a.yaml": location, "b.txt": text_of(document())})
    source = adding.add_source(str(root))
    assert processing.refresh(source).added == 2
    for broken in (
        "apiVersion: backstage.io/v1\na: [",
        location.replace("name: l", "name: 'l l'"),
    ):
        folder({"a.yaml": broken})
        assert processing.refresh(source).removed == 0
    folder({"a.yaml": location.replace("./b.txt", "./a.yaml")})
    assert processing.refresh(source).removed == 1


def test_a_plan_changes_nothing(source, folder):
    folder({"b.yaml": None, "c.yaml": text_of(document(name="c"))})
    plan = processing.preview(source)
    assert [c.ref for c in plan.added] == ["component:default/c"]
    assert [known.ref for known in plan.orphaned] == ["component:default/b"]
    assert Entity.objects.count() == 3 and orphans() == set()


@pytest.mark.parametrize(
    "target",
    [
        "",
        "  ",
        "/no/such/folder",
        "ftp://x.example/a",
        "~nobody-of-that-name/x",
        "a\0b",
        "x" * 5000,
        "/etc/shadow/x",
    ],
    ids=lambda target: repr(target[:20]),
)
def test_a_target_that_is_none_is_refused_with_a_sentence(target):
    with pytest.raises(SourceError) as caught:
        adding.add_source(target)
    assert str(caught.value).endswith((".", "?"))
    assert Source.objects.count() == 0


def test_the_same_target_is_one_source(source, folder):
    assert adding.add_source(f"{folder({})}/../catalog/") == source


def test_sources_of_the_same_name_are_told_apart(folder):
    root = folder({"x/catalog/a.yaml": "", "y/catalog/a.yaml": ""})
    names = {adding.add_source(str(root / n / "catalog")).name for n in "xy"}
    assert names == {"catalog", "catalog 2"}


def test_a_pasted_text_is_taken_as_far_as_it_is_good():
    text = text_of(document()) + "---\nkind: [\n---\n" + text_of(document(name="b b"))
    outcome = processing.declare(text, door="paste")
    assert numbers(outcome) == {"added": 1, "refused": 2}
    assert len(findings.open_for(EVERYTHING)) == 0
    assert SourceFile.objects.count() == 0


def test_pasting_the_same_again_changes_nothing():
    declare(document(annotations={"greenroom/tier": "odd"}))
    before = generation.current()
    outcome = declare(document(annotations={"greenroom/tier": "odd"}))
    assert numbers(outcome) == {"unchanged": 1}
    assert generation.current() == before


def test_an_unknown_provider_is_a_sentence(source):
    Source.objects.update(provider="gone")
    source.refresh_from_db()
    assert "no providers plugin 'gone'" in processing.refresh(source).error


def test_declaring_a_few_reads_only_those_and_asks_once_who_sees_them():
    names = [f"many-{number}" for number in range(20)]
    declare(*(document(name=name) for name in names))
    viewer = Viewer(signed_in=True)
    counts = []
    for some in (names[:1], names):
        changed = (document(name=name, description="Other") for name in some)
        gathered = processing.examined(text_of(*changed))
        with CaptureQueriesContext(connection) as asked:
            plan = processing.plan_of(processing.here(), gathered, viewer)
        assert len(plan.changed) == len(some)
        assert not any('"source_id" = ' in one["sql"] for one in asked)
        counts.append(len(asked))
    assert counts[0] == counts[1]
