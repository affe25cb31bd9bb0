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


EVERYTHING = Viewer(signed_in=True, sees_all=True)
