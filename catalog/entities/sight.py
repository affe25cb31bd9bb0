"""What a text and its source say of who may see it, in their authors' words."""

from __future__ import annotations

from catalog.entities import envelope
from catalog.entities.viewer import VISIBILITY

LONGEST = 500
# Names nobody: what cannot be told is nobody's, but of those who see all.
NOBODY = "-"


def readers(text: str, widest: str) -> str:
    """Both in one line for each, the text first; one line where the source is open."""
    own = declared(text)
    return f"{own}\n{widest.strip()}" if widest.strip() else own


def declared(text: str) -> str:
    """The visibility that a document declares; empty where it declares none."""
    # With a backslash, YAML spells the annotation in many ways.
    if VISIBILITY not in text and "\\" not in text:
        return ""
    found = {_of(document.data) for document in envelope.read(text).documents}
    if not found:
        return NOBODY
    value = found.pop()
    return NOBODY if found or len(value) > LONGEST else value


def _of(data: object) -> str:
    metadata = data.get("metadata") if isinstance(data, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    value = annotations.get(VISIBILITY) if isinstance(annotations, dict) else None
    return "" if value is None else str(value).strip()
