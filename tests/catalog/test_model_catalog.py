"""The model catalog: its JSON to entities and back, and every violation of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import refs
from catalog.entities import relations
from catalog.sources.model_catalog import shape
from catalog.sources.model_catalog.fields import MARK
from tests.catalog import model_catalogs as made
from tests.catalog.model_catalogs import PLAIN, read, written

SCHEMA = Path(__file__).parents[3] / "shared/data/model-catalog.schema.json"
BOUNDED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def with_(path: list[Any], value: Any) -> dict[str, Any]:
    """The plain catalog with one value changed; `...` takes it out."""
    catalog: Any = copy.deepcopy(PLAIN)
    inner = catalog
    for step in path[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return dict(catalog)


def by_ref(catalog: Any) -> dict[str, Any]:
    candidates, problems = read(catalog)
    assert not [one for one in problems if one.is_error]
    return {one.ref: one.data for one in candidates}


def test_a_server_its_api_and_its_models_become_three_sorts_of_entities():
    found = by_ref(PLAIN)
    assert list(found) == [
        "component:default/granite-server",
        "api:default/granite-server",
        "resource:default/ibm-granite-20b",
        "resource:default/bge-m3",
    ]
    edges = set(relations.declared(found["component:default/granite-server"]))
    own = "component:default/granite-server"
    assert edges == {
        (own, "ownedBy", "user:default/ada"),
        (own, "providesApi", "api:default/granite-server"),
        (own, "dependsOn", "api:default/granite-server"),
        (own, "dependsOn", "resource:default/ibm-granite-20b"),
        (own, "dependsOn", "resource:default/bge-m3"),
    }
    api = found["api:default/granite-server"]["spec"]
    assert api["definition"] == PLAIN["modelServer"]["API"]["spec"]
    assert (api["owner"], api["lifecycle"]) == ("user:default/ada", "production")


def test_what_the_reference_mappers_lose_is_kept():
    found = by_ref(PLAIN)
    model = found["resource:default/ibm-granite-20b"]
    assert model["spec"]["owner"] == "group:default/platform"
    assert model["metadata"]["title"] == "ibm/granite:20b"
    kept = json.loads(model["metadata"]["annotations"][MARK])["kept"]
    assert kept["name"] == "ibm/granite:20b"
    assert model["spec"]["license"] == "apache-2.0"
    titles = [link["title"] for link in model["metadata"]["links"]]
    assert titles == ["Artifact location", "How to use"]
    other = found["resource:default/bge-m3"]["metadata"]
    assert {"url": "https://licences.example/mit", "title": "Licence"} in other["links"]
    techdocs = other["annotations"]["backstage.io/techdocs-ref"]
    assert techdocs == "url:https://granite.lab.example/docs/"
    server = found["component:default/granite-server"]
    assert server["metadata"]["tags"] == ["vllm", "gpu-box", "auth-required"]
    assert server["spec"]["usage"] == PLAIN["modelServer"]["usage"]
    for key in ("training", "ethics", "support"):
        assert model["spec"][key] == PLAIN["models"][0][key]


def test_names_that_would_be_alike_are_told_apart_whatever_their_order():
    models = [
        {**PLAIN["models"][1], "name": name}
        for name in ("org/model", "org:model", "org-model", "ORG-model", "模型")
    ]
    one = by_ref({"models": models})
    two = by_ref({"models": models[::-1]})
    assert len(one) == len(models)
    assert set(one) == set(two)
    assert "resource:default/org-model" in one
    assert all(refs.NAME.fullmatch(data["metadata"]["name"]) for data in one.values())


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("ada", "user:default/ada"),
        ("group:platform", "group:default/platform"),
        ("team/ada", "user:team/ada"),
        ("Ada Lovelace <ada@x.example>", "user:default/ada-lovelace-ada-x.example"),
    ],
)
def test_an_owner_is_a_full_reference_or_a_user(owner: str, expected: str):
    data = by_ref(with_(["models", 0, "owner"], owner))
    assert relations.owner_of(data["resource:default/ibm-granite-20b"]) == expected


def test_openai_is_read_with_a_warning_and_written_as_openapi():
    catalog = with_(["modelServer", "API", "type"], "openai")
    candidates, problems = read(catalog)
    warning = next(one for one in problems if "'openai'" in one.message)
    assert not warning.is_error
    assert shape.pointer(warning.at) == "/modelServer/API/type"
    ((_, document),) = written(candidates).documents
    assert document == PLAIN


VIOLATIONS: list[tuple[list[Any], Any, str]] = [
    (["models"], ..., "/models"),
    (["models"], {}, "/models"),
    (["models", 1], "bge", "/models/1"),
    (["models", 0, "name"], ..., "/models/0/name"),
    (["models", 0, "name"], "", "/models/0/name"),
    (["models", 0, "owner"], 7, "/models/0/owner"),
    (["models", 0, "lifecycle"], None, "/models/0/lifecycle"),
    (["models", 0, "usage"], ["x"], "/models/0/usage"),
    (["models", 0, "tags"], "x", "/models/0/tags"),
    (["models", 0, "tags"], ["x", 1], "/models/0/tags/1"),
    (["models", 0, "annotations"], {"a/b~c": 1}, "/models/0/annotations/a~1b~0c"),
    (["models", 0, "description"], "a\0b", "/models/0/description"),
    (["models", 0, "description"], "\ud800", "/models/0/description"),
    (["models", 0, "name"], "bge-m3", "/models/1/name"),
    (["modelServer"], None, "/modelServer"),
    (["modelServer", "API"], None, "/modelServer/API"),
    (["modelServer", "API", "type"], "rest", "/modelServer/API/type"),
    (["modelServer", "API", "spec"], "", "/modelServer/API/spec"),
    (["modelServer", "API", "url"], ..., "/modelServer/API/url"),
    (["modelServer", "authentication"], "yes", "/modelServer/authentication"),
    (
        ["models", 0, "annotations"],
        {"greenroom/visibility": "pubic"},
        "/models/0/annotations/greenroom~1visibility",
    ),
]


@pytest.mark.parametrize(("path", "value", "where"), VIOLATIONS)
def test_each_violation_has_its_pointer_and_refuses_all(
    path: list[Any], value: Any, where: str
):
    candidates, problems = read(with_(path, value))
    errors = [one for one in problems if one.is_error]
    assert [shape.pointer(one.at) for one in errors] == [where]
    assert where in errors[0].message
    assert candidates == []


def test_all_violations_are_told_at_once_each_at_its_line():
    catalog = with_(["models", 0, "owner"], 7)
    del catalog["models"][1]["lifecycle"]
    del catalog["modelServer"]["API"]["url"]
    text = json.dumps(catalog, indent=1)
    candidates, problems = read(text)
    assert candidates == []
    told = {shape.pointer(one.at): one.line for one in problems}
    assert set(told) == {
        "/models/0/owner",
        "/models/1/lifecycle",
        "/modelServer/API/url",
    }
    assert (
        text.splitlines()[(told["/models/0/owner"] or 0) - 1].strip() == '"owner": 7,'
    )


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ('{"models": [}', "", "is no JSON"),
        ('{"models": [NaN]}', "", "NaN is no number"),
        ('{"models": [], "models": []}', "/models", "stands twice"),
        ('{"models": ' + "[" * 100_000, "", "cannot be read"),
        ('{"models": [], "x": ' + "[" * 60 + "]" * 60 + "}", "/x" + "/0" * 40, "deep"),
    ],
)
def test_what_is_no_json_of_that_sort_says_why(text: str, where: str, said: str):
    candidates, (problem, *_) = read(text)
    assert candidates == []
    assert shape.pointer(problem.at) == where
    assert said in problem.message


def test_other_texts_are_read_as_before():
    for text in ("{}", '{"kind": "Component"}', "models: [1]", "[1, 2]", '{"a": 1}'):
        _, problems = read(text)
        assert all(one.code != shape.CODE for one in problems), text


@pytest.mark.parametrize(
    "how", [{"indent": "\t"}, {"indent": 2}, {"ensure_ascii": False}]
)
def test_an_untouched_import_exports_as_the_same_json(how: Any):
    catalog = with_(["models", 0, "note"], {"ours": [1, 2.5, None, "ü"]})
    catalog["rev"] = 3
    candidates, _ = read(json.dumps(catalog, **how))
    export = written(candidates)
    ((ref, document),) = export.documents
    assert ref == "component:default/granite-server"
    assert document == catalog
    assert export.left_out == []


def test_models_without_a_server_keep_their_order():
    catalog = {"models": PLAIN["models"][::-1], "rev": 3}
    candidates, _ = read(catalog)
    assert written(candidates).documents == [("", catalog)]


def test_what_was_changed_since_is_exported_and_the_rest_as_it_was():
    candidates, _ = read(PLAIN)
    data = {one.ref: one.data for one in candidates}
    model = data["resource:default/ibm-granite-20b"]
    model["metadata"]["description"] = "Writes better code."
    server = data["component:default/granite-server"]
    server["metadata"]["tags"] = ["new", "auth-required"]
    ((_, document),) = written(candidates).documents
    expected = with_(["models", 0, "description"], "Writes better code.")
    expected["modelServer"]["tags"] = ["new"]
    assert document == expected


@pytest.mark.parametrize(
    "mark", ["", "{", "[]", '{"kept": 1}', '{"kept": {"name": 1}}']
)
def test_a_broken_mark_does_no_harm(mark: str):
    candidates, _ = read(PLAIN)
    for one in candidates:
        one.data["metadata"].setdefault("annotations", {})[MARK] = mark
    ((_, document),) = written(candidates).documents
    assert document["models"][0]["name"] == "ibm-granite-20b"
    assert document["modelServer"]["tags"] == ["vllm", "gpu-box"]


@BOUNDED
@given(made.CATALOG, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_whatever_is_valid_comes_back_as_it_was(catalog: Any, indent: Any, plain: bool):
    text = json.dumps(catalog, indent=indent, ensure_ascii=plain)
    found, problems = read(text)
    assert [one for one in problems if one.is_error] == []
    for one in found:
        named = {other for _, _, other in relations.named(one.data)}
        known = {other.ref for other in found}
        made_here = {ref for ref in named if not ref.startswith(("user:", "group:"))}
        is_owner = relations.owner_of(one.data)
        assert made_here - {is_owner} <= known
    ((_, document),) = written(found).documents
    assert document == catalog


@BOUNDED
@given(st.dictionaries(st.sampled_from(["models", "modelServer", "x"]), made.ANY_JSON))
def test_whatever_json_comes_nothing_is_taken_by_halves(catalog: Any):
    candidates, problems = read(catalog)
    assert not (candidates and any(one.is_error for one in problems))


@pytest.mark.skipif(not SCHEMA.exists(), reason="the reference schema is not here")
@BOUNDED
@given(made.CATALOG, st.data())
def test_the_reference_schema_agrees(catalog: Any, data: Any):
    reference = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert reference.is_valid(catalog)
    found, _ = read(catalog)
    for _, document in written(found).documents:
        assert reference.is_valid(document)
    objects = [catalog, *catalog["models"]]
    broken = data.draw(st.sampled_from(objects))
    broken.pop(data.draw(st.sampled_from(sorted(broken))))
    candidates, problems = read(catalog)
    is_bad = any(one.is_error for one in problems)
    assert is_bad is not reference.is_valid(catalog)
    assert is_bad is not bool(candidates) or not (catalog["models"] or is_bad)
