"""The embedded queue: every message comes once and whole, whoever writes and reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from portal import messages
from portal.env import PROJECT

COUNT = 400
WRITER = """
import sys
from pathlib import Path
from kombu import Connection
from portal import messages
found = messages.settings(Path(sys.argv[1]))
given = found["broker_transport_options"]
with Connection(found["broker_url"], transport_options=given) as connection:
    queue = connection.SimpleQueue("some.queue")
    for number in range(int(sys.argv[3])):
        queue.put({"from": sys.argv[2], "number": number, "text": "x" * 5000})
"""


def opened(folder: Path) -> Connection:
    found = messages.settings(folder)
    options = found["broker_transport_options"] | {"polling_interval": 0.01}
    return Connection(found["broker_url"], transport_options=options)


def test_two_writers_and_a_reader_at_once_lose_nothing(tmp_path):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name, str(COUNT)],
            cwd=PROJECT,
            stderr=subprocess.PIPE,
        )
        for name in ("a", "b")
    ]
    found: list[tuple[str, int]] = []
    with opened(tmp_path) as connection:
        queue = connection.SimpleQueue("some.queue")
        while len(found) < 2 * COUNT:
            message = queue.get(timeout=30)
            found.append((message.payload["from"], message.payload["number"]))
            message.ack()
    assert [writer.communicate()[1] for writer in writers] == [b"", b""]
    for name in ("a", "b"):
        assert [number for who, number in found if who == name] == [*range(COUNT)]
    assert not list((tmp_path / "messages").iterdir())


def test_what_cannot_be_read_does_not_stop_the_others(tmp_path, caplog):
    with opened(tmp_path) as connection:
        # Kombu remembers in a process which queues there are, in whichever folder.
        queue = connection.SimpleQueue("cut.queue")
        # As a power cut leaves it; its name comes first.
        (tmp_path / "messages" / "0_cut.cut.queue.msg").write_text("")
        (tmp_path / "messages" / "0_other.another.msg").write_text("{}")
        queue.put({"number": 1})
        message = queue.get(timeout=10)
        assert message.payload == {"number": 1}
        message.ack()
        assert "cannot be read" in caplog.text
        with pytest.raises(Empty):
            queue.get(timeout=0.1)
    (left,) = (tmp_path / "messages").iterdir()
    assert left.name == "0_other.another.msg"


def test_a_message_in_the_making_is_no_message(tmp_path):
    with opened(tmp_path) as connection:
        queue = connection.SimpleQueue("part.queue")
        queue.put({"number": 1})
        (path,) = (tmp_path / "messages").iterdir()
        path.rename(path.with_suffix(".part"))
        with pytest.raises(Empty):
            queue.get(timeout=0.1)
