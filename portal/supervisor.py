"""`manage.py appliance`: all roles by one command, on one machine. No Django.

Web and worker always run; with `--demo` also the stand-ins for the example's machines.

Children run in their own process groups. One that dies is started again, later each
time; all stop within seconds; none outlives a supervisor that was killed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import secrets
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portal import children, env, example, preflight, roles, running
from portal.children import Child
from portal.env import Env, SettingsError
from portal.greeting import greeting

PATIENCE = 4.0  # Seconds from the signal to stop until children are killed.
FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0
SETTLED = 60.0  # After so long alive, a death counts as the first again.
HOPELESS = 3  # Deaths of web before it ever answered.
POLL = 0.05
SLOW, SLOW_POLL = 15.0, 1.0  # Not ready after so long: say so, and ask less often.
OTHERS_WAIT = 20.0  # Web starts alone, so that the first page comes sooner.


def main(arguments: list[str]) -> int:
    """Check, prepare, run until told to stop. The result is the exit status."""
    try:
        settings, demo = read(arguments)
        preflight.check(settings)
        with running.only_one(settings):
            return Supervisor(settings, demo).run()
    except SettingsError as error:
        print(f"Greenroom cannot start. {error}", file=sys.stderr)
        return 2


def read(arguments: list[str]) -> tuple[Env, bool]:
    """The settings, with what the command line says above all else; and whether this is
    to be a demo."""
    parser = argparse.ArgumentParser(prog="manage.py appliance", description=__doc__)
    parser.add_argument("--port", help="port to listen on")
    parser.add_argument("--bind", help="address to listen on")
    parser.add_argument(
        "--catalog", nargs="*", help="folders, files and URLs to load", metavar="PATH"
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        help="load the example, and start small stand-ins for its machines",
    )
    options = parser.parse_args(arguments)
    given: dict[str, str | list[str]] = {}
    if options.port:
        given["port"] = options.port
    if options.bind:
        given["bind"] = options.bind
    if any(options.catalog or ()):
        given["catalog"] = [part for part in options.catalog if part]
    settings = env.load(options=given)
    if options.demo and not any(map(example.is_example, settings.catalog)):
        catalog = (*settings.catalog, str(example.HOMELAB))
        settings = replace(settings, catalog=catalog)
    return settings, options.demo


@dataclass
class Kept:
    """A child that is to run for as long as we do."""

    name: str
    argv: list[str]
    quiet: bool = False
    child: Child | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float = 0.0
    deaths: int = 0


@dataclass
class Supervisor:
    """Starts the roles, watches them, stops them."""

    settings: Env
    demo: bool = False
    instance: str = field(default_factory=lambda: secrets.token_hex(8))
    ready: bool = False
    slow: bool = False
    stopping: bool = False
    began: float = field(default_factory=time.monotonic)

    def run(self) -> int:
        """Until a signal comes, or until web turns out to be hopeless."""
        self.web, *self.others = self.roles()
        self.wake, woken = os.pipe()
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with children.guarded():
            status = self.prepare()
            if status == 0 and not self.stopping:
                status = self.watch()
            self.stop()
        if self.stopping:
            print("Greenroom has stopped.", flush=True)
        return status

    def roles(self) -> list[Kept]:
        """What is to run, web first; it stops in reverse order."""
        # What it logs goes to the other stream; here Celery only says that it stops.
        argv = roles.worker(self.settings, scheduler=True)
        found = [
            Kept("web", roles.web(self.settings)),
            Kept("worker", argv, quiet=True),
        ]
        return [*found, Kept("demo", roles.demo())] if self.demo else found

    def ask_to_stop(self, *_: object) -> None:
        """A signal to stop came."""
        self.stopping = True

    def prepare(self) -> int:
        """Tables, static files and sources, where something has changed."""
        if preflight.is_prepared(self.settings):
            return 0
        print("Preparing: tables, static files, catalog …", flush=True)
        command = [sys.executable, "manage.py", "prepare"]
        child = Child.start(command, self.variables())
        self.wait(lambda: self.stopping or child.is_dead(), None)
        status = child.end(PATIENCE)
        if status == 0:
            preflight.keep_stamp(self.settings)
        return 0 if self.stopping else status

    def watch(self) -> int:
        """Keep all roles running; greet once the first page can be had."""
        self.start(self.web)
        for kept in self.others:
            kept.due = time.monotonic() + OTHERS_WAIT
        while not self.stopping:
            for kept in self.all():
                self.look_after(kept)
            if not self.ready:
                self.ask_whether_ready()
            if not self.ready and self.web.deaths >= HOPELESS:
                print("Web does not start; the lines above say why.", file=sys.stderr)
                return 1
            self.wait(lambda: self.stopping or self.some_died(), self.pause())
        return 0

    def all(self) -> list[Kept]:
        """Every role, in the order in which they start."""
        return [self.web, *self.others]

    def some_died(self) -> bool:
        """Whether a child that should run does not."""
        running = (kept.child for kept in self.all())
        return any(child is not None and child.is_dead() for child in running)

    def pause(self) -> float | None:
        """How long nothing has to be done, unless a signal comes."""
        if not self.ready:
            return SLOW_POLL if self.slow else POLL
        waiting = [kept.due for kept in self.all() if kept.child is None]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def wait(self, done: Callable[[], bool], limit: float | None) -> None:
        """Sleep until `done`, or for `limit` seconds; signals wake us up."""
        end = None if limit is None else time.monotonic() + limit
        while not done():
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return
            if select.select([self.wake], [], [], left)[0]:
                os.read(self.wake, 512)

    def variables(self) -> dict[str, str]:
        """The environment of the children: ours, with what the command line said."""
        return os.environ | {
            "GREENROOM_BIND": self.settings.bind,
            "GREENROOM_CATALOG": "".join(f"{one}\n" for one in self.settings.catalog),
            "GREENROOM_DATA": str(self.settings.data),
            "GREENROOM_DEMO": "1" if self.demo else "",
            "GREENROOM_INSTANCE": self.instance,
            "GREENROOM_PORT": str(self.settings.port),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, kept: Kept) -> None:
        """Start one role."""
        kept.child = Child.start(kept.argv, self.variables(), quiet=kept.quiet)
        kept.started = time.monotonic()

    def look_after(self, kept: Kept) -> None:
        """Start the role again when its time has come; note its death."""
        if kept.child is not None and kept.child.is_dead():
            self.bury(kept)
        elif kept.child is None and time.monotonic() >= kept.due:
            self.start(kept)

    def bury(self, kept: Kept) -> None:
        """One role has died: say so, and when it starts again."""
        assert kept.child is not None
        status, now = kept.child.end(0), time.monotonic()
        if now - kept.started > SETTLED:
            kept.delay = FIRST_DELAY
        print(
            f"The {kept.name} process ended ({children.in_words(status)}); it starts "
            f"again in {kept.delay:.0f} s.",
            file=sys.stderr,
            flush=True,
        )
        kept.child, kept.due = None, now + kept.delay
        kept.delay, kept.deaths = min(2 * kept.delay, LONGEST_DELAY), kept.deaths + 1

    def ask_whether_ready(self) -> None:
        """Ask our own web process, and nobody left over from an earlier start."""
        answer = ask(self.settings.bind, self.settings.port)
        if answer.get("instance") != self.instance or answer.get("status") != "ok":
            self.mention_slowness(answer)
            return
        self.ready = True
        for kept in self.others:
            kept.due = time.monotonic()
        print(greeting(self.settings, setup=bool(answer.get("setup"))), flush=True)
        if self.demo:
            print("  A demo: stand-ins answer for the machines of the example.")
        took = time.monotonic() - self.began
        print(f"  Ready after {took:.1f} s.\n", flush=True)

    def mention_slowness(self, answer: dict[str, object]) -> None:
        """Say once that the first page is long in coming, and what is known of it."""
        if self.slow or time.monotonic() - self.began < SLOW:
            return
        self.slow = True
        status = answer.get("status", "no good answer")
        print(
            f"Still not ready; /readyz gives: {status}. The lines above may say why, "
            "or manage.py account list.",
            file=sys.stderr,
            flush=True,
        )

    def stop(self) -> None:
        """Stop in reverse order; whoever is still there at the end is killed."""
        end = time.monotonic() + PATIENCE
        alive = [k.child for k in reversed(self.all()) if k.child is not None]
        for child in alive:
            child.ask_to_end()
            # Web may serve what the worker's last tasks need, but not for ever.
            self.wait(child.is_dead, min(PATIENCE / 2, end - time.monotonic()))
        for child in alive:
            self.wait(child.is_dead, end - time.monotonic())
            child.end(0)


def ask(bind: str, port: int) -> dict[str, object]:
    """What /readyz says; nothing when nobody answers."""
    everywhere = {"0.0.0.0": ["127.0.0.1"], "::": ["127.0.0.1", "::1"]}
    answers = (ask_at(here, port) for here in everywhere.get(bind, [bind]))
    return next((answer for answer in answers if answer), {})


def ask_at(here: str, port: int) -> dict[str, object]:
    """The same at one address of this machine."""
    connection = http.client.HTTPConnection(here, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}
