"""An appliance that watches real nodes: declare them, and read what it believes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.appliances import Appliance

# How each server is declared; the rest of its settings follows from the server.
DECLARED: dict[str, dict[str, Any]] = {
    "vllm-chat": {"type": "vllm"},
    "vllm-embedding": {"type": "vllm", "task": "embedding"},
    "vllm-whisper": {"type": "vllm", "task": "transcription"},
    "llama-cpp-python": {"type": "openai"},
    "llama-server": {"type": "llama-cpp"},
    "mlx": {"type": "mlx"},
    "infinity": {"type": "infinity"},
    "wyoming": {"type": "wyoming"},
    "litellm": {"type": "litellm", "every": {"serving": 60}},
}


@dataclass(frozen=True)
class Belief:
    """What the appliance says of an entity."""

    state: str
    error: str
    detail: str


class Watching:
    """Entities with probes in a folder, and the appliance that reads and asks them."""

    def __init__(self, folder: Path) -> None:
        self.catalog = folder / "catalog"
        self.catalog.mkdir(parents=True)
        self.appliance = Appliance(folder / "data", folder / "output")

    def start(self) -> None:
        """Begin, and wait for the first page."""
        self.appliance.start_and_wait("--catalog", str(self.catalog))

    def declare(self, name: str, probe: dict[str, Any]) -> None:
        """Write the document of a node; it is read at once."""
        document = {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": {"name": name},
            "spec": {
                "type": "model-server",
                "lifecycle": "production",
                "owner": "lab",
                "probes": [probe],
            },
        }
        path = self.catalog / f"{name}.yaml"
        draft = path.with_suffix(".draft")
        draft.write_text(yaml.safe_dump(document))
        draft.rename(path)

    def belief(self, name: str) -> Belief:
        """What is said of it now."""
        rows = self._rows(
            "SELECT s.state, s.error, s.detail FROM probes_status s "
            "JOIN entities_identity i ON i.id = s.identity_id WHERE i.ref = ?",
            f"component:default/{name}",
        )
        return Belief(*rows[0]) if rows else Belief("none", "", "")

    def downs(self, name: str, since: float) -> list[str]:
        """Every time that it was called down since a moment (seconds since 1970)."""
        rows = self._rows(
            "SELECT t.detail FROM probes_transition t "
            "JOIN entities_identity i ON i.id = t.identity_id "
            "WHERE i.ref = ? AND t.after = 'down' AND t.probe_id IS NULL AND t.at > ?",
            f"component:default/{name}",
            int(since * 1000),
        )
        return [row[0] for row in rows]

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        file = self.appliance.data / "greenroom.sqlite3"
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            # Its tables are being made.
            return []
        finally:
            connection.close()

    def wait(
        self, name: str, true: Callable[[Belief], bool], limit: float
    ) -> tuple[float | None, Belief]:
        """Seconds until something is believed, or None; and what is believed then."""
        began = time.monotonic()
        while True:
            belief = self.belief(name)
            if true(belief):
                return time.monotonic() - began, belief
            if time.monotonic() - began > limit:
                return None, belief
            time.sleep(0.25)
