"""Revisions: one for each change, with its difference, its cause and its viewers."""

from __future__ import annotations

import pytest

from catalog.entities import history
from catalog.entities.models import Identity
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.sources import applying, processing
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
