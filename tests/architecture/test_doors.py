"""Every door stands in the one list, with a policy; nothing else stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from portal.doors import API_ROOT, DOORS, Policy
from portal.doors.door import DELETE, GET, POST
from tests.doors import Way, operations_of, ways

WAYS = ways()
BY_KEY = {way.key: way for way in WAYS}
LISTED = [way for way in WAYS if way.key in DOORS]
CHANGING = [way for way in LISTED if {POST, DELETE} & {*DOORS[way.key].methods}]


def test_there_is_something_to_look_at():
    assert len(WAYS) > 100
    assert {"home", "admin", "metrics", f"POST {API_ROOT}apply"} <= BY_KEY.keys()


def test_every_route_has_a_line_in_the_list():
    missing = [f"{way.key!r} ({way.route})" for way in WAYS if way.key not in DOORS]
    assert not missing, "Say in portal/doors/ who may open them."


def test_every_line_has_a_route():
    assert not DOORS.keys() - BY_KEY.keys(), "Take these out of portal/doors/."


def test_no_two_routes_share_a_line():
    shared = [key for key, number in Counter(w.key for w in WAYS).items() if number > 1]
    assert not shared, "Give each its own name."


def test_every_line_says_what_is_behind_the_door():
    for key, door in DOORS.items():
        assert door.why.endswith(".") and door.methods, key
        assert not door.secret or door.policy is Policy.ANYBODY, key


def test_every_operation_of_the_api_asks_who_comes():
    def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
        for one in resolver.url_patterns:
            yield from [one] if isinstance(one, URLPattern) else patterns(one)

    views = [pattern.callback for pattern in patterns(get_resolver())]
    found = [one for view in views for one in operations_of(view)]
    assert len(found) >= 12
    assert not [one.path for one in found if not one.auth_callbacks]


def shown_before(way: Way) -> Way | None:
    """The nearest page that takes GET, at this address or above it; never the first
    page, which is above everything."""
    above = [
        other
        for other in LISTED
        if GET in DOORS[other.key].methods
        and other.route
        and way.route.startswith(other.route)
        and (other.route == way.route or other.route.endswith("/"))
    ]
    return max(above, key=lambda other: len(other.route), default=None)


@pytest.mark.parametrize("way", CHANGING, ids=lambda way: way.key)
def test_what_changes_something_is_not_weaker_than_what_shows_it(way):
    page = shown_before(way)
    if page is not None:
        shown, changed = DOORS[page.key].policy, DOORS[way.key].policy
        assert changed.strictness >= shown.strictness, f"weaker than {page.key}"


def test_the_search_for_the_page_above_finds_it():
    def above(key: str) -> str:
        page = shown_before(BY_KEY[key])
        return page.key if page else ""

    assert above("source-read") == "source"
    assert above("entity-star") == "entity"
    assert above("token-revoke") == "tokens"
    one = f"{API_ROOT}entities/<kind>/<namespace>/<name>"
    assert above(f"DELETE {one}") == f"GET {one}"
    assert above("hook") == ""
