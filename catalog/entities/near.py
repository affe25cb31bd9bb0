"""Near names: which declared reference did somebody mean by one that leads nowhere?

Names are compared with those that share their rarest groups of three letters, so that
one question costs about a millisecond, however large the catalog is.
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable

# So alike must two names be, from 0 to 1, for one to be a slip of the other.
CUTOFF = 0.7
# How many names are counted, and how many of them are compared letter by letter.
_COUNTED, _COMPARED = 3000, 20


class References:
    """References that exist. Give only those that the reader may know of."""

    def __init__(self, known: Iterable[str], questions: int = 500) -> None:
        self._known = frozenset(known)
        self._left = questions
        self._answers: dict[str, str] = {}
        self._same_name: dict[str, list[str]] = {}
        self._groups: dict[str, dict[str, list[str]]] = {}

    def __contains__(self, ref: object) -> bool:
        return ref in self._known

    def hint(self, missing: str) -> str:
        """`Did you mean 'group:default/lab'?`, what has the same name, or nothing.

        `missing` is a whole reference in lower case. After so many different questions
        as were agreed, only names that are equal are found.
        """
        if missing not in self._answers:
            self._answers[missing] = " ".join(self._sentences(missing))
        return self._answers[missing]

    def _sentences(self, missing: str) -> Iterable[str]:
        kind = missing.partition(":")[0]
        alike = self._of_name(_name(missing))
        for ref in alike:
            if ref.startswith(f"{kind}:"):
                yield f"Did you mean {ref!r}?"
                return
        near = self._nearest(missing, kind)
        if near:
            yield f"Did you mean {near!r}?"
        if alike:
            yield f"There is {alike[0]!r} of that name."

    def _of_name(self, name: str) -> list[str]:
        """All references of this name, in order."""
        if not self._same_name and self._known:
            for ref in sorted(self._known):
                self._same_name.setdefault(_name(ref), []).append(ref)
        return self._same_name.get(name, [])

    def _nearest(self, missing: str, kind: str) -> str:
        """The most similar reference of the kind, or nothing."""
        if self._left <= 0:
            return ""
        self._left -= 1
        scored = []
        matcher = difflib.SequenceMatcher(None, b=_name(missing))
        home = _namespace(missing)
        for ref in self._candidates(missing, kind):
            matcher.set_seq1(_name(ref))
            if matcher.real_quick_ratio() >= CUTOFF and matcher.quick_ratio() >= CUTOFF:
                scored.append((-matcher.ratio(), _namespace(ref) != home, ref))
        best = min(scored, default=(0.0, False, ""))
        return best[2] if -best[0] >= CUTOFF else ""

    def _candidates(self, missing: str, kind: str) -> Iterable[str]:
        """The references of the kind that share most groups of letters."""
        groups = self._groups_of(kind)
        found = [groups[three] for three in _threes(_name(missing)) if three in groups]
        shared: Counter[str] = Counter()
        counted = 0
        for refs in sorted(found, key=len):
            # What nearly all names have tells nothing and would cost most.
            if counted and counted + len(refs) > _COUNTED:
                break
            shared.update(refs[:_COUNTED])
            counted += len(refs)
        return [ref for ref, _ in shared.most_common(_COMPARED)]

    def _groups_of(self, kind: str) -> dict[str, list[str]]:
        if kind not in self._groups:
            groups: dict[str, list[str]] = defaultdict(list)
            for ref in sorted(self._known):
                if ref.startswith(f"{kind}:"):
                    for three in _threes(_name(ref)):
                        groups[three].append(ref)
            self._groups[kind] = dict(groups)
        return self._groups[kind]


def _name(ref: str) -> str:
    return ref.partition("/")[2]


def _namespace(ref: str) -> str:
    return ref.partition(":")[2].partition("/")[0]


def _threes(name: str) -> set[str]:
    """Every three letters in a row; the ends count as letters."""
    padded = f"^{name}$"
    return {padded[at : at + 3] for at in range(len(padded) - 2)}
