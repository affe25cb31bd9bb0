"""Our reader beside npm `yaml`, the one of Backstage: alike but for named differences.

`yaml_peer.json` holds what npm `yaml` answered; record it anew by running this module:
`python -m tests.catalog.test_yaml_peer FOLDER`, where FOLDER has `yaml` installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from catalog.entities import envelope
from tests.catalog.yaml_cases import CASES

HERE = Path(__file__).parent
RECORDED = HERE / "yaml_peer.json"
VERSION = "2.9.1"

# Backstage reads these and we refuse them; each refusal has its own code.
STRICTER = {
    "number": "a number that JSON does not have",
    "binary": "a control character or the null character",
    "tag": "a tag that is not of the core schema",
    "key": "a list or a mapping as a key",
}
# Single texts that read differently, each with the reason.
ONE_BY_ONE = {
    "1: a\n'1': b": "keys are texts, so 1 and '1' are one key twice",
    "true: a\nnull: b\n1.0: c": "a key is the text that is written",
    "0x1F: a": "a key is the text that is written",
    "~: a": "a key is the text that is written",
    ": a": "a key cannot be left out",
    "a: [b, c]: d": "a key cannot be left out",
    "%a: b": "a directive without a document would be lost in silence",
    "%YAML 1.1\n---\na: no": "one dialect for all files: YAML 1.2",
    "a: |1-\n  \nb: 1\n": "a space beyond the indentation is text",
    "a: >1-\n  \nb: 1\n": "a space beyond the indentation is text",
    "a: 1\rb: 2\r": "laxer: a lone carriage return ends a line",
    "a: [\n1,\n2]": "laxer: flow lines need no indentation",
    "a: [\n\t1]": "laxer: a tab inside a flow list",
    "a: 'b'#c": "laxer: a comment right after a quote",
    "--- a: 1": "laxer: a mapping on the line of ---",
    "[a,#c\n b]": "laxer: a comment right after a comma",
    "a: &x b\nc: [" + "*x, " * 101 + "]": "laxer: we count values, not aliases",
    "a: |\n \tx\n": "a tab that begins a block could be meant as indentation",
    'a: "\\ud83c"': "half a character is no text",
    **dict.fromkeys(
        [
            'a: "\\ud83c\\udf89"\nb: \\ue000\nc: "\\\\ud83c"',
            'a: "\\ud83c\\udf89"\nb: \\ud83c\\udf89',
        ],
        "a pair of escapes beside the text of an escape: refused, never guessed",
    ),
    "{a:[b], c: {d:{}}}": "between brackets a colon needs a space: fault of libyaml",
    # What follows is the syntax of YAML 1.1, which libyaml keeps inside flow lists.
    "[-]\n": "laxer: a lone dash is a text",
    "[:a]\n": "a colon at the beginning needs quotes",
    "[a:]\n": "a colon at the end needs quotes",
    "[?]\n": "a lone question mark needs quotes",
    "[?a]\n": "a question mark opens a key: a known fault of libyaml",
    "[a\x85b]\n": "an odd line break becomes a space: a known fault of libyaml",
    **dict.fromkeys(
        ["[!!str]\n", "[!!null]\n", "[!a]\n", "[!!str&x]\n"],
        "a tag right before a bracket takes it in",
    ),
}
# Line breaks for YAML 1.1, which our parser refuses inside a plain value.
ODD_BREAKS = ("\u2028", "\x85")


def ours(text: str) -> tuple[list[Any], set[str]]:
    """What we read, and the codes of what we refuse."""
    reading = envelope.read(text)
    data = [doc.data for doc in reading.documents]
    return data, {problem.code for problem in reading.problems}


def theirs(answer: list[dict[str, Any]]) -> tuple[list[Any], bool]:
    """What npm `yaml` reads, without empty documents, and whether it refuses."""
    read = [part["read"] for part in answer if part.get("read") is not None]
    return read, any("refused" in part for part in answer)


def as_json(value: Any) -> str:
    """Comparable: JSON knows one kind of number, and rounds it."""
    return json.dumps(_numbers(value), sort_keys=True)


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return float(value) + 0.0 if type(value) in (int, float) else value


def is_alike(text: str, answer: list[dict[str, Any]]) -> bool:
    """Do both readers say the same?"""
    (data, codes), (read, refuses) = ours(text), theirs(answer)
    return bool(codes) == refuses and as_json(data) == as_json(read)


def ask(folder: Path) -> list[Any]:
    """What the installed npm `yaml` makes of each case."""
    done = subprocess.run(
        ["node", str(HERE / "yaml_peer.mjs"), str(folder)],
        input=json.dumps(CASES),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answers: list[Any] = json.loads(done.stdout)
    return answers


@cache
def recorded() -> list[Any]:
    """The recorded answers, one for each case."""
    answers: list[Any] = json.loads(RECORDED.read_text("utf-8"))
    return answers


def test_every_case_has_a_recorded_answer():
    assert len(recorded()) == len(CASES) > 1000


@pytest.mark.parametrize("number", range(len(CASES)))
def test_we_read_what_backstage_reads(number):
    text, answer = CASES[number], recorded()[number]
    if text in ONE_BY_ONE:
        assert not is_alike(text, answer), "The difference is gone: remove its row."
        return
    codes = ours(text)[1]
    refused_by_us_alone = bool(codes) and not theirs(answer)[1]
    if refused_by_us_alone and (
        codes <= set(STRICTER) or any(sign in text for sign in ODD_BREAKS)
    ):
        return
    assert is_alike(text, answer), (text, ours(text), answer)


@pytest.mark.slow
def test_the_recording_is_what_npm_yaml_still_says(tmp_path):
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node and npm are not installed: the recording is not checked.")
    install = ["npm", "install", "--silent", "--prefix", str(tmp_path)]
    done = subprocess.run(
        [*install, f"yaml@{VERSION}"], capture_output=True, timeout=120
    )
    if done.returncode:
        pytest.skip("npm cannot install yaml here: the recording is not checked.")
    assert ask(tmp_path / "node_modules") == recorded()


if __name__ == "__main__":
    rows = ",\n".join(json.dumps(row) for row in ask(Path(sys.argv[1])))
    RECORDED.write_text(f"[\n{rows}\n]\n", "utf-8")
