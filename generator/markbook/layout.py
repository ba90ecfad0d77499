"""The layout of a markbook, shared by the code that writes and that reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from generator.xlsx.sheet_password import SheetPassword

SCHEMA = "markbook-1"
META_SHEET = "_meta"
LISTS_SHEET = "_lists"
ENTRY_SHEET = "Markbook"
# Excel's row numbers of the rows above the pupils.
TITLE_ROW = 1  # the class line is in the row below
STATUS_ROW = 3
KEY_ROW = 4
BAND_ROW = 5
HEADING_ROW = 6  # pupils begin in the row below
FROZEN_COLUMNS = 3  # Adno, Surname, Forename
SPARE_ROWS = 4
COMMENT_LENGTH = 500

# Field -> heading, in the order of the columns. `notes` is the teacher's own
# column: it is unlocked and never read.
ENTRY_HEADINGS: Mapping[str, str] = {
    "working_at": "Working at",
    "prediction": "Prediction",
    "reason": "Reason",
    "effort": "Effort",
    "praise": "Praise",
    "comment": "Comment",
    "target_query": "Target query",
}
NOTES_HEADING = "Your notes"

# A pupil is complete when each of these fields that the collection asks for is filled
# in (a code such as `Abs` counts). All other fields are optional.
REQUIRED_FIELDS: tuple[str, ...] = ("working_at", "prediction", "effort")
SECONDS_PER_CELL = 6  # to choose from a list; "about 9 minutes" is estimated with it

# Columns unlocked in a spare row besides the entry columns, so that a teacher can add
# a joiner.
JOINER_KEYS: tuple[str, ...] = ("adno", "surname", "forename", "reg")
PRAISE: tuple[str, ...] = ("Yes",)
REASONS: tuple[str, ...] = (
    "recent improvement",
    "attendance",
    "mock evidence",
    "coursework",
    "other",
)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of an entry sheet.

    Args:
        key: `adno`, `surname`, `forename`, `reg`, `group:PP`, `prior`,
            `earlier:AUT`, `target`, `aspirational`, `flag`, `check`, `notes`, or
            a field of `ENTRY_HEADINGS`.
        heading: Text in the heading row.
        entry: Whether the teacher fills it in (unlocked in every pupil's row).
    """

    key: str
    heading: str
    entry: bool = False


@dataclass(frozen=True, slots=True)
class PupilRow:
    """One pupil: the locked cells, and the values already entered.

    Args:
        adno: Admission number.
        surname: As in the MIS.
        forename: As in the MIS.
        reg: Tutor group.
        groups: Group name -> text of its column (`Y`, `K`, empty).
        prior: Score the target was set from, as text (`101.5`), or empty.
        earlier: Collection code -> text of its column (`5 (Below)`).
        target: Expected target, or None.
        aspirational: Aspirational target, or None.
        entries: Field -> stored value, written into the entry cell.
        extras: Further texts on `Over time`: `asked`, the latest query about the
            target with its answer; `running`, the pupil's current interventions.
    """

    adno: str
    surname: str
    forename: str
    reg: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    prior: str = ""
    earlier: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    aspirational: str | None = None
    entries: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LadderBand:
    """One band of a ladder.

    Args:
        name: Name of the band.
        targets: Targets of the pupils who are expected to be in it by now.
        statements: "I can …" statements of a pupil in it.
    """

    name: str
    targets: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ladder:
    """The progress ladder of a subject in a year, lowest band first."""

    subject: str
    year: int
    bands: tuple[LadderBand, ...]
    note: str = ""

    def expected_band(self, target: str | None) -> str:
        """The name of the band expected by now for a target, or empty."""
        if target is not None:
            for band in self.bands:
                if target.casefold() in map(str.casefold, band.targets):
                    return band.name
        return ""


@dataclass(frozen=True, slots=True)
class EntrySheet:
    """One sheet a teacher fills in: a class in one subject."""

    name: str
    class_code: str
    subject: str
    scale: str
    year: int | None
    teachers: tuple[str, ...]  # names, the lead first; empty if the post is vacant
    columns: tuple[SheetColumn, ...]
    rows: tuple[PupilRow, ...]
    style: Literal["grade", "judgement"] = "grade"
    ladder: Ladder | None = None  # behind the judgements
    extras: tuple[str, ...] = ()  # keys of the rows' `extras` that are shown

    @property
    def first_row(self) -> int:
        """Excel's row number of the first pupil."""
        return HEADING_ROW + 1

    @property
    def last_row(self) -> int:
        """Excel's row number of the last pupil."""
        return HEADING_ROW + len(self.rows)

    @property
    def last_spare_row(self) -> int:
        """Excel's row number of the last spare row, for joiners."""
        return self.last_row + SPARE_ROWS

    def column(self, key: str) -> int | None:
        """The zero-based column of a key, or None if the sheet does not have it."""
        for index, column in enumerate(self.columns):
            if column.key == key:
                return index
        return None


