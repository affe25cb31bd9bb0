"""Pings of jobs: a heartbeat probe is told that its job ran, by an address of its own.

The token in the address is derived from the house's key, so that nothing is stored.
"""

from __future__ import annotations

import hmac
import json

from django.utils.crypto import salted_hmac

from catalog.probes import clock, recording, words
from catalog.probes.ask import Target
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
    checks = Check.objects.filter(probe=probe, level=words.ALIVE)
    check = checks.select_related("probe__identity").first()
    if check is not None and probe.paused_at is None:
        memory = {"pinged_at": now, "failed": failed[:_NOTE]}
        known = json.loads(check.memory)
        recording.record([Result(_target(check), _found(known, memory), now)])
    return True


def _found(known: dict[str, object], memory: dict[str, object]) -> Found:
    failed = str(memory["failed"])
    if failed:
        detail = f"The job says that it failed: {failed}"
        last = {"pinged_at": known.get("pinged_at"), "failed": failed}
        return Found(words.BAD, words.JOB_FAILED, detail[:500], memory=last, sure=True)
    return Found(words.OK, memory=memory, sure=True)


def _target(check: Check) -> Target:
    probe = check.probe
    return Target(
        check=check.pk,
        probe=probe.pk,
        identity=probe.identity_id,
        ref=probe.identity.ref,
        prober=probe.prober,
        url=probe.url,
        level=check.level,
        interval=check.interval,
        timeout=check.timeout,
        due=check.due,
    )
