"""The expected outcome: predictions corrected by this school's own past error."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.measuring.results_told import whole_year
from generator.packs.headlines import TITLES
from generator.packs.headlines_page import kind_of
from generator.packs.measured import Measured
from generator.packs.phrases import listed, many, tenths, year_name
from generator.packs.results_day.words import columns, say, words
from generator.packs.sheets import Pack
from udfs.chance import FEW

MEASURES = ("title", "of", "all", "expected", "expected_low", "expected_high", "past")
SUBJECTS = ("subject", "n", "predicted_points", "past_error", "expected_points",
            "points_low", "points_high", "past")  # fmt: skip


def contents(known: Measured) -> dict[str, str]:
    """The sheet for a pack's cover; nothing where there is no past."""
    if not known.expected:
        return {}
    return {words("sheets", "expected"): words("contents", "expected")}


def sentences(known: Measured) -> list[str]:
    """What is expected of each year group, or that nothing is known to expect."""
    said = []
    for group, told in sorted(known.expected.items(), reverse=True):
        if known.now is None or "attainment8" not in told.measures.index:
            continue
        one = {name: told.measures[name].to_dict()["attainment8"]
               for name in told.measures}  # fmt: skip
        if np.isnan(one["expected"]):
            said.append(say("expected_few", past=many(int(one["past"]), "pupil")))
            continue
        now = whole_year(known.now, group)["value"].to_dict()["attainment8"]
        said.append(
            say(
                "expected_year", group=group, value=tenths(one["expected"]),
                low=tenths(one["low"]), high=tenths(one["high"]), now=tenths(now),
                past=many(int(one["past"]), "pupil"), years=listed(told.years),
            )
        )  # fmt: skip
    if not said and known.now is not None:
        said.append(say("no_past"))
    return said


def page(pack: Pack, known: Measured) -> None:
    """Write the sheet, if there is a past to learn from."""
    if not known.expected or known.now is None:
        return
    grid = [column.width for column in columns(SUBJECTS)]
    first = [column.width for column in columns(MEASURES)]
    wide = [max(pair) for pair in zip(grid, [*first, 0.0], strict=True)]
    sheet = pack.page(words("sheets", "expected"), wide)
    sheet.band(words("sheets", "expected"))
    for number, text in enumerate(sentences(known)):
        sheet.say(text, answer=number == 0)
    sheet.say(words("notes", "expected"), ink="quiet")
    for group, told in sorted(known.expected.items(), reverse=True):
        now = whole_year(known.now, group)
        made = told.measures.rename(
            columns={"low": "expected_low", "high": "expected_high"}
        )
        made["of"], made["all"] = (
            now[name].reindex(made.index) for name in ("pupils", "value")
        )
        made["title"] = [TITLES[name] for name in made.index]
        sheet.gap()
        sheet.heading(year_name(group))
        sheet.table(
            made.reset_index(), columns(MEASURES), quiet=made["past"].lt(FEW),
            kinds=[kind_of(name) for name in made.index],
        )  # fmt: skip
        sheet.gap()
        sheet.table(_subjects(told.subjects), columns(SUBJECTS))


def _subjects(told: pd.DataFrame) -> pd.DataFrame:
    return told.rename(
        columns={"predicted": "predicted_points", "error": "past_error",
                 "expected": "expected_points", "low": "points_low",
                 "high": "points_high"}
    )  # fmt: skip
