"""The worksheet functions that Excel calls, as `MB.FLAG` or `MB_FLAG`.

One module serves both add-ins. A range spills a range, a blank answers a blank, and
a mistake answers in its cell with what is wrong and what is allowed. Without Excel and
without a server each is a plain function of cells and of ranges (rows of cells):

>>> FLAG("4", "5"), FLAG([["6"], [None], ["Abs"]], "5")
('Below', [['Above'], [''], ['']])
>>> FLAG("6+", "5")[:42]
"? '6+' is not a grade of GCSE 9–1. Use one"
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import pandas as pd
import xlwings

from udfs.errors import MarkbookError
from udfs.excel.grade_arguments import (
    NOT_TAKEN,
    PAIR_SCALE,
    choose_scale,
    read_ambition,
    read_grade,
    read_score,
    read_subject_grade,
    target_basis,
)
from udfs.excel.headings import read_table
from udfs.excel.ranges import (
    ERROR_PREFIX,
    Cell,
    count_errors,
    cut_to_used,
    error_text,
    is_blank,
    is_zero,
    range_rows,
    read_number,
    spill,
    spill_by_pupil,
)
from udfs.excel.selection import MEASURES, groups_table, pupils_table
from udfs.measures import flags
from udfs.measures.attainment8 import attainment8
from udfs.measures.prediction_accuracy import accuracy
from udfs.measures.progress8 import progress8, score_decimals
from udfs.scales.prior_attainment import starting_point
from udfs.scales.scale import POINT
from udfs.statistics.inference import TOO_FEW
from udfs.tables import Tables, standard
from udfs.text import map_distinct, quote, tidy

CATEGORY = "Markbook"
NAMESPACE = "MB"
MAX_ATTAINMENT8 = 90

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class WorksheetFunction:
    """A worksheet function as Excel's function wizard shows it.

    Args:
        name: Its name after `MB.` or `MB_`.
        summary: What it returns.
        arguments: The name of each argument with its help.
        optional: The arguments that may be left out.
        function: The function itself.
    """

    name: str
    summary: str
    arguments: dict[str, str]
    optional: tuple[str, ...]
    function: Callable[..., Any]


FUNCTIONS: dict[str, WorksheetFunction] = {}
_school_tables: list[Tables] = []


def use_tables(tables: Tables | None) -> None:
    """Answer with a school's own scales and subjects; None for the standard ones."""
    _school_tables[:] = [] if tables is None else [tables]


def subject_scales(subjects: Sequence[Cell], tables: Tables | None = None) -> list[str]:
    """Return the name of each subject's scale; empty for a blank or unknown subject.

    >>> subject_scales(["Combined Science", "History", ""])
    ['combined_science', 'gcse', '']
    """
    known = tables or _tables()

    def scale_name(cell: Cell) -> str:
        subject = known.subject(tidy(cell))
        return subject.scale if subject.recognised and subject.name else ""

    return map_distinct(scale_name, subjects)


def _tables() -> Tables:
    return _school_tables[0] if _school_tables else standard()


def worksheet_function(**arguments: str) -> Callable[[Function], Function]:
    """Register a function for Excel, with help for each argument."""

    def register(function: Function) -> Function:
        @wraps(function)
        def answer(*cells: Cell, **named: Cell) -> Cell:
            try:
                return function(*cut_to_used(cells), **named)
            except MarkbookError as error:
                return error_text(error)

        name, doc = function.__name__, inspect.getdoc(function) or ""
        answer.__doc__ = doc.partition("\n\n")[0].replace("\n", " ")
        answer.__annotations__ = {}  # Excel's cells are of any type
        excel_function: Any = answer
        for argument, help_text in arguments.items():
            # Always as rows, so that a single row differs from a single column.
            excel_function = xlwings.arg(
                argument, ndim=2, err_to_str=True, doc=help_text
            )(excel_function)
        declare = xlwings.func(category=CATEGORY)
        excel_function = declare(excel_function)
        parameters = inspect.signature(function).parameters.values()
        FUNCTIONS[name] = WorksheetFunction(
            name,
            answer.__doc__,
            arguments,
            tuple(p.name for p in parameters if p.default is not p.empty),
            excel_function,
        )
        answer.__doc__ = doc
        return excel_function  # type: ignore[no-any-return]  # xlwings has no types

    return register


