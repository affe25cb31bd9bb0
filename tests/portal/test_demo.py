"""The demo: every probe of the example has its stand-in, which answers as such a server
does, and what breaks there breaks when its story says so."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import web

from catalog.probes import exposition, standins, words
from catalog.probes.prober import Found
from catalog.probes.probers.litellm import Litellm
from catalog.probes.probers.vllm import Vllm
from catalog.sources import adding, processing
from portal.demo import serving, story
from portal.demo.node import Node, application
from portal.demo.servers import http, litellm, vllm
from portal.env import PROJECT
from portal.example import HOMELAB
from tests.appliances import Appliance
from tests.catalog.standins import look_at
from tests.servers import wait_until

BEGAN = 1_700_000_000.0
QDRANT = "resource:default/qdrant-store-01"
RAG = "component:default/docs-rag"
MAC = "component:default/vllm-mac-studio"
RERANKER = "component:default/reranker-node-01"


def node(ref: str, prober: str, at: float = 60.0, path: str = "") -> Node:
    """A stand-in at a moment of the story, in seconds from its start."""
    models = serving.MODELS.get(ref, [])
    return Node(ref, prober, path, models, lambda: BEGAN + at, BEGAN)


def found(one: Node, level: str = "serving", **given: Any) -> Found:
    """What its prober finds there."""

    async def run() -> Found:
        app = application(serving.KINDS[one.prober](one))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}{one.path}"
        try:
            return await look_at(one.prober, url, level, **given)
        finally:
            await runner.cleanup()

    return asyncio.run(run())


def test_every_type_that_is_said_to_have_a_stand_in_has_one():
    assert serving.KINDS.keys() == standins.KNOWN


@pytest.mark.django_db
def test_every_probe_of_the_example_has_a_port_of_its_own():
    processing.refresh(adding.add_source(str(HOMELAB), example=True))
    found = list(serving.nodes())
    assert len(found) >= 12 and {n.prober for _, n in found} == standins.KNOWN
    assert len({port for port, _ in found}) == len(found)
    assert serving.MODELS.keys() | http.SERVICES.keys() <= {n.ref for _, n in found}
    assert all(n.models for _, n in found if n.prober != "http")


@contextmanager
def demo(house: Appliance) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py demo` beside what is loaded, until it has ended well."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=PROJECT,
        env=house.environment() | {"GREENROOM_DEMO": "1"},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.slow
@pytest.mark.xdist_group("appliance")
def test_every_probe_of_the_example_is_answered(appliance: Appliance):
    appliance.manage("import", str(HOMELAB))
    refs = [line.split()[0] for line in _probed(appliance)]

    def outcomes() -> list[dict[str, Any]]:
        answer = appliance.manage(
            "probe", *refs, "--format", "json", GREENROOM_DEMO="1"
        )
        rows: list[dict[str, Any]] = json.loads(answer.stdout)
        return rows

    with demo(appliance):
        wait_until(
            lambda: all(row["error_class"] != "refused" for row in outcomes()),
            "the stand-ins",
        )
        wrong = {row["ref"] for row in outcomes() if row["state"] != words.UP}
    assert wrong == {RERANKER}


def _probed(house: Appliance) -> list[str]:
    """The refs of what the example probes, with its address behind them."""
    code = (
        "from portal.demo import serving\n"
        "for port, node in serving.nodes(): print(node.ref, port)\n"
    )
    said = house.manage("shell", "-v", "0", "-c", code).stdout
    return [line for line in said.splitlines() if ":default/" in line]


def test_the_engine_freezes_under_load_and_answers_all_questions_but_one():
    at = story.FROZEN.first + 30
    frozen = node(MAC, "vllm", at)
    assert found(frozen, "alive").verdict == words.OK
    before, after = (
        found(frozen, "metrics"),
        found(node(MAC, "vllm", at + 60), "metrics"),
    )
    assert before.counters == after.counters and before.load == after.load
    assert before.load and before.load["running"] >= 1
    end = found(frozen, timeout=0.3)
    assert (end.verdict, end.error) == (words.BAD, "first-byte-timeout")
    assert end.models == serving.MODELS[MAC]


def test_an_engine_that_works_counts_what_it_was_asked():
    one = node(MAC, "vllm")
    before = found(one, "metrics").counters or {}
    end = found(one)
    assert (end.verdict, end.version) == (words.OK, vllm.VERSION)
    after = found(one, "metrics").counters or {}
    spent = {name: after[name] - before[name] for name in before}
    assert set(spent.values()) == {1.0}


def test_it_is_busy_now_and_then_and_never_full():
    loads = [story.load(at) for at in range(0, 4 * 3600, 5)]
    assert min(loads) > 0 and max(loads) < 1
    pages = [
        exposition.read(vllm.metrics(node(MAC, "vllm", at)), Vllm.table)
        for at in range(0, 3600, 5)
    ]
    busy = [page for page in pages if page.load["waiting"] > 0]
    assert 0 < len(busy) < len(pages) / 4


@pytest.mark.parametrize("kind, table", [(vllm, Vllm.table), (litellm, Litellm.table)])
def test_counters_never_go_back_and_stand_only_while_it_is_frozen(kind, table):
    last: dict[str, float] = {}
    for at in range(7, 2 * 3600, 20):
        one = node(MAC, "vllm", float(at))
        counters = exposition.read(kind.metrics(one), table).counters
        assert all(value >= last.get(name, 0) for name, value in counters.items())
        stands = counters == last
        assert not stands or story.FROZEN.is_on(at - 13), at
        last = counters


def test_a_full_disk_takes_the_store_down_and_the_search_a_moment_later():
    begins, ends = story.DISK_FULL.first, story.DISK_FULL.first + story.DISK_FULL.length

    def verdicts(at: float) -> tuple[str, str]:
        store = found(node(QDRANT, "http", at, "/readyz"), "alive")
        search = found(node(RAG, "http", at, "/healthz"), "alive")
        return store.verdict, search.verdict

    assert verdicts(begins - 1) == (words.OK, words.OK)
    assert verdicts(begins + 5) == (words.BAD, words.OK)
    assert verdicts(begins + 60) == (words.BAD, words.BAD)
    assert verdicts(ends + 5) == (words.OK, words.BAD)
    assert verdicts(ends + 60) == (words.OK, words.OK)


def test_a_model_that_nobody_uses_is_let_go():
    whisper = "component:default/whisper-engine-01"
    assert found(node(whisper, "whisper")).verdict == words.OK
    idle = found(node(whisper, "whisper", story.NOBODY_SPEAKS.first + 1))
    assert (idle.verdict, idle.error) == (words.UNCHECKED, words.NOT_LOADED)


def test_the_reranker_ranks_with_a_model_that_nobody_has_written_down():
    end = found(node(RERANKER, "infinity"), expects=(("bge-reranker-v2-m3",),))
    assert (end.verdict, end.error) == (words.DEGRADED, words.WRONG_MODEL)
    assert end.models == serving.MODELS[RERANKER] and end.latency


def test_a_spell_counts_its_seconds():
    spell = story.Spell(first=10, length=5, every=100)
    assert [spell.is_on(at) for at in (0, 9, 10, 14.9, 15, 112)] == [
        *(False, False, True, True, False, True)
    ]
    assert [spell.spent(at) for at in (0, 12, 50, 113)] == [0, 2, 5, 8]
    assert spell.ends(12) == 15 and spell.ends(113) == 115


def test_a_port_that_another_uses_is_named_and_tried_again(caplog):
    stage = serving.Stage()

    async def run() -> tuple[int, int]:
        blocker = web.AppRunner(web.Application())
        await blocker.setup()
        await web.TCPSite(blocker, "127.0.0.1", 0).start()
        port = blocker.addresses[0][1]
        one = node(MAC, "vllm")
        await stage._start(port, one)
        await stage._start(port, one)
        refused = len(stage.running)
        await blocker.cleanup()
        await stage._start(port, one)
        started = len(stage.running)
        await stage.clear()
        return refused, started

    assert asyncio.run(run()) == (0, 1)
    (record,) = caplog.records
    assert MAC in record.getMessage() and "port" in record.getMessage()
