"""Copies of repositories that no source reads any more: they are taken away."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from django.conf import settings

from catalog.git.addresses import address_of
from catalog.git.errors import GitError
from catalog.git.repository import name_of
from catalog.sources.models import Source

# A preview makes a copy too, which may be wanted in a moment.
_SPARED = 24 * 3600


def remove_unused() -> int:
    """Remove the copies on this machine that nobody reads; how many."""
    wanted = set()
    for target in Source.objects.filter(provider="git").values_list(
        "target", flat=True
    ):
        try:
            wanted.add(name_of(address_of(target)))
        except GitError:
            continue
    removed = 0
    for path in Path(settings.GIT_FOLDER).glob("*.git"):
        if path.name not in wanted and path.stat().st_mtime < time.time() - _SPARED:
            shutil.rmtree(path, ignore_errors=True)
            path.with_suffix(".lock").unlink(missing_ok=True)
            removed += 1
    return removed