_SCALE = "The scale, gcse if left out (combined_science where the grade is a pair)."
_PREDICTION = "The predicted grade, or a range of them."
_TARGET = "The expected target, or a range of them."
_SUBJECT = "The subject's name, such as Mathematics, or a range of names."
_READING = "The Key Stage 2 reading score (80 to 120, or N), or a range."
_MATHS = "The Key Stage 2 mathematics score (80 to 120, or N), or a range."
_TABLE = "The table with its heading row: Adno, Subject, Target, Prediction."
_SUBJECTS = "The names of the subjects, one for each row or column of grades."
_GRADES = "The grades of one pupil, or one row for each pupil; N/T: does not take it."


@worksheet_function(grade="The grade, or a range of grades.", scale_name=_SCALE)
def POINTS(grade: Cell, scale_name: Cell = None) -> Cell:
    """Performance-table points of a grade.

    >>> POINTS("5"), POINTS("5-4"), POINTS("L2D*", "level12"), POINTS("Abs")
    (5, 4.5, 8.5, '')
    """

    def answer(cell: Cell, scale_cell: Cell) -> Cell:
        scale = choose_scale(_tables(), scale_cell, cell)
        name = read_grade(_tables(), cell, scale)
        return None if name is None else _whole(scale.points(name))

    return spill(answer, grade, scale_name)


@worksheet_function(
    subject=_SUBJECT,
    reading=_READING,
    maths=_MATHS,
    ambition="0.60 if left out: a grade that 40 in 100 similar pupils reached.",
    challenge="Whole grades added to that; none if left out.",
)
def TARGET(
    subject: Cell,
    reading: Cell,
    maths: Cell,
    ambition: Cell = None,
    challenge: Cell = None,
) -> Cell:
    """The target that pupils with the same prior attainment lead to.

    >>> TARGET("Physics", 97, 97), TARGET("Physics", 97, 97, 0.8)
    ('4', '5')
    """

    def answer(*cells: Cell) -> Cell:
        ambition, steps = (
            read_ambition(cells[3]),
            read_number(cells[4], "Challenge", 0, 9),
        )
        if steps is not None and steps != int(steps):
            raise MarkbookError(f"Challenge {steps:g} cannot be used.", "Use 0 to 9.")
        base = target_basis(_tables(), *cells[:3])
        if base is None:
            return None
        challenge = int(steps or 0)
        return base.figures.target(
            base.start.halves, base.scale, ambition=ambition, challenge=challenge
        ).grade

    return spill(answer, subject, reading, maths, ambition, challenge)


@worksheet_function(
    subject=_SUBJECT,
    reading=_READING,
    maths=_MATHS,
    grade="The grade to reach, or a range of grades.",
)
def CHANCE(subject: Cell, reading: Cell, maths: Cell, grade: Cell) -> Cell:
    """The share (0 to 1) of similar pupils nationally who reached a grade.

    >>> CHANCE("Physics", 97, 97, "4") >= 0.4 > CHANCE("Physics", 97, 97, "5")
    True
    """

    def answer(*cells: Cell) -> Cell:
        base = target_basis(_tables(), *cells[:3])
        if base is None:
            return None
        target_grade = read_grade(_tables(), cells[3], base.scale)
        if target_grade is None:
            return None
        whole = base.scale.whole(target_grade)
        return float(base.figures.share(base.start.halves, whole).value)

    return spill(answer, subject, reading, maths, grade)


