"""Read the teachers in a cell: codes or names, several by any separator."""

from __future__ import annotations

import re
from functools import lru_cache

from generator.mis.export_tables import ExportRow

_SEPARATOR = re.compile(r"\s*[;/&+|]\s*|\s+and\s+", re.I)
_TITLE_WORD = (
    r"(?:mr|mrs|miss|ms|mx|dr|prof|professor|sir|dame|rev|revd|fr|mme|madame|se[nñ]or"
    r"|se[nñ]ora|herr|frau)\b\.?"
)
_TITLED = re.compile(rf"{_TITLE_WORD}\s+\S", re.I)
_NEXT_TITLE = re.compile(rf"\s+(?={_TITLE_WORD}\s)", re.I)
_CODE = re.compile(r"[A-Z0-9]{1,4}")
_WITH_INITIAL = re.compile(r"[^\W\d].*\s[A-Z]\.?")  # `Smith J`
_NO_TEACHER = (
    "", "vacancy", "vacant", "no teacher", "tbc", "tba", "unstaffed", "none",
    "n/a", "-",
)  # fmt: skip


def teachers_of(row: ExportRow) -> list[str]:
    """The teachers in a row, the lead first; none for a vacancy."""
    names = split_teachers(row["teacher"]) + split_teachers(row["co_teacher"])
    return names or split_teachers(row["teacher_name"])


@lru_cache(maxsize=4096)
def _split(cell: str) -> tuple[str, ...]:
    names: list[str] = []
    for part in _SEPARATOR.split(cell):
        for words in _split_commas(part):
            is_titled = bool(_TITLED.match(words))
            names += _NEXT_TITLE.split(words) if is_titled else [words]
    return tuple(
        name for each in names
        if (name := each.strip(" ,")).casefold() not in _NO_TEACHER
    )  # fmt: skip


def split_teachers(cell: str) -> list[str]:
    """The teachers in a cell.

    A comma separates codes and titled names; in `Smith, John` it belongs to the name.

    >>> split_teachers("Dr K Wright, Mrs S Khan"), split_teachers("SMI,KHA; RAO")
    (['Dr K Wright', 'Mrs S Khan'], ['SMI', 'KHA', 'RAO'])
    >>> split_teachers("Smith, John"), split_teachers("Smith, Mr J, Khan, Mrs S")
    (['Smith, John'], ['Smith, Mr J', 'Khan, Mrs S'])
    >>> split_teachers("Mr J Smith Mrs K Khan"), split_teachers("Vacancy")
    (['Mr J Smith', 'Mrs K Khan'], [])
    """
    return list(_split(cell))


def _split_commas(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) < 2:
        return parts
    for pattern in (_TITLED, _WITH_INITIAL):
        if all(pattern.match(part) for part in parts):
            return parts
    if all(_CODE.fullmatch(part) for part in parts):
        return parts
    if len(parts) % 2 == 0:  # surname, forename, surname, forename
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return [f"{surname}, {forename}" for surname, forename in pairs]
    return [", ".join(parts)]
