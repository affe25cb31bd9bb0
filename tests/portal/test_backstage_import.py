"""The round trip: a Greenroom reads another one over Backstage's API, all of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from catalog.secrets.models import Secret
from catalog.sources import adding, processing
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
from tests.appliances import PROJECT, READY, Appliance
from tests.catalog.documents import document, seen_by, text_of
from tests.catalog.loopback import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
HOMELAB = PROJECT / "deploy/examples/homelab"
MAKE_TOKENS = """
from portal.accounts import tokens
from portal.accounts.models import Account, Role
for role in ("VIEWER", "ADMIN"):
    reader = Account.objects.create_user(f"the-{role}", role=Role[role])
    print("TOKEN", tokens.make(reader, "other", "read", 0)[1])
"""
SECRET = "zebrafinch"
ODD_TEXT = "a: b\n\n  c\u2028\n"
# What is of the other side, or of this one, and what an import adds.
_ITS_OWN = ("backstage.io/managed-by-", "greenroom/backstage-")


def tokens_of(house: Appliance) -> list[str]:
    """One of somebody who only looks, one of an administrator."""
    done = house.manage("shell", "-c", MAKE_TOKENS)
    found = [line.split()[1] for line in done.stdout.splitlines() if "TOKEN" in line]
    assert len(found) == 2, done.stdout + done.stderr
    return found


def without_its_own(entity: Any) -> Any:
    """An entity without its relations and what each catalog makes; its relations."""
    metadata = {
        key: value
        for key, value in entity["metadata"].items()
        if key not in ("uid", "etag", "annotations")
    }
    annotations = entity["metadata"].get("annotations") or {}
    kept = {k: v for k, v in annotations.items() if not k.startswith(_ITS_OWN)}
    relations = {(one["type"], one["targetRef"]) for one in entity["relations"]}
    whole = {**entity, "metadata": {**metadata, "annotations": kept}}
    return {k: v for k, v in whole.items() if k != "relations"}, relations


def by_ref(entities: list[Any]) -> dict[str, Any]:
    found = {}
    for one in entities:
        metadata = one["metadata"]
        ref = f"{one['kind']}:{metadata['namespace']}/{metadata['name']}".lower()
        if one["kind"] != "Location":
            found[ref] = without_its_own(one)
    return found


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    folder = tmp_path / "catalog"
    shutil.copytree(HOMELAB, folder)
    more = [
        document("Template", "make", spec={"owner": "infra", "steps": [{"id": 1.5}]}),
        document("Location", "all", spec={"targets": []}),
        document(
            name="Odd.Name_1", namespace="team", description="a: b\n\n  c\u2028\n"
        ),
        document(name=SECRET, annotations=seen_by("group:default/nobody")),
    ]
    (folder / "more.yaml").write_text(text_of(*more), "utf-8")
    return folder


@pytest.mark.slow
def test_both_sides_are_the_same(appliance, catalog, monkeypatch):
    appliance.start("--catalog", str(catalog))
    wait_for(lambda: READY in appliance.said(), 120)
    looks, sees_all = tokens_of(appliance)
    Secret.objects.create(name="OTHER", variable="OTHER", hosts="127.0.0.1", uses="url")
    monkeypatch.setenv("OTHER", looks)
    source = adding.add_source(
        f"http://127.0.0.1:{appliance.port}", provider="backstage", secret="OTHER"
    )
    outcome = processing.refresh(source)
    assert not outcome.error and not outcome.refused, outcome
    # What the token does not see there does not come.
    client = client_of(Role.ADMIN)
    path = "/api/catalog/entities"
    text = client.get(path).content.decode()
    assert "Odd.Name_1" in text and SECRET not in text

    monkeypatch.setenv("OTHER", sees_all)
    assert SECRET in str(processing.refresh(source).refs)
    answer = appliance.get(path, Authorization=f"Bearer {sees_all}")
    there, here = by_ref(json.loads(answer.read())), by_ref(client.get(path).json())
    assert here == there
    assert len(there) > 50 and f"component:default/{SECRET}" in there
    assert sum(len(relations) for _, relations in there.values()) > 200
    assert processing.refresh(source).unchanged == len(there)
    assert SECRET not in client_of(Role.VIEWER).get(path).content.decode()


def client_of(role: Role) -> Client:
    """Somebody of this side, who is no User of the catalog."""
    account = Account.objects.create_user(f"own-{role}", role=role)
    _, token = tokens.make(account, "own", ApiToken.READ, 0)
    return Client(headers={"Authorization": f"Bearer {token}"})
