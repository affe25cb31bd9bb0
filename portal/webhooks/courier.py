"""The thread that tells the webhooks: it gathers what happened, and starts senders.

Each webhook has a sender of its own while something is due for it, so that one whose
receiver hangs lets nobody else wait. Not a task, as catalog.probes.messenger is none.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections, connection

from portal.webhooks import gathering, outbox

log = logging.getLogger(__name__)
ROUND, _FORGET = 5.0, 3600.0


class Courier:
    """Gathers and sends every five seconds, until it is stopped."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._forget_at = 0.0
        self._senders: dict[int, threading.Thread] = {}
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> Courier:
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End. What is being sent is sent again later, unless it ends in a second."""
        self._stop.set()
        self._thread.join(1)

    def round(self) -> None:
        """One turn: what is new, who is due, and what is old enough to forget."""
        gathering.gather()
        for key in outbox.due():
            if key not in self._senders or not self._senders[key].is_alive():
                self._senders[key] = self._sender(key)
        if self._forget_at <= time.monotonic():
            outbox.forget()
            self._forget_at = time.monotonic() + _FORGET

    def _sender(self, key: int) -> threading.Thread:
        made = threading.Thread(
            target=self._deliver, args=(key,), name=f"webhook {key}", daemon=True
        )
        made.start()
        return made

    def _deliver(self, key: int) -> None:
        try:
            while not self._stop.is_set() and outbox.deliver(key) == outbox.AT_ONCE:
                pass
        except DatabaseError as error:
            log.warning("A webhook waits for the database: %s", error)
        except Exception:
            log.exception("Sending to a webhook failed; trying again in a minute.")
        finally:
            connection.close()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                close_old_connections()
                self.round()
            except DatabaseError as error:
                log.warning("Webhooks wait for the database: %s", error)
                connection.close()
            except Exception:
                log.exception("A round of webhooks failed; trying again.")
            self._stop.wait(ROUND)
        connection.close()
