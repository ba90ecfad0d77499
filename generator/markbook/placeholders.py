"""A markbook of one shape with a number in place of all that differs by class.

Stamping needs to know where in a finished workbook each name, target or count
stands. So one markbook of the shape is authored whose every such text is a *mark*
(a number between two signs that no school writes) and whose every such number is
beyond any count; `generator.markbook.compiled_markbook` then finds them in the package.

What a mark stands for is its place in one long row, `values_of`: first of the
file, then of each sheet, then of each of its pupils.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from generator.markbook.grid import FREE_TEXT, LongNames
from generator.markbook.identity import Identity, SheetIdentity
from generator.markbook.layout import EntrySheet, Markbook, PupilRow
from generator.markbook.sheet_content import FlagCounts, RowValues, SheetContent
from generator.markbook.write_markbook import sheet_contents
from udfs.tables import Tables

Value = str | int | float
OPEN, CLOSE = "\ue000", "\ue001"  # round the number of a text's mark
FIRST_NUMBER = 7_000_000_000  # a number's mark: beyond every count

# Places of the file.
ALL_CLASSES, IDENTITY_COPIES, SIGNATURE = 0, 1, 2
_FILE = 3
# Places of a sheet, before its counts and its pupils.
_SHEET = ("title", "class_line", "footer", "class", "subject", "issue", "tags", "done")


def text_placeholder(place: int) -> str:
    """The mark of a text that stands at a place of `values_of`."""
    return f"{OPEN}{place}{CLOSE}"


def markbook_shape(markbook: Markbook) -> tuple[object, ...]:
    """What two markbooks have in common if one can be stamped like the other."""
    sheets = markbook.sheets
    codes = [sheet.class_code for sheet in sheets]
    common = tuple(
        getattr(markbook, field.name)
        for field in fields(markbook)
        if field.name not in ("sheets", "issue_ids")
    )
    return (
        common,
        tuple(
            (
                sheet.name,
                sheet.scale,
                sheet.style,
                sheet.columns,
                sheet.ladder,
                sheet.extras,
                len(sheet.rows),
                LongNames.of(sheet),
                codes.index(sheet.class_code),
            )
            for sheet in sheets
        ),
    )


def placeholder_values(
    markbook: Markbook, pages: Sequence[SheetContent], identity: Identity
) -> list[Value]:
    """What stands at each place, in order."""
    values: list[Value] = [
        pages[0].class_line(markbook, *pages[1:]),
        " ".join(identity.pieces()),
        identity.mac,
    ]
    for page, known in zip(pages, identity.sheets, strict=True):
        values += (
            page.title,
            page.class_line(markbook),
            page.footer(markbook),
            page.sheet.class_code,
            page.sheet.subject,
            known.issue_id,
            " ".join(known.tags),
            page.progress()[1],
        )
        values += (number for _, number in page.totals())
        for group in (None, *page.groups):
            counts = page.flag_counts(group)
            values += (counts.pupils, *counts.flags, counts.none, counts.share)
        for key in page.summary_columns:
            values += page.grade_counts(key)
        groups, earlier, entry = page.groups, page.earlier, page.entry
        for row, said in zip(page.sheet.rows, page.row_values, strict=True):
            moved = page.movement(row)
            values += (
                row.adno,
                row.surname,
                row.forename,
                row.reg,
                row.prior,
                row.target or "",
                row.aspirational or "",
                said.flag,
                said.check,
                "" if moved is None else moved,
                page.expected_band(row),
                *(row.groups.get(group, "") for group in groups),
                *(row.earlier.get(code, "") for code in earlier),
                *(row.entries.get(key, "") for key in entry),
                *(row.extras.get(key, "") for key in page.sheet.extras),
                *(page.print_text(row, key) for key in FREE_TEXT if page.has(key)),
            )
    return values


class PlaceholderContent(SheetContent):
    """A page that answers marks. Only for sheets that `specimen` made."""

    positions: _Positions

    @property
    def title(self) -> str:
        """The title's mark."""
        return self.positions.text("title")

    def class_line(self, markbook: Markbook, *others: SheetContent) -> str:
        """The mark of the line about this class, or of that about all classes."""
        return (
            text_placeholder(ALL_CLASSES)
            if others
            else self.positions.text("class_line")
        )

    def footer(self, markbook: Markbook) -> str:
        """The footer's mark."""
        return self.positions.text("footer")

    def progress(self, *, outside: bool = False) -> tuple[str, str]:
        """The formula, with the mark of its value."""
        return super().progress(outside=outside)[0], self.positions.text("done")

    def counts(self) -> list[tuple[str, int]]:
        """The formulas, with the marks of their values."""
        first = self.positions.counts
        found = super().totals()
        return [
            (told, number_placeholder(first + at)) for at, (told, _) in enumerate(found)
        ]

    def flag_counts(self, group: str | None) -> FlagCounts:
        """The marks of one line of flags."""
        at = self.positions.flags + 7 * (None, *self.groups).index(group)
        flags = tuple(number_placeholder(at + 1 + flag) for flag in range(4))
        return FlagCounts(
            number_placeholder(at),
            flags,
            number_placeholder(at + 5),
            number_placeholder(at + 6),
        )

    def grade_counts(self, key: str) -> Sequence[int]:
        """The marks of one column of grades."""
        first = self.positions.grades[key]
        size = len(super().grade_counts(key))
        return [number_placeholder(first + at) for at in range(size)]

    def movement(self, row: PupilRow) -> float | None:
        """The mark of how far a pupil has moved."""
        return number_placeholder(
            self.positions.pupil(self.sheet.rows.index(row), "movement")
        )

    def expected_band(self, row: PupilRow) -> str:
        """The mark of the band expected of a pupil."""
        return text_placeholder(
            self.positions.pupil(self.sheet.rows.index(row), "band")
        )

    def printed(self, row: PupilRow, key: str) -> str:
        """The mark of what paper has of a cell."""
        name = f"paper:{key}" if key in FREE_TEXT else key
        return text_placeholder(self.positions.pupil(self.sheet.rows.index(row), name))

    def _row_values(self, row: PupilRow) -> RowValues:
        return RowValues("", "", False)


