"""The thread that tells the webhooks: it gathers what happened, and starts senders.

Each webhook has a sender of its own while something is due for it, so that one whose
receiver hangs lets nobody else wait.
"""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connection

from catalog.probes.rounds import Rounds
from portal.webhooks import gathering, outbox

log = logging.getLogger(__name__)


class Courier(Rounds):
    """Gathers, and sends for each webhook by itself."""

    def __init__(self) -> None:
        super().__init__("Webhooks", outbox.forget)
        self._senders: dict[int, threading.Thread] = {}

    def turn(self) -> None:
        """What is new, and who is due."""
        gathering.gather()
        for key in outbox.due():
            if key not in self._senders or not self._senders[key].is_alive():
                self._senders[key] = self._sender(key)

    def _sender(self, key: int) -> threading.Thread:
        made = threading.Thread(
            target=self._deliver, args=(key,), name=f"webhook {key}", daemon=True
        )
        made.start()
        return made

    def _deliver(self, key: int) -> None:
        try:
            while not self.ending.is_set() and outbox.deliver(key) == outbox.AT_ONCE:
                pass
        except DatabaseError as error:
            log.warning("A webhook waits for the database: %s", error)
        except Exception:
            log.exception("Sending to a webhook failed; trying again in a minute.")
        finally:
            connection.close()
