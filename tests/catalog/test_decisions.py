"""Decisions: columns, values that nobody knows, and the way they are shown."""

from __future__ import annotations

import pytest

from catalog.entities import decisions, validation
from tests.catalog.documents import declare, document, get

ALL = {
    "greenroom/tier": "critical",
    "greenroom/data-class": "internal",
    "greenroom/exposure": "lan",
    "greenroom/cost-centre": "4711",
}


@pytest.mark.django_db
@pytest.mark.storage
def test_every_decision_is_a_column_and_is_shown():
    declare(document(annotations=ALL), document(name="bare"))
    shown = {
        d.annotation: value for d, value in decisions.of(get("component:default/web"))
    }
    assert shown == ALL
    assert not any(v for _, v in decisions.of(get("component:default/bare")))


@pytest.mark.parametrize(
    ("annotations", "spec", "field", "remedy"),
    [
        ({"greenroom/tier": "critcal"}, {}, "greenroom/tier", "'critical'"),
        ({"greenroom/exposure": "moon"}, {}, "greenroom/exposure", "lab, lan"),
        ({}, {"lifecycle": "prodution"}, "spec.lifecycle", "'production'"),
    ],
)
def test_a_value_that_nobody_knows_is_warned_about(annotations, spec, field, remedy):
    (problem,) = validation.check(document(annotations=annotations, spec=spec))
    assert problem.code == "unknown-value" and not problem.is_error
    assert problem.field.endswith(field)
    assert remedy in problem.remedy


def test_whatever_they_pay_from_is_a_cost_centre():
    annotations = {"greenroom/cost-centre": "anything at all"}
    assert not validation.check(document(annotations=annotations))
