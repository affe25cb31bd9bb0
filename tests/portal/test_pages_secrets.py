"""Settings, Secrets: names are registered, values are never shown; and who may."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.secrets.models import Secret
from catalog.sources import adding
from catalog.sources.models import Source
from portal.accounts.models import AuditEvent
from tests import people
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db
VALUE = "s3cr3t-value-of-the-forge"
FORM = {
    "name": "FORGE_TOKEN",
    "origin": "environment",
    "hosts": "forge.lab, *.LAB",
    "uses": ["git", "url"],
}


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("FORGE_TOKEN", VALUE)
    return people.signed_in(people.alice())


def test_register_change_and_remove(admin):
    assert "No secret is registered" in page(admin, "/settings/secrets/")
    assert admin.post("/settings/secrets/add/", FORM).status_code == 302
    secret = Secret.objects.get()
    assert (secret.hosts, secret.uses) == ("forge.lab *.lab", "git url")
    html = page(admin, "/settings/secrets/")
    assert "FORGE_TOKEN" in html and "There" in html and VALUE not in html
    address = f"/settings/secrets/{secret.pk}/"
    assert "checked" in page(admin, address) and VALUE not in page(admin, address)
    admin.post(address, {**FORM, "name": "OTHER", "hosts": "forge.lab", "note": "May"})
    secret.refresh_from_db()
    assert (secret.name, secret.hosts, secret.note) == (
        "FORGE_TOKEN",
        "forge.lab",
        "May",
    )
    admin.post(f"{address}remove/")
    assert not Secret.objects.exists()
    told = AuditEvent.objects.values_list("action", "subject")
    assert set(told) >= {
        ("registered the secret", "FORGE_TOKEN"),
        ("changed the secret", "FORGE_TOKEN"),
        ("removed the secret", "FORGE_TOKEN"),
    }


def test_what_is_not_there_says_why(admin, monkeypatch):
    admin.post("/settings/secrets/add/", FORM)
    monkeypatch.delenv("FORGE_TOKEN")
    assert "is not set in this process" in page(admin, "/settings/secrets/")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "forge-token"}, "Use capitals, digits and underscores"),
        ({"name": "GREENROOM_SECRET_KEY"}, "is a setting of Greenroom itself"),
        ({"hosts": "https://x/y"}, "is no host"),
        ({"uses": []}, "Choose at least one of"),
        ({"uses": ["spy"]}, "spy is not one of the available choices"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(admin, fields, words):
    html = admin.post("/settings/secrets/add/", {**FORM, **fields}).content.decode()
    assert words in html and not Secret.objects.exists()


def test_a_name_stands_once(admin):
    admin.post("/settings/secrets/add/", FORM)
    html = admin.post("/settings/secrets/add/", FORM).content.decode()
    assert "There is a secret of this name." in html


def test_sources_that_use_it_are_named_and_unknown_names_told(admin, tmp_path):
    source = adding.add_source(str(tmp_path), name="lab")
    Source.objects.filter(pk=source.pk).update(secret="FORGE_TOKEN")
    assert "Not registered:" in page(admin, "/settings/secrets/")
    admin.post("/settings/secrets/add/", FORM)
    html = page(admin, "/settings/secrets/")
    assert "Not registered:" not in html and f"/settings/sources/{source.pk}/" in html


def test_only_administrators(admin):
    admin.post("/settings/secrets/add/", FORM)
    pk = Secret.objects.get().pk
    editor, stranger = people.signed_in(people.bob()), Client()
    for address in ("", "add/", f"{pk}/"):
        where = f"/settings/secrets/{address}"
        assert editor.get(where).status_code == 403
        assert "/login/" in stranger.get(where)["Location"]
    assert editor.post(f"/settings/secrets/{pk}/remove/").status_code == 403
    assert Secret.objects.exists()


def test_the_admin_shows_names_only(admin):
    admin.post("/settings/secrets/add/", FORM)
    html = admin.get("/admin/secrets/secret/").content.decode()
    assert "FORGE_TOKEN" in html and VALUE not in html
