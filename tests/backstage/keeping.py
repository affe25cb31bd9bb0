"""All that the catalog keeps, to see that nothing of it was touched."""

from __future__ import annotations

from typing import Any

from catalog.entities.models import Entity, Relation, Revision
from catalog.sources.models import Source


def stored() -> list[Any]:
    """All that the catalog keeps."""
    tables = (Entity, Relation, Revision, Source)
    return [sorted(map(repr, model.objects.values_list())) for model in tables]
