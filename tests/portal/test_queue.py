"""A saved file shows by itself: watcher, queue and worker together, on both forms."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.env import PROJECT
from tests.appliances import Appliance
from tests.servers import wait_until

pytestmark = [pytest.mark.queue, pytest.mark.storage, pytest.mark.xdist_group("queue")]
DOCUMENT = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: queue-{number}
spec: {{type: service, owner: nobody, lifecycle: production}}
"""
REFS = (
    "from catalog.entities.models import Entity;"
    "print(*Entity.objects.values_list('ref', flat=True))"
)


def refs(appliance: Appliance) -> list[str]:
    """Every reference in the catalog of this installation."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", REFS],
        cwd=PROJECT,
        env=os.environ
        | {
            "GREENROOM_DATA": str(appliance.data),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_a_saved_file_reaches_the_catalog(appliance: Appliance, tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    (folder / "one.yaml").write_text(DOCUMENT.format(number=1), "utf-8")
    appliance.start_and_wait("--catalog", str(folder))
    assert "component:default/queue-1" in refs(appliance)

    wait_until(lambda: appliance.child("celery") > 0, "the start of the worker")
    time.sleep(2)
    (folder / "two.yaml").write_text(DOCUMENT.format(number=2), "utf-8")
    wait_until(lambda: "component:default/queue-2" in refs(appliance), "the new entity")
    assert "Traceback" not in appliance.said()
