"""Badge: two words side by side as an SVG that stands for itself on other pages.

It carries its colours as attributes, because our stylesheet is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import escape

# Dark enough for white text.
_COLOURS = {
    "ok": "#0a7a5c",
    "busy": "#0a7a5c",
    "degraded": "#94600a",
    "down": "#b3261e",
    "maintenance": "#2f62ad",
    "unknown": "#5f6470",
}
_LONGEST = 60
_PER_SIGN, _AROUND = 6.6, 14
_NARROW, _WIDE = "iljtfr.,:;'|! ", "mwMW%@"


@dataclass(frozen=True)
class Badge:
    """What it is about, what is said of it, and the mark that gives the colour."""

    subject: str
    text: str
    mark: str

    def svg(self) -> str:
        """The picture."""
        subject = self.subject
        if len(subject) > _LONGEST:
            subject = f"{subject[: _LONGEST - 1]}…"
        left, right = _width(subject), _width(self.text)
        full = left + right
        colour = _COLOURS.get(self.mark, _COLOURS["unknown"])
        name = escape(f"{subject}: {self.text}")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{full}" height="20"'
            f' viewBox="0 0 {full} 20" role="img" aria-label="{name}">'
            f"<title>{name}</title>"
            f'<clipPath id="r"><rect width="{full}" height="20" rx="4"/></clipPath>'
            f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3a3f4b"/>'
            f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
            f'<g fill="#fff" font-family="Inter,Segoe UI,Roboto,DejaVu Sans,sans-serif"'
            f' font-size="11" text-anchor="middle">{_text(subject, left / 2, left)}'
            f"{_text(self.text, left + right / 2, right)}</g></svg>"
        )


def _text(text: str, middle: float, width: int) -> str:
    """Text in the middle of its half, made to fit whatever font is there."""
    return (
        f'<text x="{middle:g}" y="14" textLength="{width - _AROUND}"'
        f' lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
    )


def _width(text: str) -> int:
    signs = sum(0.55 if c in _NARROW else 1.4 if c in _WIDE else 1 for c in text)
    return round(signs * _PER_SIGN) + _AROUND
