"""TCP: does somebody accept connections?"""

from __future__ import annotations

from catalog.probes.prober import Found, Prober
from catalog.probes.words import ALIVE


class Tcp(Prober):
    """A port that accepts connections."""

    name = "tcp"
    title = "TCP port"
    summary = "A connection is made, and closed again."
    levels = {ALIVE: 30}
    timeouts = {ALIVE: 5}
    schemes = ("tcp",)
    example = {"url": "tcp://db-01.lan:5432"}

    async def alive(self) -> Found:
        """Connect and hang up."""
        line = await self.ask.connect()
        line.close()
        return Found(latency=line.timings.total)
