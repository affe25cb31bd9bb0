"""Revisions: one for each change, with its difference, its cause and its viewers."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from catalog.entities import history, past, sight
from catalog.entities.models import Ceiling, Entity, Identity, Revision
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.sources import adding, applying, processing
from catalog.sources.applying import Cause
from tests import people
from tests.catalog.documents import declare, document, get, seen_by, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
WEB = "component:default/web"


def test_every_change_is_a_revision_with_its_cause():
    account = people.alice()
    for title in ("One", "Two", "Two"):
        processing.declare(
            text_of(document(title=title)), author=account, door="editor", reason="Why"
        )
    newest, first = history.revisions(get(WEB))
    assert (first.action, newest.action) == ("added", "changed")
    assert (newest.author, newest.author_name) == (account, "alice")
    assert (newest.door, newest.reason, newest.source_name) == (
        "editor",
        "Why",
        "Made here",
    )


def test_a_difference_shows_what_changed_and_nothing_else():
    declare(document(title="One"))
    declare(document(title="Two"))
    newest, first = history.revisions(get(WEB))
    lines = {(line.kind, line.text.strip()) for line in history.diff(newest)}
    assert {("-", "title: One"), ("+", "title: Two")} <= lines
    assert {kind for kind, _ in lines} == {"@", " ", "-", "+"}
    assert {line.kind for line in history.diff(first)} == {"@", "+"}


def test_equal_texts_have_no_difference():
    assert history.difference("a\nb", "a\nb") == []


def test_history_outlives_the_entity_and_goes_on_with_the_same_identity():
    declare(document())
    uid = get(WEB).identity.uid
    applying.remove(get(WEB), Cause("test"))
    assert [
        r.action for r in Identity.objects.get(ref=WEB).revisions.order_by("id")
    ] == [
        "added",
        "removed",
    ]
    declare(document())
    assert get(WEB).identity.uid == uid
    assert len(history.revisions(get(WEB))) == 3


def test_nobody_learns_of_changes_to_what_they_may_not_see():
    declare(document(), document(name="hidden", annotations=seen_by("user:nobody")))
    stranger = Viewer(signed_in=True)
    assert [r.identity.ref for r in history.recent(stranger)] == [WEB]
    assert len(history.recent(EVERYTHING)) == 2
    applying.remove(get(WEB), Cause("test"))
    assert list(history.recent(stranger)) == []


def test_what_was_done_in_one_step_is_one_change():
    declare(document(name="a"), document(name="b", title="Bee"))
    declare(document(name="a", title="Ay"))
    second, first = history.changes(EVERYTHING)
    assert second.entries == {"changed": [("component:default/a", "Ay")]}
    assert sorted(first.entries["added"]) == [
        ("component:default/a", "Ay"),
        ("component:default/b", "Bee"),
    ]


def test_a_reason_of_any_length_is_kept_as_far_as_there_is_room():
    processing.declare(text_of(document()), door="editor", reason="x" * 5000)
    (revision,) = history.revisions(get(WEB))
    assert set(revision.reason) == {"x"}


def readable(viewer: Viewer) -> list[tuple[str, str]]:
    """(reference, action) of what a viewer may read of all, oldest first."""
    rows = past.of_all(viewer).order_by("pk")
    return list(rows.values_list("identity__ref", "action"))


ALICE = Viewer(
    signed_in=True,
    ref="user:default/alice",
    principals=frozenset({"user:default/alice"}),
)
MEMBER, STRANGER = Viewer(signed_in=True), Viewer()


def test_only_what_was_said_since_it_was_last_hidden_can_be_read_by_all():
    declare(document(title="Open"))
    declare(document(title="Shut", annotations=seen_by("user:alice")))
    assert readable(MEMBER) == []
    assert len(readable(ALICE)) == 2
    declare(document(title="Open again"))
    assert readable(MEMBER) == [(WEB, "changed")]
    assert readable(STRANGER) == []
    assert len(readable(ALICE)) == len(readable(EVERYTHING)) == 3


def test_a_stranger_reads_what_was_public_and_nothing_before():
    public = {"greenroom/visibility": "public"}
    declare(document(title="For members"))
    declare(document(title="For all", annotations=public))
    declare(document(title="Still for all", annotations=public))
    assert readable(STRANGER) == [(WEB, "changed")] * 2
    assert len(readable(MEMBER)) == 3


def test_the_rule_for_one_entity_and_for_all_is_the_same():
    steps = ("", "user:alice", "public", "signed-in", "user:bob", "", "public")
    for number, value in enumerate(steps):
        annotations = {"greenroom/visibility": value} if value else {}
        declare(document(title=f"T{number}", annotations=annotations))
        for viewer in (ALICE, MEMBER, STRANGER, EVERYTHING):
            if not Entity.objects.visible_to(viewer).exists():
                assert readable(viewer) == []
                continue
            rows = past.revisions(get(WEB), viewer)
            assert set(rows) == set(past.of_all(viewer))


def test_a_closed_source_hides_its_past(folder):
    root = folder({"a.yaml": text_of(document(title="One"))})
    source = adding.add_source(str(root), name="lab")
    source.widest = "user:alice"
    source.save()
    processing.refresh(source)
    assert past.of_all(EVERYTHING).get().widest == "user:alice"
    Ceiling.objects.all().delete()
    Entity.objects.update(audience="signed-in")
    assert Entity.objects.visible_to(MEMBER).exists()
    assert readable(MEMBER) == []
    assert len(readable(EVERYTHING)) == 1


@pytest.mark.parametrize(
    ("text", "visibility"),
    [
        ("kind: X\nmetadata: {name: a}\n", ""),
        ("metadata: {annotations: {greenroom/visibility: ' public '}}\n", "public"),
        ('metadata: {annotations: {"greenroom\\/visibility": user:a}}\n', "user:a"),
        ('metadata: {annotations: {"green\\x72oom/visibility": user:a}}\n', "user:a"),
        ("# greenroom/visibility: public\nmetadata: {name: a}\n", ""),
        ("metadata: {annotations: {greenroom/visibility: [a, b]}}\n", "['a', 'b']"),
        (
            "metadata: {annotations: {greenroom/visibility: user:" + "a" * 500 + "}}",
            "-",
        ),
        ("greenroom/visibility: {\n", "-"),
        (
            "metadata: {annotations: {greenroom/visibility: a}}\n---\nmetadata: {}\n",
            "-",
        ),
    ],
)
def test_a_revision_knows_what_its_text_said_of_who_may_see_it(text, visibility):
    assert sight.declared(text) == visibility


def test_who_could_read_the_texts_of_before_is_found_by_the_migration():
    declare(document(annotations=seen_by("user:alice")), document(name="b"))
    Revision.objects.update(readers="")
    migration = import_module("catalog.entities.migrations.0004_revision_readers")
    migration.note_readers(apps, None)
    told = Revision.objects.values_list("identity__ref", "readers")
    assert dict(told) == {WEB: "user:alice", "component:default/b": ""}
