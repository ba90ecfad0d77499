"""The action of each ribbon button, on the workflow or the worksheet functions.

Each action first says what it will do, and runs once the user agrees. It takes an
xlwings workbook, on the desktop or sent by the Office.js add-in, and writes plain
values with formats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlwings

from addin.ribbon import TAB, buttons
from addin.sheets import (
    ActionPlan,
    SheetTable,
    add_chart,
    add_sheet,
    column_plan,
    find_table,
    report_message,
    write_table,
)
from generator import workflow
from generator.report import Report
from generator.school.school import School
from generator.school.school_tables import school_tables
from udfs.errors import MarkbookError
from udfs.excel import functions
from udfs.excel.ranges import ERROR_PREFIX, Cell, Rows

CONSENT_CALLBACK = "markbookSure"  # the Office.js add-in calls it after a yes
GROUPED_BY = ("PP", "SEN", "EAL", "Sex", "Class", "Subject", "Year")


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A press of a button: the workbook, the moment, the user and the school.

    Args:
        book: The workbook that is open.
        now: The moment.
        who: The user, for the record.
        folder: The school folder, or None if none is set.
    """

    book: xlwings.Book
    now: datetime
    who: str
    folder: Path | None = None

    def school(self) -> School:
        """The school.

        Raises:
            MarkbookError: If no school folder is set.
        """
        if self.folder is None:
            raise MarkbookError(
                "Markbook does not know your school's folder.",
                "Run `markbook addin install --school DIR` once.",
            )
        return School.load(self.folder)


def run(name: str, request: ActionRequest, *, confirmed: bool = False) -> None:
    """Run the action of a button.

    Args:
        name: The action.
        request: The workbook, the moment, the user and the school.
        confirmed: Whether the user has agreed already.
    """
    alert = request.book.app.alert
    try:
        plan = ACTIONS[name](request)
        if plan.needs_consent and not confirmed:
            callback = f"{CONSENT_CALLBACK}_{name}"
            button = alert(
                plan.description, TAB, buttons="ok_cancel", callback=callback
            )
            if button != "ok":
                return
        message = plan.run()
    except MarkbookError as error:
        alert(str(error), TAB, mode="critical")
        return
    if message:
        alert(message, TAB)


def targets_here(request: ActionRequest) -> ActionPlan:
    """Write a target for every row of the table on this sheet."""
    table = _active_table(request)
    subjects = table.cells("subject")
    reading = table.cells("ks2_reading", "KS2 Reading", "Reading")
    maths = table.cells("ks2_maths", "KS2 Maths", "Maths", "Mathematics")
    if subjects is None or (reading is None and maths is None):
        raise MarkbookError(
            "The table has no subjects, or no Key Stage 2 scores.",
            "It needs the headings Subject, KS2 Reading and KS2 Maths.",
        )
    blanks: list[Cell] = [None] * len(subjects)
    targets = functions.TARGET(
        _as_column(subjects), _as_column(reading or blanks), _as_column(maths or blanks)
    )
    return column_plan(table, "Target", targets)


def flags_here(request: ActionRequest) -> ActionPlan:
    """Write the flag beside every row of the table on this sheet."""
    table = _active_table(request)
    predictions, targets = table.cells("prediction"), table.cells("target")
    if predictions is None or targets is None:
        raise MarkbookError(
            "The table has no predictions, or no targets.",
            "It needs the headings Target and Prediction.",
        )
    scales: Cell = None
    if (subjects := table.cells("subject")) is not None:
        tables = school_tables(request.school()) if request.folder else None
        scales = _as_column(functions.subject_scales(subjects, tables))
    flags = functions.FLAG(_as_column(predictions), _as_column(targets), scales)
    return column_plan(table, "Flag", flags)


def groups_here(request: ActionRequest) -> ActionPlan:
    """Sum up the table by group on a new sheet, with a chart."""
    table = _active_table(request)
    headings = [name for name in GROUPED_BY if table.column_index(name) is not None]
    if not headings:
        raise MarkbookError(
            "The table has nothing to group by.",
            f"It needs one of the headings {', '.join(GROUPED_BY)}.",
        )
    group_tables = [
        _require_table(functions.GROUPS(table.rows, name)) for name in headings
    ]

    def write_groups() -> str:
        sheet = add_sheet(request.book, f"Groups of {table.sheet.name}")
        row = 1
        for number, rows in enumerate(group_tables):
            write_table(sheet, rows, row)
            row = row + len(rows) + 1 if number else add_chart(sheet, rows, row)
        return f"The groups are on the sheet {sheet.name}."

    by = ", ".join(headings)
    return ActionPlan(
        f"Sum up the table on {table.sheet.name} by {by}, on a new sheet with a chart. "
        "Nothing that is there changes.",
        write_groups,
    )


def underachieving_here(request: ActionRequest) -> ActionPlan:
    """List who is below target, on a new sheet."""
    return _list_plan(
        request, functions.UNDERACHIEVING, "Below target", "are below target"
    )


