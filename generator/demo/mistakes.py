"""The mistakes in a few of the returned markbooks."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from openpyxl.worksheet.worksheet import Worksheet

from generator.demo.synthetic_pupils import Pupil
from generator.demo.synthetic_school import EXTRA_MATHS_SUFFIX, SyntheticSchool
from generator.demo.synthetic_timetable import TaughtClass
from generator.demo.teacher_copy import SheetCopy
from udfs.tables import Tables


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a return.

    Args:
        name: A unique short name.
        description: What the teacher did: `typed 6+ where …`.
        scale: The scale of the class; empty for any.
        change: Changes the filled-in entry sheet; None for a mistake of the file.
        filled_share: The share of the class that is filled in.
        file_name: The teacher's name for the file, with `{class_code}`; or empty.
        resave: Changes the sheet in another program, which saves it; or None.
    """

    name: str
    description: str
    scale: str = ""
    change: Callable[[SheetCopy, random.Random, SyntheticSchool], None] | None = None
    filled_share: float = 1.0
    file_name: str = ""
    resave: Callable[[Worksheet, SheetCopy], None] | None = None


def _some_row(sheet: SheetCopy, rng: random.Random) -> int:
    return rng.choice(sorted(sheet.rows))


def _no_grade(sheet: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    sheet.write("prediction", _some_row(sheet, rng), "6+")
    sheet.write("working_at", _some_row(sheet, rng), "10")


def _formula(sheet: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    row = _some_row(sheet, rng)
    if "target" in sheet.columns and "prediction" in sheet.columns:
        sheet.write("prediction", row, f"={sheet.cell('target', row)}")


def _insert_other_pupil(
    sheet: SheetCopy, rng: random.Random, school: SyntheticSchool
) -> None:
    here = {values.get("adno") for values in sheet.rows.values()}
    year = next((t.year for t in school.classes if t.code == sheet.class_code), 0)
    others = [pupil for pupil in school.pupils if pupil.adno not in here]
    if others:
        other = min(others, key=lambda pupil: (pupil.year != year, pupil.adno))
        _write_name(sheet, _some_row(sheet, rng), other)


def _omit_hyphens(
    sheet: SheetCopy, rng: random.Random, school: SyntheticSchool
) -> None:
    for key in ("working_at", "prediction"):
        for row in sheet.rows:
            if key in sheet.columns:
                text = sheet.entries.get(sheet.cell(key, row), "")
                sheet.write(key, row, text.replace("-", ""))


def _type_carelessly(
    sheet: SheetCopy, rng: random.Random, school: SyntheticSchool
) -> None:
    for row in sheet.rows:
        for key in ("working_at", "prediction"):
            if key in sheet.columns:
                text = sheet.entries.get(sheet.cell(key, row), "")
                sheet.write(key, row, f" {text.lower()}  " if text else "")
        sheet.write("praise", row, rng.choice(("", "", "", "yes ")))
    sheet.write("prediction", _some_row(sheet, rng), "abs")


def _add_joiner(sheet: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    placed = {p.adno for taught in school.classes for p in taught.members}
    waiting = [pupil for pupil in school.pupils if pupil.adno not in placed]
    if waiting:
        _write_name(sheet, sheet.joiner_rows[0], waiting[0])
        sheet.write("reg", sheet.joiner_rows[0], waiting[0].reg)
        sheet.write("working_at", sheet.joiner_rows[0], "4")
        sheet.write("prediction", sheet.joiner_rows[0], "5")


def _add_without_adno(
    sheet: SheetCopy, rng: random.Random, school: SyntheticSchool
) -> None:
    sheet.write("surname", sheet.joiner_rows[0], "Nguyen")
    sheet.write("forename", sheet.joiner_rows[0], "Lan")
    sheet.write("working_at", sheet.joiner_rows[0], "3")
    sheet.write("prediction", sheet.joiner_rows[0], "5")


def _write_name(sheet: SheetCopy, row: int, pupil: Pupil) -> None:
    sheet.write("adno", row, pupil.adno)
    sheet.write("surname", row, pupil.surname)
    sheet.write("forename", row, pupil.forename)


def _lower_predictions(
    sheet: SheetCopy, rng: random.Random, school: SyntheticSchool
) -> None:
    for row in sorted(sheet.rows)[:2]:
        address = sheet.cell("prediction", row)
        grade = sheet.entries.get(address, "")
        if grade.isdigit():
            sheet.write("prediction", row, str(int(grade) - 1 if grade > "1" else 2))


def _predict_too_high(
    sheet: SheetCopy, rng: random.Random, school: SyntheticSchool
) -> None:
    rows = rng.sample(sorted(sheet.rows), min(3, len(sheet.rows)))
    for row in rows:
        sheet.write("working_at", row, "3")
        sheet.write("prediction", row, "8")
        sheet.write("reason", row, "")
    sheet.write("reason", rows[0], "mock evidence")


def _date(worksheet: Worksheet, sheet: SheetCopy) -> None:
    pairs = [
        row
        for row in sorted(sheet.rows)
        if "-" in sheet.entries.get(sheet.cell("prediction", row), "")
    ]
    if pairs:
        address = sheet.cell("prediction", pairs[len(pairs) // 2])
        higher, lower = sheet.entries[address].split("-")
        # Excel turns 6-5 into a date when it is pasted from another list.
        worksheet[address].value = datetime(2026, int(lower), int(higher))
        worksheet[address].number_format = "d-mmm"


def _no_change(worksheet: Worksheet, sheet: SheetCopy) -> None:
    pass


# For the extra maths class, whose pupils are in a set as well.
DISAGREEMENT = Mistake(
    "two minds",
    "thinks less of two pupils than the teacher of their set does",
    change=_lower_predictions,
)
MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "no grade", "typed 6+ and 10 where the grades are 1 to 9", "gcse", _no_grade
    ),
    Mistake(
        "date",
        "pasted a grade that a spreadsheet had turned into a date",
        "combined_science",
        resave=_date,
    ),
    Mistake("formula", "typed a formula in place of a grade", "gcse", _formula),
    Mistake(
        "row of another class",
        "unlocked the sheet and wrote another class's pupil over a row",
        change=_insert_other_pupil,
    ),
    Mistake(
        "pairs", "typed 54 for 5-4 all the way down", "combined_science", _omit_hyphens
    ),
    Mistake(
        "careless", "typed in lower case, with spaces", "level12", _type_carelessly
    ),
    Mistake(
        "joiner",
        "wrote in a pupil whose classes are not in the MIS yet",
        "gcse",
        _add_joiner,
    ),
    Mistake("nameless", "wrote in a pupil without the Adno", "gcse", _add_without_adno),
    Mistake("far", "predicted five grades above working-at", "gcse", _predict_too_high),
    Mistake("half", "filled in half the class", filled_share=0.5),
    Mistake("untouched", "sent the markbook back as it came", filled_share=0.0),
    Mistake(
        "renamed",
        "called the file something else",
        file_name="Copy of {class_code} FINAL v2 (1).xlsx",
    ),
    Mistake(
        "other program",
        "saved it with another spreadsheet program",
        resave=_no_change,
    ),
)


def assign_mistakes(
    school: SyntheticSchool,
    tables: Tables,
    rng: random.Random,
    *,
    classes: Sequence[TaughtClass],
) -> dict[str, Mistake]:
    """Assign each mistake to a class; a class has at most one.

    Args:
        school: The synthetic school.
        tables: Its subjects and scales.
        rng: The source of chance.
        classes: The classes that return a markbook.

    Returns:
        Class code -> mistake, without mistakes that fit no class.
    """
    free = rng.sample(list(classes), len(classes))
    placed = {p.adno for taught in school.classes for p in taught.members}
    waiting = [pupil.year for pupil in school.pupils if pupil.adno not in placed]
    mistakes: dict[str, Mistake] = {}
    for mistake in MISTAKES:
        for taught in free:
            if mistake.name == "joiner" and taught.year not in waiting:
                continue
            if mistake.scale and _scale(tables, taught) != mistake.scale:
                continue
            if taught.lessons < 2 or len(taught.members) < 3:
                continue
            mistakes[taught.code] = mistake
            free.remove(taught)
            break
    extra = next((t for t in classes if t.code.endswith(EXTRA_MATHS_SUFFIX)), None)
    return mistakes | ({extra.code: DISAGREEMENT} if extra else {})


def _scale(tables: Tables, taught: TaughtClass) -> str:
    subject = tables.subject(taught.subject)
    return tables.subject(subject.covers[0]).scale if subject.covers else subject.scale
