"""Colours are readable on screen, in grey print and by the colour-blind."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from generator.xlsx.theme import FLAG_KEYS, colour, flag_style, state_style, template

MIN_CONTRAST = 4.5  # WCAG AA, for ordinary text

PAIRS = [
    *((style.fill, style.ink) for style in map(flag_style, [*FLAG_KEYS, ""])),
    *(
        (state_style(name).fill, state_style(name).ink)
        for name in ("check", "wrong", "done")
    ),
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


def luminance(rgb: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(rgb[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, other: str) -> float:
    """The contrast of two colours, from 1 (equal) to 21 (black on white)."""
    dark, light = sorted((luminance(colour), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("fill", "ink"), PAIRS)
def test_text_is_readable_on_its_fill(fill, ink):
    assert contrast(fill, ink) >= MIN_CONTRAST


def test_every_flag_has_its_own_symbol_and_word():
    styles = [flag_style(flag) for flag in FLAG_KEYS]
    assert len({style.symbol for style in styles}) == len(styles)
    assert [style.word for style in styles] == list(FLAG_KEYS)


def test_the_bars_of_a_chart_differ_in_grey():
    bars = [luminance(flag_style(flag).chart) for flag in FLAG_KEYS]
    # Neighbours in a bar have a legend in the same order; they need to differ.
    for bar, neighbour in pairwise(bars):
        assert abs(bar - neighbour) > 0.08


def test_input_colours_differ():
    colours = [colour(name) for name in ("input", "input_done", "locked", "band")]
    assert all(a != b for a, b in combinations(colours, 2))


def test_every_column_has_a_width_and_an_explanation():
    widths = template("markbook")["widths"]
    assert set(template("markbook")["read_me"]["columns"]) == set(widths)
