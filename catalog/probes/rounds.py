"""A thread that does one turn after the other, whatever fails in one, until its end.

Not a task: what is due is claimed in the database, and a broker that is away must not
keep it waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Self

from django.db import DatabaseError, close_old_connections, connection

log = logging.getLogger(__name__)
ROUND, _FORGET = 5.0, 3600.0


class Rounds:
    """One turn every five seconds; what is old is forgotten once an hour.

    `what` is the subject of its warnings, such as "Notices".
    """

    def __init__(self, what: str, forget: Callable[[], object]) -> None:
        self.ending = threading.Event()
        self._what, self._forget, self._forget_at = what, forget, 0.0
        name = type(self).__name__.lower()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End. What is being sent is sent again later, unless it ends in a second."""
        self.ending.set()
        self._thread.join(1)

    def turn(self) -> None:
        """What is done each time."""
        raise NotImplementedError

    def round(self) -> None:
        """One turn, and what is old enough to forget."""
        self.turn()
        if self._forget_at <= time.monotonic():
            self._forget()
            self._forget_at = time.monotonic() + _FORGET

    def _work(self) -> None:
        while not self.ending.is_set():
            try:
                close_old_connections()
                self.round()
            except DatabaseError as error:
                log.warning("%s wait for the database: %s", self._what, error)
                connection.close()
            except Exception:
                log.exception("%s: a round failed; trying again.", self._what)
            self.ending.wait(ROUND)
        connection.close()
