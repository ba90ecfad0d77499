"""Class reports in blocks: lines such as `Class: 10A/Ma1 (Mr J Smith)` above each list.

What the lines say becomes columns of the rows below them, so that the rest of the
import sees one list with a row for each pupil and class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from generator.mis.headings import HeadingMeaning, heading_meaning
from generator.mis.teacher_cells import split_teachers
from generator.mis.values import compare_key
from generator.tabular.rows import TableRow, TableSheet

# Field -> the heading of its column.
_COLUMNS = {"class": "Class", "subject": "Subject", "teacher": "Teacher"}
_LABEL = re.compile(r"([^:]{2,40}?)\s*:\s*(.*)")
_CLASS_TITLE = re.compile(
    r"(?:class|teaching group|set)(?: list| report)?(?: for| -)? (?=\S*\d)(\S+)(.*)",
    re.I,
)
_IDS = ("adno", "upn", "weak_adno", "mis_id")


def flatten_blocks(
    sheet: TableSheet, position: int, school: Mapping[str, HeadingMeaning]
) -> tuple[TableSheet, int]:
    """Return a sheet with the lines between its blocks as columns, and its heading row.

    Args:
        sheet: The sheet.
        position: The position of its first heading row.
        school: The school's own meanings of headings.
    """
    top = sheet.rows[position]
    fields = {heading_meaning(text, school).field for text in top.cells.values()}
    ids = {c for c, t in top.cells.items() if heading_meaning(t, school).field in _IDS}
    if "class" in fields or not ids:
        return sheet, position
    rows = _labelled_rows(sheet, position, ids, school)
    names = [
        name for name in _COLUMNS
        if name not in fields and any(name in says for _, says in rows)
    ]  # fmt: skip
    if "class" not in names:
        return sheet, position
    width = max(max(row.cells) for row in sheet.rows) + 1
    columns = dict(zip(names, range(width, width + len(names)), strict=True))
    headings = dict(
        zip(columns.values(), map(_COLUMNS.__getitem__, names), strict=True)
    )
    below = [
        TableRow(
            row.number,
            row.cells | {columns[n]: says[n] for n in names if says.get(n)},
        )
        for row, says in rows
    ]
    heading = TableRow(top.number, top.cells | headings)
    return replace(sheet, rows=(heading, *below)), 0


def _labelled_rows(
    sheet: TableSheet,
    position: int,
    ids: set[int],
    school: Mapping[str, HeadingMeaning],
) -> list[tuple[TableRow, dict[str, str]]]:
    """The rows of all blocks, each with what the lines above its block say."""
    labels: dict[str, str] = {}
    rows: list[tuple[TableRow, dict[str, str]]] = []
    is_in_lines = False
    for index, row in enumerate(sheet.rows):
        if row.cells == sheet.rows[position].cells:
            continue
        has_id = bool(ids & row.cells.keys())
        is_data = index > position and has_id and len(row.cells) > 3
        says = {} if is_data else _says(row, school)
        if says and not is_in_lines and "class" in says:
            labels = {}
        labels |= says
        if not says and index > position:
            rows.append((row, dict(labels) if has_id else {}))
        is_in_lines = bool(says)
    return rows


def _says(row: TableRow, school: Mapping[str, HeadingMeaning]) -> dict[str, str]:
    """What a line above a block says: its class, subject and teacher."""
    texts = list(row.cells.values())
    if len(texts) == 2 and ":" not in texts[0].rstrip(": "):
        texts = [f"{texts[0].rstrip(': ')}: {texts[1]}"]
    says: dict[str, str] = {}
    for text in texts:
        if match := _LABEL.fullmatch(text):
            meaning = heading_meaning(match[1], school)
            name = "teacher" if meaning.field == "teacher_name" else meaning.field
            if compare_key(match[1]) in ("staff", "tutor", "lead"):
                name = "teacher"
            if name in _COLUMNS and match[2]:
                says[name] = match[2]
        elif match := _CLASS_TITLE.fullmatch(text):
            says["class"] = f"{match[1]}{match[2]}"
    if "class" in says:
        code, rest = _split_class(says["class"])
        says["class"] = code
        for part in rest:
            is_teacher = bool(re.match(r"(?:mr|mrs|miss|ms|mx|dr|prof)\b", part, re.I))
            name = "teacher" if is_teacher or split_teachers(part)[1:] else "subject"
            says.setdefault(name, part)
    return says


def _split_class(text: str) -> tuple[str, list[str]]:
    """A class code, and what follows it in parentheses or after dashes.

    >>> _split_class("10A/Ma1 (Mr J Smith)"), _split_class("10A/Ma1 - History")
    (('10A/Ma1', ['Mr J Smith']), ('10A/Ma1', ['History']))
    """
    code, *rest = re.split(r"\s+[-–—|]\s+|\s*[(\[]|,\s+", text)
    return code.strip(), [part.strip(" )]") for part in rest if part.strip(" )]")]
