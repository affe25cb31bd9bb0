"""Queries for tests: a small lab to ask of, and what is found, wrong, remarked on."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.query.columns import positions_of
from catalog.query.language.asking import ask
from catalog.query.language.wrong import Wrong
from tests.catalog.documents import declare, document


def found(text: str, who: Viewer = EVERYTHING) -> list[str]:
    """Names of what a query finds, in order."""
    answer = ask(text, who)
    refs = answer.scope.table.refs
    return sorted(refs[at].rpartition("/")[2] for at in positions_of(answer.truth.yes))


def wrong(text: str, who: Viewer = EVERYTHING) -> Wrong:
    """What is said of a query that is none."""
    with pytest.raises(Wrong) as told:
        ask(text, who)
    return told.value


def remarks(text: str, who: Viewer = EVERYTHING) -> list[Any]:
    """What is remarked on the answer."""
    return ask(text, who).scope.remarks


def lab() -> None:
    """A group inside a group, models with versions, services that need each other."""
    declare(
        document("Group", "platform", spec={"type": "team", "children": []}),
        document("Group", "search", spec={"type": "team", "parent": "platform"}),
        document(
            "Model",
            "bge",
            tags=["gpu", "text"],
            labels={"site": "attic"},
            spec={
                "owner": "search",
                "lifecycle": "experimental",
                "license": "MIT",
                "languages": ["en", "de"],
                "versions": [
                    {"version": "1", "stage": "production"},
                    {"version": "2", "stage": "staging"},
                ],
            },
        ),
        document(
            "Component",
            "gateway",
            description="Talks to every model of the house.",
            annotations={"greenroom/tier": "critical"},
            spec={
                "owner": "platform",
                "lifecycle": "production",
                "dependsOn": ["component:rag", "component:nowhere"],
            },
        ),
        document(
            "Component",
            "rag",
            tags=["text"],
            spec={"owner": "user:ada", "lifecycle": "production"},
        ),
    )
