"""The formulas of a markbook, built from functions every spreadsheet program has.

Grades are compared with `=`, never with MATCH or COUNTIF, which take the star of `A*`
or `L2D*` as a wildcard. Spaces are removed before comparing, so that `5 - 4` equals
`5-4` as it does in `udfs.scales.scale`; `=` ignores case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from udfs.measures.flags import ABOVE, BELOW, ON, WELL_BELOW, WELL_BELOW_FROM
from udfs.measures.questions import CONJUNCTION, MIN_DIFFERENCE, SENTENCE_BREAK
from udfs.scales.scale import CLEAR, POINT


@dataclass(frozen=True, slots=True)
class ScaleNames:
    """The defined names of one scale's lists.

    Args:
        number: Number of the scale within the workbook, from 1.
    """

    number: int

    @property
    def choices(self) -> str:
        """The choices of a cell: grades, best first, then codes, then Clear."""
        return f"List_{self.number}"

    @property
    def spellings(self) -> str:
        """Every spelling of a grade, without spaces."""
        return f"Scale_{self.number}"

    @property
    def levels(self) -> str:
        """The level of each spelling, in sixtieths of a grade."""
        return f"Level_{self.number}"

    @property
    def flag_levels(self) -> str:
        """The same for flags, with thirds of a grade if the school uses them."""
        return f"Flag_{self.number}"

    @property
    def known(self) -> str:
        """Every spelling of a grade, a code or Clear."""
        return f"Known_{self.number}"


def without_spaces(cell: str) -> str:
    """A cell's value as text without spaces."""
    return f'SUBSTITUTE({cell}," ","")'


def blank(cell: str) -> str:
    """Whether a cell is empty or holds only spaces."""
    return f"LEN(TRIM({cell}))=0"


def count_matches(cell: str, names: str) -> str:
    """The number of entries of a list that equal a cell: 1 or 0."""
    return f"SUMPRODUCT(--({names}={without_spaces(cell)}))"


def level_gap(upper: str, lower: str, scale: ScaleNames, levels: str) -> str:
    """How far the upper cell's grade is above the lower's, in sixtieths of a grade.

    Valid only if both cells hold grades of the scale.
    """
    return (
        f"SUMPRODUCT((({scale.spellings}={without_spaces(upper)})"
        f"-({scale.spellings}={without_spaces(lower)}))*{levels})"
    )


def both_grades(first: str, second: str, scale: ScaleNames) -> str:
    """1 if both cells hold grades of the scale, else 0."""
    matches = (count_matches(cell, scale.spellings) for cell in (first, second))
    return "*".join(matches)


def flag(prediction: str, target: str, scale: ScaleNames) -> str:
    """The flag of a prediction against a target; empty for a blank or a code.

    Rule 5: two or more whole grades below is well below. Each threshold is the
    smallest gap of its flag, in sixtieths.
    """
    gap = level_gap(prediction, target, scale, scale.flag_levels)
    return (
        f'=IF({both_grades(prediction, target, scale)}=0,"",LOOKUP({gap},'
        f"{{-99999,{WELL_BELOW_FROM + 1},0,1}},"
        f'{{"{WELL_BELOW}","{BELOW}","{ON}","{ABOVE}"}}))'
    )


def judgement_flag(choice: str, scale: ScaleNames) -> str:
    """The flag in judgement style: the teacher's choice, whatever the target."""
    level = (
        f"SUMPRODUCT(({scale.spellings}={without_spaces(choice)})*{scale.flag_levels})"
    )
    return (
        f'=IF({count_matches(choice, scale.spellings)}=0,"",LOOKUP({level},'
        f"{{-99999,{WELL_BELOW_FROM + 1},0,1}},"
        f'{{"{WELL_BELOW}","{BELOW}","{ON}","{ABOVE}"}}))'
    )


def earlier_grade(cell: str) -> str:
    """The grade in a cell of an earlier collection such as `5 (Below)`."""
    return f'LEFT({cell},FIND("(",{cell}&"(")-1)'


def movement(now: str, before: str, scale: ScaleNames) -> str:
    """Whole grades gained since an earlier collection, or empty.

    Args:
        now: Cell of the current prediction.
        before: Cell of the earlier prediction with its flag.
        scale: Names of the scale's lists.
    """
    earlier = earlier_grade(before)
    gap = level_gap(now, earlier, scale, scale.levels)
    return f'=IF({both_grades(now, earlier, scale)}=0,"",ROUND({gap}/{POINT},2))'


