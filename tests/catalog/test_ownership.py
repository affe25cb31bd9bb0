"""Principals and group trees: groups inside groups, circles, and both spellings."""

from __future__ import annotations

import pytest

from catalog.entities import ownership
from tests.catalog.documents import declare, document

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def group(name: str, **spec):
    return document("Group", name, spec=spec)


def test_a_person_is_in_the_groups_above_theirs():
    declare(
        group("house", children=["lab"]),
        group("lab", members=["ada"]),
        group("speech", parent="lab"),
        document("User", "ada", spec={"memberOf": ["speech"]}),
        group("other"),
    )
    names = {
        "user:default/ada",
        *(f"group:default/{n}" for n in ("house", "lab", "speech")),
    }
    assert ownership.principals("user:default/ada") == names


def test_a_group_tree_goes_down_but_not_up():
    declare(group("a", children=["b"]), group("b"), group("c", parent="b"))
    assert ownership.group_tree("group:default/b") == {
        "group:default/b",
        "group:default/c",
    }


def test_circles_end():
    declare(
        group("a", parent="b"),
        group("b", parent="a", members=["ada"]),
        document("User", "ada"),
    )
    assert len(ownership.principals("user:default/ada")) == 3
    assert len(ownership.group_tree("group:default/a")) == 2


def test_leaving_a_group_counts_at_once():
    declare(document("User", "ada", spec={"memberOf": ["lab"]}))
    assert "group:default/lab" in ownership.principals("user:default/ada")
    declare(document("User", "ada"))
    assert ownership.principals("user:default/ada") == {"user:default/ada"}


def test_somebody_unknown_is_only_themselves():
    assert ownership.principals("user:default/who") == {"user:default/who"}
