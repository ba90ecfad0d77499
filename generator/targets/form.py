"""The layout of a moderation workbook, for the code that writes and reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from generator.markbook.identity import Identity, SheetIdentity, row_tag
from generator.xlsx.theme import template
from udfs.scales.scale import Scale
from udfs.scales.transition_matrix import TransitionMatrix

SCHEMA = "moderation-1"
HEADING_ROW = 6  # Excel's row number; pupils begin in the row below
TEXT_LENGTH = 500
NAME_LENGTH = 80
NO_TARGET = ""

Kind = Literal["moderation", "review"]
Show = Literal["text", "grade", "share", "count"]

# The columns to fill in, in order; all other cells are locked.
ENTRY = ("agreed_expected", "agreed_aspirational", "reason", "by", "answer")
_SECTIONS = {
    "pupil": ("adno", "surname", "forename", "reg", "class"),
    "start": ("baseline", "score", "cat4", "gcse", "bands", "behind"),
    "stands": ("status", "expected", "aspirational"),
    "draft": ("drafted", "drafted_high"),
    "evidence": ("last_year", "last", "query", "proposal"),
    "entry": ENTRY,
    "auto": ("agreed_chance", "check"),
}
OPTIONAL_COLUMNS = ("cat4", "gcse", "last_year", "last", "query", "proposal")
_CENTRED = (
    "score", "cat4", "gcse", "expected", "aspirational", "drafted", "drafted_high",
    "agreed_expected", "agreed_aspirational", "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormField:
    """One column of an entry sheet.

    Args:
        key: `adno` … `check`, or `chance:4`.
        heading: Text in the heading row.
        width: Width in characters.
        section: Section of the sheet, a key of `_SECTIONS` or `chance`.
        show: Display of its values.
    """

    key: str
    heading: str
    width: float
    section: str
    show: Show = "text"

    @property
    def is_entry(self) -> bool:
        """Whether a teacher fills the column in."""
        return self.key in ENTRY


@dataclass(frozen=True)
class FormSheet:
    """One subject and year to moderate.

    Args:
        name: Name of the sheet.
        subject: Subject of the sheet.
        year: Year group, 0 if unknown.
        scale: Scale of the subject.
        figures: National figures of the subject, or None.
        fields: Columns, in order.
        rows: One row per pupil, in order.
    """

    name: str
    subject: str
    year: int
    scale: Scale
    figures: TransitionMatrix | None
    fields: tuple[FormField, ...]
    rows: pd.DataFrame

    @property
    def first_row(self) -> int:
        """Excel's row number of the first pupil."""
        return HEADING_ROW + 1

    @property
    def last_row(self) -> int:
        """Excel's row number of the last pupil."""
        return HEADING_ROW + len(self.rows)

    def has_column(self, key: str) -> bool:
        """Whether the sheet has a column."""
        return any(field.key == key for field in self.fields)

    def column(self, key: str) -> int:
        """The zero-based column of a key."""
        return [field.key for field in self.fields].index(key)


@dataclass(frozen=True)
class ModerationForm:
    """The content of one moderation workbook.

    Args:
        kind: `moderation`, or `review` for a round of proposals.
        department: Department of its subjects.
        school: Name of the school.
        school_id: Id of the school.
        academic_year: Academic year, as `2026/27`.
        contact: Person to return it to.
        method: Method of drafting targets, in words.
        written_at: Moment of writing, as ISO text.
        written_by: Person who wrote it.
        issue_id: Id of the workbook.
        sheets: Entry sheets.
    """

    kind: Kind
    department: str
    school: str
    school_id: str
    academic_year: str
    contact: str
    method: str
    written_at: str
    written_by: str
    issue_id: str
    sheets: tuple[FormSheet, ...]

    def identity(self, key: bytes) -> Identity:
        """The signed identity.

        The tag of a row is a keyed hash of the admission number, then the versions of
        the target and of the answer in the row.
        """
        return Identity(
            schema=SCHEMA,
            school_id=self.school_id,
            academic_year=self.academic_year,
            collection="",  # only returns belong to a collection
            issued_at=self.written_at,
            sheets=tuple(
                SheetIdentity(
                    name=sheet.name,
                    class_code=self.department,
                    subject=sheet.subject,
                    issue_id=self.issue_id,
                    columns=tuple(field.key for field in sheet.fields),
                    tags=tuple(
                        f"{row_tag(key, self.issue_id, adno)}.{version}.{answer}"
                        for adno, version, answer in zip(
                            sheet.rows["adno"],
                            sheet.rows["version"],
                            sheet.rows["answer_version"],
                            strict=True,
                        )
                    ),
                )
                for sheet in self.sheets
            ),
        ).sign(key)


def form_fields(
    scale: Scale, *, chances: bool, empty: Collection[str] = ()
) -> tuple[FormField, ...]:
    """The columns of an entry sheet.

    Args:
        scale: Scale of the subject.
        chances: Whether there are national figures to show.
        empty: Keys of columns without a value; optional ones are left out.
    """
    columns: list[FormField] = []
    for section, keys in _SECTIONS.items():
        for key in keys:
            if key in OPTIONAL_COLUMNS and key in empty:
                continue
            if key in ("bands", "behind", "agreed_chance") and not chances:
                continue
            columns.append(_field(key, section))
        if section == "start" and chances:
            columns += [
                replace(
                    _field("chance", "chance"),
                    key=f"chance:{grade}",
                    heading=template("moderation")["headings"]["chance"].format(
                        grade=grade
                    ),
                    show="share",
                )
                for grade in chance_grades(scale)
            ]
    return tuple(columns)


def year_group_text(year: int) -> str:
    """A year group in words.

    >>> year_group_text(7), year_group_text(0)
    ('Year 7', 'no year group')
    """
    words = template("moderation")["entry"]
    text: str = words["year" if year else "no_year"].format(year=year)
    return text


def chance_grades(scale: Scale) -> tuple[str, ...]:
    """The grades with a chance in each pupil's row: whole grades above the lowest.

    >>> from udfs.tables import standard
    >>> chance_grades(standard().scale("combined_science"))[:3]
    ('1-1', '2-2', '3-3')
    """
    return tuple(
        step.name
        for step in scale.steps[1:]
        if step.fine == step.level and step.level % 60 == 0
    )


def headings(keys: Sequence[str]) -> dict[str, str]:
    """Key -> heading of some columns, except those of chances.

    >>> headings(["adno", "by"])
    {'adno': 'Adno', 'by': 'By'}
    """
    texts = template("moderation")["headings"]
    return {key: texts[key] for key in keys if key in texts}


def _field(key: str, section: str) -> FormField:
    show: Show = "text"
    if key in _CENTRED:
        show = "grade"
    elif key == "behind":
        show = "count"
    elif key == "agreed_chance":
        show = "share"
    return FormField(
        key,
        template("moderation")["headings"][key],
        template("moderation")["widths"][key],
        section,
        show,
    )
