"""The doors of programs: the API by method and route; hooks, pings, badges, metrics."""

from __future__ import annotations

from portal.doors.door import BUTTON, DELETE, FORM, GET, PAGE, POST, Door, Policy

API_ROOT = "api/v1/"
ENTITY = "entities/<kind>/<namespace>/<name>"


def _reads(why: str) -> Door:
    return Door(Policy.SIGNED_IN, (GET,), why)


# Whoever is signed in brings a session or a token. What is no GET needs a token that
# writes (or a session with its CSRF token), beside the role.
API = {
    "GET entities": _reads("A query."),
    "GET facets": _reads("Counts of values."),
    "GET explain": _reads("Why an entity is in an answer."),
    "GET complete": _reads("What may be typed in a query."),
    "GET findings": _reads("What is not as it should be."),
    f"GET {ENTITY}": _reads("One entity."),
    f"GET {ENTITY}/yaml": _reads("Its document."),
    f"GET {ENTITY}/relations": _reads("Its relations."),
    f"GET {ENTITY}/revisions": _reads("Its changes."),
    f"GET {ENTITY}/probes": _reads("Its probes."),
    f"DELETE {ENTITY}": Door(
        Policy.EDITOR, (DELETE,), "Taking away what was made here."
    ),
    "POST apply": Door(Policy.EDITOR, (POST,), "Applying documents."),
}
OTHERS = {
    "api:openapi-json": Door(
        Policy.ANYBODY,
        PAGE,
        "What the API can do; nothing of the catalog.",
    ),
    "api:api-root": Door(Policy.ANYBODY, FORM, "Nothing: always missing."),
    "badge": Door(Policy.BADGE, PAGE, "The state of one entity as a small picture."),
    "metrics": Door(
        Policy.ANYBODY,
        PAGE,
        "All numbers for the token, else those of whoever is signed in.",
        secret="the token of /settings/metrics/",
    ),
    "hook": Door(
        Policy.ANYBODY,
        BUTTON,
        "A forge says that there is something new.",
        secret="the signature with the webhook's secret",
    ),
    "ping": Door(
        Policy.ANYBODY,
        FORM,
        "A job says that it ran.",
        secret="the token in the address",
    ),
    "ping-outcome": Door(
        Policy.ANYBODY,
        FORM,
        "A job says that it failed.",
        secret="the token in the address",
    ),
    "healthz": Door(Policy.ANYBODY, PAGE, "Whether the process lives."),
    "readyz": Door(Policy.ANYBODY, PAGE, "Whether it can work."),
}
PROGRAMS = OTHERS | {
    f"{method} {API_ROOT}{route}": door
    for (method, _, route), door in ((key.partition(" "), API[key]) for key in API)
}
