"""kill -9 in the middle of an import: the previous state or the next, never between.

Ten thousand entities, twenty imports killed at random moments, on both databases. Slow:
about five minutes each.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from portal.env import PROJECT
from tests import servers
from tests.benchmarks import generate

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kill")]
NUMBER = 10_000
ROUNDS = int(os.environ.get("KILLS", "20"))
# One line about all that an import writes. What belongs together has to fit: every
# entity has its newest text as a revision, and its passage in the full text.
LOOK = """
import hashlib
from django.db import connection
from django.db.models import OuterRef, Subquery
from catalog.entities.models import *
from catalog.sources.models import SourceFile
digest = hashlib.sha256()
last = Revision.objects.filter(identity=OuterRef("pk")).order_by("-id")
rows = Entity.objects.annotate(last=Subquery(last.values("text")[:1])).order_by("ref")
torn = 0
for row in rows.iterator():
    said = f"{row.ref} {row.digest} {row.title} {row.orphan_since is None}"
    digest.update(said.encode())
    torn += row.text != row.last
for model in (Relation, Attribute, Audience, Finding, SourceFile):
    digest.update(f"{model.__name__} {model.objects.count()}".encode())
files = SourceFile.objects.order_by("path").values_list("digest")
digest.update(repr(list(files)).encode())
with connection.cursor() as cursor:
    cursor.execute("SELECT COUNT(*) FROM query_passage")
    torn += abs(cursor.fetchone()[0] - Entity.objects.count())
    if connection.vendor == "sqlite":
        cursor.execute("PRAGMA integrity_check")
        torn += cursor.fetchone()[0] != "ok"
print("STATE", digest.hexdigest(), "TORN", torn)
"""


class House:
    """A data folder, a catalog folder with two versions, and commands on them."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.catalog = folder / "catalog"
        known = {k: v for k, v in os.environ.items() if not k.startswith("GREENROOM_")}
        self.environ = {**known, "GREENROOM_DATA": str(folder / "data"), **variables}

    def say(self, version: int) -> None:
        """Write one of two versions: a note and a part of the names differ."""
        generate.write(self.catalog, NUMBER)
        for path in sorted(self.catalog.glob("*.yaml")):
            text = path.read_text("utf-8")
            text = text.replace(
                "metadata:\n", f"metadata:\n  note: Version {version}\n"
            )
            path.write_text(
                re.sub(r"\bname: (\w+-\d*7)\n", rf"name: \1-{version}\n", text), "utf-8"
            )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "manage.py", *words]

    def run(self, *words: str) -> str:
        done = subprocess.run(
            self.command(*words),
            cwd=PROJECT,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def take(self) -> float:
        """Import what is said, to its end; how long it took."""
        began = time.monotonic()
        self.run("import", str(self.catalog))
        return time.monotonic() - began

    def kill_after(self, seconds: float) -> bool:
        """Import, and kill it: was it still at work?"""
        process = subprocess.Popen(
            self.command("import", str(self.catalog)),
            cwd=PROJECT,
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seconds)
        was_running = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        return was_running

    def state(self) -> str:
        """The catalog as one word; fails where it does not fit together."""
        said = self.run("shell", "-c", LOOK)
        found = re.search(r"STATE (\w+) TORN (\d+)", said)
        assert found, said
        assert found[2] == "0", f"{found[2]} rows do not fit together"
        return found[1]


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        variables = {}
        if request.param == "postgres":
            try:
                # Not below pytest's own folder, which only its user may enter.
                folder = Path(stack.enter_context(TemporaryDirectory()))
                url = stack.enter_context(servers.postgres(folder))
            except servers.MissingServer as missing:
                pytest.skip(str(missing))
            variables = {"DATABASE_URL": url}
        yield House(tmp_path, variables)


def test_an_import_that_is_killed_leaves_no_half(house: House) -> None:
    chance = random.Random(os.environ.get("KILL_SEED", "7"))
    states, seconds = {}, []
    # Twice, so that each knows the orphans of the other.
    for version in (1, 2, 1, 2):
        house.say(version)
        # So many vanish that it would be held: this is not what is tried here.
        house.run("shell", "-c", ALLOW)
        seconds.append(house.take())
        states[version] = house.state()
    assert states[1] != states[2]
    now, killed, kept, tries = 2, 0, 0, 0
    # An import that was done before it was to be killed does not count.
    while killed < ROUNDS and tries < 3 * ROUNDS:
        tries += 1
        wanted = 3 - now
        house.say(wanted)
        house.run("shell", "-c", ALLOW)
        at_work = house.kill_after(chance.uniform(0.2, min(seconds)))
        found = house.state()
        assert found in (states[now], states[wanted]), "a state between the two"
        killed += at_work
        kept += at_work and found == states[now]
        now = wanted if found == states[wanted] else now
    print(f"{killed} killed at work: {kept} as before, {killed - kept} as after")
    assert killed == ROUNDS


ALLOW = "from catalog.sources.models import *; Source.objects.update(may_lose=10**6)"
