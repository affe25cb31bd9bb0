"""Repositories on other machines: passwords, keys, certificates, what goes wrong."""

from __future__ import annotations

import base64
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from catalog.git import addresses, command
from catalog.git.addresses import address_of
from catalog.git.command import Access
from catalog.git.errors import GitError
from catalog.git.repository import Repository
from catalog.secrets.models import Secret
from catalog.sources import adding, processing
from catalog.sources.models import Source
from catalog.sources.provider import SourceError
from tests.catalog.documents import document, text_of
from tests.catalog.repositories import Ssh, Web, Work, certificate, serving, sshd

pytestmark = pytest.mark.django_db
VALUE = "t0ken-of-the-forge"
ONE = text_of(document(name="one"))


@pytest.fixture
def work(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Work:
    settings.GIT_FOLDER = tmp_path / "copies"
    monkeypatch.setenv("FORGE", VALUE)
    work = Work(tmp_path / "forge")
    work.push({"a.yaml": ONE})
    return work


@pytest.fixture
def web(work: Work) -> Iterator[Web]:
    with serving(Web(work.bare.parent)) as served:
        yield served


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[Ssh]:
    with sshd(tmp_path) as served:
        yield served


def secret(**fields: Any) -> None:
    known = {"name": "FORGE", "hosts": "127.0.0.1\nlocalhost", "uses": "git"}
    known["variable"] = "FORGE"
    Secret.objects.create(**{**known, **fields})


def refusal(target: str, **fields: Any) -> str:
    with pytest.raises(SourceError) as caught:
        adding.add_source(target, **fields)
    said = str(caught.value)
    assert VALUE not in said
    assert base64.b64encode(f"git:{VALUE}".encode()).decode() not in said
    return said


def test_over_http(web, work):
    source = adding.add_source(web.url())
    assert source.provider == "git" and processing.refresh(source).added == 1
    work.push({"b.yaml": text_of(document(name="two"))})
    assert processing.refresh(source).added == 1


def test_with_a_token_that_shows_nowhere(web, work, tmp_path):
    web.user, web.password = "bot", VALUE
    assert "does not let Greenroom read" in refusal(web.url())
    secret(username="bot")
    source = adding.add_source(web.url(), secret="FORGE")
    assert processing.refresh(source).added == 1
    kept = [p for p in (tmp_path / "copies").rglob("*") if p.is_file()]
    wire = base64.b64encode(f"bot:{VALUE}".encode())
    assert not [
        p for p in kept if VALUE.encode() in (raw := p.read_bytes()) or wire in raw
    ]


def test_a_wrong_token(web):
    web.user, web.password = "bot", "other"
    secret(username="bot")
    assert "does not let Greenroom read" in refusal(web.url(), secret="FORGE")


def test_a_token_is_in_no_command_line(web, monkeypatch):
    web.user, web.password = "bot", VALUE
    secret(username="bot")
    seen: list[list[str]] = []
    inner = subprocess.Popen.__init__

    def noting(self: Any, arguments: list[str], **options: Any) -> None:
        seen.append(arguments)
        inner(self, arguments, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", noting)
    source = Source(provider="git", target=web.url(), secret="FORGE")
    processing.preview(source)
    assert seen and VALUE not in repr(seen) and "Basic" not in repr(seen)


def test_a_secret_goes_to_its_host_only(web):
    secret(hosts="forge.lab")
    assert "is not bound to 127.0.0.1" in refusal(web.url(), secret="FORGE")
    assert not web.asked


def test_a_key_is_no_token(web, monkeypatch):
    monkeypatch.setenv("FORGE", "-----BEGIN\nKEY-----")
    secret()
    assert "has several lines" in refusal(web.url(), secret="FORGE")


def test_a_certificate_of_ones_own(work, tmp_path):
    cert, key = certificate(tmp_path)
    with serving(Web(work.bare.parent), (cert, key)) as web:
        said = refusal(web.url())
        assert "The certificate of 127.0.0.1 is not trusted" in said
        assert "into the source's certificates" in said
        source = adding.add_source(web.url(), ca=cert.read_text())
        assert processing.refresh(source).added == 1


def test_over_ssh(ssh, work, monkeypatch):
    monkeypatch.setenv("FORGE", ssh.key)
    secret()
    known = {"secret": "FORGE", "known_hosts": ssh.known_hosts}
    source = adding.add_source(ssh.url(work.bare), **known)
    assert processing.refresh(source).added == 1


def test_ssh_without_known_hosts_and_with_others(ssh, work, monkeypatch):
    monkeypatch.setenv("FORGE", ssh.key)
    secret()
    said = refusal(ssh.url(work.bare), secret="FORGE")
    assert "The host key of 127.0.0.1 is not known" in said and "ssh-keyscan" in said
    other = ssh.known_hosts[:-20] + "A" * 10 + ssh.known_hosts[-10:]
    said = refusal(ssh.url(work.bare), secret="FORGE", known_hosts=other)
    assert "host key" in said


def test_ssh_without_a_key_and_with_a_wrong_one(ssh, work, monkeypatch):
    url = ssh.url(work.bare)
    assert "does not take the ssh key" in refusal(url, known_hosts=ssh.known_hosts)
    monkeypatch.setenv("FORGE", "no key at all")
    secret()
    said = refusal(url, known_hosts=ssh.known_hosts, secret="FORGE")
    assert "does not take the ssh key" in said and "no key at all" not in said


def test_no_repository_there(web, ssh, work):
    assert "There is no repository at 127.0.0.1" in refusal(web.url("none.git"))
    assert "There is no repository at" in refusal(f"file://{work.bare}/y.git")


def test_a_redirect_is_not_followed(web):
    with serving(Web(web.root)) as other:
        web.redirect = f"http://127.0.0.1:{other.port}"
        assert "redirects to another address" in refusal(web.url())
        assert not other.asked


def test_nobody_there():
    assert "does not answer" in refusal("http://127.0.0.1:9/x.git")
    assert "is not known" in refusal("https://nowhere.invalid/x.git")


def test_a_server_that_never_answers_is_left(web, monkeypatch, settings):
    web.silent = True
    monkeypatch.setattr(
        command.run,
        "__kwdefaults__",
        {**(command.run.__kwdefaults__ or {}), "timeout": 1.0},
    )
    began = time.monotonic()
    assert "was too slow: git was stopped after 1 seconds" in refusal(web.url())
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("ext::sh -c touch% /tmp/x", "is no address"),
        ("git+ext::sh", "no repository"),
        ("--upload-pack=touch /tmp/x.git", "is no address"),
        ("https://u:p@forge.lab/x.git", "which everybody would read"),
        ("https://u@forge.lab/x.git", "which everybody would read"),
        ("ssh://-oProxyCommand=x/y.git", "no"),
        ("ssh://git:p@forge.lab/x.git", "which everybody would read"),
        ("http://169.254.169.254/latest.git", "never asks"),
        ("ssh://git@169.254.169.254/x", "never asks"),
        ("http://1.1.1.1/x.git", "use https"),
        ("git://1.1.1.1/x.git", "use https"),
        ("ftp://forge.lab/x.git", "Git is not asked by ftp"),
        ("ssh://forge.lab", "names no repository"),
        ("https://forge.lab:x/y.git", "is no URL"),
    ],
)
def test_addresses_that_git_is_never_given(target, words):
    assert words in refusal(target, provider="git")


