"""The one truth of where things sit in a markbook, for writer and reader alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from generator.xlsx.sheet_password import Lock

SCHEMA = "markbook-1"
META_SHEET = "_meta"
LISTS_SHEET = "_lists"
ENTRY_SHEET = "Markbook"
# Excel's row numbers: what stands above the pupils.
TITLE_ROW = 1  # and whose class it is, in the row below
STATUS_ROW = 3
KEY_ROW = 4
BAND_ROW = 5
HEADING_ROW = 6  # the pupils stand below it
FROZEN_COLUMNS = 3  # that stay in sight: Adno, Surname, Forename
SPARE_ROWS = 4
COMMENT_LENGTH = 500

Kind = Literal[
    "adno", "name", "group", "prior", "earlier", "target", "entry", "flag", "check"
]

# field -> heading, in the order of the contract. `notes` is the teacher's own
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

# A pupil is complete when those of these that were asked for are filled in (a code
# such as `Abs` fills a cell); everything else is said only where there is something
# to say.
REQUIRED_FIELDS: tuple[str, ...] = ("working_at", "prediction", "effort")
SECONDS_PER_CELL = 6  # to choose from a list; what "about 9 minutes" is reckoned with

# What unlocks in a spare row besides the entry columns, so that a joiner can be
# written in.
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
        heading: The text in the heading row.
        entry: Whether the teacher fills it in (unlocked in every pupil's row).
    """

    key: str
    heading: str
    entry: bool = False


@dataclass(frozen=True, slots=True)
class PupilRow:
    """One pupil as printed in the locked part, and what is already entered.

    Args:
        adno: The admission number.
        surname: As in the MIS.
        forename: As in the MIS.
        reg: The tutor group.
        groups: Group name -> what its column shows (`Y`, `K`, empty).
        prior: The score the target came from, as shown (`101.5`), or empty.
        earlier: Collection code -> what its column shows (`5 (Below)`).
        target: The expected target, or None.
        aspirational: The aspirational target, or None.
        entered: Field -> value already stored, which the cell is stamped with.
        told: What `Over time` says besides: `asked`, the latest query about the
            target with its answer; `running`, what is being done for the pupil.
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
    extras: Mapping[str, str] = field(default_factory=dict)  # key of TOLD -> text


@dataclass(frozen=True, slots=True)
class LadderBand:
    """One band of a ladder.

    Args:
        name: What it is called.
        targets: The targets of the pupils it is expected of by now.
        statements: What a pupil in it can do: "I can …".
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
        """The band expected by now of a pupil with this target, or empty."""
        if target is not None:
            for band in self.bands:
                if target.casefold() in (one.casefold() for one in band.targets):
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
    teachers: tuple[str, ...]  # as shown, the lead first; empty where vacant
    columns: tuple[SheetColumn, ...]
    rows: tuple[PupilRow, ...]
    style: Literal["grade", "judgement"] = "grade"
    ladder: Ladder | None = None  # that judgements are made against
    extras: tuple[str, ...] = ()  # which keys of the rows' `told` are shown

    @property
    def first_row(self) -> int:
        """Excel's number of the first pupil's row."""
        return HEADING_ROW + 1

    @property
    def last_row(self) -> int:
        """Excel's number of the last pupil's row."""
        return HEADING_ROW + len(self.rows)

    @property
    def last_spare_row(self) -> int:
        """Excel's number of the last spare row, for joiners."""
        return self.last_row + SPARE_ROWS

    def column(self, key: str) -> int | None:
        """The zero-based column of a key, or None where it is not asked for."""
        for index, column in enumerate(self.columns):
            if column.key == key:
                return index
        return None


@dataclass(frozen=True, slots=True)
class Markbook:
    """Everything that stands in one issued file."""

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
    fine: bool = False  # whether flags tell thirds of a grade apart
    targets_on_board: bool = False  # whether targets may be projected to the class
    print_groups: bool = False  # whether groups and flags may be on paper
    contact: str = ""
    owner: str = ""
    keep_until: str = ""
    lock: Lock | None = None  # the password of its locked sheets


def sheet_columns(
    asks: Sequence[str],
    *,
    groups: Sequence[str] = (),
    earlier: Sequence[str] = (),
    targets: bool = True,
) -> tuple[SheetColumn, ...]:
    """The columns of an entry sheet, in the contract's order.

    Args:
        asks: The fields the collection asks for, in any order.
        groups: The groups shown, in order.
        earlier: Codes of earlier collections shown, oldest first.
        targets: Whether the sheet shows targets and flags.

    >>> [c.heading for c in columns(["prediction"], groups=["PP"])][4:-1]
    ['PP', 'Prior', 'Target', 'Aspirational', 'Prediction', 'Flag', 'Check']
    """
    asked = set(asks)
    made = [
        SheetColumn("adno", "Adno"),
        SheetColumn("surname", "Surname"),
        SheetColumn("forename", "Forename"),
        SheetColumn("reg", "Reg"),
        *(SheetColumn(f"group:{name}", name) for name in groups),
        SheetColumn("prior", "Prior"),
        *(SheetColumn(f"earlier:{code}", code) for code in earlier),
    ]
    if targets:
        made += [
            SheetColumn("target", "Target"),
            SheetColumn("aspirational", "Aspirational"),
        ]
    for name in ("working_at", "prediction"):
        if name in asked:
            made.append(SheetColumn(name, ENTRY_HEADINGS[name], entry=True))
    made += [SheetColumn("flag", "Flag"), SheetColumn("check", "Check")]
    for name in ("reason", "effort", "praise", "comment", "target_query"):
        if name in asked:
            made.append(SheetColumn(name, ENTRY_HEADINGS[name], entry=True))
    made.append(SheetColumn("notes", NOTES_HEADING, entry=True))
    return tuple(made)


def required_fields(columns: Sequence[SheetColumn]) -> tuple[str, ...]:
    """The fields a pupil needs before the row is complete.

    Where a collection asks only for things said now and then, its first one.

    >>> needed(columns(["effort", "comment", "prediction"]))
    ('prediction', 'effort')
    >>> needed(columns(["comment"]))
    ('comment',)
    """
    asked = [c.key for c in columns if c.entry and c.key not in ("notes", "reason")]
    return tuple(key for key in asked if key in REQUIRED_FIELDS) or tuple(asked[:1])


def locked_text(column: SheetColumn, row: PupilRow) -> str:
    """What a locked column shows of a pupil.

    >>> locked_text(Column("group:PP", "PP"), PupilRow("4", "Li", "Ed"))
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
    """A zero-based column as Excel writes it.

    >>> [letter(i) for i in (0, 25, 26, 51, 52)]
    ['A', 'Z', 'AA', 'AZ', 'BA']
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def truncate(text: str, length: int) -> str:
    """A text that fits: Excel refuses a whole sheet for one that is too long.

    >>> cut("1, 2, 3, 4", 8)
    '1, 2, 3…'
    """
    return text if len(text) <= length else text[: length - 1].rstrip(", ") + "…"
