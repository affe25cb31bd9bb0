"""Real repositories and real servers of them, for the tests of git."""

from __future__ import annotations

import base64
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.catalog.documents import Files, write_files
from tests.servers import answers, free_port, wait_until

_ENVIRON = {
    **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@lab.example",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@lab.example",
}


def git(folder: Path, *words: str) -> str:
    """Run git as a developer would."""
    done = subprocess.run(
        ["git", "-C", str(folder), *words],
        env=_ENVIRON,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


class Work:
    """A developer's checkout that pushes to a bare repository beside it."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "catalog.git"
        self.tree = folder / "tree"
        folder.mkdir(exist_ok=True)
        git(folder, "init", "-q", "--bare", "-b", "main", str(self.bare))
        git(folder, "init", "-q", "-b", "main", str(self.tree))
        git(self.tree, "remote", "add", "origin", str(self.bare))
        # What `git http-backend` needs to serve it.
        git(self.bare, "config", "http.receivepack", "true")
        git(self.bare, "config", "receive.denyDeleteCurrent", "ignore")

    def push(self, files: Files, branch: str = "main") -> str:
        """Commit these files and push them; the commit."""
        if git(self.tree, "branch", "--list", branch):
            git(self.tree, "checkout", "-q", branch)
        elif branch != "main":
            git(self.tree, "checkout", "-q", "-b", branch)
        write_files(self.tree, files)
        return self.commit(branch)

    def commit(self, branch: str = "main") -> str:
        """Commit what the checkout holds, and push it."""
        git(self.tree, "add", "-A")
        git(self.tree, "commit", "-q", "--allow-empty", "-m", "A change")
        git(self.tree, "push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}")
        return git(self.tree, "rev-parse", "HEAD")


@dataclass
class Web:
    """A forge: `git http-backend` behind a web server, with or without a password."""

    root: Path
    user: str = ""
    password: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    redirect: str = ""
    silent: bool = False
    port: int = 0
    scheme: str = "http"

    def url(self, name: str = "catalog.git", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}/{name}"


class Handler(BaseHTTPRequestHandler):
    """Answers as the forge of its server does."""

    @property
    def web(self) -> Web:
        web: Web = self.server.web  # type: ignore[attr-defined]
        return web

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.answer(self.rfile.read(length))

    def answer(self, body: bytes) -> None:
        web, given = self.web, self.headers.get("Authorization", "")
        web.asked.append((self.path, given))
        wanted = base64.b64encode(f"{web.user}:{web.password}".encode()).decode()
        if web.silent:
            threading.Event().wait(30)
        elif web.redirect:
            self.say(302, {"Location": web.redirect + self.path})
        elif web.password and given != f"Basic {wanted}":
            self.say(401, {"WWW-Authenticate": 'Basic realm="forge"'})
        else:
            self.backend(body)

    def say(self, status: int, headers: dict[str, str], content: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def backend(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        environ = {
            **_ENVIRON,
            "GIT_PROJECT_ROOT": str(self.web.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_USER": self.web.user,
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=environ, capture_output=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().splitlines()]
        known = dict(lines)
        status = int(known.pop("Status", "200").split()[0])
        self.say(status, known, content)

    def log_message(self, *args: object) -> None:
        """Be quiet."""


@contextmanager
def serving(
    web: Web,
    certificate: tuple[Path, Path] | None = None,
    address: str = "127.0.0.1",
) -> Iterator[Web]:
    """Serve it, over TLS where there is a certificate (and its key)."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = type("Server", (ThreadingHTTPServer,), {"address_family": family})
    server = kind((address, 0), Handler)
    server.web = web
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        web.scheme = "https"
    web.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield web
    finally:
        server.shutdown()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine that nobody trusts, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext"]
    subject += ["subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run(
        [*command, *subject, "-out", str(cert), "-keyout", str(key)],
        check=True,
        capture_output=True,
    )
    return cert, key


@dataclass
class Ssh:
    """A real sshd of this user on a port of its own."""

    port: int
    key: str
    known_hosts: str

    def url(self, path: Path) -> str:
        user = pwd.getpwuid(os.geteuid()).pw_name
        return f"ssh://{user}@127.0.0.1:{self.port}{path}"


@contextmanager
def sshd(folder: Path) -> Iterator[Ssh]:
    """Start it. Missing, it is named; in CI that is a failure."""
    binary = shutil.which("sshd") or "/usr/sbin/sshd"
    if not Path(binary).exists():
        missing = "no sshd: apt install openssh-server"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f"]
        subprocess.run([*command, str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    port = free_port()
    options = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "PasswordAuthentication": "no",
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
    }
    lines = "".join(f"{name} {value}\n" for name, value in options.items())
    (folder / "config").write_text(lines)
    process = subprocess.Popen(
        [binary, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: answers(port), "the start of sshd")
        host = (folder / "host.pub").read_text().split()
        known = f"[127.0.0.1]:{port} {host[0]} {host[1]}\n"
        yield Ssh(port, (folder / "user").read_text(), known)
    finally:
        process.terminate()
        process.wait()