def praise_here(request: ActionRequest) -> ActionPlan:
    """List who is on or above target, on a new sheet."""
    return _list_plan(request, functions.PRAISE, "Praise", "are on or above target")


def moderate(request: ActionRequest) -> ActionPlan:
    """Write a moderation workbook for each department."""
    school = request.school()
    return _workflow_plan(
        request,
        "Write a moderation workbook for each department into moderation/, anew where "
        "they are there already. No target changes.",
        lambda: workflow.moderate_targets(school, now=request.now, who=request.who),
    )


def apply(request: ActionRequest) -> ActionPlan:
    """Apply the moderation workbook that is open, as last saved."""
    school = request.school()
    file = Path(request.book.fullname)
    if not file.is_file():
        file = school.folder / "moderation" / request.book.name
    if not file.is_file():
        raise MarkbookError(
            f"{request.book.name} is not in {file.parent}.",
            "Save the workbook that came back there, then press the button again.",
        )
    return _workflow_plan(
        request,
        f"Take the targets agreed in {request.book.name}, as it was last saved. A "
        "target that was issued is lowered only with a name and a reason.",
        lambda: workflow.apply_targets(school, file, now=request.now, who=request.who),
    )


def issue(request: ActionRequest) -> ActionPlan:
    """Write the markbooks of the open collection."""
    school = request.school()
    collection = school.open_collection(request.now.date())
    return _workflow_plan(
        request,
        f"Write the markbooks of {collection.name} into issued/{collection.code}. "
        "What has been issued already is not written again.",
        lambda: workflow.issue(school, now=request.now, who=request.who),
    )


def check(request: ActionRequest) -> ActionPlan:
    """Say what merging would do; nothing is stored."""
    school = request.school()
    return _workflow_plan(
        request,
        f"Check what is in {school.returned}. Nothing is stored.",
        lambda: workflow.collect(school, dry=True, now=request.now, who=request.who),
        needs_consent=False,
    )


def merge(request: ActionRequest) -> ActionPlan:
    """Merge the returned markbooks."""
    school = request.school()
    return _workflow_plan(
        request,
        f"Merge what is in {school.returned}. No mark is lost: what differs from the "
        "store stays, and is listed.",
        lambda: workflow.collect(school, now=request.now, who=request.who),
    )


def chase(request: ActionRequest) -> ActionPlan:
    """List who has not returned, or not finished."""
    school = request.school()
    return _workflow_plan(
        request,
        "List who has not returned, or not finished.",
        lambda: workflow.chase(school, now=request.now),
        needs_consent=False,
    )


def packs(request: ActionRequest) -> ActionPlan:
    """Write the leaders' workbooks of the open collection."""
    school = request.school()
    collection = school.open_collection(request.now.date())
    return _workflow_plan(
        request,
        f"Write the leaders' workbooks of {collection.name} into "
        f"packs/{collection.code}, anew where they are there already.",
        lambda: workflow.pack(school, now=request.now, who=request.who),
    )


def help(request: ActionRequest) -> ActionPlan:
    """Say what each button does."""
    lines = [f"{button.label}: {button.tip}" for button in buttons()]
    return ActionPlan("", lambda: "\n".join(lines), needs_consent=False)


ACTIONS: dict[str, Callable[[ActionRequest], ActionPlan]] = {
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


def _active_table(request: ActionRequest) -> SheetTable:
    """The table on the active sheet; the functions use the school's scales."""
    if request.folder is not None:
        functions.use_tables(school_tables(request.school()))
    return find_table(request.book.sheets.active)


def _as_column(cells: Sequence[Cell]) -> Rows:
    return [[cell] for cell in cells]


def _require_table(answer: Cell) -> Rows:
    """The table that a function returned.

    Raises:
        MarkbookError: If the function returned a refusal; in its own words.
    """
    if isinstance(answer, str):
        what, _, do = answer.removeprefix(ERROR_PREFIX).partition(". ")
        raise MarkbookError(f"{what}." if do else what, do)
    rows: Rows = answer
    return rows


def _list_plan(
    request: ActionRequest, function: Callable[..., Cell], name: str, what: str
) -> ActionPlan:
    table = _active_table(request)
    rows = _require_table(function(table.rows))

    def write_list() -> str:
        sheet = add_sheet(request.book, name)
        write_table(sheet, rows, 1)
        return f"The list is on the sheet {sheet.name}."

    return ActionPlan(
        f"List the pupils of {table.sheet.name} who {what}, on a new sheet.", write_list
    )


def _workflow_plan(
    request: ActionRequest,
    description: str,
    command: Callable[[], Report],
    *,
    needs_consent: bool = True,
) -> ActionPlan:
    """Plan to run a command of the workflow and show its report."""

    def run_command() -> str:
        report = command()
        return report_message(request.book, report.lines(), report.problems)

    return ActionPlan(description, run_command, needs_consent)
