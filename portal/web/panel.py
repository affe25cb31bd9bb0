"""Panel: one card of the entity page. A card is one file in `panels/` and its template.

class Links(Panel):
    name = "links"                       # also templates/panels/links.html
    place, order = ASIDE, 60

    def context(self) -> Context | None:
        ...                              # None: this entity has no such card
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from catalog.plugins import Registry
from portal.web.subject import Subject

MAIN, ASIDE = "main", "aside"
Context = dict[str, Any]


class Panel:
    """A card of the entity page. Subclasses are found by their `name`."""

    name: ClassVar[str] = ""
    place: ClassVar[str] = MAIN
    order: ClassVar[int] = 50
    kinds: ClassVar[tuple[str, ...]] = ()

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.entity = subject.entity
        self.spec = subject.entity.spec

    def context(self) -> Context | None:
        """What its template shows; None where this entity has no such card."""
        raise NotImplementedError


@dataclass(frozen=True)
class Card:
    """A panel that has something to show."""

    name: str
    template: str
    context: Context


PANELS: Registry[Panel] = Registry(Panel, folder="panels")


def cards(subject: Subject, place: str) -> list[Card]:
    """The cards of one column, in their order."""
    found = []
    for panel in sorted(PANELS.values(), key=lambda panel: (panel.order, panel.name)):
        fits = not panel.kinds or subject.entity.kind in panel.kinds
        if panel.place == place and fits:
            context = panel(subject).context()
            if context is not None:
                found.append(Card(panel.name, f"panels/{panel.name}.html", context))
    return found
