"""The colours: readable in both themes, told apart by colour-blind eyes."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.portal import colours

THEMES = {"light": 0, "dark": 1}
SURFACES = ("bg", "side", "panel", "raise")
TEXT = [
    *((ink, surface) for ink in ("ink", "ink2", "ink3") for surface in SURFACES),
    *((ink, "panel") for ink in ("acc", "ok", "degraded", "down", "maintenance")),
    *((ink, "bg") for ink in ("acc", "ok", "degraded", "down", "unknown")),
    *((ink, f"{ink}-bg") for ink in ("acc", "ok", "degraded", "down", "maintenance")),
    *(
        (ink, f"{state}-bg")
        for ink in ("ink", "ink2")
        for state in ("acc", "ok", "down")
    ),
    ("ink2", "degraded-bg"),
    ("ink2", "maintenance-bg"),
    ("on-acc", "acc"),
]
NOT_TEXT = [
    *(("edge", surface) for surface in ("bg", "panel")),
    *(("acc", surface) for surface in SURFACES),
    ("brand", "side"),
    ("on-brand", "brand"),
    ("ok-fill", "panel"),
    ("down-fill", "panel"),
]
FILLS = ("ok", "degraded", "down", "maintenance", "unknown")


@pytest.fixture(scope="module")
def tokens() -> dict[str, tuple[colours.Rgb, colours.Rgb]]:
    return colours.tokens()


@pytest.mark.parametrize("theme", THEMES)
def test_text_stands_out(
    theme: str, tokens: dict[str, tuple[colours.Rgb, colours.Rgb]]
) -> None:
    assert _too_faint(TEXT, 4.5, THEMES[theme], tokens) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_lines_and_marks_stand_out(
    theme: str, tokens: dict[str, tuple[colours.Rgb, colours.Rgb]]
) -> None:
    assert _too_faint(NOT_TEXT, 3, THEMES[theme], tokens) == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("blindness", colours.BLINDNESS)
def test_states_are_told_apart(
    theme: str, blindness: str, tokens: dict[str, tuple[colours.Rgb, colours.Rgb]]
) -> None:
    seen = {
        fill: colours.seen_by(blindness, tokens[f"{fill}-fill"][THEMES[theme]])
        for fill in FILLS
    }
    near = {
        (one, two): round(colours.distance(seen[one], seen[two]), 1)
        for one, two in combinations(FILLS, 2)
        if colours.distance(seen[one], seen[two]) < 12
    }
    assert near == {}


def _too_faint(
    pairs: list[tuple[str, str]],
    least: float,
    theme: int,
    tokens: dict[str, tuple[colours.Rgb, colours.Rgb]],
) -> dict[tuple[str, str], float]:
    ratios = {
        (front, back): colours.contrast(tokens[front][theme], tokens[back][theme])
        for front, back in pairs
    }
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least}
