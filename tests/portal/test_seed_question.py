"""The question that Greenroom was made for, and wrong ones, asked through every door.

“All production models of the platform team that were not evaluated in 30 days.”
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from catalog.sources import adding, processing
from portal.accounts import tokens
from portal.accounts.models import Account
from portal.example import HOMELAB
from tests import people

pytestmark = pytest.mark.django_db
QUESTION = "kind:model stage:production owner:platform eval.age>30d"
TOO = "kind:model stage:production owner:platform (eval.age>30d OR eval.age:none)"
MODELS = [
    "model:default/bge-m3",
    "model:default/customer-summarization",
    "model:default/invoice-extraction",
    "model:default/qwen2.5-32b-instruct",
    "model:default/whisper-large-v3",
]
WRONG = [
    "knd:model",
    "kind:modle",
    "stage:prodction",
    "eval.age>soon",
    "eval.age:30d",
    "(kind:model",
    'title:"Lab',
    "kind:model AND",
    "is:lonely",
    "dependsOn>many",
]


@pytest.fixture
def homelab() -> None:
    processing.refresh(adding.add_source(str(HOMELAB)))


@pytest.fixture
def api(homelab: None) -> Client:
    _, text = tokens.make(Account.objects.create_user("ada"), "seed", "read", 0)
    return Client(headers={"Authorization": f"Bearer {text}"})


def told_by_api(api: Client, query: str) -> Any:
    return api.get(f"/api/v1/entities?q={quote(query)}").json()


def told_by_terminal(capsys: Any, query: str) -> tuple[list[str], str]:
    try:
        call_command("query", query, format="json")
    except SystemExit as ended:
        assert ended.code == 1
    out = capsys.readouterr()
    return sorted(row["ref"] for row in json.loads(out.out or "[]")), out.err


def test_the_question_says_what_nobody_knows_and_offers_both(api: Client) -> None:
    found = told_by_api(api, QUESTION)
    assert found["total"] == 0
    (remark,) = found["remarks"]
    assert "5 more may be meant: eval.age is not known of them" in remark["text"]
    assert [one["title"] for one in remark["instead"]] == [
        "Show them too",
        "Show only them",
    ]
    assert remark["instead"][0]["query"] == TOO


def test_every_door_gives_the_same(api: Client, capsys: Any) -> None:
    by_api = told_by_api(api, TOO)
    assert sorted(one["ref"] for one in by_api["items"]) == MODELS
    assert told_by_terminal(capsys, TOO)[0] == MODELS
    page = people.signed_in(Account.objects.get()).get(f"/catalog/?q={quote(TOO)}")
    html = page.content.decode()
    for ref in MODELS:
        assert f"/catalog/default/model/{ref.partition('/')[2]}/" in html
    assert "5 entities" in html or "<strong>5</strong>" in html


def test_it_explains_itself(api: Client) -> None:
    address = f"/api/v1/explain?q={quote(QUESTION)}&ref=bge-m3"
    found = api.get(address).json()
    holds = {one["text"]: one["holds"] for one in found["reasons"]}
    assert found["is_in"] is False
    assert holds == {
        "kind:model": True,
        "stage:production": True,
        "owner:platform": True,
        "eval.age>30d": None,
    }


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_query_is_told_alike_everywhere(
    query: str, api: Client, capsys: Any
) -> None:
    """Wrong ones are refused with the place; what is only unknown gets a remark."""
    by_api = told_by_api(api, query)
    page = people.signed_in(Account.objects.get()).get(f"/catalog/?q={quote(query)}")
    html = page.content.decode()
    if by_api.get("status") == 400:
        said, remedy = by_api["detail"], by_api["remedy"]
        assert remedy or by_api["errors"][0]["instead"], by_api
        assert by_api["errors"][0]["start"] < by_api["errors"][0]["end"]
        with pytest.raises(CommandError) as error:
            call_command("query", query)
        assert said in str(error.value) and "^" in str(error.value)
    else:
        said = by_api["remarks"][0]["text"]
        assert by_api["remarks"][0]["instead"]
        assert said in told_by_terminal(capsys, query)[1]
    assert said.replace('"', "&#34;").replace("'", "&#39;") in html
