"""Random queries of random catalogs, against a naive answer; and broken ones.

FUZZ=100 in the environment sets the number of catalogs.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from catalog.entities import generation
from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.probes import syncing
from catalog.query.columns import positions_of
from catalog.query.language.asking import Answer, ask
from catalog.query.language.completing import complete
from catalog.query.language.wrong import Wrong
from catalog.query.search import Search
from tests.catalog import naive, probed
from tests.catalog.documents import declare, viewer

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
NUMBER = int(os.environ.get("FUZZ", "3"))
PIECES = (*'():"-,*\\\0\n🎉', "<", ">=", " OR ", "AND", "NOT ", "\u202e", "e\u0301")
PIECES += ("99999999999y", "((((" * 20, "-" * 30, "x" * 300, ",a" * 99, "kind:", "is:")


def load(things: list[naive.Thing]) -> None:
    """Declare, look at and age them."""
    declare(*(one.document() for one in things))
    syncing.follow()
    for one in things:
        if one.state:
            (probed.is_up if one.state == "up" else probed.is_down)(one.name)
        if one.hours is not None:
            since = timezone.now() - timedelta(hours=one.hours)
            Entity.objects.filter(ref=one.ref).update(orphan_since=since)
    generation.advance()


def refs(answer: Answer, bits: int) -> set[str]:
    return {answer.scope.table.refs[at] for at in positions_of(bits)}


def total(text: str, who: Viewer) -> int:
    """What the page counts."""
    params = QueryDict(mutable=True)
    params["q"] = text
    return Search.from_params(params).run(who).total


def compare(lab: naive.Lab, tree: naive.Tree, who: Viewer) -> None:
    """The answer, the reasons and the count against the naive answer."""
    text = naive.written(tree)
    answer = ask(text, who)
    told = {one.ref: lab.holds(tree, one) for one in lab.seen}
    yes = {ref for ref, holds in told.items() if holds}
    assert refs(answer, answer.truth.yes) == yes, text
    unknown = {ref for ref, holds in told.items() if holds is None}
    assert refs(answer, answer.truth.unknown) == unknown, text
    for ref, holds in told.items():
        tops = [one.holds for one in answer.explain(ref) if not one.depth]
        assert (None if None in tops and False not in tops else all(tops)) is holds, (
            text
        )
    assert total(text, who) == len(answer.keys()) == len(yes), text


@pytest.mark.parametrize("seed", range(NUMBER))
def test_any_query_is_answered_as_by_looking_at_each(seed):
    chance = random.Random(seed)
    things = naive.things(chance)
    load(things)
    people = [
        ("", EVERYTHING),
        *((n, viewer(f"user:default/{n}")) for n in naive.PEOPLE),
    ]
    for name, who in people:
        lab = naive.Lab(things, name)
        for _ in range(50):
            compare(lab, naive.tree(chance), who)


def test_what_is_offered_while_typing_can_be_asked():
    chance = random.Random(1)
    load(naive.things(chance))
    for _ in range(8):
        text = naive.written(naive.tree(chance))
        for at in range(len(text)):
            for one in complete(text, at, EVERYTHING):
                if not one.goes_on:
                    opened = text[:at].count("(") - text[:at].count(")")
                    ask(f"{text[: one.start]}{one.insert}{')' * opened}", EVERYTHING)


def test_any_broken_query_is_told_with_a_place_and_a_remedy():
    chance = random.Random(2)
    load(naive.things(chance))
    wrong = 0
    for _ in range(400):
        text = naive.written(naive.tree(chance))
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(PIECES) + text[at + chance.randint(0, 2) :]
        complete(text, chance.randrange(len(text) + 1), EVERYTHING)
        try:
            ask(text, EVERYTHING)
        except Wrong as told:
            wrong += 1
            assert told.message and told.remedy, text
            assert 0 <= told.start < told.end <= len(told.text), text
    assert wrong > 200
