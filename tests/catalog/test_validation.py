"""Backstage's rules, one row each: what is taken, what is refused, and how it is said.

The rows are those of reference/backstage.md part 4, found by asking a real Backstage.
"""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities import validation
from catalog.sources.candidates import examine
from tests.catalog.documents import MINIMAL, document, text_of


def errors(data: Any) -> list[Any]:
    """The complaints that refuse a document."""
    return [problem for problem in validation.check(data) if problem.is_error]


def with_metadata(**metadata: Any) -> Any:
    return document(**metadata)


def root(**parts: Any) -> Any:
    return {**document(), **parts}


TAKEN = {
    "name": [with_metadata(name=n) for n in ("a", "A9", "a--b", "a-_.b", "x" * 63)],
    "namespace": [with_metadata(namespace=n) for n in ("it", "a-b", "9", "x" * 63)],
    "label key": [
        with_metadata(labels={k: "v"}) for k in ("a", "a.b/c", "x.y-z/A_b", "A")
    ],
    "label value": [with_metadata(labels={"a": v}) for v in ("", "A.b", "x" * 63)],
    "annotation": [
        with_metadata(annotations={"a.b/c": v}) for v in ("", " ?", "x" * 100_000)
    ],
    "tags": [with_metadata(tags=["c++", "a:b", "c#", "a-b", "x" * 63]), root()],
    "links": [
        with_metadata(links=[{"url": u, "title": "t", "icon": "i", "type": "x"}])
        for u in ("https://a.example/b?c", "mailto:a@b.example", "ssh://h/x")
    ],
    "extra keys": [with_metadata(foo=[1]), document(spec={"cost": {"eur": 2}})],
    "apiVersion": [
        root(apiVersion=f"backstage.io/{v}") for v in ("v1alpha1", "v1beta1")
    ],
    "owner": [document(spec={"owner": o}) for o in ("lab", "user:ada", "Group:it/lab")],
    "references": [
        document(spec={"system": "s", "providesApis": ["a"], "dependsOn": ["api:x"]})
    ],
    "empty lists": [document(spec={"dependsOn": [], "providesApis": []})],
}


@pytest.mark.parametrize("data", [d for ds in TAKEN.values() for d in ds])
def test_what_backstage_takes_is_taken(data):
    assert not errors(data)


