"""Shared views that an administrator takes back, and what the audit says of it."""

from __future__ import annotations

import pytest

from portal.accounts.models import AuditEvent
from tests import people
from tests.portal.test_pages_catalog import page
from tests.portal.test_pages_views import keep

pytestmark = pytest.mark.django_db


def test_an_administrator_takes_a_shared_view_back_and_it_is_told():
    bob, admin = people.bob(), people.signed_in(people.alice())
    editor = people.signed_in(bob)
    shared = keep(bob, "House rules", is_shared=True)
    gone = keep(bob, "Rude words", is_shared=True)
    private = keep(bob, "Diary")
    html = page(admin, "/catalog/views/")
    assert f"/catalog/views/{shared.pk}/share/" in html
    assert "Diary" not in html
    for door in ("share", "remove"):
        address = f"/catalog/views/{private.pk}/{door}/"
        assert admin.post(address, {"share": "off"}).status_code == 404
    # The title stays that of its owner.
    rename = f"/catalog/views/{shared.pk}/rename/"
    assert admin.post(rename, {"title": "Mine now"}).status_code == 404
    admin.post(f"/catalog/views/{shared.pk}/share/", {"share": "off"})
    admin.post(f"/catalog/views/{gone.pk}/remove/")
    assert {one.title for one in bob.saved_views.all()} == {"House rules", "Diary"}
    assert not bob.saved_views.get(title="House rules").is_shared
    told = AuditEvent.objects.filter(actor_name="alice", subject="bob")
    assert {(one.action, one.detail) for one in told} == {
        ("stopped sharing a view of", "House rules"),
        ("removed a view of", "Rude words"),
    }
    # What people do with their own is not audited.
    editor.post(f"/catalog/views/{private.pk}/remove/")
    assert told.count() == 2


def test_others_cannot_and_are_not_offered_to():
    bob, viewer = people.bob(), people.signed_in(people.charlie())
    shared = keep(bob, "House rules", is_shared=True)
    assert f"/catalog/views/{shared.pk}/" not in page(viewer, "/catalog/views/")
    address = f"/catalog/views/{shared.pk}/share/"
    assert viewer.post(address, {"share": "off"}).status_code == 404
    assert not AuditEvent.objects.exists()
