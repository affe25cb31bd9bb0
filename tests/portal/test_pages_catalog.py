"""The catalog index: filters in the address, fragments, views, export, its cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.query import shown
from catalog.sources import processing
from catalog.sources.outcome import outcome_of
from portal.accounts.models import Account
from tests import people

pytestmark = pytest.mark.django_db

COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
  title: {title}
  description: Does {name}.
  annotations: {{{annotations}}}
spec: {{type: service, lifecycle: {lifecycle}, owner: {owner}}}
"""


def declare(name: str, owner: str = "group:speech", **more: str) -> None:
    fields = {"title": name.title(), "lifecycle": "production", "annotations": ""}
    people.declare(COMPONENT.format(name=name, owner=owner, **{**fields, **more}))


def declare_many(first: int, last: int) -> None:
    texts = [
        COMPONENT.format(
            name=f"c{i:04}",
            title=f"C {i}",
            lifecycle="production",
            owner="group:speech",
            annotations="greenroom/tier: critical" if i % 2 else "",
        )
        for i in range(first, last)
    ]
    people.declare("---\n".join(texts))


def page(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.fixture
def bob() -> Account:
    return people.bob()


@pytest.fixture
def client(bob: Account) -> Client:
    return people.signed_in(bob)


def test_filters_views_and_sort_live_in_the_address(client):
    declare("whisper")
    declare("gateway", owner="group:nobody", lifecycle="experimental")
    html = page(client, "/catalog/?kind=Component&lifecycle=experimental")
    assert "Gateway" in html
    assert "Whisper" not in html
    assert 'aria-label="Applied filters"' in html
    assert 'href="?kind=Component"' in html  # Takes the other filter away.
    html = page(client, "/catalog/?view=attention")
    assert "Gateway" in html
    assert "Whisper" not in html
    html = page(client, "/catalog/?kind=Component&sort=-title")
    assert html.index("Whisper") < html.index("Gateway")
    assert 'aria-sort="descending"' in html


def test_what_is_mine_is_owned_by_my_groups(client):
    declare("whisper")
    declare("gateway", owner="group:nobody")
    html = page(client, "/catalog/?view=mine")
    assert "Whisper" in html
    assert "Gateway" not in html


def test_htmx_gets_only_what_filters_change(client):
    declare("whisper")
    response = client.get("/catalog/?q=whis", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "HX-Request" in response["Vary"]
    assert "<html" not in html
    assert 'id="catalog"' in html
    assert "Whisper" in html
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in page(client, "/catalog/", **restored)


def test_no_match_says_which_filters_and_how_to_clear_them(client):
    declare("whisper")
    html = page(client, "/catalog/?q=sumary&kind=Model")
    assert "No entity matches" in html
    assert "“sumary”" in html
    assert "Kind: Model" in html
    assert "Clear filters" in html


def test_mine_without_a_link_says_what_is_missing():
    declare("whisper")
    account = Account.objects.create_user("lena", people.PASSWORD)
    html = page(people.signed_in(account), "/catalog/?view=mine")
    assert "not linked to a User" in html


@pytest.mark.parametrize(
    ("role", "step"),
    [("admin", "/welcome/"), ("editor", "/settings/sources/paste/"), ("viewer", "")],
)
def test_an_empty_catalog_offers_the_next_step(role, step):
    account = Account.objects.create_user("lena", people.PASSWORD, role=role)
    html = page(people.signed_in(account), "/catalog/")
    assert "The catalog is empty" in html
    assert step in html
    if role == "viewer":
        assert "/settings/sources/" not in html


def test_a_hidden_entity_leaves_no_trace(client):
    declare("whisper")
    declare("secret", annotations="greenroom/visibility: user:default/somebody")
    for address in ("/catalog/", "/catalog/?q=secret", "/catalog/catalog-info.yaml"):
        html = client.get(address).getvalue().decode()
        assert "Does secret" not in html


def test_owners_are_links_only_where_the_reader_may_see_them(client):
    declare("whisper")
    declare("gateway", owner="group:ghosts")
    html = page(client, "/catalog/")
    assert 'href="/catalog/default/group/speech/"' in html
    assert 'href="/catalog/default/group/ghosts/"' not in html


def test_the_export_is_stable_and_lossless(client):
    declare("whisper")
    declare("gateway")
    first = client.get("/catalog/catalog-info.yaml")
    text = first.getvalue().decode()
    assert first["Content-Type"].startswith("application/yaml")
    assert text.index("name: gateway") < text.index("name: whisper")
    found = outcome_of(processing.preview_text(text))
    assert (found.added, found.changed, found.refused) == (0, 0, 0)
    again = {"If-None-Match": first["ETag"]}
    assert client.get("/catalog/catalog-info.yaml", headers=again).status_code == 304
    declare("third")
    assert client.get("/catalog/catalog-info.yaml", headers=again).status_code == 200


def queries_of(client: Client, address: str, **headers: str) -> int:
    page(client, address, **headers)  # Derived tables are made once per change.
    counts = []
    for _ in range(2):  # What moves with the clock is read again now and then.
        with CaptureQueriesContext(connection) as captured:
            page(client, address, **headers)
        counts.append(len(captured))
    return min(counts)


ALL_COLUMNS = ",".join(shown.every())


@pytest.mark.parametrize(
    "address",
    [
        "/catalog/",
        "/catalog/?q=does&tier=critical",
        f"/catalog/?columns={ALL_COLUMNS}",
        f"/catalog/?q=does&columns={ALL_COLUMNS}",
    ],
)
def test_queries_do_not_grow_with_the_catalog(client, address):
    declare_many(0, 10)
    few = queries_of(client, address)
    declare_many(10, 200)
    assert queries_of(client, address) == few
    # Full text is two statements, which cost less than one with an order.
    assert few <= 15
    assert queries_of(client, address, **{"HX-Request": "true"}) <= 11


def test_very_long_facets_are_unfolded_by_a_link(client):
    for i in range(30):
        declare(f"c{i}", owner=f"group:team-{i}")
    html = page(client, "/catalog/")
    assert html.count('name="owner"') == 8
    assert "Show all 31" in html or "Show all 30" in html
    assert page(client, "/catalog/?all=owner").count('name="owner"') >= 30
