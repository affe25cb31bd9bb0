"""Secrets: to whom each is handed out, and that no value is left behind."""

from __future__ import annotations

import base64
import os
import pickle
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from django.db import connection
from django.utils import timezone

from catalog.secrets import revealing, rules
from catalog.secrets.models import Secret
from catalog.secrets.reading import SecretError
from catalog.secrets.revealing import Revealed, references, reveal, state_of
from catalog.secrets.scrubbing import HIDDEN, scrub
from tests.catalog.registered import VALUE, in_file, registered

HOST = "git.lab.example"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    """A folder of secrets of one's own."""
    made = tmp_path / "secrets"
    made.mkdir()
    settings.GREENROOM_SECRETS = made
    return made


def refused(name: str = "FORGEJO_TOKEN", **asked) -> str:
    """The sentence that is said instead of a value."""
    with pytest.raises(SecretError) as caught:
        reveal(name, **{"use": "git", "host": HOST, **asked})
    said = str(caught.value)
    assert VALUE not in said
    assert caught.value.remedy or "is not sent" in said
    return said


# Handing out


@pytest.mark.django_db
def test_a_variable_is_handed_out_to_its_host_and_use(monkeypatch):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    registered(username="greenroom")
    found = reveal("FORGEJO_TOKEN", use="git", host="GIT.lab.example.", port=443)
    assert (found.username, found.value) == ("greenroom", VALUE)
    assert VALUE not in f"{found!r} {found} {[found]} {found!s}"


@pytest.mark.django_db
def test_a_variable_may_be_called_otherwise(monkeypatch):
    monkeypatch.setenv("OTHER", VALUE)
    registered(variable="OTHER")
    assert reveal("FORGEJO_TOKEN", use="git", host=HOST).value == VALUE


@pytest.mark.django_db
def test_a_file_is_handed_out_without_its_last_line_break(folder):
    in_file()
    for raw in (b"abc", b"abc\n", b"abc\r\n", b"\xef\xbb\xbfabc\n"):
        (folder / "token").write_bytes(raw)
        assert reveal("FORGEJO_TOKEN", use="git", host=HOST).value == "abc"


@pytest.mark.django_db
def test_a_name_that_nobody_registered_brings_nothing(monkeypatch):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    assert "FORGEJO_TOKEN is not registered" in refused()
    registered()
    for name in ("FORGEJO_TOKENS", "HOME", "PATH"):
        assert f"{name} is not registered" in refused(name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "ghp_abcDEF123", "A B", "forgejo_token", "Ä"])
def test_what_is_no_name_is_not_repeated(name):
    said = refused(name)
    assert "not the name of a secret" in said
    assert not name or name not in said


@pytest.mark.django_db
def test_another_use_is_refused(monkeypatch):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    registered(uses="git url")
    assert "may not be used for probes" in refused(use="probe")
    assert reveal("FORGEJO_TOKEN", use="url", host=HOST).value == VALUE
    Secret.objects.update(uses="git")
    assert "may not be used for documents at a URL." in refused(use="url")
    with pytest.raises(ValueError, match="has the use 'gift'"):
        reveal("FORGEJO_TOKEN", use="gift", host=HOST)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "lab.example",
        "xgit.lab.example",
        "a.git.lab.example",
        "git.lab.example.evil.example",
        "git.lab.example:443",
        "git.lab.example@evil.example",
        "evil.example#.git.lab.example",
        "evil.example/git.lab.example",
        "git.lab.example\n.evil.example",
        "git.lab.example\0",
        " git.lab.example",
        "gıt.lab.example",
        "",
    ],
)
def test_another_host_is_refused(monkeypatch, host):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    registered()
    assert "not bound to" in (said := refused(host=host)) or "is not sent" in said
    assert Secret.objects.get().last_used_at is None


