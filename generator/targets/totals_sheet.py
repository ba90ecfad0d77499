"""What the targets of a department and of each teacher add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from generator.targets.form import ModerationForm, year_group_text
from generator.xlsx.theme import Looks, template
from generator.xlsx.writer import Book, Pen, put
from udfs.scales.scale import POINT, Scale
from udfs.tables import Tables
from udfs.targets.totals import THRESHOLDS, distribution, target_sums

FIRST_WIDTH, WIDTH = 26.0, 8.0
_NUMBERS = {"count": "#,##0", "mean": "0.00", "share": "0%", "gap": "+0.00;-0.00;0.00"}


def write_sums(
    book: Book,
    looks: Looks,
    form: ModerationForm,
    tables: Tables,
    *,
    taught: Mapping[str, str],
    years: tuple[str, ...],
) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        looks: Its formats.
        form: The whole workbook.
        tables: Scales, subjects and national figures.
        taught: Class -> its lead teacher's name.
        years: The academic years of national figures counted together.
    """
    words = template("moderation")["sums"]
    pen = book.sheet(template("moderation")["sheets"]["sums"])
    pen.sheet.hide_gridlines(2)
    subjects = {sheet.subject: sheet.scale for sheet in form.sheets}
    columns = _columns(max((len(s.grades) for s in subjects.values()), default=9))
    pen.width(0, FIRST_WIDTH)
    for at in range(1, columns):
        pen.width(at, WIDTH)
    title = looks.of("navy", "navy_ink", bold=True, font_size=16, indent=1)
    pen.fill(0, 0, columns - 1, title)
    pen.text(0, 0, words["title"], title)
    pen.height(0, 27)
    note = looks.of("paper", "quiet", text_wrap=True, valign="top", indent=1)
    put(pen.sheet.merge_range, 1, 0, 1, columns - 1, "", note)
    pen.text(1, 0, words["note"], note)
    pen.height(1, 34)
    row = 3
    for subject, scale in subjects.items():
        rows = pd.concat(
            [s.rows for s in form.sheets if s.subject == subject], ignore_index=True
        )
        row = _subject(pen, looks, row, rows, scale, tables, taught, years)
    put(pen.sheet.set_landscape)
    put(pen.sheet.set_paper, 9)
    put(pen.sheet.fit_to_pages, 1, 0)
    put(pen.sheet.ignore_errors, {"number_stored_as_text": "A1:XFD1048576"})
    pen.sheet.protect()


def _columns(grades: int) -> int:
    # The group, two counts, a column for each grade, the mean and three shares, then
    # the same pupils: how many, two means, the difference and three shares.
    return 1 + 2 + grades + 1 + len(THRESHOLDS) + 4 + len(THRESHOLDS)


def _subject(
    pen: Pen,
    looks: Looks,
    row: int,
    rows: pd.DataFrame,
    scale: Scale,
    tables: Tables,
    taught: Mapping[str, str],
    years: tuple[str, ...],
) -> int:
    """Write one subject's tables; answers the next free row."""
    words = template("moderation")["sums"]
    head = looks.of("paper", "navy", bold=True, font_size=13)
    pen.text(row, 0, str(rows["subject"].iloc[0]), head)
    pen.height(row, 22)
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
        pen, looks, row, [year, everybody], words["by_year"], scale, tables, years
    )
    teachers = by_teacher.assign(group=by_teacher["teacher"], order=0)
    row = _table(pen, looks, row, [teachers], words["by_teacher"], scale, tables, years)
    classes = each.assign(
        group=[
            f"{code} {name}"
            for code, name in zip(each["class"], each["teacher"], strict=True)
        ],
        order=each["year"],
    )
    row = _table(pen, looks, row, [classes], words["by_class"], scale, tables, years)
    return row + 1


def _table(
    pen: Pen,
    looks: Looks,
    row: int,
    parts: Sequence[pd.DataFrame],
    name: str,
    scale: Scale,
    tables: Tables,
    years: tuple[str, ...],
) -> int:
    row = _headings(pen, looks, row, name, scale)
    for number, part in enumerate(parts):
        by = ["order", "group"]
        sums = target_sums(part, tables, by, years=years).to_dict("records")
        spread = distribution(part, by, scale).to_dict("records")
        for counts, grades in zip(sums, spread, strict=True):
            _line(pen, looks, row, {**counts, **grades}, scale, strong=number > 0)
            row += 1
    pen.height(row, 6)
    return row + 1


def _headings(pen: Pen, looks: Looks, row: int, name: str, scale: Scale) -> int:
    words = template("moderation")["sums"]
    small = looks.of("band", "navy", bold=True, font_size=8)
    grades = len(scale.grades)
    last = _columns(grades) - 1
    pen.fill(row, 0, last, small)
    pen.text(row, 1, words["target"], small)
    pen.text(row, 3, words["spread"], small)
    pen.text(row, 4 + grades + len(THRESHOLDS), words["expectation"], small)
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
        look = looks.of(
            "band", "navy", bold=True, text_wrap=True, font_size=10,
            align="left" if at == 0 else "center", **looks.line("locked_line"),
        )  # fmt: skip
        pen.text(row + 1, at, text, look)
    pen.height(row + 1, 32)
    return row + 2


def _line(
    pen: Pen,
    looks: Looks,
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
    line = looks.line("locked_line")
    pen.text(row, 0, str(one["group"]), looks.of(fill, "ink", bold=strong, **line))
    for at, (kind, value) in enumerate(cells, start=1):
        ink = "quiet" if kind == "count" and value == 0 else "ink"
        look = looks.of(
            fill, ink, bold=strong, align="center", num_format=_NUMBERS[kind], **line
        )
        if value is None:
            pen.text(row, at, "", look)
        else:
            pen.number(row, at, float(value), look)


def _mean(sixtieths: Any, n: Any) -> float | None:
    if pd.isna(sixtieths) or not n:
        return None
    return float(sixtieths) / POINT / float(n)


def _share(reached: Any, n: Any) -> float | None:
    if pd.isna(reached) or not n:
        return None
    return float(reached) / float(n)
