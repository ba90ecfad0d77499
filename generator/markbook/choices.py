"""What an entry cell offers, refuses, and shows by its colour."""

from __future__ import annotations

from typing import Any

from generator.markbook.grid import FREE_TEXT
from generator.markbook.layout import COMMENT_LENGTH, cut, letter
from generator.markbook.page import Page
from generator.markbook.pen import Pen
from generator.markbook.theme import FLAG_KEYS, Looks, flag_paint, state, template


def write_choices(pen: Pen, page: Page) -> None:
    """Give every entry column its list, or its greatest length."""
    words = template("markbook")["entry"]
    first, last = page.sheet.first_row - 1, page.sheet.last_spare_row - 1
    for index, column in enumerate(page.sheet.columns):
        if not column.entry or column.key == "notes":
            continue
        if column.key in FREE_TEXT:
            pen.choices(
                first,
                last,
                index,
                {
                    "validate": "length",
                    "criteria": "<=",
                    "value": COMMENT_LENGTH,
                    "error_title": words["too_long_title"],
                    "error_message": words["too_long"].format(length=COMMENT_LENGTH),
                },
            )
            continue
        choices = ", ".join(page.choices(column.key))
        rule: dict[str, Any] = {
            "validate": "list",
            "source": f"={page.list_name(column.key)}",
            "error_title": words["not_listed_title"],
            "error_message": cut(words["not_listed"].format(choices=choices), 225),
        }
        if column.key in ("working_at", "prediction"):
            judged = column.key == "prediction" and page.prediction_scale.judgement
            key = "judgement" if judged else column.key
            codes = ", ".join(code.name for code in page.lists.codes)
            help_ = words[f"{key}_help"] + " " + words["grade_help"].format(codes=codes)
            rule |= {"input_title": column.heading, "input_message": cut(help_, 255)}
        pen.choices(first, last, index, rule)


def write_changes(pen: Pen, looks: Looks, page: Page) -> None:
    """Colour what is filled in, what is asked about, what is wrong, and each flag."""
    first, last = page.sheet.first_row - 1, page.sheet.last_spare_row - 1
    number = page.sheet.first_row
    wrong, check = state("wrong"), state("check")
    for index, column in enumerate(page.sheet.columns):
        cell = f"${letter(index)}{number}"
        if column.key == "flag":
            for flag in FLAG_KEYS:
                paint = flag_paint(flag)
                look = looks.change(
                    paint.fill, paint.ink, num_format=paint.number_format
                )
                pen.when(first, last, index, f'={cell}="{flag}"', look)
        elif column.key == "check":
            look = looks.change(check.fill, check.ink)
            pen.when(first, last, index, f"=LEN({cell})>0", look)
        elif column.key in ("working_at", "prediction"):
            known = page.lists.names(
                page.prediction_scale if column.key == "prediction" else page.scale
            ).known
            said = f'SUBSTITUTE({cell}," ","")'
            pen.when(
                first,
                last,
                index,
                f"=AND(LEN(TRIM({cell}))>0,SUMPRODUCT(--({known}={said}))=0)",
                looks.change(wrong.fill, wrong.ink),
            )
        if column.key == "reason":
            asked = f"${letter(page.sheet.column('check') or 0)}{number}"
            pen.when(
                first,
                last,
                index,
                f"=AND(LEN({asked})>0,LEN(TRIM({cell}))=0)",
                looks.change(check.fill, check.ink),
            )
        elif column.entry and column.key != "notes":
            pen.when(
                first,
                last,
                index,
                f"=LEN(TRIM({cell}))>0",
                looks.change("input_done", "ink"),
            )
