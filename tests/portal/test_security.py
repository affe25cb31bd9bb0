"""What was tried to break in, to see what is hidden, and to bring the house down."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from catalog.entities import history
from catalog.entities.models import Entity, Finding
from catalog.sources import adding, applying, processing
from catalog.sources.applying import Cause
from catalog.sources.models import Source
from portal import keys, preflight
from portal.accounts.models import Role
from portal.web.yaml_marks import marked_lines
from tests import people
from tests.catalog.documents import declare, document, seen_by, text_of

pytestmark = pytest.mark.django_db

ALICE_ONLY = seen_by("user:default/alice")
SHOP = "/catalog/default/component/shop/"


@pytest.fixture
def alice() -> Client:
    return people.signed_in(people.alice())


@pytest.fixture
def bob() -> Client:
    return people.signed_in(people.person("bob", "Bob Baker", Role.EDITOR))


@pytest.fixture
def charlie() -> Client:
    return people.signed_in(people.charlie())


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_a_stranger_reads_no_revision_that_needed_a_login(alice, charlie):
    declare(document(name="shop", title="Internal"))
    declare(document(name="shop", annotations={"greenroom/visibility": "public"}))
    assert "Internal" in text(charlie, f"{SHOP}history/")
    assert "Internal" not in text(Client(), f"{SHOP}history/")
    assert text(Client(), f"{SHOP}history/").count("card revision") == 1


def test_an_annotation_that_is_spelled_with_escapes_hides_as_well(charlie):
    hidden = text_of(document(name="shop", title="Internal", annotations=ALICE_ONLY))
    escaped = hidden.replace("greenroom/visibility", '"greenroom\\x2fvisibility"')
    assert processing.declare(escaped, door="test").added == 1
    assert charlie.get(SHOP).status_code == 404
    declare(document(name="shop"))
    assert "Internal" not in text(charlie, f"{SHOP}history/")


def test_who_takes_a_removed_name_does_not_learn_that_it_was_taken(alice, charlie):
    declare(document(name="shop", annotations=ALICE_ONLY))
    applying.remove(get_shop(), Cause("sources", reason="No longer needed."))
    declare(document(name="shop"))
    for page in (text(charlie, f"{SHOP}history/"), text(charlie, SHOP)):
        assert "No longer needed" not in page
        assert 'History<span class="count">1</span>' in page
    assert "removed" not in text(charlie, "/")
    assert text(alice, f"{SHOP}history/").count("card revision") == 3


def get_shop() -> Entity:
    return Entity.objects.get(ref="component:default/shop")


@pytest.mark.parametrize("address", ["/catalog/catalog-info.yaml", "/-/generation"])
def test_a_hidden_change_changes_no_etag(alice, charlie, address):
    declare(document(name="web"))
    seen, known = charlie.get(address)["ETag"], alice.get(address)["ETag"]
    declare(document(name="shop", annotations=ALICE_ONLY))
    assert charlie.get(address)["ETag"] == seen
    assert alice.get(address)["ETag"] != known
    declare(document(name="web", title="Changed"))
    assert charlie.get(address)["ETag"] != seen


def test_sources_count_only_what_the_reader_sees(alice, bob, charlie, tmp_path):
    for name, shown in (("web", {}), ("shop", ALICE_ONLY), ("till", ALICE_ONLY)):
        made = document(name=name, annotations=shown)
        (tmp_path / f"{name}.yaml").write_text(text_of(made))
    (tmp_path / "broken.yaml").write_text("kind: Component\nmetadata: {name: x}\n")
    source = adding.add_source(str(tmp_path), name="lab")
    processing.refresh(source)
    Finding.objects.create(
        code="x", severity="error", subject="component:default/shop", source=source
    )
    one = f"/settings/sources/{source.pk}/"
    for page in (text(alice, "/"), text(alice, one)):
        assert "3 added" in page
    for page in (text(bob, "/"), text(charlie, "/"), text(bob, one)):
        assert "3 added" not in page
    numbers = '<td class="num">1<span class="phone-unit"> entities</span></td>'
    assert numbers in text(bob, "/settings/sources/")
    assert "is-down" not in text(bob, "/settings/sources/")
    assert "is-down" in text(alice, "/settings/sources/")


def test_a_paste_that_is_refused_leaves_no_trace(alice, bob):
    odd = {"lifecycle": "odd-of-alice"}
    declare(document(name="shop", annotations=ALICE_ONLY, spec=odd))
    assert Finding.objects.count() == 1
    for made in (
        document(name="shop", spec={"lifecycle": "odd-of-bob"}),
        document("User", "shop", annotations={"greenroom/teir": "x"}),
    ):
        sent = {"text": text_of(made), "take": "1"}
        assert bob.post("/settings/sources/paste/", sent).status_code == 200
        assert [f.value for f in Finding.objects.all()] == ["odd-of-alice"]


@pytest.mark.parametrize("path", ["/login/", "/catalog/", "/settings/sources/paste/"])
def test_a_large_body_is_refused_unread(alice, settings, path):
    # A file is kept on the disk, however large, before anybody asks who sent it.
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    body += b"a" * 2000 + b"\r\n--x--\r\n"
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(path, body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("name", ["a%00b", "a%20b", "%C3%BC", "a" * 64, "%FF"])
def test_what_can_be_no_reference_reaches_no_table(alice, name):
    assert alice.get(f"/catalog/default/component/{name}/").status_code == 404


def test_passwords_change_only_where_guessing_is_slow(alice):
    answer = alice.get("/admin/password_change/")
    assert (answer.status_code, answer["Location"]) == (302, "/me/")


def test_long_texts_do_not_hold_the_house():
    began = time.process_time()
    marked_lines("a" + " " * 200_000 + "b")
    lines = [f"{n * n % 151}\n" for n in range(100_000)]
    assert len(history.difference("".join(lines), "".join(lines[::-1]))) == 1
    assert history.difference("".join(lines), "".join(lines)) == []
    assert time.process_time() - began < 4


def test_two_commands_may_look_at_the_folder_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(preflight.check_folder, tmp_path) for _ in range(400)]
    assert [look.exception() for look in looks] == [None] * 400


def test_the_data_folder_is_closed_to_other_users(tmp_path):
    preflight.check_folder(tmp_path / "a")
    for made in (tmp_path / "a", tmp_path / "b"):
        keys.kept_key(made / "secret.key")
        assert made.stat().st_mode & 0o777 == 0o700
        assert (made / "secret.key").stat().st_mode & 0o777 == 0o600


def test_nobody_but_an_administrator_adds_a_folder(bob, charlie):
    for client in (bob, charlie):
        sent = {"target": "/etc", "add": "1"}
        assert client.post("/settings/sources/add/", sent).status_code == 403
    assert not Source.objects.filter(target="/etc").exists()