def number_placeholder(place: int) -> int:
    """The mark of a number that stands at a place of `values_of`."""
    return FIRST_NUMBER + place


class _Positions:
    # Where the values of one sheet stand, in the order of `values_of`.
    def __init__(self, page: SheetContent, first: int) -> None:
        self.first = first
        self.counts = first + len(_SHEET)
        self.flags = self.counts + len(page.totals())
        at = self.flags + 7 * (1 + len(page.groups))
        self.grades = {}
        for key in page.summary_columns:
            self.grades[key] = at
            at += len(page.grade_counts(key))
        self.pupils = at
        self.fields = (
            *("adno", "surname", "forename", "reg", "prior", "target", "aspirational"),
            *("flag", "check", "movement", "band"),
            *(f"group:{group}" for group in page.groups),
            *(f"earlier:{code}" for code in page.earlier),
            *page.entry,
            *page.sheet.extras,
            *(f"paper:{key}" for key in FREE_TEXT if page.has(key)),
        )
        self.end = at + len(self.fields) * len(page.sheet.rows)

    def text(self, name: str) -> str:
        return text_placeholder(self.first + _SHEET.index(name))

    def pupil(self, at: int, name: str) -> int:
        return self.pupils + at * len(self.fields) + self.fields.index(name)

    def row(self, page: SheetContent, at: int) -> PupilRow:
        def text(name: str) -> str:
            return text_placeholder(self.pupil(at, name))

        return PupilRow(
            adno=text("adno"),
            surname=text("surname"),
            forename=text("forename"),
            reg=text("reg"),
            groups={group: text(f"group:{group}") for group in page.groups},
            prior=text("prior"),
            earlier={code: text(f"earlier:{code}") for code in page.earlier},
            target=text("target"),
            aspirational=text("aspirational"),
            entries={key: text(key) for key in page.entry},
            extras={key: text(key) for key in page.sheet.extras},
        )


@dataclass(frozen=True, slots=True)
class PlaceholderIdentity(Identity):
    """An identity whose copies are one mark."""

    def pieces(self) -> tuple[str, ...]:
        """The mark of all pieces."""
        return (text_placeholder(IDENTITY_COPIES),)


@dataclass(frozen=True, slots=True)
class PlaceholderMarkbook:
    """A markbook to be authored once for all of its shape."""

    markbook: Markbook
    contents: tuple[PlaceholderContent, ...]
    identity: PlaceholderIdentity


def placeholder_markbook(
    model: Markbook, tables: Tables, identity: Identity
) -> PlaceholderMarkbook:
    """The specimen of a markbook's shape.

    Args:
        model: Any markbook of the shape.
        tables: The school's scales and codes.
        identity: The model's identity.
    """
    places, at = [], _FILE
    models = sheet_contents(model, tables)
    for page in models:
        places.append(_Positions(page, at))
        at = places[-1].end
    sheets: list[EntrySheet] = []
    codes: dict[str, str] = {}
    for page, place in zip(models, places, strict=True):
        sheet = page.sheet
        code = codes.setdefault(sheet.class_code, place.text("class"))
        rows = tuple(place.row(page, number) for number in range(len(sheet.rows)))
        sheets.append(
            replace(
                sheet,
                class_code=code,
                subject=place.text("subject"),
                teachers=(),
                rows=rows,
            )
        )
    marked = replace(model, sheets=tuple(sheets))
    pages = []
    for found, model_page, place in zip(
        sheet_contents(marked, tables, PlaceholderContent), models, places, strict=True
    ):
        assert isinstance(found, PlaceholderContent)
        found.positions = place
        found.long_names = model_page.long_names
        found.row_values = tuple(
            RowValues(
                text_placeholder(place.pupil(row, "flag")),
                text_placeholder(place.pupil(row, "check")),
                False,
            )
            for row in range(len(found.sheet.rows))
        )
        pages.append(found)
    return PlaceholderMarkbook(
        marked,
        tuple(pages),
        PlaceholderIdentity(
            schema=identity.schema,
            school_id=identity.school_id,
            academic_year=identity.academic_year,
            collection=identity.collection,
            issued_at=identity.issued_at,
            sheets=tuple(
                SheetIdentity(
                    name=one.name,
                    class_code=codes[one.class_code],
                    subject=place.text("subject"),
                    issue_id=place.text("issue"),
                    columns=one.columns,
                    tags=(place.text("tags"),),
                )
                for one, place in zip(identity.sheets, places, strict=True)
            ),
            mac=text_placeholder(SIGNATURE),
        ),
    )
