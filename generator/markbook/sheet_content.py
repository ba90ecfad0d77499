"""One entry sheet with its scales: where its cells are, and what they say now."""

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
from udfs.measures.questions import FAR_ABOVE, FAR_BELOW, FELL, ROSE, in_one, questions
from udfs.scales.scale import CLEAR, POINT, Scale
from udfs.tables import Tables

JUDGEMENT = "judgement"
NOT_LISTED = "{heading}: not in the list."
NO_ADNO = "Write this pupil's Adno in the first column."
TOO_LONG = "{heading}: longer than {length} characters."


@dataclass(frozen=True, slots=True)
class RowValues:
    """What the formulas of one row say as the file is issued."""

    flag: str
    check: str
    complete: bool


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """One line of flags in the summary, as the file is issued.

    Args:
        pupils: How many pupils it is about.
        flags: How many have each flag, best first.
        none: How many have none.
        share: Which part of those with a flag is on or above; empty if none has.
    """

    pupils: int
    flags: tuple[int, ...]
    none: int
    share: float | str


class SheetContent(Grid):
    """An entry sheet about to be written.

    Args:
        sheet: The sheet.
        scale: The scale of targets, working-at and, unless judged, predictions.
        prediction_scale: The scale of what is chosen under Prediction.
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
        """The page of a sheet.

        Raises:
            UnknownScale: If its subject's scale is not in the tables.
        """
        scales = sheet_scales(sheet, tables)
        return cls(sheet, scales[0], scales[-1], lists)

    @property
    def title(self) -> str:
        """`10x/Ma1 · Mathematics`."""
        return f"{self.sheet.class_code}  ·  {self.sheet.subject}"

    def class_line(self, markbook: Markbook, *others: SheetContent) -> str:
        """Whose class this is, and which collection: one line under a title.

        Args:
            markbook: What the whole file is about.
            others: Further sheets that the same line is about.
        """
        words = template("markbook")["entry"]
        pages = (self, *others)
        years = {page.sheet.year for page in pages}
        one = years.pop() if len(years) == 1 else None
        year = "" if one is None else f"Year {one}  ·  "
        teachers = dict.fromkeys(name for page in pages for name in page.sheet.teachers)
        line: str = words["class_line"].format(
            school=markbook.school,
            year=year,
            collection=markbook.collection_name or markbook.collection,
            academic_year=markbook.academic_year,
            teachers=", ".join(teachers) or words["no_teacher"],
        )
        return line

    def footer(self, markbook: Markbook) -> str:
        """What the footer says this is."""
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
        done = [self.column_range(key, outside=True) for key in self.required]
        made = [
            (f"={formulas.filled_count(adno)}", len(self.row_values)),
            (f"={formulas.complete_count(done, adno)}", self.complete_count),
        ]
        if self.has("check"):
            check = formulas.filled_count(self.column_range("check", outside=True))
            made.append((f"={check}", self.check_count))
        return made

    @property
    def complete_count(self) -> int:
        """How many pupils are complete now."""
        return sum(said.complete for said in self.row_values)

    @property
    def check_count(self) -> int:
        """About how many pupils there is a question now."""
        return sum(bool(said.check) for said in self.row_values)

    @property
    def print_height(self) -> float:
        """The height of all pupils' rows on paper, in points."""
        rows = range(self.sheet.last_spare_row - self.sheet.first_row + 1)
        return sum(self.long_names.row_height(at, self.print_row_height) for at in rows)

    def flag_formula(self, row: int) -> str:
        """The formula of a row's flag; empty where no prediction is asked."""
        if not self.has("prediction"):
            return '=""'
        prediction = self.cell("prediction", row)
        if self.prediction_scale.judgement:
            return formulas.judgement_flag(
                prediction, self.lists.names(self.prediction_scale)
            )
        if not self.has("target"):
            return '=""'
        return formulas.flag(prediction, self.cell("target", row), self.names)

    def check_formula(self, row: int) -> str:
        """The formula of what there is to ask about a row."""
        parts = []
        entries = [c.key for c in self.sheet.columns if c.entry and c.key != "notes"]
        if row > self.sheet.last_row:
            written = [self.cell(key, row) for key in entries]
            parts.append(
                formulas.no_adno(self.cell("adno", row), written, f"{NO_ADNO} ")
            )
        for key in entries:
            cell, heading = self.cell(key, row), ENTRY_HEADINGS[key]
            listed = NOT_LISTED.format(heading=heading) + " "
            if key in ("working_at", "prediction"):
                known = self.lists.names(self._scale_of(key)).known
                parts.append(formulas.not_listed(cell, known, listed))
            elif key in FREE_TEXT:
                long = TOO_LONG.format(heading=heading, length=COMMENT_LENGTH)
                parts.append(formulas.too_long(cell, COMMENT_LENGTH, f"{long} "))
            else:
                parts.append(
                    formulas.not_listed(cell, LIST_NAMES[key], listed, words=True)
                )
        if asked := self._questions(row):
            reason = self.cell("reason", row) if self.has("reason") else None
            parts.append(formulas.unless_reason(reason, asked))
        return formulas.check_text(parts)

    def expected_band(self, row: PupilRow) -> str:
        """The band of the ladder that a pupil is expected to be in by now."""
        return self.sheet.ladder.expected_band(row.target) if self.sheet.ladder else ""

    def print_text(self, row: PupilRow, key: str) -> str:
        """What paper has of what a pupil's cell says now."""
        if key not in ENTRY_HEADINGS:
            return locked_text(SheetColumn(key, ""), row)
        text = row.entries.get(key, "")
        if key not in FREE_TEXT:
            return text
        text = " ".join(text.split("\n"))
        most = self.print_length(key)
        return text if len(text) <= most else text[: most - 1] + "…"

    def grade_counts(self, key: str) -> Sequence[int]:
        """How many pupils have each grade or code of the scale in a column now."""
        found = Counter(_cell_text(row, key) for row in self.sheet.rows)
        return [found[grade] for grade in self.lists.choices(self.scale)[:-1]]

    def flag_counts(self, group: str | None) -> FlagCounts:
        """How many pupils have each flag now, all or of a group."""
        pairs = zip(self.sheet.rows, self.row_values, strict=True)
        found = Counter(said.flag for row, said in pairs if _in_group(row, group))
        counts = tuple(found[flag] for flag in FLAGS)
        some = sum(counts)
        return FlagCounts(
            pupils=found.total(),
            flags=counts,
            none=found.total() - some,
            share=(counts[0] + counts[1]) / some if some else "",
        )

    def movement(self, row: PupilRow) -> float | None:
        """Whole grades since the latest earlier collection shown, or None."""
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
        asked = []
        if self.has("working_at"):
            working_at = self.cell("working_at", row)
            asked.append(
                formulas.far_apart(
                    prediction, working_at, self.names, FAR_ABOVE, FAR_BELOW
                )
            )
        if self.earlier:
            last = formulas.earlier_grade(self.cell(f"earlier:{self.earlier[-1]}", row))
            asked.append(formulas.far_apart(prediction, last, self.names, ROSE, FELL))
        return asked

    def _row_values(self, row: PupilRow) -> RowValues:
        entered = row.entries
        complete = all(entered.get(key, "").strip() for key in self.required)
        prediction = entered.get("prediction") if self.has("prediction") else None
        if not prediction:
            return RowValues("", "", complete)
        found = (
            flag(prediction, row.target, self.prediction_scale, fine=self.lists.fine)
            if self.has("target") or self.prediction_scale.judgement
            else None
        )
        asked = ""
        if entered.get("reason") in (None, "", CLEAR):
            last = row.earlier.get(self.earlier[-1], "") if self.earlier else ""
            asked = in_one(
                questions(
                    entered.get("working_at") if self.has("working_at") else None,
                    prediction,
                    self.prediction_scale,
                    last_prediction=grade_part(last),
                )
            )
        return RowValues(found or "", asked, complete)


def sheet_scales(sheet: EntrySheet, tables: Tables) -> tuple[Scale, ...]:
    """The scales a sheet uses: its subject's, and the judgement if it is judged.

    Raises:
        UnknownScale: If a scale is not in the tables.
    """
    scale = tables.scale(sheet.scale)
    if sheet.style == "judgement" and not scale.judgement:
        return (scale, tables.scale(JUDGEMENT))
    return (scale,)


def footer_text(markbook: Markbook, title: str) -> str:
    """What a footer says a page is, with its ampersands doubled as Excel wants."""
    return truncate(f"{title}  {markbook.collection}".replace("&", "&&"), 90)


def grade_part(earlier: str) -> str:
    """The grade in a cell of an earlier collection.

    >>> grade_of("5 (Below)"), grade_of("Abs"), grade_of("")
    ('5', 'Abs', '')
    """
    return earlier.partition("(")[0].strip()


def _in_group(row: PupilRow, group: str | None) -> bool:
    return group is None or bool(row.groups.get(group))


def _cell_text(row: PupilRow, key: str) -> str:
    if key == "target":
        return row.target or ""
    return row.entries.get(key, "")
