"""Paste documents, or edit what was made here: what it would change, then taking it.

The good is taken and the bad stays in the field. With `ref` in the address it edits
that entity, or brings back one that was removed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalog import refs
from catalog.entities import history
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.sources import made_here, pasting, processing
from catalog.sources.planning import Plan
from portal.web.gate import account_of, viewer_of
from portal.web.jinja import entity_url
from portal.web.partial import render_part, wants_part

EXAMPLE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: my-service
  description: What it does, in one sentence.
spec:
  type: service
  lifecycle: production
  owner: group:default/my-team
"""
COMPARED = 10


@dataclass(frozen=True)
class Draft:
    """The text in the field, and which entity it is about, if one was named.

    `digest` is of the text that the editor began with, so that a change by somebody
    else meanwhile is noticed.
    """

    ref: str = ""
    entity: Entity | None = None
    text: str = ""
    reason: str = ""
    digest: str = ""

    @property
    def title(self) -> str:
        """What is done here."""
        if self.entity is not None:
            return f"Edit {self.entity.label}"
        return f"Restore {refs.short(self.ref)}" if self.ref else "Paste YAML"

    @property
    def is_outdated(self) -> bool:
        """Did somebody change the entity since the editor began?"""
        return self.entity is not None and self.digest != self.entity.digest


@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """Preview by default; the button `take` declares what is good."""
    draft = draft_of(request)
    if draft.entity and not made_here.may_change(draft.entity, viewer_of(request)):
        messages.error(request, f"{draft.entity.label} cannot be changed here by you.")
        return redirect(entity_url(draft.entity))
    if request.method != "POST":
        return show(request, draft, plan=first_plan(request, draft))
    if not draft.text.strip():
        error = "There is nothing in the field: paste YAML or drop a file."
        return show(request, draft, error=error)
    if "take" in request.POST and not draft.is_outdated:
        return taken(request, draft)
    plan = processing.preview_text(draft.text, viewer=viewer_of(request))
    return show(request, draft, plan=plan)


def draft_of(request: HttpRequest) -> Draft:
    """What was sent; at first, what the entity says. Hidden and missing is a 404."""
    ref, viewer = request.GET.get("ref", "").lower(), viewer_of(request)
    visible = Entity.objects.visible_to(viewer).select_related("source")
    entity = visible.filter(ref=ref).first() if ref else None
    begun = entity.text if entity else ""
    if ref and entity is None:
        begun = made_here.last_text(ref, account_of(request), viewer)
        if not begun:
            raise Http404
    sent, reason = request.POST, ""
    older = request.GET.get("revision", "")
    if entity is not None and older.isascii() and older.isdigit():
        begun, reason = restored(entity, viewer, int(older[:18]))
    return Draft(
        ref=ref,
        entity=entity,
        text=uploaded(request, sent.get("text", "" if sent else begun)),
        reason=sent.get("reason", reason).strip()[:500],
        digest=sent.get("digest", entity.digest if entity else ""),
    )


def first_plan(request: HttpRequest, draft: Draft) -> Plan | None:
    """What taking a former text would do; nothing where the text is the present one."""
    if draft.entity is None or draft.text == draft.entity.text:
        return None
    return processing.preview_text(draft.text, viewer=viewer_of(request))


def uploaded(request: HttpRequest, text: str) -> str:
    """The text of the field and of the files that were sent with it, joined."""
    parts = [text.replace("\r\n", "\n")]
    for file in request.FILES.getlist("text_files"):
        try:
            parts.append(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            messages.error(request, f"{file.name} is not UTF-8 text; it was left out.")
    return "\n---\n".join(part for part in parts if part.strip())


def restored(entity: Entity, viewer: Viewer, pk: int) -> tuple[str, str]:
    """A former text that the reader may see, and the reason for bringing it back."""
    revision = made_here.former(entity, viewer, pk)
    if revision is None:
        raise Http404
    return revision.text, made_here.restore_reason(revision)


def show(
    request: HttpRequest, draft: Draft, *, plan: Plan | None = None, **more: Any
) -> HttpResponse:
    """The page, or for htmx only the plan."""
    context = {
        "draft": draft,
        "plan": plan,
        "changes": changes_of(plan) if plan else {},
        "error": "",
        "taken": None,
        "example": EXAMPLE,
        "is_part": wants_part(request),
        **more,
    }
    return render_part(
        request, "pages/source_paste.html", "fragments/paste_plan.html", context
    )


def changes_of(plan: Plan) -> dict[str, list[history.DiffLine]]:
    """What differs from the present texts, by reference. The plan holds nothing that
    its reader cannot see."""
    first = plan.changed[:COMPARED]
    texts = Entity.objects.in_bulk([known.pk for _, known in first])
    return {
        candidate.ref: history.difference(texts[known.pk].text, candidate.doc.text)
        for candidate, known in first
        if known.pk in texts
    }


def taken(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Take what is good. What was refused stays in the field, to be mended."""
    author, viewer = account_of(request), viewer_of(request)
    door = made_here.DOOR if draft.ref else pasting.DOOR
    outcome, left = pasting.take(
        draft.text, author=author, viewer=viewer, door=door, reason=draft.reason
    )
    if left:
        plan = processing.preview_text(left, viewer=viewer)
        mended = Draft(draft.ref, draft.entity, left, draft.reason, draft.digest)
        done = outcome if outcome.refs else None
        return show(request, mended, plan=plan, taken=done)
    if outcome.refs:
        messages.success(request, f"Taken: {outcome.summary}.")
    else:
        messages.info(request, "Nothing changed: the catalog says the same already.")
    return redirect(address_of(request, outcome.refs or [draft.ref]))


def address_of(request: HttpRequest, taken_refs: list[str]) -> str:
    """The entity that was taken, or the catalog with what changed last first.

    An editor may have taken an entity out of their own sight.
    """
    visible = Entity.objects.visible_to(viewer_of(request))
    if len(taken_refs) == 1 and visible.filter(ref=taken_refs[0]).exists():
        return entity_url(taken_refs[0])
    return f"{reverse('catalog')}?sort=-changed"
