"""Greenroom beside Backstage: its API by recorded answers and by the real client, and
its export in a real Backstage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.sources import adding, processing
from portal.example import HOMELAB
from portal.projections.profile import PROFILES
from tests.backstage import client, serving, wire
from tests.backstage.backend import Backstage
from tests.backstage.calls import reads
from tests.backstage.comparing import compare, difference
from tests.backstage.configuring import Settings
from tests.backstage.exported import PLAIN, documents_in, relations_in
from tests.backstage.marks import REAL
from tests.backstage.recording import recorded
from tests.catalog.documents import declare, document

pytestmark = pytest.mark.django_db
# The last learns our kinds by the very module that the page of the export shows.
EACH = (
    *(Settings("stock"), Settings("ai-model"), Settings("native")),
    Settings("native", module=PROFILES["native"].settings()),
)
# What differs on purpose, by the call: see the help, Backstage.
ON_PURPOSE = {
    # Backstage makes a Location of what was registered, and counts it.
    *("entities-all", "query-all", "facets-all", "ancestors", "not"),
    # A source is a folder here; the addresses are its own.
    *("locations", "locations-query", "locations-none", "locations-stream"),
    *("location-id", "location-ref", "location-ref-none", "location-entity"),
    # Greenroom guesses no entities of what it does not read.
    "analyze",
    # "%" stands for itself.
    "text-wild",
    # By the first field only; the rest is in no order in Backstage.
    "two-orders",
    # Backstage sorts references in a spec, and counts a Location of its own.
    *("ref-short", "name", "ref", "ref-parts"),
}


def asker(text: str) -> wire.Ask:
    """One request to Greenroom."""
    django = Client(headers={"Authorization": f"Bearer {text}"})

    def ask(method: str, path: str, body: Any, who: str) -> wire.Answer:
        data = "" if body is None else json.dumps(body)
        response = django.generic(method, path, data, "application/json")
        headers = {name.lower(): value for name, value in response.headers.items()}
        said = response.content.decode()
        return wire.Answer(response.status_code, json.loads(said or "null"), headers)

    return ask


def test_the_answers_of_a_real_one_are_given_again(sample: str) -> None:
    lines = recorded("reads")
    found: dict[str, list[str]] = {}
    where = {"http://source.example": "{source}"}
    for name, told in wire.replay(lines, asker(sample), where):
        # Where it came from is Greenroom's own.
        if "annotations" not in told and name not in ON_PURPOSE:
            found.setdefault(name, []).append(told)
    # The sentences of complaints are our own; that there are some is compared.
    found = {k: v for k, v in found.items() if not k.startswith("valid-bad")}
    assert found == {}
    assert len(lines) > 90


class TestReal:
    """With the real client and the real Backstage."""

    pytestmark = REAL

    @pytest.mark.django_db(transaction=True)
    def test_every_read_method_of_the_real_client_works(
        self, installed: None, sample: str, live_server: Any
    ) -> None:
        calls = reads("http://source.example")
        lines = client.run_client(live_server.url, sample, calls)
        expected = {one["name"]: one["ok"] for one in recorded("reads")}
        assert {one["name"]: one["ok"] for one in lines} == expected
        assert {one["method"] for one in lines} >= {call.method for call in calls}

    @pytest.mark.parametrize("settings", EACH, ids=["stock", "ai", "native", "shown"])
    def test_a_real_backstage_takes_the_whole_export(
        self, settings: Settings, installed: None, tmp_path: Path
    ) -> None:
        profile = settings.profile
        processing.refresh(adding.add_source(str(HOMELAB)))
        _add_hostile()
        call_command("export", profile=profile, output=str(tmp_path / "out"))
        out = tmp_path / "out"
        exported = documents_in(out)
        assert len(exported) > 50
        with serving.folder(out) as address, Backstage(settings) as backstage:
            taken = compare(backstage, f"{address}/catalog-info.yaml")
        every = relations_in(exported)
        # A plain Backstage keeps fields of ours, and makes no relation of them.
        expected = [one for one in every if profile == "native" or one[1] in PLAIN]
        assert difference(exported, expected, taken) == []


def _add_hostile() -> None:
    """Names, tags and texts that Backstage would refuse, and edges that lead nowhere
    or around."""
    long = "word " * 1000
    declare(
        document("Model", "qwen", title="Qwen/Qwen2.5:7B-Instruct", description=long),
        document(name="cpp.x", tags=["c++", "a:b"]),
        document(name="around-a", spec={"dependsOn": ["component:around-b"]}),
        document(name="around-b", spec={"dependsOn": ["component:around-a"]}),
        document(name="lost", spec={"dependsOn": ["component:nowhere", "api:none"]}),
        document(name="wörk-99".replace("ö", "o"), title="Größe 模型 👋"),
    )
