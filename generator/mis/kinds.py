"""What kind of list a sheet is, by the headings that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.mis.files import LOOK_AHEAD
from generator.mis.headings import Meaning, meaning
from generator.mis.sheets import Row
from generator.mis.values import plain

IDS = ("adno", "upn")
NAMES = ("surname", "forename", "pupil_name")
DETAILS = (
    "sex",
    "pp",
    "disadvantaged",
    "fsm",
    "sen",
    "eal",
    "ethnicity",
    "lac",
    "status",
    "left",
)
SCORES = ("ks2_reading", "ks2_maths")
# Lists whose other columns say something of the pupil, and of nothing else.
ABOUT_PUPILS = ("pupils", "plain pupils", "pupil data")
NAMING_PUPILS = (*ABOUT_PUPILS, "class list", "memberships")
TAUGHT = ("subject", "subject_code", "class_year", "teacher", "co_teacher")


def best_heading(rows: Sequence[Row], chosen: Mapping[str, Meaning]) -> tuple[int, int]:
    """Which row has the headings, and how many fields it names; 0 if none does."""
    best, most = 0, 0
    for place, row in enumerate(rows[:LOOK_AHEAD]):
        meanings = [meaning(text, chosen) for text in row.cells.values()]
        named = {one.field for one in meanings if one.kind == "field"}
        others = sum(one.kind in ("indicator", "not kept") for one in meanings)
        enough = len(named) > 1 or (named & {*IDS, "weak_adno"} and len(row.cells) > 1)
        score = 4 * len(named) + min(others, 3) if enough else 0
        if score > most:
            best, most = place, score
    return best, most


def in_context(fields: dict[str, int], top: Row) -> None:
    """Settle headings that mean one thing in one list and another in the next.

    Args:
        fields: Field -> column; changed in place.
        top: The row of headings.
    """
    weak = fields.get("weak_adno")
    if weak is not None and not fields.keys() & set(IDS):
        fields["adno"] = weak
    if "adno" in fields:  # beside a UPN alone, the whole import settles what it is
        fields.pop("weak_adno", None)
    spare = "code initials name short name"
    staff = fields.get("staff")
    if fields.keys() & set(IDS):
        if "name" in fields:
            fields.setdefault("pupil_name", fields["name"])
        if staff is not None and plain(top.cells[staff]) not in spare:
            fields.setdefault("teacher", staff)
        for name in ("name", "staff", "title", "email", "role", "scope"):
            fields.pop(name, None)
    elif "role" in fields:
        for name in ("teacher", "name", "teacher_name"):
            if "staff" not in fields and name in fields:
                fields["staff"] = fields[name]
        for name in ("subject", "reg", "year", "class"):
            if "scope" not in fields and name in fields:
                fields["scope"] = fields[name]
        for name in set(fields) - {"staff", "role", "scope"}:
            del fields[name]
    elif "class" in fields or {"subject", "teacher", "staff"} <= fields.keys():
        if "class" not in fields:
            fields["class"] = fields.pop("staff")
        elif staff is not None:
            fields.setdefault("teacher", staff)
        for name in ("staff", "name", "title", "email"):
            fields.pop(name, None)
    else:
        if "teacher" in fields:
            other = "name" if staff is not None else "staff"
            fields.setdefault(other, fields.pop("teacher"))
        if "teacher_name" in fields:
            fields.setdefault("name", fields.pop("teacher_name"))
        # `Staff` beside `Code` is what the staff are called.
        for column, text in top.cells.items():
            if plain(text) == "staff" and column != fields.get("staff"):
                fields.setdefault("name", column)
        for name in TAUGHT:
            fields.pop(name, None)


def kind_of(fields: dict[str, int], indicators: bool) -> str:
    """The kind of list that has these fields, as `Table.kind`; empty: none of ours.

    Args:
        fields: Field -> column.
        indicators: Whether there are columns of indicators too.
    """
    names = "pupil_name" in fields or {"surname", "forename"} <= fields.keys()
    if fields.keys() & set(IDS):
        if "class" in fields:
            return "class list" if fields.keys() & set(TAUGHT) else "memberships"
        scores = indicators or fields.keys() & set(SCORES)
        if not names:
            return "pupil data"
        return (
            "pupils" if fields.keys() & set(DETAILS) or not scores else "plain pupils"
        )
    if fields.keys() & {"staff", "role"} == {"staff", "role"}:
        return "roles"
    pupil_names = fields.keys() & set(NAMES)
    if "class" in fields and fields.keys() & set(TAUGHT) and not pupil_names:
        return "classes"
    if "staff" in fields and fields.keys() & {"name", "email", *NAMES}:
        return "staff"
    return ""
