"""Misspelt keys are asked about; other extra keys are kept in silence."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities import validation
from tests.catalog.documents import document


@pytest.mark.parametrize(
    ("data", "field", "meant"),
    [
        (document(anotations={}), "metadata.anotations", "annotations"),
        (document(label={}), "metadata.label", "labels"),
        (document(Tags=["a"]), "metadata.Tags", "tags"),
        (document(spec={"dependson": []}), "spec.dependson", "dependsOn"),
        (document(spec={"provideApis": []}), "spec.provideApis", "providesApis"),
    ],
)
def test_a_misspelt_key_is_asked_about(data, field, meant):
    (problem,) = validation.check(data)
    assert (problem.code, problem.is_error, problem.field) == ("near-key", False, field)
    assert repr(meant) in problem.remedy and "kept as an extra key" in problem.message


@pytest.mark.parametrize("key", ["cost", "foo", "version", "x" * 10_000])
def test_other_extra_keys_are_kept_in_silence(key):
    extra: dict[str, Any] = {key: 1}
    assert not validation.check(document(**extra, spec={key: 1}))


def test_an_extra_key_beside_the_real_one_is_no_slip():
    assert not validation.check(document(labels={"a": "b"}, label="x"))


def test_an_unknown_lifecycle_is_asked_about():
    (problem,) = validation.check(document(spec={"lifecycle": "prodction"}))
    assert not problem.is_error and "'production'" in problem.remedy


def test_an_upper_case_tag_is_refused_with_the_lower_case_one():
    (problem,) = validation.check(document(tags=["LLM"]))
    assert problem.is_error and "'llm'" in problem.remedy