REFUSED = [
    ("no mapping", "a text", ""),
    ("name", with_metadata(name="qwen2.5:7b"), "metadata.name"),
    ("name", with_metadata(name="org/model"), "metadata.name"),
    ("name", with_metadata(name=""), "metadata.name"),
    ("name", with_metadata(name="x" * 64), "metadata.name"),
    ("name", with_metadata(name="-a"), "metadata.name"),
    ("name", with_metadata(name="a\n"), "metadata.name"),
    ("name", with_metadata(name=5), "metadata.name"),
    ("name", with_metadata(name=None), "metadata.name"),
    ("namespace", with_metadata(namespace="Team"), "metadata.namespace"),
    ("namespace", with_metadata(namespace="a.b"), "metadata.namespace"),
    ("namespace", with_metadata(namespace="x" * 64), "metadata.namespace"),
    ("namespace", with_metadata(namespace=7), "metadata.namespace"),
    ("title", with_metadata(title=""), "metadata.title"),
    ("title", with_metadata(title=5), "metadata.title"),
    ("description", with_metadata(description=[]), "metadata.description"),
    ("label key", with_metadata(labels={"A.b/c": "x"}), "metadata.labels.A.b/c"),
    ("label key", with_metadata(labels={"a b": "x"}), "metadata.labels.a b"),
    ("label key", with_metadata(labels={"a/b/c": "x"}), "metadata.labels.a/b/c"),
    ("label key", with_metadata(labels={"": "x"}), "metadata.labels."),
    ("label value", with_metadata(labels={"a": "b c"}), "metadata.labels.a"),
    ("label value", with_metadata(labels={"a": "x" * 64}), "metadata.labels.a"),
    ("label value", with_metadata(labels={"a": 1}), "metadata.labels.a"),
    ("labels", with_metadata(labels=["a"]), "metadata.labels"),
    ("labels", with_metadata(labels=None), "metadata.labels"),
    ("annotation key", with_metadata(annotations={"Ex.org/a": "x"}), None),
    ("annotation value", with_metadata(annotations={"a": 1}), "metadata.annotations.a"),
    ("annotation value", with_metadata(annotations={"a": True}), None),
    ("annotation value", with_metadata(annotations={"a": None}), None),
    ("tag", with_metadata(tags=["LLM"]), "metadata.tags[0]"),
    ("tag", with_metadata(tags=["ok", "qwen2.5"]), "metadata.tags[1]"),
    ("tag", with_metadata(tags=["a_b"]), "metadata.tags[0]"),
    ("tag", with_metadata(tags=["a--b"]), "metadata.tags[0]"),
    ("tag", with_metadata(tags=["x" * 64]), "metadata.tags[0]"),
    ("tag", with_metadata(tags=[""]), "metadata.tags[0]"),
    ("tag", with_metadata(tags=[3]), "metadata.tags[0]"),
    ("tags", with_metadata(tags="llm"), "metadata.tags"),
    ("tags", with_metadata(tags=None), "metadata.tags"),
    ("link", with_metadata(links=[{"url": "no-scheme"}]), "metadata.links[0].url"),
    ("link", with_metadata(links=[{"url": "//h/x"}]), "metadata.links[0].url"),
    ("link", with_metadata(links=[{"title": "x"}]), "metadata.links[0].url"),
    ("link", with_metadata(links=["https://a"]), "metadata.links[0]"),
    ("links", with_metadata(links={}), "metadata.links"),
    (
        "link title",
        with_metadata(links=[{"url": "https://a", "title": ""}]),
        "metadata.links[0].title",
    ),
    (
        "link icon",
        with_metadata(links=[{"url": "https://a", "icon": ""}]),
        "metadata.links[0].icon",
    ),
    ("root", root(status={}), "status"),
    ("root", root(relations=[]), "relations"),
    ("metadata", root(metadata=None), "metadata"),
    ("metadata", root(metadata=[]), "metadata"),
    ("spec", root(spec=None), "spec"),
    ("spec", root(spec=[]), "spec"),
    ("apiVersion", root(apiVersion="backstage.io/v2"), "apiVersion"),
    ("apiVersion", root(apiVersion=1), "apiVersion"),
    ("apiVersion", root(apiVersion=None), "apiVersion"),
    ("apiVersion", root(apiVersion="v" * 101, kind="Odd"), "apiVersion"),
    ("kind", root(kind="component"), "kind"),
    ("kind", root(kind="Componnent"), "kind"),
    ("kind", root(kind="MODEL", apiVersion="example.org/v1"), "kind"),
    ("kind", root(kind="My-Kind"), "kind"),
    ("kind", root(kind=None), "kind"),
    ("owner", document(spec={"owner": ["a", "b"]}), "spec.owner"),
    ("owner", document(spec={"owner": ""}), "spec.owner"),
    ("owner", document(spec={"owner": "a b"}), "spec.owner"),
    ("dependsOn", document(spec={"dependsOn": ["qdrant"]}), "spec.dependsOn[0]"),
    ("dependsOn", document(spec={"dependsOn": "api:x"}), "spec.dependsOn"),
    ("dependsOn", document(spec={"dependsOn": ["api:x", 5]}), "spec.dependsOn[1]"),
    ("runsOn", document(spec={"runsOn": ["a", 5]}), "spec.runsOn[1]"),
    ("system", document(spec={"system": {"a": 1}}), "spec.system"),
    ("definition", document("API", spec={"definition": ""}), "spec.definition"),
    ("definition", document("API", spec={"definition": ...}), "spec.definition"),
    ("type", document(spec={"type": 5}), "spec.type"),
    ("type", document(spec={"type": True}), "spec.type"),
    (
        "visibility",
        with_metadata(annotations={"greenroom/visibility": ""}),
        "metadata.annotations.greenroom/visibility",
    ),
    (
        "visibility",
        with_metadata(annotations={"greenroom/visibility": "component:x"}),
        "metadata.annotations.greenroom/visibility",
    ),
]


