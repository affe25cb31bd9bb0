"""The Jinja2 environment: what every template may call."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from catalog import refs
from catalog.entities.hot import Line
from catalog.entities.models import Entity
from catalog.probes.clock import lasting
from portal.web import chart, figures, probe_words, svg
from portal.web.highlight import marked
from portal.web.icons import look, names
from portal.web.shell import shell
from portal.web.yaml_marks import marked_lines

HUES = ("violet", "blue", "teal", "green", "amber", "red", "pink", "indigo")
_AGES = (
    (365 * 86400, "y"),
    (30 * 86400, "mo"),
    (86400, "d"),
    (3600, "h"),
    (60, "min"),
)


def environment(**options: Any) -> Environment:
    """The environment that settings.TEMPLATES names."""
    options |= {
        "autoescape": True,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "auto_reload": settings.DEBUG,
    }
    env = Environment(**options)
    env.globals |= {
        "url": url,
        "static": static,
        "icon": icon,
        "icon_href": icon_href,
        "look": look,
        "hue": hue,
        "initials": initials,
        "query": query,
        "entity_url": entity_url,
        "short_ref": refs.short,
        "messages_of": get_messages,
        "shell": shell,
        "spark": svg.spark,
        "bar": svg.bar,
        "beats": svg.beats,
        "chart": chart.draw,
        "local": chart.local,
        "local_time": local_time,
        "marked_lines": marked_lines,
        "mark_of": probe_words.mark_of,
    }
    env.filters |= FILTERS
    return env


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, by the name of its route."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def icon(name: str, cls: str = "") -> str:
    """An icon of the sprite; for eyes only, so write its meaning beside it."""
    classes = f"i {cls}".strip()
    return Markup(
        f'<svg class="{escape(classes)}" aria-hidden="true">'
        f'<use href="{escape(icon_href(name))}"/></svg>'
    )


def icon_href(name: str) -> str:
    """Where an icon lies, for `<use>` inside a larger picture."""
    if name not in names():
        raise LookupError(
            f"No icon {name!r} in the sprite: name it in {__package__}.icons."
        )
    return f"{static('greenroom/icons.svg')}#{name}"


def entity_url(target: Entity | Line | str) -> str:
    """The page of an entity, given itself or its reference."""
    ref = target.lower() if isinstance(target, str) else target.ref
    kind, _, path = ref.partition(":")
    namespace, _, name = path.rpartition("/")
    return f"{reverse('catalog')}{namespace or 'default'}/{kind}/{name}/"


def name_of(ref: str) -> str:
    """The last part of a reference, for people: `group:default/ml-ops` → `ml-ops`."""
    return ref.rpartition("/")[2].rpartition(":")[2]


def query(
    params: HttpRequest | QueryDict | Mapping[str, Any],
    changes: Mapping[str, Any] | None = None,
    *,
    drop: tuple[str, str] | None = None,
    **more: Any,
) -> str:
    """`?a=1&b=2` of the present parameters with changes.

    A value of None takes the parameter away, a list sets it several times; `drop` takes
    one value of a repeated parameter away. Never empty: without parameters it is `?`.
    """
    wanted = _copy(params)
    for key, value in {**(changes or {}), **more}.items():
        wanted.setlist(key, _texts(value))
    if drop:
        key, gone = drop
        wanted.setlist(key, [v for v in wanted.getlist(key) if v != gone])
    for key in [k for k, values in wanted.lists() if not any(values)]:
        del wanted[key]
    return f"?{wanted.urlencode()}"


def _copy(params: HttpRequest | QueryDict | Mapping[str, Any]) -> QueryDict:
    if isinstance(params, HttpRequest):
        params = params.GET
    if isinstance(params, QueryDict):
        return params.copy()
    wanted = QueryDict(mutable=True)
    for key, value in params.items():
        wanted.setlist(key, _texts(value))
    return wanted


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Iterable):
        return [str(value)]
    return [str(one) for one in value]


def age(moment: datetime | None, suffix: str = " ago") -> str:
    """How long ago, as a `<time>` that the browser keeps fresh; a dash for never."""
    if moment is None:
        return Markup('<span class="nil">never</span>')
    local = timezone.localtime(moment)
    return Markup(
        f'<time datetime="{moment.isoformat()}" title="{local:%Y-%m-%d %H:%M %Z}"'
        f' data-age="{escape(suffix)}">{_age_text(moment, suffix)}</time>'
    )


def code_marks(text: str) -> str:
    """Plain text, with what stands between backticks as code."""
    parts = str(escape(text)).split("`")
    marked = [
        f"<code>{part}</code>" if number % 2 and number < len(parts) - 1 else part
        for number, part in enumerate(parts)
    ]
    return Markup("".join(marked))


def host(address: str) -> str:
    """The host of an address: what a link leads to, before somebody follows it."""
    return urlsplit(address).hostname or address


def local_time(moment: datetime) -> str:
    """The minute in the reader's time zone, as `2026-11-18 09:30 CET`."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"


def day(moment: datetime) -> str:
    """The day in the reader's time zone, as `2026-11-18`, in a `<time>`."""
    local = timezone.localtime(moment)
    return Markup(
        f'<time datetime="{moment.isoformat()}" title="{local:%Y-%m-%d %H:%M %Z}">'
        f"{local:%Y-%m-%d}</time>"
    )


def clock_of(moment: datetime) -> str:
    """The minute in the reader's time zone, as `2026-11-18 14:05`."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _age_text(moment: datetime, suffix: str) -> str:
    seconds = (timezone.now() - moment).total_seconds()
    for size, unit in _AGES:
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}{suffix}"
    return "just now" if seconds > -60 else f"{timezone.localtime(moment):%Y-%m-%d}"


def words(name: str) -> str:
    """`dependsOn` → `depends on`, for people."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name)
    return " ".join("API" if word == "api" else word for word in spaced.split())


def hue(name: str) -> str:
    """The hue that a name always gets."""
    return HUES[zlib.crc32(name.encode()) % len(HUES)]


def initials(name: str) -> str:
    """One or two letters for an avatar."""
    parts = [part for part in name.replace("-", " ").replace("_", " ").split() if part]
    if not parts:
        return "?"
    if len(parts) == 1:
        return parts[0][:2].upper()
    return (parts[0][0] + parts[-1][0]).upper()


FILTERS = {
    "code_marks": code_marks,
    "host": host,
    "age": age,
    "marked": marked,
    "day": day,
    "words": words,
    "name_of": name_of,
    "latency": figures.latency,
    "lasting": lasting,
    "percent": figures.percent,
    "number": figures.number,
    "tally": figures.tally,
    "state_word": probe_words.word_of,
    "error_word": probe_words.error_word,
    "moment": probe_words.moment,
    "clock": clock_of,
    "share": figures.share_text,
}
