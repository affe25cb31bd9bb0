"""Debian's prometheus-blackbox-exporter, asked for probes at a steady pace.

It is asked as Prometheus asks it: one scrape for one target, over connections that stay
open. What the asking costs is ours and is not counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests import servers

_CONNECTIONS = 8
_SETTINGS = """\
modules:
  http_2xx:
    prober: http
    timeout: 10s
    http:
      preferred_ip_protocol: ip4
"""


@contextlib.contextmanager
def started(folder: Path) -> Iterator[tuple[int, int]]:
    """The exporter on a free port: its pid and the port."""
    binary = shutil.which("prometheus-blackbox-exporter")
    if binary is None:
        raise servers.MissingServer(
            "no blackbox exporter: apt install prometheus-blackbox-exporter"
        )
    settings, port = folder / "blackbox.yml", servers.free_port()
    settings.write_text(_SETTINGS, "utf-8")
    process = subprocess.Popen(
        [
            binary,
            f"--config.file={settings}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        servers.wait_until(lambda: servers.answers(port), "the start of blackbox")
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(10)


async def drive(
    port: int, targets: list[str], per_second: float, seconds: float
) -> int:
    """Scrape targets at a pace for a time. Returns how many were found well."""
    total = int(per_second * seconds)
    loop = asyncio.get_running_loop()
    began = loop.time()
    numbers = iter(range(total))

    async def one() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        well = 0
        for number in numbers:
            await asyncio.sleep(began + number / per_second - loop.time())
            target = targets[number % len(targets)]
            writer.write(
                f"GET /probe?module=http_2xx&target={target} HTTP/1.1\r\n"
                "Host: blackbox\r\n\r\n".encode()
            )
            well += b"\nprobe_success 1" in await _answer(reader)
        writer.close()
        return well

    return sum(await asyncio.gather(*(one() for _ in range(_CONNECTIONS))))


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"content-length:" in head:
        length = int(head.partition(b"content-length:")[2].split(b"\r", 1)[0])
        return await reader.readexactly(length)
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body
