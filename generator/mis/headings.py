"""The meaning of the headings of MIS exports."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from generator.mis.heading_spellings import (
    COLUMN_FIELDS,
    IGNORED_HEADINGS,
    INDICATOR_HEADINGS,
    KS2_SUBJECTS,
    KS2_WORDS,
    SYNONYMS,
)
from generator.mis.values import compare_key
from udfs.errors import MarkbookError

Kind = Literal["field", "indicator", "not kept", "unknown"]

# How values are written, in a heading: `SEN (K/E/N)`, `PP [Y/N]`, `Ethnicity (code)`.
_HINT = re.compile(
    r"[(\[] *(?:y ?/ ?n|yes ?/ ?no|[a-z](?: ?/ ?[a-z])+|codes?|text|number"
    r"|dd/mm/yy(?:yy)?) *[)\]]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class HeadingMeaning:
    """The meaning of a heading.

    Args:
        kind: `field`, `indicator`, `not kept` or `unknown`.
        field: The field; empty for other kinds.
        rank: The order among headings of one field; the lowest is used.
        near: The field most similar to an unknown heading, or empty.
    """

    kind: Kind
    field: str = ""
    rank: int = 0
    near: str = ""


class UnknownField(MarkbookError):
    """`[columns]` in `school.toml` names a field that does not exist."""


def school_headings(columns: Mapping[str, str]) -> dict[str, HeadingMeaning]:
    """Return the meanings that `[columns]` of `school.toml` gives to headings.

    Args:
        columns: Heading -> field.

    Raises:
        UnknownField: If a field does not exist.
    """
    meanings: dict[str, HeadingMeaning] = {}
    for heading, name in columns.items():
        field = COLUMN_FIELDS.get(name.strip().casefold().replace(" ", "_"))
        if field is None:
            near = difflib.get_close_matches(name.casefold(), COLUMN_FIELDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise UnknownField(
                f"[columns] in school.toml gives {heading!r} the field {name!r}, "
                f"which does not exist.{hint}",
                f"Use one of: {', '.join(sorted(COLUMN_FIELDS))}.",
            )
        key = compare_key(heading)
        if field == "indicator":
            meanings[key] = HeadingMeaning("indicator", rank=-1)
        elif field == "not kept":
            meanings[key] = HeadingMeaning("not kept", rank=-1)
        else:
            meanings[key] = HeadingMeaning("field", field, rank=-1)
    return meanings


def heading_meaning(
    heading: str, school: Mapping[str, HeadingMeaning] | None = None
) -> HeadingMeaning:
    """Return the meaning of a heading; the school's own meanings come first.

    Args:
        heading: The heading.
        school: The meanings from `school_headings`; None for no settings.

    >>> heading_meaning("Admission No.").field, heading_meaning("FSM Ever 6").field
    ('adno', 'disadvantaged')
    >>> heading_meaning("KS2 Reading Scaled Score").field
    'ks2_reading'
    >>> heading_meaning("Date of Birth").kind, heading_meaning("CAT4 Mean SAS").kind
    ('not kept', 'indicator')
    >>> heading_meaning("Tutor Gruop").near
    'reg'
    """
    key = compare_key(heading)
    if school and key in school:
        return school[key]
    return _general_meaning(compare_key(_HINT.sub(" ", heading)) or key)


@lru_cache(maxsize=4096)
def _general_meaning(key: str) -> HeadingMeaning:
    for candidate in dict.fromkeys((key, _without_pupil(key))):
        if candidate in _MEANINGS:
            return _MEANINGS[candidate]
        if field := _score_field(candidate):
            return HeadingMeaning("field", field, 50)
        if IGNORED_HEADINGS.fullmatch(candidate):
            return HeadingMeaning("not kept")
    if INDICATOR_HEADINGS.search(key):
        return HeadingMeaning("indicator")
    near = difflib.get_close_matches(key, _MEANINGS, n=1, cutoff=0.6)
    field = _MEANINGS[near[0]].field if near else ""
    return HeadingMeaning("unknown", near="adno" if field == "weak_adno" else field)


def _without_pupil(key: str) -> str:
    # `Student Surname`, `Pupil's Year`, `Ethnicity Code`.
    return re.sub(r"^(pupil|student|learner|child)s?( s)? | code$", "", key)


def _score_field(key: str) -> str:
    """The field of a Key Stage 2 scaled score, or empty."""
    words = key.split()
    fields = {KS2_SUBJECTS[word] for word in words if word in KS2_SUBJECTS}
    rest = {word for word in words if word not in KS2_SUBJECTS}
    is_ks2 = rest & {"ks2", "scaled", "ss"} or {"key", "stage", "2"} <= rest
    return fields.pop() if len(fields) == 1 and rest <= KS2_WORDS and is_ks2 else ""


_MEANINGS: dict[str, HeadingMeaning] = {
    compare_key(spelling): HeadingMeaning("field", field, rank)
    for field, spellings in SYNONYMS.items()
    for rank, spelling in enumerate(spellings)
}
