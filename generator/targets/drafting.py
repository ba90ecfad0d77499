"""Drafting a target for every pupil and subject on the roll."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.problems import Problem
from generator.school.school import SETTINGS_FILE, School
from generator.store import targets as stored
from generator.store.enrolments import enrolments
from generator.targets.drafting_plan import DraftingPlan, make_plan
from generator.targets.evidence import Indicators, add_indicators, load_indicators
from generator.targets.target_versions import current_targets
from udfs.errors import UnknownScore
from udfs.scales.prior_attainment import scaled_score, summer_of_tests
from udfs.tables import Tables
from udfs.targets.draft_table import draft_rows
from udfs.targets.ratchet import ISSUED, apply_ratchet, differs_from_current

NOT_A_GRADE = "is not a grade of"  # in the reason of a draft
NAMED_IN_A_PROBLEM = 5  # pupils


@dataclass(frozen=True, slots=True)
class DraftReport:
    """What drafting has answered.

    Args:
        pupil_subjects: Pupils times their subjects; those who left are among them.
        drafts: How many have a draft.
        provisional: How many of those wait for the department's own baseline.
        without: How many have none, each with its reason in the store.
        written: How many new versions were put down.
        raised: How many issued targets rose.
        reasons: Why there is none -> how many.
        problems: What to look at.
    """

    pupil_subjects: int
    drafts: int
    provisional: int
    without: int
    written: int = 0
    raised: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where something needs a person, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "pupil_subjects": self.pupil_subjects,
            "drafts": self.drafts,
            "provisional": self.provisional,
            "without": self.without,
            "written": self.written,
            "raised": self.raised,
            "reasons": dict(self.reasons),
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """For the person who asked."""
        told = [
            f"{self.pupil_subjects:,} pupil–subjects: {self.drafts:,} drafts "
            f"({self.provisional:,} of them provisional) and {self.without:,} without.",
        ]
        told += [f"  {count:,} {reason}" for reason, count in self.reasons]
        told.append(
            f"{self.written:,} new versions were written"
            + (f"; {self.raised:,} issued targets rose." if self.raised else ".")
            if self.written
            else "Nothing has changed since the last time."
        )
        return told


def draft(
    connection: Connection, school: School, tables: Tables, *, now: datetime, who: str
) -> DraftReport:
    """Draft a target for every pupil and subject on the roll, or say why not.

    A new version is put down only where something has changed. A target that has
    been issued only rises; a provisional one goes up or down until the department
    has given its baseline.

    Args:
        connection: A transaction of the store.
        school: Its settings say how targets are drawn.
        tables: What is looked up.
        now: The moment.
        who: Who is doing it.

    Raises:
        SettingsError: If a floor or a cap in the settings cannot be used.
        BadTable: If one of the school's own tables cannot be used.
    """
    asked = enrolment_rows(connection, school, tables)
    known = load_indicators(connection)
    how = make_plan(connection, school, tables, asked, known)
    drafted = draft_targets(asked, school, tables, how, known)
    standing = current_targets(connection, asked, tables)
    settled = apply_ratchet(drafted, standing, tables)
    changed = settled[differs_from_current(settled, standing)]
    written = stored.add_targets(
        connection,
        changed.assign(
            academic_year=school.academic_year,
            set_by=who,
            set_at=now.isoformat(timespec="seconds"),
        ),
    )
    has = drafted["status"].ne("")
    reasons = drafted.loc[~has, "reason"].value_counts()
    return DraftReport(
        pupil_subjects=len(drafted),
        drafts=int(has.sum()),
        provisional=int(drafted["status"].eq("provisional").sum()),
        without=int((~has).sum()),
        written=written,
        raised=int((changed["status"].eq(ISSUED) & changed["raised"]).sum()),
        reasons=tuple(
            sorted(
                ((str(why), int(count)) for why, count in reasons.items()),
                key=lambda item: (-item[1], item[0]),
            )
        ),
        problems=(
            *_problems(asked, tables, school),
            *how.problems,
            *_bad_values(drafted),
        ),
    )


def enrolment_rows(
    connection: Connection,
    school: School,
    tables: Tables,
    *,
    today: date | None = None,
) -> pd.DataFrame:
    """One row for each pupil and subject, with the pupil's Key Stage 2.

    Args:
        connection: A transaction of the store.
        school: The school.
        tables: The subjects, with what each covers.
        today: Leave out pupils who have left by this day; None keeps everybody.
    """
    rows = enrolments(connection, school.academic_year, tables, today=today)
    return rows.drop_duplicates(stored.KEY)[
        [*stored.KEY, "ks2_reading", "ks2_maths", "year"]
    ].reset_index(drop=True)


def draft_targets(
    asked: pd.DataFrame,
    school: School,
    tables: Tables,
    how: DraftingPlan,
    known: Indicators,
) -> pd.DataFrame:
    """What the school's methods draw for every pupil and subject, whatever stands.

    Returns:
        `adno`, `subject` and the columns of `drafts`, on the index of `asked`.
    """
    evidence = add_indicators(asked, school, known, how.sources)
    made = draft_rows(evidence, tables, how.methods, academic_year=school.academic_year)
    return pd.concat([asked[stored.KEY], made], axis=1)


def _problems(asked: pd.DataFrame, tables: Tables, school: School) -> Iterator[Problem]:
    names = sorted(asked["subject"].unique())
    for name in names:
        pupils = int(asked["subject"].eq(name).sum())
        subject = tables.subject(name)
        if not subject.recognised:
            yield Problem(
                severity="warning",
                code="subject-not-known",
                value=name,
                what=f"The subject {name!r} is not known: {pupils} pupils have no "
                "target in it.",
                do="Say what it is under [[subjects]] in school.toml.",
            )
        elif subject.scale not in tables.scales:
            yield Problem(
                file=SETTINGS_FILE,
                code="scale-not-known",
                value=subject.scale,
                what=f"The subject {name!r} is on the scale {subject.scale!r}, which "
                "there is not.",
                do=f"Use one of: {', '.join(tables.scales)}.",
            )
    if school.settings.targets.fine and not any(
        tables.scales[scale].has_thirds
        for name in names
        if (scale := tables.subject(name).scale) in tables.scales
    ):
        yield Problem(
            file=SETTINGS_FILE,
            severity="warning",
            code="no-scale-with-thirds",
            what="Fine targets are asked for; no subject's scale has thirds.",
            do='Give subjects scale = "gcse_fine" under [[subjects]].',
        )
    yield from _unknown_scores(asked, tables, school.academic_year)


def _bad_values(drafted: pd.DataFrame) -> Iterator[Problem]:
    """Imported targets and baselines that are no grades, each reason told once."""
    bad = drafted.loc[drafted["reason"].str.contains(NOT_A_GRADE, regex=False)]
    for (subject, reason), group in bad.groupby(["subject", "reason"], sort=True):
        adnos = sorted(group["adno"])
        yield Problem(
            severity="warning",
            code="target-not-a-grade",
            adno=adnos[0] if len(adnos) == 1 else "",
            what=f"{subject}: {reason}. It was not taken for {_name_pupils(adnos)}.",
            do="Put it right where it came from and import it again.",
        )


def _unknown_scores(
    asked: pd.DataFrame, tables: Tables, academic_year: str
) -> Iterator[Problem]:
    pupils = asked.drop_duplicates("adno")
    for field, test in (("ks2_reading", "reading"), ("ks2_maths", "maths")):
        typed = pupils[pupils[field].ne("")]
        for (value, year), group in typed.groupby(
            [field, typed["year"].fillna(0)], sort=True
        ):
            summer = summer_of_tests(academic_year, int(str(year))) if year else None
            try:
                scaled_score(value, tables.substitutes, summer=summer)
            except UnknownScore as error:
                adnos = sorted(group["adno"])
                yield Problem(
                    severity="warning",
                    code="score-not-known",
                    adno=adnos[0] if len(adnos) == 1 else "",
                    value=str(value),
                    what=f"{error.what} It stands for the Key Stage 2 {test} of "
                    f"{_name_pupils(adnos)}.",
                    do=error.do,
                )


def _name_pupils(adnos: Sequence[str]) -> str:
    shown = ", ".join(adnos[:NAMED_IN_A_PROBLEM])
    more = len(adnos) - NAMED_IN_A_PROBLEM
    return f"{shown} and {more} more" if more > 0 else shown
