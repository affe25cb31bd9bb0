"""The command line of each role: web, worker, scheduler, demo. Imports no Django."""

from __future__ import annotations

import sys

from portal.env import Env

WORKER_THREADS = 4


def web(env: Env) -> list[str]:
    """One granian process with threads: synchronous pages are cheapest that way."""
    return [
        *(sys.executable, "-m", "granian", "portal.wsgi:application"),
        *("--interface", "wsgi", "--host", env.bind, "--port", str(env.port)),
        *("--workers", "1", "--blocking-threads", str(env.threads)),
        *("--backlog", "1024", "--no-ws", "--log-level", "error"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "3"),
    ]


def worker(
    env: Env, *, scheduler: bool = False, queues: str = "", threads: int = 0
) -> list[str]:
    """A worker for tasks; with `scheduler` it also sends the periodic ones."""
    return [
        *(sys.executable, "-m", "celery", "-q", "-A", "portal.celery", "worker"),
        *("--pool", "threads", "--concurrency", str(threads or WORKER_THREADS)),
        *("--loglevel", env.log_level if env.debug else "warning"),
        *("--without-gossip", "--without-mingle"),
        *(("--queues", queues) if queues else ()),
        *(("--with-scheduler",) if scheduler else ()),
    ]


def scheduler(env: Env) -> list[str]:
    """The one scheduler of an installation with several workers."""
    return [
        *(sys.executable, "-m", "celery", "-q", "-A", "portal.celery", "beat"),
        *("--loglevel", env.log_level if env.debug else "warning", "--pidfile="),
    ]


def demo() -> list[str]:
    """The stand-ins for the machines of the example."""
    return [sys.executable, "manage.py", "demo"]
