"""What an export says: its documents, and the relations that they declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from catalog.entities import relations
from catalog.kind import relation_pairs
from tests.backstage.comparing import Relation, ref_of
from tests.backstage.configuring import DERIVED

# What a plain Backstage makes of the fields of its own kinds.
PLAIN = DERIVED | {"ownerOf", "hasPart", "apiProvidedBy", "apiConsumedBy"}


def documents_in(folder: Path) -> dict[str, Any]:
    """The documents of an export in a folder by their references, its root too."""
    texts = [(folder / name).read_text("utf-8") for name in _WHOLE]
    return documents_of(*texts)


_WHOLE = ("all.yaml", "catalog-info.yaml")


def documents_of(*texts: str) -> dict[str, Any]:
    """Documents of YAML by their references in lower case."""
    found = (one for text in texts for one in yaml.safe_load_all(text))
    return {ref_of(one): one for one in found if one}


def relations_in(documents: Mapping[str, Any]) -> Iterator[Relation]:
    """Both directions; only an entity that exists shows its own."""
    pairs = relation_pairs()
    for data in documents.values():
        for source, kind, target in relations.declared(data):
            if source in documents:
                yield source, kind, target
            if target in documents:
                yield target, pairs[kind], source
