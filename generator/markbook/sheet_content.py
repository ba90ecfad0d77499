"""One entry sheet with its scales: its cells, formulas and current values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from generator.markbook import formulas
from generator.markbook.grid import FREE_TEXT, LIST_NAMES, Grid, LongNames
from generator.markbook.hidden_sheets import ChoiceLists
from generator.markbook.layout import (
    COMMENT_LENGTH,
    ENTRY_HEADINGS,
    EntrySheet,
    Markbook,
    PupilRow,
    SheetColumn,
    locked_text,
    truncate,
)
from generator.xlsx.theme import template
from udfs.measures.flags import FLAGS, flag
from udfs.measures.questions import (
    FAR_ABOVE,
    FAR_ABOVE_LAST,
    FAR_BELOW,
    FAR_BELOW_LAST,
    join_questions,
    pupil_questions,
)
from udfs.scales.scale import CLEAR, POINT, Scale
from udfs.tables import Tables

JUDGEMENT = "judgement"
NOT_LISTED = "{heading}: not in the list."
NO_ADNO = "Write this pupil's Adno in the first column."
TOO_LONG = "{heading}: longer than {length} characters."


@dataclass(frozen=True, slots=True)
class RowValues:
    """The values of one row's formulas when the file is issued."""

    flag: str
    check: str
    complete: bool


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """One line of flags in the summary when the file is issued.

    Args:
        pupils: Number of pupils.
        flags: Number of pupils with each flag, best first.
        none: Number of pupils without a flag.
        share: Share of the flags that are on or above; empty without any flag.
    """

    pupils: int
    flags: tuple[int, ...]
    none: int
    share: float | str


