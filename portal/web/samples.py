"""Samples for the page of components: made in memory, never written to the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from catalog.entities.history import DiffLine
from catalog.entities.models import Entity
from catalog.entities.problems import WARNING, Problem
from catalog.query import shown
from portal.web.graph_layout import Drawing, Edge, Node, draw
from portal.web.icons import look
from portal.web.index_columns import Choice, Layout, usual

_ROWS = (
    ("Model", "llm", "Customer summarization", "support-ai", "production", "1"),
    ("Component", "model-server", "vLLM on Mac Studio", "platform", "production", "1"),
    ("Model", "asr", "Whisper large-v3", "speech", "production", "2"),
    ("Component", "workflow", "n8n workflows", "automation", "production", ""),
    ("Component", "agent", "Ticket triage", "support-ai", "deprecated", ""),
    ("API", "openapi", "LLM gateway API", "platform", "production", "1"),
    ("Resource", "vector-store", "Qdrant", "search", "experimental", "2"),
    ("Resource", "host", "engine-01", "", "", ""),
    ("Eval", "quality", "Faithfulness on support threads", "support-ai", "", ""),
)
_DESCRIPTIONS = (
    "Condenses a support thread into five bullets for the CRM.",
    "OpenAI-compatible server for the models of the house.",
    "Speech to text for calls and meetings, with word times.",
    "42 active workflows, webhooks and clocks.",
    "Routes tickets to queues.",
    "One door to all models, with quotas per team.",
    "Vectors of the knowledge base, 3.1 million points.",
    "Two GPUs, 128 GB of memory.",
    "How much of a summary is in the thread.",
)

YAML = """\
# Who owns it, and what it needs.
apiVersion: greenroom/v1
kind: Model
metadata:
  name: customer-summarization
  title: "Customer summarization #1"
  description: |
    Condenses a support thread
    into five bullets: short ones.
  annotations:
    greenroom/tier: "1"
spec:
  type: llm   # a chat model
  owner: support-ai
  dependsOn:
    - component:vllm
    - resource:qdrant
"""


@dataclass(frozen=True)
class Value:
    """One value of a facet."""

    value: str
    label: str
    count: int
    selected: bool = False


def entities() -> list[Entity]:
    """Rows of a list, one of each look."""
    now = timezone.now()
    return [
        Entity(
            ref=f"{kind}:default/sample-{number}".lower(),
            kind=kind,
            namespace="default",
            name=f"sample-{number}",
            title=title,
            type=type_,
            description=_DESCRIPTIONS[number],
            owner=f"group:default/{owner}" if owner else "",
            lifecycle=lifecycle,
            tier=tier,
            source_id=1 if number == 3 else 2,
            orphan_since=now if number == 4 else None,
            changed_at=now - timedelta(hours=7**number / 40),
        )
        for number, (kind, type_, title, owner, lifecycle, tier) in enumerate(_ROWS)
    ]


def layout(rows: list[Entity]) -> Layout:
    """The usual columns and the menu, with one that nobody says."""
    columns = shown.every().values()
    menu = [
        Choice(one, one.key in shown.USUAL, one.key != "version") for one in columns
    ]
    return Layout(heads=usual(rows, {}), cells={}, menu=menu)


def facets() -> list[Any]:
    """Two facets, one with more values than are shown at first."""
    types = [Value(f"type-{i}", f"type-{i}", 14 - i) for i in range(11)]
    kinds = [Value("component", "Component", 12, True), Value("model", "Model", 7)]
    return [
        SimpleNamespace(key="kind", title="Kind", values=kinds),
        SimpleNamespace(key="type", title="Type", values=types),
    ]


def drawing() -> Drawing:
    """A small graph with a circle, a long edge and a missing end."""
    rows = (
        ("n8n", "n8n workflows", "Component", "workflow", "ok"),
        ("calls", "Call transcription", "Component", "agent", "degraded"),
        ("sum", "Customer summarization", "Model", "llm", "ok"),
        ("whisper", "Whisper large-v3", "Model", "asr", "ok"),
        ("gateway", "LLM gateway API", "API", "openapi", ""),
        ("embed", "Embeddings bge-m3 of the knowledge base", "Model", "embedding", ""),
        ("vllm", "vLLM on Mac Studio", "Component", "model-server", "down"),
        ("qdrant", "Qdrant", "Resource", "vector-store", "unknown"),
    )
    nodes = [
        Node(key, title, type_, *look(kind, type_), "#graph", status, key == "sum")
        for key, title, kind, type_, status in rows
    ]
    nodes.append(Node("gone", "component:old-crm", "missing", "unlink"))
    edges = (
        ("n8n", "sum", "consumesApi"),
        ("calls", "sum", "dependsOn"),
        ("calls", "whisper", "dependsOn"),
        ("sum", "gateway", "dependsOn"),
        ("sum", "embed", "dependsOn"),
        ("sum", "gone", "dependsOn"),
        ("gateway", "vllm", "runsOn"),
        ("embed", "qdrant", "dependsOn"),
        ("calls", "qdrant", "dependsOn"),
        ("vllm", "gateway", "serves"),
    )
    return draw(nodes, [Edge(*edge) for edge in edges])


def problems() -> list[Problem]:
    """An error and a warning, with their places."""
    return [
        Problem(
            "missing",
            "spec.owner is missing.",
            "Name the group or user that answers for it, for example owner: platform.",
            path="models/summarization.yaml",
            line=14,
            column=3,
        ),
        Problem(
            "dangling",
            "spec.dependsOn[1] names resource:qdrnt, which is not in the catalog.",
            "Did you mean 'resource:qdrant'?",
            severity=WARNING,
            path="models/summarization.yaml",
            line=18,
        ),
    ]


def difference() -> list[DiffLine]:
    """Three lines changed."""
    return [
        DiffLine("@", "@@ -10,4 +10,5 @@"),
        DiffLine(" ", "spec:"),
        DiffLine("-", "  lifecycle: experimental"),
        DiffLine("+", "  lifecycle: production"),
        DiffLine("+", "  system: support"),
        DiffLine(" ", "  owner: support-ai"),
    ]
