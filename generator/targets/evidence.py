"""What was imported of each pupil besides Key Stage 2: indicators, baselines, CAT4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, select

from generator.records.roster import read
from generator.school import School
from generator.settings import SubjectSettings
from generator.store import schema
from udfs.imported import SUBJECT, name_for
from udfs.subjects import key
from udfs.tables import Tables

COLUMNS = ("imported", "imported_high", "given", "gcse", "cat4")


@dataclass(frozen=True)
class Indicators:
    """Every indicator of every pupil, the latest import of each.

    Args:
        values: Name -> admission number -> value.
        names: A name as names are compared -> the name as it was imported.
    """

    values: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]

    def named(self, pattern: str, subject: str, tables: Tables) -> str | None:
        """The indicator a pattern means for a subject, under any of its names.

        Args:
            pattern: As in `school.toml`: `FFT50 {subject}`.
            subject: The subject as the school calls it.
            tables: The subjects, with their other names.

        Returns:
            The indicator's name as imported, or None where there is none.
        """
        if not pattern:
            return None
        found = tables.subject(subject)
        others = (found.national, *found.synonyms) if SUBJECT in pattern else ()
        for name in (subject, *others):
            if name and (known := self.names.get(key(name_for(pattern, name)))):
                return known
        return None

    def of(self, name: str | None) -> Mapping[str, str]:
        """Admission number -> value of one indicator; empty where it is None."""
        return self.values.get(name, {}) if name else {}


def indicators(connection: Connection) -> Indicators:
    """All indicators of the store; a later academic year's go before an earlier's."""
    i = schema.indicators.c
    found = read(
        connection,
        select(i.adno, i.name, i.value).order_by(i.academic_year, i.name, i.adno),
    )
    values: dict[str, dict[str, str]] = {}
    for adno, name, value in found.to_numpy().tolist():
        values.setdefault(name, {})[adno] = value
    return Indicators(values, {key(name): name for name in values})


@dataclass(frozen=True, slots=True)
class Sources:
    """Which indicators one subject looks at; None where there is none of that name.

    Args:
        wanted: The name its imported target should have.
        imported: The indicator with its expected target.
        imported_high: The one with its aspirational target.
        given: The one with the department's baseline grades.
    """

    wanted: str
    imported: str | None
    imported_high: str | None
    given: str | None


def sources(
    subject: str,
    said: SubjectSettings | None,
    school: School,
    known: Indicators,
    tables: Tables,
) -> Sources:
    """Which indicators a subject looks at, by the school's settings.

    Args:
        subject: The subject as the school calls it.
        said: What the school's settings say of it, if anything.
        school: The school.
        known: The indicators there are.
        tables: The subjects.
    """
    general = school.settings.targets
    pattern = (said and said.indicator) or general.indicator
    high = (said and said.aspirational_indicator) or general.aspirational_indicator
    baseline = (said and said.baseline_indicator) or general.baseline_indicator
    return Sources(
        wanted=name_for(pattern, subject),
        imported=known.named(pattern, subject, tables),
        imported_high=known.named(high, subject, tables),
        given=known.named(baseline, subject, tables),
    )


def with_evidence(
    asked: pd.DataFrame,
    school: School,
    known: Indicators,
    of: Mapping[str, Sources],
) -> pd.DataFrame:
    """The same rows with what was imported of each pupil in each subject.

    Args:
        asked: One row per pupil and subject: `adno` and `subject` among others.
        school: Its settings name the indicators of all subjects.
        known: The indicators there are.
        of: Subject -> the indicators it looks at.

    Returns:
        With `imported`, `imported_high`, `given`, `gcse` and `cat4`, each
        empty where there is nothing.
    """
    targets = school.settings.targets
    made = asked.copy()
    adnos = asked["adno"].tolist()
    for column in ("imported", "imported_high", "given"):
        found = {name: known.of(getattr(source, column)) for name, source in of.items()}
        made[column] = [
            found[subject].get(adno, "") if subject in found else ""
            for adno, subject in zip(adnos, asked["subject"].tolist(), strict=True)
        ]
    for column, name in (("gcse", targets.gcse_average), ("cat4", targets.cat4)):
        values = known.of(known.names.get(key(name)))
        made[column] = [values.get(adno, "") for adno in adnos]
    return made.astype(dict.fromkeys(COLUMNS, "str"))
