"""What a server still says while it is frozen or dying, recorded as the other answers.

Each step asks its liveness, its load and one unit of work: frozen while idle, thawed,
frozen under load, its engine killed. The last step ends the server.
"""

from __future__ import annotations

import time

from tests.nodes import asking
from tests.nodes.asking import Request
from tests.nodes.record import Recorder, loaded

SILENCE = 8.0


def unit_of_work(recorder: Recorder) -> Request:
    """The smallest thing that this server is for."""
    node = recorder.node
    if node.name == "infinity":
        return asking.post(node, "/embeddings", asking.embedding(node.model))
    if node.name == "vllm-embedding":
        return asking.post(node, "/v1/embeddings", asking.embedding(node.model))
    if node.name == "vllm-whisper":
        return asking.transcription(node, asking.sound())
    return asking.completion(node)


def look(recorder: Recorder, state: str, health: str) -> None:
    """Ask three things in one state."""
    node = recorder.node
    recorder.ask(f"health-{state}", asking.get(node, health), SILENCE)
    recorder.ask(f"metrics-{state}", asking.metrics(node), SILENCE)
    recorder.ask(f"work-{state}", unit_of_work(recorder), SILENCE)


def faults(recorder: Recorder, health: str) -> None:
    """All steps."""
    node = recorder.node
    node.freeze()
    look(recorder, "frozen", health)
    node.thaw()
    time.sleep(1)
    look(recorder, "thawed", health)
    if asking.generates(node.name):
        with loaded(node, patience=20.0):
            node.freeze()
            time.sleep(1)
            look(recorder, "frozen-loaded", health)
            node.thaw()
    node.kill("engine")
    for wait in (0.3, 1.0, 5.0):
        time.sleep(wait)
        state = f"killed-{wait:g}s"
        recorder.ask(f"health-{state}", asking.get(node, health), SILENCE)
    recorder.ask("work-killed", unit_of_work(recorder), SILENCE)
