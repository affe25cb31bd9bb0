"""The thread that tells people: it finds what changed, writes messages and sends them.

Not a task, for the same reason as the probes themselves: what is due is claimed in the
database, and a broker that is away must not keep an outage quiet.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections, connection

from catalog.probes import outbox, telling

log = logging.getLogger(__name__)
ROUND, _FORGET = 5.0, 3600.0


class Messenger:
    """Tells and sends every five seconds, until it is stopped."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._forget_at = 0.0
        self._thread = threading.Thread(
            target=self._work, name="messenger", daemon=True
        )

    def start(self) -> Messenger:
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End. What is being sent is sent again later, unless it ends in a second."""
        self._stop.set()
        self._thread.join(1)

    def round(self) -> None:
        """One turn: what is new, what is due, and what is old enough to forget."""
        telling.tell()
        outbox.send_due()
        if self._forget_at <= time.monotonic():
            outbox.forget()
            self._forget_at = time.monotonic() + _FORGET

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                close_old_connections()
                self.round()
            except DatabaseError as error:
                log.warning("Notices wait for the database: %s", error)
                connection.close()
            except Exception:
                log.exception("A round of notices failed; trying again.")
            self._stop.wait(ROUND)
        connection.close()
