"""A saved file reaches the catalog within two seconds, by a real watcher and worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from celery.app import app_or_default
from celery.contrib.testing.worker import start_worker
from django.db import connections

from catalog.entities.models import Entity
from catalog.sources import adding, processing, watch
from tests.catalog.documents import document, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.storage]


# The promise is two seconds; a machine that runs other tests gets one more.
PATIENCE = 3
# What goes on beside the tasks of a worker ends with it, also where it ends at once.
OURS = {"clerk", "probes", "messenger", "courier", "watch"}


def wait_for(true: Callable[[], bool], seconds: float = 8.0) -> float:
    """How long it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "it did not happen"
        time.sleep(0.05)
    return time.monotonic() - started


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker on the queue of these tests, without what others left in it."""
    app = app_or_default()
    app.control.purge()
    stop = watch.start()
    with start_worker(app, perform_ping_check=False, pool="solo", loglevel="error"):
        yield
        stop.set()
    time.sleep(0.2)
    connections.close_all()
    wait_for(lambda: not OURS & {thread.name for thread in threading.enumerate()})


def title(name: str) -> str:
    return "".join(Entity.objects.filter(name=name).values_list("title", flat=True))


@pytest.mark.usefixtures("worker")
def test_a_saved_file_shows_within_two_seconds(folder):
    root = folder({"a.yaml": text_of(document(title="One"))})
    processing.refresh(adding.add_source(str(root)))
    time.sleep(1.5)
    folder({"a.yaml": text_of(document(title="Two"))})
    assert wait_for(lambda: title("web") == "Two") < PATIENCE
    folder({"new/b.yaml": text_of(document(name="b", title="New"))})
    assert wait_for(lambda: title("b") == "New") < PATIENCE
