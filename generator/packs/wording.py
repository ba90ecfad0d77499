"""The words of packs, from `packs.toml` and `results.toml`, with numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from generator.xlsx.theme import template

MINUS = "−"


def wording(part: str, name: str, /, **values: object) -> str:
    """A wording of `packs.toml`, its braces filled in.

    >>> wording("sheets", "year", year=10)
    'Year 10'
    """
    text: str = template("packs")[part][name]
    return text.format(**values) if values else text


def phrase(name: str, /, **values: object) -> str:
    """A phrase of `packs.toml`, its braces filled in."""
    return wording("phrases", name, **values)


def results_wording(part: str, name: str, /, **values: object) -> str:
    """A wording of `results.toml`, its braces filled in.

    >>> results_wording("sheets", "pupils")
    'Pupils'
    """
    text: str = template("results")[part][name]
    return text.format(**values) if values else text


def results_phrase(name: str, /, **values: object) -> str:
    """A phrase of `results.toml`, its braces filled in."""
    return results_wording("phrases", name, **values)


def count_text(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun.

    >>> count_text(1, "class", "classes"), count_text(1200, "pupil")
    ('1 class', '1,200 pupils')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def rounded(value: float | Decimal, places: int = 0) -> Decimal:
    """A number as the cell beside the sentence shows it: a half is rounded away from 0.

    >>> rounded(0.25, 1), rounded(57.5), rounded(-1.15, 1)
    (Decimal('0.3'), Decimal('58'), Decimal('-1.2'))
    """
    number = Decimal(f"{value:.12g}")  # 0.575 * 100 is a little under 57.5
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def decimal_text(value: float | Decimal) -> str:
    """A number to one decimal, as the cell beside the sentence shows it.

    >>> decimal_text(46.25), decimal_text(-0.26)
    ('46.3', '-0.3')
    """
    return str(rounded(value, 1))


def percent(share: float) -> str:
    """A share (0-1) in whole per cent; never rounded up to all or down to none.

    >>> percent(0.714), percent(0.999), percent(0.001), percent(1.0)
    ('71%', '99%', '1%', '100%')
    >>> percent(0.575)
    '58%'
    """
    whole = int(rounded(share * 100))
    if share < 1:
        whole = min(whole, 99)
    if share > 0:
        whole = max(whole, 1)
    return f"{whole}%"


def signed_grades(value: float) -> str:
    """Whole grades to one decimal, signed.

    >>> signed_grades(-0.26), signed_grades(0.04)
    ('−0.3', '0.0')
    """
    text = decimal_text(abs(value))
    if text == "0.0":
        return text
    return (MINUS if value < 0 else "+") + text


def join_names(names: Sequence[str], most: int = 6) -> str:
    """Names as a list in a sentence; those after the first few are counted.

    >>> join_names(["10A", "10B", "10C"]), join_names(["a", "b", "c"], most=1)
    ('10A, 10B and 10C', 'a and 2 more')
    """
    parts = list(names[:most])
    if len(names) > most:
        parts.append(f"{len(names) - most} more")
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def date_text(when: date | str) -> str:
    """A date as people write it; of a moment in ISO text, its date.

    >>> date_text("2026-11-02T09:30:00"), date_text(date(2027, 8, 31))
    ('2 Nov 2026', '31 Aug 2027')
    """
    day = date.fromisoformat(when[:10]) if isinstance(when, str) else when
    return f"{day.day} {day:%b %Y}"


def year_name(year: object) -> str:
    """A year group's name, for sheets and sentences.

    >>> year_name(10)
    'Year 10'
    """
    return wording("sheets", "year", year=year)


def retention_date(academic_year: str) -> date:
    """The last day a pack may be kept: the end of its academic year.

    >>> retention_date("2026/27")
    datetime.date(2027, 8, 31)
    """
    return date(int(academic_year[:4]) + 1, 8, 31)
