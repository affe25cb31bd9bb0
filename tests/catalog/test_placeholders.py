"""`$text`, `$json`, `$yaml`: files written into documents, and each way to fail."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities.models import Revision
from catalog.sources import adding, processing
from catalog.sources.models import Source
from catalog.sources.outcome import Outcome
from tests.catalog.conftest import Folder
from tests.catalog.documents import get, text_of

API = """\
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: speech}
spec:
  type: openapi
  lifecycle: production
  owner: lab
  definition:
    %s: %s
  extra: %s
"""
REF = "api:default/speech"

pytestmark = pytest.mark.django_db


def api(key: str = "$text", target: str = "./openapi.yaml", extra: str = "1") -> str:
    return API % (key, target, extra)


def read(folder: Folder, files: Any) -> tuple[Source, Outcome]:
    source = adding.add_source(str(folder(files)))
    return source, processing.refresh(source)


@pytest.mark.parametrize(
    ("key", "content", "value"),
    [
        ("$text", "openapi: 3.1.0\nx: no\n", "openapi: 3.1.0\nx: no\n"),
        ("$text", "\ufeffé\n", "é\n"),
        ("$json", '{"a": [1, null, "é"]}', {"a": [1, None, "é"]}),
        ("$yaml", "a: no\nb: [1_0, 2]\n", {"a": "no", "b": ["1_0", 2]}),
        ("$yaml", "", None),
        ("$json", '"text"', "text"),
    ],
)
def test_a_file_is_written_in(folder, key, content, value):
    extra = f"{{{key}: sub/x.txt}}"
    _, outcome = read(
        folder,
        {
            "a.yaml": api(extra=extra),
            "openapi.yaml": "openapi: 3.1.0",
            "sub/x.txt": content,
        },
    )
    assert not outcome.problems, outcome.problems
    entity = get(REF)
    assert entity.spec["extra"] == value
    assert entity.spec["definition"] == "openapi: 3.1.0"


def test_the_text_that_is_kept_needs_no_other_file(folder):
    read(folder, {"a.yaml": api(), "openapi.yaml": "openapi: 3.1.0\n"})
    text = get(REF).text
    assert "openapi: 3.1.0" in text and "$text" not in text
    outcome = processing.preview_text(text)
    assert not outcome.problems and outcome.unchanged == 1


def test_a_change_of_the_included_file_is_a_change(folder):
    source, _ = read(folder, {"a.yaml": api(), "openapi.yaml": "one"})
    assert processing.refresh(source).summary == "1 unchanged"
    folder({"openapi.yaml": "two"})
    assert processing.refresh(source).changed == 1
    assert get(REF).spec["definition"] == "two"
    texts = list(Revision.objects.values_list("text", flat=True))
    assert len(set(texts)) == 2


def test_an_included_file_that_vanishes_keeps_the_last_good_state(folder):
    source, _ = read(folder, {"a.yaml": api(), "openapi.yaml": "one"})
    folder({"openapi.yaml": None})
    outcome = processing.refresh(source)
    (problem,) = outcome.problems
    assert problem.sentence().startswith("a.yaml:8:3: error: $text: The target")
    assert "openapi.yaml does not exist" in problem.message
    assert get(REF).spec["definition"] == "one" and get(REF).orphan_since is None
    folder({"openapi.yaml": "two"})
    assert processing.refresh(source).changed == 1


@pytest.mark.parametrize(
    ("key", "target", "content", "words"),
    [
        ("$text", "../out.txt", "x", "leads out of"),
        ("$text", "'https://x.example/a'", "x", "is a URL"),
        ("$text", "[a]", "x", "names no file"),
        ("$text", "''", "x", "names no file"),
        ("$text", "x.bin", b"\xff\x00", "is not UTF-8 text: byte 1 is 0xff"),
        ("$text", "x.bin", b"a\0b", "U+0000"),
        ("$json", "x.bin", "{a: 1}", "is no JSON"),
        ("$json", "x.bin", "[NaN]", "NaN is a number that JSON does not have"),
        ("$json", "x.bin", "[" * 5000 + "]" * 5000, "nested"),
        ("$json", "x.bin", "[" * 150 + "]" * 150, "nested deeper than 100"),
        ("$yaml", "x.bin", "a: [", "x.bin, line"),
        ("$yaml", "x.bin", "a: 1\n---\nb: 2\n", "holds 2 documents"),
        ("$yaml", "x.bin", "a: &x [1]\nb: !!python/name:os.system ''", "tag"),
        ("$text", "sub", None, "sub is not a file"),
    ],
)
def test_what_cannot_be_written_in_is_explained(folder, key, target, content, words):
    files = {"good.yaml": text_of({**GOOD}), "a.yaml": api(key, target)}
    if content is not None:
        files["x.bin"] = content
    else:
        files["sub/y.txt"] = "y"
    _, outcome = read(folder, files)
    (problem,) = outcome.problems
    assert words in problem.message, problem
    assert (problem.path, problem.line) == ("a.yaml", 8)
    assert outcome.added == 1


def test_a_broken_one_hides_no_remark_about_the_document(folder):
    _, outcome = read(folder, {"a.yaml": api(extra="no")})
    assert outcome.added == 0
    found = [(p.code, p.path, p.line) for p in outcome.problems]
    assert found == [("placeholder", "a.yaml", 8), ("other-reading", "a.yaml", 10)]


GOOD = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "System",
    "metadata": {"name": "good"},
    "spec": {"owner": "lab"},
}


def test_keys_of_other_tools_stay(folder):
    _, outcome = read(
        folder,
        {
            "a.yaml": api(extra="{$openapi: ./x.yaml}"),
            "openapi.yaml": "o",
        },
    )
    assert not outcome.problems
    assert get(REF).spec["extra"] == {"$openapi": "./x.yaml"}


def test_what_is_written_in_is_not_looked_through_again(folder):
    read(
        folder,
        {
            "a.yaml": api(extra="{$yaml: more.yaml}"),
            "openapi.yaml": "o",
            "more.yaml": "a: {$text: secret.txt}",
            "secret.txt": "s",
        },
    )
    assert get(REF).spec["extra"] == {"a": {"$text": "secret.txt"}}


def test_an_alias_of_a_placeholder_is_filled_once_and_everywhere(folder):
    text = api(extra="[&a {$text: t}, *a, &b {c: {$text: t}}, *b]")
    read(folder, {"a.yaml": text, "openapi.yaml": "o", "t": "T"})
    assert get(REF).spec["extra"] == ["T", "T", {"c": "T"}, {"c": "T"}]


def test_too_many_are_refused(folder):
    many = "[" + ", ".join(["{$text: t}"] * 60) + "]"
    _, outcome = read(
        folder, {"a.yaml": api(extra=many), "openapi.yaml": "o", "t": "T"}
    )
    assert outcome.added == 0
    assert "more than 50 placeholders" in outcome.problems[0].message


def test_a_pasted_text_has_no_files(db):
    outcome = processing.declare(api(), door="paste")
    (problem,) = outcome.problems
    assert "./openapi.yaml cannot be read from here" in problem.message
