"""`manage.py query`: formats, wrong queries, reasons, exit status."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from tests.catalog.documents import declare, document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalog() -> None:
    declare(document("Model", "bge", title="BGE", tags=["gpu"]), document(name="web"))


def test_it_lists_what_it_finds(capsys):
    call_command("query", "kind:model", "tag:gpu")
    out = capsys.readouterr()
    assert "model:bge  BGE" in out.out and "web" not in out.out
    assert "1 found" in out.err


@pytest.mark.parametrize(
    ("sort", "said"),
    [
        ("refs", "model:default/bge"),
        ("csv", "model:default/bge,BGE"),
        ("yaml", "name: bge"),
    ],
)
def test_formats(capsys, sort, said):
    call_command("query", "kind:model", format=sort)
    out = capsys.readouterr().out
    assert said in out and "web" not in out


def test_json_is_json(capsys):
    call_command("query", "kind:model", format="json")
    (row,) = json.loads(capsys.readouterr().out)
    assert row["ref"] == "model:default/bge" and row["title"] == "BGE"


def test_a_wrong_query_points_at_the_place():
    with pytest.raises(CommandError) as told:
        call_command("query", "knd:model")
    assert told.value.returncode == 2
    assert "knd:model\n^^^\nThere is no field" in str(told.value)
    assert "Did you mean: kind:model" in str(told.value)


def test_nothing_found_is_status_1_and_says_what_is_not_known(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("query", "--", "-status:up", "kind:model")
    assert ended.value.code == 1
    assert "Show only them: status:none kind:model" in capsys.readouterr().err


def test_it_explains_one(capsys):
    call_command("query", "kind:model", "tag:cpu", explain="bge")
    lines = capsys.readouterr().out.split("\n")
    assert lines[0].split() == ["holds", "kind:model"]
    assert lines[1].split() == ["does", "not", "hold", "tag:cpu"]
    with pytest.raises(CommandError, match="Nothing is called"):
        call_command("query", "kind:model", explain="nobody")