@pytest.mark.parametrize(
    "branch", ["-x", "--upload-pack=x", "a..b", "a b", "a.lock", "/a", "a/", "@", "a~1"]
)
def test_names_that_are_no_branch(work, branch):
    assert "is no name of a branch" in refusal(str(work.bare), branch=branch)


@pytest.mark.parametrize(
    ("target", "is_one", "url"),
    [
        ("git@forge.lab:ops/catalog.git", True, "ssh://git@forge.lab/ops/catalog.git"),
        ("forge.lab:ops/catalog", True, "ssh://git@forge.lab/ops/catalog"),
        ("https://forge.lab/a/b.git", True, "https://forge.lab/a/b.git"),
        ("git+https://forge.lab/a/b", True, "https://forge.lab/a/b"),
        ("https://forge.lab/a/b", False, "https://forge.lab/a/b"),
        ("https://forge.lab/a/catalog-info.yaml", False, None),
        ("/srv/catalog", False, "/srv/catalog"),
        ("ssh://git@forge.lab:2222/a", True, "ssh://git@forge.lab:2222/a"),
    ],
)
def test_what_looks_like_a_repository(target, is_one, url):
    assert addresses.looks_like_git(target) is is_one
    if url:
        assert addresses.normal(target) == url


def test_two_at_once_take_turns(work, tmp_path):
    address = address_of(str(work.bare))

    def fetch(_: int) -> str:
        found = Repository(tmp_path / "together", address, Access()).fetch()
        return found

    with ThreadPoolExecutor(4) as pool:
        commits = set(pool.map(fetch, range(8)))
    assert len(commits) == 1


def test_an_end_takes_the_children_along(tmp_path):
    """What git started must not live on when its time is over."""
    mark = tmp_path / "mark"
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\n(sleep 2; touch {mark}) &\nsleep 60\n")
    fake.chmod(0o755)
    environ = {**command.settled(), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    address = address_of("/nowhere")
    monkey = pytest.MonkeyPatch()
    monkey.setattr(command, "program", lambda: str(fake))
    try:
        with pytest.raises(GitError):
            command.run(["x"], environ, address=address, timeout=0.5)
    finally:
        monkey.undo()
    time.sleep(2.5)
    assert not mark.exists() and threading.active_count() < 50
    assert sys.version_info >= (3, 11)
