"""Once around: a real Backstage, Greenroom, a second Backstage; and what is new."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from catalog.entities.models import Entity, Relation
from catalog.secrets.models import Secret
from catalog.sources import adding, managing, processing
from catalog.sources.models import Source
from catalog.sources.provider import SourceError
from catalog.sources.providers import backstage as provided
from portal.accounts.models import Account, Role
from portal.projections import doors
from portal.projections.models import ExportDoor
from tests.backstage import relaying, serving
from tests.backstage.backend import Backstage
from tests.backstage.comparing import Taken, compare, every_entity, ref_of, settle
from tests.backstage.keeping import stored
from tests.backstage.marks import REAL
from tests.backstage.purposes import renamed, unlike
from tests.backstage.recording import SAMPLE

pytestmark = [*REAL, pytest.mark.django_db(transaction=True)]
CHAT, LLAMA = "component:default/chat", "resource:default/llama"


class TestRound:
    """A Backstage, Greenroom, and a second Backstage."""

    def test_what_comes_out_is_what_went_in(
        self,
        installed: None,
        live_server: Any,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Small, so that the sample has pages and batches.
        monkeypatch.setattr(provided, "PAGE", 5)
        monkeypatch.setattr(provided, "BATCH", 4)
        shutil.copytree(SAMPLE, tmp_path / "sample")
        with (
            serving.folder(tmp_path / "sample") as files,
            Backstage() as first,
            relaying.before(first.base) as relay,
        ):
            there = compare(first, f"{files}/catalog-info.yaml")
            assert there.is_clean()
            source = registered(relay, first, monkeypatch)
            by_kinds_and_pages(source, relay)
            kept_as_they_were(there)
            second_read_brings_nothing(source, relay)
            here = exported_to_a_second(live_server.url)
            assert unlike(there, here, live_server.url) == []
            parts = tmp_path / "sample" / "parts.yaml"
            one_change_is_one_here(first, parts, source, relay)
            one_removed_is_gone_here(first, parts, source, relay)
            nothing_was_written(first, relay)


def nothing_was_written(first: Backstage, relay: relaying.Relay) -> None:
    """It was only read: no request could write, and it has no location but its own."""
    api = "/api/catalog/entities"
    assert relay.went == {("GET", f"{api}/by-query"), ("POST", f"{api}/by-refs")}
    assert len(first.get("/api/catalog/locations")) == 1
    said = json.dumps(list(every_entity(first)))
    assert "greenroom/" not in said and relay.url not in said


def registered(
    relay: relaying.Relay, first: Backstage, monkeypatch: pytest.MonkeyPatch
) -> Source:
    """The first Backstage as a source: not without its static token, and only some
    kinds for a start."""
    with pytest.raises(SourceError, match="wants a token"):
        adding.add_source(relay.url, provider="backstage")
    Secret.objects.create(name="OTHER", variable="OTHER", hosts="127.0.0.1", uses="url")
    asked: dict[str, Any] = {
        "provider": "backstage",
        "secret": "OTHER",
        "kinds": "Component API",
    }
    monkeypatch.setenv("OTHER", "wrong")
    with pytest.raises(SourceError, match="does not take the token"):
        adding.add_source(relay.url, **asked)
    monkeypatch.setenv("OTHER", first.token)
    return adding.add_source(relay.url, **asked)


def by_kinds_and_pages(source: Source, relay: relaying.Relay) -> None:
    """First the kinds that were asked for, then all, page by page."""
    relay.taken()
    assert processing.refresh(source).added == 4
    kinds = set(Entity.objects.values_list("kind", flat=True))
    assert kinds == {"Component", "API"}
    brought = [json.loads(one.body)["items"] for one in relay.taken()]
    assert {one["kind"] for items in brought for one in items} == kinds
    source.kinds = ""
    source.save()
    outcome = processing.refresh(source)
    assert (outcome.added, outcome.unchanged, outcome.refused) == (8, 4, 0), outcome
    went = relay.taken()
    lists = [one for one in went if "by-query" in one.path]
    refs = [one for one in went if "by-refs" in one.path]
    assert [len(json.loads(one.body)["items"]) for one in lists] == [5, 5, 4]
    assert sum("cursor=" in one.path for one in lists) == 2
    assert [len(json.loads(one.body)["items"]) for one in refs] == [4, 4]
    assert len(went) == len(lists) + len(refs)


def kept_as_they_were(there: Taken) -> None:
    """Who each was in the first Backstage, and all annotations."""
    for row in Entity.objects.all():
        theirs = there.entities[row.ref]["metadata"]
        own = json.loads(row.document)["metadata"]["annotations"]
        told = renamed(theirs["annotations"])
        assert own == {**told, "greenroom/backstage-uid": theirs["uid"]}


def second_read_brings_nothing(source: Source, relay: relaying.Relay) -> None:
    """Of what is as it was, only the list is asked for; no row is touched."""
    before = stored()[:-1]
    outcome = processing.refresh(source)
    assert (outcome.unchanged, outcome.changed, outcome.added) == (12, 0, 0)
    assert all("by-query" in one.path for one in relay.taken())
    assert stored()[:-1] == before


def exported_to_a_second(house: str) -> Taken:
    """What a new Backstage makes of the export, which it reads with a token."""
    account = Account.objects.create_user("alice", role=Role.ADMIN)
    token = doors.make(account, "second", ExportDoor.ALL)[1]
    root = f"{house}/export/backstage/stock/t/{token}/catalog-info.yaml"
    with Backstage() as second:
        return compare(second, root)


def one_change_is_one_here(
    first: Backstage, parts: Path, source: Source, relay: relaying.Relay
) -> None:
    """One entity is written anew there: only that one is brought."""
    parts.write_text(parts.read_text().replace("Where people ask", "Read again"))
    read_there(first, CHAT)
    by_name = "/api/catalog/entities/by-name/component/default/chat"
    until(lambda: first.get(by_name)["metadata"]["description"] == "Read again")
    settle(first)
    relay.taken()
    outcome = processing.refresh(source)
    assert (outcome.changed, outcome.added, outcome.removed) == (1, 0, 0)
    assert outcome.unchanged == 11
    assert brought(relay) == {CHAT}
    assert Entity.objects.get(ref=CHAT).description == "Read again"


def one_removed_is_gone_here(
    first: Backstage, parts: Path, source: Source, relay: relaying.Relay
) -> None:
    """What is gone there is an orphan here, and leaves after its time of grace."""
    texts = parts.read_text().split("---\n")
    kept = [text for text in texts if "name: llama" not in text]
    assert len(kept) == len(texts) - 1
    parts.write_text("---\n".join(kept))
    read_there(first, LLAMA)
    # Backstage keeps it as an orphan of its own, until a task comes by.
    by_name = "/api/catalog/entities/by-name/resource/default/llama"
    until(lambda: first.ask("GET", by_name).status == 404)
    settle(first)
    before = texts_but(LLAMA)
    relay.taken()
    outcome = processing.refresh(source)
    assert (outcome.removed, outcome.changed, outcome.added) == (1, 0, 0)
    assert (outcome.unchanged, outcome.refused) == (11, 0)
    # A relation less is a new ETag there, and no change of a document.
    assert brought(relay) == {"group:default/lab", "system:default/assistant"}
    assert texts_but(LLAMA) == before
    orphans = Entity.objects.exclude(orphan_since=None)
    assert [row.ref for row in orphans] == [LLAMA]
    assert managing.remove_old_orphans() == 0
    orphans.update(orphan_since=timezone.now() - timedelta(source.orphan_days, 1))
    assert managing.remove_old_orphans() == 1
    assert not Entity.objects.filter(ref=LLAMA).exists()
    assert not Relation.objects.filter(source_ref=LLAMA).exists()
    second = processing.refresh(source)
    assert (second.unchanged, second.added, second.removed) == (11, 0, 0)


def read_there(first: Backstage, ref: str) -> None:
    """Have the first Backstage read again where an entity comes from."""
    answer = first.ask("POST", "/api/catalog/refresh", {"entityRef": ref})
    assert answer.status == 200, answer.data


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what the first Backstage does in its own time."""
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end, "it did not come to it"
        time.sleep(0.2)


def brought(relay: relaying.Relay) -> set[str]:
    """The entities that were asked for whole since this was last looked at."""
    answers = [one for one in relay.taken() if "by-refs" in one.path]
    return {ref_of(item) for one in answers for item in json.loads(one.body)["items"]}


def texts_but(ref: str) -> dict[str, str]:
    """The documents of all entities but one."""
    return {row.ref: row.text for row in Entity.objects.exclude(ref=ref)}
