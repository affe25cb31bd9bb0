"""Walks: any depth, circles, directions, and never through what is hidden."""

from __future__ import annotations

from itertools import pairwise

import pytest

from catalog.entities import graph
from catalog.entities.viewer import EVERYTHING, Viewer
from tests.catalog.documents import declare, document, seen_by

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
STRANGER = Viewer(signed_in=True)
A = "component:default/a"


def chain(names: str, **kinds):
    """Documents where each depends on the next."""
    return [
        document(name=name, spec={"dependsOn": [f"component:{after}"]}, **kinds)
        for name, after in pairwise(names)
    ]


def reached(ref: str, viewer: Viewer = EVERYTHING, **how) -> dict[str, int]:
    steps = graph.walk(ref, viewer, **how)
    assert len({step.ref for step in steps}) == len(steps)
    return {step.ref.rpartition("/")[2]: step.depth for step in steps}


def test_a_walk_goes_down_and_up_as_deep_as_asked():
    declare(*chain("abcdef"), document(name="f"))
    assert reached(A) == {"b": 1, "c": 2, "d": 3, "e": 4, "f": 5}
    assert reached(A, depth=2) == {"b": 1, "c": 2}
    assert reached(A, depth=0) == {}
    assert reached("component:default/d", down=False) == {"c": 1, "b": 2, "a": 3}


def test_a_circle_ends_and_the_start_is_not_reached():
    declare(*chain("abca"))
    assert reached(A) == {"b": 1, "c": 2}


def test_the_shortest_way_counts():
    declare(
        *chain("abc")[1:],
        document(name="a", spec={"dependsOn": ["component:b", "component:c"]}),
        document(name="c"),
    )
    assert reached(A) == {"b": 1, "c": 1}


def test_whoever_consumes_an_api_needs_who_provides_it():
    declare(
        document(name="a", spec={"consumesApis": ["chat"]}),
        document("API", "chat"),
        document(name="b", spec={"providesApis": ["chat"]}),
    )
    assert reached(A) == {"chat": 1, "b": 2}
    assert reached("component:default/b", down=False) == {"chat": 1, "a": 2}


def test_owners_are_no_dependency():
    declare(document(name="a"), document("Group", "lab"))
    assert reached(A) == {}


def test_a_walk_shows_a_missing_target_and_stops_there():
    declare(*chain("ab"))
    (step,) = graph.walk(A, EVERYTHING)
    assert (step.ref, step.entity, step.via) == ("component:default/b", None, A)


def test_a_walk_never_goes_through_what_is_hidden():
    a, b, c = chain("abcd")
    b["metadata"]["annotations"] = seen_by("user:nobody")
    declare(a, b, c, document(name="d"))
    assert reached(A, STRANGER) == {"b": 1}
    assert reached("component:default/d", STRANGER, down=False) == {"c": 1}
    assert reached(A) == {"b": 1, "c": 2, "d": 3}


def test_the_picture_counts_what_did_not_fit():
    targets = [f"component:c{n}" for n in range(40)]
    declare(document(name="a", spec={"dependsOn": targets}))
    picture = graph.ego(A, EVERYTHING, limit=30)
    assert len(picture.nodes) == 30
    assert (len(picture.edges), picture.hidden_edges) == (29, 11)


def test_the_picture_holds_each_edge_once_in_its_forward_direction():
    declare(*chain("abca"), document("Group", "lab"))
    picture = graph.ego(A, EVERYTHING)
    pairs = {(s[-1], t, o[-1]) for s, t, o in picture.edges}
    assert pairs == {(s, "dependsOn", o) for s, o in ("ab", "bc", "ca")}
    assert not any(ref.startswith("group:") for ref in picture.nodes)


def test_the_picture_shows_the_hidden_as_missing():
    a, b, _ = chain("abcd")
    b["metadata"]["annotations"] = seen_by("user:nobody")
    declare(a, b)
    picture = graph.ego(A, STRANGER)
    assert picture.nodes["component:default/b"] is None
    assert set(picture.nodes) == {A, "component:default/b"}
