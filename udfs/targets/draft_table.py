"""Starting points and draft targets of a whole table of pupils and subjects."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from udfs.scales.prior_attainment import Test
from udfs.scales.subjects import Subject
from udfs.tables import Tables
from udfs.targets.baselines import (
    FIRST_SIXTH_FORM_YEAR,
    subject_starting_point,
)
from udfs.targets.draft import Draft, draft_target
from udfs.targets.methods import DraftMethod, PupilEvidence
from udfs.text import map_distinct, tidy

DRAFT_COLUMNS = Draft._fields
TEXT_COLUMNS = ("status", "method", "baseline", "score", "provenance", "reason")
# Evidence besides Key Stage 2; a missing column counts as blank.
EVIDENCE_COLUMNS = ("imported", "imported_high", "given", "gcse")


def draft_rows(
    frame: pd.DataFrame,
    tables: Tables,
    method: DraftMethod | Mapping[str, DraftMethod] | None = None,
    *,
    academic_year: str,
) -> pd.DataFrame:
    """Draft a target, or say why there is none, for every pupil and subject.

    Args:
        frame: One row per pupil and subject, with `subject`, `ks2_reading`,
            `ks2_maths` (as imported: scores, codes, blanks) and `year` (the year
            group, 7 to 13, or missing); optionally `imported` and `imported_high`
            (the subject's indicators), `given` (the department's own baseline grade)
            and `gcse` (the average of GCSE results).
        tables: Subjects, scales and national figures.
        method: The drafting method, for all subjects or by subject; None for the
            defaults.
        academic_year: As `2026/27`; it dates each year group's tests.

    Returns:
        The columns `DRAFT_COLUMNS` on the frame's own index; the two targets are
        None where there are none. A row's draft depends only on that row.
    """
    drafts: list[Draft] = []

    def draft_number(*cells: object) -> int:
        pupil = PupilEvidence(*cells)  # type: ignore[arg-type]  # columns in field order
        drafts.append(
            draft_target(
                tables, _method_for(method, pupil.subject), pupil, academic_year
            )
        )
        return len(drafts) - 1

    numbers = map_distinct(
        draft_number,
        frame["subject"].tolist(),
        *_key_stage_2(frame),
        *(_texts(frame, name) for name in EVIDENCE_COLUMNS),
    )
    types = dict.fromkeys(TEXT_COLUMNS, "str") | {"pupils_behind_it": "Int64"}
    columns = pd.Index(DRAFT_COLUMNS)
    distinct = pd.DataFrame(drafts, columns=columns, dtype=object).astype(types)
    return distinct.take(numbers).set_axis(frame.index)


def starting_points(
    frame: pd.DataFrame,
    tables: Tables,
    *,
    academic_year: str,
    tests: Test | None = None,
) -> pd.DataFrame:
    """Return the starting point of every pupil's target in every subject.

    Args:
        frame: One row per pupil and subject, with `ks2_reading`, `ks2_maths`, `year`
            and, where `tests` is None, `subject`.
        tables: Subjects and substitute scores.
        academic_year: As `2026/27`.
        tests: The tests to start from; None for each subject's own baseline.

    Returns:
        On the frame's own index: `halves` (the score in half points, missing where
        there is none, and for the sixth form) and `used` (`reading`, `maths`,
        `both`, or empty).
    """

    def score(name: str, reading: str, maths: str, year: int) -> tuple[int | None, str]:
        subject = Subject("", baseline=tests) if tests else tables.subject(name)
        start, _ = subject_starting_point(
            subject, reading, maths, year, tables, academic_year=academic_year
        )
        if start is None or year >= FIRST_SIXTH_FORM_YEAR:
            return None, ""
        return start.halves, start.tests

    names = [""] * len(frame) if tests else frame["subject"].tolist()
    points = map_distinct(score, names, *_key_stage_2(frame))
    columns = pd.Index(["halves", "used"])
    table = pd.DataFrame(points, columns=columns, index=frame.index, dtype=object)
    return table.astype({"halves": "Int64", "used": "str"})


def _key_stage_2(frame: pd.DataFrame) -> tuple[list[str], list[str], list[int]]:
    """The columns `ks2_reading` and `ks2_maths` as text, and `year` with 0 for none."""
    years = pd.to_numeric(frame["year"], errors="coerce").fillna(0).astype(int)
    return _texts(frame, "ks2_reading"), _texts(frame, "ks2_maths"), years.tolist()


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return ["" if cell is pd.NA else tidy(cell) for cell in frame[name].tolist()]


def _method_for(
    method: DraftMethod | Mapping[str, DraftMethod] | None, subject: str
) -> DraftMethod:
    if isinstance(method, Mapping):
        return method.get(subject) or DraftMethod()
    return method or DraftMethod()
