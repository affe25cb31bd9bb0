"""The example, and entities for one group that others name in every way there is."""

from __future__ import annotations

from typing import Any

from catalog.sources import adding, processing
from portal.example import HOMELAB
from tests.catalog.documents import declare, document, seen_by

# Who is in it sees them all.
GROUP = "finance-ops"
HIDING = {**seen_by(f"group:default/{GROUP}"), "greenroom/cost-centre": "wombat"}
OPEN = seen_by("public")
# What stands in nothing but what is hidden, and in what names it.
WORDS = (
    *("zebrafinch", "quokka", "okapi", "narwhal", "axolotl", "wombat", "capybara"),
    *("invoices-2026", "scanned invoices 2026", "5,900 supplier"),
)
_NAME = "component:zebrafinch"
_VERSION = {
    "version": "1",
    "stage": "production",
    "baseModel": "zebrafinch-model",
    "evals": ["zebrafinch-eval"],
}


def hidden(kind: str, name: str, **spec: Any) -> Any:
    """A document for the group alone."""
    return document(
        kind,
        name,
        title="Narwhal",
        description="What narwhals cost.",
        tags=["axolotl"],
        labels={"lab.example/axolotl": "axolotl"},
        annotations=HIDING,
        links=[{"url": "https://capybara.example", "title": "Capybara"}],
        spec=spec,
    )


HIDDEN = (
    hidden("Group", "quokka", parent="house", members=["eve"]),
    hidden("User", "okapi", memberOf=["quokka", "crew"]),
    hidden("Domain", "zebrafinch-land", owner="quokka"),
    hidden("System", "zebrafinch-books", owner="quokka", domain="land"),
    hidden("Resource", "zebrafinch-host", owner="crew", dependencyOf=["resource:disk"]),
    hidden("API", "zebrafinch-api", owner="okapi", system="books"),
    hidden("Model", "zebrafinch-model", owner="crew", baseModel="open"),
    hidden("Eval", "zebrafinch-eval", owner="crew", evaluates=["open"]),
    hidden(
        "Component",
        "zebrafinch",
        owner="quokka",
        system="books",
        dependsOn=["component:desk", "resource:disk"],
        dependencyOf=["component:desk"],
        consumesApis=["desk-api"],
        serves=["open"],
        runsOn="disk",
    ),
)
NAMING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Group", "house", {"children": ["quokka", "crew"]}),
    ("Group", "crew", {"parent": "quokka", "members": ["okapi", "eve"]}),
    ("User", "eve", {"memberOf": ["quokka", "crew"]}),
    ("Domain", "land", {"owner": "quokka", "subdomainOf": "zebrafinch-land"}),
    ("System", "books", {"owner": "quokka", "domain": "zebrafinch-land"}),
    ("API", "desk-api", {"owner": "user:okapi", "system": "zebrafinch-books"}),
    (
        "Resource",
        "disk",
        {
            "owner": "quokka",
            "system": "zebrafinch-books",
            "dependsOn": [_NAME, "resource:zebrafinch-host"],
            "dependencyOf": [_NAME],
            "runsOn": ["zebrafinch-host"],
        },
    ),
    (
        "Component",
        "desk",
        {
            "owner": "quokka",
            "system": "zebrafinch-books",
            "subcomponentOf": "zebrafinch",
            "providesApis": ["zebrafinch-api", "desk-api"],
            "consumesApis": ["zebrafinch-api"],
            "dependsOn": [_NAME, "resource:disk", "model:zebrafinch-model"],
            "dependencyOf": [_NAME],
            "serves": ["zebrafinch-model", "open"],
            "runsOn": "zebrafinch-host",
        },
    ),
    (
        "Model",
        "open",
        {
            "owner": "quokka",
            "system": "zebrafinch-books",
            "baseModel": "zebrafinch-model",
            "trainingData": ["zebrafinch-host", "disk", "invoices-2026"],
            "dependsOn": [_NAME],
            "versions": [_VERSION],
        },
    ),
    (
        "Eval",
        "check",
        {
            "owner": "quokka",
            "evaluates": ["open", "zebrafinch-model"],
            "dataset": "zebrafinch-host",
        },
    ),
    (
        "AiResource",
        "tool",
        {
            "type": "plugin",
            "lifecycle": "production",
            "owner": "quokka",
            "skills": ["zebrafinch"],
        },
    ),
)


def declare_all() -> None:
    """Put all of it into the catalog."""
    processing.refresh(adding.add_source(str(HOMELAB)))
    # In turn: nobody declares a member of what is not there.
    declare(*HIDDEN)
    declare(*(document(k, n, annotations=OPEN, spec=spec) for k, n, spec in NAMING))


def named_in(said: bytes) -> list[str]:
    """The words of what is hidden that stand there."""
    return [word for word in WORDS if word.encode() in said.lower()]
