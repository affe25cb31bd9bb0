"""For supervisors and load balancers: is the process alive, is it ready to serve?"""

from __future__ import annotations

import os

from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; asks nobody else."""
    return JsonResponse({"status": "ok", "instance": instance()})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and has our tables; says whether set-up is still to come."""
    try:
        empty = not get_user_model().objects.exists()
    except DatabaseError:
        return JsonResponse(
            {"status": "no database", "instance": instance()}, status=503
        )
    return JsonResponse({"status": "ok", "instance": instance(), "setup": empty})


def instance() -> str:
    """Which start this process belongs to: a server left over is not taken for it."""
    return os.environ.get("GREENROOM_INSTANCE", "")
