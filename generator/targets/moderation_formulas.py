"""What a moderation workbook says and checks by itself while it is filled in."""

from __future__ import annotations

from typing import Any

import pandas as pd
from xlsxwriter.format import Format

from generator.markbook.layout import column_letters
from generator.targets.chances_sheet import ChanceBlock, shade_shares
from generator.targets.form import NAME_LENGTH, TEXT_LENGTH, FormField, FormSheet
from generator.xlsx.theme import CellFormats, state_style, template
from generator.xlsx.writer import SheetWriter
from udfs.scales.scale import Scale

REASONS = "Reasons"  # the defined name of the usual reasons
WRAPPED = ("status", "query", "proposal", "answer", "reason", "check")


def cell_format(formats: CellFormats, field: FormField) -> Format:
    """How a column's cells look; entry cells are unlocked."""
    more: dict[str, Any] = {"font_size": 10}
    if field.show != "text":
        more["align"] = "center"
    if field.show == "share":
        more |= {"num_format": "0%", "font_size": 9}
    elif field.show == "count":
        more["num_format"] = "#,##0"
    elif field.section != "auto":
        more["num_format"] = "@"
    if field.key in WRAPPED:
        more |= {"text_wrap": True, "font_size": 9}
    if field.key in ("expected", "aspirational"):
        more["bold"] = True
    if field.is_entry:
        line = formats.border("input_line")
        return formats.cell("input", "ink", locked=False, **more, **line)
    return formats.cell("locked", "ink", **more, **formats.border("locked_line"))


def write_formulas(
    writer: SheetWriter,
    formats: CellFormats,
    sheet: FormSheet,
    *,
    number: int,
    block: ChanceBlock | None,
) -> None:
    """Write the columns that fill themselves in: the chance, and the check.

    Args:
        writer: The sheet's pen.
        formats: The workbook's formats.
        sheet: The sheet.
        number: The number of its scale's lists.
        block: Where its national figures stand, or None.
    """
    chosen, high, reason, by = (
        column_letters(sheet.column(key))
        for key in ("agreed_expected", "agreed_aspirational", "reason", "by")
    )
    says = template("moderation")["check"]
    check = next(f for f in sheet.fields if f.key == "check")
    chance = next((f for f in sheet.fields if f.key == "agreed_chance"), None)
    for line, (low, top, free, band) in enumerate(
        zip(
            _ranks(sheet, "expected"),
            _ranks(sheet, "aspirational"),
            sheet.rows["free"],
            sheet.rows["band"],
            strict=True,
        ),
        start=sheet.first_row,
    ):
        e, a = f"{chosen}{line}", f"{high}{line}"
        rank_e, rank_a = (
            f'SUMPRODUCT((Grades_{number}={c}&"")*Ranks_{number})' for c in (e, a)
        )
        lower = f'OR(AND({e}<>"",{rank_e}<{low}),AND({a}<>"",{rank_a}<{top}))'
        if free:
            lower = "FALSE"
        formula = (
            f'=IF(AND({e}="",{a}=""),"",'
            f'IF(OR(AND({e}<>"",{rank_e}=0),AND({a}<>"",{rank_a}=0)),'
            f'"{says["not_listed"]}",'
            f'IF(AND({e}="",{low}=0),"{says["no_expected"]}",'
            f'IF(AND({a}<>"",{rank_a}<IF({e}="",{low},{rank_e})),'
            f'"{says["crossed"]}",'
            f'IF(AND({lower},OR({reason}{line}="",{by}{line}="")),'
            f'"{says["lower"]}","{says["fine"]}")))))'
        )
        at = sheet.column("check")
        writer.formula(line - 1, at, formula, cell_format(formats, check), "")
        if chance is not None and block is not None:
            at = sheet.column("agreed_chance")
            if pd.isna(band):
                writer.text(line - 1, at, "", cell_format(formats, chance))
                continue
            term = block.chance_term(_whole_grade(e, sheet.scale), int(band))
            lowest = sheet.scale.grades[0]
            formula = f'=IF({e}="","",IF({e}&""="{lowest}",1,{term}))'
            writer.formula(line - 1, at, formula, cell_format(formats, chance), "")


