"""Push webhooks as Forgejo, Gitea and GitHub send them: signed, for its branch."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from catalog.sources import adding, hooks, tasks
from catalog.sources.models import Source
from portal.accounts.models import Role
from tests import people

pytestmark = pytest.mark.django_db

PUSH = {
    "ref": "refs/heads/main",
    "after": "3f2a1b9c0d4e5f60718293a4b5c6d7e8f9012345",
    "repository": {"default_branch": "main"},
    "pusher": {"name": "ada"},
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the worker was asked for."""
    found: list[Any] = []
    monkeypatch.setattr(
        tasks.refresh_source, "apply_async", lambda args, **_: found.append(args)
    )
    return found


@pytest.fixture
def source(tmp_path: Path) -> Source:
    people.alice()
    return adding.add_source(str(tmp_path), name="lab")


def call(
    source: Source,
    body: bytes,
    *,
    signature: str = "X-Hub-Signature-256",
    prefix: str = "sha256=",
    secret: str = "",
    kind: str = "application/json",
    **headers: str,
) -> Any:
    key = secret or hooks.secret_of(source)
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/sources/{source.pk}/",
        data=body,
        content_type=kind,
        headers={signature: prefix + digest, **headers},
    )


@pytest.mark.parametrize(
    ("signature", "prefix", "event"),
    [
        ("X-Hub-Signature-256", "sha256=", "X-GitHub-Event"),
        ("X-Gitea-Signature", "", "X-Gitea-Event"),
        ("X-Forgejo-Signature", "", "X-Forgejo-Event"),
    ],
)
def test_a_push_makes_the_source_due(source, asked, signature, prefix, event):
    body = json.dumps(PUSH).encode()
    answer = call(source, body, signature=signature, prefix=prefix, **{event: "push"})
    assert (answer.status_code, asked) == (202, [(source.pk,)])
    assert answer.json() == {
        "accepted": True,
        "detail": "Push to main by ada (3f2a1b9).",
    }
    source.refresh_from_db()
    assert source.due_reason == source.hook_note == "Push to main by ada (3f2a1b9)."


def test_a_push_as_a_form(source, asked):
    body = urlencode({"payload": json.dumps(PUSH)}).encode()
    answer = call(source, body, kind="application/x-www-form-urlencoded")
    assert (answer.status_code, len(asked)) == (202, 1)


@pytest.mark.parametrize(
    ("branch", "ref", "accepted"),
    [
        ("", "refs/heads/main", True),
        ("", "refs/heads/other", False),
        ("prod", "refs/heads/prod", True),
        ("prod", "refs/heads/main", False),
        ("team/prod", "refs/heads/team/prod", True),
        ("v1", "refs/tags/v1", True),
    ],
)
def test_only_its_branch_counts(source, asked, branch, ref, accepted):
    Source.objects.update(branch=branch)
    answer = call(source, json.dumps({**PUSH, "ref": ref}).encode())
    assert answer.json()["accepted"] is accepted
    assert bool(asked) is accepted
    assert answer.status_code == (202 if accepted else 200)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"nonsense", b"\xff", b"[" * 100_000, b'{"repository": 1}']
)
def test_any_signed_body_is_answered(source, asked, body):
    assert call(source, body).status_code in (200, 202)


def test_ping_and_other_events(source, asked):
    body = json.dumps({"zen": "?"}).encode()
    answer = call(source, body, **{"X-GitHub-Event": "ping"})
    assert answer.json() == {"accepted": False, "detail": "The hook of lab works."}
    answer = call(source, body, **{"X-GitHub-Event": "star"})
    assert "send push events" in answer.json()["detail"]
    assert not asked


def test_what_is_not_signed_learns_nothing(source, asked):
    body = json.dumps(PUSH).encode()
    wrong = call(source, body, secret="x")
    unknown = call(Source(pk=source.pk + 99), body)
    unsigned = Client().post(f"/hooks/sources/{source.pk}/", body, "application/json")
    assert wrong.status_code == unknown.status_code == unsigned.status_code == 401
    assert wrong.content == unknown.content == unsigned.content
    assert b"lab" not in wrong.content and not asked
    source.refresh_from_db()
    assert source.hook_note == (
        "A call was refused: its signature does not fit the secret."
    )


def test_a_changed_body_does_not_fit(source, asked):
    body = json.dumps(PUSH).encode()
    digest = hmac.new(hooks.secret_of(source).encode(), body, hashlib.sha256)
    answer = Client().post(
        f"/hooks/sources/{source.pk}/",
        data=body + b" ",
        content_type="application/json",
        headers={"X-Hub-Signature-256": f"sha256={digest.hexdigest()}"},
    )
    assert answer.status_code == 401


def test_a_new_secret_ends_the_old_one(source, asked):
    old, body = hooks.secret_of(source), json.dumps(PUSH).encode()
    admin = people.signed_in(people.person("root", "Root", Role.ADMIN))
    shown = admin.get(f"/settings/sources/{source.pk}/").content.decode()
    assert old in shown and f"/hooks/sources/{source.pk}/" in shown
    admin.post(f"/settings/sources/{source.pk}/hook/")
    source.refresh_from_db()
    assert hooks.secret_of(source) != old
    assert call(source, body, secret=old).status_code == 401
    assert call(source, body).status_code == 202


def test_only_administrators_see_the_secret(source):
    editor = people.signed_in(people.bob())
    shown = editor.get(f"/settings/sources/{source.pk}/").content.decode()
    assert hooks.secret_of(source) not in shown and "/hooks/" not in shown


def test_a_get_is_not_allowed(source):
    assert Client().get(f"/hooks/sources/{source.pk}/").status_code == 405
