"""Every door, for everybody: what is hidden looks in each like what does not exist.

Bob is a member of finance-ops, and `ledger` is for that group only: it needs `disk`,
says that `desk` needs it, and `clerk` names it. Alice administers, Charlie is in no
group, a stranger has no login. Seeing too little fails as well as seeing too much.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.test import Client

from catalog.entities.models import Entity, Finding, Revision
from catalog.sources import applying
from catalog.sources.applying import Cause
from portal.accounts.models import Role
from tests import people
from tests.catalog.documents import declare, document, seen_by

pytestmark = pytest.mark.django_db

FINANCE = "group:default/finance-ops"
LEDGER = "component:default/ledger"
# Words that stand in nothing but the hidden document.
SECRETS = ("Quarterly", "audit-only", "confidential-tag")
HIDDEN = "/catalog/default/component/ledger/"
UNKNOWN = "/catalog/default/component/nowhere/"
TABS = ("", "dependencies/", "yaml/", "history/", "catalog-info.yaml")
DOORS = (
    "/",
    "/attention/",
    "/catalog/",
    "/catalog/?view=attention",
    "/catalog/?q=Quarterly",
    "/catalog/?kind=Component",
    "/catalog/?tag=plain",
    "/catalog/?owner=group:default/finance-ops",
    "/catalog/?system=system:default/books",
    "/catalog/?cost-centre=audit-only",
    "/catalog/?tag=confidential-tag",
    "/catalog/?tier=experimental",
    "/catalog/?type=ledger&lifecycle=deprecated",
    "/catalog/?sort=-changed&view=mine",
    "/catalog/catalog-info.yaml",
    "/changes/",
    "/changes/?name=Quarterly",
    "/changes/?name=ledger",
    "/changes/?kind=Component&since=7d",
    "/changes/?action=removed",
    "/search/?q=Quarterly",
    "/search/?q=led",
    "/help/kinds/component/",
    "/schemas/component.json",
    *(f"/catalog/default/component/desk/{tab}" for tab in TABS),
    *(f"/catalog/default/resource/disk/{tab}" for tab in TABS),
    *(f"/catalog/default/system/books/{tab}" for tab in TABS),
    *(f"/catalog/default/group/finance-ops/{tab}" for tab in TABS if "dep" not in tab),
    *(f"/catalog/default/group/house/{tab}" for tab in TABS if "dep" not in tab),
)
# Declared by somebody who did not know: it needs what is hidden.
CLERK = tuple(f"/catalog/default/component/clerk/{tab}" for tab in TABS)
_TOKEN = re.compile(r'"X-CSRFToken": "\w+"|name="csrfmiddlewaretoken" value="\w+"')


@dataclass
class Cast:
    """Who looks."""

    alice: Client
    bob: Client
    charlie: Client
    stranger: Client


LEDGER_DOCUMENT = document(
    name="ledger",
    title="Quarterly",
    description="Quarterly numbers.",
    tags=["plain", "confidential-tag"],
    annotations={
        **seen_by(FINANCE),
        "greenroom/cost-centre": "audit-only",
        "greenroom/tier": "experimental",
    },
    spec={
        "type": "ledger",
        "lifecycle": "deprecated",
        "owner": "finance-ops",
        "system": "books",
        "dependsOn": ["resource:disk", "resource:missing-for-ledger"],
        "dependencyOf": ["component:desk"],
        "consumesApis": ["api:desk-api"],
    },
)


@pytest.fixture
def cast() -> Cast:
    declare(
        document("Group", "house", spec={"children": ["finance-ops"]}),
        document("Group", "finance-ops"),
        document("System", "books", spec={"owner": "finance-ops"}),
        document("Resource", "disk", spec={"owner": "finance-ops"}),
        document(name="desk", tags=["plain"], spec={"owner": "finance-ops"}),
        LEDGER_DOCUMENT,
    )
    declare(
        document(name="clerk", spec={"owner": "finance-ops", "dependsOn": [LEDGER]})
    )
    Finding.objects.create(
        code="yaml", severity="error", subject=LEDGER, path="ledger.yaml", message="?"
    )
    return Cast(
        alice=people.signed_in(people.alice()),
        bob=people.signed_in(
            people.person("bob", "Bob Baker", Role.EDITOR, "finance-ops")
        ),
        charlie=people.signed_in(people.charlie()),
        stranger=Client(),
    )


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    body = b"".join(response) if response.streaming else response.content
    return body.decode()


def secrets_in(page: str, address: str) -> list[str]:
    """What the page says of the ledger, beyond what the address itself asked for."""
    asked = address.partition("?")[2]
    return [word for word in SECRETS if word in page and word not in asked]


@pytest.mark.parametrize("address", DOORS)
def test_no_page_tells_those_who_may_not_see_it(cast, settings, address):
    settings.GREENROOM_PUBLIC = True
    assert secrets_in(text(cast.charlie, address), address) == []
    if cast.stranger.get(address).status_code == 200:
        assert secrets_in(text(cast.stranger, address), address) == []


@pytest.mark.parametrize("address", [*DOORS, *CLERK])
@pytest.mark.parametrize("name", ["charlie", "stranger"])
def test_every_page_is_as_if_it_did_not_exist(cast, settings, name, address):
    """The same page, byte for byte, before and after what is hidden is taken away."""
    settings.GREENROOM_PUBLIC = True
    client = getattr(cast, name)
    before = body(client, address)
    applying.remove(Entity.objects.get(ref=LEDGER), Cause("tests"))
    assert body(client, address) == before


@pytest.mark.parametrize("name", ["charlie", "stranger"])
@pytest.mark.parametrize("tab", TABS)
def test_hidden_and_unknown_are_the_same_404(cast, settings, name, tab):
    settings.GREENROOM_PUBLIC = True
    client = getattr(cast, name)
    hidden, unknown = client.get(HIDDEN + tab), client.get(UNKNOWN + tab)
    assert hidden.status_code == unknown.status_code == 404
    assert dict(hidden.headers) == dict(unknown.headers)
    assert body(client, HIDDEN + tab).replace("ledger", "nowhere") == body(
        client, UNKNOWN + tab
    )
    upper = client.get(HIDDEN.replace("component", "Component") + tab)
    assert (upper.status_code, upper["Location"]) == (301, HIDDEN + tab)


def test_what_it_said_while_it_was_hidden_stays_hidden(cast, settings):
    settings.GREENROOM_PUBLIC = True
    declare(document(name="ledger", title="Now for all", tags=["a"]))
    declare(document(name="ledger", title="Now for all", tags=["b"]))
    for client in (cast.charlie, cast.stranger):
        history = text(client, f"{HIDDEN}history/")
        assert secrets_in(history, "") == []
        assert history.count("card revision") == 2
        assert 'History<span class="count">2</span>' in text(client, HIDDEN)
    for client in (cast.alice, cast.bob):
        assert text(client, f"{HIDDEN}history/").count("card revision") == 3


@pytest.mark.parametrize("name", ["charlie", "stranger"])
def test_a_long_past_that_is_hidden_leaves_no_trace_among_the_changes(
    cast, settings, name
):
    """Home and the changes show the one change since it is open, and go on as if the
    three hundred before had not been."""
    settings.GREENROOM_PUBLIC = True
    client = getattr(cast, name)
    hidden = Entity.objects.get(ref=LEDGER)
    Revision.objects.bulk_create(
        Revision(
            identity=hidden.identity,
            action="changed",
            door="test",
            source_name="Made here",
            text=hidden.text,
        )
        for _ in range(300)
    )
    declare(document(name="ledger", title="Now for all"))
    for address in ("/", "/changes/"):
        html = text(client, address)
        assert html.count(f"{HIDDEN}history/") == 1, address
        assert "before=" not in html
    assert "/catalog/default/component/desk/history/" in html


@pytest.mark.parametrize("tab", TABS)
def test_a_closed_house_asks_every_stranger_to_sign_in(cast, settings, tab):
    settings.GREENROOM_PUBLIC = False
    for address in (HIDDEN, UNKNOWN, "/catalog/default/component/desk/"):
        response = cast.stranger.get(address + tab)
        assert response.status_code == 302
        assert response["Location"] == f"/login/?next={address}{tab}"
    for door in ("/", "/catalog/", "/search/?q=led", "/catalog/catalog-info.yaml"):
        assert cast.stranger.get(door).status_code == 302


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_those_who_may_see_it_do(cast, name):
    client = getattr(cast, name)
    for tab in TABS:
        assert "ledger" in text(client, HIDDEN + tab)
    for address in (
        "/catalog/?q=Quarterly",
        "/catalog/?tag=confidential-tag",
        "/changes/",
        "/changes/?name=Quarterly",
        "/search/?q=Quarterly",
        "/catalog/catalog-info.yaml",
        "/catalog/default/component/desk/",
        "/catalog/default/component/desk/dependencies/",
        "/catalog/default/resource/disk/",
        "/catalog/default/resource/disk/dependencies/",
        "/catalog/default/system/books/",
        "/catalog/default/group/finance-ops/",
        "/catalog/default/group/house/",
    ):
        assert "ledger" in text(client, address), address


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "stranger"])
def test_lists_hold_exactly_what_may_be_seen(cast, settings, name):
    settings.GREENROOM_PUBLIC = True
    client = getattr(cast, name)
    may = {"ledger"} if name in ("alice", "bob") else set()
    rows = text(client, "/catalog/?kind=Component")
    assert names(rows) == {"clerk", "desk"} | may
    tagged = text(client, "/catalog/?tag=plain")
    assert names(tagged) == {"desk"} | may
    export = text(client, "/catalog/catalog-info.yaml")
    assert set(re.findall(r"^  name: (\w+)$", export, re.M)) >= {"desk", "clerk"} | may
    owned = text(client, "/catalog/default/group/house/")
    assert names(owned) == {"clerk", "desk"} | may
    parts = text(client, "/catalog/default/system/books/")
    assert ("ledger" in names(parts)) is bool(may)


def names(html: str) -> set[str]:
    """The components that a page links to."""
    main = html.partition("<main")[2]
    return set(re.findall(r'href="/catalog/default/component/([\w-]+)/"', main))


def body(client: Client, address: str) -> str:
    """A page without what differs each time: the tokens of its forms."""
    response = client.get(address)
    page = b"".join(response) if response.streaming else response.content
    return _TOKEN.sub("", page.decode())
