"""What the targets of a department and of each teacher add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from generator.targets.form import ModerationForm, year_group_text
from generator.xlsx.theme import CellFormats, template
from generator.xlsx.writer import SheetWriter, WorkbookWriter, checked_call
from udfs.scales.scale import POINT, Scale
from udfs.tables import Tables
from udfs.targets.totals import THRESHOLDS, target_distribution, target_totals

FIRST_WIDTH, WIDTH = 26.0, 8.0
_NUMBERS = {"count": "#,##0", "mean": "0.00", "share": "0%", "gap": "+0.00;-0.00;0.00"}


def write_totals(
    book: WorkbookWriter,
    formats: CellFormats,
    form: ModerationForm,
    tables: Tables,
    *,
    taught: Mapping[str, str],
    years: tuple[str, ...],
) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        formats: Its formats.
        form: The whole workbook.
        tables: Scales, subjects and national figures.
        taught: Class -> its lead teacher's name.
        years: The academic years of national figures counted together.
    """
    words = template("moderation")["sums"]
    writer = book.add_sheet(template("moderation")["sheets"]["sums"])
    writer.sheet.hide_gridlines(2)
    subjects = {sheet.subject: sheet.scale for sheet in form.sheets}
    columns = _columns(max((len(s.grades) for s in subjects.values()), default=9))
    writer.column_width(0, FIRST_WIDTH)
    for at in range(1, columns):
        writer.column_width(at, WIDTH)
    title = formats.cell("navy", "navy_ink", bold=True, font_size=16, indent=1)
    writer.fill_blank(0, 0, columns - 1, title)
    writer.text(0, 0, words["title"], title)
    writer.row_height(0, 27)
    note = formats.cell("paper", "quiet", text_wrap=True, valign="top", indent=1)
    checked_call(writer.sheet.merge_range, 1, 0, 1, columns - 1, "", note)
    writer.text(1, 0, words["note"], note)
    writer.row_height(1, 34)
    row = 3
    for subject, scale in subjects.items():
        rows = pd.concat(
            [s.rows for s in form.sheets if s.subject == subject], ignore_index=True
        )
        row = _subject(writer, formats, row, rows, scale, tables, taught, years)
    checked_call(writer.sheet.set_landscape)
    checked_call(writer.sheet.set_paper, 9)
    checked_call(writer.sheet.fit_to_pages, 1, 0)
    checked_call(writer.sheet.ignore_errors, {"number_stored_as_text": "A1:XFD1048576"})
    writer.sheet.protect()


def _columns(grades: int) -> int:
    # The group, two counts, a column for each grade, the mean and three shares, then
    # the same pupils: how many, two means, the difference and three shares.
    return 1 + 2 + grades + 1 + len(THRESHOLDS) + 4 + len(THRESHOLDS)


def _subject(
    writer: SheetWriter,
    formats: CellFormats,
    row: int,
    rows: pd.DataFrame,
    scale: Scale,
    tables: Tables,
    taught: Mapping[str, str],
    years: tuple[str, ...],
) -> int:
    """Write one subject's tables; answers the next free row."""
    words = template("moderation")["sums"]
    head = formats.cell("paper", "navy", bold=True, font_size=13)
    writer.text(row, 0, str(rows["subject"].iloc[0]), head)
    writer.row_height(row, 22)
    row += 1
    none = words["no_teacher"]
    each = rows.assign(**{"class": rows["class"].str.split("; ")}).explode("class")
    each["teacher"] = [taught.get(code) or none for code in each["class"]]
    by_teacher = each.drop_duplicates(["adno", "teacher"])
    year = rows.assign(
        group=[year_group_text(int(year)) for year in rows["year"]],
        order=rows["year"],
    )
    everybody = rows.assign(group=words["all"], order=0)
    row = _table(
        writer, formats, row, [year, everybody], words["by_year"], scale, tables, years
    )
    teachers = by_teacher.assign(group=by_teacher["teacher"], order=0)
    row = _table(
        writer, formats, row, [teachers], words["by_teacher"], scale, tables, years
    )
    classes = each.assign(
        group=[
            f"{code} {name}"
            for code, name in zip(each["class"], each["teacher"], strict=True)
        ],
        order=each["year"],
    )
    row = _table(
        writer, formats, row, [classes], words["by_class"], scale, tables, years
    )
    return row + 1