@pytest.mark.django_db
def test_a_variable_that_is_not_here_or_empty(monkeypatch):
    secret = registered()
    monkeypatch.delenv("FORGEJO_TOKEN", raising=False)
    said = refused()
    assert "no environment variable FORGEJO_TOKEN" in said
    assert "every worker" in said
    for empty in ("", " ", "\n"):
        monkeypatch.setenv("FORGEJO_TOKEN", empty)
        assert "is empty" in refused()
        assert state_of(secret).code == revealing.NOT_SET


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    ["a\nX-Evil: 1", "a\r\nb", "a\rb", "a\x1bb", "a\x7fb", "a\u2028b", "a\x85b"],
)
def test_no_header_is_broken_by_a_value(monkeypatch, value):
    monkeypatch.setenv("FORGEJO_TOKEN", value)
    registered()
    assert "several lines" in (said := refused()) or "control characters" in said
    assert value not in said


@pytest.mark.django_db
def test_a_key_may_have_lines_but_no_control_characters(monkeypatch):
    key = "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n"
    monkeypatch.setenv("FORGEJO_TOKEN", key)
    registered()
    found = reveal("FORGEJO_TOKEN", use="git", host=HOST, many_lines=True)
    assert found.value == key.rstrip("\n")
    monkeypatch.setenv("FORGEJO_TOKEN", "a\n\x07b")
    assert "control characters" in refused(many_lines=True)


@pytest.mark.django_db
def test_a_variable_that_is_not_utf8_is_refused(monkeypatch):
    monkeypatch.setitem(os.environ, "FORGEJO_TOKEN", os.fsdecode(b"\xff\xfe"))
    assert state_of(registered()).code == revealing.UNREADABLE
    assert "not UTF-8" in refused()


@pytest.mark.django_db
def test_a_setting_of_ours_is_not_handed_out_even_by_an_old_row(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", VALUE)
    Secret.objects.create(
        name="DATABASE_URL", variable="DATABASE_URL", hosts=HOST, uses="git"
    )
    assert "a setting of Greenroom" in refused("DATABASE_URL")


@pytest.mark.django_db
def test_the_last_use_is_written_once_an_hour(monkeypatch, django_assert_num_queries):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    secret = registered()
    with django_assert_num_queries(2):
        reveal("FORGEJO_TOKEN", use="git", host=HOST)
    with django_assert_num_queries(1):
        reveal("FORGEJO_TOKEN", use="git", host=HOST)
    secret.refresh_from_db()
    assert secret.last_used_at and timezone.now() - secret.last_used_at < timedelta(1)
    Secret.objects.update(last_used_at=timezone.now() - timedelta(hours=2))
    with django_assert_num_queries(2):
        reveal("FORGEJO_TOKEN", use="git", host=HOST)


# Files


@pytest.mark.django_db
def test_a_folder_as_kubernetes_makes_it(folder):
    version = folder / "..2026_01_02"
    version.mkdir()
    (version / "token").write_text(VALUE)
    (folder / "..data").symlink_to("..2026_01_02")
    (folder / "token").symlink_to("..data/token")
    in_file()
    assert reveal("FORGEJO_TOKEN", use="git", host=HOST).value == VALUE


@pytest.mark.django_db
def test_the_folder_itself_may_be_a_link(folder, tmp_path, settings):
    (folder / "token").write_text(VALUE)
    (tmp_path / "link").symlink_to(folder)
    settings.GREENROOM_SECRETS = tmp_path / "link"
    in_file()
    assert reveal("FORGEJO_TOKEN", use="git", host=HOST).value == VALUE


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "inner/out"])
def test_no_link_leads_out_of_the_folder(folder, target):
    (folder.parent / "outside").write_text(VALUE)
    (folder / "inner").mkdir()
    (folder / "inner/out").symlink_to(folder.parent / "outside")
    (folder / "token").symlink_to(target)
    secret = in_file()
    assert "leads out of the folder" in refused()
    assert state_of(secret).code == revealing.UNREADABLE


@pytest.mark.django_db
def test_a_folder_beside_it_with_a_longer_name_is_outside(folder):
    beside = folder.parent / "secrets-old"
    beside.mkdir()
    (beside / "token").write_text(VALUE)
    (folder / "token").symlink_to(beside / "token")
    in_file()
    assert "leads out of the folder" in refused()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../outside"])
def test_no_path_leads_out_even_in_an_old_row(folder, path):
    (folder.parent / "outside").write_text(VALUE)
    (folder / "a").mkdir()
    Secret.objects.create(
        name="OLD", origin=Secret.FILE, variable=path, hosts=HOST, uses="git"
    )
    assert "leads out of the folder" in refused("OLD")