@dataclass(frozen=True, slots=True)
class Markbook:
    """The content of one issued file."""

    school: str
    school_id: str
    academic_year: str
    collection: str
    collection_name: str
    opens: str
    closes: str
    issued_at: str
    sheets: tuple[EntrySheet, ...]
    issue_ids: Mapping[str, str]  # class code -> issue id
    effort: tuple[str, ...] = ()
    fine: bool = False  # whether flags distinguish thirds of a grade
    targets_on_board: bool = False  # whether `For the board` shows targets
    print_groups: bool = False  # whether groups and flags are printed
    contact: str = ""
    owner: str = ""
    keep_until: str = ""
    lock: SheetPassword | None = None  # the password of its locked sheets


def sheet_columns(
    asks: Sequence[str],
    *,
    groups: Sequence[str] = (),
    earlier: Sequence[str] = (),
    targets: bool = True,
) -> tuple[SheetColumn, ...]:
    """The columns of an entry sheet, in order.

    Args:
        asks: Fields the collection asks for, in any order.
        groups: Groups shown, in order.
        earlier: Codes of the earlier collections shown, oldest first.
        targets: Whether the sheet shows targets and flags.

    >>> [c.heading for c in sheet_columns(["prediction"], groups=["PP"])][4:-1]
    ['PP', 'Prior', 'Target', 'Aspirational', 'Prediction', 'Flag', 'Check']
    """
    result = [
        SheetColumn("adno", "Adno"),
        SheetColumn("surname", "Surname"),
        SheetColumn("forename", "Forename"),
        SheetColumn("reg", "Reg"),
        *(SheetColumn(f"group:{name}", name) for name in groups),
        SheetColumn("prior", "Prior"),
        *(SheetColumn(f"earlier:{code}", code) for code in earlier),
    ]
    if targets:
        result += [
            SheetColumn("target", "Target"),
            SheetColumn("aspirational", "Aspirational"),
        ]
    for name in ("working_at", "prediction"):
        if name in asks:
            result.append(SheetColumn(name, ENTRY_HEADINGS[name], entry=True))
    result += [SheetColumn("flag", "Flag"), SheetColumn("check", "Check")]
    for name in ("reason", "effort", "praise", "comment", "target_query"):
        if name in asks:
            result.append(SheetColumn(name, ENTRY_HEADINGS[name], entry=True))
    result.append(SheetColumn("notes", NOTES_HEADING, entry=True))
    return tuple(result)


def required_fields(columns: Sequence[SheetColumn]) -> tuple[str, ...]:
    """The fields that make a pupil's row complete.

    If a collection asks for optional fields only, its first field is required.

    >>> required_fields(sheet_columns(["effort", "comment", "prediction"]))
    ('prediction', 'effort')
    >>> required_fields(sheet_columns(["comment"]))
    ('comment',)
    """
    keys = [c.key for c in columns if c.entry and c.key not in ("notes", "reason")]
    return tuple(key for key in keys if key in REQUIRED_FIELDS) or tuple(keys[:1])


def locked_text(column: SheetColumn, row: PupilRow) -> str:
    """The text of a pupil's cell in a locked column.

    >>> locked_text(SheetColumn("group:PP", "PP"), PupilRow("4", "Li", "Ed"))
    ''
    """
    kind, _, name = column.key.partition(":")
    if kind == "group":
        return row.groups.get(name, "")
    if kind == "earlier":
        return row.earlier.get(name, "")
    value: str | None = getattr(row, kind)
    return value or ""


def column_letters(index: int) -> str:
    """The letters of a zero-based column.

    >>> [column_letters(i) for i in (0, 25, 26, 51, 52)]
    ['A', 'Z', 'AA', 'AZ', 'BA']
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def truncate(text: str, length: int) -> str:
    """A text shortened to a length (Excel rejects a sheet with a longer one).

    >>> truncate("1, 2, 3, 4", 8)
    '1, 2, 3…'
    """
    return text if len(text) <= length else text[: length - 1].rstrip(", ") + "…"
