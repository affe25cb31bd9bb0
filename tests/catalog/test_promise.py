"""Two hundred good files and twenty that are broken, each in its own way.

The good are taken; each of the others is explained in a sentence with its place.
"""

from __future__ import annotations

import pytest

from catalog.entities.models import Entity, Finding
from catalog.sources import adding, processing
from tests.catalog.documents import document, text_of

pytestmark = pytest.mark.django_db
GOOD = text_of(document(name="bad"))
# File: its text, the place of the complaint, words that a newcomer understands.
BROKEN: dict[str, tuple[str | bytes, str, str]] = {
    "indent": (GOOD.replace("  name:", " \tname:"), ":4", "tab"),
    "quote": (GOOD.replace("name: bad", "name: 'bad"), ":4", "A quote opens here"),
    "colon": (GOOD.replace("name: bad", "name: a: b"), ":4", "colon needs quotes"),
    "twice": (
        GOOD.replace("name: bad", "name: bad\n  name: x"),
        ":5",
        "The key 'name' stands twice",
    ),
    "alias": (GOOD.replace("name: bad", "name: *bad"), ":4", "points to nothing"),
    "tag": (GOOD.replace("name: bad", "name: !!python/none x"), ":4", "is not allowed"),
    "binary": (b"\x00\x01\x02backstage.io/v1alpha1", "", "U+0000"),
    "latin": (GOOD.replace("bad", "b\xe4d").encode("latin-1"), "", "is not UTF-8"),
    "bomb": (
        "kind: Component\napiVersion: backstage.io/v1\na: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"a{i}: &a{i} [{'*a' + str(i - 1 or '')},{'*a' + str(i - 1 or '')}]\n"
            for i in range(1, 30)
        ),
        ":",
        "unfolds to more than",
    ),
    "no-name": (
        GOOD.replace("name: bad", "title: x"),
        ":3",
        "metadata.name is missing",
    ),
    "bad-name": (
        GOOD.replace("name: bad", "name: Qwen/Qwen2.5"),
        ":4",
        "For example 'Qwen-Qwen2.5'",
    ),
    "no-owner": (GOOD.replace("owner", "ownr"), ":", "There is 'ownr': rename it"),
    "no-kind": (GOOD.replace("kind: Component\n", ""), ":1", "kind is missing"),
    "kind": (GOOD.replace("Component", "Componet"), ":2", "Did you mean 'Component'"),
    "version": (GOOD.replace("v1alpha1", "v2"), ":1", "Write backstage.io/v1alpha1"),
    "root": (GOOD + "status: {}\n", ":", "'status' is not a part of an entity"),
    "number": (
        GOOD.replace("name: bad", "name: bad\n  labels: {size: 5}"),
        ":5",
        'Put it in quotes: "5"',
    ),
    "upper-tag": (
        GOOD.replace("name: bad", "name: bad\n  tags: [LLM]"),
        ":5",
        "Write 'llm'",
    ),
    "link": (
        GOOD.replace("name: bad", "name: bad\n  links: [{url: lab}]"),
        ":5",
        "a URL with its scheme",
    ),
    "reference": (
        GOOD + "  dependsOn: [qdrant]\n",
        ":",
        "write for example component:qdrant",
    ),
    "sight": (
        GOOD.replace(
            "name: bad", "name: bad\n  annotations:\n    greenroom/visibility: publik"
        ),
        ":6",
        "did you mean 'public'",
    ),
    "taken": (text_of(document(name="good-7")), ":", "is declared twice"),
}


def test_two_hundred_are_taken_and_each_of_the_others_is_explained(folder):
    files: dict[str, str | bytes] = {
        f"good/{i}/catalog-info.yaml": text_of(document(name=f"good-{i}"))
        for i in range(200)
    }
    for name, (text, _, _) in BROKEN.items():
        files[f"zz-broken/{name}/catalog-info.yaml"] = text
    source = adding.add_source(str(folder(files)))
    outcome = processing.refresh(source)
    assert outcome.added == 200 and len(BROKEN) >= 20
    assert Entity.objects.filter(name__startswith="good-").count() == 200
    for name, (_, place, words) in BROKEN.items():
        path = f"zz-broken/{name}/catalog-info.yaml"
        told = [p.sentence() for p in outcome.problems if p.path == path and p.is_error]
        assert told, f"{name} is not explained"
        assert any(words in sentence for sentence in told), (name, words, told)
        assert any(f"{path}{place}" in sentence for sentence in told), (name, told)
        assert Finding.objects.filter(path=path, severity="error").exists()
        for sentence in told:
            assert sentence.rstrip()[-1] in ".!?'\"…" or sentence.endswith("_ .")
            assert "Traceback" not in sentence and "0x7f" not in sentence


def test_the_twenty_mended_are_taken_without_touching_the_others(folder):
    root = folder({"good.yaml": text_of(document(name="good"))})
    source = adding.add_source(str(root))
    for name, (text, _, _) in BROKEN.items():
        folder({f"{name}.yaml": text})
    processing.refresh(source)
    for name in BROKEN:
        folder({f"{name}.yaml": text_of(document(name=f"mended-{name}"))})
    outcome = processing.refresh(source)
    assert (outcome.added, outcome.refused) == (len(BROKEN), 0)
    assert not Finding.objects.filter(severity="error").exists()
