"""Colours that can be read: on screen, in grey print, by the colour-blind."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from generator.xlsx.theme import FLAG_KEYS, colour, flag_paint, state, template

ENOUGH = 4.5  # WCAG AA, for ordinary text

PAIRS = [
    *((paint.fill, paint.ink) for paint in map(flag_paint, [*FLAG_KEYS, ""])),
    *((state(name).fill, state(name).ink) for name in ("check", "wrong", "done")),
    *(
        (colour(fill), colour(ink))
        for fill, ink in (
            ("paper", "ink"),
            ("paper", "quiet"),
            ("paper", "link"),
            ("paper", "navy"),
            ("navy", "navy_ink"),
            ("band", "navy"),
            ("locked", "ink"),
            ("input", "ink"),
            ("input_optional", "ink"),
            ("input_done", "ink"),
            ("input_heading", "navy"),
        )
    ),
]


def lightness(rgb: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(rgb[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Of 1 (alike) to 21 (black on white)."""
    dark, light = sorted((lightness(one), lightness(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("fill", "ink"), PAIRS)
def test_text_can_be_read_on_its_fill(fill, ink):
    assert contrast(fill, ink) >= ENOUGH


def test_every_flag_has_its_own_symbol_and_word():
    paints = [flag_paint(flag) for flag in FLAG_KEYS]
    assert len({paint.symbol for paint in paints}) == len(paints)
    assert [paint.word for paint in paints] == list(FLAG_KEYS)


def test_the_bars_of_a_chart_are_told_apart_in_grey():
    bars = [lightness(flag_paint(flag).chart) for flag in FLAG_KEYS]
    # Neighbours in a bar have a legend in the same order; they need to differ.
    for one, other in pairwise(bars):
        assert abs(one - other) > 0.08


def test_what_is_filled_in_differs_from_what_is_not():
    colours = [colour(name) for name in ("input", "input_done", "locked", "band")]
    assert all(one != other for one, other in combinations(colours, 2))


def test_every_column_has_a_width_and_an_explanation():
    widths = template("markbook")["widths"]
    assert set(template("markbook")["read_me"]["columns"]) == set(widths)
