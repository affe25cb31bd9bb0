"""Stand-ins: what is asked in place of the machines of an example, which do not exist.

The demo runs a small server for each probe of an example (portal.demo). Where that is
follows from what is declared, so that those who ask and those who answer need not
agree on anything. Without the demo the probes of an example rest.
"""

from __future__ import annotations

import zlib
from urllib.parse import urlsplit

from django.conf import settings

HOST = "127.0.0.1"
FIRST, PORTS = 18100, 800
# The types of probes that the demo has a server for.
KNOWN = frozenset({"http", "infinity", "litellm", "tei", "vllm", "whisper"})
# Among the settings of a probe; no declaration may have it.
OPTION = "stand_in"
WHO = "the example"
WHY = "Its machines do not exist. `make run DEMO=1` starts small stand-ins for them."


def port(prober: str, url: str) -> int:
    """Where the stand-in of a probe listens, on this machine only."""
    return FIRST + zlib.crc32(f"{prober} {url}".encode()) % PORTS


def address(prober: str, url: str) -> str:
    """The address of the stand-in of a probe, with the path of what is declared."""
    return f"http://{HOST}:{port(prober, url)}{urlsplit(url).path}"


def of(prober: str, url: str, *, is_example: bool) -> str:
    """The address that is asked in place of the declared one; empty where that itself
    is asked."""
    has_one = is_example and settings.GREENROOM_DEMO and prober in KNOWN
    return address(prober, url) if has_one else ""
