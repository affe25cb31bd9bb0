"""Documents for tests: the smallest valid one of each kind, and ways to load them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catalog.entities import dialect, ownership
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.kind import KINDS
from catalog.sources import processing
from catalog.sources.outcome import Outcome

Files = dict[str, str | bytes | None]
MINIMAL: dict[str, dict[str, Any]] = {
    "API": {
        "type": "openapi",
        "lifecycle": "production",
        "owner": "lab",
        "definition": "openapi: 3.1.0",
    },
    "Component": {"type": "service", "lifecycle": "production", "owner": "lab"},
    "Domain": {"owner": "lab"},
    "Eval": {
        "owner": "lab",
        "lifecycle": "production",
        "category": "quality",
        "evaluates": ["qwen"],
    },
    "Group": {"type": "team", "children": []},
    "Location": {},
    "Model": {"type": "llm", "owner": "lab", "lifecycle": "production"},
    "Resource": {"type": "host", "owner": "lab"},
    "System": {"owner": "lab"},
    "User": {"memberOf": []},
}


def document(kind: str = "Component", name: str = "web", **parts: Any) -> Any:
    """A valid document; `spec` is merged, everything else goes to the metadata."""
    spec = {**MINIMAL.get(kind, {}), **parts.pop("spec", {})}
    known = KINDS.get(kind)
    version = known.api_versions[0] if known else "example.org/v1"
    metadata = {"name": name, **parts}
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": metadata,
        "spec": {key: value for key, value in spec.items() if value is not ...},
    }


def seen_by(*principals: str) -> dict[str, str]:
    """Annotations that restrict a document."""
    return {"greenroom/visibility": ", ".join(principals)}


def text_of(*documents: Any) -> str:
    """Documents as one YAML file."""
    return "---\n".join(dialect.write(document) for document in documents)


def write_files(root: Path, files: Files) -> None:
    """Write files below a folder; None takes one away."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")


def declare(*documents: Any) -> Outcome:
    """Put documents into the catalog; all of them have to be good."""
    outcome = processing.declare(text_of(*documents), door="test")
    assert not outcome.refused, [p.sentence() for p in outcome.problems]
    return outcome


def viewer(ref: str) -> Viewer:
    """Somebody who is signed in as a User entity."""
    return Viewer(signed_in=True, ref=ref, principals=ownership.principals(ref))


def refs_of(rows: Any) -> set[str]:
    """The references of entities."""
    return {row.ref for row in rows}


def get(ref: str) -> Entity:
    """One entity, whoever may see it."""
    return Entity.objects.get(ref=ref)
