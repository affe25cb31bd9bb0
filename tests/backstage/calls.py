"""What the real client is asked, each way that portals and plugins ask it.

The answers of the sample catalog are recorded in answers/. `unordered` says that
Backstage promises no order there. `$from` takes a piece of an earlier answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EXISTS = {"$exists": True}
BRIEF = ["kind", "metadata.name", "metadata.namespace"]
PARTS: list[dict[str, str]] = [{"kind": k} for k in ("component", "resource", "api")]
BY_NAME = {"field": "metadata.name", "order": "asc"}
UNKNOWN = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Call:
    """One call of one method."""

    name: str
    method: str
    args: tuple[Any, ...] = ()
    unordered: bool = False


def entities(name: str, *, unordered: bool = False, **request: Any) -> Call:
    """A call of getEntities in short form."""
    return Call(name, "getEntities", ({"fields": BRIEF, **request},), unordered)


def query(name: str, *, unordered: bool = False, **request: Any) -> Call:
    """A call of queryEntities in short form, sorted by name."""
    given = {"fields": BRIEF, "orderFields": BY_NAME, **request}
    return Call(name, "queryEntities", (given,), unordered)


def cursor(name: str, of: str, which: str = "nextCursor", **request: Any) -> Call:
    """The page after, or before, an earlier one."""
    place = {"$from": [of, "pageInfo", which]}
    given = {"fields": BRIEF, **request, "cursor": place}
    return Call(name, "queryEntities", (given,))


def predicate(name: str, **condition: Any) -> Call:
    """A call of queryEntities with a predicate."""
    return query(
        name, query={key.replace("__", "."): v for key, v in condition.items()}
    )


LISTS = [
    Call("entities-all", "getEntities", (), unordered=True),
    entities("and", filter={"kind": "component", "spec.type": "website"}),
    entities("values", filter={"kind": ["user", "api"]}, order=BY_NAME),
    entities(
        "sets",
        filter=[{"kind": "component", "spec.type": "website"}, {"kind": "user"}],
        order=BY_NAME,
    ),
    entities(
        "exists", filter={"metadata.labels.example.org/tier": EXISTS}, order=BY_NAME
    ),
    entities("case", filter={"KIND": "COMPONENT", "Metadata.Name": "TRIAL"}),
    entities("label", filter={"metadata.labels.example.org/tier": "1"}),
    entities(
        "annotation",
        filter={"metadata.annotations.example.org/note": "kept as written"},
    ),
    entities("array", filter={"metadata.tags": "python"}, order=BY_NAME),
    entities("array-both", filter={"metadata.tags": ["gpu", "chat"]}, order=BY_NAME),
    entities(
        "relation", filter={"relations.ownedBy": "group:default/lab"}, order=BY_NAME
    ),
    entities(
        "relation-case",
        filter={"relations.ownedby": "Group:Default/Readers"},
        order=BY_NAME,
    ),
    entities("relation-short", filter={"relations.ownedBy": "lab"}),
    entities("number", filter={"spec.cost.eur_per_month": "12.5"}),
    entities("boolean", filter={"spec.cost.shared": "false"}),
    entities("mapping-exists", filter={"spec.cost": EXISTS}),
    entities("no-such-value", filter={"spec.type": "nothing"}),
    entities("no-such-field", filter={"spec.nothing": EXISTS}),
    entities("null", filter={"spec.nothing": "null"}),
    entities(
        "fields",
        fields=["metadata.name", "spec.owner", "spec.nothing", "metadata.tags"],
        filter={"kind": "component"},
        order=BY_NAME,
    ),
    entities("fields-case", fields=["Metadata.NAME"], filter={"kind": "api"}),
    entities(
        "field-with-dots",
        fields=["metadata.labels.example.org/tier", "metadata.annotations"],
        filter={"metadata.name": "chat"},
    ),
    entities(
        "two-orders",
        order=[{"field": "kind", "order": "desc"}, BY_NAME],
        filter=PARTS,
        limit=9,
    ),
    entities(
        "order-missing-last", order={"field": "metadata.title", "order": "asc"}, limit=5
    ),
    entities(
        "order-missing-last-desc",
        order={"field": "metadata.title", "order": "desc"},
        limit=5,
    ),
    entities("slice", filter=PARTS, order=BY_NAME, offset=1, limit=2),
    entities("limit-0", filter=PARTS, order=BY_NAME, limit=0),
]
QUERIES = [
    Call("query-all", "queryEntities", (), unordered=True),
    query("page-1", filter=PARTS, limit=2),
    cursor("page-2", "page-1", limit=2),
    cursor("page-3", "page-2", limit=2),
    cursor("page-back", "page-2", "prevCursor", limit=2),
    cursor("page-rest", "page-1"),
    query("offset", filter=PARTS, offset=4),
    query("count-only", filter=PARTS, limit=0),
    query("no-total", filter=PARTS, limit=2, totalItems="exclude"),
    query("desc", filter=PARTS, orderFields={**BY_NAME, "order": "desc"}),
    query(
        "text",
        fullTextFilter={
            "term": " CHAT ",
            "fields": ["metadata.title", "metadata.name"],
        },
    ),
    query("text-inside", fullTextFilter={"term": "lam", "fields": ["metadata.title"]}),
    query("text-of-the-order", fullTextFilter={"term": "ser"}),
    query("text-and-filter", filter={"kind": "api"}, fullTextFilter={"term": "comp"}),
    query("text-of-uid", fullTextFilter={"term": "chat"}, orderFields=[]),
    query("text-wild", filter=PARTS, fullTextFilter={"term": "%"}),
    Call("cursor-bad", "queryEntities", ({"cursor": "bm9uc2Vuc2U="},)),
    Call(
        "order-bad", "queryEntities", ({"orderFields": {"field": "", "order": "up"}},)
    ),
]
PREDICATES = [
    predicate("plain", kind="component", metadata__name="CHAT"),
    predicate("all", **{"$all": [{"kind": "Component"}, {"metadata.tags": "python"}]}),
    predicate("any", **{"$any": [{"kind": "User"}, {"spec.type": "host"}]}),
    predicate(
        "not", **{"$not": {"kind": {"$in": ["Component", "group", "User", "Location"]}}}
    ),
    predicate("in", spec__type={"$in": ["HOST", "ai-model"]}),
    predicate("exists-yes", spec__cost__eur_per_month={"$exists": True}),
    predicate("exists-no", kind="component", spec__system={"$exists": False}),
    predicate("prefix", metadata__name={"$hasPrefix": "CO"}),
    predicate("contains", metadata__tags={"$contains": "gpu"}),
    predicate(
        "related",
        relations={"$contains": {"type": "ownedBy", "targetRef": "group:default/lab"}},
    ),
    predicate("number-plain", spec__cost__eur_per_month=12.5),
    predicate("operator-bad", kind={"$like": "x"}),
    query("predicate-page-1", query={"metadata.tags": {"$exists": True}}, limit=2),
    cursor("predicate-page-2", "predicate-page-1", limit=2),
    cursor("predicate-back", "predicate-page-2", "prevCursor", limit=2),
    query(
        "predicate-and-filter",
        query={"kind": "Component"},
        filter=[{"spec.type": "service"}],
    ),
    query(
        "predicate-text",
        query={"kind": "Component"},
        fullTextFilter={"term": "a", "fields": ["metadata.title"]},
    ),
    query("predicate-count", query={"kind": "Component"}, limit=0),
]


def by_refs(name: str, refs: list[str], **request: Any) -> Call:
    """A call of getEntitiesByRefs in short form."""
    given = {"entityRefs": refs, "fields": BRIEF, **request}
    return Call(name, "getEntitiesByRefs", (given,))


def facets(name: str, *names: str, **request: Any) -> Call:
    """A call of getEntityFacets in short form."""
    return Call(
        name, "getEntityFacets", ({"facets": names, **request},), unordered=True
    )


ASKED = ["user:default/ada", "component:default/none", "component:default/chat"]
ONES = [
    by_refs("refs", [*ASKED, "API:Default/Completions", "user:default/ada"]),
    by_refs("refs-filter", ASKED, filter={"kind": "component"}),
    by_refs("refs-query", ASKED, query={"kind": "User"}),
    by_refs("refs-none", []),
    by_refs("refs-short", ["component:chat"]),
    by_refs("refs-bad", ["not a ref"]),
    Call("ref", "getEntityByRef", ("component:default/chat",)),
    Call("ref-short", "getEntityByRef", ("COMPONENT:Server",)),
    Call(
        "ref-parts",
        "getEntityByRef",
        ({"kind": "component", "namespace": "Test", "name": "TRIAL"},),
    ),
    Call("ref-none", "getEntityByRef", ("component:default/none",)),
    Call("ref-no-kind", "getEntityByRef", ("chat",)),
    Call("name", "getEntityByName", ({"kind": "user", "name": "ada"},)),
    Call("name-none", "getEntityByName", ({"kind": "user", "name": "none"},)),
    facets("facets-all", "kind"),
    facets("facets", "kind", "spec.type", "metadata.tags", filter=PARTS),
    facets(
        "facets-filter", "spec.owner", "relations.ownedBy", filter={"kind": "component"}
    ),
    facets("facets-query", "spec.type", query={"kind": "Resource"}),
    facets("facets-unknown", "spec.nothing", "spec"),
    facets("facets-case", "KIND", "Spec.Type", filter=PARTS),
    facets("facets-number", "spec.cost.eur_per_month", "spec.cost.shared"),
    Call("ancestors", "getEntityAncestors", ({"entityRef": "component:default/chat"},)),
    Call(
        "ancestors-none",
        "getEntityAncestors",
        ({"entityRef": "component:default/none"},),
    ),
    Call(
        "stream",
        "streamEntities",
        ({"filter": PARTS, "fields": BRIEF, "orderFields": BY_NAME, "pageSize": 4},),
    ),
    Call(
        "stream-query",
        "streamEntities",
        (
            {
                "query": {"metadata.tags": {"$exists": True}},
                "fields": BRIEF,
                "orderFields": BY_NAME,
                "pageSize": 3,
            },
        ),
    ),
    Call("stream-none", "streamEntities", ({"filter": {"kind": "none"}},)),
]


def component(
    name: str = "fine", kind: str = "Component", **spec: Any
) -> dict[str, Any]:
    """A document to validate."""
    usual = {"type": "service", "lifecycle": "production", "owner": "lab"}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {**usual, **spec},
    }


def reads(source: str) -> list[Call]:
    """Every call that changes nothing; `source` is where the sample is served."""
    root = f"{source}/catalog-info.yaml"
    where = f"url:{root}"
    first = {"$from": ["locations", "items", 0, "id"]}
    locations = [
        Call("locations", "getLocations"),
        Call("locations-query", "queryLocations", ({"query": {"type": "url"}},)),
        Call("locations-none", "queryLocations", ({"query": {"target": "x"}},)),
        Call("locations-stream", "streamLocations"),
        Call("location-id", "getLocationById", (first,)),
        Call("location-id-none", "getLocationById", (UNKNOWN,)),
        Call("location-ref", "getLocationByRef", (where,)),
        Call("location-ref-none", "getLocationByRef", ("url:http://x.example/y",)),
        Call("location-entity", "getLocationByEntity", ("component:default/chat",)),
        Call(
            "location-entity-none", "getLocationByEntity", ("component:default/none",)
        ),
        Call("valid", "validateEntity", (component(), where)),
        Call("valid-bad-name", "validateEntity", (component("qwen2.5:7b"), where)),
        Call("valid-bad-kind", "validateEntity", (component(kind="Model"), where)),
        Call("valid-bad-owner", "validateEntity", (component(owner=["lab"]), where)),
        Call("valid-bad-place", "validateEntity", (component(), "nowhere")),
        Call(
            "analyze",
            "analyzeLocation",
            ({"location": {"type": "url", "target": root}},),
        ),
    ]
    return [*LISTS, *QUERIES, *PREDICATES, *ONES, *locations]


def writes(source: str) -> list[Call]:
    """Every call that changes something, to be made after the reads."""
    root, extra = f"{source}/catalog-info.yaml", f"{source}/extra.yaml"
    added = {"$from": ["add", "location", "id"]}
    return [
        Call("add-dry", "addLocation", ({"target": extra, "dryRun": True},)),
        Call("add-dry-again", "addLocation", ({"target": root, "dryRun": True},), True),
        Call("add-conflict", "addLocation", ({"target": root},)),
        Call(
            "add-refresh", "addLocation", ({"target": root, "onConflict": "refresh"},)
        ),
        Call("add-file", "addLocation", ({"type": "file", "target": "/etc/hosts"},)),
        Call("add", "addLocation", ({"target": extra},)),
        Call("update", "updateLocation", (added, {"target": f"{extra}?again"})),
        Call("update-none", "updateLocation", (UNKNOWN, {"target": extra})),
        Call("remove-location", "removeLocationById", (added,)),
        Call("remove-location-none", "removeLocationById", (UNKNOWN,)),
        Call("refresh", "refreshEntity", ("component:default/chat",)),
        Call("refresh-none", "refreshEntity", ("component:default/none",)),
        Call("doomed", "getEntityByRef", ("user:default/grace",)),
        Call(
            "remove-entity",
            "removeEntityByUid",
            ({"$from": ["doomed", "metadata", "uid"]},),
        ),
        Call("remove-entity-none", "removeEntityByUid", (UNKNOWN,)),
    ]
