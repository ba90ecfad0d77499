"""`checked/C/report.xlsx`: what came back, what became of it, what is left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from generator.markbook.layout import ENTRY_HEADINGS
from generator.markbook.pen import Book, Pen, strictly
from generator.markbook.theme import Looks, state
from generator.returns.account import CollectReport, FileReport
from generator.returns.merging.verdicts import VERDICTS, Change

MAX_ROWS = 100_000  # of one table; a longer one says so at its end
_SHOWN = 1_000  # characters of one cell
_LINE = 14.5  # points of height
_MOST_LINES = 12
_TITLE_ROW, _LINE_ROW, _HEADING_ROW = 0, 1, 3
_WORDS = {
    "new": "new",
    "changed": "changed",
    "same": "same",
    "rejected": "rejected",
    "conflict": "in conflict",
}


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of a table: its heading, its width, and what it shows of a row."""

    heading: str
    width: float
    wrap: bool = False


def report_workbook(
    account: CollectReport,
    *,
    collection: str,
    title: str,
    standing: Sequence[Mapping[str, str]],
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
        now: The moment of the run.
    """
    reports = [r for r in account.reports if r.collection in (collection, "")]
    names = {report.file for report in reports}
    changes = [change for change in account.changes if change.file in names]
    book = Book(now)
    book.about(title=f"{title}: returns", subject=collection)
    looks = Looks(book.workbook)
    with strictly():
        page = _Page(book, looks)
        _summary(page, account, reports, collection, title, now)
        _files(page, reports)
        _problems(page, reports, standing)
        _changes(page, "Conflicts", [c for c in changes if c.verdict == "conflict"])
        # What fills a blank changes nothing; the history has it all the same.
        _changes(page, "Changes", [c for c in changes if c.verdict == "changed"])
        _missing(page, account.missing.get(collection, ()))
        return book.close()


class _Page:
    """Writes sheets of one look: a title, a line, a table."""

    def __init__(self, book: Book, looks: Looks) -> None:
        self.book = book
        self.looks = looks
        self.title = looks.of("navy", "navy_ink", bold=True, font_size=14)
        self.line = looks.of(ink="quiet")
        self.head = looks.of(
            "band", "navy", bold=True, text_wrap=True, **looks.line("locked_line")
        )
        cell = {"num_format": "@", "valign": "top", **looks.line("locked_line")}
        self.text = looks.of(**cell)
        self.wrapped = looks.of(text_wrap=True, **cell)
        count = {**cell, "num_format": "#,##0"}
        self.count = looks.of(**count)
        error, warning = state("wrong"), state("check")
        self.error = looks.of(error.fill, error.ink, bold=True, **cell)
        self.warning = looks.of(warning.fill, warning.ink, **cell)

    def sheet(
        self, name: str, title: str, line: str, columns: Sequence[_Column]
    ) -> Pen:
        pen = self.book.sheet(name)
        pen.sheet.hide_gridlines(2)
        pen.fill(_TITLE_ROW, 0, max(len(columns) - 1, 3), self.title)
        pen.text(_TITLE_ROW, 0, title, self.title)
        pen.height(_TITLE_ROW, 24)
        pen.text(_LINE_ROW, 0, line, self.line)
        for number, column in enumerate(columns):
            pen.width(number, column.width)
            pen.text(_HEADING_ROW, number, column.heading, self.head)
        pen.sheet.freeze_panes(_HEADING_ROW + 1, 0)
        pen.sheet.set_landscape()
        pen.sheet.set_paper(9)
        pen.sheet.fit_to_pages(1, 0)
        pen.sheet.repeat_rows(_HEADING_ROW)
        pen.sheet.ignore_errors({"number_stored_as_text": "A1:Z100000"})
        return pen

    def table(
        self,
        name: str,
        title: str,
        line: str,
        columns: Sequence[_Column],
        rows: Sequence[Sequence[str | int]],
    ) -> Pen:
        pen = self.sheet(name, title, line if rows else "Nothing here.", columns)
        for at, row in enumerate(rows[:MAX_ROWS], start=_HEADING_ROW + 1):
            for number, value in enumerate(row):
                self._cell(pen, at, number, value, columns[number].wrap)
            pen.height(at, _LINE * _lines(row, columns) + 2)
        if len(rows) > MAX_ROWS:
            more = f"and {len(rows) - MAX_ROWS} more: see the export of this table"
            pen.text(_HEADING_ROW + 1 + MAX_ROWS, 0, more, self.line)
        if rows:
            last = min(len(rows), MAX_ROWS) + _HEADING_ROW
            pen.sheet.autofilter(_HEADING_ROW, 0, last, len(columns) - 1)
        return pen

    def _cell(
        self, pen: Pen, row: int, column: int, value: str | int, wrap: bool
    ) -> None:
        if isinstance(value, int):
            pen.number(row, column, value, self.count)
            return
        look = self.wrapped if wrap else self.text
        look = {"error": self.error, "warning": self.warning}.get(value, look)
        shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        pen.text(row, column, shown, look)


def _lines(row: Sequence[str | int], columns: Sequence[_Column]) -> int:
    """How many lines a row needs: spreadsheets do not reckon that on opening."""
    needed = [
        -(-len(str(value)) // int(column.width))
        for value, column in zip(row, columns, strict=True)
        if column.wrap
    ]
    return min(max([1, *needed]), _MOST_LINES)


def _summary(
    page: _Page,
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
            _Column("Files", 18),
            _Column("", 12),
            _Column("", 4),
            _Column("Cells", 18),
            _Column("", 12),
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
        for at, (word, number) in enumerate(pairs, start=_HEADING_ROW + 1):
            pen.text(at, column, word, page.text)
            pen.number(at, column + 1, number, page.count)
    missing = len(account.missing.get(collection, ()))
    row = _HEADING_ROW + 8
    for line in (
        "Found = merged + superseded + unchanged + rejected. "
        "Read = new + changed + same + rejected + in conflict.",
        f"{missing} issued classes have not returned."
        if missing
        else "Every issued class has returned.",
        *_to_do(reports),
        *account.notes,
    ):
        pen.text(row, 0, line, page.line)
        row += 1


def _to_do(reports: Sequence[FileReport]) -> list[str]:
    """What the reader does next, and on which sheet it is told."""
    left = {
        kind: sum(report.counts.get(kind, 0) for report in reports)
        for kind in ("rejected", "conflict")
    }
    made = []
    if any(report.status == "rejected" for report in reports):
        made.append("Rejected files: Problems says of each how to save or send it.")
    if left["rejected"]:
        made.append(
            "Rejected cells: send each teacher the marked copy that lies beside this "
            "report; Problems lists them all."
        )
    if left["conflict"]:
        made.append(
            "Cells in conflict: Conflicts shows both values, Problems how to settle it."
        )
    return made


def _files(page: _Page, reports: Sequence[FileReport]) -> None:
    page.table(
        "Files",
        "Every file",
        "In the order in which they were taken: by the workbook's own time.",
        [
            _Column("File", 44),
            _Column("Class", 20),
            _Column("Status", 13),
            _Column("Saved", 19),
            _Column("Read", 8),
            *(_Column(_WORDS[v].capitalize(), 10) for v in VERDICTS),
            _Column("Errors", 8),
            _Column("Warnings", 9),
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
    )


def _problems(
    page: _Page,
    reports: Sequence[FileReport],
    standing: Sequence[Mapping[str, str]],
) -> None:
    fresh = [problem for report in reports for problem in report.problems]
    rows = [("now", *_problem_row(problem.row())) for problem in fresh]
    told = {report.file for report in reports if report.problems}
    rows += [
        ("before", *_problem_row(row)) for row in standing if row["file"] not in told
    ]
    page.table(
        "Problems",
        "What there is to put right",
        "Errors were not merged; warnings were, please check. "
        "Those found before stand until their file is corrected.",
        [
            _Column("Found", 8),
            _Column("Severity", 9),
            _Column("File", 36),
            _Column("Sheet", 13),
            _Column("Cell", 10, wrap=True),
            _Column("Adno", 10, wrap=True),
            _Column("Value", 18, wrap=True),
            _Column("What is wrong", 60, wrap=True),
            _Column("What to do", 60, wrap=True),
        ],
        sorted(rows, key=lambda row: (row[0] != "now", row[1] != "error")),
    )


def _problem_row(row: Mapping[str, str]) -> tuple[str, ...]:
    names = ("severity", "file", "sheet", "cell", "adno", "value", "what", "do")
    return tuple(row[name] for name in names)


def _changes(page: _Page, name: str, changes: Sequence[Change]) -> None:
    about: Mapping[str, tuple[str, str]] = {
        "Conflicts": (
            "Conflicts",
            "The store was left as it is; settle each with collect --take returned "
            "or stored, and the file.",
        ),
        "Changes": ("Every change, old and new", "In the order of merging."),
    }
    title, line = about[name]
    old, new = ("Store", "Return") if name == "Conflicts" else ("Old", "New")
    page.table(
        name,
        title,
        line,
        [
            _Column("Class", 12),
            _Column("Subject", 24),
            _Column("Adno", 10),
            _Column("What", 13),
            _Column(old, 24, wrap=True),
            _Column(new, 24, wrap=True),
            _Column("", 10),
            _Column("File", 40),
            _Column("Cell", 18),
        ],
        [_change_row(change) for change in changes],
    )


def _change_row(change: Change) -> tuple[str, ...]:
    return (
        change.class_code,
        change.subject,
        change.adno,
        ENTRY_HEADINGS[change.field],
        change.old,
        change.new,
        change.verdict,
        change.file,
        f"{change.sheet}!{change.cell}",
    )


def _missing(page: _Page, classes: Sequence[str]) -> None:
    page.table(
        "Not returned",
        "Classes that have not returned",
        "markbook chase says whom to ask.",
        [_Column("Class", 16)],
        [(code,) for code in classes],
    )
