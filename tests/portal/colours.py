"""Colour arithmetic for tests: OKLCH tokens, contrast, simulated colour blindness."""

from __future__ import annotations

import math
import re

from portal.web.stylesheet import FOLDER

Rgb = tuple[float, float, float]

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
BLINDNESS = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_TOKEN = re.compile(r"--([\w-]+): light-dark\(oklch\(([^)]*)\), oklch\(([^)]*)\)\);")


def tokens() -> dict[str, tuple[Rgb, Rgb]]:
    """Each colour token as linear RGB, for light and for dark."""
    text = (FOLDER / "tokens.css").read_text("utf-8")
    return {
        name: (_linear(light), _linear(dark))
        for name, light, dark in _TOKEN.findall(text)
        if "/" not in light
    }


def _linear(oklch: str) -> Rgb:
    parts = oklch.split()
    lightness = float(parts[0].rstrip("%")) / 100
    chroma, hue = float(parts[1]), math.radians(float(parts[2]))
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return _clipped(
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _clipped(*channels: float) -> Rgb:
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in channels)
    return red, green, blue


def contrast(one: Rgb, two: Rgb) -> float:
    """WCAG's ratio."""
    bright, dim = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(rgb: Rgb) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def seen_by(blindness: str, rgb: Rgb) -> Rgb:
    """The colour as somebody without one sort of cone sees it."""
    rows = BLINDNESS[blindness]
    return _clipped(
        *(sum(k * c for k, c in zip(row, rgb, strict=True)) for row in rows)
    )


def distance(one: Rgb, two: Rgb) -> float:
    """Distance in OKLab, times 100."""
    return math.dist(_oklab(one), _oklab(two)) * 100


def _oklab(rgb: Rgb) -> Rgb:
    red, green, blue = rgb
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )
