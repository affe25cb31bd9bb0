"""What a client may ask to be done: read a source again, validate an entity."""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils import timezone

from catalog import refs
from catalog.entities import validation
from catalog.entities.problems import Problem
from catalog.query.language.scope import Scope
from catalog.sources.models import Source
from portal.api.backstage.errors import JSON, InputError, NotAllowedError, NotFoundError
from portal.api.backstage.queries import body_of
from portal.api.plain import Answer, Ask

_LOCATION = re.compile(r"[^:\s]+:\S.*")


def refresh(ask: Ask) -> Answer:
    """`POST /refresh`: the source of an entity is read again, as soon as can be."""
    if not ask.edits:
        said = "Reading a source again needs a token that writes, of an editor"
        raise NotAllowedError(said)
    ref = body_of(ask).get("entityRef")
    try:
        wanted = str(refs.parse(ref))
    except refs.RefError as error:
        raise InputError(f"Invalid entity reference: {error}"[:300]) from None
    scope = Scope.declared(ask.viewer)
    if not scope.sees(wanted):
        raise NotFoundError(f"Entity {wanted} not found"[:300])
    rows = Source.objects.filter(entities__ref=wanted, paused=False)
    rows.exclude(provider="here").update(
        due_at=timezone.now(), due_reason="A client of Backstage's API asked for it."
    )
    return Answer(200)


def validate(ask: Ask) -> Answer:
    """`POST /validate-entity`: nothing where it is valid, else every complaint."""
    body = body_of(ask)
    for name in ("entity", "location"):
        if name not in body:
            raise InputError(f"request/body must have required property '{name}'")
    if not _LOCATION.fullmatch(str(body["location"])):
        said = f"'{str(body['location'])[:200]}' is no location: write <type>:<target>"
        return _refused([{"name": "TypeError", "message": said}])
    problems = [p for p in validation.check(body["entity"]) if p.is_error]
    if not problems:
        return Answer(200)
    errors: list[dict[str, Any]] = [
        {"name": "InputError", "message": _sentence(problem)} for problem in problems
    ]
    return _refused(errors)


def _refused(errors: list[dict[str, Any]]) -> Answer:
    return Answer(400, json.dumps({"errors": errors}).encode(), (JSON,))


def _sentence(problem: Problem) -> str:
    return f"{problem.message} {problem.remedy}".strip()
