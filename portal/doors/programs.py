"""The doors of programs: the API by method and route; hooks, pings, badges, metrics."""

from __future__ import annotations

from portal.doors.door import (
    BUTTON,
    DELETE,
    FORM,
    GET,
    PAGE,
    PATCH,
    POST,
    Door,
    Policy,
)

API_ROOT = "api/v1/"
ENTITY = "entities/<kind>/<namespace>/<name>"


def _reads(why: str) -> Door:
    return Door(Policy.SIGNED_IN, (GET,), why)


def _edits(why: str) -> Door:
    return Door(Policy.EDITOR, (POST,), why)


def _own(method: str, why: str) -> Door:
    return Door(Policy.SIGNED_IN, (method,), why)


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
    f"GET {ENTITY}/walk": _reads("What it needs, or what needs it."),
    f"GET {ENTITY}/revisions/<id>": _reads("What it said then."),
    f"POST {ENTITY}/revisions/<id>/restore": _edits("That text again."),
    f"GET {ENTITY}/changes": _reads("What tools told of it."),
    "POST changes": _edits("Telling what was done to an entity."),
    f"GET {ENTITY}/probes/samples": _reads("What probes measured."),
    f"POST {ENTITY}/probes/run": _edits("Asking for a look."),
    f"GET {ENTITY}/probes/looks/<id>": Door(Policy.EDITOR, (GET,), "One look."),
    "GET sources": Door(Policy.EDITOR, (GET,), "Where documents come from."),
    "GET sources/<id>": Door(Policy.EDITOR, (GET,), "One source."),
    "GET sources/<id>/runs": Door(Policy.EDITOR, (GET,), "When it was read."),
    "POST sources/<id>/refresh": Door(Policy.ADMIN, (POST,), "Reading it now."),
    "GET views": _reads("Saved views: the own, and what is shared."),
    "POST views": _own(POST, "Saving a view; sharing it needs the role Editor."),
    "PATCH views/<id>": _own(PATCH, "Changing an own view; sharing needs Editor."),
    "DELETE views/<id>": _own(DELETE, "Removing an own view."),
    "GET tokens": _reads("The own tokens, never their texts."),
    "POST tokens": _own(POST, "Making a token that may no more than the asker."),
    "DELETE tokens/<id>": _own(DELETE, "Revoking an own token."),
    "GET model-catalog": _reads("Models and servers as a model catalog."),
    "POST model-catalog": _edits("Taking a model catalog."),
}
OTHERS = {
    "api:openapi-json": Door(
        Policy.ANYBODY,
        PAGE,
        "What the API can do; nothing of the catalog.",
    ),
    "api:api-root": Door(Policy.ANYBODY, FORM, "Nothing: always missing."),
    "backstage-catalog": Door(
        Policy.ANYBODY,
        FORM,
        "Backstage's catalog API: what the asker may see. Strangers only where "
        "GREENROOM_PUBLIC is on; reading a source again needs an editor's token.",
        secret="a token of /me/tokens/, or a session",
    ),
    "backstage-search": Door(
        Policy.ANYBODY,
        PAGE,
        "The same for its search.",
        secret="a token of /me/tokens/, or a session",
    ),
    "export": Door(
        Policy.ANYBODY, PAGE, "The catalog for other tools: only what is public."
    ),
    "export-with-token": Door(
        Policy.ANYBODY,
        PAGE,
        "The same, as far as the token reaches.",
        secret="the token in the address, of /settings/backstage/",
    ),
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
