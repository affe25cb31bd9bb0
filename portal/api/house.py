"""The API itself: its description, who may come in, and its rooms."""

from __future__ import annotations

from copy import deepcopy
from http import HTTPStatus
from typing import Any

from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from portal.api import (
    catalog,
    documents,
    events,
    model_catalog,
    observed,
    past,
    problems,
    queries,
    samples,
    sources,
    tokens,
    views,
    walks,
)
from portal.api.auth import BrowserAuth, TokenAuth
from portal.api.limits import LIMIT, told
from portal.version import VERSION


class House(NinjaAPI):
    """An API whose description says of what sort each answer really is."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        """The description, with problems and YAML under their own names."""
        described = super().get_openapi_schema(*args, **kwargs)
        described["components"]["schemas"] |= model_catalog.shapes()
        for path, methods in described["paths"].items():
            for one in methods.values():
                _name_places(one["parameters"])
                if "requestBody" in one:
                    # Said before an endpoint is reached.
                    too_large = deepcopy(one["responses"][400])
                    one["responses"][413] = too_large | {"description": _TOO_LARGE}
                for status, answer in one["responses"].items():
                    _name_content(answer, _sort(path, int(status)))
        return described


_TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE.phrase
# What stands in addresses: what it is, and one of its values.
PLACES = {
    "kind": ("The kind of the entity.", "component"),
    "namespace": ("The namespace of the entity.", "default"),
    "name": ("The name of the entity.", "llm-gateway"),
    "id": ("The `id`, as lists give it.", 1),
}


def _name_places(parameters: list[dict[str, Any]]) -> None:
    for one in parameters:
        if one["in"] == "path":
            what, example = PLACES[one["name"]]
            one.setdefault("description", what)
            one.setdefault("example", example)


def _sort(path: str, status: int) -> str:
    if status >= 400:
        return problems.TYPE
    return "application/yaml" if path.endswith("/yaml") else "application/json"


def _name_content(answer: dict[str, Any], sort: str) -> None:
    content = answer.get("content", {})
    if "application/json" in content:
        found = content.pop("application/json")
        # YAML as a text would be described as a YAML that is a text.
        content[sort] = {} if sort == "application/yaml" else found


api = House(
    title="Greenroom",
    version=VERSION,
    description="What the portal shows and does, for programs. Every answer holds only "
    "what the account behind the token may see. Errors are problem+json with a remedy.",
    urls_namespace="api",
    auth=[TokenAuth(), BrowserAuth(csrf=True)],
    throttle=LIMIT,
    docs_url=None,
    openapi_url="/openapi.json",
    docs_decorator=require_safe,
)
problems.handle(api)
api.add_decorator(told, mode="view")
api.add_router("", queries.router)
api.add_router("", catalog.router)
api.add_router("", documents.router)
api.add_router("", walks.router)
api.add_router("", past.router)
api.add_router("", events.router)
api.add_router("", observed.router)
api.add_router("", samples.router)
api.add_router("", sources.router)
api.add_router("", views.router)
api.add_router("", tokens.router)
api.add_router("", model_catalog.router)
