"""The whole way between Greenroom and a real Backstage, and what may not go it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.entities.models import Entity, Relation, Revision
from catalog.sources import tasks
from catalog.sources.models import Source
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
from tests.backstage import client
from tests.backstage.calls import UNKNOWN, Call, component, reads, writes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.backstage,
    pytest.mark.xdist_group("backstage"),
    pytest.mark.django_db(transaction=True),
]
CHAT = "component:default/chat"


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


def stored() -> list[Any]:
    """All that the catalog keeps."""
    tables = (Entity, Relation, Revision, Source)
    return [sorted(map(repr, model.objects.values_list())) for model in tables]
