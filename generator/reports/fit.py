"""The size of type of a report, chosen from the widths of letters.

To let the engine measure would triple the time a report takes.
"""

from __future__ import annotations

from typing import Any

from generator.reports.font_letters import font_letters

PAGE_WIDTH, PAGE_HEIGHT = 182.0, 271.0  # millimetres within the margins
MM_PER_POINT = 0.352778
LINE = 1.25  # the height of a line, in type sizes
TRACKING = -8.0  # thousandths of the type size, a letter
# Type size in points, room above a row in millimetres, and whether the teacher and the
# ways stand beside what they belong to; the largest that fits one page is taken.
LAYOUTS = (
    (12.5, 1.9, False), (11.5, 1.8, False), (10.5, 1.4, False),
    (12.5, 1.7, True), (11.5, 1.5, True), (10.5, 1.25, True),
)  # fmt: skip
DENSE = 3  # the first layout for many subjects
MANY_SUBJECTS = 9


def parent_fit(report: dict[str, Any]) -> dict[str, Any]:
    """The largest layout of a parent's report that fits one page, else the last."""
    layouts = LAYOUTS[DENSE:] if len(report["rows"]) > MANY_SUBJECTS else LAYOUTS
    for size, pad, dense in layouts:
        if parent_height(report, size, pad, dense) <= PAGE_HEIGHT:
            break
    return {"size": size, "pad": pad, "dense": dense}


def parent_height(
    report: dict[str, Any], size: float, pad: float, dense: bool
) -> float:
    """The height of a parent's report in millimetres, a little too high."""
    em = size * MM_PER_POINT
    line = LINE * em
    height = 21.0 + 6.4 + 2 * em  # the masthead, and the frame of the three lines
    for _, text in report["short"]["lines"]:
        height += lines_of(text, PAGE_WIDTH - 8 - 9.6 * em, size) * line + 0.6 * em
    if report["rows"]:
        height += 2.6 * em + line + 2 * pad
    for row in report["rows"]:
        height += row_height(row, size, pad, dense)
    for text in report["notes"]:
        height += lines_of(text, PAGE_WIDTH, size) * line + 0.2 * em
    column = (PAGE_WIDTH - 8) / 2
    parts = [_part_height(part, column, size) for part in report["parts"]]
    for left in range(0, len(parts), 2):
        height += max(parts[left : left + 2]) + 1.15 * em
    for part in report["wide_parts"]:
        height += _part_height(part, PAGE_WIDTH, size)
    if report["meaning"]:
        height += 3.2 * em
    for word, text in report["meaning"]:
        height += lines_of(f"{word}: {text}", PAGE_WIDTH, size) * line + 0.1 * em
    return height


def row_height(row: dict[str, Any], size: float, pad: float, dense: bool) -> float:
    """The height of one subject's row in millimetres."""
    em = size * MM_PER_POINT
    line = LINE * em
    width = PAGE_WIDTH - 2.4
    columns = 12.8 + 6.2 * len(row["cells"])
    first = PAGE_WIDTH - columns * em - 2.4
    head = f"{row['subject']} {row['teacher']}"
    lines = lines_of(head, first, size) if dense else 2
    height = lines * line + 2 * pad - 0.2
    texts = [row["comment"]] if row["comment"] else []
    if row["ways"]:
        texts += [" ".join(f"→ {way}" for way in row["ways"])] if dense else row["ways"]
    for text in texts:
        height += lines_of(text, width - (0 if dense else 1.4 * em), size) * line
    return height + (2.0 + 0.1 * em * len(texts) if texts else 0)


def _part_height(part: dict[str, Any], width: float, size: float) -> float:
    em = size * MM_PER_POINT
    lines = sum(lines_of(text, width, size) for text in part["lines"])
    return 2.0 * em + lines * LINE * em


def lines_of(text: str, width: float, size: float) -> int:
    """How many lines a text takes.

    Args:
        text: The text.
        width: The width of the lines in millimetres.
        size: The type size in points.
    """
    letters = font_letters("regular")
    room = width / (size * MM_PER_POINT) * 1000
    space = letters.width(" ") + TRACKING
    lines = 0
    for paragraph in text.split("\n"):
        used = -space
        lines += 1
        for word in paragraph.split(" "):
            wide = letters.width(word) + TRACKING * len(word)
            if used + space + wide > room and used >= 0:
                lines += 1
                used = -space
            used += space + wide
            lines += int(used // room) if used > room else 0
    return lines
