"""Home and the findings page: what needs attention, what changed, what is mine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.entities.models import Finding
from catalog.sources import adding, processing
from portal.accounts.models import Account
from tests import people
from tests.portal.test_pages_catalog import declare, declare_many, page

pytestmark = pytest.mark.django_db

BROKEN = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: fine, tags: [Not Valid]}
spec: {type: service, lifecycle: production, owner: group:speech}
"""


@pytest.fixture
def broken(tmp_path):
    """A source with one document that is refused."""
    (tmp_path / "catalog-info.yaml").write_text(BROKEN)
    source = adding.add_source(str(tmp_path), name="broken")
    processing.refresh(source)
    return source


def ignore(client: Client, finding: Finding, **fields: str):
    soon = f"{timezone.localdate() + timedelta(days=3)}"
    data = {"until": soon, "reason": "known", **fields}
    return client.post(f"/attention/{finding.pk}/ignore/", data)


def test_home_shows_errors_orphans_the_unowned_and_what_dangles(broken):
    admin = people.signed_in(people.alice())
    declare("lost", owner="group:ghosts")
    html = page(admin, "/")
    assert "catalog-info.yaml:3" in html
    assert "names group:ghosts, which is not in the catalog" in html
    html = page(admin, "/attention/")
    assert "The tag" in html
    assert "Without an owner" in html


def test_an_error_of_an_unknown_document_is_for_those_who_see_all(broken):
    viewer = people.signed_in(people.charlie())
    assert "catalog-info.yaml" not in page(viewer, "/attention/")
    assert "catalog-info.yaml" not in page(viewer, "/")


def test_all_good_is_said():
    html = page(people.signed_in(people.bob()), "/")
    assert "All good" in html
    assert "All good" in page(people.signed_in(people.alice()), "/attention/")


def test_one_import_is_one_line_of_the_changes():
    bob = people.bob()
    declare_many(0, 7)
    declare("solo")
    html = page(people.signed_in(bob), "/")
    assert "added 7 entities" in " ".join(html.split())
    assert 'href="/catalog/default/component/solo/history/"' in html


def test_the_changes_hide_what_is_hidden():
    bob = people.bob()
    declare("secret", annotations="greenroom/visibility: user:default/somebody")
    assert "secret" not in page(people.signed_in(bob), "/").lower()


def test_mine_are_my_groups_and_what_they_own():
    bob = people.bob()
    declare("whisper")
    html = page(people.signed_in(bob), "/")
    mine = html[html.index('id="mine"') : html.index('id="sources"')]
    assert "/catalog/default/component/whisper/" in mine
    assert "/catalog/default/group/speech/" in mine


def test_a_login_without_a_user_is_told_so():
    people.alice()
    lena = Account.objects.create_user("lena", people.PASSWORD)
    assert "not linked to a User" in page(people.signed_in(lena), "/")


def test_an_empty_house_offers_how_to_begin():
    lena = Account.objects.create_user("lena", people.PASSWORD, role="admin")
    assert "Choose how to begin" in page(people.signed_in(lena), "/")


def test_home_costs_the_same_at_any_size():
    client = people.signed_in(people.bob())
    counts = []
    for first, last in ((0, 10), (10, 200)):
        declare_many(first, last)
        page(client, "/")
        with CaptureQueriesContext(connection) as captured:
            page(client, "/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 13


def test_a_finding_is_ignored_until_its_day_and_heeded_again(broken):
    admin = people.signed_in(people.alice())
    finding = Finding.objects.get(severity="error")
    assert ignore(admin, finding).status_code == 302
    finding.refresh_from_db()
    assert (finding.ignored_by, finding.ignored_reason) == ("Alice Ahmadi", "known")
    html = page(admin, "/attention/")
    assert "Show again" in html
    assert 'id="errors"' not in html
    # The next reading finds the same and leaves it aside.
    processing.refresh(broken)
    assert 'id="errors"' not in page(admin, "/attention/")
    admin.post(f"/attention/{finding.pk}/heed/")
    assert 'id="errors"' in page(admin, "/attention/")


def test_the_day_is_after_today_and_a_reason_is_needed(broken):
    admin = people.signed_in(people.alice())
    finding = Finding.objects.get(severity="error")
    for fields in ({"until": "2020-01-01"}, {"until": "2999-01-01"}, {"reason": ""}):
        assert ignore(admin, finding, **fields).status_code == 200
    finding.refresh_from_db()
    assert finding.ignored_until is None


def test_viewers_ignore_nothing_and_editors_only_what_they_see(broken):
    finding = Finding.objects.get(severity="error")
    assert ignore(people.signed_in(people.charlie()), finding).status_code == 403
    assert ignore(people.signed_in(people.bob()), finding).status_code == 404


def test_strangers_read_where_the_house_is_open(settings):
    settings.GREENROOM_PUBLIC = True
    people.alice()
    declare("whisper")
    client = Client()
    for address in ("/", "/attention/", "/catalog/", "/search/?q=whis"):
        html = page(client, address)
        assert 'href="/settings/' not in html
        assert "not linked to a User" not in html
    assert client.get("/settings/sources/").status_code == 302
