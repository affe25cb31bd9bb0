"""Watching folders, so that a saved file shows at once.

One thread per worker that also schedules. It asks for a refresh: once when the watch
of a folder begins, because changes made while no worker ran were told to nobody, and
then at each change. The periodic look finds what a network disk does not tell.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from django.db import OperationalError, close_old_connections
from watchfiles import Change, DefaultFilter, watch

from catalog.sources.models import Source
from catalog.sources.provider import SourceError, provider_of
from catalog.sources.tasks import refresh_source

log = logging.getLogger(__name__)
_LOOK_MS = 1000
SAVED = "A file was saved."


def start() -> threading.Event:
    """Begin to watch in a thread; set the returned event to stop."""
    stop = threading.Event()
    threading.Thread(
        target=_watch_always, args=(stop,), name="watch", daemon=True
    ).start()
    return stop


def _watch_always(stop: threading.Event) -> None:
    watched: set[Path] = set()
    while not stop.is_set():
        try:
            watched = _watch_until_sources_change(stop, watched)
        except OperationalError as error:
            log.warning("Folders are not watched: %s; trying again in 5 s.", error)
            stop.wait(5)
        except Exception:
            log.exception("Watching folders failed; trying again in 5 s.")
            stop.wait(5)


def _watch_until_sources_change(stop: threading.Event, known: set[Path]) -> set[Path]:
    """Watch until there are other folders to watch; those that were watched."""
    folders = _folders()
    if not folders:
        stop.wait(_LOOK_MS / 1000)
        return set()
    unread = _sources(folders, folders.keys() - known)
    for changes in watch(
        *folders,
        watch_filter=DefaultFilter(),
        debounce=300,
        step=50,
        stop_event=stop,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        # The first turn comes when the watch has begun, changes or not.
        for source_id in _touched(changes, folders) | unread:
            reason = "" if source_id in unread else SAVED
            refresh_source.delay(source_id, reason)
        unread = set()
        if _folders() != folders:
            break
    return set(folders)


def _sources(folders: dict[Path, list[int]], some: set[Path]) -> set[int]:
    return {source_id for folder in some for source_id in folders[folder]}


def _folders() -> dict[Path, list[int]]:
    """Every watched folder with the sources that lie in it."""
    close_old_connections()
    folders: dict[Path, list[int]] = {}
    for source in Source.objects.filter(paused=False).order_by("pk"):
        try:
            paths = provider_of(source).watched()
        except (SourceError, OSError):
            continue
        for path in paths:
            folders.setdefault(path, []).append(source.pk)
    return folders


def _touched(
    changes: set[tuple[Change, str]], folders: dict[Path, list[int]]
) -> set[int]:
    return {
        source_id
        for _, changed in changes
        for folder, ids in folders.items()
        if Path(changed).is_relative_to(folder)
        for source_id in ids
    }
