"""The thread that tells people: it finds what changed, writes messages, sends them."""

from __future__ import annotations

from catalog.probes import outbox, telling
from catalog.probes.rounds import Rounds


class Messenger(Rounds):
    """Tells and sends."""

    def __init__(self) -> None:
        super().__init__("Notices", outbox.forget)

    def turn(self) -> None:
        """What is new, and what is due."""
        telling.tell()
        outbox.send_due()
