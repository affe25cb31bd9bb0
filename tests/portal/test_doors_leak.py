"""Nobody learns the name of a hidden entity, by whatever door they look."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from catalog.entities import findings
from catalog.entities.models import Entity, Finding
from catalog.probes import words
from catalog.probes.models import Maintenance
from catalog.query.fields import FIELDS
from catalog.sources import processing
from catalog.sources.models import Source
from portal.api.house import api
from portal.doors import DOORS, Policy
from portal.doors.door import GET
from tests import people
from tests.architecture.files import ROOT
from tests.catalog.documents import document, seen_by, text_of
from tests.doors import Way, ways
from tests.portal.opened import House, build, client_of
from tests.seen import probed

pytestmark = pytest.mark.django_db

# As long as each other, so that nothing but the name tells them apart.
SECRET, ABSENT = "zebrafinch-secret", "zebrafinch-absent"
MARK = "zebrafinch"
REF = "component:default/{}"
# Whose answers depend on what is asked, and by whom.
LISTS = {
    Policy.BADGE,
    Policy.STATUS,
    Policy.OF_ENTITY,
    Policy.READING,
    Policy.SIGNED_IN,
}
READ = re.compile(r"""(?:GET|given|params)(?:\.get(?:list)?\(|\[)"([a-z][\w-]*)\"""")
# What is new in each answer, whoever asks: tokens, digests, moments.
NEW = re.compile(
    r"[A-Za-z0-9]{64}|[0-9a-f]{16,64}|\d{4}-\d\d-\d\d.\d\d:\d\d(:[\d.]+)?|\d\d:\d\d"
)


def hidden(lifecycle: str) -> str:
    """Only Alice sees it; its name stands in all that it says."""
    shown = {
        **seen_by("user:default/alice"),
        "greenroom/probe": f"vllm http://{SECRET}",
    }
    return text_of(
        document(
            name=SECRET,
            title=SECRET,
            description=f"{SECRET} in words.",
            tags=[SECRET],
            labels={SECRET: SECRET},
            annotations=shown,
            spec={
                "type": SECRET,
                "lifecycle": lifecycle,
                "system": SECRET,
                "owner": "group:default/speech",
                "dependsOn": ["component:llm", f"component:{SECRET}-gone"],
            },
        )
    )


@pytest.fixture
def house(tmp_path: Path) -> House:
    """The house of all doors, and one entity with all that can be known of it."""
    file = tmp_path / f"{SECRET}.yaml"
    file.write_text(hidden("production"))
    built = build(tmp_path)
    file.write_text(hidden(SECRET))
    source = Source.objects.get(pk=built.source.pk)
    processing.refresh(source)
    ref = REF.format(SECRET)
    entity = probed(ref, words.DOWN, error="dns", detail=f"There is no {SECRET}.lan.")
    for code in ("wrong-model-served", "aside"):
        made = Finding.objects.create(
            code=code,
            severity="error",
            subject=ref,
            message=f"{SECRET} is odd.",
            source=source if code == "aside" else None,
            path=f"{SECRET}.yaml",
        )
    tomorrow = timezone.now() + timedelta(days=1)
    findings.ignore(made, tomorrow, "Alice", SECRET)
    Maintenance.objects.create(
        identity_id=entity.pk,
        ends_at=tomorrow,
        by="alice",
        reason=f"Of {SECRET}.",
    )
    return built


def parameters() -> list[str]:
    """Every name that something reads from an address."""
    folders = (ROOT / "portal/web", ROOT / "catalog/query")
    files = [file for folder in folders for file in folder.rglob("*.py")]
    found = {name for file in files for name in READ.findall(file.read_text("utf-8"))}
    paths = api.get_openapi_schema()["paths"].values()
    asked = [one.get("parameters", ()) for path in paths for one in path.values()]
    found |= {p["name"] for many in asked for p in many if p["in"] == "query"}
    return sorted(found | set(FIELDS) | {"code", "owner"})


def doors_to_read() -> list[Way]:
    return [way for way in ways() if GET in DOORS[way.key].methods]


def told(client: Client, address: str) -> str:
    """All that an answer says; what asking did is undone."""
    with transaction.atomic():
        answer: Any = client.get(address)
        transaction.set_rollback(True)
    assert answer.status_code < 500, address
    # How much one may still ask is another number each time.
    kept = (v for k, v in answer.headers.items() if not k.startswith("RateLimit-"))
    headers = [str(value) for value in kept]
    body = answer.getvalue().decode()
    return "\n".join([str(answer.status_code), *headers, body])


def leak(client: Client, address: str) -> str:
    """The address, if its answer holds more of the name than that of a missing one."""
    # Again where they differ: an age may have gone on between the two.
    for _ in range(3):
        said = NEW.sub("", told(client, address))
        if MARK not in said:
            return ""
        same = NEW.sub("", told(client, address.replace(SECRET, ABSENT)))
        if SECRET in address and said.replace(SECRET, ABSENT) == same:
            return ""
    return f"{address}: …{said[max(0, said.find(MARK) - 80) :][:200]}…"


def addresses(house: House, way: Way, who: str) -> tuple[str, str]:
    """The door of something that is seen, and of what is hidden."""
    parts = house.parts(way.key, who)
    named = {"kind": "component", "namespace": "default", "name": SECRET}
    entity = {**parts, **named} if "name" in way.parts else parts
    return way.address(parts) + house.query(way.key, False), way.address(entity)


def test_the_name_is_there_for_who_may_see_it(house):
    alice = people.signed_in(house.accounts["admin"])
    for address in ("/catalog/", "/status/", "/drift/", "/metrics", "/api/v1/facets"):
        assert SECRET in told(alice, address), address
    assert Entity.objects.filter(ref=REF.format(SECRET)).exists()
    assert {"q", "kind", "owner", "ref", "since", "cursor"} <= {*parameters()}


# Some ten seconds each: the lane of every landing asks as one who may do most.
SLOW = pytest.mark.slow
WHO = [
    pytest.param("stranger", marks=SLOW),
    pytest.param("viewer", marks=SLOW),
    "editor",
]


@pytest.mark.parametrize("who", WHO)
def test_no_door_tells_the_name(house, settings, who):
    settings.GREENROOM_PUBLIC = settings.GREENROOM_STATUS_PUBLIC = True
    client, found = client_of(house.accounts[who]), []
    every = urlencode({name: SECRET for name in parameters() if name != "q"})
    for way in doors_to_read():
        seen, entity = addresses(house, way, who)
        for address in {seen, entity, f"{seen}{'&' if '?' in seen else '?'}{every}"}:
            found.append(leak(client, address))
    assert not [one for one in found if one]


@pytest.mark.slow
def test_no_parameter_of_any_list_tells_the_name(house):
    """Each alone: together, one may empty the list that another would show."""
    client, found = client_of(house.accounts["viewer"]), []
    for way in doors_to_read():
        policy = DOORS[way.key].policy
        if way.key.startswith("help") or policy not in LISTS:
            continue
        seen, _ = addresses(house, way, "viewer")
        for name in parameters():
            value = f"name:{SECRET}" if name == "q" else SECRET
            joined = "&" if "?" in seen else "?"
            found.append(leak(client, f"{seen}{joined}{urlencode({name: value})}"))
    assert not [one for one in found if one]