@worksheet_function(prediction=_PREDICTION, target=_TARGET, scale_name=_SCALE)
def FLAG(prediction: Cell, target: Cell, scale_name: Cell = None) -> Cell:
    """Above, On, Below or Well below: the prediction against the expected target.

    >>> FLAG("3", "5"), FLAG("54", "5-5"), FLAG("", "5")
    ('Well below', 'Below', '')
    """

    def answer(*cells: Cell) -> Cell:
        scale = choose_scale(_tables(), cells[2], *cells[:2])
        predicted, target_grade = (
            read_grade(_tables(), cell, scale) for cell in cells[:2]
        )
        return flags.flag(predicted, target_grade, scale)

    return spill(answer, prediction, target, scale_name)


@worksheet_function(prediction=_PREDICTION, target=_TARGET, scale_name=_SCALE)
def GAP(prediction: Cell, target: Cell, scale_name: Cell = None) -> Cell:
    """Whole grades from the target to the prediction; negative is below.

    >>> GAP("3", "5"), GAP("5-4", "4-4"), GAP("Abs", "5")
    (-2, 0.5, '')
    """

    def answer(*cells: Cell) -> Cell:
        scale = choose_scale(_tables(), cells[2], *cells[:2])
        predicted, target_grade = (
            read_grade(_tables(), cell, scale) for cell in cells[:2]
        )
        difference = flags.gap(predicted, target_grade, scale)
        return None if difference is None else _whole(difference)

    return spill(answer, prediction, target, scale_name)


@worksheet_function(
    prediction=_PREDICTION,
    target=_TARGET,
    working_at="The working-at grade, or a range; it is told and makes no flag.",
    scale_name=_SCALE,
)
def WHY(
    prediction: Cell, target: Cell, working_at: Cell, scale_name: Cell = None
) -> Cell:
    """The reason for a flag, in a sentence.

    >>> WHY("4", "5", "4")
    'Below: the prediction 4 is 1 grade below the target 5. Working at 4.'
    """

    def answer(*cells: Cell) -> Cell:
        scale = choose_scale(_tables(), cells[3], *cells[:3])
        predicted, target_grade, working = (
            read_grade(_tables(), cell, scale) for cell in cells[:3]
        )
        if all(is_blank(cell) or is_zero(cell) for cell in cells[:2]):
            return None
        return flags.flag_reason(predicted, target_grade, scale, working_at=working)

    return spill(answer, prediction, target, working_at, scale_name)


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
    return groups_table(read_table(range_rows(table)), heading, name, _tables())


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
    return pupils_table(frame, _tables(), praised=False, least=least)


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
    return pupils_table(frame, _tables(), praised=True, least=least)


@worksheet_function(subjects=_SUBJECTS, grades=_GRADES)
def ATTAINMENT8(subjects: Cell, grades: Cell) -> Cell:
    """Attainment 8, the sum of ten weighted slots, of each pupil.

    A grade that is missing is never counted as 0: the answer says so instead.

    >>> ATTAINMENT8(["English Language", "Mathematics"], ["5", "6"])
    17
    """

    def answer(names: list[str], cells: list[Cell]) -> Cell:
        results = pd.DataFrame({"subject": names, "grade": cells}, dtype=object)
        pupils = attainment8(results.assign(adno=""), _tables()).pupils
        missing = [
            name
            for name, cell in zip(names, cells, strict=True)
            if read_subject_grade(_tables(), name, cell) == ("blank", None)
        ]
        if missing or not pupils["complete"].all():
            raise MarkbookError(
                f"There is no grade in {', '.join(missing) or 'some subject'}.",
                "Fill it in, or write N/T where the pupil does not take it.",
            )
        return _whole(int(pupils["points"].sum()))

    return spill_by_pupil(answer, subjects, grades)


