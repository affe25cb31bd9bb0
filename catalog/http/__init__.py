"""The one way out: every outgoing request, its time and size limit, its allow-list."""

from __future__ import annotations

from catalog.http.addresses import (
    FetchError,
    Refused,
    Unreachable,
    host_and_port,
    judged_address,
)
from catalog.http.fetching import MAX_BYTES, Answer, fetch

__all__ = [
    "MAX_BYTES",
    "Answer",
    "FetchError",
    "Refused",
    "Unreachable",
    "fetch",
    "host_and_port",
    "judged_address",
]
