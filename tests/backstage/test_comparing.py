"""A difference is said, whatever it is; this needs no Backstage."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backstage.client import unlike
from tests.backstage.comparing import Complaint, Taken, difference


def entity(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "Chat"},
        "spec": spec,
    }


def served(**spec: Any) -> dict[str, Any]:
    """As Backstage gives it back."""
    made = entity(**spec)
    annotations = {"backstage.io/managed-by-location": "url:http://x.example/y"}
    made["metadata"] |= {
        "namespace": "default",
        "uid": "1",
        "etag": "2",
        "annotations": annotations,
    }
    return made


REF = "component:default/chat"
OWNED = (REF, "ownedBy", "group:default/lab")


def test_what_backstage_adds_is_no_difference():
    location: dict[str, Any] = {"location:default/generated-1": {}}
    taken = Taken({REF: served(owner="lab"), **location}, {OWNED})
    assert difference({REF: entity(owner="lab")}, [OWNED], taken) == []


@pytest.mark.parametrize(
    ("taken", "line"),
    [
        (Taken(), f"missing: {REF}"),
        (Taken(relations=set()), f"missing relation: {REF} ownedBy group:default/lab"),
        (Taken({"user:default/x": served()}), "not expected: user:default/x"),
        (Taken({REF: served(owner="x")}), f"{REF}: spec.owner is 'x', not 'lab'"),
        (Taken({REF: served()}), f"{REF}: spec.owner is gone, was 'lab'"),
        (
            Taken({REF: served(owner="lab", on=True)}),
            f"{REF}: spec.on is new: True",
        ),
        (
            Taken(relations={(REF, "partOf", "system:default/a")}),
            f"relation not expected: {REF} partOf system:default/a",
        ),
        (
            Taken(complaints=[Complaint("warn", "no", REF)]),
            f"complaint: warn [{REF}]: no",
        ),
        (Taken(errors={REF: ["no"]}), f"status of {REF}: no"),
        (Taken(refused={REF: ["no"]}), f"refused {REF}: no"),
    ],
)
def test_each_difference_is_one_line(taken, line):
    assert line in difference({REF: entity(owner="lab")}, [OWNED], taken)


def test_lists_of_references_come_back_sorted_and_other_lists_do_not():
    theirs = served(dependsOn=["a:b", "a:c"], steps=[1, 2])
    mine = entity(dependsOn=["a:c", "a:b"], steps=[1, 2])
    assert difference({REF: mine}, [], Taken({REF: theirs})) == []
    mine["spec"]["steps"] = [2, 1]
    assert len(difference({REF: mine}, [], Taken({REF: theirs}))) == 2


def test_a_number_is_not_the_same_as_a_truth():
    taken = Taken({REF: served(on=True)})
    assert f"{REF}: spec.on is True, not 1" in difference(
        {REF: entity(on=1)}, [], taken
    )


def answer(**more: Any) -> dict[str, Any]:
    return {"name": "a", "method": "getEntities", "args": [], "exchanges": [], **more}


def test_two_servers_are_compared_by_what_the_caller_gets():
    theirs = [answer(ok=True, value={"items": [1]})]
    assert unlike(theirs, [answer(ok=True, value={"items": [1]})]) == []
    (line,) = unlike(theirs, [answer(ok=True, value={"items": [2]})])
    assert line == "a: value.items[0] is 2, not 1"
    assert unlike(theirs, []) == ["the calls are not the same"]


def test_sentences_of_errors_count_only_if_asked():
    def failed(message: str) -> list[dict[str, Any]]:
        error = {"name": "ResponseError", "message": message, "status": 404}
        return [answer(ok=False, error=error)]

    assert unlike(failed("a"), failed("b")) == []
    assert unlike(failed("a"), failed("b"), messages=True)
    other = failed("a")
    other[0]["error"]["status"] = 400
    assert unlike(failed("a"), other) == ["a: error.status is 400, not 404"]
