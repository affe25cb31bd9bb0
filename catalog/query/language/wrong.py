"""A query that cannot be understood: where, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 3


class Wrong(Exception):
    """`message` says what is wrong at `text[start:end]`, `remedy` what to write.

    `instead` is the whole query as it was probably meant, or empty.
    """

    def __init__(
        self,
        message: str,
        start: int,
        end: int,
        remedy: str = "",
        instead: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy
        self.start, self.end = start, max(end, start + 1)
        self.text = ""
        self._instead = instead

    def within(self, text: str) -> Wrong:
        """The same, knowing its query."""
        self.text = text
        return self

    @property
    def carets(self) -> str:
        """The line under the query that points at the place."""
        return " " * self.start + "^" * (self.end - self.start)

    @property
    def instead(self) -> list[str]:
        """The query as it was probably meant, the likeliest first."""
        before, after = self.text[: self.start], self.text[self.end :]
        return [f"{before}{word}{after}" for word in self._instead]

    def __str__(self) -> str:
        lines = [self.text, self.carets, self.message]
        lines += [self.remedy] if self.remedy else []
        lines += [f"Did you mean: {self.instead[0]}"] if self._instead else []
        return "\n".join(lines)


def near(word: str, known: Iterable[str], cutoff: float = 0.7) -> list[str]:
    """The known words that this one is probably the beginning or a slip of, nearest
    first."""
    folded = {one.casefold(): one for one in known}
    wanted = word.casefold()
    # “prod” is nearer to “probed” than to “production”, and means the latter.
    begun = [one for one in folded if len(wanted) > 1 and one.startswith(wanted)]
    begun.sort(key=lambda one: (len(one), one))
    slips = get_close_matches(wanted, folded, n=_MOST, cutoff=cutoff)
    every = dict.fromkeys([*begun, *slips])
    return [folded[one] for one in every][:_MOST]
