"""The page of tokens: made, shown once, revoked; who may make which."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from portal.accounts.models import ApiToken
from tests import people

pytestmark = pytest.mark.django_db
PAGE = "/me/tokens/"


@pytest.fixture
def editor() -> Client:
    return people.signed_in(people.bob())


def make(client: Client, status: int = 200, **fields: str) -> str:
    sent = {"title": "CI", "scope": "read", "days": "90", **fields}
    response = client.post(PAGE, sent)
    assert response.status_code == status
    return response.content.decode()


def test_a_token_is_shown_once_and_works(editor):
    page = make(editor, scope="write")
    (text,) = set(re.findall(r"grm_[\w-]{20,}", page))
    asks = Client(headers={"Authorization": f"Bearer {text}"})
    assert asks.get("/api/v1/entities").status_code == 200
    again = editor.get(PAGE).content.decode()
    assert text not in again and "CI" in again and text[:8] in again
    row = ApiToken.objects.get()
    assert row.writes and row.expires_at


def test_one_without_an_end(editor):
    make(editor, days="0")
    assert ApiToken.objects.get().expires_at is None


def test_a_title_that_is_missing_or_taken_is_told_and_nothing_is_lost(editor):
    make(editor)
    assert "You have a token “CI” already" in make(editor, 422)
    assert "required" in make(editor, 422, title=" ")
    assert ApiToken.objects.count() == 1


def test_a_viewer_makes_none_that_writes():
    viewer = people.signed_in(people.charlie())
    assert "Writing needs the role Editor" in viewer.get(PAGE).content.decode()
    make(viewer, 422, scope="write")
    make(viewer)
    assert not ApiToken.objects.get().writes


def test_revoking_is_for_its_owner_alone(editor):
    make(editor)
    key = ApiToken.objects.get().pk
    other = people.signed_in(people.charlie())
    assert other.post(f"{PAGE}{key}/revoke/").status_code == 404
    assert "No token yet" in other.get(PAGE).content.decode()
    page = editor.post(f"{PAGE}{key}/revoke/", follow=True).content.decode()
    assert "is revoked" in page and "No token yet" in page
