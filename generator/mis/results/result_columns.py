"""Report the columns of a list of results that hold something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from generator.mis.export_tables import ExportTable
from generator.mis.heading_spellings import OTHER_FIGURES
from generator.mis.headings import heading_meaning
from generator.mis.results.result_headings import HeadingReader, ResultHeadings
from generator.mis.results.title_words import OtherKind, qualification_number
from generator.mis.values import compare_key
from generator.problems import Problem
from generator.tabular.rows import column_letters
from udfs.scales.scale import Scale

GRADE_SHARE = 0.8  # of the values of a column that looks like results


def other_columns(
    headings: ResultHeadings, table: ExportTable, number: int
) -> Iterator[Problem]:
    """Name the columns of subjects that hold no results, one problem a cause."""
    filled = {column for row in table.rows for column in row.cells}
    columns: dict[OtherKind, list[int]] = {}
    for column, kind in headings.others.items():
        if column in filled and not kind.quiet:
            columns.setdefault(kind, []).append(column)
    for kind, group in columns.items():
        names = [repr(headings.texts[column]) for column in group]
        yield Problem(
            file=table.file, sheet=table.sheet, cell=_cells(table, group, number),
            severity="warning", code="column-not-results",
            value=headings.texts[group[0]],
            what=f"The column {names[0]} holds {kind.what}, not results of the "
            "subject; it was left out." if len(group) == 1 else
            f"{len(group)} columns hold {kind.what}, not results of a subject, "
            f"and were left out: {', '.join(names)}.",
            do="Nothing, if that is right; else head the column with the subject "
            "alone.",
        )  # fmt: skip
    for column, best in headings.duplicates.items():
        if column in filled:
            yield Problem(
                file=table.file, sheet=table.sheet,
                cell=_cells(table, [column], number), severity="warning",
                code="column-not-results", value=headings.texts[column],
                what=f"The column {headings.texts[column]!r} was left out, because "
                f"{best!r} names the same subject exactly.",
                do="Nothing, if that is right; else take the other column out.",
            )  # fmt: skip


def unknown_subjects(
    headings: ResultHeadings,
    table: ExportTable,
    number: int,
    reader: HeadingReader,
    scales: Iterable[Scale],
) -> Iterator[Problem]:
    """Report columns that look like results without a known subject."""
    used = {*table.indicators.values(), *table.fields.values()}
    used |= headings.others.keys() | headings.duplicates.keys()
    for column, heading in table.headings.items():
        meaning = heading_meaning(heading, reader.school)
        if column in used or meaning.kind in ("field", "not kept"):
            continue
        values = {row.cells[column] for row in table.rows if column in row.cells}
        grades = sum(any(s.find(value) for s in scales) for value in values)
        if compare_key(heading) in OTHER_FIGURES or not values:
            continue
        if grades < GRADE_SHARE * len(values):
            continue
        other = reader.titles.read(heading).other
        is_number = qualification_number(heading)
        yield Problem(
            file=table.file, sheet=table.sheet,
            cell=_cells(table, [column], number), code="subject-not-recognised",
            severity="warning" if other else "error", value=heading,
            what=f"The column {heading!r} looks like results, and "
            + ("no subject has this qualification number" if is_number else
               "no subject is called so")
            + "; it was left out.",
            do="Give its subject this qualification_number under [[subjects]] in "
            "school.toml; then read the file again." if is_number else
            "Name the subject in the heading, or give it this synonym under "
            "[[subjects]] in school.toml; then read the file again.",
        )  # fmt: skip


def _cells(table: ExportTable, columns: Sequence[int], number: int) -> str:
    if not table.sheet:
        return f"row {number}"
    return ", ".join(f"{column_letters(column)}{number}" for column in columns)
