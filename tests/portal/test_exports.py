"""The exports as addresses: who reads what, 304, tokens, and the page for them."""

from __future__ import annotations

import gzip
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import Account, AuditEvent
from portal.projections import doors
from portal.projections.models import ExportDoor, Reading
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.portal.projected import by_name, documents

pytestmark = pytest.mark.django_db
PUBLIC = "/export/backstage/stock/"
PAGE = "/settings/backstage/"


@pytest.fixture
def catalog() -> None:
    public = {"greenroom/visibility": "public"}
    declare(
        document("Group", "lab", annotations=public),
        document(name="open", annotations=public),
        document(name="inside"),
        document(name="ledger", annotations=seen_by("group:default/finance")),
    )


def made(sight: str = ExportDoor.SIGNED_IN, title: str = "lab") -> str:
    """The text of a new token."""
    account = Account.objects.filter(username="alice").first() or people.alice()
    return doors.make(account, title, sight)[1]


def names(client: Client, address: str) -> set[str]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return set(by_name(documents(answer.content.decode())))


def test_without_a_token_only_what_is_public_is_read(catalog, settings):
    alice = people.signed_in(people.alice())
    for client in (Client(), alice):
        assert names(client, f"{PUBLIC}all.yaml") == {"group:lab", "component:open"}
        hidden = client.get(f"{PUBLIC}entities/default/component/inside.yaml")
        missing = client.get(f"{PUBLIC}entities/default/component/nowhere.yaml")
        assert hidden.status_code == missing.status_code == 404
        assert hidden.content == missing.content
    settings.GREENROOM_PUBLIC = True
    assert "component:inside" in names(Client(), f"{PUBLIC}all.yaml")
    assert "component:ledger" not in names(Client(), f"{PUBLIC}all.yaml")


def test_a_token_in_the_path_reads_what_it_was_made_for(catalog):
    some = f"{PUBLIC}t/{made()}/"
    every = f"{PUBLIC}t/{made(ExportDoor.ALL, 'all')}/"
    assert "component:inside" in names(Client(), f"{some}all.yaml")
    assert "component:ledger" not in names(Client(), f"{some}all.yaml")
    assert "component:ledger" in names(Client(), f"{every}all.yaml")
    root = documents(Client().get(f"{some}catalog-info.yaml").content.decode())[0]
    assert root["spec"]["targets"] == ["./part-000.yaml"]
    assert "component:inside" in names(Client(), f"{some}part-000.yaml")
    one = f"{some}entities/default/component/inside.yaml"
    assert names(Client(), one) == {"component:inside"}


def test_a_revoked_token_is_one_that_never_was(catalog):
    text = made()
    address = f"{PUBLIC}t/{text}/catalog-info.yaml"
    assert Client().get(address).status_code == 200
    door = doors.tokens().get()
    page = people.signed_in(Account.objects.get(username="alice"))
    assert page.post(f"{PAGE}{door.pk}/revoke/").status_code == 302
    gone, wrong = Client().get(address), Client().get(f"{PUBLIC}t/grm_x/all.yaml")
    assert gone.status_code == wrong.status_code == 404
    assert gone.content == wrong.content and text.encode() not in gone.content
    assert not Reading.objects.exists()
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert {"made the export token", "revoked the export token"} <= set(actions)


def test_only_a_hash_of_a_token_is_kept(catalog):
    text = made()
    Client().get(f"{PUBLIC}t/{text}/all.yaml")
    for model in (ExportDoor, Reading, AuditEvent):
        assert text not in repr(list(model.objects.values()))


