"""The help: documents, the reference of the kinds, and the schemas."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.test import Client

from catalog.entities import envelope
from catalog.kind import KINDS
from catalog.probes.declaring import declared
from catalog.probes.prober import PROBERS
from catalog.probes.settings import ProbeSettings
from catalog.sources import processing
from portal.web import prober_reference, reference
from portal.web.pages import help as help_pages
from tests import people

pytestmark = pytest.mark.django_db
HOMELAB = Path(__file__).parents[2] / "deploy" / "examples" / "homelab"
DOCUMENTS = sorted(path.stem for path in help_pages.FOLDER.glob("*.md"))


@pytest.fixture
def client() -> Client:
    return people.signed_in(people.charlie())


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def addresses() -> list[str]:
    kinds = [f"/help/kinds/{name.lower()}/" for name in KINDS]
    pages = [f"/help/{name}/" for name in DOCUMENTS if name != "index"]
    return [
        "/help/",
        "/help/kinds/",
        "/help/probers/",
        "/help/queries/",
        "/help/api-reference/",
        *pages,
        *kinds,
    ]


def test_every_page_is_reached_from_every_other(client):
    html = page(client, "/help/")
    for address in addresses():
        if not address.startswith("/help/kinds/") or address == "/help/kinds/":
            assert f'href="{address}"' in html, address


def test_every_link_inside_the_help_leads_somewhere(client):
    pages = {address: page(client, address) for address in addresses()}
    for address, html in pages.items():
        for href in re.findall(r'href="((?:/help/|#)[^"]*)"', html):
            target, _, anchor = href.partition("#")
            if target == "/help/doors/":
                # Only administrators are let in; test_doors.py looks at it.
                continue
            found = pages.get(target or address)
            assert found is not None, f"{address}: {href}"
            assert not anchor or f'id="{anchor}"' in found, f"{address}: {href}"
        assert ".md" not in re.findall(r'href="([^"]*)"', html), address


def test_the_index_has_one_address(client):
    assert client.get("/help/index/")["Location"] == "/help/"


@pytest.mark.parametrize("path", ["nothing", "..%2Fsettings", "kinds/nothing"])
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(f"/help/{path}/").status_code == 404


def test_the_page_of_a_kind_names_fields_relations_and_schema(client):
    html = page(client, "/help/kinds/component/")
    assert "<code>dependsOn</code>" in html
    assert "makes dependsOn / dependencyOf" in html
    assert 'href="/help/kinds/system/"' in html
    assert 'href="/schemas/component.json"' in html
    assert "required" in html


def test_another_spelling_of_a_kind_leads_to_the_page(client):
    response = client.get("/help/kinds/Model/")
    assert (response.status_code, response["Location"]) == (301, "/help/kinds/model/")


def test_the_page_of_probers_tells_of_each_and_its_example_can_be_copied(client):
    html = page(client, "/help/probers/")
    for name, prober in PROBERS.items():
        assert f'<h2 id="{name}">' in html and f'data-copy="#example-{name}"' in html
        own = prober.Settings.model_fields.keys() - ProbeSettings.model_fields.keys()
        section = html.partition(f'<h2 id="{name}">')[2].partition("<h2")[0]
        for setting in own:
            assert f"<code>{setting}</code>" in section, setting
        for level in prober.levels:
            assert f"<code>{level}</code>" in section
    assert "only where <code>every.serving</code> is set" in html


@pytest.mark.parametrize("part", prober_reference.parts(), ids=lambda p: p.prober.name)
def test_the_example_of_a_prober_is_a_probe_without_a_fault(part):
    (found,) = declared(yaml.safe_load(part.example))
    assert (found.prober, found.fault) == (part.prober.name, "")


@pytest.mark.parametrize("name", list(KINDS))
def test_the_example_of_a_kind_is_valid(name):
    text = reference.page_of(KINDS[name]).example
    plan = processing.preview_text(text)
    assert [p.sentence() for p in plan.problems] == []
    assert len(plan.added) == 1
    jsonschema.validate(reference.example(KINDS[name]), KINDS[name].schema())


def test_schemas_are_listed_and_served(client):
    listed = client.get("/schemas/").json()["schemas"]
    assert set(listed) == set(KINDS)
    for name, address in listed.items():
        response = client.get(address)
        assert response["Content-Type"] == "application/schema+json"
        schema = json.loads(response.content)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["title"] == name


def test_a_schema_is_sent_once(client):
    etag = client.get("/schemas/model.json")["ETag"]
    again = client.get("/schemas/model.json", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_an_unknown_schema_is_not_found(client):
    assert client.get("/schemas/nothing.json").status_code == 404


def test_every_document_of_the_example_fits_its_schema(client):
    schemas = {
        name: client.get(f"/schemas/{name.lower()}.json").json() for name in KINDS
    }
    seen = 0
    for path in sorted(HOMELAB.rglob("*.yaml")):
        for doc in envelope.read(path.read_bytes(), str(path)).documents:
            jsonschema.validate(doc.data, schemas[doc.data["kind"]])
            seen += 1
    assert seen >= 40


def test_a_stranger_reads_the_help_only_in_an_open_house(settings):
    people.alice()
    settings.GREENROOM_PUBLIC = False
    assert Client().get("/help/").status_code == 302
    # Schemas tell nothing of the catalog, and pipelines read them.
    assert Client().get("/schemas/model.json").status_code == 200
    settings.GREENROOM_PUBLIC = True
    for address in ("/help/", "/help/kinds/", "/help/kinds/model/", "/schemas/"):
        assert Client().get(address).status_code == 200, address
