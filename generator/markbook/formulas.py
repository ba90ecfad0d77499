"""The formulas of a markbook, of functions that every spreadsheet program knows.

Grades are looked up by equality, never by MATCH or COUNTIF: to those the star of
`A*` or `L2D*` stands for any text. Spaces are taken out before comparing, so that
`5 - 4` is `5-4` here as it is to `udfs.scales.scale`; capitals never matter to `=`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from udfs.measures.flags import ABOVE, BELOW, ON, WELL_BELOW, WELL_BELOW_FROM
from udfs.measures.questions import FAR, JOINED, SEAM
from udfs.scales.scale import CLEAR, POINT


@dataclass(frozen=True, slots=True)
class ScaleNames:
    """The defined names of one scale's lists.

    Args:
        number: The scale's number within the workbook, from 1.
    """

    number: int

    @property
    def choices(self) -> str:
        """What a cell's list offers: grades, best first, then codes, then Clear."""
        return f"List_{self.number}"

    @property
    def spellings(self) -> str:
        """Every spelling of a grade, without spaces."""
        return f"Scale_{self.number}"

    @property
    def levels(self) -> str:
        """Beside each spelling, its level in sixtieths of a grade."""
        return f"Level_{self.number}"

    @property
    def flag_levels(self) -> str:
        """The same as flags compare it, with thirds told apart if the school does."""
        return f"Flag_{self.number}"

    @property
    def known(self) -> str:
        """Every spelling of a grade, a code or Clear."""
        return f"Known_{self.number}"


def without_spaces(cell: str) -> str:
    """A cell's text without spaces; a number in it is the text of that number."""
    return f'SUBSTITUTE({cell}," ","")'


def blank(cell: str) -> str:
    """Whether nothing stands in a cell, or only spaces."""
    return f"LEN(TRIM({cell}))=0"


def count_matches(cell: str, names: str) -> str:
    """How many entries of a list say what a cell says: 1 or 0."""
    return f"SUMPRODUCT(--({names}={without_spaces(cell)}))"


def level_gap(upper: str, lower: str, scale: ScaleNames, levels: str) -> str:
    """How far one cell's grade is above another's, in sixtieths of a grade.

    Only right where both say grades of the scale.
    """
    return (
        f"SUMPRODUCT((({scale.spellings}={without_spaces(upper)})"
        f"-({scale.spellings}={without_spaces(lower)}))*{levels})"
    )


def both_grades(one: str, other: str, scale: ScaleNames) -> str:
    """1 where both cells say grades of the scale, else 0."""
    return (
        f"{count_matches(one, scale.spellings)}*{count_matches(other, scale.spellings)}"
    )


def flag(prediction: str, target: str, scale: ScaleNames) -> str:
    """The flag of a prediction against a target; empty for a blank and for a code.

    Rule 5: two whole grades below, or more, is well below. The thresholds are the
    smallest gaps of their flag, in sixtieths.
    """
    gap = level_gap(prediction, target, scale, scale.flag_levels)
    return (
        f'=IF({both_grades(prediction, target, scale)}=0,"",LOOKUP({gap},'
        f"{{-99999,{WELL_BELOW_FROM + 1},0,1}},"
        f'{{"{WELL_BELOW}","{BELOW}","{ON}","{ABOVE}"}}))'
    )


def judgement_flag(choice: str, scale: ScaleNames) -> str:
    """The flag where the teacher chooses it: the choice, whatever the target."""
    level = (
        f"SUMPRODUCT(({scale.spellings}={without_spaces(choice)})*{scale.flag_levels})"
    )
    return (
        f'=IF({count_matches(choice, scale.spellings)}=0,"",LOOKUP({level},'
        f"{{-99999,{WELL_BELOW_FROM + 1},0,1}},"
        f'{{"{WELL_BELOW}","{BELOW}","{ON}","{ABOVE}"}}))'
    )


def earlier_grade(cell: str) -> str:
    """The grade in a cell of an earlier collection, which reads `5 (Below)`."""
    return f'LEFT({cell},FIND("(",{cell}&"(")-1)'


def movement(now: str, before: str, scale: ScaleNames) -> str:
    """Whole grades up since an earlier collection, or empty.

    Args:
        now: The cell with today's prediction.
        before: The cell with the earlier one and its flag.
        scale: The names of the scale's lists.
    """
    earlier = earlier_grade(before)
    gap = level_gap(now, earlier, scale, scale.levels)
    return f'=IF({both_grades(now, earlier, scale)}=0,"",ROUND({gap}/{POINT},2))'