def test_an_unchanged_export_is_not_sent_again(catalog):
    client, address = Client(), f"{PUBLIC}t/{made()}/all.yaml"
    first = client.get(address)
    etag = first["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    assert "no-cache" in first["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": etag})
    assert again.status_code == 304 and not again.content and again["ETag"] == etag
    declare(document(name="ledger", annotations=seen_by("group:default/finance")))
    again = client.get(address, headers={"If-None-Match": etag})
    assert again.status_code == 304
    declare(document(name="inside", title="New"))
    changed = client.get(address, headers={"If-None-Match": etag})
    assert changed.status_code == 200 and changed["ETag"] != etag


def test_what_is_zipped_has_a_strong_etag_of_its_own(catalog):
    plain = Client().get(f"{PUBLIC}all.yaml")
    zipped = Client().get(f"{PUBLIC}all.yaml", headers={"Accept-Encoding": "gzip"})
    again = Client().get(f"{PUBLIC}all.yaml", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped.content == again.content
    assert zipped["ETag"] == again["ETag"] == f'{plain["ETag"][:-1]}-gz"'
    assert "Accept-Encoding" in zipped["Vary"]


def test_a_304_costs_little(catalog):
    client, address = Client(), f"{PUBLIC}t/{made()}/part-000.yaml"
    etag = client.get(address)["ETag"]
    client.get(address, headers={"If-None-Match": etag})
    with CaptureQueriesContext(connection) as queries:
        client.get(address, headers={"If-None-Match": etag})
    assert len(queries) <= 3


@pytest.mark.parametrize(
    "address",
    [
        "/export/nothing/stock/all.yaml",
        "/export/backstage/nothing/all.yaml",
        f"{PUBLIC}nothing.yaml",
        f"{PUBLIC}part-001.yaml",
        f"{PUBLIC}t/grm_secretsecret/",
        f"{PUBLIC}t/grm_secretsecret/deep/er",
        f"{PUBLIC}t/grm_secretsecret",
    ],
)
def test_what_is_not_there_repeats_no_address(catalog, address):
    answer = Client().get(address, follow=True)
    assert answer.status_code == 404
    assert b"secretsecret" not in answer.content


def test_it_is_known_who_read_last_and_with_what_result(catalog):
    alice = people.signed_in(people.alice())
    text = made()
    assert "Never read" in alice.get(PAGE).content.decode()
    address = f"{PUBLIC}t/{text}/part-000.yaml"
    etag = Client().get(address, headers={"User-Agent": "node-backstage"})["ETag"]
    html = alice.get(PAGE).content.decode()
    assert "node-backstage" in html and "answer 200" in html
    Reading.objects.update(at="2026-01-01T00:00:00Z")
    Client().get(address, headers={"If-None-Match": etag})
    assert Reading.objects.get().status == 304
    assert (
        Reading.objects.get().at.year > 2025 and "stock" in Reading.objects.get().text
    )


def test_the_page_compares_with_what_was_last_read(catalog):
    alice = people.signed_in(people.alice())
    text = made()
    changes = f"{PAGE}changes/?door={doors.tokens().get().pk}"
    html = alice.get(changes).content.decode()
    assert "Nothing was read" in html and "component:default/inside" in html
    assert "ledger" not in html
    Client().get(f"{PUBLIC}t/{text}/catalog-info.yaml")
    Client().get(f"{PUBLIC}t/{text}/part-000.yaml")
    assert "Nothing has changed" in alice.get(changes).content.decode()
    declare(document(name="inside", title="Quite new"), document(name="123"))
    html = alice.get(changes).content.decode()
    assert "1 new, 1 changed, 0 gone" in html and "Quite new" in html


def test_the_lines_are_for_this_host_and_the_token_is_shown_once(catalog, settings):
    settings.GREENROOM_URL = "https://portal.lan:8443"
    alice = people.signed_in(people.alice())
    html = alice.get(PAGE).content.decode()
    assert "portal.lan:8443/export/backstage/stock/catalog-info.yaml" in html
    answer = alice.post(PAGE, {"title": "lab", "sight": "signed-in"})
    html = answer.content.decode()
    text = re.findall(r"/t/(grm_[\w-]{43})/catalog-info.yaml", html)[0]
    assert "host: portal.lan:8443" in html and "[&#39;/export/&#39;]" in html
    assert (
        "allow: [Location, Component, API, Resource, System, Domain, Group, User]"
        in html
    )
    assert doors.find(text) == doors.tokens().get()
    assert "no-store" in answer["Cache-Control"]
    html = alice.get(PAGE).content.decode()
    assert text not in html and "/t/TOKEN/catalog-info.yaml" in html
    native = alice.get(f"{PAGE}?profile=native").content.decode()
    assert "validateEntityKind" in native and "Eval, Model]" in native
    again = alice.post(PAGE, {"title": "lab", "sight": "all"})
    assert again.status_code == 422 and doors.tokens().count() == 1


def test_the_page_tells_what_does_not_go_out(catalog):
    declare(document("Location", "more", spec={"targets": ["./a.yaml"]}))
    alice = people.signed_in(people.alice())
    assert "Everything goes out" in alice.get(PAGE).content.decode()
    made()
    assert "A Location says where Greenroom reads" in alice.get(PAGE).content.decode()


def test_the_page_is_for_administrators(catalog):
    made()
    pk = doors.tokens().get().pk
    for account in (people.bob(), people.charlie()):
        client = people.signed_in(account)
        for address in (PAGE, f"{PAGE}changes/"):
            assert client.get(address).status_code == 403
        assert client.post(PAGE, {"title": "x", "sight": "all"}).status_code == 403
        assert client.post(f"{PAGE}{pk}/revoke/").status_code == 403
    assert Client().get(PAGE).status_code == 302
    assert doors.tokens().count() == 1