def _whole_grade(cell: str, scale: Scale) -> str:
    if scale.has_thirds:
        return f'SUBSTITUTE(SUBSTITUTE({cell}&"","+",""),"-","")'
    return f'{cell}&""'


def _ranks(sheet: FormSheet, key: str) -> list[int]:
    return [
        sheet.scale.rank(found) + 1 if (found := sheet.scale.find(grade)) else 0
        for grade in sheet.rows[key]
    ]


def write_validation(writer: SheetWriter, sheet: FormSheet, number: int) -> None:
    """Write the lists to choose from, and how long a text may be."""
    words = template("moderation")["entry"]
    first, last = sheet.first_row - 1, sheet.last_row - 1
    for key, name in (
        ("agreed_expected", "expected"),
        ("agreed_aspirational", "aspirational"),
    ):
        rule = {
            "validate": "list",
            "source": f"=Grades_{number}",
            "input_title": words[f"{name}_title"],
            "input_message": words[f"{name}_help"],
            "error_title": words["not_listed_title"],
            "error_message": words["not_listed"],
        }
        writer.validation(first, last, sheet.column(key), rule)
    # Any reason may be typed; the list only offers the usual ones.
    writer.validation(first, last, sheet.column("reason"), {
        "validate": "list",
        "source": f"={REASONS}",
        "show_error": False,
        "error_type": "information",
        "input_title": words["reason_title"],
        "input_message": words["reason_help"],
    })  # fmt: skip
    for key, most in (("by", NAME_LENGTH), ("answer", TEXT_LENGTH)):
        writer.validation(first, last, sheet.column(key), {
            "validate": "length",
            "criteria": "<=",
            "value": most,
            "input_title": words[f"{key}_title"],
            "input_message": words[f"{key}_help"],
            "error_title": words[f"{key}_title"],
            "error_message": words["too_long"],
        })  # fmt: skip


def write_conditional_formats(
    writer: SheetWriter, formats: CellFormats, sheet: FormSheet
) -> None:
    """Write how cells change their looks with what stands in them."""
    first, last, top = sheet.first_row - 1, sheet.last_row - 1, sheet.first_row
    fine = template("moderation")["check"]["fine"]
    check = column_letters(sheet.column("check"))
    wrong, done = state_style("check"), state_style("done")
    at = sheet.column("check")
    for formula, paint in (
        (f'AND(${check}{top}<>"",${check}{top}<>"{fine}")', wrong),
        (f'${check}{top}="{fine}"', done),
    ):
        writer.conditional_format(
            first, last, at, f"={formula}", formats.conditional(paint.fill, paint.ink)
        )
    for key in ("agreed_expected", "agreed_aspirational", "reason", "by", "answer"):
        cell = f"${column_letters(sheet.column(key))}{top}"
        writer.conditional_format(
            first, last, sheet.column(key), f'={cell}<>""',
            formats.conditional("input_done", "ink"),
        )  # fmt: skip
    for key in ("query", "proposal"):
        if not sheet.has_column(key):
            continue
        cell = f"${column_letters(sheet.column(key))}{top}"
        writer.conditional_format(
            first, last, sheet.column(key), f'={cell}<>""',
            formats.conditional(wrong.fill, wrong.ink),
        )  # fmt: skip
    for key, stands in (("drafted", "expected"), ("drafted_high", "aspirational")):
        mine, there = (
            f"${column_letters(sheet.column(k))}{top}" for k in (key, stands)
        )
        writer.conditional_format(
            first, last, sheet.column(key), f'=AND({mine}<>"",{mine}<>{there})',
            formats.conditional(wrong.fill, wrong.ink),
        )  # fmt: skip
    status = f"${column_letters(sheet.column('status'))}{top}"
    writer.conditional_format(
        first, last, sheet.column("status"), f'={status}="provisional"',
        formats.conditional(wrong.fill, wrong.ink),
    )  # fmt: skip
    columns = [at for at, f in enumerate(sheet.fields) if f.section == "chance"]
    if columns:
        shade_shares(writer, (first, columns[0], last, columns[-1]))
