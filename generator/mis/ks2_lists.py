"""Read lists of Key Stage 2 results, such as the download of the DfE.

Such a list is of the pupils' Year 6: its scores are taken, and nothing else that it
says of them (free school meals, sex, year group …) holds today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from generator.mis import census_codes
from generator.mis.export_tables import ExportRow, Exports, ExportTable
from generator.mis.problem_log import ProblemLog
from generator.mis.values import compare_key, read_value
from udfs.errors import UnknownScore
from udfs.scales.prior_attainment import Substitutes, scaled_score

SpecialConsideration = Literal["with", "without"]
# Field -> its headings, without case, spaces and `KS2` before them.
_SCORES = {"ks2_reading": ("readscore",), "ks2_maths": ("matscore", "mathscore")}
_OTHER_HEADINGS = {
    "reading_without": ("readscorenospeccon",),
    "maths_without": ("matscorenospeccon", "mathscorenospeccon"),
    "reading_outcome": ("readoutcome",),
    "maths_outcome": ("matoutcome", "mathoutcome"),
    "tests_year": ("acadyr", "academicyear"),
}
# Outcomes of pupils who have a score: they say no more than it does.
_STANDARDS = {"as", "ns", "exs", "gds", "hs", "exp", "wts"}
YEAR_OF_TESTS = "6"


def ks2_columns(headings: Mapping[int, str], ids: Mapping[str, int]) -> dict[str, int]:
    """Return field -> column for the DfE's list of results; empty for other lists.

    Args:
        headings: Column -> heading.
        ids: The columns of Adno and UPN, by field.

    >>> sorted(ks2_columns({0: "UPN", 1: "READSCORE", 2: "KS2_MATSCORE"}, {"upn": 0}))
    ['ks2_maths', 'ks2_reading', 'upn']
    """
    columns = {
        compare_key(text).replace(" ", "").removeprefix("ks2"): column
        for column, text in headings.items()
    }
    fields = {
        name: columns[key]
        for name, spellings in (_SCORES | _OTHER_HEADINGS).items()
        for key in spellings
        if key in columns
    }
    return {**ids, **fields} if ids and fields.keys() & _SCORES.keys() else {}


def is_of_year_6(table: ExportTable) -> bool:
    """Whether a list has Key Stage 2 scores and nobody above Year 6."""
    if not table.has(*_SCORES) or not table.has("year"):
        return False
    years = {read_value("year", row["year"]).value for row in table.rows} - {""}
    return years == {YEAR_OF_TESTS}


def keep_scores_only(table: ExportTable) -> None:
    """Make a table a list of Key Stage 2 results; its other cells are forgotten."""
    names = ("adno", "upn", *_SCORES, *_OTHER_HEADINGS)
    table.kind = "ks2"
    table.fields = {
        name: column for name, column in table.fields.items() if name in names
    }
    table.indicators.clear()
    columns = set(table.fields.values())
    for row in table.rows:
        row.cells = {c: text for c, text in row.cells.items() if c in columns}
    table.rows = [row for row in table.rows if row.cells]


def settle_scores(
    exports: Exports,
    special_consideration: SpecialConsideration,
    substitutes: Substitutes,
    problems: ProblemLog,
) -> None:
    """Decide each score of lists of Key Stage 2 results, as constants of their rows.

    Args:
        exports: The import; its rows are changed in place.
        special_consideration: Whether scores are with or without it, where both are
            given.
        substitutes: The codes that have a score.
        problems: Receives how many scores differ, and codes without a score.
    """
    for table in exports.of_kind("ks2"):
        reader = _ScoreReader(special_consideration, substitutes)
        for row in table.rows:
            row.constants = {
                "ks2_reading": reader.read(row, "reading"),
                "ks2_maths": reader.read(row, "maths"),
            }
        reader.report(problems)


@dataclass
class _ScoreReader:
    """The scores of one list, and what is to be said of them.

    Args:
        special_consideration: Whether scores are with or without it.
        substitutes: The codes that have a score.
        differing: Rows whose scores differ with and without it.
        codes: (test, code without a score) -> number of rows.
        first_rows: (test, code) -> first row with it.
    """

    special_consideration: SpecialConsideration
    substitutes: Substitutes
    differing: list[ExportRow] = field(default_factory=list)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    first_rows: dict[tuple[str, str], ExportRow] = field(default_factory=dict)

    def read(self, row: ExportRow, test: str) -> str:
        """The score of a test, or the code of a pupil without one; empty for none."""
        score, without = row[f"ks2_{test}"], row[f"{test}_without"]
        if score and without and score != without:
            if row not in self.differing[-1:]:
                self.differing.append(row)
            if self.special_consideration == "without":
                score = without
        if _is_blank(score):
            score = row[f"{test}_outcome"]
            if compare_key(score) in _STANDARDS or _is_blank(score):
                return ""
        try:
            scaled_score(
                read_value(f"ks2_{test}", score).value,
                self.substitutes,
                summer=_summer(row["tests_year"]),
            )
        except UnknownScore:
            self.codes[test, score] += 1
            self.first_rows.setdefault((test, score), row)
        return score

    def report(self, problems: ProblemLog) -> None:
        """Report what the list's scores depend on."""
        if self.differing:
            count, first = len(self.differing), self.differing[0]
            problems.warn(
                first,
                "ks2_reading",
                "ks2-special-consideration",
                f"{_pupils_have(count)} other scores without special consideration; "
                f"those {self.special_consideration} it were taken.",
                "Nothing, if that is right; else set ks2_special_consideration under "
                "[targets] in school.toml.",
                value=str(count),
                once="scores",
            )
        for (test, code), count in self.codes.items():
            problems.warn(
                self.first_rows[test, code],
                f"ks2_{test}",
                "ks2-code-without-score",
                f"{_pupils_have(count)} the code {code!r} in {test}, which has no "
                "score.",
                "If it has one, add it to tables/ks2_substitutes.csv.",
                value=code,
            )


def _pupils_have(count: int) -> str:
    return "1 pupil has" if count == 1 else f"{count:,} pupils have"


def _is_blank(text: str) -> bool:
    return not text or text.casefold() in census_codes.NOTHING


def _summer(text: str) -> int | None:
    """The summer of an academic year: `2021/2022`, `202122`, `2022`; None if unclear.

    >>> _summer("2021/2022"), _summer("202122"), _summer("2022"), _summer("")
    (2022, 2022, 2022, None)
    """
    digits = "".join(sign for sign in text if sign.isdigit())
    if len(digits) in (6, 8):
        return 2000 + int(digits[-2:])
    return int(digits) if len(digits) == 4 else None


def present_day_first(tables: Sequence[ExportTable]) -> list[ExportTable]:
    """Tables of pupils so that those of today come before those with old scores."""

    def is_of_the_past(table: ExportTable) -> bool:
        return table.has(*_SCORES) and not table.has("reg", "status", "left")

    return sorted(tables, key=is_of_the_past)