@pytest.mark.parametrize(
    ("data", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_backstage_refuses_is_refused_with_field_message_and_remedy(data, field):
    found = errors(data)
    assert len(found) == 1, found
    (problem,) = found
    assert field is None or problem.field == field
    assert problem.message.endswith(".")
    assert problem.remedy or problem.code in ("spec",)


REQUIRED = {
    "Component": ["type", "lifecycle", "owner"],
    "API": ["type", "lifecycle", "owner", "definition"],
    "Resource": ["type", "owner"],
    "System": ["owner"],
    "Domain": ["owner"],
    "Group": ["type", "children"],
    "User": ["memberOf"],
    "Model": ["type", "lifecycle", "owner"],
    "Eval": ["lifecycle", "owner", "category", "evaluates"],
}


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, f) for kind, fs in REQUIRED.items() for f in fs]
)
def test_each_required_field_is_asked_for(kind, field):
    (problem,) = errors(document(kind, spec={field: ...}))
    assert problem.code == "missing"
    assert problem.field == f"spec.{field}"
    assert field in problem.remedy


@pytest.mark.parametrize("kind", MINIMAL)
def test_nothing_else_is_required(kind):
    assert not validation.check(document(kind))


def test_an_mcp_server_has_remotes_or_a_definition():
    remotes = [{"type": "streamable-http", "url": "http://node-01:8600/mcp"}]
    spec = {"type": "mcp-server", "definition": ..., "remotes": remotes}
    assert not errors(document("API", spec=spec))
    assert not errors(document("API", spec={**spec, "definition": "Tools."}))
    assert not errors(document("API", spec={"type": "mcp-server"}))
    (problem,) = errors(document("API", spec={**spec, "remotes": []}))
    assert problem.field == "spec.definition"


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("Component", "dependsOn"),
        ("Component", "dependencyOf"),
        ("Resource", "dependsOn"),
        ("Resource", "dependencyOf"),
    ],
)
def test_where_any_kind_can_stand_it_has_to_be_named(kind, field):
    (problem,) = errors(document(kind, spec={field: ["far"]}))
    assert problem.field == f"spec.{field}[0]"
    assert "kind" in problem.message
    assert not errors(document(kind, spec={field: ["component:far"]}))


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        (with_metadata(name="Qwen/Qwen2.5-7B"), "'Qwen-Qwen2.5-7B'"),
        (with_metadata(tags=["My Tag"]), "'my-tag'"),
        (with_metadata(annotations={"a": 1}), '"1"'),
        (with_metadata(labels={"a": True}), '"true"'),
        (root(kind="component"), "'Component'"),
        (root(spce={}), "'spec'"),
        (root(apiVersion="backstage.io/v1"), "backstage.io/v1alpha1"),
        (document(spec={"type": ..., "tpye": "x"}), "'tpye': rename it to 'type'"),
        (document(spec={"dependsOn": "api:x"}), "[api:x]"),
        (document("Eval", spec={"category": "qualty"}), "Did you mean 'quality'?"),
        (document("Group", spec={"type": 5}), '"5"'),
    ],
)
def test_the_remedy_says_what_to_write(data, remedy):
    (problem,) = errors(data)
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("Template", "scaffolder.backstage.io/v1beta3"),
        ("AiResource", "backstage.io/v1alpha1"),
        ("Module", "example.org/v1"),
        ("Widget", "v1"),
    ],
)
def test_unknown_kinds_are_kept_with_a_warning(kind, version):
    (problem,) = validation.check(root(kind=kind, apiVersion=version))
    assert (problem.code, problem.is_error) == ("unknown-kind", False)


def test_all_complaints_of_a_document_come_at_once():
    data = with_metadata(name="a b", tags=["A"], labels={"x": 1})
    assert len(errors({**data, "relations": []})) == 4


def test_a_complaint_knows_its_line_and_column():
    text = text_of(document()) + "---\n" + text_of(document(tags=["ok", "No"]))
    (problem,) = examine(text, "a.yaml").problems
    line = text.splitlines().index("  - 'No'") + 1
    assert (problem.path, problem.line, problem.column) == ("a.yaml", line, 5)
    assert problem.sentence().startswith(f"a.yaml:{line}:5: error: The tag 'No'")


def test_a_long_value_is_shortened_in_the_message():
    (problem,) = errors(with_metadata(name="x" * 100_000))
    assert len(problem.sentence()) < 400


def test_a_thousand_complaints_are_cut_short():
    text = text_of(document(tags=["Bad"] * 20_000))
    problems = examine(text, "a.yaml").problems
    assert len(problems) <= 101
    assert "more" in problems[-1].message
