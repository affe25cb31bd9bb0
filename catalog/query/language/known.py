"""Every criterion that there is: those of the catalog, the facets, those of rooms."""

from __future__ import annotations

from catalog.query.fields import FIELDS
from catalog.query.language.criteria import ages, conditions, documents, edges, facets
from catalog.query.language.criteria import names as called
from catalog.query.language.criterion import CRITERIA, Criterion, named, register

for _part in (called, documents, conditions, ages, edges):
    for _criterion in _part.criteria():
        register(_criterion)


def criterion_of(field: str) -> Criterion | None:
    """The criterion of a field: registered, or a facet of the index."""
    facet = FIELDS.get(field.lower())
    return facets.of(facet) if facet else named(field)


def all_criteria() -> list[Criterion]:
    """Every criterion, facets first."""
    return [*(facets.of(facet) for facet in FIELDS.values()), *CRITERIA.values()]
