"""A catalog of any size: N entities with about 7.5 relations each, both ways counted.

Deterministic. Mixed like a real one: three quarters components, the rest APIs,
resources, systems, groups and users; written in files of at most 500 documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PER_FILE = 500
LIFECYCLES = ("production", "production", "experimental", "deprecated")
TIERS = ("critical", "important", "standard", "experimental")
TYPES = ("service", "model-server", "agent", "rag-pipeline", "workflow", "website")


def documents(number: int) -> Iterator[str]:
    """The texts of exactly `number` documents."""
    groups = max(2, number // 50)
    users = max(2, number // 25)
    systems = max(2, number // 40)
    apis = max(2, number // 10)
    resources = max(2, number // 10)
    components = number - groups - users - systems - apis - resources
    for i in range(groups):
        yield _group(i)
    for i in range(users):
        yield _user(i, groups)
    for i in range(systems):
        yield _system(i, groups)
    for i in range(apis):
        yield _api(i, groups, systems)
    for i in range(resources):
        yield _resource(i, groups, systems)
    for i in range(components):
        yield _component(i, components, groups, systems, apis, resources)


def write(folder: Path, number: int) -> None:
    """Write the documents into files below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = list(documents(number))
    for start in range(0, len(texts), PER_FILE):
        path = folder / f"part-{start // PER_FILE:03}.yaml"
        path.write_text("---\n".join(texts[start : start + PER_FILE]), "utf-8")


def _head(kind: str, name: str, extra: str = "") -> str:
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n"
        + extra
    )


def _group(i: int) -> str:
    parent = f"  parent: team-{i // 5}\n" if i >= 5 else ""
    return _head("Group", f"team-{i}") + (
        f"spec:\n  type: team\n  profile:\n    displayName: Team {i}\n"
        f"    email: team-{i}@lab.example\n{parent}  children: []\n"
    )


def _user(i: int, groups: int) -> str:
    return _head("User", f"person-{i}") + (
        f"spec:\n  profile:\n    displayName: Person {i}\n"
        f"  memberOf: [team-{i % groups}, team-{(i * 7 + 1) % groups}]\n"
    )


def _system(i: int, groups: int) -> str:
    return _head("System", f"system-{i}") + f"spec:\n  owner: team-{i % groups}\n"


def _api(i: int, groups: int, systems: int) -> str:
    return _head("API", f"api-{i}") + (
        f"spec:\n  type: openapi\n  lifecycle: production\n  owner: team-{i % groups}\n"
        f"  system: system-{i % systems}\n  definition: |\n    openapi: 3.1.0\n"
        f"    info: {{title: API {i}, version: '1'}}\n    paths: {{}}\n"
    )


def _resource(i: int, groups: int, systems: int) -> str:
    kind = "host" if i % 3 else "database"
    return _head("Resource", f"resource-{i}") + (
        f"spec:\n  type: {kind}\n  owner: team-{i % groups}\n"
        f"  system: system-{i % systems}\n"
    )


def _component(
    i: int, components: int, groups: int, systems: int, apis: int, resources: int
) -> str:
    metadata = (
        f"  title: Service number {i}\n"
        f"  description: Answers requests of kind {i % 97} for the people of team "
        f"{i % groups}\n"
        f"  tags: [python, area-{i % 20}, gen-{i % 7}]\n"
        f"  labels:\n    lab.example/rack: r{i % 12}\n"
        f"  annotations:\n    greenroom/tier: {TIERS[i % 4]}\n"
        f"    greenroom/data-class: internal\n"
        f"    backstage.io/source-location: url:https://git.lab.example/s{i}/\n"
        f"  links:\n    - url: https://grafana.lab.example/d/{i}\n"
        f"      title: Dashboard\n"
    )
    return _head("Component", f"service-{i}", metadata) + (
        f"spec:\n  type: {TYPES[i % len(TYPES)]}\n  lifecycle: {LIFECYCLES[i % 4]}\n"
        f"  owner: team-{i % groups}\n  system: system-{i % systems}\n"
        f"  providesApis: [api-{i % apis}]\n"
        f"  dependsOn: [component:service-{(i * 7 + 1) % components}, "
        f"resource:resource-{i % resources}]\n"
    )
