"""The API itself: its description, who may come in, and its rooms."""

from __future__ import annotations

from ninja import NinjaAPI

from portal.api import catalog, documents, observed, problems, queries
from portal.api.auth import BrowserAuth, TokenAuth
from portal.api.limits import PerMinute
from portal.version import VERSION

api = NinjaAPI(
    title="Greenroom",
    version=VERSION,
    description="What the portal shows and does, for programs. Every answer holds only "
    "what the account behind the token may see. Errors are problem+json with a remedy.",
    urls_namespace="api",
    auth=[TokenAuth(), BrowserAuth(csrf=True)],
    throttle=PerMinute(),
    docs_url=None,
    openapi_url="/openapi.json",
)
problems.handle(api)
api.add_router("", queries.router)
api.add_router("", catalog.router)
api.add_router("", documents.router)
api.add_router("", observed.router)
