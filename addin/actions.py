"""What each button does: one function over the workflow or the worksheet functions.

Every action first says what it will do, and does it when told to. It takes a
workbook of xlwings, on the desktop or sent by the other add-in, and writes plain
values with formats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlwings

from addin.answers import Plan, chart, column_plan, new_sheet, told, write
from addin.ribbon import TAB, buttons
from addin.tables import table_on
from generator import workflow
from generator.reference import reference
from generator.school import School
from udfs import functions
from udfs.errors import MarkbookError
from udfs.ranges import REFUSED, Cell, Rows

SURE = "markbookSure"  # what the other add-in calls once somebody has said yes
GROUPED_BY = ("PP", "SEN", "EAL", "Sex", "Class", "Subject", "Year")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who pressed a button, where and when.

    Args:
        book: The workbook that is open.
        now: The moment.
        who: Who is doing it.
        folder: The school folder, or None where none has been set.
    """

    book: xlwings.Book
    now: datetime
    who: str
    folder: Path | None = None

    def school(self) -> School:
        """The school.

        Raises:
            MarkbookError: If no school folder has been set.
        """
        if self.folder is None:
            raise MarkbookError(
                "Markbook does not know your school's folder.",
                "Run `markbook addin install --school DIR` once.",
            )
        return School.load(self.folder)


def run(name: str, asked: Asked, *, sure: bool = False) -> None:
    """Press a button.

    Args:
        name: The action.
        asked: Who pressed it, where and when.
        sure: Whether the question has been answered with yes.
    """
    tell = asked.book.app.alert
    try:
        plan = ACTIONS[name](asked)
        if plan.asks and not sure:
            callback = f"{SURE}_{name}"
            said = tell(plan.says, TAB, buttons="ok_cancel", callback=callback)
            if said != "ok":
                return
        done = plan.do()
    except MarkbookError as error:
        tell(str(error), TAB, mode="critical")
        return
    if done:
        tell(done, TAB)


def targets_here(asked: Asked) -> Plan:
    """A target for every row of the table on this sheet."""
    _use(asked)
    table = table_on(asked.book.sheets.active)
    subjects = table.cells("subject")
    reading = table.cells("ks2_reading", "KS2 Reading", "Reading")
    maths = table.cells("ks2_maths", "KS2 Maths", "Maths", "Mathematics")
    if subjects is None or (reading is None and maths is None):
        raise MarkbookError(
            "The table has no subjects, or no Key Stage 2 scores.",
            "It needs the headings Subject, KS2 Reading and KS2 Maths.",
        )
    nothing: list[Cell] = [None] * len(subjects)
    made = functions.TARGET(
        _upright(subjects), _upright(reading or nothing), _upright(maths or nothing)
    )
    return column_plan(table, "Target", made)


def flags_here(asked: Asked) -> Plan:
    """The flag beside every row of the table on this sheet."""
    _use(asked)
    table = table_on(asked.book.sheets.active)
    predictions, targets = table.cells("prediction"), table.cells("target")
    if predictions is None or targets is None:
        raise MarkbookError(
            "The table has no predictions, or no targets.",
            "It needs the headings Target and Prediction.",
        )
    scales: Cell = None
    if (subjects := table.cells("subject")) is not None:
        tables = reference(asked.school()) if asked.folder else None
        scales = _upright(functions.scales_of(subjects, tables))
    made = functions.FLAG(_upright(predictions), _upright(targets), scales)
    return column_plan(table, "Flag", made)


def groups_here(asked: Asked) -> Plan:
    """The table summed up by group on a new sheet, with a chart."""
    _use(asked)
    table = table_on(asked.book.sheets.active)
    chosen = [name for name in GROUPED_BY if table.place(name) is not None]
    if not chosen:
        raise MarkbookError(
            "The table has nothing to group by.",
            f"It needs one of the headings {', '.join(GROUPED_BY)}.",
        )
    made = [_answered(functions.GROUPS(table.rows, name)) for name in chosen]

    def do() -> str:
        sheet = new_sheet(asked.book, f"Groups of {table.sheet.name}")
        row = 1
        for number, rows in enumerate(made):
            write(sheet, rows, row)
            row = row + len(rows) + 1 if number else chart(sheet, rows, row)
        return f"The groups are on the sheet {sheet.name}."

    by = ", ".join(chosen)
    return Plan(
        f"Sum up the table on {table.sheet.name} by {by}, on a new sheet with a chart. "
        "Nothing that is there changes.",
        do,
    )


def underachieving_here(asked: Asked) -> Plan:
    """Who is below target, on a new sheet."""
    return _list(asked, functions.UNDERACHIEVING, "Below target", "are below target")


def praise_here(asked: Asked) -> Plan:
    """Who is on or above target, on a new sheet."""
    return _list(asked, functions.PRAISE, "Praise", "are on or above target")


