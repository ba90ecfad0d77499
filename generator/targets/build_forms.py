"""Build the moderation forms of each department from the moderation data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from generator.context import Context
from generator.markbook.identity import make_issue_id
from generator.names import name_sort_key, sheet_names
from generator.targets.evidence import IndicatorSources
from generator.targets.form import (
    ENTRY,
    OPTIONAL_COLUMNS,
    FormSheet,
    Kind,
    ModerationForm,
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
from udfs.targets.review import (
    MODERATION_EVIDENCE,
    REVIEW_EVIDENCE,
    EvidenceKind,
    propose_increases,
)

MAX_CELLS = 45_000  # in a workbook; the reader accepts at most 60,000 a file
OTHER_SHEETS = ("read_me", "chances", "sums")
_TESTS = ("both", "reading", "maths")
_NAMES = ("surname", "forename")


def add_proposals(data: ModerationData, context: Context, kind: Kind) -> pd.DataFrame:
    """The rows of the moderation data with a proposal for each, in words.

    Args:
        data: Moderation data of every pupil and subject.
        context: School and tables.
        kind: `review` to use all evidence, `moderation` to use predictions only.

    Returns:
        The rows with `proposal` (empty without one) and `score`, marked if it is
        estimated.
    """
    rows = data.rows.copy()
    suggestions = cat4_suggestions(data, context)
    words = template("moderation")["proposal"]
    evidence: Sequence[EvidenceKind] = MODERATION_EVIDENCE
    if kind == "review":
        evidence = REVIEW_EVIDENCE
        grades, names = _imported_grades(data, context.tables)
        rows["imported_grade"], rows["indicator"] = grades, names
        above = pd.Series(_estimates_above_scores(data), rows.index)
        rows["cat4_grade"] = suggestions["cat4_grade"].where(above)
        rows["cat4_words"] = suggestions["cat4_words"]
    proposals = propose_increases(rows, context.tables.scales, evidence)
    increases = [
        words["raise"].format(proposed=grade, why=why) if why else ""
        for grade, why in zip(proposals["proposed"], proposals["why"], strict=True)
    ]
    rows["proposal"] = [
        words["estimated"].format(low=low, high=high, words=text)
        if estimated and pd.isna(expected) and low is not None
        else increase
        for increase, estimated, expected, low, high, text in zip(
            increases,
            rows["estimated"],
            rows["expected"],
            suggestions["cat4_grade"],
            suggestions["cat4_high"],
            suggestions["cat4_words"],
            strict=True,
        )
    ]
    rows["score"] = [
        words["estimated_score"].format(score=score) if estimated else score
        for score, estimated in zip(rows["shown"], rows["estimated"], strict=True)
    ]
    return rows


def _estimates_above_scores(data: ModerationData) -> list[bool]:
    # Whether CAT4 suggests a score more than one spread above the pupil's own; less
    # may be chance. Scores are in half points.
    return [
        not pd.isna(own)
        and not pd.isna(estimate)
        and test in data.fits
        and bool(estimate > own + 2 * data.fits[test].spread)
        for own, estimate, test in zip(
            data.rows["halves"],
            data.rows["cat4_halves"],
            data.rows["asks"],
            strict=True,
        )
    ]


def _imported_grades(
    data: ModerationData, tables: Tables
) -> tuple[list[str | None], list[str]]:
    # The imported target of each row and the name of its indicator.
    none = IndicatorSources("", None, None, None)
    grades: list[str | None] = []
    names = []
    for subject, name, value in zip(
        data.rows["subject"], data.rows["scale"], data.rows["imported"], strict=True
    ):
        scale = tables.scales.get(name)
        try:
            grades.append(imported_grade(value, scale) if scale else None)
        except UnknownGrade:
            grades.append(None)
        names.append(data.plan.sources.get(subject, none).imported or "")
    return grades, names


def build_forms(
    context: Context, data: ModerationData, rows: pd.DataFrame, kind: Kind
) -> list[ModerationForm]:
    """The forms of every department.

    Args:
        context: School, tables, moment and person of the run.
        data: Moderation data of every pupil and subject.
        rows: Rows to moderate, with their proposals.
        kind: Kind of the forms.
    """
    school, settings = context.school, context.school.settings
    method: str = settings.targets.method
    if method == "transition":
        low, high = settings.targets.ambition, settings.targets.aspirational
        method += f", ambition {low:.2f} and {high:.2f}"
    forms = []
    for department, group in rows.groupby("department", sort=True):
        sheets = list(_form_sheets(group, data, context.tables))
        for part, part_sheets in _parts(sheets):
            name = f"{department}{part}"
            content = [
                sheet.rows.astype(str).to_numpy().tolist() for sheet in part_sheets
            ]
            form = ModerationForm(
                kind=kind,
                department=name,
                school=settings.school.name,
                school_id=school.id,
                academic_year=school.academic_year,
                contact=settings.school.contact,
                method=method,
                written_at=context.moment,
                written_by=context.who,
                issue_id=make_issue_id(
                    [kind, name, context.moment, school.id, content]
                ),
                sheets=part_sheets,
            )
            forms.append(form)
    return forms


def _parts(sheets: Sequence[FormSheet]) -> Iterator[tuple[str, tuple[FormSheet, ...]]]:
    # A department's sheets, split by years if the reader would not accept one file.
    if not sheets:
        return
    if sum(len(sheet.rows) * len(sheet.fields) for sheet in sheets) <= MAX_CELLS:
        yield "", tuple(sheets)
        return
    for year in sorted({sheet.year for sheet in sheets}):
        yield f" Y{year}", tuple(sheet for sheet in sheets if sheet.year == year)


def _form_sheets(
    rows: pd.DataFrame, data: ModerationData, tables: Tables
) -> Iterator[FormSheet]:
    # The entry sheets of one department, by subject and year.
    words = template("moderation")["sheets"]
    groups = [
        (str(subject), int(str(year)), group)
        for (subject, year), group in rows.groupby(["subject", "year"], sort=True)
        if tables.subject(str(subject)).scale in tables.scales
    ]
    titles = [
        words["entry" if year else "no_year"].format(year=year, subject=subject)
        for subject, year, _ in groups
    ]
    names = sheet_names(titles, [words[name] for name in OTHER_SHEETS])
    for title, (subject, year, group) in zip(titles, groups, strict=True):
        scale = tables.scale(tables.subject(subject).scale)
        figures = data.figures.get(subject) if year < FIRST_SIXTH_FORM_YEAR else None
        pupils = group.sort_values(
            ["class", *_NAMES, "adno"],
            key=lambda column: (
                column.map(name_sort_key) if column.name in _NAMES else column
            ),
            kind="stable",
        ).reset_index(drop=True)
        yield FormSheet(
            name=names[title],
            subject=subject,
            year=year,
            scale=scale,
            figures=figures,
            fields=form_fields(
                scale,
                chances=figures is not None,
                empty=[key for key in OPTIONAL_COLUMNS if pupils[key].eq("").all()],
            ),
            rows=_cell_values(pupils, scale, figures),
        )


def _cell_values(
    rows: pd.DataFrame, scale: Scale, figures: TransitionMatrix | None
) -> pd.DataFrame:
    # The values of the cells, with `band` and `free` for the formulas.
    cells = rows.copy()
    cells["baseline"] = cells["used"].where(cells["used"].isin(_TESTS), "")
    cells["free"] = cells["status"].isin(["", "provisional"])
    cells["status"] = cells["status"].where(cells["status"].ne(""), cells["reason"])
    for key in ENTRY:
        if key != "answer":
            cells[key] = ""
    cells["band"] = pd.Series(None, index=cells.index, dtype="Int64")
    if figures is None:
        return cells
    grades = chance_grades(scale)
    chances = [
        _chances(halves, targets, scale, figures)
        for halves, *targets in zip(
            cells["halves"], cells["expected"], cells["drafted"], strict=True
        )
    ]
    columns = ["behind", "bands", "band", *(f"chance:{grade}" for grade in grades)]
    for name, values in zip(columns, zip(*chances, strict=True), strict=True):
        whole = name in ("behind", "band")
        cells[name] = (
            pd.Series(values, cells.index, dtype="Int64") if whole else list(values)
        )
    return cells


def _chances(
    halves: int | None,
    targets: Sequence[str | None],
    scale: Scale,
    figures: TransitionMatrix,
) -> tuple[int | float | str | None, ...]:
    # Pupils behind the chance of the target, their bands in words, the pupil's own
    # band, and the chance of each grade.
    grades = chance_grades(scale)
    if halves is None or pd.isna(halves):
        return (None, "", None, *[None] * len(grades))
    target = next((grade for grade in targets if scale.find(grade)), None)
    share = figures.share(int(halves), scale.whole(target or grades[0]))
    band = figures.bands.index(int(halves))
    shares = dict(zip(figures.grades, figures.shares[band], strict=True))
    return (
        share.pupils,
        figures.bands.label(share.first, share.last),
        band,
        *(shares[grade].at_or_above / shares[grade].pupils for grade in grades),
    )
