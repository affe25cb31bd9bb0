"""The door of jobs: a call to the address of a heartbeat says that the job ran.

Whoever does not know the token learns nothing, not even whether there is such a probe.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from catalog.probes import pings

_NOTE = 500


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ping(request: HttpRequest, uid: str, token: str, outcome: str = "") -> HttpResponse:
    """The job ran; with /fail, it did not, and the body may say why."""
    failed = ""
    if outcome == "fail":
        said = request.body[:_NOTE].decode("utf-8", "replace")
        failed = " ".join(said.split()) or "it says no more"
    if not pings.hear(uid, token, failed=failed):
        return HttpResponse("not found\n", status=404, content_type="text/plain")
    return HttpResponse("OK\n", content_type="text/plain")
