"""What a document says in `spec` that its kind does not know: kept, and shown."""

from __future__ import annotations

from typing import Any

from catalog.entities import dialect
from portal.web.panel import ASIDE, Context, Panel
from portal.web.panels.guide import TITLES


class Extras(Panel):
    """Extra keys of the spec, and the whole spec of an unknown kind."""

    name = "extras"
    place, order = ASIDE, 35

    def context(self) -> Context | None:
        kind = self.subject.kind
        known = set(kind.Spec.model_fields) if kind else {"owner", "lifecycle", "type"}
        extra = {
            key: value
            for key, value in self.spec.items()
            if key not in known and not (key in TITLES and isinstance(value, str))
        }
        if not extra:
            return None
        groups = [(key, _pairs(value), _text(value)) for key, value in extra.items()]
        return {"groups": groups}


def _pairs(value: Any) -> list[tuple[str, str]]:
    """A flat mapping as facts; empty for anything else."""
    if not isinstance(value, dict) or any(_is_nested(v) for v in value.values()):
        return []
    return [(key, _plain(one)) for key, one in value.items()]


def _text(value: Any) -> str:
    """Anything else: one line, or YAML."""
    if isinstance(value, list) and not any(_is_nested(one) for one in value):
        return ", ".join(_plain(one) for one in value)
    return dialect.write(value).strip() if _is_nested(value) else _plain(value)


def _is_nested(value: Any) -> bool:
    return isinstance(value, (dict, list))


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)
