"""Read one cell of an export: a code or label, a year, a date, a name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from generator.mis import census_codes
from generator.mis.identifiers import clean_identifier
from generator.mis.spreadsheet_damage import code_before
from generator.xlsx.cell_values import date_from_serial

FLAGS = frozenset({"pp", "disadvantaged", "fsm", "eal", "lac"})
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WORDED = re.compile(
    r"(?:[a-z]+,? )?(\d{1,2})(?:st|nd|rd|th)?[ \-]([a-z]+),?[ \-](\d{2,4})"
)
_TIME = re.compile(
    r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?(Z|[+-]\d{2}:?\d{2})?$", re.I
)
_YEAR = re.compile(
    r"(?:(?:n ?c|national curriculum)? ?(?:year|yr|y)(?: group)?)? ?(\d{1,2})"
)


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The value of a cell.

    Args:
        value: The value to store; empty for a blank.
        doubt: What is doubtful about it, as the end of a sentence; empty if nothing.
    """

    value: str
    doubt: str = ""


@lru_cache(maxsize=8192)
def read_value(field: str, text: str) -> FieldValue:
    """Read the value of a pupil's field as the store has it.

    Args:
        field: The field's name in the table `pupils`.
        text: The cell's text, tidied.

    >>> read_value("sen", "K - SEN support").value, read_value("pp", "Yes").value
    ('K', 'Y')
    >>> read_value("year", "Yr 07").value, read_value("left", "25/11/2026").value
    ('7', '2026-11-25')
    >>> read_value("ethnicity", "ZZZZ")
    FieldValue(value='ZZZZ', doubt='is not an ethnicity code that we know')
    """
    if field == "eal" and (value := census_codes.LANGUAGES.get(compare_key(text))):
        return FieldValue(value.strip())
    if field in FLAGS:
        return _yes_no(text)
    if field == "reg" and (code := code_before(text)):
        return FieldValue(
            "",
            f"is what a spreadsheet made of a code, probably {code}; it was left out",
        )
    if field == "year":
        return _year(text)
    if field == "left":
        return _date(text)
    if field in ("ks2_reading", "ks2_maths"):
        return _score(text)
    if field in _CODED:
        return _coded(text, *_CODED[field])
    return FieldValue(text)


def read_role(text: str) -> FieldValue:
    """Read a role in the words of `roles.csv`.

    >>> read_role("HoD").value
    'head of department'
    """
    role = _coded(text, _ROLES, "is not a role that we know")
    return FieldValue(role.value.casefold(), role.doubt) if text else role


def split_name(text: str) -> tuple[str, str, bool]:
    """Split a name into surname, forename, and whether that is doubtful.

    >>> split_name("O'Neill, Mary Ann")
    ("O'Neill", 'Mary Ann', False)
    >>> split_name("Daisy Li")
    ('Li', 'Daisy', True)
    """
    surname, comma, forename = text.partition(",")
    if comma:
        return surname.strip(), forename.strip(), not forename.strip()
    forename, _, surname = text.rpartition(" ")
    return surname.strip(), forename.strip(), True


def compare_key(text: str) -> str:
    """A label for comparison: small letters and digits, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())


def _index(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    codes = {compare_key(code): code for code in table}
    for code, labels in table.items():
        for label in labels:
            codes.setdefault(compare_key(label), code)
    return codes


_ROLES = _index(census_codes.ROLES)
_CODED = {
    "sen": (_index(census_codes.SEN), "is not a kind of SEN provision that we know"),
    "sex": (_index(census_codes.SEX), "is neither M nor F"),
    "ethnicity": (
        _index(census_codes.ETHNICITY),
        "is not an ethnicity code that we know",
    ),
    "status": (_index(census_codes.STATUS), "is not an enrolment status that we know"),
}


def _coded(text: str, codes: dict[str, str], doubt: str) -> FieldValue:
    if text.casefold() in census_codes.NOTHING:
        return FieldValue("")
    if (key := compare_key(text)) in codes:
        return FieldValue(codes[key])
    # `K - SEN support`, `K: SEN support`, `SEN support (K)`: the code decides.
    head, _, tail = re.sub(r"\s*[-–—:=(]\s*", "\x00", text, count=1).partition("\x00")
    for part in (head, tail.rstrip(") ")):
        if part and (key := compare_key(part)) in codes:
            return FieldValue(codes[key])
    return FieldValue(text, doubt)


def _yes_no(text: str) -> FieldValue:
    word = text.casefold()
    if word in census_codes.NOTHING:
        return FieldValue("")
    if word in census_codes.YES:
        return FieldValue("Y")
    if word in census_codes.NO:
        return FieldValue("N")
    first = re.split(r"[\s,:;(\-–]+", word, maxsplit=1)[0]
    if first in ("yes", "y", "true") or word.endswith("(y)"):
        return FieldValue("Y")
    if first in ("no", "n", "not", "false") or word.endswith("(n)"):
        return FieldValue("N")
    return FieldValue("", "is neither yes nor no, so it is left blank")


def _year(text: str) -> FieldValue:
    if text.casefold() in census_codes.NOTHING:
        return FieldValue("")
    match = _YEAR.fullmatch(compare_key(clean_identifier(text)))
    if match and 0 <= int(match[1]) <= 14:
        return FieldValue(str(int(match[1])))
    if compare_key(text) in ("r", "reception"):
        return FieldValue("0")
    return FieldValue("", "is not a year group, so it is left blank")


# A score with its standard: `105 (EXS)`, `112 GDS`.
_AND_STANDARD = re.compile(
    r"([0-9]{2,3})\s*[-(\[]?\s*(?:EXS|GDS|HNM|WTS|AS|NS|EXP)\s*[)\]]?", re.IGNORECASE
)


def _score(text: str) -> FieldValue:
    if text.casefold() in census_codes.NOTHING:
        return FieldValue("")
    score = clean_identifier(text)
    if score.isascii() and score.isdigit() and not 80 <= int(score) <= 120:
        return FieldValue(score, "is not a scaled score (80 to 120)")
    if score.isascii() and score.isdigit():
        return FieldValue(str(int(score)))
    if match := _AND_STANDARD.fullmatch(score):
        return _score(match[1])
    if not score.isalnum():
        return FieldValue(score, "is neither a scaled score (80 to 120) nor a code")
    return FieldValue(score.upper())


def _date(text: str) -> FieldValue:
    if text.casefold() in census_codes.NOTHING or text.casefold() == "none":
        return FieldValue("")
    day = _day(_TIME.sub("", text).strip().casefold())
    if day is None or not 1990 <= day.year <= 2100:
        return FieldValue("", "is not a date (day, month, year), so it is left blank")
    return FieldValue(day.isoformat())


def _day(text: str) -> date | None:
    try:
        if match := _ISO.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DAY_FIRST.fullmatch(text):
            return date(_century(match[3]), int(match[2]), int(match[1]))
        if match := _WORDED.fullmatch(text):
            month = _MONTHS.get(match[2])
            return date(_century(match[3]), month, int(match[1])) if month else None
        serial = clean_identifier(text)
        if re.fullmatch(r"[0-9]{5}", serial) and 32_000 <= int(serial) <= 73_000:
            return date_from_serial(int(serial))
    except ValueError:
        return None
    return None


def _century(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)
