"""The groups that a markbook shows: fields of the MIS, and the school's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from sqlalchemy import Connection

from generator.markbook.layout import columns
from generator.measuring.cohort import with_indicators
from generator.school import School
from generator.settings import ASKS
from udfs.errors import MarkbookError
from udfs.progress8 import priors
from udfs.rules import read_rule
from udfs.tables import Tables

# Which fields a column can show as they are: heading, compared without case -> field.
GROUP_FIELDS: Mapping[str, str] = {
    "pp": "pp",
    "sen": "sen",
    "eal": "eal",
    "disadvantaged": "disadvantaged",
    "fsm": "fsm",
    "lac": "lac",
    "sex": "sex",
    "ethnicity": "ethnicity",
}
LONGEST = 30  # characters of a heading


def groups_shown(school: School) -> dict[str, str]:
    """Heading -> field, or name of a group of `[[groups]]`, in the order wanted.

    Raises:
        MarkbookError: If `[issue] groups` names what is neither, or what another
            column is called.
    """
    own = {one.name.casefold(): one.name for one in school.settings.groups}
    taken = {column.heading.casefold() for column in columns(ASKS)}
    taken |= {one.code.casefold() for one in school.settings.collections}
    found: dict[str, str] = {}
    for name in school.settings.issue.groups:
        plain = name.casefold()
        if plain not in {**GROUP_FIELDS, **own}:
            there = [*(field.upper() for field in GROUP_FIELDS), *own.values()]
            raise MarkbookError(
                f"school.toml: [issue] groups names {name!r}, which a markbook cannot "
                "show.",
                f"Use some of: {', '.join(dict.fromkeys(there))}.",
            )
        if plain in taken or len(name) > LONGEST:
            raise MarkbookError(
                f"school.toml: [issue] groups names {name!r}, which no column can be "
                "called: another has that heading, or it is too long.",
                f"Give the group under [[groups]] another name, of at most {LONGEST} "
                "letters.",
            )
        taken.add(plain)
        # A field says more than a rule about it: `K` or `E`, not only `Y`.
        found[name] = GROUP_FIELDS.get(plain) or own[plain]
    return found


def with_groups(
    connection: Connection,
    frame: pd.DataFrame,
    school: School,
    tables: Tables,
    shown: Sequence[str],
) -> pd.DataFrame:
    """The rows of the roll with a column for each own group that is shown.

    Args:
        connection: A transaction of the store.
        frame: Rows of the roll.
        school: The school and its settings.
        tables: What prior attainment is reckoned with.
        shown: Fields and names of groups, as `groups_shown` answers them.

    Raises:
        BadRule: If the rule of a group cannot be used; the message names it.
    """
    rules = [
        read_rule(one.name, one.rule)
        for one in school.settings.groups
        if one.name in set(shown) - set(GROUP_FIELDS.values())
    ]
    if not rules:
        return frame
    pupils = frame.drop_duplicates("adno").assign(academic_year=school.academic_year)
    pupils["prior"] = priors(pupils, tables, school.academic_year)
    asked = with_indicators(connection, pupils, rules)
    made = frame.copy()
    for rule in rules:
        inside = rule.applies(asked).map({True: "Y", False: ""})
        members = dict(zip(asked["adno"], inside, strict=True))
        made[rule.group] = made["adno"].map(members)
    return made
