"""Draft a target for every enrolled pupil and subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.context import Context
from generator.problems import Problem
from generator.report import Report
from generator.school.school import SETTINGS_FILE, School
from generator.store import targets as stored
from generator.store.enrolments import enrolments
from generator.targets.drafting_plan import DraftingPlan, make_plan
from generator.targets.evidence import add_indicators
from generator.targets.target_versions import current_targets_for
from udfs.errors import UnknownScore
from udfs.scales.prior_attainment import scaled_score, summer_of_tests
from udfs.tables import Tables
from udfs.targets.draft_table import draft_rows
from udfs.targets.ratchet import ISSUED, apply_ratchet, differs_from_current

NOT_A_GRADE = "is not a grade of"  # in the reason of a draft
MAX_NAMED = 5  # pupils named in a problem


@dataclass(frozen=True, slots=True)
class DraftReport(Report):
    """The result of drafting.

    Args:
        pupil_subjects: Number of pairs of pupil and subject, leavers included.
        drafts: Number of pairs with a draft.
        provisional: Number of those that wait for the department's baseline.
        without: Number of pairs without a draft.
        written: Number of new versions in the store.
        raised: Number of issued targets that rose.
        reasons: Reasons for no draft, with the number of pairs.
    """

    pupil_subjects: int
    drafts: int
    provisional: int
    without: int
    written: int = 0
    raised: int = 0
    reasons: tuple[tuple[str, int], ...] = ()

    def json(self) -> dict[str, Any]:
        """The report as `--json` prints it."""
        return {
            "pupil_subjects": self.pupil_subjects,
            "drafts": self.drafts,
            "provisional": self.provisional,
            "without": self.without,
            "written": self.written,
            "raised": self.raised,
            "reasons": dict(self.reasons),
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        lines = [
            f"{self.pupil_subjects:,} pupil–subjects: {self.drafts:,} drafts "
            f"({self.provisional:,} of them provisional) and {self.without:,} without."
        ]
        lines += [f"  {count:,} {reason}" for reason, count in self.reasons]
        rose = f"; {self.raised:,} issued targets rose." if self.raised else "."
        lines.append(
            f"{self.written:,} new versions were written{rose}"
            if self.written
            else "Nothing has changed since the last time."
        )
        return lines


def draft(connection: Connection, context: Context) -> DraftReport:
    """Draft a target for every enrolled pupil and subject, or give a reason for none.

    A new version is stored only if something has changed. An issued target only
    rises; a provisional one rises or falls until the department has a baseline.

    Args:
        connection: A transaction of the store.
        context: School, tables, moment and person of the run.

    Raises:
        SettingsError: If a floor or a cap in the settings cannot be used.
        BadTable: If one of the school's own tables cannot be used.
    """
    school, tables = context.school, context.tables
    rows = enrolment_rows(connection, context)
    plan = make_plan(connection, context, rows)
    drafts = draft_targets(rows, context, plan)
    current = current_targets_for(connection, rows, tables)
    new = apply_ratchet(drafts, current, tables)
    changed = new[differs_from_current(new, current)]
    written = stored.add_targets(
        connection,
        changed.assign(
            academic_year=school.academic_year,
            set_by=context.who,
            set_at=context.moment,
        ),
    )
    drafted = drafts["status"].ne("")
    reasons = drafts.loc[~drafted, "reason"].value_counts()
    return DraftReport(
        pupil_subjects=len(drafts),
        drafts=int(drafted.sum()),
        provisional=int(drafts["status"].eq("provisional").sum()),
        without=int((~drafted).sum()),
        written=written,
        raised=int((changed["status"].eq(ISSUED) & changed["raised"]).sum()),
        reasons=tuple(
            sorted(
                ((str(reason), int(count)) for reason, count in reasons.items()),
                key=lambda item: (-item[1], item[0]),
            )
        ),
        problems=(
            *_problems(rows, tables, school),
            *plan.problems,
            *_bad_values(drafts),
        ),
    )


def enrolment_rows(
    connection: Connection, context: Context, *, today: date | None = None
) -> pd.DataFrame:
    """One row for each enrolled pupil and subject, with Key Stage 2 results.

    Args:
        connection: A transaction of the store.
        context: School and tables.
        today: Day by which leavers are left out; None includes everybody.
    """
    year = context.school.academic_year
    rows = enrolments(connection, year, context.tables, today=today)
    columns = [*stored.KEY, "ks2_reading", "ks2_maths", "year"]
    return rows.drop_duplicates(stored.KEY)[columns].reset_index(drop=True)


def draft_targets(
    rows: pd.DataFrame, context: Context, plan: DraftingPlan
) -> pd.DataFrame:
    """The drafts of a plan for every pupil and subject, whatever the current target.

    Returns:
        `adno`, `subject` and `DRAFT_COLUMNS`, on the index of the rows.
    """
    school = context.school
    evidence = add_indicators(rows, school, plan.indicators, plan.sources)
    drafts = draft_rows(
        evidence, context.tables, plan.methods, academic_year=school.academic_year
    )
    return pd.concat([rows[stored.KEY], drafts], axis=1)


def _problems(rows: pd.DataFrame, tables: Tables, school: School) -> Iterator[Problem]:
    names = sorted(rows["subject"].unique())
    for name in names:
        pupils = int(rows["subject"].eq(name).sum())
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
                "does not exist.",
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
    yield from _unknown_scores(rows, tables, school.academic_year)


def _bad_values(drafts: pd.DataFrame) -> Iterator[Problem]:
    """One problem for each reason why imported targets or baselines are no grades."""
    bad = drafts.loc[drafts["reason"].str.contains(NOT_A_GRADE, regex=False)]
    for (subject, reason), group in bad.groupby(["subject", "reason"], sort=True):
        adnos = sorted(group["adno"])
        yield Problem(
            severity="warning",
            code="target-not-a-grade",
            adno=adnos[0] if len(adnos) == 1 else "",
            what=f"{subject}: {reason}. It was not used for {_name_pupils(adnos)}.",
            do="Correct it at its source and import it again.",
        )


def _unknown_scores(
    rows: pd.DataFrame, tables: Tables, academic_year: str
) -> Iterator[Problem]:
    pupils = rows.drop_duplicates("adno")
    for field, test in (("ks2_reading", "reading"), ("ks2_maths", "maths")):
        scores = pupils[pupils[field].ne("")]
        for (value, year), group in scores.groupby(
            [field, scores["year"].fillna(0)], sort=True
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
                    what=f"{error.what} It is the Key Stage 2 {test} score of "
                    f"{_name_pupils(adnos)}.",
                    do=error.do,
                )


def _name_pupils(adnos: Sequence[str]) -> str:
    names = ", ".join(adnos[:MAX_NAMED])
    more = len(adnos) - MAX_NAMED
    return f"{names} and {more} more" if more > 0 else names
