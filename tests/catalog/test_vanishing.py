"""When much vanishes at once the refresh is held; orphans have a time of grace."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.entities.models import Entity, Revision
from catalog.sources import adding, managing, processing
from catalog.sources.models import Run, Source
from catalog.sources.tasks import refresh_source, remove_old_orphans
from tests.catalog.documents import document, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def files(names: str) -> dict[str, str]:
    return {f"{name}.yaml": text_of(document(name=name)) for name in names.split()}


def orphans() -> int:
    return Entity.objects.exclude(orphan_since=None).count()


@pytest.fixture
def source(folder) -> Source:
    source = adding.add_source(str(folder(files("a b c d e f g h i j"))))
    processing.refresh(source)
    return source


def take_away(folder, names: str) -> None:
    folder(dict.fromkeys((f"{name}.yaml" for name in names.split()), None))


def test_a_fifth_may_go(source, folder):
    take_away(folder, "a b")
    assert processing.refresh(source).removed == 2
    assert (source.state, orphans()) == (Source.OK, 2)


def test_more_is_held_and_nothing_else_of_it_is_taken(source, folder):
    take_away(folder, "a b c")
    folder({"d.yaml": text_of(document(name="d", title="New"))})
    outcome = processing.refresh(source)
    assert outcome.held == 3
    assert outcome.error == (
        "More than a fifth of its entities are not there any more, nothing was changed."
    )
    assert (source.state, orphans()) == (Source.HELD, 0)
    assert not Entity.objects.filter(title="New").exists()
    assert Run.objects.latest("id").state == Source.HELD


def test_it_ends_by_itself_when_they_come_back(source, folder):
    take_away(folder, "a b c")
    processing.refresh(source)
    folder(files("a b c"))
    assert not processing.refresh(source).error
    assert (source.state, source.held, orphans()) == (Source.OK, "", 0)


def test_somebody_allows_it_once(source, folder):
    take_away(folder, "a b c")
    processing.refresh(source)
    managing.let_vanish(source, None)
    refresh_source(source.pk)
    source.refresh_from_db()
    assert (source.state, orphans(), source.may_lose) == (Source.OK, 3, 0)
    take_away(folder, "d e f")
    assert processing.refresh(source).held == 3


def test_what_was_allowed_is_not_a_way_for_more(source, folder):
    take_away(folder, "a b c")
    processing.refresh(source)
    managing.let_vanish(source, None)
    take_away(folder, "d e f g h i j")
    assert processing.refresh(Source.objects.get()).held == 10
    assert orphans() == 0


def test_a_single_entity_is_never_too_much(folder):
    source = adding.add_source(str(folder(files("a"))))
    processing.refresh(source)
    take_away(folder, "a")
    assert processing.refresh(source).removed == 1


def test_a_dry_run_says_that_it_would_be_held(source, folder):
    take_away(folder, "a b c d")
    assert adding.dry_run(source.target).held == 4


def test_orphans_go_after_their_time_and_say_why(source, folder):
    take_away(folder, "a b")
    processing.refresh(source)
    assert remove_old_orphans() == 0
    old = timezone.now() - timedelta(days=31)
    Entity.objects.filter(name="a").update(orphan_since=old)
    assert remove_old_orphans() == 1
    assert set(Entity.objects.exclude(orphan_since=None).values_list("name")) == {
        ("b",)
    }
    last = Revision.objects.latest("id")
    assert (last.action, last.door) == ("removed", "sources")
    assert last.reason == "catalog had not declared it for 30 days."


def test_orphans_may_stay_for_ever(source, folder):
    Source.objects.update(orphan_days=0)
    take_away(folder, "a b")
    processing.refresh(source)
    old = timezone.now() - timedelta(days=3100)
    Entity.objects.filter(name="a").update(orphan_since=old)
    assert remove_old_orphans() == 0 and orphans() == 2


def test_every_reading_is_told_and_quiet_looks_are_one_row(source, folder):
    first = Run.objects.get()
    assert (first.state, first.added, first.files, first.looks) == ("ok", 10, 10, 1)
    for _ in range(3):
        processing.refresh(source)
    again = Run.objects.get()
    assert (again.looks, again.added) == (4, 10)
    assert again.last_at > again.at == first.at
    processing.refresh(source, reason="Alice asked for it.")
    folder({"a.yaml": "kind: Component\nmetadata: {name: a}\n"})
    processing.refresh(source)
    states = list(Run.objects.order_by("id").values_list("state", "reason", "refused"))
    assert states[1:] == [("ok", "Alice asked for it.", 0), ("errors", "", 1)]


def test_old_runs_are_forgotten(source):
    Run.objects.bulk_create(Run(source=source, state="ok") for _ in range(400))
    processing.refresh(source, reason="asked")
    assert Run.objects.count() == 200


def test_a_source_that_is_removed_while_it_is_read(source, monkeypatch):
    gathered = processing._gather

    def removing(*args):
        found = gathered(*args)
        managing.remove_source(Source.objects.get(), None, keep_entities=False)
        return found

    monkeypatch.setattr(processing, "_gather", removing)
    outcome = processing.refresh(source)
    assert outcome.error == "The source was removed meanwhile."
    assert not Entity.objects.exists() and not Run.objects.exists()
