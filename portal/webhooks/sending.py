"""Posting to one receiver: many bodies at the same time, each in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.http.asking import Client
from catalog.http.exchange import Failed, Reply, Request

TIMEOUT = 10.0
_LONGEST = 300
GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of a try: a status where there was an answer, what was wrong, and how
    many milliseconds it took."""

    status: int | None
    error: str
    response: str
    took: float


def request_of(address: str, headers: dict[str, str], body: bytes) -> Request:
    """A signed body, for this address and no other."""
    return Request(
        address,
        method="POST",
        headers=headers,
        body=body,
        follows=False,
        timeout=TIMEOUT,
    )


def post_all(requests: Sequence[Request]) -> list[Outcome]:
    """Send all at the same time; the outcome of each, in order."""
    return asyncio.run(_post_all(requests))


async def _post_all(requests: Sequence[Request]) -> list[Outcome]:
    client = Client()
    try:
        return await asyncio.gather(*(_post(client, one) for one in requests))
    finally:
        await client.close()


async def _post(client: Client, request: Request) -> Outcome:
    try:
        reply = await client.ask(request)
    except Failed as failed:
        return Outcome(None, failed.message[:_LONGEST], "", failed.timings.total)
    said = reply.body[: 4 * _LONGEST].decode("utf-8", "replace")
    shown = "".join(one if one.isprintable() else " " for one in said)[:_LONGEST]
    return Outcome(reply.status, _error(reply), shown.strip(), reply.timings.total)


def _error(reply: Reply) -> str:
    if 200 <= reply.status < 300:
        return ""
    if reply.status == GONE:
        return "It answers 410 Gone: it wants to be told nothing more."
    if 300 <= reply.status < 400:
        return (
            f"It answers {reply.status} and leads elsewhere, which is not followed. "
            "Write the address that it leads to."
        )
    return f"It answers {reply.status}."
