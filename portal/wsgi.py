"""The web application, as servers see it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

django_application = get_wsgi_application()
# A mistake in a page ends the process here, where the supervisor sees it; and the first
# reader does not wait for the import of all pages.
_ = get_resolver().url_patterns
# Not imported above, because it needs the models.
fast = import_string("portal.api.lane.respond")


def application(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Django, below the sub-path of GREENROOM_URL whether a proxy strips it or not."""
    # Who listens on :: is told of IPv4 readers as ::ffff:192.0.2.7.
    peer = environ.get("REMOTE_ADDR", "")
    if "." in peer:
        environ["REMOTE_ADDR"] = peer.removeprefix("::ffff:")
    prefix = settings.FORCE_SCRIPT_NAME
    path = environ.get("PATH_INFO", "")
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        environ["PATH_INFO"] = path[len(prefix) :] or "/"
    answer: Iterable[bytes] | None = fast(environ, start_response)
    return django_application(environ, start_response) if answer is None else answer
