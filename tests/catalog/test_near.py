"""Near names: what somebody meant, at any size of the catalog."""

from __future__ import annotations

import random
import time

import pytest

from catalog.entities.near import References

KNOWN = [
    "component:default/whisper-engine",
    "component:default/web",
    "component:lab/search",
    "resource:default/qdrant",
    "api:default/web",
    "group:default/platform",
    "user:default/ada",
]


@pytest.mark.parametrize(
    ("missing", "hint"),
    [
        (
            "component:default/whisper-engin",
            "Did you mean 'component:default/whisper-engine'?",
        ),
        (
            "component:default/wihsper-engine",
            "Did you mean 'component:default/whisper-engine'?",
        ),
        ("component:default/search", "Did you mean 'component:lab/search'?"),
        ("group:default/ada", "There is 'user:default/ada' of that name."),
        ("compnent:default/qdrant", "There is 'resource:default/qdrant' of that name."),
        (
            "group:default/platfrom",
            "Did you mean 'group:default/platform'?",
        ),
        ("resource:default/whisper-engin", ""),
        ("group:default/x", ""),
    ],
)
def test_a_hint(missing, hint):
    known = References(KNOWN)
    assert missing not in known
    assert known.hint(missing) == hint == known.hint(missing)


def test_a_near_name_and_an_equal_one_of_another_kind_are_both_told():
    known = References(["group:default/adas", "user:default/ada"])
    assert known.hint("group:default/ada") == (
        "Did you mean 'group:default/adas'? There is 'user:default/ada' of that name."
    )


def test_of_equally_near_names_the_one_of_the_same_namespace_is_meant():
    known = References(["group:a/platform", "group:b/platform"])
    assert "'group:b/platform'" in known.hint("group:b/platfrom")
    assert "'group:a/platform'" in known.hint("group:a/platfrom")


def test_nothing_is_near_to_nothing():
    assert References([]).hint("group:default/lab") == ""


def test_after_so_many_questions_only_equal_names_are_found():
    known = References(KNOWN, questions=1)
    assert "platform" in known.hint("group:default/platfrom")
    assert known.hint("group:default/platforn") == ""
    assert "user:default/ada" in known.hint("group:default/ada")
    # Asked before, it costs nothing.
    assert "platform" in known.hint("group:default/platfrom")


def slip(name: str, chance: random.Random) -> str:
    """One letter gone, doubled, replaced, or changed with its neighbour."""
    at = chance.randrange(len(name) - 1)
    kinds = [
        name[:at] + name[at + 1 :],
        name[:at] + name[at] * 2 + name[at + 1 :],
        name[:at] + "z" + name[at + 1 :],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    ]
    return chance.choice(kinds)


def test_slips_among_ten_thousand_names_are_recognised_quickly():
    chance = random.Random(3)
    words = ["whisper", "engine", "gateway", "rerank", "vector", "agent", "mail", "lab"]
    names = {f"{'-'.join(chance.sample(words, 3))}-{n}" for n in range(10_000)}
    known = References(f"component:default/{name}" for name in names)
    asked = chance.sample(sorted(names), 300)
    started, right = time.process_time(), 0
    for name in asked:
        wrong = f"component:default/{slip(name, chance)}"
        if wrong not in known:
            right += f"'component:default/{name}'" in known.hint(wrong)
    assert right > 240
    assert time.process_time() - started < 10
