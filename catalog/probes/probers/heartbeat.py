"""Heartbeat: a job that tells when it has run; silence is the alarm.

Nothing is asked. The address that the job calls writes into the memory of this check:
`pinged_at` (milliseconds since 1970), and `failed` with the job's own words.
"""

from __future__ import annotations

from pydantic import Field

from catalog.probes import clock, words
from catalog.probes.prober import Found, Prober
from catalog.probes.settings import ProbeSettings
from catalog.probes.words import ALIVE

_MOST = 400 * 24 * 3600


class HeartbeatSettings(ProbeSettings):
    """How often the job tells that it has run."""

    period: int = Field(
        24 * 3600,
        ge=10,
        le=_MOST,
        description="Seconds between two pings of the job.",
        examples=[3600],
    )
    grace: int = Field(
        3600,
        ge=0,
        le=_MOST,
        description="Seconds that a ping may be late before that is an outage.",
        examples=[600],
    )


class Heartbeat(Prober):
    """A job that calls an address whenever it has run."""

    name = "heartbeat"
    title = "Heartbeat"
    aliases = ("dead-man", "ping")
    summary = "Whether a job has called its address in time. Nothing is asked."
    levels = {ALIVE: 30}
    Settings = HeartbeatSettings
    schemes = ()
    asks = False
    example = {"title": "Nightly backup", "period": 86400, "grace": 3600}

    async def alive(self) -> Found:
        """The last ping: when, and what it said."""
        memory, settings = self.ask.memory, self.settings
        failed, pinged = memory.get("failed"), memory.get("pinged_at")
        if failed:
            found = Found(
                words.BAD,
                words.JOB_FAILED,
                f"The job says that it failed: {failed}"[:500],
            )
            found.sure = True
            return found
        if not isinstance(pinged, int | float):
            return Found(
                words.UNCHECKED, "", "No ping yet: have the job call its address."
            )
        period, grace = getattr(settings, "period", 0), getattr(settings, "grace", 0)
        silent = (clock.now() - pinged) / 1000
        ago = clock.lasting(max(0, silent) * 1000)
        due, late = clock.lasting(period * 1000), clock.lasting(grace * 1000)
        said = f"The last ping came {ago} ago; one is due every {due}, and may be "
        said += f"{late} late."
        if silent > period + grace:
            return Found(words.BAD, words.NOT_PINGED, said, sure=True, measured=False)
        return Found(detail=said, measured=False)
