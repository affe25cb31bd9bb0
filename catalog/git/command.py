"""Running git: its own environment, a time limit, secrets that show nowhere."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from catalog.git.addresses import SCHEMES, Address, judged
from catalog.git.errors import GitError, sentence

CLONE = 600.0
QUICK = 60.0
_MOST = 64 * 1024 * 1024
_COMPLAINT = 20_000
_SSH = (
    "ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o ForwardAgent=no "
    "-o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 "
    "-o PermitLocalCommand=no -o UpdateHostKeys=no"
)


@dataclass(frozen=True)
class Access:
    """How a repository is opened: a user name and a secret (a token, or for ssh a
    private key), the host keys that are known, the certificates that are trusted."""

    username: str = ""
    secret: str = field(default="", repr=False)
    known_hosts: str = ""
    ca: str = ""


def settled() -> dict[str, str]:
    """The environment of every git: nothing of the machine's, nothing that asks."""
    path = os.environ.get("PATH", os.defpath)
    config = {
        "protocol.allow": "never",
        **{f"protocol.{name}.allow": "always" for name in SCHEMES},
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "credential.helper": "",
        "http.followRedirects": "false",
        "http.lowSpeedLimit": "1",
        "http.lowSpeedTime": "60",
        "fetch.recurseSubmodules": "false",
        "fetch.fsckObjects": "true",
        # Packs can be counted, loose objects cannot.
        "fetch.unpackLimit": "1",
        "gc.auto": "0",
        "maintenance.auto": "false",
        "safe.directory": "*",
        "advice.detachedHead": "false",
    }
    return {
        "PATH": path,
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_OPTIONAL_LOCKS": "0",
        **_as_config(config),
    }


def _as_config(config: dict[str, str]) -> dict[str, str]:
    """Settings by the environment, which no other user of the machine can read."""
    made = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config.items()):
        made[f"GIT_CONFIG_KEY_{number}"] = key
        made[f"GIT_CONFIG_VALUE_{number}"] = value
    return made


@contextlib.contextmanager
def reaching(address: Address, access: Access) -> Iterator[dict[str, str]]:
    """The environment in which git reaches a repository. Raises GitError."""
    machine = judged(address)
    with tempfile.TemporaryDirectory(prefix="greenroom-git-") as name:
        folder, environ = Path(name), settled()
        config: dict[str, str] = {}
        if address.is_web:
            config |= _web(address, access, machine, folder)
        if address.scheme == "git":
            config |= _pinned(address, machine)
        if address.scheme == "ssh":
            environ["GIT_SSH_COMMAND"] = _ssh(address, access, machine, folder)
            environ["GIT_SSH_VARIANT"] = "ssh"
        count = int(environ["GIT_CONFIG_COUNT"])
        for number, (key, value) in enumerate(config.items(), start=count):
            environ[f"GIT_CONFIG_KEY_{number}"] = key
            environ[f"GIT_CONFIG_VALUE_{number}"] = value
        environ["GIT_CONFIG_COUNT"] = str(count + len(config))
        yield environ


def _web(
    address: Address, access: Access, machine: str, folder: Path
) -> dict[str, str]:
    shown = f"[{machine}]" if ":" in machine else machine
    config: dict[str, str] = {}
    if address.host.strip("[]") != machine:  # A number needs no looking up.
        resolved = f"{address.host}:{address.port}:{shown}"
        config["http.curloptResolve"] = resolved
    if access.secret:
        if not access.secret.isprintable():
            raise GitError(
                "The secret holds a line break, which cannot be sent.",
                "Over https a token is needed, not a key.",
            )
        pair = f"{access.username or 'git'}:{access.secret}".encode()
        header = f"Authorization: Basic {b64encode(pair).decode()}"
        config["http.extraHeader"] = header
    if access.ca:
        config["http.sslCAInfo"] = str(_kept(folder / "ca.pem", access.ca))
    return config


def _pinned(address: Address, machine: str) -> dict[str, str]:
    """Lead git's own protocol to the judged address, whatever the name says later."""
    shown = f"[{machine}]" if ":" in machine else machine
    start = address.url[: len("git://") + len(urlsplit(address.url).netloc)]
    return {f"url.git://{shown}:{address.port}.insteadOf": start}


def _ssh(address: Address, access: Access, machine: str, folder: Path) -> str:
    known = _kept(folder / "known_hosts", access.known_hosts)
    port = "" if address.port == 22 else f":{address.port}"
    options = [
        f"UserKnownHostsFile={known}",
        "GlobalKnownHostsFile=/dev/null",
        f"HostName={machine}",
        f"HostKeyAlias={f'[{address.host}]{port}' if port else address.host}",
    ]
    words = [part for option in options for part in ("-o", option)]
    if access.secret:
        key = _kept(folder / "key", access.secret.rstrip("\n") + "\n")
        words += ["-i", str(key)]
    else:
        words += ["-o", "PubkeyAuthentication=no"]
    # git hands this to a shell.
    return f"{_SSH} {shlex.join(words)}"


def _kept(path: Path, text: str) -> Path:
    """A file that only this user reads, gone when git is done."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(text if text.endswith("\n") else f"{text}\n")
    return path


def run(
    arguments: Sequence[str],
    environ: dict[str, str],
    *,
    address: Address,
    access: Access | None = None,
    branch: str = "",
    timeout: float = QUICK,
) -> bytes:
    """Run git to its end and give what it printed. Raises GitError."""
    where = address.host or address.url
    process = _started(arguments, environ)
    try:
        out, said = _collected(process, time.monotonic() + timeout)
    except TimeoutError as error:
        raise GitError(
            f"{where} was too slow: git was stopped after {timeout:.0f} seconds.",
            "Nothing was changed; it is tried again.",
        ) from error
    except OverflowError as error:
        raise GitError(f"{where} answers with more than 64 MB of names.") from error
    finally:
        _end(process)
    if process.returncode:
        raise sentence(
            said.decode("utf-8", "replace"),
            where=where,
            url=address.url,
            host=address.host,
            branch=branch,
            secrets=(access.secret,) if access else (),
        )
    return out


def _collected(process: subprocess.Popen[bytes], end: float) -> tuple[bytes, bytes]:
    """What it prints, and the last of what it complains, to its end. Raises
    TimeoutError, and OverflowError before too much is in memory."""
    found = {"out": bytearray(), "said": bytearray()}
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, "out")  # type: ignore[arg-type]
        selector.register(process.stderr, selectors.EVENT_READ, "said")  # type: ignore[arg-type]
        while selector.get_map():
            ready = selector.select(max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                part = os.read(key.fd, 65536)
                if not part:
                    selector.unregister(key.fileobj)
                found[key.data] += part
            del found["said"][:-_COMPLAINT]
            if len(found["out"]) > _MOST:
                raise OverflowError
    try:
        process.wait(max(0.1, end - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    return bytes(found["out"]), bytes(found["said"])


def _started(
    arguments: Sequence[str], environ: dict[str, str]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [program(), *arguments],
            env=environ,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror}.") from error


def program() -> str:
    """The path of git. Raises GitError where there is none."""
    found = shutil.which("git")
    if found is None:
        raise GitError("git is not installed on this machine.", "Install it.")
    return found


def _end(process: subprocess.Popen[bytes]) -> None:
    """Git starts helpers of its own: all of them go with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in filter(None, (process.stdout, process.stderr)):
        pipe.close()
