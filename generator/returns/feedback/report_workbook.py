"""The workbook `checked/C/report.xlsx`: what was returned and what remains to do."""

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
from generator.xlsx.writer import WorkbookWriter, strict_writing

_VERDICT_WORDS = {
    "new": "new",
    "changed": "changed",
    "same": "same",
    "rejected": "rejected",
    "conflict": "in conflict",
}


def report_workbook(
    report: CollectReport,
    *,
    collection: str,
    title: str,
    open_problems: Sequence[Mapping[str, str]],
    pupils: Mapping[str, str],
    now: datetime,
) -> bytes:
    """The report of a collection as a workbook.

    Args:
        report: What this run did.
        collection: The collection's code; files of an unknown collection are in
            every report.
        title: The collection's name.
        open_problems: The problems of this collection's files in the store, those of
            earlier runs too, as rows of the table `problems`.
        pupils: Admission number -> the pupil's name.
        now: The moment of the run.
    """
    files = [each for each in report.reports if each.collection in (collection, "")]
    names = {each.file for each in files}
    changes = [change for change in report.changes if change.file in names]
    missing = report.missing.get(collection, ())
    book = WorkbookWriter(now)
    book.set_document_properties(title=f"{title}: returns", subject=collection)
    with strict_writing():
        sheets = ReportSheets(book)
        _summary(sheets, files, title, now, _summary_lines(report, files, missing))
        _files(sheets, files)
        _problems(sheets, files, open_problems, pupils)
        sheets.table(
            "Conflicts",
            "Conflicts",
            "The store was left as it is. Settle them file by file: "
            "markbook collect --take returned (or stored) FILE.",
            _change_columns("Store", "Return"),
            [_change_row(c, pupils) for c in changes if c.verdict == "conflict"],
            none="There was none in this run; those found before are among the "
            "Problems.",
        )
        sheets.table(
            "Changes",
            "Every change, old and new",
            # Filling a blank changes nothing; the history has it all the same.
            "In the order of merging. What filled a blank is not here.",
            _change_columns("Old", "New"),
            [_change_row(c, pupils) for c in changes if c.verdict == "changed"],
            none="No mark that was in the store has changed.",
        )
        sheets.table(
            "Not returned",
            "Classes that have not returned",
            "markbook chase says whom to ask, and in what words.",
            [ReportColumn("Class", 16)],
            [(code,) for code in missing],
            none="Every issued class has returned.",
        )
        return book.close()


def _summary(
    sheets: ReportSheets,
    files: Sequence[FileReport],
    title: str,
    now: datetime,
    lines: Sequence[tuple[str, str]],
) -> None:
    writer = sheets.sheet(
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
    statuses = [file.status for file in files]
    by_status = [("found", len(files))]
    by_status += [
        (word, statuses.count(word))
        for word in ("merged", "superseded", "unchanged", "rejected")
    ]
    by_verdict = [
        (_VERDICT_WORDS[v], sum(file.counts.get(v, 0) for file in files))
        for v in VERDICTS
    ]
    by_verdict.insert(0, ("read", sum(number for _, number in by_verdict)))
    for column, counts in ((0, by_status), (3, by_verdict)):
        for row, (word, number) in enumerate(counts, start=HEADING_ROW + 1):
            writer.text(row, column, word, sheets.text)
            writer.number(row, column + 1, number, sheets.count)
    for row, (sheet, line) in enumerate(lines, start=HEADING_ROW + 8):
        if sheet:
            writer.link(row, 0, f"'{sheet}'!A1", sheet, sheets.link)
        writer.text(row, 1 if sheet else 0, line, sheets.line)


def _summary_lines(
    report: CollectReport, files: Sequence[FileReport], missing: Sequence[str]
) -> list[tuple[str, str]]:
    """The lines of the summary, each with the sheet that it links to, or none."""
    rejected, conflicts = (
        sum(file.counts.get(verdict, 0) for file in files)
        for verdict in ("rejected", "conflict")
    )
    rejected_files = sum(file.status == "rejected" for file in files)
    lines = [
        (
            "",
            "Found = merged + superseded + unchanged + rejected. "
            "Read = new + changed + same + rejected + in conflict.",
        )
    ]
    if missing:
        classes = _count(len(missing), "class has", "classes have")
        lines.append(("Not returned", f"{classes} not returned."))
    else:
        lines.append(("", "Every issued class has returned."))
    if rejected_files:
        lines.append(
            (
                "Problems",
                f"{_count(rejected_files, 'file was', 'files were')} rejected: it says "
                "of each how to save or send it.",
            )
        )
    if rejected:
        lines.append(
            (
                "Problems",
                f"{_count(rejected, 'cell was', 'cells were')} rejected: send each "
                "teacher the marked copy that lies beside this report.",
            )
        )
    if conflicts:
        lines.append(
            (
                "Conflicts",
                f"{_count(conflicts, 'cell is', 'cells are')} in conflict: both values "
                "are there; Problems says how to settle it.",
            )
        )
    return [*lines, *(("", note) for note in report.notes)]


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"


def _files(sheets: ReportSheets, files: Sequence[FileReport]) -> None:
    sheets.table(
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
                    _VERDICT_WORDS[v].capitalize(),
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
                file.file,
                ", ".join(file.classes),
                file.status,
                file.returned_at.replace("T", " "),
                sum(file.counts.values()),
                *(file.counts.get(v, 0) for v in VERDICTS),
                sum(p.severity == "error" for p in file.problems),
                sum(p.severity == "warning" for p in file.problems),
            )
            for file in files
        ],
        none="No file was found.",
    )


def _problems(
    sheets: ReportSheets,
    files: Sequence[FileReport],
    open_problems: Sequence[Mapping[str, str]],
    pupils: Mapping[str, str],
) -> None:
    with_problems = {file.file for file in files if file.problems}
    current = [problem.row() for file in files for problem in file.problems]
    earlier = [row for row in open_problems if row["file"] not in with_problems]
    rows = [
        (when, *_problem_row(row, pupils))
        for when, problems in (("now", current), ("before", earlier))
        for row in problems
    ]
    sheets.table(
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
    return (
        *(row[name] for name in ("severity", "file", "sheet", "cell", "adno")),
        names,
        *(row[name] for name in ("value", "what", "do")),
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
