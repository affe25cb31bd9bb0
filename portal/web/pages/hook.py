"""The door of webhooks: a forge says what was pushed, signed and without a login.

Whoever cannot sign learns nothing, not even whether there is such a source.
"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalog.sources import hooks
from catalog.sources.models import Source
from catalog.sources.tasks import refresh_source

REFUSED = (
    "The signature does not fit. Copy the secret from the source's page into the "
    "webhook, and let it sign with HMAC-SHA256."
)


@csrf_exempt
@never_cache
@require_POST
def hook(request: HttpRequest, pk: int) -> JsonResponse:
    """Check the signature, then ask the worker to read the source."""
    source = Source.objects.filter(pk=pk).first()
    if source is None or not hooks.is_signed(source, request.headers, request.body):
        if source is not None:
            hooks.refuse(source)
        return JsonResponse({"error": REFUSED}, status=401)
    heard = hooks.hear(source, request.headers, request.body)
    if heard.accepted:
        # Lost in the queue, the source is due all the same.
        refresh_source.apply_async((source.pk,), expires=60)
    status = 202 if heard.accepted else 200
    return JsonResponse(
        {"accepted": heard.accepted, "detail": heard.sentence}, status=status
    )