def far_apart(
    prediction: str, other: str, scale: ScaleNames, above: str, below: str
) -> str:
    """The question about two grades that lie far apart, or empty.

    Args:
        prediction: The cell with the prediction.
        other: The cell, or expression, that it is compared with.
        scale: The names of the scale's lists.
        above: The question's wording where the prediction is higher, with
            `{grades}` for how much.
        below: The same where it is lower.
    """
    gap = level_gap(prediction, other, scale, scale.levels)

    def worded(wording: str) -> str:
        parts = [_string(part) for part in wording.split("{grades}")]
        return f"&ROUND(ABS({gap})/{POINT},1)&".join(parts)

    return (
        f'IF({both_grades(prediction, other, scale)}=0,"",'
        f'IF(ABS({gap})<{FAR * POINT},"",'
        f"IF({gap}>0,{worded(above)},{worded(below)})))"
    )


def not_listed(cell: str, names: str, said: str, *, words: bool = False) -> str:
    """What to say of a cell that is filled in with something not on its list.

    Args:
        cell: The cell.
        names: The list's name.
        said: What to say, ending in a space.
        words: Whether the list's entries may have spaces in them.
    """
    text = f"TRIM({cell})" if words else without_spaces(cell)
    found = f"SUMPRODUCT(--({names}={text}))"
    return f'IF(AND(LEN(TRIM({cell}))>0,{found}=0),{_string(said)},"")'


def too_long(cell: str, length: int, said: str) -> str:
    """What to say of a cell whose text is too long."""
    return f'IF(LEN({cell})>{length},{_string(said)},"")'


def print_text(cell: str, length: int) -> str:
    """A text in one piece, and where it is too long for paper, cut and said so."""
    text = f'SUBSTITUTE({cell},CHAR(10)," ")'
    return f'=IF(LEN({cell})>{length},LEFT({text},{length - 1})&"…",{text})'


def unless_reason(reason: str | None, questions: Sequence[str]) -> str:
    """Join questions as `udfs.measures.questions.in_one` does; a reason settles them."""
    joined = '&" "&'.join(questions)
    asked = f"TRIM({joined})"
    if len(questions) > 1:
        asked = f"SUBSTITUTE({asked},{_string(SEAM)},{_string(JOINED)})"
    if reason is None:
        return asked
    given = f'OR({blank(reason)},TRIM({reason})="{CLEAR}")'
    return f'IF({given},{asked},"")'


def check_text(parts: Sequence[str]) -> str:
    """All that there is to say about a row, one after the other."""
    return f"=TRIM({'&'.join(parts)})" if parts else '=""'


def no_adno(adno: str, entries: Sequence[str], said: str) -> str:
    """What to say of a row that has marks and no admission number."""
    written = "+".join(f"LEN(TRIM({cell}))" for cell in entries)
    return f'IF(AND({blank(adno)},{written}>0),{_string(said)},"")'


def complete_count(ranges: Sequence[str], adno: str) -> str:
    """How many pupils have every needed cell filled in.

    Args:
        ranges: The needed columns' ranges, one below the other row for row.
        adno: The range of admission numbers, joiners included.
    """
    filled = "*".join(f"(LEN(TRIM({area}))>0)" for area in (adno, *ranges))
    return f"SUMPRODUCT({filled}*1)"


def filled_count(area: str) -> str:
    """How many cells of a range have something in them, be it the text of a formula."""
    return f"SUMPRODUCT(--(LEN(TRIM({area}))>0))"


def progress(ranges: Sequence[str], adno: str, check: str | None) -> str:
    """`22 of 28 complete, 2 to check`."""
    done = f'={complete_count(ranges, adno)}&" of "&{filled_count(adno)}&" complete"'
    return done if check is None else f'{done}&", "&{filled_count(check)}&" to check"'


def count_equal(area: str, cell: str) -> str:
    """How many cells of a range say what a cell says, stars being only stars."""
    return f'=SUMPRODUCT(--(SUBSTITUTE({area}," ","")={without_spaces(cell)}))'


def count_flag(flags: str, word: str, group: str | None) -> str:
    """How many pupils have a flag, all or of one group (whose column is not blank)."""
    among_them = f'*({group}<>"")' if group else ""
    return f'=SUMPRODUCT(({flags}="{word}"){among_them}*1)'


def count_pupils(adno: str, group: str | None) -> str:
    """How many pupils there are, all or of one group."""
    among_them = f'*({group}<>"")' if group else ""
    return f"=SUMPRODUCT((LEN(TRIM({adno}))>0){among_them}*1)"


def _string(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