def far_apart(
    prediction: str, other: str, scale: ScaleNames, above: str, below: str
) -> str:
    """The question about two grades that are far apart, or empty.

    Args:
        prediction: Cell of the prediction.
        other: Cell or expression it is compared with.
        scale: Names of the scale's lists.
        above: Question if the prediction is higher; `{grades}` stands for the gap.
        below: Question if it is lower.
    """
    gap = level_gap(prediction, other, scale, scale.levels)

    def question(wording: str) -> str:
        parts = [_string(part) for part in wording.split("{grades}")]
        return f"&ROUND(ABS({gap})/{POINT},1)&".join(parts)

    return (
        f'IF({both_grades(prediction, other, scale)}=0,"",'
        f'IF(ABS({gap})<{MIN_DIFFERENCE * POINT},"",'
        f"IF({gap}>0,{question(above)},{question(below)})))"
    )


def not_listed(cell: str, names: str, message: str, *, words: bool = False) -> str:
    """A message if a cell holds something that is not in its list.

    Args:
        cell: Cell to check.
        names: Name of the list.
        message: Message, ending in a space.
        words: Whether entries of the list contain spaces.
    """
    text = f"TRIM({cell})" if words else without_spaces(cell)
    count = f"SUMPRODUCT(--({names}={text}))"
    return f'IF(AND(LEN(TRIM({cell}))>0,{count}=0),{_string(message)},"")'


def too_long(cell: str, length: int, message: str) -> str:
    """A message if a cell's text is too long."""
    return f'IF(LEN({cell})>{length},{_string(message)},"")'


def print_text(cell: str, length: int) -> str:
    """A text without line breaks, shortened with an ellipsis to fit on paper."""
    text = f'SUBSTITUTE({cell},CHAR(10)," ")'
    return f'=IF(LEN({cell})>{length},LEFT({text},{length - 1})&"…",{text})'


def unless_reason(reason: str | None, questions: Sequence[str]) -> str:
    """Questions in one sentence, or nothing if a reason answers them.

    The wording is that of `udfs.measures.questions.join_questions`.
    """
    joined = '&" "&'.join(questions)
    text = f"TRIM({joined})"
    if len(questions) > 1:
        text = f"SUBSTITUTE({text},{_string(SENTENCE_BREAK)},{_string(CONJUNCTION)})"
    if reason is None:
        return text
    no_reason = f'OR({blank(reason)},TRIM({reason})="{CLEAR}")'
    return f'IF({no_reason},{text},"")'


def check_text(parts: Sequence[str]) -> str:
    """The messages about a row, one after the other."""
    return f"=TRIM({'&'.join(parts)})" if parts else '=""'


def no_adno(adno: str, entries: Sequence[str], message: str) -> str:
    """A message if a row has marks but no admission number."""
    length = "+".join(f"LEN(TRIM({cell}))" for cell in entries)
    return f'IF(AND({blank(adno)},{length}>0),{_string(message)},"")'


def complete_count(ranges: Sequence[str], adno: str) -> str:
    """The number of pupils whose required cells are all filled in.

    Args:
        ranges: Ranges of the required columns, with the same rows.
        adno: Range of admission numbers, including joiners.
    """
    filled = "*".join(f"(LEN(TRIM({area}))>0)" for area in (adno, *ranges))
    return f"SUMPRODUCT({filled}*1)"


def filled_count(area: str) -> str:
    """The number of cells of a range that show text."""
    return f"SUMPRODUCT(--(LEN(TRIM({area}))>0))"


def progress(ranges: Sequence[str], adno: str, check: str | None) -> str:
    """`22 of 28 complete, 2 to check`."""
    complete = (
        f'={complete_count(ranges, adno)}&" of "&{filled_count(adno)}&" complete"'
    )
    return (
        complete
        if check is None
        else f'{complete}&", "&{filled_count(check)}&" to check"'
    )


def count_equal(area: str, cell: str) -> str:
    """The number of cells of a range that equal a cell, without wildcards."""
    return f'=SUMPRODUCT(--(SUBSTITUTE({area}," ","")={without_spaces(cell)}))'


def count_flag(flags: str, word: str, group: str | None) -> str:
    """The number of pupils with a flag: all, or those in a group."""
    in_group = f'*({group}<>"")' if group else ""
    return f'=SUMPRODUCT(({flags}="{word}"){in_group}*1)'


def count_pupils(adno: str, group: str | None) -> str:
    """The number of pupils: all, or those in a group."""
    in_group = f'*({group}<>"")' if group else ""
    return f"=SUMPRODUCT((LEN(TRIM({adno}))>0){in_group}*1)"


def _string(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
