"""The worksheet functions of grades, cell by cell: they run without pandas, too."""

from __future__ import annotations

from udfs.errors import MarkbookError
from udfs.excel.grade_arguments import (
    NOT_TAKEN,
    choose_scale,
    read_ambition,
    read_grade,
    read_subject_grade,
    target_basis,
)
from udfs.excel.ranges import (
    Cell,
    count_errors,
    is_blank,
    is_zero,
    range_rows,
    read_number,
    spill,
    spill_by_pupil,
)
from udfs.excel.registry import current_tables, worksheet_function
from udfs.measures import flags
from udfs.scales.scale import POINT

_SCALE = "The scale, gcse if left out (combined_science where the grade is a pair)."
_PREDICTION = "The predicted grade, or a range of them."
_TARGET = "The expected target, or a range of them."
_SUBJECT = "The subject's name, such as Mathematics, or a range of names."
READING = "The Key Stage 2 reading score (80 to 120, or N), or a range."
MATHS = "The Key Stage 2 mathematics score (80 to 120, or N), or a range."
SUBJECTS = "The names of the subjects, one for each row or column of grades."
GRADES = "The grades of one pupil, or one row for each pupil; N/T: does not take it."


@worksheet_function(grade="The grade, or a range of grades.", scale_name=_SCALE)
def POINTS(grade: Cell, scale_name: Cell = None) -> Cell:
    """Performance-table points of a grade.

    >>> POINTS("5"), POINTS("5-4"), POINTS("L2D*", "level12"), POINTS("Abs")
    (5, 4.5, 8.5, '')
    """

    def answer(cell: Cell, scale_cell: Cell) -> Cell:
        scale = choose_scale(current_tables(), scale_cell, cell)
        name = read_grade(current_tables(), cell, scale)
        return None if name is None else whole_points(scale.points(name))

    return spill(answer, grade, scale_name)


@worksheet_function(
    subject=_SUBJECT,
    reading=READING,
    maths=MATHS,
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
        base = target_basis(current_tables(), *cells[:3])
        if base is None:
            return None
        challenge = int(steps or 0)
        return base.figures.target(
            base.start.halves, base.scale, ambition=ambition, challenge=challenge
        ).grade

    return spill(answer, subject, reading, maths, ambition, challenge)


@worksheet_function(
    subject=_SUBJECT,
    reading=READING,
    maths=MATHS,
    grade="The grade to reach, or a range of grades.",
)
def CHANCE(subject: Cell, reading: Cell, maths: Cell, grade: Cell) -> Cell:
    """The share (0 to 1) of similar pupils nationally who reached a grade.

    >>> CHANCE("Physics", 97, 97, "4") >= 0.4 > CHANCE("Physics", 97, 97, "5")
    True
    """

    def answer(*cells: Cell) -> Cell:
        base = target_basis(current_tables(), *cells[:3])
        if base is None:
            return None
        target_grade = read_grade(current_tables(), cells[3], base.scale)
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
        scale = choose_scale(current_tables(), cells[2], *cells[:2])
        predicted, target_grade = (
            read_grade(current_tables(), cell, scale) for cell in cells[:2]
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
        scale = choose_scale(current_tables(), cells[2], *cells[:2])
        predicted, target_grade = (
            read_grade(current_tables(), cell, scale) for cell in cells[:2]
        )
        difference = flags.gap(predicted, target_grade, scale)
        return None if difference is None else whole_points(difference)

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
        scale = choose_scale(current_tables(), cells[3], *cells[:3])
        predicted, target_grade, working = (
            read_grade(current_tables(), cell, scale) for cell in cells[:3]
        )
        if all(is_blank(cell) or is_zero(cell) for cell in cells[:2]):
            return None
        return flags.flag_reason(predicted, target_grade, scale, working_at=working)

    return spill(answer, prediction, target, working_at, scale_name)


@worksheet_function(
    subjects=SUBJECTS,
    grades=GRADES,
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
                read_subject_grade(current_tables(), name, cell)
                for name, cell in zip(names, cells, strict=True)
                if current_tables().subject(name).slot in slots
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


@worksheet_function(answers="The cells with answers of these functions.")
def ERRORS(answers: Cell) -> Cell:
    """How many answers say what is wrong instead: those that begin with "? ".

    Put it beside a calculation, so that a sheet, a chart or an average is not shown
    while an answer is wrong: =IF(MB.ERRORS(C2:C31)=0, AVERAGE(C2:C31), "Look at C").

    >>> ERRORS([["Below"], [FLAG("6+", "5")], [""]]), ERRORS(FLAG("4", "5"))
    (1, 0)
    """
    return count_errors(range_rows(answers))


def whole_points(sixtieths: int) -> int | float:
    """Points from sixtieths, as a whole number where they are one."""
    return sixtieths // POINT if sixtieths % POINT == 0 else sixtieths / POINT
