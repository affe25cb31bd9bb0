"""Model catalogs for tests: a plain one, hostile ones, and what becomes of them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from catalog.entities.problems import Problem
from catalog.sources.candidates import Candidate, examine, subject_of
from catalog.sources.model_catalog.writing import Export, Seen, write

PLAIN: dict[str, Any] = {
    "modelServer": {
        "name": "granite-server",
        "owner": "ada",
        "lifecycle": "production",
        "description": "Serves the Granite models.",
        "authentication": True,
        "homepageURL": "https://granite.lab.example",
        "tags": ["vLLM", "GPU Box"],
        "usage": "# Usage\n\nSend a `POST`.\n",
        "API": {
            "url": "http://node-01.lan:8000/v1",
            "type": "openapi",
            "spec": "http://node-01.lan:8000/openapi.json",
        },
    },
    "models": [
        {
            "name": "ibm/granite:20b",
            "owner": "group:default/platform",
            "lifecycle": "production",
            "description": "Writes code.",
            "license": "apache-2.0",
            "training": "On code.",
            "ethics": "Read what it writes.",
            "support": "Ask the platform team.",
            "howToUseURL": "https://granite.lab.example/how",
            "artifactLocationURL": "https://hub.example/ibm/granite-20b",
        },
        {
            "name": "bge-m3",
            "owner": "ada",
            "lifecycle": "experimental",
            "description": "",
            "license": "https://licences.example/mit",
            "annotations": {"TechDocs": "https://granite.lab.example/docs/"},
        },
    ],
}

# What no file can hold is a violation of its own.
KEPT = st.characters(codec="utf-8", exclude_characters="\0")
TEXT = st.text(KEPT, max_size=40)
FILLED = st.text(KEPT, min_size=1, max_size=40)
NAME = st.one_of(
    FILLED,
    st.sampled_from(
        [
            *("ibm/granite:7b", "IBM granite 7b", "a", "A", "../..", "模型", "-"),
            *("<script>", "{{ x }}", "$text", "null", "1.10", "a\nb", "a'b\"c", "ſ"),
            "x" * 99,
        ]
    ),
)
OWNER = st.one_of(
    st.sampled_from(
        [
            *("ada", "user:ada", "group:default/platform", "Group:x", "team/ada"),
            *("a:b c", "system:default/x", ":", "user:default/ada"),
        ]
    ),
    FILLED,
)
URL = st.one_of(
    TEXT, st.sampled_from(["https://a.example/b?c=d", "s3://bucket/x", "apache-2.0"])
)
KEYS = st.one_of(
    st.sampled_from(["TechDocs", "techdocs", "a.example/b", "$text", "A b", "x"]), TEXT
)
COMMON = {
    "tags": st.lists(st.one_of(TEXT, st.sampled_from(["vLLM", "auth-required"]))),
    "annotations": st.dictionaries(KEYS, URL, max_size=4),
}
NAMED = {"owner": OWNER, "lifecycle": FILLED, "description": TEXT}
PROSE = dict.fromkeys(("usage", "training", "ethics", "support"), TEXT)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=5,
)
API = st.fixed_dictionaries(
    {
        "url": URL,
        "type": st.sampled_from(["openapi", "asyncapi", "graphql", "grpc"]),
        "spec": st.one_of(FILLED, st.just("https://a.example/openapi.json")),
    },
    optional=COMMON,
)
SERVER = st.fixed_dictionaries(
    {"name": NAME, **NAMED},
    optional={
        **COMMON,
        "API": API,
        "authentication": st.booleans(),
        "homepageURL": URL,
        "usage": TEXT,
    },
)
MODEL = st.fixed_dictionaries(
    {"name": NAME, **NAMED},
    optional={
        **COMMON,
        **PROSE,
        "license": URL,
        "howToUseURL": URL,
        "artifactLocationURL": URL,
    },
)
MODELS = st.lists(MODEL, max_size=4, unique_by=lambda model: str(model["name"]))
CATALOG = st.fixed_dictionaries({"models": MODELS}, optional={"modelServer": SERVER})


def read(catalog: Any, **how: Any) -> tuple[list[Candidate], list[Problem]]:
    """What a document becomes, by the door that all sources use."""
    text = catalog if isinstance(catalog, str) else json.dumps(catalog, **how)
    found = examine(text, "models.json")
    return found.candidates, found.problems


def written(candidates: list[Candidate]) -> Export:
    """All that was read, exported again, in an order of no meaning."""
    rows = sorted(
        (Seen(subject_of(one.data), one.data) for one in candidates),
        key=lambda seen: seen.ref[::-1],
    )
    servers = [one for one in candidates if one.data["spec"]["type"] == "model-server"]
    linked = {}
    for server in servers:
        named = [
            *server.data["spec"].get("dependsOn", []),
            *(
                f"api:default/{one}"
                for one in server.data["spec"].get("providesApis", [])
            ),
        ]
        order = list(dict.fromkeys(ref.lower() for ref in named))
        around = [row for ref in order for row in rows if row.ref == ref]
        linked[server.ref] = around
    return write(rows, linked)
