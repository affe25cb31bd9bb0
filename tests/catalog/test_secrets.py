"""Secrets by reference: bound to hosts and uses, from the environment or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog.secrets import registering, revealing
from catalog.secrets.models import Secret
from catalog.secrets.revealing import SecretError, reveal

pytestmark = pytest.mark.django_db
VALUE = "s3cr3t-value-of-the-forge"


def secret(**fields: Any) -> Secret:
    known = {"name": "FORGE_TOKEN", "hosts": "forge.lab", "uses": "git url"}
    return Secret.objects.create(**{**known, **fields})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    monkeypatch.setenv("FORGE_TOKEN", VALUE)
    settings.SECRETS_FOLDER = tmp_path / "secrets"
    settings.SECRETS_FOLDER.mkdir()
    return tmp_path / "secrets"


def refused(use: str = "git", host: str = "forge.lab", port: int | None = None) -> str:
    with pytest.raises(SecretError) as caught:
        reveal("FORGE_TOKEN", use=use, host=host, port=port)
    assert VALUE not in str(caught.value)
    return str(caught.value)


def test_it_is_revealed_for_its_host_and_use():
    secret(username="bot")
    found = reveal("FORGE_TOKEN", use="git", host="forge.lab")
    assert (found.username, found.value) == ("bot", VALUE)
    assert VALUE not in repr(found)


@pytest.mark.parametrize(
    ("bound", "host", "port", "fits"),
    [
        ("forge.lab", "FORGE.lab", None, True),
        ("forge.lab", "forge.lab.", 443, True),
        ("forge.lab", "forge.lab.evil.example", None, False),
        ("forge.lab", "evilforge.lab", None, False),
        ("*.lab", "forge.lab", None, True),
        ("*.lab", "a.b.lab", None, True),
        ("*.lab", "lab", None, False),
        ("*.lab", "evillab", None, False),
        ("forge.lab:8443", "forge.lab", 8443, True),
        ("forge.lab:8443", "forge.lab", 443, False),
        ("forge.lab:8443", "forge.lab", None, False),
        ("10.0.0.7", "10.0.0.7", 3000, True),
        ("[fd00::7]:8443", "fd00::7", 8443, True),
        ("fd00::7", "[fd00::7]", 443, True),
        ("fd00::7", "fd00::8", 443, False),
    ],
)
def test_it_goes_only_where_it_is_bound_to(bound, host, port, fits):
    secret(hosts=bound)
    if fits:
        assert reveal("FORGE_TOKEN", use="git", host=host, port=port).value == VALUE
    else:
        assert "may not be sent to" in refused(host=host, port=port)


def test_every_refusal_is_a_sentence(monkeypatch):
    assert "There is no secret FORGE_TOKEN" in refused()
    made = secret()
    assert "is not for this use: Probes" in refused(use="probe")
    monkeypatch.setenv("FORGE_TOKEN", f"{VALUE}\nX-Evil: 1")
    assert "line break" in refused(use="url")
    assert reveal("FORGE_TOKEN", use="git", host="forge.lab").value.endswith(
        "X-Evil: 1"
    )
    monkeypatch.setenv("FORGE_TOKEN", "  ")
    assert "is empty" in refused()
    monkeypatch.delenv("FORGE_TOKEN")
    assert "FORGE_TOKEN is not set in this process" in refused()
    assert "is not set" in revealing.state_of(made)


def test_files(folder):
    made = secret(origin=Secret.FILE, place="forge.txt")
    assert "cannot be read: no such file" in refused()
    (folder / "forge.txt").write_text(f"{VALUE}\n")
    assert reveal("FORGE_TOKEN", use="git", host="forge.lab").value == VALUE
    assert revealing.state_of(made) == ""
    (folder / "forge.txt").write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in refused()
    (folder / "forge.txt").write_bytes(b"x" * 70_000)
    assert "larger than 64 kB" in refused()


def test_files_as_kubernetes_mounts_them_and_none_from_outside(folder, tmp_path):
    (folder / "..2026").mkdir()
    (folder / "..2026/FORGE_TOKEN").write_text(VALUE)
    (folder / "..data").symlink_to("..2026")
    (folder / "FORGE_TOKEN").symlink_to("..data/FORGE_TOKEN")
    secret(origin=Secret.FILE)
    assert reveal("FORGE_TOKEN", use="git", host="forge.lab").value == VALUE
    (tmp_path / "outside").write_text(VALUE)
    (folder / "FORGE_TOKEN").unlink()
    (folder / "FORGE_TOKEN").symlink_to(tmp_path / "outside")
    assert "leads out of" in refused()
    Secret.objects.update(place="../outside")
    assert "leads out of" in refused()


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"name": "GREENROOM_SECRET_KEY"}, "place", "is a setting of Greenroom itself"),
        ({"place": "DATABASE_URL"}, "place", "is a setting of Greenroom itself"),
        ({"place": "broker_url"}, "place", "is a setting of Greenroom itself"),
        ({"place": "DATABASE_URL_FILE"}, "place", "is a setting of Greenroom itself"),
        ({"origin": "file", "place": "../x"}, "place", "is no name"),
        ({"origin": "file", "place": "/etc/passwd"}, "place", "is no name"),
        ({"hosts": ""}, "hosts", "at least one host"),
        ({"hosts": "https://forge.lab"}, "hosts", "is no host"),
        ({"hosts": "*"}, "hosts", "is no host"),
        ({"hosts": "*.*"}, "hosts", "is no host"),
        ({"uses": ""}, "uses", "at least one"),
        ({"uses": "git spy"}, "uses", "at least one"),
    ],
)
def test_what_cannot_be_registered(fields, field, words):
    known = {"name": "X", "hosts": "forge.lab", "uses": "git"}
    assert words in registering.check(Secret(**{**known, **fields}))[field]


@pytest.mark.parametrize("host", ["a", "A.b", "*.lab:80", "10.1.2.3:8443", "[fd00::1]"])
def test_hosts_that_can(host):
    assert not registering.check(Secret(name="X", hosts=host, uses="git"))


def test_the_value_is_in_no_table():
    secret(username="bot")
    reveal("FORGE_TOKEN", use="git", host="forge.lab")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM secrets_secret")
        assert VALUE not in repr(cursor.fetchall())


def test_its_use_is_noted_but_not_each_time(django_assert_num_queries):
    secret()
    reveal("FORGE_TOKEN", use="git", host="forge.lab")
    used = Secret.objects.get().last_used_at
    assert used is not None and (timezone.now() - used).total_seconds() < 60
    with django_assert_num_queries(1):
        reveal("FORGE_TOKEN", use="git", host="forge.lab")


def test_references_and_scrubbing():
    assert revealing.references("a ${A_B} ${c} ${A_B} $D ${E}") == ["A_B", "E"]
    assert (
        revealing.scrub("a abc ab", "ab", "abc", "")
        == "a secret-withheld secret-withheld"
    )
