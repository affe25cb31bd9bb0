"""The embedded queue: messages as files in a folder, for the processes of one machine.

Kombu's own writes a message under its final name, where a reader may find it empty and
ends for that; and it reads by way of the folder for temporary files, which everybody
can look into.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

SCHEME = "folder"
logger = logging.getLogger(__name__)
TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


def settings(folder: Path) -> dict[str, Any]:
    """What Celery has to be told for a queue in this folder, which is made."""
    messages, control = folder / "messages", folder / "control"
    for path in (messages, control):
        path.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": f"{SCHEME}://localhost",
        "broker_transport_options": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
            "polling_interval": 0.2,
        },
        # One worker only: nobody to talk to, and nothing more to poll.
        "worker_enable_remote_control": False,
    }


class Channel(filesystem.Channel):
    """A message is there whole or not at all, and one reader has it."""

    # The types of Kombu give its second value two names.
    def _put(  # type: ignore[override]
        self, queue: str, payload: Any, **kwargs: Any
    ) -> None:
        path = Path(self.data_folder_out, f"{time_ns()}_{uuid4()}.{queue}.msg")
        part = path.with_suffix(".part")
        part.write_text(dumps(payload), "utf-8")
        part.rename(path)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).iterdir()):
            if path.name.partition(".")[2] != f"{queue}.msg":
                continue
            try:
                text = path.read_text("utf-8")
                path.unlink()
            except FileNotFoundError:
                # Another reader was first.
                continue
            try:
                return loads(text)
            except ValueError:
                logger.exception("A message of the queue %s cannot be read.", queue)
        raise Empty

    def get_table(self, exchange: str) -> Any:
        """Which queues an exchange leads to."""
        with self._alone():
            return super().get_table(exchange)

    def _queue_bind(self, *names: Any) -> None:
        with self._alone():
            super()._queue_bind(*names)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody reads a table that is just being written for the first time."""
        self.control_folder.mkdir(exist_ok=True)
        with Path(self.control_folder, "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """Messages in a folder."""

    Channel = Channel
