"""What goes wrong with a few markbooks, as it does in every school."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from openpyxl.worksheet.worksheet import Worksheet

from generator.demo.copies import Page
from generator.demo.pupils import Pupil
from generator.demo.synthetic import EXTRA, SyntheticSchool
from generator.demo.timetable import TaughtClass
from udfs.tables import Tables


@dataclass(frozen=True, slots=True)
class Deed:
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
    story: str
    scale: str = ""
    change: Callable[[Page, random.Random, SyntheticSchool], None] | None = None
    share: float = 1.0
    file: str = ""
    elsewhere: Callable[[Worksheet, Page], None] | None = None


def _some_row(page: Page, rng: random.Random) -> int:
    return rng.choice(sorted(page.rows))


def _no_grade(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    page.write("prediction", _some_row(page, rng), "6+")
    page.write("working_at", _some_row(page, rng), "10")


def _formula(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    row = _some_row(page, rng)
    if "target" in page.columns and "prediction" in page.columns:
        page.write("prediction", row, f"={page.cell('target', row)}")


def _other_row(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    here = {values.get("adno") for values in page.rows.values()}
    year = next((t.year for t in school.classes if t.code == page.class_code), 0)
    others = [pupil for pupil in school.pupils if pupil.adno not in here]
    if others:
        other = min(others, key=lambda pupil: (pupil.year != year, pupil.adno))
        _name(page, _some_row(page, rng), other)


def _tight_pairs(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    for key in ("working_at", "prediction"):
        for row in page.rows:
            if key in page.columns:
                text = page.written.get(page.cell(key, row), "")
                page.write(key, row, text.replace("-", ""))


def _careless(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    for row in page.rows:
        for key in ("working_at", "prediction"):
            if key in page.columns:
                text = page.written.get(page.cell(key, row), "")
                page.write(key, row, f" {text.lower()}  " if text else "")
        page.write("praise", row, rng.choice(("", "", "", "yes ")))
    page.write("prediction", _some_row(page, rng), "abs")


def _joiner(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    placed = {p.adno for taught in school.classes for p in taught.members}
    waiting = [pupil for pupil in school.pupils if pupil.adno not in placed]
    if waiting:
        _name(page, page.spare[0], waiting[0])
        page.write("reg", page.spare[0], waiting[0].reg)
        page.write("working_at", page.spare[0], "4")
        page.write("prediction", page.spare[0], "5")


def _nameless(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    page.write("surname", page.spare[0], "Nguyen")
    page.write("forename", page.spare[0], "Lan")
    page.write("working_at", page.spare[0], "3")
    page.write("prediction", page.spare[0], "5")


def _name(page: Page, row: int, pupil: Pupil) -> None:
    page.write("adno", row, pupil.adno)
    page.write("surname", row, pupil.surname)
    page.write("forename", row, pupil.forename)


def _second_thoughts(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    for row in sorted(page.rows)[:2]:
        address = page.cell("prediction", row)
        grade = page.written.get(address, "")
        if grade.isdigit():
            page.write("prediction", row, str(int(grade) - 1 if grade > "1" else 2))


def _far(page: Page, rng: random.Random, school: SyntheticSchool) -> None:
    rows = rng.sample(sorted(page.rows), min(3, len(page.rows)))
    for row in rows:
        page.write("working_at", row, "3")
        page.write("prediction", row, "8")
        page.write("reason", row, "")
    page.write("reason", rows[0], "mock evidence")


def _date(sheet: Worksheet, page: Page) -> None:
    pairs = [
        row
        for row in sorted(page.rows)
        if "-" in page.written.get(page.cell("prediction", row), "")
    ]
    if pairs:
        address = page.cell("prediction", pairs[len(pairs) // 2])
        higher, lower = page.written[address].split("-")
        # What Excel makes of 6-5 when it is pasted from somebody's own list.
        sheet[address].value = datetime(2026, int(lower), int(higher))
        sheet[address].number_format = "d-mmm"


def _as_it_is(sheet: Worksheet, page: Page) -> None:
    pass


# For the extra maths class, whose pupils are in a set as well.
TWO_MINDS = Deed(
    "two minds",
    "thinks less of two pupils than the teacher of their set does",
    change=_second_thoughts,
)
DEEDS: tuple[Deed, ...] = (
    Deed("no grade", "typed 6+ and 10 where 1 to 9 are asked", "gcse", _no_grade),
    Deed(
        "date",
        "pasted a grade that a spreadsheet had turned into a date",
        "combined_science",
        elsewhere=_date,
    ),
    Deed("formula", "typed a formula where a grade is asked", "gcse", _formula),
    Deed(
        "row of another class",
        "unlocked the sheet and wrote another class's pupil over a row",
        change=_other_row,
    ),
    Deed(
        "pairs", "typed 54 for 5-4 all the way down", "combined_science", _tight_pairs
    ),
    Deed("careless", "typed in lower case, with spaces", "level12", _careless),
    Deed(
        "joiner",
        "wrote in a pupil whose classes are not in the MIS yet",
        "gcse",
        _joiner,
    ),
    Deed("nameless", "wrote in a pupil without the Adno", "gcse", _nameless),
    Deed("far", "predicted five grades above working-at", "gcse", _far),
    Deed("half", "filled in half the class", share=0.5),
    Deed("untouched", "sent the markbook back as it came", share=0.0),
    Deed(
        "renamed",
        "called the file something else",
        file="Copy of {class_code} FINAL v2 (1).xlsx",
    ),
    Deed(
        "other program",
        "saved it with another spreadsheet program",
        elsewhere=_as_it_is,
    ),
)


def deal(
    school: SyntheticSchool,
    tables: Tables,
    rng: random.Random,
    *,
    among: Sequence[TaughtClass],
) -> dict[str, Deed]:
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
    made: dict[str, Deed] = {}
    for deed in DEEDS:
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
    extra = next((t for t in among if t.code.endswith(EXTRA)), None)
    return made | ({extra.code: TWO_MINDS} if extra else {})


def _scale(tables: Tables, taught: TaughtClass) -> str:
    subject = tables.subject(taught.subject)
    return tables.subject(subject.covers[0]).scale if subject.covers else subject.scale
