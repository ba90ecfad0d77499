"""`checked/C/report.xlsx`: what came back, what became of it, what is left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from generator.markbook.layout import ENTRY_HEADINGS
from generator.returns.collect_report import CollectReport, FileReport
from generator.returns.feedback.report_sheet import (
    HEADING_ROW,
    ReportColumn,
    ReportSheets,
)
from generator.returns.merge_rules import VERDICTS, CellChange
from generator.xlsx.theme import Looks
from generator.xlsx.writer import Book, strictly

_WORDS = {
    "new": "new",
    "changed": "changed",
    "same": "same",
    "rejected": "rejected",
    "conflict": "in conflict",
}


def report_workbook(
    account: CollectReport,
    *,
    collection: str,
    title: str,
    standing: Sequence[Mapping[str, str]],
    pupils: Mapping[str, str],
    now: datetime,
) -> bytes:
    """The report of a collection as a workbook.

    Args:
        account: What this run did.
        collection: The collection's code; files of no known collection are told in
            every report.
        title: The collection's name.
        standing: Problems of this collection's files in the store, those of earlier
            runs too, as rows of the table `problems`.
        pupils: Admission number -> the pupil's name.
        now: The moment of the run.
    """
    reports = [r for r in account.reports if r.collection in (collection, "")]
    files = {report.file for report in reports}
    changes = [change for change in account.changes if change.file in files]
    conflicts = [c for c in changes if c.verdict == "conflict"]
    # What fills a blank changes nothing; the history has it all the same.
    changed = [c for c in changes if c.verdict == "changed"]
    book = Book(now)
    book.about(title=f"{title}: returns", subject=collection)
    looks = Looks(book.workbook)
    with strictly():
        page = ReportSheets(book, looks)
        _summary(page, account, reports, collection, title, now)
        _files(page, reports)
        _problems(page, reports, standing, pupils)
        _conflicts(page, conflicts, pupils)
        _changed(page, changed, pupils)
        _missing(page, account.missing.get(collection, ()))
        return book.close()


def _summary(
    page: ReportSheets,
    account: CollectReport,
    reports: Sequence[FileReport],
    collection: str,
    title: str,
    now: datetime,
) -> None:
    pen = page.sheet(
        "Summary",
        f"Returns: {title}",
        f"Collected {now:%A} {now.day} {now:%B %Y, %H:%M}.",
        [
            ReportColumn("Files", 18),
            ReportColumn("", 12),
            ReportColumn("", 4),
            ReportColumn("Cells", 18),
            ReportColumn("", 12),
        ],
    )
    statuses = [report.status for report in reports]
    files = [("found", len(reports))]
    files += [
        (word, statuses.count(word))
        for word in ("merged", "superseded", "unchanged", "rejected")
    ]
    cells = [
        (_WORDS[v], sum(report.counts.get(v, 0) for report in reports))
        for v in VERDICTS
    ]
    cells = [("read", sum(number for _, number in cells)), *cells]
    for column, pairs in ((0, files), (3, cells)):
        for at, (word, number) in enumerate(pairs, start=HEADING_ROW + 1):
            pen.text(at, column, word, page.text)
            pen.number(at, column + 1, number, page.count)
    missing = len(account.missing.get(collection, ()))
    row = HEADING_ROW + 8
    for sheet, line in (
        (
            "",
            "Found = merged + superseded + unchanged + rejected. "
            "Read = new + changed + same + rejected + in conflict.",
        ),
        (
            "Not returned",
            f"{_count(missing, 'class has', 'classes have')} not returned.",
        )
        if missing
        else ("", "Every issued class has returned."),
        *_to_do(reports),
        *(("", note) for note in account.notes),
    ):
        if sheet:
            pen.link(row, 0, f"'{sheet}'!A1", sheet, page.link)
        pen.text(row, 1 if sheet else 0, line, page.line)
        row += 1


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _to_do(reports: Sequence[FileReport]) -> list[tuple[str, str]]:
    """What the reader does next, each with the sheet on which it is told."""
    rejected, conflicts = (
        sum(report.counts.get(kind, 0) for report in reports)
        for kind in ("rejected", "conflict")
    )
    files = sum(report.status == "rejected" for report in reports)
    made = []
    if files:
        made.append(
            (
                "Problems",
                f"{_count(files, 'file was', 'files were')} rejected: it says of each "
                "how to save or send it.",
            )
        )
    if rejected:
        made.append(
            (
                "Problems",
                f"{_count(rejected, 'cell was', 'cells were')} rejected: send each "
                "teacher the marked copy that lies beside this report.",
            )
        )
    if conflicts:
        made.append(
            (
                "Conflicts",
                f"{_count(conflicts, 'cell is', 'cells are')} in conflict: both values "
                "are there; Problems says how to settle it.",
            )
        )
    return made


def _files(page: ReportSheets, reports: Sequence[FileReport]) -> None:
    page.table(
        "Files",
        "Every file",
        "First what was rejected, then the others in the order in which they were "
        "taken: by the workbook's own time.",
        [
            ReportColumn("File", 44),
            ReportColumn("Class", 20),
            ReportColumn("Status", 13, alarm="error"),
            ReportColumn("Saved", 19),
            ReportColumn("Read", 8),
            *(
                ReportColumn(
                    _WORDS[v].capitalize(),
                    10,
                    alarm="error" if v in ("rejected", "conflict") else "",
                )
                for v in VERDICTS
            ),
            ReportColumn("Errors", 8, alarm="error"),
            ReportColumn("Warnings", 9, alarm="warning"),
        ],
        [
            (
                report.file,
                ", ".join(report.classes),
                report.status,
                report.returned_at.replace("T", " "),
                sum(report.counts.values()),
                *(report.counts.get(v, 0) for v in VERDICTS),
                sum(p.severity == "error" for p in report.problems),
                sum(p.severity == "warning" for p in report.problems),
            )
            for report in reports
        ],
        none="No file was found.",
    )


def _problems(
    page: ReportSheets,
    reports: Sequence[FileReport],
    standing: Sequence[Mapping[str, str]],
    pupils: Mapping[str, str],
) -> None:
    fresh = [problem.row() for report in reports for problem in report.problems]
    told = {report.file for report in reports if report.problems}
    before = [row for row in standing if row["file"] not in told]
    rows = [
        (found, *_problem_row(row, pupils))
        for found, several in (("now", fresh), ("before", before))
        for row in several
    ]
    page.table(
        "Problems",
        "What there is to put right",
        "Errors were not merged; warnings were, please check. "
        "Those found before stand until their file is corrected.",
        [
            ReportColumn("Found", 8),
            ReportColumn("Severity", 9, alarm="error"),
            ReportColumn("File", 36, wrap=True),
            ReportColumn("Sheet", 13, wrap=True),
            ReportColumn("Cell", 10, wrap=True),
            ReportColumn("Adno", 10, wrap=True),
            ReportColumn("Pupil", 24, wrap=True),
            ReportColumn("Value", 14, wrap=True),
            ReportColumn("What is wrong", 62, wrap=True),
            ReportColumn("What to do", 62, wrap=True),
        ],
        sorted(rows, key=lambda row: (row[0] != "now", row[1] != "error")),
        none="There is nothing to put right.",
    )


def _problem_row(row: Mapping[str, str], pupils: Mapping[str, str]) -> tuple[str, ...]:
    adnos = row["adno"].split(", ") if row["adno"] else []
    names = ", ".join(pupils[adno] for adno in adnos if adno in pupils)
    before = ("severity", "file", "sheet", "cell", "adno")
    return (
        *(row[name] for name in before),
        names,
        *(row[name] for name in ("value", "what", "do")),
    )


def _conflicts(
    page: ReportSheets, changes: Sequence[CellChange], pupils: Mapping[str, str]
) -> None:
    page.table(
        "Conflicts",
        "Conflicts",
        "The store was left as it is. Settle them file by file: "
        "markbook collect --take returned (or stored) FILE.",
        _change_columns("Store", "Return"),
        [_change_row(change, pupils) for change in changes],
        none="There was none in this run; those found before are among the Problems.",
    )


def _changed(
    page: ReportSheets, changes: Sequence[CellChange], pupils: Mapping[str, str]
) -> None:
    page.table(
        "Changes",
        "Every change, old and new",
        "In the order of merging. What filled a blank is not here.",
        _change_columns("Old", "New"),
        [_change_row(change, pupils) for change in changes],
        none="No mark that was in the store has changed.",
    )


def _change_columns(old: str, new: str) -> list[ReportColumn]:
    return [
        ReportColumn("Class", 12),
        ReportColumn("Subject", 22),
        ReportColumn("Adno", 10),
        ReportColumn("Pupil", 24, wrap=True),
        ReportColumn("What", 13),
        ReportColumn(old, 24, wrap=True),
        ReportColumn(new, 24, wrap=True),
        ReportColumn("File", 40, wrap=True),
        ReportColumn("Cell", 18, wrap=True),
    ]


def _change_row(change: CellChange, pupils: Mapping[str, str]) -> tuple[str, ...]:
    return (
        change.class_code,
        change.subject,
        change.adno,
        pupils.get(change.adno, ""),
        ENTRY_HEADINGS[change.field],
        change.old or "no mark",
        change.new,
        change.file,
        f"{change.sheet}!{change.cell}",
    )


def _missing(page: ReportSheets, classes: Sequence[str]) -> None:
    page.table(
        "Not returned",
        "Classes that have not returned",
        "markbook chase says whom to ask, and in what words.",
        [ReportColumn("Class", 16)],
        [(code,) for code in classes],
        none="Every issued class has returned.",
    )
