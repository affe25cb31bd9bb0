"""Viewer: somebody who looks, and the audiences that they belong to by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

PUBLIC, SIGNED_IN, RESTRICTED = "public", "signed-in", "restricted"
# The annotation with which a document says who may see it.
VISIBILITY = "greenroom/visibility"


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks: `ref` is the User entity behind the login, or empty.

    `closed` are the sources that are not for this viewer; None where that was not asked
    yet, and has to be looked up.
    """

    signed_in: bool = False
    ref: str = ""
    sees_all: bool = False
    principals: frozenset[str] = frozenset()
    closed: tuple[int, ...] | None = field(default=None, compare=False)

    @property
    def audiences(self) -> tuple[str, ...]:
        """The values of Entity.audience that this viewer sees without being named."""
        return (PUBLIC, SIGNED_IN) if self.signed_in else (PUBLIC,)

    def surely_sees(self, audience: str, source: int) -> bool:
        """Is what has this audience, from this source, for this viewer? Who is named
        one by one is not looked up."""
        if self.sees_all:
            return True
        is_open = self.closed is not None and source not in self.closed
        return is_open and audience in self.audiences


EVERYTHING = Viewer(signed_in=True, sees_all=True)