def moderate(asked: Asked) -> Plan:
    """The moderation workbooks, one for each department."""
    school = asked.school()

    def do() -> str:
        report = workflow.moderate_targets(school, now=asked.now, who=asked.who)
        return told(asked.book, report.lines(), report.problems)

    return Plan(
        "Write a moderation workbook for each department into moderation/, anew where "
        "they are there already. No target changes.",
        do,
    )


def apply(asked: Asked) -> Plan:
    """The moderation workbook that is open, as it was last saved."""
    school = asked.school()
    file = Path(asked.book.fullname)
    if not file.is_file():
        file = school.folder / "moderation" / asked.book.name
    if not file.is_file():
        raise MarkbookError(
            f"{asked.book.name} is not in {file.parent}.",
            "Save the workbook that came back there, then press the button again.",
        )

    def do() -> str:
        report = workflow.apply_targets(school, file, now=asked.now, who=asked.who)
        return told(asked.book, report.lines(), report.problems)

    return Plan(
        f"Take the targets agreed in {asked.book.name}, as it was last saved. A target "
        "that was issued is lowered only with a name and a reason.",
        do,
    )


def issue(asked: Asked) -> Plan:
    """The markbooks of the collection that is open."""
    school = asked.school()
    collection = school.open_collection(asked.now.date())

    def do() -> str:
        report = workflow.issue(school, now=asked.now, who=asked.who)
        return told(asked.book, report.lines(), report.problems)

    return Plan(
        f"Write the markbooks of {collection.name} into issued/{collection.code}. "
        "What has been issued already is not written again.",
        do,
    )


def check(asked: Asked) -> Plan:
    """What merging would do; nothing is stored."""
    school = asked.school()

    def do() -> str:
        report = workflow.collect(school, dry=True, now=asked.now, who=asked.who)
        return told(asked.book, report.lines(), report.problems)

    return Plan(
        f"Check what is in {school.returned}. Nothing is stored.", do, asks=False
    )


def merge(asked: Asked) -> Plan:
    """What came back, merged."""
    school = asked.school()

    def do() -> str:
        report = workflow.collect(school, now=asked.now, who=asked.who)
        return told(asked.book, report.lines(), report.problems)

    return Plan(
        f"Merge what is in {school.returned}. No mark is lost: what differs from the "
        "store stays, and is listed.",
        do,
    )


def chase(asked: Asked) -> Plan:
    """Who has not returned, or not finished."""
    school = asked.school()

    def do() -> str:
        report = workflow.chase(school, now=asked.now)
        return told(asked.book, report.lines(), report.problems)

    return Plan("List who has not returned, or not finished.", do, asks=False)


def packs(asked: Asked) -> Plan:
    """The leaders' workbooks of the collection that is open."""
    school = asked.school()
    collection = school.open_collection(asked.now.date())

    def do() -> str:
        report = workflow.pack(school, now=asked.now, who=asked.who)
        return told(asked.book, report.lines(), report.problems)

    return Plan(
        f"Write the leaders' workbooks of {collection.name} into "
        f"packs/{collection.code}, anew where they are there already.",
        do,
    )


def help(asked: Asked) -> Plan:
    """What each button does."""
    lines = [f"{button.label}: {button.tip}" for button in buttons()]
    return Plan("", lambda: "\n".join(lines), asks=False)


ACTIONS: dict[str, Callable[[Asked], Plan]] = {
    "targets_here": targets_here,
    "moderate": moderate,
    "apply": apply,
    "issue": issue,
    "check": check,
    "merge": merge,
    "chase": chase,
    "flags_here": flags_here,
    "groups_here": groups_here,
    "underachieving_here": underachieving_here,
    "praise_here": praise_here,
    "packs": packs,
    "help": help,
}


def _use(asked: Asked) -> None:
    if asked.folder is not None:
        functions.use(reference(asked.school()))


def _upright(cells: Sequence[Cell]) -> Rows:
    return [[cell] for cell in cells]


def _answered(made: Cell) -> Rows:
    """The table that a function answered with.

    Raises:
        MarkbookError: If it refused; its own words.
    """
    if isinstance(made, str):
        what, _, do = made.removeprefix(REFUSED).partition(". ")
        raise MarkbookError(f"{what}." if do else what, do)
    rows: Rows = made
    return rows


def _list(asked: Asked, ask: Callable[..., Cell], name: str, what: str) -> Plan:
    _use(asked)
    table = table_on(asked.book.sheets.active)
    rows = _answered(ask(table.rows))

    def do() -> str:
        sheet = new_sheet(asked.book, name)
        write(sheet, rows, 1)
        return f"The list is on the sheet {sheet.name}."

    return Plan(
        f"List the pupils of {table.sheet.name} who {what}, on a new sheet.", do
    )
