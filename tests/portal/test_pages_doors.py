"""Who may open what, as an operator reads it."""

from __future__ import annotations

import html
import re

import pytest

from portal.doors import DOORS
from tests import people
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db
ADDRESS = "/help/doors/"


def test_an_administrator_reads_every_door(settings):
    admin = people.signed_in(people.alice())
    text = page(admin, ADDRESS)
    assert len(re.findall("<tr><td>", text)) == len(DOORS)
    for told in (
        "/catalog/{namespace}/{kind}/{name}/",
        "/api/v1/apply",
        "/admin/…",
        "asks for the token in the address",
        "these need a login now",
    ):
        assert told in html.unescape(text), told
    settings.GREENROOM_PUBLIC = True
    assert "GREENROOM_PUBLIC is on" in page(admin, ADDRESS)
    assert ADDRESS in page(admin, "/settings/")


def test_others_are_not_led_there():
    editor = people.signed_in(people.bob())
    assert editor.get(ADDRESS).status_code == 403
    assert ADDRESS not in page(editor, "/help/")
