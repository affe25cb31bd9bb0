"""What Apprise says while it works: kept for who listens, and not for the log.

At the level of debugging it and what it asks with log whole addresses, and some of
them hold a token.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_APPRISE = logging.getLogger("apprise")
_APPRISE.propagate = False
_APPRISE.addHandler(logging.NullHandler())
_APPRISE.setLevel(logging.WARNING)
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


@contextmanager
def heard() -> Iterator[list[str]]:
    """The warnings of Apprise in this thread, line by line, as they come."""
    said = _Said()
    _APPRISE.addHandler(said)
    try:
        yield said.lines
    finally:
        _APPRISE.removeHandler(said)


class _Said(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread_id = threading.get_ident()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        if record.thread == self.thread_id:
            self.lines.append(" ".join(record.getMessage().split()))