@pytest.mark.django_db
def test_what_is_no_file_of_a_secret(folder, settings, tmp_path):
    secret = in_file()
    path = folder / "token"
    assert "there is no file token" in refused()
    path.mkdir()
    assert "is not a file" in refused()
    path.rmdir()
    os.mkfifo(path)
    assert "is not a file" in refused()
    path.unlink()
    path.symlink_to("token")
    assert "cannot be read" in refused()
    path.unlink()
    path.write_bytes(b"x" * (rules.MAX_BYTES + 1))
    assert "larger than 64 kB" in refused()
    path.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in refused()
    path.write_text("\n")
    assert "is empty" in refused()
    assert state_of(secret).code == revealing.NOT_SET
    settings.GREENROOM_SECRETS = tmp_path / "nowhere"
    assert "there is no file token" in refused()


@pytest.mark.django_db
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(folder):
    (folder / "token").write_text(VALUE)
    (folder / "token").chmod(0)
    assert state_of(in_file()).code == revealing.UNREADABLE


@pytest.mark.django_db
def test_files_of_our_own_settings_are_not_handed_out(folder, settings):
    key = folder / "secret.key"
    key.write_text(VALUE)
    settings.GREENROOM_OWN_FILES = (folder / "missing", key)
    in_file(path="secret.key")
    assert "belongs to Greenroom itself" in refused()
    os.link(key, folder / "token")
    Secret.objects.update(variable="token")
    assert "belongs to Greenroom itself" in refused()


# What is left behind


def test_references_are_names_in_order_and_once():
    text = "x ${B} ${A} $A ${b} ${B} ${A B} ${} $${C} ${A1_" + "x} ${" + "D" * 64 + "}"
    assert references(text) == ["B", "A", "C"]


@pytest.mark.parametrize("value", [VALUE, "a b", 'ü"<&\\', "x", "100%", "a\tb"])
def test_a_value_is_taken_out_in_every_spelling(value):
    secret = Revealed("git", value)
    basic = base64.b64encode(f"git:{value}".encode()).decode()
    plain = base64.b64encode(value.encode()).decode()
    for spelling in (value, quote(value), quote(value, safe=""), quote_plus(value)):
        said = scrub(f"[https://git:{spelling}@h/r failed]", secret)
        assert spelling not in said.replace("https://git:", "").replace(
            "@h/r failed", ""
        )
        assert HIDDEN in said
    said = scrub(f"{basic} {plain} {value!r}", secret)
    assert basic.rstrip("=") not in said
    assert plain.rstrip("=") not in said
    assert scrub(f"-{value}-", value) == f"-{HIDDEN}-"


def test_lines_of_a_key_are_taken_out_one_by_one():
    key = "-----BEGIN KEY-----\nline-of-a-key\n-----END KEY-----"
    assert "line-of-a-key" not in scrub("bad: line-of-a-key", key)
    assert scrub("nothing here", key, "", " ") == "nothing here"


@pytest.mark.django_db
def test_no_table_holds_the_value(monkeypatch):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    registered(username="git", note="For the clones.")
    reveal("FORGEJO_TOKEN", use="git", host=HOST)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert VALUE not in repr(cursor.fetchall()), table


@pytest.mark.django_db
def test_no_log_holds_the_value(monkeypatch, caplog):
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    registered()
    with caplog.at_level("DEBUG"):
        reveal("FORGEJO_TOKEN", use="git", host=HOST)
        refused(host="evil.example")
        refused(use="probe")
    assert VALUE not in caplog.text


def test_a_secret_in_the_open_does_not_travel():
    with pytest.raises(TypeError, match="travel"):
        pickle.dumps(Revealed("git", VALUE))


@pytest.mark.django_db
def test_a_value_that_is_typed_into_its_row_is_noticed(monkeypatch):
    secret = registered(note=f"It is {VALUE}.")
    assert revealing.fields_with_value(secret) == []
    monkeypatch.setenv("FORGEJO_TOKEN", VALUE)
    assert revealing.fields_with_value(secret) == ["note"]
