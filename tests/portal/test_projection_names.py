"""Names, tags and labels for Backstage: valid, the same each time, and apart."""

from __future__ import annotations

import json

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from catalog import refs
from catalog.entities import dialect
from portal.projections import naming, yaml_text
from portal.projections.naming import Named, Names
from tests.portal.projected import complaints

texts = st.text(max_size=120)


@given(texts)
@example("Qwen/Qwen2.5:7B")
@example("")
@example("日本語のモデル")
@example("x" * 64)
@example("-._")
def test_any_text_becomes_a_valid_name_once_and_for_all(raw):
    name = naming.name_of(raw)
    assert refs.NAME.fullmatch(name) and len(name) <= 63
    assert naming.name_of(name) == name == naming.name_of(raw)
    if refs.NAME.fullmatch(raw):
        assert name == raw


@given(texts)
@example("A.B")
def test_any_text_becomes_a_valid_namespace(raw):
    label = naming.namespace_of(raw)
    assert refs.DNS_LABEL.fullmatch(label)
    assert naming.namespace_of(label) == label


@given(texts, texts, texts)
@example("LLM", "Qwen2.5 (7B)", "Ex.org/a")
def test_tags_labels_and_keys_become_valid(tag, value, key):
    made = naming.tag_of(tag)
    metadata = {
        "name": "a",
        "tags": [made] if made else [],
        "labels": {naming.key_of(key): naming.label_value_of(value)},
    }
    document = {"apiVersion": "greenroom/v1", "kind": "X", "metadata": metadata}
    assert complaints(document, "X") == []
    assert naming.tag_of(made) == made


def test_hostile_names_stay_readable():
    assert naming.name_of("Qwen/Qwen2.5:7B") == "Qwen-Qwen2.5-7B"
    assert naming.name_of("café au lait") == "cafe-au-lait"
    assert naming.name_of("123") == "123"
    assert naming.name_of("模型").startswith("x-")
    assert naming.name_of("模型") != naming.name_of("模式")
    long = "a" * 70
    assert naming.name_of(long) != naming.name_of(long + "b")


def become(kind: str) -> str:
    return "Resource" if kind == "Model" else kind


def names(*found: tuple[str, str]) -> Names:
    rows = [Named(f"{k}:default/{n}".lower(), k, "default", n) for k, n in found]
    return Names(rows, become)


def test_one_that_keeps_its_kind_keeps_its_name():
    made = names(("Model", "bge"), ("Resource", "bge"), ("Eval", "bge"))
    assert made.of("resource:default/bge").name == "bge"
    assert made.of("eval:default/bge") == refs.Ref("Eval", "default", "bge")
    other = made.of("model:default/bge")
    assert other.kind == "Resource" and other.name.startswith("bge-")


@given(st.lists(st.tuples(st.sampled_from(["Model", "Resource"]), texts), max_size=12))
def test_no_two_have_one_name_in_whatever_order_they_come(found):
    found = list({f"{k}:{n}".lower(): (k, n) for k, n in found}.values())
    made, again = names(*found), names(*reversed(found))
    refs_ = [f"{k}:default/{n}".lower() for k, n in found]
    new = [str(made.of(ref)) for ref in refs_]
    assert len(set(new)) == len(new)
    assert new == [str(again.of(ref)) for ref in refs_]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(min_size=1, max_size=20), values, min_size=1, max_size=4)
)
@example({"a": "no", "b": "012", "c": "a: b", "d": "x\n y\n\n", "e": "1:30", "f": "~"})
@example({"a": "it's, (so) http://x/y?z=1", "b": ["- a", "", "\n"], "on": "a #b"})
@example({"a": "line\u2028sep\x85\x7f\ufeff", "b": "t\trail \nx", "c": "a\r\nb"})
@example({"a": [{"b": [{}, [], {"c": "x\ny"}]}], "<<": "=", "y": "\U0001f600"})
def test_two_readers_of_yaml_see_what_was_written(document):
    if "\0" in json.dumps(document, ensure_ascii=False).replace("\\u0000", "\0"):
        return
    written = yaml_text.write(document)
    assert yaml.safe_load(written) == document
    assert dialect.build(written, 1, None) == document
