"""Files of documents that commands are given: `-f FILE`, `-` for the input."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.management.base import CommandError


def add_files(parser: ArgumentParser) -> None:
    """The option that names files."""
    parser.add_argument(
        "-f",
        "--file",
        action="append",
        required=True,
        metavar="FILE",
        help="a file with documents, or - for the input; may be given again",
    )


def read_files(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(name, text) of each. Raises CommandError for one that cannot be read."""
    for name in names:
        try:
            raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            yield ("(input)" if name == "-" else name), raw.decode("utf-8-sig")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CommandError(f"{name}: {reason}.", returncode=2) from error
        except UnicodeDecodeError as error:
            said = f"{name} is not UTF-8: byte {error.start} cannot be read."
            raise CommandError(said, returncode=2) from error
