"""Full text: the same words find the same entities on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import string

import pytest

from catalog.entities.models import Entity
from catalog.query import fulltext
from catalog.sources import applying
from catalog.sources.applying import Cause
from tests.catalog.documents import declare, document, get

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def names(text: str) -> list[str]:
    """The names that a search finds, best first."""
    keys = fulltext.search(text).keys
    rows = Entity.objects.in_bulk(keys)
    return [rows[key].name for key in keys]


@pytest.fixture
def shelf():
    declare(
        document(name="whisper-large.v3", title="Hörer", tags=["asr"]),
        document(
            "Model", "qwen", description="Größe_2 naïve 1e5x 3rd a2b", title="Qwen"
        ),
        document(
            "User",
            "ada",
            spec={"profile": {"displayName": "Ada Łovelace", "email": "a@b.example"}},
        ),
        document(
            "Resource", "node-01", links=[{"url": "https://x", "title": "Grafik 模型"}]
        ),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("whisper", "whisper-large.v3"),
        ("whisper-large", "whisper-large.v3"),
        ("LARGE v3", "whisper-large.v3"),
        ("v3 whisper", "whisper-large.v3"),
        ("whis", "whisper-large.v3"),
        ("large.v", "whisper-large.v3"),
        ("horer", "whisper-large.v3"),
        ("HÖRER", "whisper-large.v3"),
        ("asr", "whisper-large.v3"),
        ("große", "qwen"),
        ("grosse", None),
        ("große 2", "qwen"),
        ("naive", "qwen"),
        ("1e", "qwen"),
        ("1e5", "qwen"),
        ("1e5x", "qwen"),
        ("3r", "qwen"),
        ("a2", "qwen"),
        ("2b", None),
        ("ada", "ada"),
        ("łove", "ada"),
        ("a@b.example", "ada"),
        ("grafik", "node-01"),
        ("模", "node-01"),
        ("node 01", "node-01"),
        ("whisper qwen", None),
        ("nothing", None),
        ("the", None),
        ("𞤀", None),
        ("'", None),
        ('" OR *', None),
        ("& ! | : ( )", None),
        ("", None),
        ("   ", None),
        ("x" * 5000, None),
    ],
)
@pytest.mark.usefixtures("shelf")
def test_words_find(text, found):
    assert names(text) == ([found] if found else [])


@pytest.mark.parametrize(
    ("text", "exact", "found"),
    [
        ("οδος", True, ["web"]),
        ("ΟΔΟΣ", True, ["web"]),
        ("οδοσ", True, ["web"]),
        ("αβ", False, ["web"]),
        ("tm", True, ["web"]),
        ("low line", True, ["web"]),
        ("漢" * 900, True, ["web"]),
        ("line begins", True, []),
        ("begins here", True, ["web"]),
    ],
)
def test_both_databases_read_letters_alike(text, exact, found):
    title = "ΟΔΟΣ 𝚨𝚩 ™ low\uff3fline"
    declare(document(title=title, description=f"Begins here {'漢' * 900}"))
    keys = fulltext.search(text, exact=exact).keys
    assert [row.name for row in Entity.objects.filter(pk__in=keys)] == found


def test_a_name_counts_more_than_a_description():
    declare(
        document(name="b", description="about kafka kafka"),
        document(name="kafka"),
        document(name="c", description="kafka"),
    )
    assert names("kafka")[0] == "kafka"
    assert len(names("kafka")) == 3


def test_a_change_is_found_at_once_and_a_removal_is_not():
    declare(document(title="First"))
    declare(document(title="Second"))
    assert (names("first"), names("second")) == ([], ["web"])
    applying.remove(get("component:default/web"), Cause("test"))
    assert names("second") == []


def test_a_very_long_text_is_no_trouble():
    words = " ".join(f"w{n}" for n in range(200_000))
    profile = {"displayName": "Ada", "bio": words, "one": "y" * 50_000}
    declare(
        document(description=words + "é" * 100_000),
        document("User", "ada", spec={"profile": profile}),
    )
    assert set(names("w17")) == {"web", "ada"}


def test_any_words_find_alike():
    """Random words of letters and digits, against a search in plain Python."""
    chance = random.Random(3)
    letters = string.ascii_lowercase[:3] + "019éß模"

    def word() -> str:
        return "".join(chance.choice(letters) for _ in range(chance.randint(1, 4)))

    texts = {f"n{n}": [word() for _ in range(6)] for n in range(60)}
    fulltext.replace((n, f"n{n}", " ".join(ws)) for n, ws in enumerate(texts.values()))
    for _ in range(300):
        asked = [word() for _ in range(chance.randint(1, 2))]
        wanted = fulltext.words(" ".join(asked))
        expected = {
            n
            for n, ws in enumerate(texts.values())
            if all(
                any(
                    has.startswith(w)
                    for has in [f"n{n}", *fulltext.words(" ".join(ws))]
                )
                for w in wanted
            )
        }
        assert set(fulltext.search(" ".join(asked)).keys) == expected, asked
