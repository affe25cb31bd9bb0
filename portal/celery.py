"""The Celery app, and every periodic task on one page.

Every queue is lossy, so no task is the only record of work: due times live in the
database, a tick claims what is due, and a lost message costs one interval.
"""

from __future__ import annotations

import logging
import os
import warnings
from importlib import import_module
from threading import Event
from typing import Any

from celery import Celery, beat, bootsteps
from celery.exceptions import SecurityWarning
from click import Option

from portal import env as environment
from portal import messages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

logger = logging.getLogger(__name__)
# Celery fears root because of pickled messages; ours are JSON, and containers and
# homelabs do run as root.
warnings.filterwarnings("ignore", category=SecurityWarning)

SCHEDULE = {
    "look at the sources that are due": {
        "task": "catalog.sources.tasks.tick",
        "schedule": 10,
        "options": {"expires": 10},
    },
    # Not once a day: the schedule is not kept, and a machine may be off each night.
    "forget history that is too old": {
        "task": "catalog.entities.tasks.forget_old_revisions",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "remove copies of repositories that nobody reads": {
        "task": "catalog.sources.tasks.remove_unused_copies",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "sum up what the probes found": {
        "task": "catalog.probes.tasks.roll_up",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "compare what is declared with what was seen": {
        "task": "catalog.probes.tasks.compare_all",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "remove orphans whose time of grace is over": {
        "task": "catalog.sources.tasks.remove_old_orphans",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
}


def redis_queue(url: str) -> dict[str, Any]:
    """Redis: what a dead worker held comes back in about ten seconds past its time."""
    return {
        "broker_url": url,
        "broker_transport_options": {
            "visibility_timeout": 300,
            "unacked_restore_throttle": 1,
        },
    }


env = environment.current()
app = Celery("portal")
app.conf.update(
    messages.settings(env.queue) if env.queue else redis_queue(env.broker_url)
)
app.conf.update(
    task_ignore_result=True,
    result_backend=None,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=45,
    task_time_limit=60,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule=SCHEDULE,
    # The schedule above never changes while it runs, so nothing is kept in a file.
    beat_scheduler="celery.beat:Scheduler",
)
app.autodiscover_tasks()
app.user_options["worker"].add(
    Option(
        ["--with-scheduler"],
        is_flag=True,
        help="Also send the periodic tasks and watch folders; in one worker only.",
    )
)


def watch_folders() -> Event:
    """Read a saved file at once; without this, at the next regular look."""
    try:
        # Its models can only be imported once Django is ready, which it is by now.
        stop: Event = import_module("catalog.sources.watch").start()
    except Exception:
        logger.exception("Folders are not watched; they are read at intervals only.")
        return Event()
    return stop


def is_alone() -> bool:
    """Is this the only worker? The folder queue has one."""
    return bool(app.conf.broker_url.startswith(f"{messages.SCHEME}:"))


def start_probes(queues: list[str]) -> Any:
    """Begin to ask the services of these queues; None where that cannot be."""
    try:
        made = import_module("catalog.probes.engine").Engine(queues, alone=is_alone())
        return made.start()
    except Exception:
        logger.exception("This worker does not probe.")
        return None


def start_webhooks(queues: list[str]) -> Any:
    """Begin to tell the webhooks; only where the usual queue is served."""
    if app.conf.task_default_queue not in queues:
        return None
    try:
        return import_module("portal.webhooks.courier").Courier().start()
    except Exception:
        logger.exception("This worker tells no webhooks.")
        return None


def free_claims() -> None:
    """This is the only worker: a claim of before it started is held by nobody."""
    try:
        import_module("catalog.sources.claims").release_all()
    except Exception as error:
        # A claim also ends by itself, after a quarter of an hour.
        logger.warning("Claims of an earlier worker are not freed: %s", error)


class Threads(bootsteps.StartStopStep):
    """Threads of the worker, which stop with it however it ends.

    Celery's step hands a cold shutdown to an object that these do not have.
    """

    requires = ("celery.worker.components:Pool",)

    def terminate(self, parent: Any) -> None:
        self.stop(parent)


class Scheduler(Threads):
    """The scheduler and the folder watcher, in threads of the one embedded worker.

    Celery's own `-B` starts a second process for it: 30 MB for one message in ten
    seconds.
    """

    def __init__(
        self, parent: Any, with_scheduler: bool = False, **options: Any
    ) -> None:
        self.enabled = with_scheduler
        self.thread: Any = None
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        self.thread = beat.EmbeddedService(
            app, thread=True, scheduler_cls=beat.Scheduler
        )
        self.thread.start()
        if is_alone():
            free_claims()
        self.stop_watching = watch_folders()

    def stop(self, parent: Any) -> None:
        self.stop_watching.set()
        # Not the stop of the thread: it waits for the end of a nap of ten seconds.
        self.thread.service.stop()


class Probes(Threads):
    """The probes of the queues that this worker serves, in threads of it.

    Not tasks: what is due is claimed in the database, so no queue can lose it, and a
    server that hangs holds no thread of the pool.
    """

    def start(self, parent: Any) -> None:
        served = list(parent.app.amqp.queues.consume_from)
        usual = parent.app.conf.task_default_queue
        self.engine = start_probes(["" if q == usual else q for q in served])

    def stop(self, parent: Any) -> None:
        if self.engine is not None:
            self.engine.stop()


class Webhooks(Threads):
    """Those who are told what happens, in threads of the worker.

    Not tasks, for the same reason: a receiver that hangs holds no thread of the pool.
    """

    def start(self, parent: Any) -> None:
        self.courier = start_webhooks(list(parent.app.amqp.queues.consume_from))

    def stop(self, parent: Any) -> None:
        if self.courier is not None:
            self.courier.stop()


app.steps["worker"].add(Scheduler)
app.steps["worker"].add(Probes)
app.steps["worker"].add(Webhooks)
