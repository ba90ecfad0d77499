"""The sheet with the totals of a department's targets, by year, teacher and class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from generator.targets.chances_sheet import begin_sheet, finish_sheet
from generator.targets.form import ModerationForm, year_group_text
from generator.xlsx.theme import template
from generator.xlsx.writer import SheetWriter, WorkbookWriter
from udfs.scales.scale import POINT, Scale
from udfs.tables import Tables
from udfs.targets.totals import THRESHOLDS, target_distribution, target_totals

FIRST_WIDTH, WIDTH = 26.0, 8.0
_NUMBERS = {"count": "#,##0", "mean": "0.00", "share": "0%", "gap": "+0.00;-0.00;0.00"}


def write_totals(
    book: WorkbookWriter,
    form: ModerationForm,
    tables: Tables,
    *,
    class_teachers: Mapping[str, str],
    years: tuple[str, ...],
) -> None:
    """Write the sheet.

    Args:
        book: Workbook to write to.
        form: Content of the workbook.
        tables: Scales, subjects and national figures.
        class_teachers: Class -> name of its lead teacher.
        years: Academic years of the national figures.
    """
    words = template("moderation")["sums"]
    subjects = {sheet.subject: sheet.scale for sheet in form.sheets}
    columns = max(_column_count(scale) for scale in subjects.values())
    last = columns - 1
    writer = begin_sheet(book, "sums", last, words["note"], note_height=34)
    writer.column_width(0, FIRST_WIDTH)
    for column in range(1, columns):
        writer.column_width(column, WIDTH)
    row = 3
    for subject, scale in subjects.items():
        rows = pd.concat(
            [sheet.rows for sheet in form.sheets if sheet.subject == subject],
            ignore_index=True,
        )
        totals = _SubjectTotals(writer, tables, scale, years)
        row = totals.write(row, rows, class_teachers)
    finish_sheet(writer)


def _column_count(scale: Scale) -> int:
    # The group, two counts, a column for each grade, the mean and three shares; then
    # for the same pupils a count, two means, the difference and three shares.
    return 1 + 2 + len(scale.grades) + 1 + len(THRESHOLDS) + 4 + len(THRESHOLDS)


@dataclass(frozen=True, slots=True)
class _SubjectTotals:
    # The tables of one subject.
    writer: SheetWriter
    tables: Tables
    scale: Scale
    years: tuple[str, ...]

    def write(
        self, row: int, rows: pd.DataFrame, class_teachers: Mapping[str, str]
    ) -> int:
        """Write the tables; returns the next free row."""
        words = template("moderation")["sums"]
        heading = self.writer.formats.cell("paper", "navy", bold=True, font_size=13)
        self.writer.text(row, 0, str(rows["subject"].iloc[0]), heading)
        self.writer.row_height(row, 22)
        row += 1
        year_groups = rows.assign(
            group=[year_group_text(int(year)) for year in rows["year"]],
            order=rows["year"],
        )
        everybody = rows.assign(group=words["all"], order=0)
        row = self._write_table(row, words["by_year"], [year_groups, everybody])
        # One row for each class of a pupil.
        rows = rows.assign(**{"class": rows["class"].str.split("; ")}).explode("class")
        rows["teacher"] = [
            class_teachers.get(code) or words["no_teacher"] for code in rows["class"]
        ]
        teachers = rows.drop_duplicates(["adno", "teacher"])
        teachers = teachers.assign(group=teachers["teacher"], order=0)
        row = self._write_table(row, words["by_teacher"], [teachers])
        classes = rows.assign(
            group=rows["class"] + " " + rows["teacher"], order=rows["year"]
        )
        return self._write_table(row, words["by_class"], [classes]) + 1

    def _write_table(self, row: int, name: str, frames: Sequence[pd.DataFrame]) -> int:
        row = self._write_headings(row, name)
        by = ["order", "group"]
        for number, frame in enumerate(frames):
            totals = target_totals(frame, self.tables, by, years=self.years)
            grades = target_distribution(frame, by, self.scale)
            for counts, grade_counts in zip(
                totals.to_dict("records"), grades.to_dict("records"), strict=True
            ):
                self._write_row(row, {**counts, **grade_counts}, strong=number > 0)
                row += 1
        self.writer.row_height(row, 6)
        return row + 1

    def _write_headings(self, row: int, name: str) -> int:
        words, writer = template("moderation")["sums"], self.writer
        small = self.writer.formats.cell("band", "navy", bold=True, font_size=8)
        grades = self.scale.grades
        writer.fill_blank(row, 0, _column_count(self.scale) - 1, small)
        writer.text(row, 1, words["target"], small)
        writer.text(row, 3, words["spread"], small)
        writer.text(row, 4 + len(grades) + len(THRESHOLDS), words["expectation"], small)
        texts = [
            name,
            words["pupils"],
            words["targets"],
            *grades,
            words["mean"],
            *(words["share"].format(grade=grade) for grade in THRESHOLDS),
            words["matched"],
            words["matched_mean"],
            words["national_mean"],
            words["difference"],
            *(words["national"].format(grade=grade) for grade in THRESHOLDS),
        ]
        border = self.writer.formats.border("locked_line")
        for column, text in enumerate(texts):
            style = self.writer.formats.cell(
                "band", "navy", bold=True, text_wrap=True, font_size=10,
                align="left" if column == 0 else "center", **border,
            )  # fmt: skip
            writer.text(row + 1, column, text, style)
        writer.row_height(row + 1, 32)
        return row + 2

    def _write_row(self, row: int, totals: Mapping[Any, Any], *, strong: bool) -> None:
        school_mean = _mean(totals["matched_points"], totals["matched"])
        national_mean = _mean(totals["national_points"], totals["matched"])
        gap = None
        if school_mean is not None and national_mean is not None:
            gap = school_mean - national_mean
        cells: list[tuple[str, float | None]] = [
            ("count", totals["pupils"]),
            ("count", totals["targets"]),
            *(("count", totals[grade]) for grade in self.scale.grades),
            ("mean", _mean(totals["points"], totals["targets"])),
            *_shares(totals, "at", "targets"),
            ("count", totals["matched"]),
            ("mean", school_mean),
            ("mean", national_mean),
            ("gap", gap),
            *_shares(totals, "national", "matched"),
        ]
        fill = "locked" if strong else "paper"
        formats = self.writer.formats
        common: dict[str, Any] = {"bold": strong, **formats.border("locked_line")}
        group = formats.cell(fill, "ink", **common)
        self.writer.text(row, 0, str(totals["group"]), group)
        for column, (kind, value) in enumerate(cells, start=1):
            ink = "quiet" if kind == "count" and value == 0 else "ink"
            style = formats.cell(
                fill, ink, align="center", num_format=_NUMBERS[kind], **common
            )
            if value is None:
                self.writer.text(row, column, "", style)
            else:
                self.writer.number(row, column, float(value), style)


def _mean(sixtieths: Any, n: Any) -> float | None:
    if pd.isna(sixtieths) or not n:
        return None
    return float(sixtieths) / POINT / float(n)


def _shares(
    totals: Mapping[Any, Any], prefix: str, n: str
) -> list[tuple[str, float | None]]:
    # The share of the pupils in column `n` who reach each threshold.
    return [
        ("share", _share(totals[f"{prefix}_{grade}"], totals[n]))
        for grade in THRESHOLDS
    ]


def _share(reached: Any, n: Any) -> float | None:
    if pd.isna(reached) or not n:
        return None
    return float(reached) / float(n)
