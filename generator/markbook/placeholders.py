"""A markbook of one shape with placeholders for everything that differs by class.

To compile a shape, the position of each name, target and count in the workbook must be
known. So one markbook of the shape is written in which each such text is a
*placeholder* (a number between two private-use characters) and each such number is
larger than any count; `generator.markbook.compiled_markbook` then finds them in the
package.

The number of a placeholder is a position in `placeholder_values`: first the values of
the file, then those of each sheet, then those of its pupils.
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
OPEN, CLOSE = "\ue000", "\ue001"  # around the number of a text placeholder
FIRST_NUMBER = 7_000_000_000  # number placeholders begin above every count

# Positions of the file.
ALL_CLASSES, IDENTITY_COPIES, SIGNATURE = 0, 1, 2
_FILE_LENGTH = 3
# Positions of a sheet, before its totals and its pupils.
_SHEET = (
    "title", "class_line", "footer", "class", "subject", "issue", "tags", "progress",
)  # fmt: skip
_FLAG_LINE = 7  # values of one line of flag counts


def text_placeholder(position: int) -> str:
    """The placeholder of the text at a position of `placeholder_values`."""
    return f"{OPEN}{position}{CLOSE}"


def number_placeholder(position: int) -> int:
    """The placeholder of the number at a position of `placeholder_values`."""
    return FIRST_NUMBER + position


def markbook_shape(markbook: Markbook) -> tuple[object, ...]:
    """Everything two markbooks must have in common to share a compiled workbook."""
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
    markbook: Markbook, contents: Sequence[SheetContent], identity: Identity
) -> list[Value]:
    """The values of a markbook, in the order of the positions."""
    values: list[Value] = [
        contents[0].class_line(markbook, *contents[1:]),
        " ".join(identity.pieces()),
        identity.mac,
    ]
    for content, sheet_identity in zip(contents, identity.sheets, strict=True):
        values += (
            content.title,
            content.class_line(markbook),
            content.footer(markbook),
            content.sheet.class_code,
            content.sheet.subject,
            sheet_identity.issue_id,
            " ".join(sheet_identity.tags),
            content.progress()[1],
        )
        values += (number for _, number in content.totals())
        for group in (None, *content.groups):
            counts = content.flag_counts(group)
            values += (counts.pupils, *counts.flags, counts.none, counts.share)
        for key in content.summary_columns:
            values += content.grade_counts(key)
        groups, earlier, entry = content.groups, content.earlier, content.entry
        extras = content.sheet.extras
        free_text = [key for key in FREE_TEXT if content.has(key)]
        for row, current in zip(content.sheet.rows, content.row_values, strict=True):
            movement = content.movement(row)
            values += (
                row.adno,
                row.surname,
                row.forename,
                row.reg,
                row.prior,
                row.target or "",
                row.aspirational or "",
                current.flag,
                current.check,
                "" if movement is None else movement,
                content.expected_band(row),
                *(row.groups.get(group, "") for group in groups),
                *(row.earlier.get(code, "") for code in earlier),
                *(row.entries.get(key, "") for key in entry),
                *(row.extras.get(key, "") for key in extras),
                *(content.print_text(row, key) for key in free_text),
            )
    return values


class _Positions:
    # The positions of one sheet's values, in the order of `placeholder_values`.
    def __init__(self, content: SheetContent, first: int) -> None:
        self.first = first
        self.totals = first + len(_SHEET)
        self.flags = self.totals + len(content.totals())
        position = self.flags + _FLAG_LINE * (1 + len(content.groups))
        self.grades = {}
        for key in content.summary_columns:
            self.grades[key] = position
            position += len(content.grade_counts(key))
        self.pupils = position
        self.fields = (
            *("adno", "surname", "forename", "reg", "prior", "target", "aspirational"),
            *("flag", "check", "movement", "band"),
            *(f"group:{group}" for group in content.groups),
            *(f"earlier:{code}" for code in content.earlier),
            *content.entry,
            *content.sheet.extras,
            *(f"print:{key}" for key in FREE_TEXT if content.has(key)),
        )
        self.end = position + len(self.fields) * len(content.sheet.rows)

    def text(self, name: str) -> str:
        return text_placeholder(self.first + _SHEET.index(name))

    def pupil(self, place: int, name: str) -> int:
        return self.pupils + place * len(self.fields) + self.fields.index(name)

    def row(self, content: SheetContent, place: int) -> PupilRow:
        def text(name: str) -> str:
            return text_placeholder(self.pupil(place, name))

        return PupilRow(
            adno=text("adno"),
            surname=text("surname"),
            forename=text("forename"),
            reg=text("reg"),
            groups={group: text(f"group:{group}") for group in content.groups},
            prior=text("prior"),
            earlier={code: text(f"earlier:{code}") for code in content.earlier},
            target=text("target"),
            aspirational=text("aspirational"),
            entries={key: text(key) for key in content.entry},
            extras={key: text(key) for key in content.sheet.extras},
        )


class PlaceholderContent(SheetContent):
    """Sheet content that returns placeholders, as `placeholder_markbook` builds it."""

    positions: _Positions

    @property
    def title(self) -> str:
        """The placeholder of the title."""
        return self.positions.text("title")

    def class_line(self, markbook: Markbook, *others: SheetContent) -> str:
        """The placeholder of the class line, or of the line about all classes."""
        if others:
            return text_placeholder(ALL_CLASSES)
        return self.positions.text("class_line")

    def footer(self, markbook: Markbook) -> str:
        """The placeholder of the footer."""
        return self.positions.text("footer")

    def progress(self, *, outside: bool = False) -> tuple[str, str]:
        """The formula, with the placeholder of its value."""
        return super().progress(outside=outside)[0], self.positions.text("progress")

    def totals(self) -> list[tuple[str, int]]:
        """The formulas, with the placeholders of their values."""
        first = self.positions.totals
        return [
            (formula, number_placeholder(first + index))
            for index, (formula, _) in enumerate(super().totals())
        ]

    def flag_counts(self, group: str | None) -> FlagCounts:
        """The placeholders of one line of flag counts."""
        line = (None, *self.groups).index(group)
        first = self.positions.flags + _FLAG_LINE * line
        pupils, *flags, none, share = map(
            number_placeholder, range(first, first + _FLAG_LINE)
        )
        return FlagCounts(pupils, tuple(flags), none, share)

    def grade_counts(self, key: str) -> Sequence[int]:
        """The placeholders of one column of grade counts."""
        first = self.positions.grades[key]
        size = len(super().grade_counts(key))
        return [number_placeholder(first + index) for index in range(size)]

    def movement(self, row: PupilRow) -> float | None:
        """The placeholder of a pupil's movement."""
        return number_placeholder(self._position(row, "movement"))

    def expected_band(self, row: PupilRow) -> str:
        """The placeholder of a pupil's expected band."""
        return text_placeholder(self._position(row, "band"))

    def print_text(self, row: PupilRow, key: str) -> str:
        """The placeholder of a printed cell."""
        name = f"print:{key}" if key in FREE_TEXT else key
        return text_placeholder(self._position(row, name))

    def _position(self, row: PupilRow, name: str) -> int:
        return self.positions.pupil(self.sheet.rows.index(row), name)

    def _row_values(self, row: PupilRow) -> RowValues:
        return RowValues("", "", False)


