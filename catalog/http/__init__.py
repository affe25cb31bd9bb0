"""The one way out: every outgoing request, its time and size limit, its allow-list."""

from __future__ import annotations

from catalog.http.addresses import (
    FetchError,
    Refused,
    TooLarge,
    Unreachable,
    WrongStatus,
    host_and_port,
    judged_address,
)
from catalog.http.fetching import MAX_BYTES, Answer, fetch

__all__ = [
    "MAX_BYTES",
    "Answer",
    "FetchError",
    "Refused",
    "TooLarge",
    "Unreachable",
    "WrongStatus",
    "fetch",
    "host_and_port",
    "judged_address",
]
