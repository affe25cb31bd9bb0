"""Names to judged addresses inside an event loop, each asked once for all who wait."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

from aiohttp.abc import AbstractResolver, ResolveResult

from catalog.http.addresses import judge

REMEMBER = 30.0
_RESOLVERS = 64


@dataclass(frozen=True)
class Known:
    """The judged addresses of a name, until a moment of the monotonic clock."""

    until: float
    addresses: list[str]
    is_outside: bool


class Resolver(AbstractResolver):
    """Names to judged addresses, remembered for half a minute.

    A name server that does not answer holds one thread of its own pool for each name,
    however many ask.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="names")
        self._asked: dict[tuple[str, int], asyncio.Future[Known]] = {}
        self._known: dict[tuple[str, int], Known] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of a host. Raises OSError."""
        found = (await self.known(host, port)).addresses
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def is_outside(self, host: str, port: int) -> bool:
        """Is any address of a host on the public internet?"""
        return (await self.known(host, port)).is_outside

    async def known(self, host: str, port: int) -> Known:
        """Every address of a host, each of which may be asked."""
        key = (host, port)
        known = self._known.get(key)
        if known and known.until > time.monotonic():
            return known
        asked = self._asked.get(key)
        if asked is None:
            asked = asyncio.get_running_loop().run_in_executor(
                self._pool, _addresses, host, port
            )
            self._asked[key] = asked
            asked.add_done_callback(lambda done: self._remember(key, done))
        # Who gives up does not take the answer from the others.
        return await asyncio.shield(asked)

    def _remember(self, key: tuple[str, int], done: asyncio.Future[Known]) -> None:
        self._asked.pop(key, None)
        if not done.cancelled() and done.exception() is None:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[key] = done.result()

    async def close(self) -> None:
        """Wait for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> Known:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    # Whether plain http may go there is judged where the scheme is known.
    outside = [judge(host, address, secure=True) for address in addresses]
    return Known(time.monotonic() + REMEMBER, addresses, any(outside))


@lru_cache(maxsize=4096)
def is_address(host: str) -> bool:
    """Is it an address that nobody has to resolve?"""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def judge_literal(host: str, *, is_plain: bool) -> None:
    """Judge an address that is written out. Raises Refused."""
    judge(host, host, secure=not is_plain)