@dataclass(frozen=True, slots=True)
class PlaceholderIdentity(Identity):
    """An identity whose copies are one placeholder."""

    def pieces(self) -> tuple[str, ...]:
        """The placeholder of all pieces."""
        return (text_placeholder(IDENTITY_COPIES),)


@dataclass(frozen=True, slots=True)
class PlaceholderMarkbook:
    """A markbook of placeholders, to be written once per shape."""

    markbook: Markbook
    contents: tuple[PlaceholderContent, ...]
    identity: PlaceholderIdentity


def placeholder_markbook(
    model: Markbook, tables: Tables, identity: Identity
) -> PlaceholderMarkbook:
    """The placeholder markbook of a shape.

    Args:
        model: Any markbook of the shape.
        tables: The school's scales and codes.
        identity: The identity of the model.
    """
    models = sheet_contents(model, tables)
    positions: list[_Positions] = []
    for content in models:
        first = positions[-1].end if positions else _FILE_LENGTH
        positions.append(_Positions(content, first))
    sheets: list[EntrySheet] = []
    codes: dict[str, str] = {}
    for content, place in zip(models, positions, strict=True):
        sheet = content.sheet
        code = codes.setdefault(sheet.class_code, place.text("class"))
        rows = tuple(place.row(content, index) for index in range(len(sheet.rows)))
        sheets.append(
            replace(
                sheet,
                class_code=code,
                subject=place.text("subject"),
                teachers=(),
                rows=rows,
            )
        )
    markbook = replace(model, sheets=tuple(sheets))
    contents = []
    for content, model_content, place in zip(
        sheet_contents(markbook, tables, PlaceholderContent),
        models,
        positions,
        strict=True,
    ):
        assert isinstance(content, PlaceholderContent)
        content.positions = place
        content.long_names = model_content.long_names
        content.row_values = tuple(
            RowValues(
                text_placeholder(place.pupil(index, "flag")),
                text_placeholder(place.pupil(index, "check")),
                False,
            )
            for index in range(len(content.sheet.rows))
        )
        contents.append(content)
    return PlaceholderMarkbook(
        markbook, tuple(contents), _placeholder_identity(identity, positions, codes)
    )


def _placeholder_identity(
    identity: Identity, positions: Sequence[_Positions], codes: dict[str, str]
) -> PlaceholderIdentity:
    return PlaceholderIdentity(
        schema=identity.schema,
        school_id=identity.school_id,
        academic_year=identity.academic_year,
        collection=identity.collection,
        issued_at=identity.issued_at,
        sheets=tuple(
            SheetIdentity(
                name=sheet.name,
                class_code=codes[sheet.class_code],
                subject=place.text("subject"),
                issue_id=place.text("issue"),
                columns=sheet.columns,
                tags=(place.text("tags"),),
            )
            for sheet, place in zip(identity.sheets, positions, strict=True)
        ),
        mac=text_placeholder(SIGNATURE),
    )
