"""Sending a message to receivers, each in a thread of its own, in bounded time.

Apprise makes the connection, so this is a way out of its own: the host is judged
before, by the rule of catalog.http.addresses, and redirects are not followed. Not
covered: the name is looked up a second time when it connects, and a proxy that
HTTP_PROXY names connects for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from catalog.http.addresses import FetchError, judged_address
from catalog.probes.hearing import heard
from catalog.probes.receivers import Address, read
from catalog.secrets.places import Unfit
from catalog.secrets.reading import NotSet, SecretError
from catalog.secrets.revealing import Revealed, reveal
from catalog.secrets.scrubbing import scrub

log = logging.getLogger(__name__)
USE = "notification"
PATIENCE = 15.0
_MOST = 500


@dataclass(frozen=True)
class Message:
    """What is sent: one line, and the rest."""

    title: str
    body: str
    is_bad: bool = True


@dataclass(frozen=True)
class Outcome:
    """Whether a message was taken, and what was sent where or what went wrong."""

    sent: bool
    text: str


@dataclass(frozen=True)
class Errand:
    """A message for the address of one receiver."""

    address: str
    message: Message


def send(address: str, message: Message) -> Outcome:
    """Send one message and wait for its end, PATIENCE seconds at most."""
    return send_all([Errand(address, message)])[0]


def send_all(errands: Sequence[Errand]) -> list[Outcome]:
    """Send all at the same time; the outcome of each, in order.

    One that is not done after PATIENCE seconds counts as not sent.
    """
    threads = [_Sender(errand) for errand in errands]
    end = time.monotonic() + PATIENCE
    for thread in threads:
        if not thread.is_over:
            thread.start()
    for thread in threads:
        if not thread.is_over:
            thread.join(max(0.0, end - time.monotonic()))
    return [thread.outcome for thread in threads]


def check_secrets(address: Address) -> list[str]:
    """What is not set in this process, in words: another may find it. Raises
    SecretError where a secret may not be sent there at all."""
    missing = []
    for name in address.names:
        try:
            _revealed(address, name)
        except NotSet as error:
            missing.append(str(error))
    return missing


def _revealed(address: Address, name: str) -> Revealed:
    return reveal(name, use=USE, host=address.host, port=address.port)


class _Sender(threading.Thread):
    """One message on its way. Secrets are revealed by whoever makes it."""

    def __init__(self, errand: Errand) -> None:
        super().__init__(name="notice", daemon=True)
        self.message = errand.message
        self.is_over = False
        self.revealed: list[Revealed] = []
        self.outcome = Outcome(False, f"No answer within {PATIENCE:.0f} s.")
        try:
            self.address = read(errand.address)
            self._reveal()
        except (Unfit, SecretError) as error:
            self.outcome, self.is_over = Outcome(False, str(error)[:_MOST]), True

    def _reveal(self) -> None:
        found = {name: _revealed(self.address, name) for name in self.address.names}
        self.revealed = list(found.values())
        self.address.fill({name: one.value for name, one in found.items()})

    def run(self) -> None:
        """Judge the host, send, and keep what came of it."""
        try:
            self._judge()
            outcome = self._send()
        except FetchError as error:
            outcome = Outcome(False, str(error))
        except Exception as error:
            # A plugin may raise anything, and its words may hold a token.
            log.warning("A notice failed: %s", type(error).__name__)
            outcome = Outcome(False, f"Apprise failed: {type(error).__name__}.")
        text = scrub(outcome.text, *self.revealed)
        self.outcome = Outcome(outcome.sent, text[:_MOST])

    def _judge(self) -> None:
        found = self.address
        _, outside = judged_address(found.host, found.port, secure=True)
        if outside and not found.secure:
            scheme = found.plugin.schema
            raise FetchError(
                f"{found.host} is on the public internet, and nothing is encrypted on "
                f"the way: write {scheme}s:// instead of {scheme}:// there."
            )

    def _send(self) -> Outcome:
        plain = import_module("apprise").NotifyFormat.TEXT
        kinds = import_module("apprise").NotifyType
        plugin = self.address.plugin
        # Not by its list of receivers, which sends in threads that all share.
        plugin.notify_format = plain
        with heard() as said:
            taken = plugin.notify(
                title=self.message.title,
                body=self.message.body,
                notify_type=kinds.FAILURE if self.message.is_bad else kinds.SUCCESS,
                body_format=plain,
            )
        where = f"{self.address.scheme.title} at {self.address.where}"
        if taken:
            return Outcome(True, f"{where} took it.")
        why = " ".join(said[-2:]) or "Apprise does not say why."
        return Outcome(False, f"{where} did not take it. {why}")
