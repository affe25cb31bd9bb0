"""The whole way between Greenroom and a real Backstage, and what may not go it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from catalog.entities.models import Entity
from catalog.sources import adding, processing, tasks
from catalog.sources.models import Source
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
from portal.projections import doors
from portal.projections.models import ExportDoor
from tests import people
from tests.backstage import client, hiding, relaying, serving
from tests.backstage.backend import Backstage
from tests.backstage.calls import UNKNOWN, Call, component, reads, writes
from tests.backstage.comparing import (
    GENERATED,
    Taken,
    compare,
    difference,
    ref_of,
)
from tests.backstage.configuring import Profile, Settings
from tests.backstage.exported import PLAIN, documents_in, documents_of, relations_in
from tests.backstage.keeping import stored
from tests.backstage.marks import REAL
from tests.benchmarks import generate

pytestmark = [*REAL, pytest.mark.django_db(transaction=True)]
CHAT = "component:default/chat"
MANY = 1000
# The generator makes one that depends on itself: an edge there, and none in Greenroom.
_ODD = "component:default/service-119"
ITSELF = {(_ODD, kind, _ODD) for kind in ("dependsOn", "dependencyOf")}


class TestWrites:
    """What would change something there is refused here, and says where to do it."""

    def test_every_write_of_the_real_client_is_refused(
        self, installed: None, sample: str, live_server: Any, tmp_path: Path
    ) -> None:
        before = stored()
        lines = client.run_client(live_server.url, sample, refused(str(tmp_path)))
        found = {one["name"]: one for one in lines}
        assert found.pop("locations")["ok"] and found.pop("doomed")["ok"]
        for line in found.values():
            (exchange,) = line["exchanges"]
            assert not line["ok"] and line["error"]["status"] == 403, line
            assert line["error"]["cause"]["name"] == "NotAllowedError"
            assert exchange["answer"] == error_body(exchange)
        assert stored() == before

    def test_the_client_has_no_other_way_to_write(self, installed: None) -> None:
        known = {call.method for call in (*reads(""), *writes(""))}
        assert known == set(client.methods())
        calls = refused("")
        tried = {call.method for call in calls} | {"refreshEntity"}
        assert tried >= {call.method for call in writes("")}

    def test_refreshing_reads_the_source_again(
        self, installed: None, sample: str, live_server: Any, tmp_path: Path
    ) -> None:
        key = read_once(tmp_path)
        parts = tmp_path / "parts.yaml"
        parts.write_text(parts.read_text().replace("Where people ask", "Read again"))
        assert tasks.tick() == 0
        calls = [
            Call("refresh", "refreshEntity", (CHAT,)),
            Call("none", "refreshEntity", ("component:default/none",)),
        ]
        first, second = client.run_client(live_server.url, sample, calls)
        assert first["ok"], first
        assert not second["ok"] and second["error"]["status"] == 404
        assert tasks.tick() == 1
        tasks.refresh_source(key)
        assert Entity.objects.get(ref=CHAT).description == "Read again"

    def test_refreshing_is_refused_to_a_token_that_reads(
        self, installed: None, sample: str, live_server: Any, tmp_path: Path
    ) -> None:
        read_once(tmp_path)
        account = Account.objects.create_user("looks", role=Role.VIEWER)
        token = tokens.make(account, "client", ApiToken.READ, 0)[1]
        call = Call("refresh", "refreshEntity", (CHAT,))
        (line,) = client.run_client(live_server.url, token, [call])
        assert line["error"]["status"] == 403
        assert line["exchanges"][0]["answer"] == error_body(line["exchanges"][0])
        assert tasks.tick() == 0

    def test_validating_says_what_is_wrong_and_keeps_nothing(
        self, installed: None, sample: str, live_server: Any
    ) -> None:
        before = stored()
        given = (component(), component("qwen2.5:7b"), component(owner=["lab"]))
        calls = [
            Call(str(at), "validateEntity", (one, "url:http://x.example/a.yaml"))
            for at, one in enumerate(given)
        ]
        fine, *bad = client.run_client(live_server.url, sample, calls)
        assert fine["value"] == {"valid": True}
        for line in bad:
            assert line["ok"] and not line["value"]["valid"]
            assert all(one["message"] for one in line["value"]["errors"])
        assert stored() == before


def read_once(folder: Path) -> int:
    """The source of a folder, read as the worker does: nothing is due any more."""
    key = Source.objects.get(target=str(folder)).pk
    tasks.refresh_source(key)
    return int(key)


def refused(folder: str) -> list[Call]:
    """Every write of the client; where it can, to what there is."""
    target = {"target": f"{folder}/people.yaml"}
    place = {"$from": ["locations", "items", 0, "id"]}
    return [
        Call("locations", "getLocations"),
        Call("doomed", "getEntityByRef", (CHAT,)),
        Call("add", "addLocation", ({"target": "http://x.example/a.yaml"},)),
        Call("add-present", "addLocation", ({"type": "file", **target},)),
        Call("add-dry", "addLocation", ({**target, "dryRun": True},)),
        Call("add-refresh", "addLocation", ({**target, "onConflict": "refresh"},)),
        Call("update", "updateLocation", (place, target)),
        Call("update-none", "updateLocation", (UNKNOWN, target)),
        Call("remove", "removeLocationById", (place,)),
        Call("remove-none", "removeLocationById", (UNKNOWN,)),
        Call(
            "remove-entity",
            "removeEntityByUid",
            ({"$from": ["doomed", "metadata", "uid"]},),
        ),
        Call("remove-entity-none", "removeEntityByUid", (UNKNOWN,)),
    ]


def error_body(exchange: dict[str, Any]) -> dict[str, Any]:
    """The body of a refusal as Backstage has it, with the sentence that is there."""
    message = exchange["answer"]["error"]["message"]
    assert message.endswith(("POST /api/v1/apply", "of an editor"))
    url = exchange["path"].removeprefix("/api/catalog")
    return {
        "error": {"name": "NotAllowedError", "message": message},
        "request": {"method": exchange["method"], "url": url},
        "response": {"statusCode": 403},
    }


@pytest.mark.parametrize("profile", ["stock", "ai-model", "native"])
def test_a_thousand_entities_are_taken_with_every_relation(
    profile: Profile, installed: None, tmp_path: Path
) -> None:
    generate.write(tmp_path / "generated", MANY)
    outcome = processing.refresh(adding.add_source(str(tmp_path / "generated")))
    assert outcome.added == MANY, outcome
    out = tmp_path / "out"
    call_command("export", profile=profile, output=str(out))
    with serving.folder(out) as address, Backstage(Settings(profile)) as backstage:
        taken = compare(backstage, f"{address}/catalog-info.yaml", 300)
    meant = documents_of(*generate.documents(MANY))
    edges = set(relations_in(meant)) | ITSELF
    # From the texts that were generated, not from what was made of them.
    root = f"location:default/greenroom-{profile}"
    found = {ref for ref in taken.entities if not ref.startswith(GENERATED)}
    assert found == {*meant, root} and len(meant) == MANY
    assert taken.relations == edges and len(edges) > 7 * MANY
    assert taken.is_clean()
    assert difference(documents_in(out), edges, taken) == []


@pytest.mark.parametrize("profile", ["stock", "ai-model", "native"])
def test_what_is_hidden_is_in_no_byte_that_a_backstage_reads(
    profile: Profile, installed: None, live_server: Any, settings: Any
) -> None:
    settings.GREENROOM_PUBLIC = True
    hiding.declare_all()
    account = Account.objects.create_user("alice", role=Role.ADMIN)
    form = f"/export/backstage/{profile}"
    with relaying.before(live_server.url) as relay:
        taken = ingested(profile, f"{relay.url}{form}/catalog-info.yaml")
        served = relay.said()
        assert b"  name: desk\n" in served
        assert hiding.named_in(served + json.dumps(taken.entities).encode()) == []
        meant = documents_of(*(one.body.decode() for one in relay.taken()))
        edges = [
            one for one in relations_in(meant) if profile == "native" or one[1] in PLAIN
        ]
        assert difference(meant, edges, taken) == [] and len(meant) > 50
        token = doors.make(account, "all", ExportDoor.ALL)[1]
        whole = ingested(profile, f"{relay.url}{form}/t/{token}/catalog-info.yaml")
    assert whole.is_clean()
    assert hiding.named_in(json.dumps(whole.entities).encode()) == list(hiding.WORDS)
    more = {ref.partition("/")[2] for ref in whole.entities.keys() - meant.keys()}
    assert more > {one["metadata"]["name"] for one in hiding.HIDDEN}
    desk, zebrafinch = "component:default/desk", "component:default/zebrafinch"
    assert {
        (desk, "dependsOn", zebrafinch),
        (zebrafinch, "dependsOn", desk),
        (desk, "ownedBy", "group:default/quokka"),
    } <= whole.relations


def ingested(profile: Profile, root: str) -> Taken:
    """What a new Backstage of this form makes of an export."""
    with Backstage(Settings(profile)) as backstage:
        return compare(backstage, root)


def test_whoever_is_in_the_group_sees_them_with_a_token(
    installed: None, live_server: Any
) -> None:
    hiding.declare_all()
    member = people.person("bob", "Bob Baker", Role.EDITOR, hiding.GROUP)
    shown, withheld = (
        seen_with(account, live_server.url) for account in (member, people.charlie())
    )
    every = {
        f"{one['kind']}:default/{one['metadata']['name']}" for one in hiding.HIDDEN
    }
    every = {ref.lower() for ref in every} | {"resource:default/invoices-2026"}
    assert every <= shown and not every & withheld
    assert shown - withheld == every


def seen_with(account: Account, base: str) -> set[str]:
    """The references that a token of this account gets, and what words it gets not."""
    token = tokens.make(account, "client", ApiToken.READ, 0)[1]
    calls = [
        Call("every", "getEntities"),
        Call("facets", "getEntityFacets", ({"facets": ["metadata.tags", "kind"]},)),
    ]
    every, facets = client.run_client(base, token, calls)
    tags = {one["value"] for one in facets["value"]["facets"]["metadata.tags"]}
    found = {ref_of(one) for one in every["value"]["items"]}
    assert ("axolotl" in tags) is ("component:default/zebrafinch" in found)
    return found
