"""From what is known of pupils to the sheets a department moderates."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from generator.names import name_sort_key, sheet_names
from generator.school.school import School
from generator.targets.evidence import IndicatorSources
from generator.targets.form import (
    ENTRY,
    OPTIONAL_COLUMNS,
    FormSheet,
    Kind,
    chance_grades,
    form_fields,
)
from generator.targets.moderation_data import ModerationData, cat4_suggestions
from generator.xlsx.theme import template
from udfs.errors import UnknownGrade
from udfs.scales.scale import Scale
from udfs.scales.transition_matrix import TransitionMatrix
from udfs.tables import Tables
from udfs.targets.baselines import FIRST_SIXTH_FORM_YEAR
from udfs.targets.imported_grades import imported_grade
from udfs.targets.review import MODERATION_EVIDENCE, REVIEW_EVIDENCE, propose_increases

_TESTS = {"both": "both", "reading": "reading", "maths": "maths", "": ""}
NAMES = ("surname", "forename")
OTHER_SHEETS = ("read_me", "chances", "sums")


def add_proposals(
    made: ModerationData, school: School, tables: Tables, kind: Kind
) -> pd.DataFrame:
    """The rows with what is proposed for each, in words.

    Args:
        made: What is known of every pupil and subject.
        school: The school.
        tables: What is looked up.
        kind: A review hears every kind of evidence, moderation only predictions.

    Returns:
        With `proposal` (empty where there is none) and `score`, where a score that
        is estimated says so.
    """
    rows = made.rows.copy()
    guess = cat4_suggestions(made, school, tables)
    words = template("moderation")["proposal"]
    if kind == "review":
        rows["imported_grade"], rows["indicator"] = _imported_grades(made, tables)
        # One spread beyond the pupil's own score, or chance alone may have done it.
        beyond = [
            not pd.isna(own)
            and not pd.isna(estimate)
            and asks in made.fits
            and estimate > own + 2 * made.fits[asks].spread
            for own, estimate, asks in zip(
                rows["halves"], rows["cat4_halves"], rows["asks"], strict=True
            )
        ]
        rows["cat4_grade"] = guess["cat4_grade"].where(pd.Series(beyond, rows.index))
        rows["cat4_words"] = guess["cat4_words"]
    found = propose_increases(
        rows,
        tables.scales,
        REVIEW_EVIDENCE if kind == "review" else MODERATION_EVIDENCE,
    )
    told = [
        words["raise"].format(proposed=grade, why=why) if why else ""
        for grade, why in zip(found["proposed"], found["why"], strict=True)
    ]
    rows["proposal"] = [
        words["estimated"].format(low=low, high=high, words=said)
        if estimated and pd.isna(expected) and low is not None
        else already
        for already, estimated, expected, low, high, said in zip(
            told,
            rows["estimated"],
            rows["expected"],
            guess["cat4_grade"],
            guess["cat4_high"],
            guess["cat4_words"],
            strict=True,
        )
    ]
    rows["score"] = [
        words["estimated_score"].format(score=score) if estimated else score
        for score, estimated in zip(rows["shown"], rows["estimated"], strict=True)
    ]
    return rows


def _imported_grades(
    made: ModerationData, tables: Tables
) -> tuple[list[str | None], list[str]]:
    none = IndicatorSources("", None, None, None)
    grades: list[str | None] = []
    names = []
    for subject, name, value in zip(
        made.rows["subject"], made.rows["scale"], made.rows["imported"], strict=True
    ):
        scale = tables.scales.get(name)
        try:
            grades.append(imported_grade(value, scale) if scale else None)
        except UnknownGrade:
            grades.append(None)
        names.append(made.plan.sources.get(subject, none).imported or "")
    return grades, names


def form_sheets(
    rows: pd.DataFrame, made: ModerationData, tables: Tables
) -> Iterator[FormSheet]:
    """The entry sheets of one department, by subject and year.

    Args:
        rows: The department's rows, with proposals.
        made: What is known of every pupil and subject.
        tables: The scales.
    """
    words = template("moderation")["sheets"]
    groups = [
        (str(subject), int(str(year)), group)
        for (subject, year), group in rows.groupby(["subject", "year"], sort=True)
        if tables.subject(str(subject)).scale in tables.scales
    ]
    wanted = [
        words["entry" if year else "no_year"].format(year=year, subject=subject)
        for subject, year, _ in groups
    ]
    taken = [words[name] for name in OTHER_SHEETS]
    names = sheet_names(wanted, taken)
    for name, (subject, year, group) in zip(wanted, groups, strict=True):
        scale = tables.scale(tables.subject(subject).scale)
        figures = made.figures.get(subject) if year < FIRST_SIXTH_FORM_YEAR else None
        order = group.sort_values(
            ["class", "surname", "forename", "adno"],
            key=lambda names: (
                names.map(name_sort_key) if names.name in NAMES else names
            ),
            kind="stable",
        )
        yield FormSheet(
            name=names[name],
            subject=subject,
            year=year,
            scale=scale,
            figures=figures,
            fields=form_fields(
                scale,
                chances=figures is not None,
                empty=[key for key in OPTIONAL_COLUMNS if order[key].eq("").all()],
            ),
            rows=_cell_values(order.reset_index(drop=True), scale, figures),
        )


def _cell_values(
    rows: pd.DataFrame, scale: Scale, figures: TransitionMatrix | None
) -> pd.DataFrame:
    """The rows as their cells show them, with `band` and `free` for the formulas."""
    made = rows.copy()
    made["baseline"] = made["used"].map(_TESTS).fillna("")
    made["free"] = made["status"].isin(["", "provisional"])
    made["status"] = made["status"].where(made["status"].ne(""), made["reason"])
    for key in ENTRY:
        if key != "answer":
            made[key] = ""
    made["band"] = pd.Series(None, index=made.index, dtype="Int64")
    if figures is None:
        return made
    grades = chance_grades(scale)
    behind: list[int | None] = []
    names: list[str] = []
    bands: list[int | None] = []
    chances: list[list[float | None]] = []
    for halves, *aims in zip(
        made["halves"], made["expected"], made["drafted"], strict=True
    ):
        if pd.isna(halves):
            behind.append(None)
            names.append("")
            bands.append(None)
            chances.append([None] * len(grades))
            continue
        aim = next((g for g in aims if scale.find(g)), None)
        share = figures.share(int(halves), scale.whole(aim or grades[0]))
        behind.append(share.pupils)
        names.append(figures.bands.label(share.first, share.last))
        bands.append(figures.bands.index(int(halves)))
        row = figures.shares[figures.bands.index(int(halves))]
        known = dict(zip(figures.grades, row, strict=True))
        chances.append([known[g].reached / known[g].pupils for g in grades])
    made["behind"] = pd.Series(behind, index=made.index, dtype="Int64")
    made["bands"], made["band"] = names, pd.Series(bands, made.index, dtype="Int64")
    for at, grade in enumerate(grades):
        made[f"chance:{grade}"] = [row[at] for row in chances]
    return made