def _table(
    writer: SheetWriter,
    formats: CellFormats,
    row: int,
    parts: Sequence[pd.DataFrame],
    name: str,
    scale: Scale,
    tables: Tables,
    years: tuple[str, ...],
) -> int:
    row = _headings(writer, formats, row, name, scale)
    for number, part in enumerate(parts):
        by = ["order", "group"]
        sums = target_totals(part, tables, by, years=years).to_dict("records")
        spread = target_distribution(part, by, scale).to_dict("records")
        for counts, grades in zip(sums, spread, strict=True):
            _line(writer, formats, row, {**counts, **grades}, scale, strong=number > 0)
            row += 1
    writer.row_height(row, 6)
    return row + 1


def _headings(
    writer: SheetWriter, formats: CellFormats, row: int, name: str, scale: Scale
) -> int:
    words = template("moderation")["sums"]
    small = formats.cell("band", "navy", bold=True, font_size=8)
    grades = len(scale.grades)
    last = _columns(grades) - 1
    writer.fill_blank(row, 0, last, small)
    writer.text(row, 1, words["target"], small)
    writer.text(row, 3, words["spread"], small)
    writer.text(row, 4 + grades + len(THRESHOLDS), words["expectation"], small)
    texts = [
        name,
        words["pupils"],
        words["targets"],
        *scale.grades,
        words["mean"],
        *(words["share"].format(grade=grade) for grade in THRESHOLDS),
        words["matched"],
        words["matched_mean"],
        words["national_mean"],
        words["difference"],
        *(words["national"].format(grade=grade) for grade in THRESHOLDS),
    ]
    for at, text in enumerate(texts):
        style = formats.cell(
            "band", "navy", bold=True, text_wrap=True, font_size=10,
            align="left" if at == 0 else "center", **formats.border("locked_line"),
        )  # fmt: skip
        writer.text(row + 1, at, text, style)
    writer.row_height(row + 1, 32)
    return row + 2


def _line(
    writer: SheetWriter,
    formats: CellFormats,
    row: int,
    one: Mapping[Any, Any],
    scale: Scale,
    *,
    strong: bool,
) -> None:
    cells: list[tuple[str, float | None]] = [
        ("count", one["pupils"]),
        ("count", one["targets"]),
        *(("count", one[grade]) for grade in scale.grades),
        ("mean", _mean(one["points"], one["targets"])),
        *(("share", _share(one[f"at_{g}"], one["targets"])) for g in THRESHOLDS),
        ("count", one["matched"]),
    ]
    own = _mean(one["matched_points"], one["matched"])
    nation = _mean(one["national_points"], one["matched"])
    apart = None if own is None or nation is None else own - nation
    cells += [
        ("mean", own),
        ("mean", nation),
        ("gap", apart),
        *(("share", _share(one[f"national_{g}"], one["matched"])) for g in THRESHOLDS),
    ]
    fill = "locked" if strong else "paper"
    line = formats.border("locked_line")
    writer.text(
        row, 0, str(one["group"]), formats.cell(fill, "ink", bold=strong, **line)
    )
    for at, (kind, value) in enumerate(cells, start=1):
        ink = "quiet" if kind == "count" and value == 0 else "ink"
        style = formats.cell(
            fill, ink, bold=strong, align="center", num_format=_NUMBERS[kind], **line
        )
        if value is None:
            writer.text(row, at, "", style)
        else:
            writer.number(row, at, float(value), style)


def _mean(sixtieths: Any, n: Any) -> float | None:
    if pd.isna(sixtieths) or not n:
        return None
    return float(sixtieths) / POINT / float(n)


def _share(reached: Any, n: Any) -> float | None:
    if pd.isna(reached) or not n:
        return None
    return float(reached) / float(n)
