"""What the headings of MIS exports mean, whatever the MIS calls them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from generator.mis.heading_spellings import (
    INDICATOR,
    KS2_SUBJECTS,
    KS2_WORDS,
    NOT_KEPT,
    SETTABLE,
    SYNONYMS,
)
from generator.mis.values import compare_key
from udfs.errors import MarkbookError

Kind = Literal["field", "indicator", "not kept", "unknown"]


# `SEN (K/E/N)`, `PP [Y/N]`, `Ethnicity (code)`: how it is written, not what it is.
_HINT = re.compile(
    r"[(\[] *(?:y ?/ ?n|yes ?/ ?no|[a-z](?: ?/ ?[a-z])+|codes?|text|number"
    r"|dd/mm/yy(?:yy)?) *[)\]]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class HeadingMeaning:
    """What one heading means.

    Args:
        kind: `field`, `indicator`, `not kept` or `unknown`.
        field: The field it stands for; empty unless it is one.
        rank: Of two headings for one field, the lower counts.
        near: For an unknown heading, the field it looks most like, or empty.
    """

    kind: Kind
    field: str = ""
    rank: int = 0
    near: str = ""


class UnknownField(MarkbookError):
    """`[columns]` in `school.toml` names a field there is not."""


def school_headings(columns: Mapping[str, str]) -> dict[str, HeadingMeaning]:
    """`[columns]` of `school.toml`, ready to look headings up in.

    Raises:
        WrongColumns: If a heading is given a field that there is not.
    """
    found: dict[str, HeadingMeaning] = {}
    for heading, wanted in columns.items():
        field = SETTABLE.get(wanted.strip().casefold().replace(" ", "_"))
        if field is None:
            near = difflib.get_close_matches(wanted.casefold(), SETTABLE, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise UnknownField(
                f"[columns] in school.toml gives {heading!r} the field {wanted!r}, "
                f"which there is not.{hint}",
                f"Use one of: {', '.join(sorted(SETTABLE))}.",
            )
        if field == "indicator":
            found[compare_key(heading)] = HeadingMeaning("indicator", rank=-1)
        elif field == "not kept":
            found[compare_key(heading)] = HeadingMeaning("not kept", rank=-1)
        else:
            found[compare_key(heading)] = HeadingMeaning("field", field, rank=-1)
    return found


def heading_meaning(
    heading: str, chosen: Mapping[str, HeadingMeaning] | None = None
) -> HeadingMeaning:
    """What a heading means: the school's own word first, then our table.

    >>> meaning("Admission No.").field, meaning("FSM Ever 6").field
    ('adno', 'disadvantaged')
    >>> meaning("KS2 Reading Scaled Score").field, meaning("Date of Birth").kind
    ('ks2_reading', 'not kept')
    >>> meaning("CAT4 Mean SAS").kind, meaning("Tutor Gruop").near
    ('indicator', 'reg')
    """
    key = compare_key(heading)
    if chosen and key in chosen:
        return chosen[key]
    return _meaning(compare_key(_HINT.sub(" ", heading)) or key)


@lru_cache(maxsize=4096)
def _meaning(key: str) -> HeadingMeaning:
    for candidate in dict.fromkeys((key, _bare(key))):
        if candidate in _KNOWN:
            return _KNOWN[candidate]
        if field := _scaled_score(candidate):
            return HeadingMeaning("field", field, 50)
        if NOT_KEPT.fullmatch(candidate):
            return HeadingMeaning("not kept")
    if INDICATOR.search(key):
        return HeadingMeaning("indicator")
    near = difflib.get_close_matches(key, _KNOWN, n=1, cutoff=0.6)
    field = _KNOWN[near[0]].field if near else ""
    return HeadingMeaning("unknown", near="adno" if field == "weak_adno" else field)


def _bare(key: str) -> str:
    # `Student Surname`, `Pupil's Year`, `Surname (legal)`.
    return re.sub(r"^(pupil|student|learner|child)s?( s)? | code$", "", key)


def _scaled_score(key: str) -> str:
    words = key.split()
    subjects = {KS2_SUBJECTS[word] for word in words if word in KS2_SUBJECTS}
    rest = {word for word in words if word not in KS2_SUBJECTS}
    told = rest & {"ks2", "scaled", "ss"} or {"key", "stage", "2"} <= rest
    if len(subjects) == 1 and rest <= KS2_WORDS and told:
        return subjects.pop()
    return ""


_KNOWN: dict[str, HeadingMeaning] = {
    compare_key(spelling): HeadingMeaning("field", field, rank)
    for field, spellings in SYNONYMS.items()
    for rank, spelling in enumerate(spellings)
}
