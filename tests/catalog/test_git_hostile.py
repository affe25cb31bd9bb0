"""What a hostile address, a killed git or a damaged copy must not do."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from catalog.git import command
from catalog.git.addresses import Address, address_of
from catalog.git.command import Access
from catalog.git.errors import GitError
from catalog.git.repository import Repository
from tests.catalog.documents import document, text_of
from tests.catalog.repositories import Work

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
