"""What a markbook shows about a pupil besides marks: groups, queries, interventions."""

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
from generator.store.interventions import interventions, is_running
from udfs.errors import MarkbookError
from udfs.measures.group_members import group_members
from udfs.measures.group_rules import read_rule
from udfs.measures.progress8 import pupils_prior_thirds
from udfs.tables import Tables

# Fields that a column can show unchanged: heading in lower case -> field.
GROUP_FIELDS: Mapping[str, str] = {
    name: name
    for name in (
        "pp", "sen", "eal", "disadvantaged", "fsm", "lac", "sex", "ethnicity",
    )
}  # fmt: skip
MAX_HEADING = 30  # characters
QUERY, INTERVENTIONS = "asked", "running"
EXTRA_KEYS = (QUERY, INTERVENTIONS)
Extras = Mapping[tuple[str, str], Mapping[str, str]]  # (subject, adno) -> key -> text


def group_columns(school: School) -> dict[str, str]:
    """Heading -> field or name of a group in `[[groups]]`, in the order of `[issue]`.

    Raises:
        MarkbookError: If `[issue] groups` names neither a field nor a group, or the
            heading of another column.
    """
    own = {group.name.casefold(): group.name for group in school.settings.groups}
    headings = {column.heading.casefold() for column in sheet_columns(ASKS)}
    headings |= {entry.code.casefold() for entry in school.settings.collections}
    columns: dict[str, str] = {}
    for name in school.settings.issue.groups:
        key = name.casefold()
        if key not in {**GROUP_FIELDS, **own}:
            choices = [*(field.upper() for field in GROUP_FIELDS), *own.values()]
            raise MarkbookError(
                f"school.toml: [issue] groups names {name!r}, which a markbook cannot "
                "show.",
                f"Use some of: {', '.join(dict.fromkeys(choices))}.",
            )
        if key in headings or len(name) > MAX_HEADING:
            raise MarkbookError(
                f"school.toml: [issue] groups names {name!r}, which cannot be the "
                "heading of a column: another has that heading, or it is too long.",
                "Give the group under [[groups]] another name, of at most "
                f"{MAX_HEADING} letters.",
            )
        headings.add(key)
        # A field shows more than a rule about it: `K` or `E`, not only `Y`.
        columns[name] = GROUP_FIELDS.get(key) or own[key]
    return columns


def add_groups(
    connection: Connection,
    frame: pd.DataFrame,
    school: School,
    tables: Tables,
    columns: Sequence[str],
) -> pd.DataFrame:
    """Add a column for each of the school's own groups that is shown.

    Args:
        connection: A transaction of the store.
        frame: Enrolments.
        school: The school and its settings.
        tables: Scores that prior attainment is calculated with.
        columns: Fields and names of groups, the values of `group_columns`.

    Raises:
        BadRule: If the rule of a group cannot be used; the message names it.
    """
    names = set(columns) - set(GROUP_FIELDS.values())
    rules = [
        read_rule(group.name, group.rule)
        for group in school.settings.groups
        if group.name in names
    ]
    if not rules:
        return frame
    pupils = frame.drop_duplicates("adno").assign(academic_year=school.academic_year)
    pupils["prior"] = pupils_prior_thirds(pupils, tables, school.academic_year)
    pupils = with_indicators(connection, pupils, rules)
    frame = frame.copy()
    for rule in rules:
        texts = group_members(rule, pupils).map({True: "Y", False: ""})
        members = dict(zip(pupils["adno"], texts, strict=True))
        frame[rule.group] = frame["adno"].map(members)
    return frame


def pupil_extras(
    connection: Connection,
    frame: pd.DataFrame,
    marks: pd.DataFrame,
    earlier: tuple[str, ...],
    *,
    today: date,
) -> Extras:
    """The latest query of each pupil and subject, and the current interventions.

    Args:
        connection: A transaction of the store.
        frame: Pupils and subjects (adno, subject).
        marks: Marks as the store has them now.
        earlier: Codes of the earlier collections, oldest first.
        today: Day on which an intervention must be running.
    """
    extras = _latest_queries(connection, marks, earlier)
    subjects: dict[str, list[str]] = {}
    for adno, subject in zip(frame["adno"], frame["subject"], strict=True):
        subjects.setdefault(adno, []).append(subject)
    current = interventions(connection)
    current = current.loc[is_running(current, today)]
    columns = ["adno", "subject", "what", "who", "department_or_pastoral"]
    for adno, subject, what, who, owner in current[columns].to_numpy().tolist():
        # Teachers do not see what a pupil discusses with the pastoral team.
        private = owner.strip().casefold() == "pastoral"
        name = "Pastoral support" if private else what
        text = f"{name} ({who})" if who else name
        # An intervention without a subject is shown in all of the pupil's subjects.
        for pupil_subject in subjects.get(adno, []):
            if subject in ("", pupil_subject):
                texts = extras.setdefault((pupil_subject, adno), {})
                texts[INTERVENTIONS] = "; ".join(
                    filter(None, (texts.get(INTERVENTIONS), text))
                )
    return extras


def _latest_queries(
    connection: Connection, marks: pd.DataFrame, earlier: tuple[str, ...]
) -> dict[tuple[str, str], dict[str, str]]:
    texts: dict[tuple[str, str], dict[str, str]] = {}
    rows = marks.loc[marks["collection"].isin(earlier)]
    if "target_query" not in rows:
        return texts
    answers = {
        (row["adno"], row["subject"], row["collection"]): row
        for row in targets.current_answers(connection).to_dict("records")
    }
    order = {code: index for index, code in enumerate(earlier)}
    rows = rows.loc[rows["target_query"].fillna("").str.strip().ne("")]
    rows = rows.assign(order=rows["collection"].map(order)).sort_values("order")
    columns = ["adno", "subject", "collection", "target_query"]
    for adno, subject, code, query in rows[columns].to_numpy().tolist():
        answer = answers.get((adno, subject, code))
        text = f"{code}: {query}"
        if answer and answer["answer"]:
            by = f" ({answer['answered_by']})" if answer["answered_by"] else ""
            text += f" → {answer['answer']}{by}"
        texts.setdefault((subject, adno), {})[QUERY] = text
    return texts
