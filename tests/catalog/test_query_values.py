"""Values in queries: many, none, any, quoted, with *; completed, and remarked on."""

from __future__ import annotations

import pytest

from catalog.entities.viewer import EVERYTHING
from catalog.query.language.asking import ask
from catalog.query.language.completing import complete
from catalog.query.language.criteria.documents import values_at
from tests.catalog import asked
from tests.catalog.asked import found, remarks, wrong
from tests.catalog.documents import declare, document, seen_by, viewer
from tests.catalog.probed import component, is_up

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def lab() -> None:
    """What most of these ask of."""
    asked.lab()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("kind: mod", ["Model"]),
        ("-kind:Group,mod", ["Model"]),
        ("dependsOn>r", []),
        ("dependsOn:r", ["component:rag"]),
        ('cost-centre:x,"AI,', [r'"AI, \"lab\""']),
        (r'cost-centre:"AI, \"l', [r'"AI, \"lab\""']),
        ("cost-centre:AN", ['"AND"']),
        ("cost-centre:>", []),
        ("cost-centre://", ['"//x"']),
        ('"' * 60 + "\\\n)", []),
    ],
)
def test_what_is_completed_can_be_asked(lab, text, offered):
    for at, centre in enumerate(('AI, "lab"', "AND", "//x")):
        annotations = {"greenroom/cost-centre": centre}
        declare(document("Resource", f"r{at}", annotations=annotations))
    options = complete(text, len(text), EVERYTHING)
    wanted = [o.insert for o in options if not o.goes_on][: len(offered) or None]
    assert wanted == offered
    for one in wanted:
        begun = text[: options[0].start]
        assert not remarks(begun + one) or "," in begun, begun + one


def test_only_the_value_that_nothing_has_is_replaced(lab):
    (remark,) = remarks('kind!=Group,"modle" tag:gpu')
    assert remark.instead == (("Try kind:Model", "kind!=Group,Model tag:gpu"),)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("owner:plat*", ["bge", "gateway"]),
        ("owner:*search", ["bge"]),
        ("owner:any", ["bge", "gateway"]),
        ("tier:*", ["gateway"]),
        ("stage:none kind!=group", []),
        ("stage:any", ["bge", "gateway", "rag"]),
        ("stage:none", ["platform", "search"]),
        ("changed.age>999999y", []),
        ("spec.versions.stage>STAGED", ["bge"]),
        ("parentOf>1", []),
        ("parentOf<2 parentOf:search", ["platform"]),
    ],
)
def test_words_that_stand_for_several(lab, text, names):
    declare(document("Group", "platform", spec={"children": ["search"]}))
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rag & kind:component", ["rag"]),
        ("kind:model -", ["bge"]),
        ("NOT (kind:component !!) tag:gpu", ["bge"]),
        ("!!!", []),
        ("🎉 OR tag:gpu", ["bge"]),
    ],
)
def test_signs_ask_for_nothing(lab, text, names):
    answer = ask(text, EVERYTHING)
    assert found(text) == names
    assert "no letter and no digit" in answer.scope.remarks[0].text
    for name in names:
        ref = next(r for r in answer.scope.table.refs if r.endswith(f"/{name}"))
        assert all(one.holds for one in answer.explain(ref) if not one.depth)


def test_of_many_values_the_first_few_are_remarked_on(lab):
    assert len(remarks("name:" + ",".join(f"x{n}" for n in range(200)))) == 5
    told = wrong("name:" + ",".join("a*" for _ in range(61)))
    assert "61 parts" in told.message


def test_only_what_can_be_asked_is_offered(lab):
    (remark,) = remarks(f"-orphan.age>30d (tag:text{' ' * 960})")
    assert [title for title, _ in remark.instead] == ["Show only them"]
    assert remarks("gatway " * 2)[0].instead
    assert not remarks("gatway," * 9)


def test_an_owner_by_its_name_alone_is_offered():
    declare(document("User", "ada"), document(name="x", spec={"owner": "user:ada"}))
    (remark,) = remarks("owner:ada")
    assert remark.instead == (("Try owner:user:ada", "owner:user:ada"),)


def test_a_hidden_group_does_not_tell_what_is_inside_it(lab):
    spec = {"type": "team", "children": ["search"]}
    hidden = {**seen_by("user:eve"), "greenroom/tier": "critical"}
    declare(
        document("User", "ada"),
        document("Group", "vault", annotations=hidden, spec=spec),
        document(name="kept", annotations=hidden, spec={"owner": "vault"}),
    )
    ada = viewer("user:default/ada")
    for text in ("owner:vault", "owner:vau*", "owner:group:default/vault"):
        assert found(text, ada) == [], text
        assert found(text) == ["bge", "kept"]


def test_a_hidden_value_called_none_changes_nothing():
    declare(
        document("User", "ada"),
        document(name="open", tags=["x"]),
        document(name="bare"),
        document(name="vault", tags=["none", "any"], annotations=seen_by("user:eve")),
    )
    ada = viewer("user:default/ada")
    assert found("tag:none kind:component", ada) == ["bare"]
    assert found("tag:any", ada) == ["open"]
    assert found("tag:none") == ["vault"]


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("a", ["100", "1e+20", "1e-07", "0", "true", "12345678901234567"]),
        ("b", ["1", "2", "3"]),
        ("c.d", ["5", "6", "7"]),
        ("c.e.f", []),
    ],
)
def test_both_databases_tell_a_spec_alike(path, texts):
    numbers = [100.0, 1e20, 1e-7, -0.0, True, None, 12345678901234567]
    deep = {"d": [[5], {"x": 1}, 6], "e.f": 1, "d[0]": 2}
    spec = {"a": numbers, "b": [1, [2, [3]]], "c": [[deep], {"d": 7}]}
    declare(document("Resource", "x", spec=spec))
    assert sorted(text for _, text in values_at(path)) == sorted(texts)


def test_what_is_not_known_is_told_by_any_spelling():
    component("web")
    component("plain", probe="")
    is_up("web")
    for text in ("-status:any", "-status:Any", "status:none,down", "status!=ANY"):
        assert found(text) == ["plain"], text
    # Each value by itself, as with OR: of `plain` it is not known whether it is up.
    assert found("-status:unknown,up") == found("-(status:unknown OR status:up)") == []
