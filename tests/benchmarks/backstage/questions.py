"""What both are asked, in Backstage's own words, and what an answer comes down to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.backstage.comparing import ref_of
from tests.benchmarks import generate

PAGE = "page of 20 entities"
NAME = "one entity by name"
REFS = "20 entities by refs"
FACETS = "facets over tags"
TEXT = "full text, top 20 of about 100"
MANY = "/api/catalog/entities/by-query"


@dataclass(frozen=True)
class Question:
    """One request: a GET, or a POST where there is a body."""

    path: str
    body: bytes = b""

    @property
    def method(self) -> str:
        """How it is asked."""
        return "POST" if self.body else "GET"


# How many there are, without showing one; and what is asked for first after a start.
COUNT = Question(f"{MANY}?limit=0")
FIRST = Question(f"{MANY}?limit=20")


def questions(size: int) -> dict[str, list[Question]]:
    """Each row with the requests that are asked in turn, for a catalog of `size`."""
    components = sum("\nkind: Component\n" in one for one in generate.documents(size))
    picked = [i * 37 % components for i in range(97)]
    return {
        PAGE: [_page(offset=20 * i) for i in range(8)],
        NAME: [
            Question(f"/api/catalog/entities/by-name/component/default/service-{i}")
            for i in picked
        ],
        REFS: [_refs(picked[i : i + 20]) for i in range(0, 60, 5)],
        FACETS: [
            Question(
                "/api/catalog/entity-facets?facet=metadata.tags&filter=kind=component"
            )
        ],
        TEXT: [_page(**_text(term)) for term in _terms(size)],
    }


def _page(**extra: str | int) -> Question:
    """As Backstage's own catalog page asks: one kind, by name, with the total."""
    asked = {"filter": "kind=component", "orderField": "metadata.name,asc"}
    return Question(f"{MANY}?{urlencode({**asked, 'limit': 20, **extra})}")


def _text(term: str) -> dict[str, str]:
    fields = "metadata.name,metadata.title,metadata.description"
    return {"fullTextFilterTerm": term, "fullTextFilterFields": fields}


def _terms(size: int) -> list[str]:
    """Words of the descriptions: a number of one digit is found in eleven of 97 kinds,
    one of two digits in one."""
    numbers = range(1, 9) if size < 5_000 else range(10, 90, 7)
    return [f"of kind {number}" for number in numbers]


def _refs(numbers: list[int]) -> Question:
    refs = [f"component:default/service-{i}" for i in numbers]
    body = json.dumps({"entityRefs": refs}).encode()
    return Question("/api/catalog/entities/by-refs", body)


def gist(body: bytes) -> Any:
    """What has to be the same in both answers: which entities, how many, counts."""
    found = json.loads(body)
    if "facets" in found:
        facets = found["facets"]["metadata.tags"]
        return {one["value"]: one["count"] for one in facets}
    if "items" in found:
        items = [one and ref_of(one) for one in found["items"]]
        return items, found.get("totalItems")
    return ref_of(found), sorted(
        (one["type"], one["targetRef"]) for one in found["relations"]
    )
