"""Every component in every state, for those who build pages: /-/components/."""

from __future__ import annotations

from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.query.fulltext import Sought
from portal.web import samples

PAGE = "pages/components.html"


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """The page of components; its samples are not in the catalog."""
    rows = samples.entities()
    context = {
        "rows": rows,
        "layout": samples.layout(rows),
        "sought": Sought(begins=("whisper",)),
        "names": {"group:default/support-ai": "Support AI"},
        "facets": samples.facets(),
        "chips": [
            SimpleNamespace(
                key="kind", title="Kind", value="component", label="Component"
            )
        ],
        "drawing": samples.drawing(),
        "problems": samples.problems(),
        "diff": samples.difference(),
        "yaml": samples.YAML,
        "now": timezone.now(),
        "beat_states": ["ok"] * 33 + ["busy"] * 2 + ["degraded"] * 3 + ["down"] * 2
        + ["maintenance"] * 4 + ["unknown"] * 4 + ["ok"] * 12,
    }  # fmt: skip
    return render(request, PAGE, context)
