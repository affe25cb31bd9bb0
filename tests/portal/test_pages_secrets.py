"""Settings, Secrets: who may, what each field refuses, and that no value is shown."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from catalog.secrets.models import Secret
from catalog.secrets.revealing import reveal
from portal import settings as portal_settings
from portal.accounts.models import AuditEvent, Role
from tests import people
from tests.catalog.registered import VALUE, in_file, registered
from tests.portal.test_pages_catalog import page
from tests.portal.test_settings import manage

pytestmark = pytest.mark.django_db

LIST, ADD = "/settings/secrets/", "/settings/secrets/add/"
FORM = {
    "name": "FORGEJO_TOKEN",
    "origin": "environment",
    "variable": "",
    "hosts": "git.lab.example",
    "uses": ["git"],
    "username": "",
    "note": "",
}


@pytest.fixture
def admin() -> Client:
    return people.signed_in(people.alice())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    settings.GREENROOM_SECRETS = tmp_path / "secrets"
    settings.GREENROOM_SECRETS.mkdir()
    return tmp_path / "secrets"


def said(response) -> str:
    """The text of an answer that took nothing."""
    assert response.status_code == 422
    return unescape(response.content.decode())


def addresses(secret: Secret) -> tuple[str, ...]:
    one = f"{LIST}{secret.pk}/"
    return (LIST, ADD, one, f"{one}remove/")


@pytest.mark.parametrize("make", [people.bob, people.charlie])
def test_only_administrators_reach_secrets(make, admin):
    secret, client = registered(), people.signed_in(make())
    for address in addresses(secret):
        assert admin.get(address).status_code == 200
        for response in (client.get(address), client.post(address, FORM)):
            assert response.status_code == 403
            assert secret.name not in response.content.decode()
    assert Secret.objects.count() == 1
    assert client.get(f"/admin/secrets/secret/{secret.pk}/change/").status_code != 200


def test_a_stranger_is_asked_to_sign_in_even_in_an_open_house(settings):
    settings.GREENROOM_PUBLIC = True
    people.alice()  # Without anybody, every page leads to the set-up.
    secret, stranger = registered(), Client()
    for address in addresses(secret):
        for response in (stranger.get(address), stranger.post(address, FORM)):
            assert response.status_code == 302
            assert response["Location"] == f"/login/?next={address}"
    assert Secret.objects.count() == 1


def test_nobody_posts_from_elsewhere(admin):
    account = people.person("eve", "Eve", Role.ADMIN)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account)
    secret = registered()
    for address in addresses(secret)[1:]:
        assert strict.post(address, FORM).status_code == 403
    assert Secret.objects.count() == 1


def test_without_a_secret_the_page_says_what_to_do(admin):
    html = page(admin, LIST)
    assert "No secret yet" in html
    assert f'href="{ADD}"' in html
    assert "/help/secrets/" in html
    assert f'href="{LIST}"' in page(admin, "/settings/")


def test_a_secret_is_added_and_kept_in_one_form(admin):
    hosts = "GIT.lab.example\r\n*.lan:3000\r\n"
    answer = admin.post(ADD, {**FORM, "hosts": hosts, "uses": ["probe", "git"]})
    assert answer["Location"] == LIST
    made = Secret.objects.get()
    assert (made.variable, made.uses) == ("FORGEJO_TOKEN", "git probe")
    assert made.hosts == "git.lab.example\n*.lan:3000"
    assert made.created_by is not None
    assert made.created_by.username == "alice"
    html = page(admin, LIST)
    for text in ("FORGEJO_TOKEN", "*.lan:3000", "Git repositories", "not set", "never"):
        assert text in html


def test_a_secret_is_changed_but_not_its_name(admin, folder):
    secret = registered(note="old")
    address = f"{LIST}{secret.pk}/"
    html = page(admin, address)
    assert 'value="git" id="id_uses_0" checked' in html
    changed = {
        "name": "OTHER",
        "origin": "file",
        "variable": "git/token",
        "note": "new",
    }
    assert admin.post(address, {**FORM, **changed}).status_code == 302
    secret.refresh_from_db()
    assert (secret.name, secret.origin) == ("FORGEJO_TOKEN", "file")
    assert (secret.variable, secret.note) == ("git/token", "new")
    assert "there is no file git/token" in page(admin, address)


def test_a_change_that_is_refused_changes_nothing(admin):
    secret = registered()
    answer = admin.post(f"{LIST}{secret.pk}/", {**FORM, "hosts": "*", "note": "new"})
    assert "“*” cannot be read" in said(answer)
    assert "FORGEJO_TOKEN</h1>" in said(answer).replace(" </h1>", "</h1>")
    secret.refresh_from_db()
    assert (secret.hosts, secret.note) == ("git.lab.example", "")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "This field is required."),
        ("name", "forgejo", "A name has capital letters"),
        ("name", "A" * 64, "at most 63 characters"),
        ("variable", "DATABASE_URL", "DATABASE_URL is a setting of Greenroom itself"),
        ("variable", "GREENROOM_SECRET_KEY_FILE", "is never handed out"),
        ("variable", "ghp_abcDEF", "never the value"),
        ("hosts", "", "Name one host at least"),
        ("hosts", "git.lab.example\nhttps://x/y", "“https://x/y” is more than a host"),
        ("hosts", "*.com", "“*.com” is too wide"),
        ("hosts", "git.lab.example:0", "a port is a number from 1 to 65535"),
        ("uses", [], "Choose one at least."),
        ("uses", ["everything"], "everything is not one of the available choices"),
        ("username", "a:b", "A user name has no colon"),
        ("origin", "sky", "sky is not one of the available choices"),
    ],
)
def test_each_field_says_what_is_wrong(admin, field, value, sentence):
    html = said(admin.post(ADD, {**FORM, field: value}))
    assert html.count('class="field-error"') == 1
    start = html.index(f'id="id_{field}_error"')
    assert sentence in html[start : html.index("</p>", start)]
    assert not Secret.objects.exists()


def test_a_path_is_refused_at_its_field(admin):
    form = {**FORM, "origin": "file", "variable": "../secret.key"}
    assert "“../secret.key” is not a file below" in said(admin.post(ADD, form))


def test_a_name_is_given_once(admin):
    registered()
    assert "There is a secret of this name" in said(admin.post(ADD, FORM))


def test_a_value_that_is_typed_into_the_note_is_refused(admin, monkeypatch):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    html = said(admin.post(ADD, {**FORM, "note": f"token {VALUE}"}))
    assert "Greenroom keeps no values" in html
    assert not Secret.objects.exists()


def test_remove_asks_first(admin):
    secret = registered()
    address = f"{LIST}{secret.pk}/remove/"
    assert "Remove the secret" in page(admin, address)
    assert Secret.objects.exists()
    assert admin.post(address)["Location"] == LIST
    assert not Secret.objects.exists()
    assert admin.get(address).status_code == 404


def test_every_change_is_in_the_audit(admin):
    admin.post(ADD, FORM)
    secret = Secret.objects.get()
    admin.post(f"{LIST}{secret.pk}/", {**FORM, "hosts": "*.lab.example"})
    html = page(admin, f"{LIST}{secret.pk}/")
    assert "added the secret" in html
    assert "hosts: *.lab.example" in html
    admin.post(f"{LIST}{secret.pk}/remove/")
    rows = AuditEvent.objects.filter(subject="FORGEJO_TOKEN").order_by("pk")
    assert [(row.actor_name, row.action) for row in rows] == [
        ("alice", "added the secret"),
        ("alice", "changed the secret"),
        ("alice", "removed the secret"),
    ]
    assert rows[0].detail == (
        "variable FORGEJO_TOKEN; uses: git; hosts: git.lab.example"
    )


def test_the_value_is_on_no_page_and_in_no_table(admin, folder, monkeypatch, caplog):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    (folder / "token").write_text(VALUE)
    admin.post(ADD, {**FORM, "username": "greenroom"})
    in_file("OTHER_TOKEN", hosts="*.lab.example")
    with caplog.at_level("DEBUG"):
        for name in ("FORGEJO_TOKEN", "OTHER_TOKEN"):
            assert reveal(name, use="git", host="git.lab.example").value == VALUE
        shown = [
            page(admin, address)
            for secret in Secret.objects.all()
            for address in (
                *addresses(secret),
                "/settings/",
                "/settings/people/",
                "/admin/secrets/secret/",
                f"/admin/secrets/secret/{secret.pk}/change/",
            )
        ]
    assert 'is-ok"' in shown[0] and "not set" not in shown[0]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            shown.append(repr(cursor.fetchall()))
    assert [text for text in (*shown, caplog.text) if VALUE in unescape(text)] == []


def test_the_admin_only_shows(admin):
    secret = registered()
    address = f"/admin/secrets/secret/{secret.pk}"
    assert admin.get("/admin/secrets/secret/add/").status_code == 403
    assert (
        admin.post(f"{address}/change/", {"hosts": "evil.example"}).status_code == 403
    )
    assert admin.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    secret.refresh_from_db()
    assert secret.hosts == "git.lab.example"


@pytest.mark.parametrize(
    "room",
    ["secrets", "notifications", "webhooks", "backstage", "health", "metrics"],
)
def test_settings_is_where_its_pages_are(admin, room):
    html = page(admin, f"/settings/{room}/")
    assert html.count('aria-current="page"') == 2  # in the navigation, and the crumb
    assert 'href="/settings/" aria-current="page"' in html


def test_sources_are_a_room_of_their_own(admin):
    assert 'href="/settings/" aria-current' not in page(admin, "/settings/sources/")


def test_our_own_files_are_known(tmp_path):
    assert (
        portal_settings.env.data / "secret.key" in portal_settings.GREENROOM_OWN_FILES
    )
    (tmp_path / "key").write_text("k" * 40)
    code = (
        "import json; from django.conf import settings as s;"
        "print(json.dumps([[str(p) for p in s.GREENROOM_OWN_FILES],"
        "str(s.GREENROOM_SECRETS)]))"
    )
    files, folder = json.loads(
        manage(
            tmp_path,
            *("shell", "-v0", "-c", code),
            GREENROOM_SECRET_KEY_FILE=str(tmp_path / "key"),
            GREENROOM_SECRETS="/run/secrets",
        )
    )
    assert folder == "/run/secrets"
    assert {
        f"{tmp_path}/{name}" for name in ("key", "secret.key", "greenroom.yaml")
    } <= (set(files))
