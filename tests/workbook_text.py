"""A workbook as text, one line for each thing a reader could notice: golden tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.worksheet import Worksheet

PERMISSIONS = {
    "autoFilter": "filter",
    "sort": "sort",
    "formatCells": "format cells",
    "formatColumns": "format columns",
    "formatRows": "format rows",
    "insertRows": "insert rows",
    "deleteRows": "delete rows",
    "insertColumns": "insert columns",
    "deleteColumns": "delete columns",
    "insertHyperlinks": "insert links",
    "pivotTables": "use pivot tables",
}


def describe(path: Path) -> str:
    """Every sheet with its cells, inputs, rules, formats and widths, as lines."""
    formulas = load_workbook(path)
    values = load_workbook(path, data_only=True)
    lines = [f"# {path.name}"]
    lines += _properties(formulas)
    for sheet in formulas.worksheets:
        lines += ["", *_sheet(sheet, values[sheet.title])]
    return "\n".join(lines) + "\n"


def _properties(book: Any) -> Iterator[str]:
    about = book.properties
    for name in ("title", "subject", "creator", "created", "modified"):
        if value := getattr(about, name):
            yield f"{name}: {value}"
    for prop in book.custom_doc_props.props:
        yield f"property {prop.name}: {_short(str(prop.value))}"
    if book.security and book.security.lockStructure:
        yield "structure: locked"
    for name, defined in sorted(book.defined_names.items()):
        hidden = " (hidden)" if defined.hidden else ""
        yield f"name {name}{hidden}: {_short(defined.attr_text)}"


def _short(text: str) -> str:
    # Signed copies of the identity change with every heading, and are unreadable.
    return text if len(text) <= 120 else f"{text[:24]}… ({len(text)} characters)"


def _sheet(sheet: Worksheet, values: Worksheet) -> Iterator[str]:
    yield f"## {sheet.title} ({_state(sheet)}, {_protection(sheet)})"
    if sheet.freeze_panes:
        yield f"frozen at {sheet.freeze_panes}"
    if sheet.auto_filter.ref:
        yield f"filter {sheet.auto_filter.ref}"
    yield f"page: {_page(sheet)}"
    if widths := list(_widths(sheet)):
        yield "widths: " + " ".join(widths)
    for merged in sorted(str(area) for area in sheet.merged_cells.ranges):
        yield f"merged {merged}"
    for rule in sheet.data_validations.dataValidation:
        yield _validation(rule)
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            yield f"when {area.sqref}: {_condition(rule)}"
    for chart in sheet._charts:
        at = chart.anchor._from
        yield f"chart at row {at.row + 1}, column {at.col + 1}: {_chart(chart)}"
    yield from _cells(sheet, values)


def _state(sheet: Worksheet) -> str:
    return {"visible": "visible", "hidden": "hidden"}.get(
        sheet.sheet_state, "very hidden"
    )


def _protection(sheet: Worksheet) -> str:
    if not sheet.protection.sheet:
        return "not protected"
    # In the file, a permission is an attribute that is 0.
    permissions = [
        words
        for name, words in PERMISSIONS.items()
        if not getattr(sheet.protection, name)
    ]
    locked = "protected with a password" if sheet.protection.password else "protected"
    return f"{locked}; may {', '.join(permissions)}" if permissions else locked


def _page(sheet: Worksheet) -> str:
    setup = sheet.page_setup
    parts = [setup.orientation or "portrait"]
    if (
        sheet.sheet_properties.pageSetUpPr
        and sheet.sheet_properties.pageSetUpPr.fitToPage
    ):
        tall = "any number of" if setup.fitToHeight == 0 else setup.fitToHeight or 1
        parts.append(f"{setup.fitToWidth or 1} wide, {tall} tall")
    if sheet.print_area:
        parts.append(f"area {sheet.print_area}")
    if sheet.print_title_rows:
        parts.append(f"rows {sheet.print_title_rows} on every page")
    if sheet.print_title_cols:
        parts.append(f"columns {sheet.print_title_cols} on every page")
    if sheet.oddHeader.left.text:
        parts.append(
            f"header {sheet.oddHeader.left.text} | {sheet.oddHeader.right.text}"
        )
    footer = sheet.oddFooter
    texts = [
        part.text for part in (footer.left, footer.center, footer.right) if part.text
    ]
    if texts:
        parts.append("footer " + " | ".join(texts))
    return "; ".join(parts)


def _widths(sheet: Worksheet) -> Iterator[str]:
    for name, column in sorted(
        sheet.column_dimensions.items(), key=lambda pair: (len(pair[0]), pair[0])
    ):
        if column.width:
            hidden = " hidden" if column.hidden else ""
            last = f"-{column.max}" if column.max != column.min else ""
            yield f"{name}{last}={column.width:.1f}{hidden}"


def _validation(rule: Any) -> str:
    lines = [f"choose {rule.sqref}: {rule.type} {rule.operator or ''} {rule.formula1}"]
    if rule.promptTitle or rule.prompt:
        lines.append(f"  help: {rule.promptTitle}: {rule.prompt}")
    if rule.error:
        lines.append(f"  {rule.errorStyle or 'stop'}: {rule.errorTitle}: {rule.error}")
    return "\n".join(lines)


def _condition(rule: Any) -> str:
    condition = " ".join(str(formula) for formula in rule.formula) or rule.type
    look = rule.dxf
    if look is None:
        return condition
    parts = []
    if look.fill and look.fill.bgColor:
        parts.append(f"fill {look.fill.bgColor.rgb}")
    if look.font and look.font.color:
        parts.append(f"text {look.font.color.rgb}")
    if look.numFmt:
        parts.append(f"as {look.numFmt.formatCode}")
    return f"{condition} -> {', '.join(parts)}"


def _chart(chart: Any) -> str:
    series = [series.val.numRef.f for series in chart.series]
    return f"{type(chart).__name__} of {', '.join(series)}"


def _cells(sheet: Worksheet, values: Worksheet) -> Iterator[str]:
    above: dict[int, str] = {}
    blanks: list[str] = []
    for row in sheet.iter_rows():
        for cell in row:
            open_ = sheet.protection.sheet and not cell.protection.locked
            if cell.value is None:
                if open_:
                    blanks.append(cell.coordinate)
                continue
            entry = " [input]" if open_ else ""
            yield f"{cell.coordinate}{entry} {_value(cell, values, above)}"
    if blanks:
        yield "blank inputs: " + " ".join(_runs(blanks))


def _value(cell: Cell, values: Worksheet, above: dict[int, str]) -> str:
    value = cell.value
    link = f" -> {cell.hyperlink.location}" if cell.hyperlink else ""
    format_ = (
        "" if cell.number_format in ("General", "@") else f" as {cell.number_format}"
    )
    if cell.data_type != "f":
        return f"{value!r}{format_}{link}"
    # A formula that continues the one above is shown as such.
    text = str(value)
    before = above.get(cell.column)
    above[cell.column] = f"{cell.coordinate} {text}"
    if before is not None:
        origin, formula = before.split(" ", 1)
        if (
            Translator(formula, origin=origin).translate_formula(cell.coordinate)
            == text
        ):
            text = "= as above"
    return f"{text} -> {values[cell.coordinate].value!r}{format_}{link}"


def _runs(cells: list[str]) -> Iterator[str]:
    # By column, so that the cells of a class are one run: K7:K38.
    columns: dict[str, list[int]] = {}
    for cell in cells:
        column = cell.rstrip("0123456789")
        columns.setdefault(column, []).append(int(cell[len(column) :]))
    for column, rows in columns.items():
        start = last = rows[0]
        for row in [*rows[1:], -1]:
            if row == last + 1:
                last = row
                continue
            yield (
                f"{column}{start}"
                if start == last
                else f"{column}{start}:{column}{last}"
            )
            start = last = row
