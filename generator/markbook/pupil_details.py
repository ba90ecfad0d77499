"""The groups that a markbook shows: fields of the MIS, and the school's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.markbook.layout import sheet_columns
from generator.measuring.cohort import with_indicators
from generator.school.school import School
from generator.school.settings import ASKS
from generator.store import targets
from generator.store.interventions import interventions, running
from udfs.errors import MarkbookError
from udfs.measures.group_rules import read_rule
from udfs.measures.progress8 import priors
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


def group_columns(school: School) -> dict[str, str]:
    """Heading -> field, or name of a group of `[[groups]]`, in the order wanted.

    Raises:
        MarkbookError: If `[issue] groups` names what is neither, or what another
            column is called.
    """
    own = {one.name.casefold(): one.name for one in school.settings.groups}
    taken = {column.heading.casefold() for column in sheet_columns(ASKS)}
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


def add_groups(
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


QUERY, INTERVENTIONS = "asked", "running"
EXTRA_KEYS = (QUERY, INTERVENTIONS)
Extras = Mapping[tuple[str, str], Mapping[str, str]]  # (subject, adno) -> key -> text


def pupil_extras(
    connection: Connection,
    frame: pd.DataFrame,
    marks: pd.DataFrame,
    earlier: tuple[str, ...],
    *,
    today: date,
) -> Extras:
    """The latest query of each pupil and subject, and what is being done for them.

    Args:
        connection: A transaction of the store.
        frame: The pupils and subjects asked about (adno, subject).
        marks: The marks as they stand.
        earlier: The codes of the earlier collections, oldest first.
        today: What has begun and not ended by then is running.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    answered = {
        (row["adno"], row["subject"], row["collection"]): row
        for row in targets.current_answers(connection).to_dict("records")
    }
    place = {code: at for at, code in enumerate(earlier)}
    asked = marks.loc[marks["collection"].isin(earlier)]
    if "target_query" in asked:
        asked = asked.loc[asked["target_query"].fillna("").str.strip().ne("")]
        asked = asked.assign(place=asked["collection"].map(place)).sort_values("place")
        for adno, subject, code, query in zip(
            asked["adno"],
            asked["subject"],
            asked["collection"],
            asked["target_query"],
            strict=True,
        ):
            answer = answered.get((adno, subject, code))
            text = f"{code}: {query}"
            if answer and answer["answer"]:
                by = f" ({answer['answered_by']})" if answer["answered_by"] else ""
                text += f" → {answer['answer']}{by}"
            found.setdefault((subject, adno), {})[QUERY] = text
    helped = interventions(connection)
    helped = helped.loc[running(helped, today)]
    subjects: dict[str, list[str]] = {}
    for adno, subject in zip(frame["adno"], frame["subject"], strict=True):
        subjects.setdefault(adno, []).append(subject)
    for adno, subject, what, who, whose in zip(
        helped["adno"],
        helped["subject"],
        helped["what"],
        helped["who"],
        helped["department_or_pastoral"],
        strict=True,
    ):
        # A teacher need not know what a pupil talks to the counsellor about.
        private = whose.strip().casefold() == "pastoral"
        said = "Pastoral support" if private else what
        text = f"{said} ({who})" if who else said
        for one in subjects.get(adno, []):
            # One without a subject is for the pupil, whoever teaches them.
            if subject in ("", one):
                mine = found.setdefault((one, adno), {})
                mine[INTERVENTIONS] = "; ".join(
                    filter(None, (mine.get(INTERVENTIONS), text))
                )
    return found
