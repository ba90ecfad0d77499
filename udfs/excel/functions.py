"""The worksheet functions that Excel calls, as `MB.FLAG` or `MB_FLAG`.

One module serves both add-ins. A range spills a range, a blank answers a blank, and
a mistake answers in its cell with what is wrong and what is allowed. Without Excel and
without a server each is a plain function of cells and of ranges (rows of cells):

>>> FLAG("4", "5"), FLAG([["6"], [None], ["Abs"]], "5")
('Below', [['Above'], [''], ['']])
>>> FLAG("6+", "5")[:50]
"? '6+' is not a grade of GCSE 9–1: did you mean 6?"
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from udfs.errors import MarkbookError
from udfs.excel.grade_arguments import (
    PAIR_SCALE,
    choose_scale,
    read_grade,
    read_score,
    read_subject_grade,
)
from udfs.excel.grade_functions import (
    CHANCE,
    ENGLISHMATHS,
    ERRORS,
    FLAG,
    GAP,
    GRADES,
    MATHS,
    POINTS,
    READING,
    SUBJECTS,
    TARGET,
    WHY,
    whole_points,
)
from udfs.excel.headings import read_table
from udfs.excel.ranges import (
    ERROR_PREFIX,
    Cell,
    is_zero,
    range_rows,
    read_number,
    spill,
    spill_by_pupil,
)
from udfs.excel.registry import (
    CATEGORY,
    FUNCTIONS,
    NAMESPACE,
    WorksheetFunction,
    current_tables,
    use_tables,
    worksheet_function,
)
from udfs.excel.selection import MEASURES, groups_table, pupils_table
from udfs.measures.attainment8 import attainment8
from udfs.measures.prediction_accuracy import accuracy
from udfs.measures.progress8 import progress8, score_decimals
from udfs.scales.prior_attainment import starting_point
from udfs.scales.scale import POINT
from udfs.statistics.inference import TOO_FEW
from udfs.tables import Tables
from udfs.text import map_distinct, quote, tidy

__all__ = [
    "ACCURACY", "ATTAINMENT8", "CATEGORY", "CHANCE", "ENGLISHMATHS", "ERRORS", "FLAG",
    "FUNCTIONS", "GAP", "GROUPS", "NAMESPACE", "POINTS", "PRAISE", "PROGRESS8",
    "TARGET", "UNDERACHIEVING", "WHY", "WorksheetFunction", "subject_scales",
    "use_tables", "worksheet_function",
]  # fmt: skip

MAX_ATTAINMENT8 = 90
_TABLE = "The table with its heading row: Adno, Subject, Target, Prediction."


def subject_scales(subjects: Sequence[Cell], tables: Tables | None = None) -> list[str]:
    """Return the name of each subject's scale; empty for a blank or unknown subject.

    >>> subject_scales(["Combined Science", "History", ""])
    ['combined_science', 'gcse', '']
    """
    known = tables or current_tables()

    def scale_name(cell: Cell) -> str:
        subject = known.subject(tidy(cell))
        return subject.scale if subject.recognised and subject.name else ""

    return map_distinct(scale_name, subjects)


@worksheet_function(
    table=_TABLE,
    by="The heading to group by, such as PP; two joined by ' x '.",
    measure=f"One of {', '.join(MEASURES)}; all counts if left out.",
)
def GROUPS(table: Cell, by: Cell, measure: Cell = None) -> Cell:
    """A table of groups: how many are above, on and below target, and how far.

    >>> marks = [["PP", "Target", "Prediction"], ["Y", "5", "4"], ["N", "5", "5"]]
    >>> [row[:5] for row in GROUPS(marks, "PP")]
    [['PP', 'pupils', 'with data', 'above', 'on'], ['N', 1, 1, 0, 1], ['Y', 1, 1, 0, 0]]
    """
    heading, name = (tidy(range_rows(cell)[0][0]) for cell in (by, measure))
    if not heading or is_zero(range_rows(by)[0][0]):
        raise MarkbookError(
            "There is nothing to group by.", "Give a heading of the table, such as PP."
        )
    name = "" if name == "0" else name.casefold().replace(" ", "_")
    return groups_table(read_table(range_rows(table)), heading, name, current_tables())


@worksheet_function(
    table=_TABLE, subjects="In how many subjects at least; one if left out."
)
def UNDERACHIEVING(table: Cell, subjects: Cell = None) -> Cell:
    """The pupils who are below target, worst first, with the subjects.

    >>> marks = [["Adno", "Subject", "Target", "Prediction"], ["1", "Art", "5", "4"]]
    >>> UNDERACHIEVING(marks)[1]
    ['1', 1, 0, 1, 'Art']
    """
    least = _read_least(subjects)
    frame = read_table(range_rows(table))
    return pupils_table(frame, current_tables(), praised=False, least=least)


@worksheet_function(
    table=_TABLE,
    subjects="In how many subjects at least; in all with a flag if left out.",
)
def PRAISE(table: Cell, subjects: Cell = None) -> Cell:
    """The pupils on or above target, and those given special praise.

    >>> marks = [["Adno", "Subject", "Target", "Prediction"], ["1", "Art", "5", "6"]]
    >>> PRAISE(marks)[1]
    ['1', 1, 0, 1, 'Art']
    """
    least = _read_least(subjects)
    frame = read_table(range_rows(table))
    return pupils_table(frame, current_tables(), praised=True, least=least)


@worksheet_function(subjects=SUBJECTS, grades=GRADES)
def ATTAINMENT8(subjects: Cell, grades: Cell) -> Cell:
    """Attainment 8, the sum of ten weighted slots, of each pupil.

    A grade that is missing is never counted as 0: the answer says so instead.

    >>> ATTAINMENT8(["English Language", "Mathematics"], ["5", "6"])
    17
    """

    def answer(names: list[str], cells: list[Cell]) -> Cell:
        results = pd.DataFrame({"subject": names, "grade": cells}, dtype=object)
        pupils = attainment8(results.assign(adno=""), current_tables()).pupils
        missing = [
            name
            for name, cell in zip(names, cells, strict=True)
            if read_subject_grade(current_tables(), name, cell) == ("blank", None)
        ]
        if missing or not pupils["complete"].all():
            raise MarkbookError(
                f"There is no grade in {', '.join(missing) or 'some subject'}.",
                "Fill it in, or write N/T where the pupil does not take it.",
            )
        return whole_points(int(pupils["points"].sum()))

    return spill_by_pupil(answer, subjects, grades)


@worksheet_function(
    attainment8="Attainment 8 (0 to 90), or a range.", reading=READING, maths=MATHS
)
def PROGRESS8(attainment8: Cell, reading: Cell, maths: Cell) -> Cell:
    """A Progress 8 style estimate: grades above similar pupils of the latest year.

    It is (Attainment 8 - the estimate for the mean of both scores) / 10.

    >>> PROGRESS8("", 100, 100)
    ''
    """
    rows: list[tuple[int, int]] = []

    def row_number(*cells: Cell) -> Cell:
        scores = [read_score(current_tables(), cell) for cell in cells[1:]]
        points = read_number(cells[0], "Attainment 8", 0, MAX_ATTAINMENT8)
        start = starting_point(scores[0], scores[1], "both")
        if points is None or start is None:
            return None
        figures = current_tables().key_stage_4
        if figures.latest.group(start.halves) is None:
            raise MarkbookError(
                f"There is no estimate for a mean score of {start.text}.",
                f"Use scores up to {figures.latest.high / 2:g}.",
            )
        rows.append((start.halves, round(points * POINT)))
        return len(rows) - 1

    numbers = spill(row_number, attainment8, reading, maths)
    # All rows are calculated at once.
    pupils = pd.DataFrame(rows, columns=["halves", "points"], dtype="int64")
    scores = progress8(pupils, current_tables().key_stage_4)["score"]
    answers = [score_decimals(int(score)) for score in scores]

    def replace_numbers(cell: Cell) -> Cell:
        if isinstance(cell, list):
            return [replace_numbers(inner) for inner in cell]
        return answers[cell] if isinstance(cell, int) else cell

    return replace_numbers(numbers)


@worksheet_function(
    predicted="The grades that were predicted.", actual="The grades that came."
)
def ACCURACY(predicted: Cell, actual: Cell) -> Cell:
    """How predictions turned out: exact, within a grade, and the mean error.

    Only pupils with both are counted. An error above nought means that predictions
    were too high.

    >>> ACCURACY(["5", "6", ""], ["5", "5", "4"])[1][:4]
    [2, 0.5, 1.0, 0.5]
    """
    predictions, results = range_rows(predicted), range_rows(actual)
    subjects = spill(_subject_for_grades, predictions, results)
    if isinstance(subjects, str):
        return subjects
    for row in subjects:
        for answer in row:
            if answer.startswith(ERROR_PREFIX):
                return answer
    pairs = [
        (subject, *(tidy(cell) for cell in cells))
        for row in zip(subjects, predictions, results, strict=True)
        for subject, *cells in zip(*row, strict=True)
        if subject
    ]
    if not pairs:
        return ""
    outcomes = pd.DataFrame(pairs, columns=["subject", "predicted", "actual"])
    totals = accuracy(outcomes, current_tables()).iloc[0]
    heads = ["pupils", "exact", "within a grade", "mean error", "low", "high"]
    heads += ["too high", "too low", "note"]
    cells: list[Cell] = [int(totals["n"])]
    cells += [float(totals[name]) for name in ("exact_share", "within_one_share")]
    cells += [
        "" if pd.isna(totals[name]) else round(float(totals[name]), 10)
        for name in ("error", "low", "high")
    ]
    cells += [int(totals[name]) for name in ("over", "under")]
    return [heads, [*cells, TOO_FEW if totals["few"] else ""]]


def _subject_for_grades(predicted: Cell, actual: Cell) -> str:
    """Return a subject whose scale has both grades; empty where one is no grade."""
    scale = choose_scale(current_tables(), None, predicted, actual)
    grades = [read_grade(current_tables(), cell, scale) for cell in (predicted, actual)]
    subject = "Combined Science" if scale.name == PAIR_SCALE else "Mathematics"
    return subject if None not in grades else ""


def _read_least(cell: Cell) -> int | None:
    """Read the argument `subjects`: at least how many; None for a blank."""
    first = range_rows(cell)[0][0]
    if is_zero(first):
        return None
    least = read_number(first, "The number of subjects", 1, 30)
    if least is not None and least != int(least):
        raise MarkbookError(
            f"The number of subjects {quote(f'{least:g}')} cannot be used.",
            "Use a whole number from 1 to 30.",
        )
    return None if least is None else int(least)