@worksheet_function(
    attainment8="Attainment 8 (0 to 90), or a range.", reading=_READING, maths=_MATHS
)
def PROGRESS8(attainment8: Cell, reading: Cell, maths: Cell) -> Cell:
    """A Progress 8 style estimate: grades above similar pupils of the latest year.

    It is (Attainment 8 - the estimate for the mean of both scores) / 10.

    >>> PROGRESS8("", 100, 100)
    ''
    """
    rows: list[tuple[int, int]] = []

    def row_number(*cells: Cell) -> Cell:
        scores = [read_score(_tables(), cell) for cell in cells[1:]]
        points = read_number(cells[0], "Attainment 8", 0, MAX_ATTAINMENT8)
        start = starting_point(scores[0], scores[1], "both")
        if points is None or start is None:
            return None
        figures = _tables().key_stage_4
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
    scores = progress8(pupils, _tables().key_stage_4)["score"]
    answers = [score_decimals(int(score)) for score in scores]

    def replace_numbers(cell: Cell) -> Cell:
        if isinstance(cell, list):
            return [replace_numbers(inner) for inner in cell]
        return answers[cell] if isinstance(cell, int) else cell

    return replace_numbers(numbers)


@worksheet_function(
    subjects=_SUBJECTS,
    grades=_GRADES,
    threshold="The grade to reach in both: 4, 5 or 7.",
)
def ENGLISHMATHS(subjects: Cell, grades: Cell, threshold: Cell) -> Cell:
    """Whether each pupil reaches a grade in both English and mathematics.

    English is the better of Language and Literature. A subject that is not taken (N/T)
    is not reached; where a grade is missing that could reach it, the answer is blank.

    >>> ENGLISHMATHS(["English Language", "Mathematics"], ["5", "4"], 4)
    True
    >>> ENGLISHMATHS(["English Language", "Mathematics"], ["5", "N/T"], 4)
    False
    """
    minimum = read_number(range_rows(threshold)[0][0], "The threshold", 1, 9)
    if minimum is None or minimum != int(minimum):
        raise MarkbookError("There is no threshold.", "Use a grade: 4, 5 or 7.")

    def answer(names: list[str], cells: list[Cell]) -> Cell:
        reached = []
        for title, slots in (
            ("English", ("english_language", "english_literature")),
            ("mathematics", ("maths",)),
        ):
            subject_grades = [
                read_subject_grade(_tables(), name, cell)
                for name, cell in zip(names, cells, strict=True)
                if _tables().subject(name).slot in slots
            ]
            if not subject_grades:
                raise MarkbookError(
                    f"There is no {title} among the subjects.",
                    "Give English Language or English Literature, and Mathematics.",
                )
            levels = [level for _, level in subject_grades if level is not None]
            high = any(level >= minimum * POINT for level in levels)
            answered = ("grade", NOT_TAKEN)  # a subject not taken is not reached
            if not high and any(kind not in answered for kind, _ in subject_grades):
                return None  # a missing grade may still reach it
            reached.append(high)
        return all(reached)

    return spill_by_pupil(answer, subjects, grades)


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
    totals = accuracy(outcomes, _tables()).iloc[0]
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


@worksheet_function(answers="The cells with answers of these functions.")
def ERRORS(answers: Cell) -> Cell:
    """How many answers say what is wrong instead: those that begin with "? ".

    Put it beside a calculation, so that a sheet, a chart or an average is not shown
    while an answer is wrong: =IF(MB.ERRORS(C2:C31)=0, AVERAGE(C2:C31), "Look at C").

    >>> ERRORS([["Below"], [FLAG("6+", "5")], [""]]), ERRORS(FLAG("4", "5"))
    (1, 0)
    """
    return count_errors(range_rows(answers))


def _subject_for_grades(predicted: Cell, actual: Cell) -> str:
    """Return a subject whose scale has both grades; empty where one is no grade."""
    scale = choose_scale(_tables(), None, predicted, actual)
    grades = [read_grade(_tables(), cell, scale) for cell in (predicted, actual)]
    subject = "Combined Science" if scale.name == PAIR_SCALE else "Mathematics"
    return subject if None not in grades else ""


def _whole(sixtieths: int) -> int | float:
    return sixtieths // POINT if sixtieths % POINT == 0 else sixtieths / POINT


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
