"""The stamp that open pages ask for: small, honest, and not for strangers."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import people
from tests.portal.test_pages_catalog import declare, page

pytestmark = pytest.mark.django_db

ADDRESS = "/-/generation"


def test_it_changes_with_the_catalog_only():
    viewer = people.signed_in(people.charlie())
    before = viewer.get(ADDRESS)
    assert viewer.get(ADDRESS).content == before.content
    declare("whisper")
    after = viewer.get(ADDRESS)
    assert after.content != before.content
    assert after["Cache-Control"] == "private, no-cache"


def test_nothing_new_is_304_without_a_body():
    viewer = people.signed_in(people.charlie())
    known = viewer.get(ADDRESS)["ETag"]
    with CaptureQueriesContext(connection) as captured:
        same = viewer.get(ADDRESS, headers={"If-None-Match": known})
    assert (same.status_code, same.content) == (304, b"")
    # The session, the account, the generation.
    assert len(captured) <= 3
    declare("whisper")
    new = viewer.get(ADDRESS, headers={"If-None-Match": known})
    assert new.status_code == 200


def test_strangers_get_it_only_where_the_house_is_open(settings):
    people.alice()
    assert Client().get(ADDRESS).status_code == 302
    settings.GREENROOM_PUBLIC = True
    assert Client().get(ADDRESS).status_code == 200


def test_it_is_only_read():
    viewer = people.signed_in(people.charlie())
    assert viewer.post(ADDRESS).status_code == 405


@pytest.mark.parametrize("address", ["/", "/attention/", "/catalog/"])
def test_pages_of_the_catalog_watch_it(address):
    viewer = people.signed_in(people.charlie())
    assert f'data-live="{ADDRESS}"' in page(viewer, address)


def test_an_entity_watches_it_and_a_form_does_not():
    alice = people.signed_in(people.alice())
    declare("whisper")
    assert "data-live=" in page(alice, "/catalog/default/component/whisper/")
    assert "data-live=" not in page(alice, "/settings/sources/paste/")