class SheetContent(Grid):
    """An entry sheet with the texts, formulas and values to be written.

    Args:
        sheet: The sheet.
        scale: Scale of targets, working-at grades and (in grade style) predictions.
        prediction_scale: Scale of the choices under Prediction.
        lists: The workbook's lists.
    """

    def __init__(
        self,
        sheet: EntrySheet,
        scale: Scale,
        prediction_scale: Scale,
        lists: ChoiceLists,
    ) -> None:
        super().__init__(sheet, scale, prediction_scale, lists)
        self.row_values = tuple(self._row_values(row) for row in sheet.rows)
        self.long_names = LongNames.of(sheet)

    @classmethod
    def of(cls, sheet: EntrySheet, tables: Tables, lists: ChoiceLists) -> SheetContent:
        """The content of a sheet.

        Raises:
            UnknownScale: If the tables do not have its subject's scale.
        """
        scales = sheet_scales(sheet, tables)
        return cls(sheet, scales[0], scales[-1], lists)

    @property
    def title(self) -> str:
        """`10x/Ma1 · Mathematics`."""
        return f"{self.sheet.class_code}  ·  {self.sheet.subject}"

    def class_line(self, markbook: Markbook, *others: SheetContent) -> str:
        """The line under a title: school, year group, collection and teachers.

        Args:
            markbook: Content of the file.
            others: Further sheets that the line describes.
        """
        words = template("markbook")["entry"]
        contents = (self, *others)
        years = {content.sheet.year for content in contents}
        year = years.pop() if len(years) == 1 else None
        teachers = dict.fromkeys(
            name for content in contents for name in content.sheet.teachers
        )
        line: str = words["class_line"].format(
            school=markbook.school,
            year="" if year is None else f"Year {year}  ·  ",
            collection=markbook.collection_name or markbook.collection,
            academic_year=markbook.academic_year,
            teachers=", ".join(teachers) or words["no_teacher"],
        )
        return line

    def footer(self, markbook: Markbook) -> str:
        """The footer of the sheet."""
        return footer_text(markbook, self.title)

    def progress(self, *, outside: bool = False) -> tuple[str, str]:
        """The formula of `22 of 28 complete, 2 to check`, and its value now."""
        formula = formulas.progress(
            [self.column_range(key, outside=outside) for key in self.required],
            self.column_range("adno", outside=outside),
            self.column_range("check", outside=outside) if self.has("check") else None,
        )
        value = f"{self.complete_count} of {len(self.row_values)} complete"
        if self.has("check"):
            value += f", {self.check_count} to check"
        return formula, value

    def totals(self) -> list[tuple[str, int]]:
        """Formulas for another sheet: pupils, complete, to check; with values now."""
        adno = self.column_range("adno", outside=True)
        required = [self.column_range(key, outside=True) for key in self.required]
        totals = [
            (f"={formulas.filled_count(adno)}", len(self.row_values)),
            (f"={formulas.complete_count(required, adno)}", self.complete_count),
        ]
        if self.has("check"):
            check = formulas.filled_count(self.column_range("check", outside=True))
            totals.append((f"={check}", self.check_count))
        return totals

    @property
    def complete_count(self) -> int:
        """The number of pupils whose row is complete now."""
        return sum(values.complete for values in self.row_values)

    @property
    def check_count(self) -> int:
        """The number of pupils with a question now."""
        return sum(bool(values.check) for values in self.row_values)

    @property
    def print_height(self) -> float:
        """The printed height of all pupils' rows, in points."""
        height = self.print_row_height
        rows = range(self._row_count)
        return sum(self.long_names.row_height(place, height) for place in rows)

    def flag_formula(self, row: int) -> str:
        """The formula of a row's flag; empty text without a prediction column."""
        if not self.has("prediction"):
            return '=""'
        prediction = self.cell("prediction", row)
        if self.prediction_scale.judgement:
            names = self.scale_names("prediction")
            return formulas.judgement_flag(prediction, names)
        if not self.has("target"):
            return '=""'
        return formulas.flag(prediction, self.cell("target", row), self.names)

    def check_formula(self, row: int) -> str:
        """The formula of the messages and questions about a row."""
        parts = []
        entries = [c.key for c in self.sheet.columns if c.entry and c.key != "notes"]
        if row > self.sheet.last_row:
            cells = [self.cell(key, row) for key in entries]
            adno = self.cell("adno", row)
            parts.append(formulas.no_adno(adno, cells, f"{NO_ADNO} "))
        for key in entries:
            cell, heading = self.cell(key, row), ENTRY_HEADINGS[key]
            not_listed = NOT_LISTED.format(heading=heading) + " "
            if key in ("working_at", "prediction"):
                known = self.scale_names(key).known
                parts.append(formulas.not_listed(cell, known, not_listed))
            elif key in FREE_TEXT:
                long = TOO_LONG.format(heading=heading, length=COMMENT_LENGTH)
                parts.append(formulas.too_long(cell, COMMENT_LENGTH, f"{long} "))
            else:
                name = LIST_NAMES[key]
                parts.append(formulas.not_listed(cell, name, not_listed, words=True))
        if questions := self._questions(row):
            reason = self.cell("reason", row) if self.has("reason") else None
            parts.append(formulas.unless_reason(reason, questions))
        return formulas.check_text(parts)

    def expected_band(self, row: PupilRow) -> str:
        """The band of the ladder that is expected of a pupil by now."""
        return self.sheet.ladder.expected_band(row.target) if self.sheet.ladder else ""

    def print_text(self, row: PupilRow, key: str) -> str:
        """The printed text of a pupil's cell."""
        if key not in ENTRY_HEADINGS:
            return locked_text(SheetColumn(key, ""), row)
        text = row.entries.get(key, "")
        if key not in FREE_TEXT:
            return text
        text = " ".join(text.split("\n"))
        length = self.print_length(key)
        return text if len(text) <= length else text[: length - 1] + "…"

    def grade_counts(self, key: str) -> Sequence[int]:
        """The number of pupils with each grade or code of the scale in a column."""
        counts = Counter(_cell_text(row, key) for row in self.sheet.rows)
        return [counts[grade] for grade in self.lists.choices(self.scale)[:-1]]

    def flag_counts(self, group: str | None) -> FlagCounts:
        """The number of pupils with each flag: all, or those in a group."""
        counts = Counter(
            values.flag
            for row, values in zip(self.sheet.rows, self.row_values, strict=True)
            if _in_group(row, group)
        )
        flags = tuple(counts[flag] for flag in FLAGS)
        flagged = sum(flags)
        return FlagCounts(
            pupils=counts.total(),
            flags=flags,
            none=counts.total() - flagged,
            share=(flags[0] + flags[1]) / flagged if flagged else "",
        )

    def movement(self, row: PupilRow) -> float | None:
        """Whole grades gained since the latest earlier collection shown, or None."""
        if not self.earlier or self.prediction_scale.judgement:
            return None
        now = self.scale.find(row.entries.get("prediction") or None)
        if now is None:
            return None
        before = self.scale.find(grade_part(row.earlier.get(self.earlier[-1], "")))
        if before is None:
            return None
        return round((self.scale.level(now) - self.scale.level(before)) / POINT, 2)

    def _questions(self, row: int) -> list[str]:
        if not self.has("prediction") or self.prediction_scale.judgement:
            return []
        prediction = self.cell("prediction", row)
        comparisons = []
        if self.has("working_at"):
            comparisons.append((self.cell("working_at", row), FAR_ABOVE, FAR_BELOW))
        if self.earlier:
            last = formulas.earlier_grade(self.cell(f"earlier:{self.earlier[-1]}", row))
            comparisons.append((last, FAR_ABOVE_LAST, FAR_BELOW_LAST))
        return [
            formulas.far_apart(prediction, other, self.names, above, below)
            for other, above, below in comparisons
        ]

    def _row_values(self, row: PupilRow) -> RowValues:
        entries = row.entries
        complete = all(entries.get(key, "").strip() for key in self.required)
        prediction = entries.get("prediction") if self.has("prediction") else None
        if not prediction:
            return RowValues("", "", complete)
        current = (
            flag(prediction, row.target, self.prediction_scale, fine=self.lists.fine)
            if self.has("target") or self.prediction_scale.judgement
            else None
        )
        questions = ""
        if entries.get("reason") in (None, "", CLEAR):
            last = row.earlier.get(self.earlier[-1], "") if self.earlier else ""
            questions = join_questions(
                pupil_questions(
                    entries.get("working_at") if self.has("working_at") else None,
                    prediction,
                    self.prediction_scale,
                    last_prediction=grade_part(last),
                )
            )
        return RowValues(current or "", questions, complete)


def sheet_scales(sheet: EntrySheet, tables: Tables) -> tuple[Scale, ...]:
    """The scales of a sheet: its subject's, then the judgement scale in that style.

    Raises:
        UnknownScale: If the tables do not have a scale.
    """
    scale = tables.scale(sheet.scale)
    if sheet.style == "judgement" and not scale.judgement:
        return (scale, tables.scale(JUDGEMENT))
    return (scale,)


def footer_text(markbook: Markbook, title: str) -> str:
    """The text of a footer, with ampersands doubled for Excel."""
    return truncate(f"{title}  {markbook.collection}".replace("&", "&&"), 90)


def grade_part(earlier: str) -> str:
    """The grade in a cell of an earlier collection.

    >>> grade_part("5 (Below)"), grade_part("Abs"), grade_part("")
    ('5', 'Abs', '')
    """
    return earlier.partition("(")[0].strip()


def _in_group(row: PupilRow, group: str | None) -> bool:
    return group is None or bool(row.groups.get(group))


def _cell_text(row: PupilRow, key: str) -> str:
    if key == "target":
        return row.target or ""
    return row.entries.get(key, "")
