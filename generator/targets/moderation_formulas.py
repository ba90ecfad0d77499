"""Formulas, validation and conditional formats of a moderation workbook."""

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
    """The format of a column's cells; entry cells are unlocked."""
    style: dict[str, Any] = {"font_size": 10}
    if field.show != "text":
        style["align"] = "center"
    if field.show == "share":
        style |= {"num_format": "0%", "font_size": 9}
    elif field.show == "count":
        style["num_format"] = "#,##0"
    elif field.section != "auto":
        style["num_format"] = "@"
    if field.key in WRAPPED:
        style |= {"text_wrap": True, "font_size": 9}
    if field.key in ("expected", "aspirational"):
        style["bold"] = True
    if field.is_entry:
        border = formats.border("input_line")
        return formats.cell("input", "ink", locked=False, **style, **border)
    return formats.cell("locked", "ink", **style, **formats.border("locked_line"))


def write_formulas(
    writer: SheetWriter, sheet: FormSheet, *, number: int, block: ChanceBlock | None
) -> None:
    """Write the calculated columns: the check, and the chance of the agreed target.

    Args:
        writer: Writer of the sheet.
        sheet: Content of the sheet.
        number: Number of the scale's lists.
        block: Position of the subject's national figures, or None.
    """
    formats = writer.formats
    fields = {field.key: field for field in sheet.fields}
    check_style = cell_format(formats, fields["check"])
    check_column = sheet.column("check")
    for line, (expected, aspirational, free) in enumerate(
        zip(
            _ranks(sheet, "expected"),
            _ranks(sheet, "aspirational"),
            sheet.rows["free"],
            strict=True,
        ),
        start=sheet.first_row,
    ):
        formula = _check_formula(sheet, line, number, expected, aspirational, free=free)
        writer.formula(line - 1, check_column, formula, check_style, "")
    if "agreed_chance" in fields and block is not None:
        style = cell_format(formats, fields["agreed_chance"])
        _write_chances(writer, sheet, block, style)


def _check_formula(
    sheet: FormSheet,
    line: int,
    number: int,
    current_expected: int,
    current_aspirational: int,
    *,
    free: bool,
) -> str:
    # The current targets are ranks, 0 without a target; a free target may be lowered
    # without a reason.
    texts = template("moderation")["check"]
    e, a, reason, by = (
        f"{column_letters(sheet.column(key))}{line}"
        for key in ("agreed_expected", "agreed_aspirational", "reason", "by")
    )
    rank_e, rank_a = (
        f'SUMPRODUCT((Grades_{number}={cell}&"")*Ranks_{number})' for cell in (e, a)
    )
    lower = "FALSE"
    if not free:
        lower = (
            f'OR(AND({e}<>"",{rank_e}<{current_expected}),'
            f'AND({a}<>"",{rank_a}<{current_aspirational}))'
        )
    return (
        f'=IF(AND({e}="",{a}=""),"",'
        f'IF(OR(AND({e}<>"",{rank_e}=0),AND({a}<>"",{rank_a}=0)),'
        f'"{texts["not_listed"]}",'
        f'IF(AND({e}="",{current_expected}=0),"{texts["no_expected"]}",'
        f'IF(AND({a}<>"",{rank_a}<IF({e}="",{current_expected},{rank_e})),'
        f'"{texts["crossed"]}",'
        f'IF(AND({lower},OR({reason}="",{by}="")),'
        f'"{texts["lower"]}","{texts["fine"]}")))))'
    )


def _write_chances(
    writer: SheetWriter, sheet: FormSheet, block: ChanceBlock, style: Format
) -> None:
    column = sheet.column("agreed_chance")
    letters = column_letters(sheet.column("agreed_expected"))
    lowest = sheet.scale.grades[0]
    for line, band in enumerate(sheet.rows["band"], start=sheet.first_row):
        if pd.isna(band):
            writer.text(line - 1, column, "", style)
            continue
        cell = f"{letters}{line}"
        term = block.chance_term(_whole_grade(cell, sheet.scale), int(band))
        formula = f'=IF({cell}="","",IF({cell}&""="{lowest}",1,{term}))'
        writer.formula(line - 1, column, formula, style, "")


def _whole_grade(cell: str, scale: Scale) -> str:
    if scale.has_thirds:
        return f'SUBSTITUTE(SUBSTITUTE({cell}&"","+",""),"-","")'
    return f'{cell}&""'


def _ranks(sheet: FormSheet, key: str) -> list[int]:
    grades = [sheet.scale.find(grade) for grade in sheet.rows[key]]
    return [sheet.scale.rank(grade) + 1 if grade else 0 for grade in grades]


def write_validation(writer: SheetWriter, sheet: FormSheet, number: int) -> None:
    """Write the lists to choose from and the maximum lengths of texts."""
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
    # Any reason may be typed; the list offers the usual ones.
    writer.validation(first, last, sheet.column("reason"), {
        "validate": "list",
        "source": f"={REASONS}",
        "show_error": False,
        "error_type": "information",
        "input_title": words["reason_title"],
        "input_message": words["reason_help"],
    })  # fmt: skip
    for key, length in (("by", NAME_LENGTH), ("answer", TEXT_LENGTH)):
        writer.validation(first, last, sheet.column(key), {
            "validate": "length",
            "criteria": "<=",
            "value": length,
            "input_title": words[f"{key}_title"],
            "input_message": words[f"{key}_help"],
            "error_title": words[f"{key}_title"],
            "error_message": words["too_long"],
        })  # fmt: skip


def write_conditional_formats(writer: SheetWriter, sheet: FormSheet) -> None:
    """Colour checks, entries, queries, proposals and targets that are not final."""
    formats = writer.formats
    first, last, top = sheet.first_row - 1, sheet.last_row - 1, sheet.first_row
    to_check, checked = (
        formats.conditional(style.fill, style.ink)
        for style in (state_style("check"), state_style("done"))
    )
    filled = formats.conditional("input_done", "ink")

    def cell(key: str) -> str:
        return f"${column_letters(sheet.column(key))}{top}"

    def rule(key: str, formula: str, style: Format) -> None:
        column = sheet.column(key)
        writer.conditional_format(first, last, column, f"={formula}", style)

    check, fine = cell("check"), template("moderation")["check"]["fine"]
    rule("check", f'AND({check}<>"",{check}<>"{fine}")', to_check)
    rule("check", f'{check}="{fine}"', checked)
    for key in ("agreed_expected", "agreed_aspirational", "reason", "by", "answer"):
        rule(key, f'{cell(key)}<>""', filled)
    for key in ("query", "proposal"):
        if sheet.has_column(key):
            rule(key, f'{cell(key)}<>""', to_check)
    for key, current in (("drafted", "expected"), ("drafted_high", "aspirational")):
        draft = cell(key)
        rule(key, f'AND({draft}<>"",{draft}<>{cell(current)})', to_check)
    rule("status", f'{cell("status")}="provisional"', to_check)
    columns = [i for i, field in enumerate(sheet.fields) if field.section == "chance"]
    if columns:
        shade_shares(writer, (first, columns[0], last, columns[-1]))
