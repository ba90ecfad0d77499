"""What goes wrong with a few markbooks, as it does in every school."""

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
    """One way in which a return is not as it should be.

    Args:
        name: A short name, unique.
        story: What the teacher did, to follow the class's code: `typed 6+ where …`.
        scale: The scale its class is graded on; empty where any will do.
        change: Changes the filled-in entry sheet; None where the file is meant.
        share: How much of the class is filled in.
        file: What the teacher calls the file, with `{class_code}`; empty keeps it.
        elsewhere: Whether another program saves it.
    """

    name: str
    description: str
    scale: str = ""
    change: Callable[[SheetCopy, random.Random, SyntheticSchool], None] | None = None
    filled_share: float = 1.0
    file_name: str = ""
    resave: Callable[[Worksheet, SheetCopy], None] | None = None


def _some_row(page: SheetCopy, rng: random.Random) -> int:
    return rng.choice(sorted(page.rows))


def _no_grade(page: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    page.write("prediction", _some_row(page, rng), "6+")
    page.write("working_at", _some_row(page, rng), "10")


def _formula(page: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    row = _some_row(page, rng)
    if "target" in page.columns and "prediction" in page.columns:
        page.write("prediction", row, f"={page.cell('target', row)}")


def _other_row(page: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    here = {values.get("adno") for values in page.rows.values()}
    year = next((t.year for t in school.classes if t.code == page.class_code), 0)
    others = [pupil for pupil in school.pupils if pupil.adno not in here]
    if others:
        other = min(others, key=lambda pupil: (pupil.year != year, pupil.adno))
        _name(page, _some_row(page, rng), other)


def _tight_pairs(page: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    for key in ("working_at", "prediction"):
        for row in page.rows:
            if key in page.columns:
                text = page.entries.get(page.cell(key, row), "")
                page.write(key, row, text.replace("-", ""))


def _careless(page: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    for row in page.rows:
        for key in ("working_at", "prediction"):
            if key in page.columns:
                text = page.entries.get(page.cell(key, row), "")
                page.write(key, row, f" {text.lower()}  " if text else "")
        page.write("praise", row, rng.choice(("", "", "", "yes ")))
    page.write("prediction", _some_row(page, rng), "abs")


def _joiner(page: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    placed = {p.adno for taught in school.classes for p in taught.members}
    waiting = [pupil for pupil in school.pupils if pupil.adno not in placed]
    if waiting:
        _name(page, page.joiner_rows[0], waiting[0])
        page.write("reg", page.joiner_rows[0], waiting[0].reg)
        page.write("working_at", page.joiner_rows[0], "4")
        page.write("prediction", page.joiner_rows[0], "5")


def _nameless(page: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    page.write("surname", page.joiner_rows[0], "Nguyen")
    page.write("forename", page.joiner_rows[0], "Lan")
    page.write("working_at", page.joiner_rows[0], "3")
    page.write("prediction", page.joiner_rows[0], "5")


def _name(page: SheetCopy, row: int, pupil: Pupil) -> None:
    page.write("adno", row, pupil.adno)
    page.write("surname", row, pupil.surname)
    page.write("forename", row, pupil.forename)


def _second_thoughts(
    page: SheetCopy, rng: random.Random, school: SyntheticSchool
) -> None:
    for row in sorted(page.rows)[:2]:
        address = page.cell("prediction", row)
        grade = page.entries.get(address, "")
        if grade.isdigit():
            page.write("prediction", row, str(int(grade) - 1 if grade > "1" else 2))


def _far(page: SheetCopy, rng: random.Random, school: SyntheticSchool) -> None:
    rows = rng.sample(sorted(page.rows), min(3, len(page.rows)))
    for row in rows:
        page.write("working_at", row, "3")
        page.write("prediction", row, "8")
        page.write("reason", row, "")
    page.write("reason", rows[0], "mock evidence")


def _date(sheet: Worksheet, page: SheetCopy) -> None:
    pairs = [
        row
        for row in sorted(page.rows)
        if "-" in page.entries.get(page.cell("prediction", row), "")
    ]
    if pairs:
        address = page.cell("prediction", pairs[len(pairs) // 2])
        higher, lower = page.entries[address].split("-")
        # What Excel makes of 6-5 when it is pasted from somebody's own list.
        sheet[address].value = datetime(2026, int(lower), int(higher))
        sheet[address].number_format = "d-mmm"


def _as_it_is(sheet: Worksheet, page: SheetCopy) -> None:
    pass


# For the extra maths class, whose pupils are in a set as well.
DISAGREEMENT = Mistake(
    "two minds",
    "thinks less of two pupils than the teacher of their set does",
    change=_second_thoughts,
)
MISTAKES: tuple[Mistake, ...] = (
    Mistake("no grade", "typed 6+ and 10 where 1 to 9 are asked", "gcse", _no_grade),
    Mistake(
        "date",
        "pasted a grade that a spreadsheet had turned into a date",
        "combined_science",
        resave=_date,
    ),
    Mistake("formula", "typed a formula where a grade is asked", "gcse", _formula),
    Mistake(
        "row of another class",
        "unlocked the sheet and wrote another class's pupil over a row",
        change=_other_row,
    ),
    Mistake(
        "pairs", "typed 54 for 5-4 all the way down", "combined_science", _tight_pairs
    ),
    Mistake("careless", "typed in lower case, with spaces", "level12", _careless),
    Mistake(
        "joiner",
        "wrote in a pupil whose classes are not in the MIS yet",
        "gcse",
        _joiner,
    ),
    Mistake("nameless", "wrote in a pupil without the Adno", "gcse", _nameless),
    Mistake("far", "predicted five grades above working-at", "gcse", _far),
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
        resave=_as_it_is,
    ),
)


def assign_mistakes(
    school: SyntheticSchool,
    tables: Tables,
    rng: random.Random,
    *,
    among: Sequence[TaughtClass],
) -> dict[str, Mistake]:
    """Which class has which mishap; a class has at most one.

    Args:
        school: The school; the joiner's class is of the joiner's year.
        tables: Its subjects and scales.
        rng: Who it is.
        among: The classes that hand something in.

    Returns:
        Class code -> deed; a deed that fits no class of a small school is left out.
    """
    free = rng.sample(list(among), len(among))
    placed = {p.adno for taught in school.classes for p in taught.members}
    waiting = [pupil.year for pupil in school.pupils if pupil.adno not in placed]
    made: dict[str, Mistake] = {}
    for deed in MISTAKES:
        for taught in free:
            if deed.name == "joiner" and taught.year not in waiting:
                continue
            if deed.scale and _scale(tables, taught) != deed.scale:
                continue
            if taught.lessons < 2 or len(taught.members) < 3:
                continue
            made[taught.code] = deed
            free.remove(taught)
            break
    extra = next((t for t in among if t.code.endswith(EXTRA_MATHS_SUFFIX)), None)
    return made | ({extra.code: DISAGREEMENT} if extra else {})


def _scale(tables: Tables, taught: TaughtClass) -> str:
    subject = tables.subject(taught.subject)
    return tables.subject(subject.covers[0]).scale if subject.covers else subject.scale
