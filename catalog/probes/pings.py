"""Pings of jobs: a heartbeat probe is told that its job ran, by an address of its own.

The token in the address is derived from the house's key, so that nothing is stored.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from django.utils.crypto import salted_hmac

from catalog.probes import claiming, clock, recording, words
from catalog.probes.models import Check, Probe
from catalog.probes.prober import Found
from catalog.probes.recording import Result

HEARTBEAT = "heartbeat"
_NOTE = 500


def token_of(probe: Probe) -> str:
    """What stands in the address that the job of this probe calls."""
    return salted_hmac("greenroom heartbeat", probe.uid.hex).hexdigest()[:32]


def hear(uid: str, token: str, *, failed: str = "") -> bool:
    """Take a ping, or the message of a job that failed. False where the address is not
    one of ours."""
    probe = Probe.objects.filter(uid=uid, prober=HEARTBEAT).first()
    if probe is None or not hmac.compare_digest(token_of(probe), token):
        return False
    now = clock.now()
    if probe.paused_at is None:
        checks = Check.objects.filter(probe=probe, level=words.ALIVE)
        recording.record(
            [
                Result(target, _found(target.memory, now, failed[:_NOTE]), now)
                for target in claiming.targets_of(checks)
            ]
        )
    return True


def _found(known: Mapping[str, Any], now: int, failed: str) -> Found:
    if failed:
        detail = f"The job says that it failed: {failed}"
        last = {"pinged_at": known.get("pinged_at"), "failed": failed}
        return Found(words.BAD, words.JOB_FAILED, detail[:500], memory=last, sure=True)
    return Found(words.OK, memory={"pinged_at": now, "failed": ""}, sure=True)
