"""What queries find: fields, relations, ages, what is not known, who may see what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.query.language.asking import ask
from catalog.query.language.criterion import CRITERIA, Criterion, register
from catalog.query.language.known import all_criteria
from catalog.query.language.scope import Truth
from catalog.query.language.wrong import near
from tests.catalog import asked
from tests.catalog.asked import found, remarks, wrong
from tests.catalog.documents import declare, document, seen_by, viewer
from tests.catalog.probed import component, is_down, is_up

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def lab() -> None:
    """What most of these ask of."""
    asked.lab()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("kind:model", ["bge"]),
        ("kind:Model,component -tag:gpu", ["gateway", "rag"]),
        ("kind!=group", ["bge", "gateway", "rag"]),
        ("owner:platform", ["bge", "gateway"]),
        ("owner:search", ["bge"]),
        ("owner:none", ["rag"]),
        ("tier:critical", ["gateway"]),
        ("tier:none kind:component", ["rag"]),
        ("tier:any", ["gateway"]),
        ("tag:te*", ["bge", "rag"]),
        ("-tag:text kind:component", ["gateway"]),
        ("name:b*", ["bge"]),
        ("ref:model:default/bge", ["bge"]),
        ("namespace:default kind:model", ["bge"]),
        ("label.site:attic", ["bge"]),
        ("label.site:none kind:component", ["gateway", "rag"]),
        ("annotation.greenroom/tier:any", ["gateway"]),
        ("spec.license:mit", ["bge"]),
        ("spec.languages:de", ["bge"]),
        ("spec.versions.version>1", ["bge"]),
        ("spec.license:none kind:component", ["gateway", "rag"]),
        ("stage:staging", ["bge"]),
        ("is:production", ["bge", "gateway", "rag"]),
        ("stage:experimental", []),
        ("dependsOn:rag", ["gateway"]),
        ("dependencyOf:gateway", ["rag"]),
        ("dependsOn>1", ["gateway"]),
        ("dependsOn<1 kind:component", ["rag"]),
        ("dependsOn:nowhere", ["gateway"]),
        ("relation:dependencyOf", ["rag"]),
        ("has:dependsOn", ["gateway"]),
        ("has:description", ["gateway"]),
        ("has:tier", ["gateway"]),
        ("is:dangling", ["gateway"]),
        ("is:unowned", ["rag"]),
        ("kind:model OR tier:critical", ["bge", "gateway"]),
        ("(kind:model OR kind:component) owner:platform", ["bge", "gateway"]),
        ("NOT (kind:model OR kind:group)", ["gateway", "rag"]),
        ("hous", ["gateway"]),
        ('"every model"', ["gateway"]),
        ('"model every"', []),
        ("changed.age<1h kind:model", ["bge"]),
        ("created.age>1h", []),
        ("orphan.age>1s", []),
    ],
)
def test_what_is_found(lab, text, names):
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "carets", "message", "instead"),
    [
        ("knd:model", "^^^", "no field “knd”", "kind:model"),
        ("a ownr:x", "  ^^^^", "no field “ownr”", "a owner:x"),
        ("stuff>3", "^^^^^", "no field “stuff”", ""),
        ("is:orphn", "^^^^^^^^", "no is:orphn", "is:orphan"),
        ("has:dependOn", "^^^^^^^^^^^^", "no has:dependOn", "has:dependsOn"),
        ("relation:x", "^^^^^^^^^^", "no relation “x”", ""),
        ("kind>3", "^^^^^^", "cannot be compared", ""),
        ("dependsOn>x", "          ^", "is no number", ""),
        ("changed.age>soon", "            ^^^^", "no length of time", ""),
        ("changed.age:3d", "^" * 14, "is compared", "changed.age>3d"),
        ("owner:me", "^^^^^^^^", "“me” is nobody", ""),
        ("spec.a..b:1", "^^^^^^^^^^^", "no place in a document", ""),
    ],
)
def test_ten_wrong_queries_each_say_what_to_do(lab, text, carets, message, instead):
    told = wrong(text)
    assert (told.carets, message in told.message) == (carets, True), str(told)
    assert told.remedy
    assert (told.instead or [""])[0] == instead


def test_a_value_that_nothing_has_is_told_with_what_was_meant(lab):
    (remark,) = remarks("kind:modle tag:gpu")
    assert remark.text == "Nothing has kind:modle."
    assert remark.instead == (("Try kind:Model", "kind:Model tag:gpu"),)
    assert not remarks("kind:model tag:none")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("prod", ["production", "probed"]), ("pro", ["probed", "production"]), ("p", [])],
)
def test_a_beginning_is_meant_as_well_as_a_slip(typed, meant):
    assert near(typed, ["production", "probed", "unowned"]) == meant


def test_an_exact_word_is_not_one_that_may_go_on(lab):
    assert found('hous "house"') == ["gateway"]
    assert found('hous "hous"') == []


def test_what_is_asked_is_remarked_on_once():
    component("plain", probe="")
    told = [one.text for one in remarks("-status:upp kind:component")]
    assert len(told) == len(set(told)) == 2


def test_what_is_like_no_field_is_text(lab):
    (remark,) = remarks("llama3:8b")
    assert "searched as text" in remark.text


def test_unknown_is_not_false():
    component("web")
    component("rag")
    component("plain", probe="")
    is_up("web")
    is_down("rag")
    assert found("status:up") == ["web"]
    assert found("-status:up") == ["rag"]
    assert found("status!=up") == ["rag"]
    assert found("status:none") == ["plain"]
    assert found("-status:up OR status:none") == ["plain", "rag"]
    (remark,) = remarks("-status:up kind:component")
    assert "1 more may be meant: status is not known of it" in remark.text
    (also, also_text), (only, only_text) = remark.instead
    assert (also, only) == ("Show them too", "Show only them")
    assert found(also_text) == ["plain", "rag"]
    assert found(only_text) == ["plain"]


def test_an_age_that_nobody_knows_is_neither_old_nor_young(lab):
    old = timezone.now() - timedelta(days=40)
    Entity.objects.filter(kind="Model").update(orphan_since=old)
    assert found("orphan.age>30d") == ["bge"]
    assert found("orphan.age<30d") == []
    answer = ask("-orphan.age>30d kind:component", EVERYTHING)
    assert answer.truth.yes == 0 and answer.truth.unknown.bit_count() == 2


def test_nothing_hidden_is_found_counted_or_suggested():
    declare(
        document("User", "ada"),
        document("Component", "open", spec={"dependsOn": ["component:vault"]}),
        document(
            "Component",
            "vault",
            tags=["secret-tag"],
            annotations=seen_by("user:eve"),
            spec={"dependsOn": ["component:open"]},
        ),
    )
    ada = viewer("user:default/ada")
    for text in ("kind:component", "-kind:user", "vault OR open", "NOT tag:x"):
        assert "vault" not in found(text, ada), text
    assert found("dependencyOf:any", ada) == []
    assert found("dependsOn:vault", ada) == ["open"]
    assert not remarks("tag:secret-tg", ada)[0].instead
    for criterion in all_criteria():
        if criterion.choices:
            told = criterion.choices(ask("", ada).scope)
            assert not {"secret-tag"} & set(told), criterion.name
    assert ask("kind:component", ada).explain("component:default/vault") == []


def test_it_says_which_condition_keeps_one_out(lab):
    answer = ask("kind:component (owner:search OR tag:text) -tier:critical", EVERYTHING)
    reasons = answer.explain("component:default/gateway")
    assert [(one.text, one.holds, one.depth) for one in reasons] == [
        ("kind:component", True, 0),
        ("(owner:search OR tag:text)", False, 0),
        ("owner:search", False, 1),
        ("tag:text", False, 1),
        ("-tier:critical", False, 0),
    ]


def test_a_field_of_another_room_is_one_registration(lab):
    def find(scope: Any, clause: Any) -> Truth:
        return Truth(1 << scope.table.by_ref["model:default/bge"])

    register(Criterion("mood", "Mood", "How it feels.", find, ("mood:good",)))
    try:
        assert found("mood:good kind:model") == ["bge"]
        with pytest.raises(ValueError, match="already"):
            register(CRITERIA["mood"])
    finally:
        del CRITERIA["mood"]


def test_every_example_of_the_help_can_be_asked(lab):
    linked = Viewer(signed_in=True, sees_all=True, ref="user:default/ada")
    for criterion in all_criteria():
        for text in criterion.examples:
            ask(text, linked)
