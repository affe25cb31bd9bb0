"""Files of documents that commands are given: `-f FILE`, `-` for the input."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import CommandError


def add_files(parser: ArgumentParser) -> None:
    """The option that names files."""
    parser.add_argument(
        "-f",
        "--file",
        action="extend",
        nargs="+",
        required=True,
        metavar="FILE",
        help="files with documents, or - for the input; may be given again",
    )


@dataclass
class Joined:
    """Several files as one text, which knows what each of its lines is of."""

    names: list[str]
    text: str
    starts: list[int]

    @classmethod
    def of(cls, files: Iterable[tuple[str, str]]) -> Joined:
        """One document after the other, with --- between files."""
        read = list(files)
        parts = [text if text.endswith("\n") else f"{text}\n" for _, text in read]
        lengths = [part.count("\n") + 1 for part in parts]
        starts = [sum(lengths[:number]) for number in range(len(parts))]
        return cls([name for name, _ in read], "---\n".join(parts), starts)

    def place(self, line: int | None, column: int | None) -> str:
        """`file:line:column` of a line of the whole, as far as it is known."""
        if line is None:
            return ", ".join(self.names)
        number = max(0, bisect_left(self.starts, line) - 1)
        parts = (self.names[number], line - self.starts[number], column)
        return ":".join(str(part) for part in parts if part)


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
            said = f"{name} is not UTF-8: byte {error.start} cannot be read. "
            said += "Save it as UTF-8."
            raise CommandError(said, returncode=2) from error
