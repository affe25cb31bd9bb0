"""What a hostile address, a killed git or a damaged copy must not do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from catalog.entities.models import Entity
from catalog.git import command
from catalog.git.addresses import Address, address_of
from catalog.git.command import Access
from catalog.git.errors import GitError
from catalog.git.repository import Repository
from catalog.sources import adding, processing
from catalog.sources.models import SourceFile
from tests.catalog.documents import document, text_of
from tests.catalog.repositories import Web, Work, serving
from tests.servers import answers, free_port, wait_until

ONE = text_of(document(name="one"))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    work = Work(tmp_path / "forge")
    work.push({f"{n}.yaml": text_of(document(name=n)) for n in ("a", "b", "c", "d")})
    return work


def copy_of(work: Work, tmp_path: Path) -> Repository:
    return Repository(tmp_path / "copies", address_of(str(work.bare)), Access())


@pytest.mark.parametrize(
    "target",
    [
        "ssh://git@x;id>pwned;.lab/x.git",
        "ssh://git@$(id).lab/x.git",
        "ssh://git@`id`.lab/x.git",
        "ssh://git@x|id/x.git",
        "ssh://git@x&id/x.git",
        "ssh://git@x'y/x.git",
        'ssh://git@x"y/x.git',
        "ssh://git@-oProxyCommand=id/x.git",
        "https://x;id/x.git",
        "ssh://git@ünï.lab/x.git",
    ],
)
def test_a_host_with_other_signs_is_none(target):
    with pytest.raises(GitError) as caught:
        address_of(target)
    assert "is no host" in caught.value.message or "is no URL" in caught.value.message


def test_even_such_a_host_reaches_no_shell(tmp_path, monkeypatch):
    """The second lock: what is given to the shell is quoted, whatever it is."""
    monkeypatch.setattr(command, "judged", lambda address: "127.0.0.1")
    mark = tmp_path / "pwned"
    address = Address("ssh://git@x/y", "ssh", f"x;touch {mark};$(touch {mark})", 22)
    with command.reaching(address, Access(known_hosts="")) as environ:
        said = environ["GIT_SSH_COMMAND"].replace("ssh -F", "true -F", 1)
        subprocess.run(["sh", "-c", said], check=True, env=environ)
    assert not mark.exists()


def test_names_and_addresses_are_hosts():
    for host in ("forge", "forge.lab", "my_forge.lab.", "10.0.0.7"):
        assert address_of(f"ssh://git@{host}/a/b.git").host == host
    assert address_of("git@[::1]:a/b.git").host == "::1"
    assert address_of("ssh://git@[fd00::7]:2222/a.git").port == 2222
    assert socket.has_ipv6


def all_read(repository: Repository, commit: str) -> dict[str, bytes]:
    try:
        found = repository.entries(commit)
        return {blob.path: repository.read(blob) for blob in found}
    finally:
        repository.close()


def test_what_a_killed_git_left_does_not_block(work, tmp_path):
    repository = copy_of(work, tmp_path)
    repository.fetch()
    for name in ("shallow.lock", "refs/greenroom/x.lock", "objects/pack/tmp_pack_x"):
        left = repository.path / name
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_text("")
    commit = work.push({"e.yaml": ONE})
    assert repository.fetch() == commit
    assert len(all_read(repository, commit)) == 5


def damage(repository: Repository) -> None:
    """Zeros in the middle of every pack and loose object."""
    for path in repository.path.glob("objects/**/*"):
        if path.is_file() and not path.name.endswith((".idx", ".rev")):
            path.chmod(0o600)
            raw = bytearray(path.read_bytes())
            middle = len(raw) // 2
            raw[middle : middle + 60] = bytes(min(60, len(raw) - middle))
            path.write_bytes(bytes(raw))


def test_what_is_damaged_is_never_taken_for_empty(work, tmp_path):
    text = "# " + "x".join(str(n * 7919) for n in range(900))
    commit = work.push({f"{n}.yaml": f"{ONE}{text}{n}" for n in range(5)})
    good = all_read(copy_of(work, tmp_path), copy_of(work, tmp_path).fetch())
    repository = copy_of(work, tmp_path)
    damage(repository)
    wrong = 0
    for _ in range(12):
        try:
            found = all_read(repository, repository.fetch())
        except GitError:
            wrong += 1
            continue
        assert found == good
        break
    else:
        pytest.fail("the copy was never made anew")
    assert repository.fetch() == commit and wrong <= 6


@pytest.mark.django_db
def test_a_damaged_copy_takes_no_entity_away(work, tmp_path, settings):
    settings.GIT_FOLDER = tmp_path / "copies"
    source = adding.add_source(str(work.bare))
    assert processing.refresh(source).added == 4
    SourceFile.objects.update(digest="")
    damage(copy_of(work, tmp_path))
    for _ in range(6):
        processing.refresh(source)
        SourceFile.objects.update(digest="")
        assert Entity.objects.filter(orphan_since=None).count() == 4
    assert not processing.refresh(source).refused


def test_a_copy_of_many_fetches_is_made_anew(work, tmp_path, monkeypatch):
    monkeypatch.setattr("catalog.git.repository._PACKS", 5)
    repository = copy_of(work, tmp_path)
    for number in range(12):
        repository.fetch()
        work.push({"big.bin": bytes([number]) * 1000})
        packs = list((repository.path / "objects/pack").glob("*.pack"))
        assert len(packs) <= 7
        loose = [p for p in repository.path.glob("objects/??/*") if p.is_file()]
        assert not loose


def test_a_near_branch_is_named(work, tmp_path):
    work.push({"a.yaml": ONE}, "release/prod")
    with pytest.raises(GitError) as caught:
        copy_of(work, tmp_path).fetch("release/prd")
    assert "Did you mean 'release/prod'?" in caught.value.remedy


@pytest.mark.parametrize("name", ["team-403", "tlstools", "redirector", "not-found"])
def test_the_name_of_a_repository_says_nothing(tmp_path, name):
    """A repository that is not there is told as such, whatever it is called."""
    with serving(Web(tmp_path)) as web:
        for target in (web.url(f"{name}.git"), f"file://{tmp_path}/{name}.git"):
            with pytest.raises(GitError) as caught:
                Repository(tmp_path / "c", address_of(target), Access()).look()
            assert "There is no repository at" in caught.value.message


def test_a_repository_at_a_number_of_ipv6(work, tmp_path):
    with serving(Web(work.bare.parent), address="::1") as web:
        address = address_of(f"http://[::1]:{web.port}/catalog.git")
        assert Repository(tmp_path / "c", address, Access()).look()


def test_too_much_is_refused_before_it_is_in_memory(tmp_path, monkeypatch):
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\nexec yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n")
    fake.chmod(0o755)
    monkeypatch.setattr(command, "program", lambda: str(fake))
    monkeypatch.setattr(command, "_MOST", 1_000_000)
    with pytest.raises(GitError) as caught:
        command.run(["x"], command.settled(), address=address_of("/x"), timeout=20)
    assert "answers with more than" in caught.value.message


def test_gits_own_protocol_goes_to_the_judged_address(work, tmp_path, monkeypatch):
    """The name is looked up once; git itself could not even resolve it."""
    monkeypatch.setattr("catalog.git.command.judged", lambda address: "127.0.0.1")
    port = free_port()
    words = ["git", "daemon", "--reuseaddr", f"--port={port}", "--export-all"]
    words += ["--listen=127.0.0.1", f"--base-path={work.bare.parent}"]
    daemon = subprocess.Popen(
        words,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: answers(port), "the start of git daemon")
        address = address_of(f"git://no-such-name.invalid:{port}/catalog.git")
        assert Repository(tmp_path / "c", address, Access()).fetch()
    finally:
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()
