"""Several workers at once: each change is whole, and none is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from catalog.entities.models import Entity, Relation, Revision
from catalog.query import fulltext
from catalog.sources import adding, processing
from tests.catalog.documents import document, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.storage]


def change(number: int) -> int:
    """One of many who change the same entity, and add one of their own."""
    own = document(name=f"own-{number}", spec={"dependsOn": ["component:same"]})
    same = document(name="same", title=f"Title{number}")
    try:
        outcome = processing.declare(text_of(own, same), door="test")
        return outcome.added + outcome.changed
    finally:
        connection.close()


def test_everybody_is_heard_and_the_last_one_stays():
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(change, range(18)))
    assert done == [2] * 18
    assert Entity.objects.count() == 19
    assert Relation.objects.filter(target_ref="component:default/same").count() == 18
    revisions = Revision.objects.filter(identity__ref="component:default/same")
    assert revisions.count() == 18
    assert revisions.filter(action="added").count() == 1
    last = Entity.objects.get(name="same")
    newest = revisions.latest("id")
    assert last.text == newest.text
    assert fulltext.search(last.title).keys == [last.pk]


def test_two_refreshes_of_one_source_add_everything_once(folder):
    files = {
        f"f{n}.yaml": text_of(*(document(name=f"n{n}-{m}") for m in range(20)))
        for n in range(10)
    }
    source = adding.add_source(str(folder(files)))

    def refresh(_: int) -> int:
        try:
            return processing.refresh(source).added
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(refresh, range(4))) == [0, 0, 0, 200]
    assert Entity.objects.count() == Revision.objects.count() == 200
