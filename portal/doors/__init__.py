"""Every door of the house in one list; tests/architecture/test_doors.py holds it whole.

Pages stand under the name of their route, operations of the API under method and route.
The middleware and the API ask this list; no page decides by itself who opens it.
"""

from __future__ import annotations

from portal.doors.door import UNLISTED, Door, Policy
from portal.doors.pages import PAGES
from portal.doors.programs import API_ROOT, PROGRAMS

__all__ = ["API_ROOT", "DOORS", "Door", "Policy", "of_operation", "of_page"]

DOORS = PAGES | PROGRAMS


def of_page(name: str) -> Door:
    """The door of a route of this name; of a whole namespace, where that is listed."""
    return DOORS.get(name) or DOORS.get(name.partition(":")[0]) or UNLISTED


def of_operation(method: str, route: str) -> Door:
    """The door of an operation of the API."""
    return DOORS.get(f"{method} {route}", UNLISTED)
