"""What every pack begins with: the workbook, its foot and its cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from generator.packs import cover
from generator.packs.phrases import day, kept_until, words
from generator.packs.sheets import Pack
from generator.packs.standing import Standing
from generator.problems import Problem
from generator.school import School


def begin(
    standing: Standing,
    school: School,
    scope: str,
    rows: pd.DataFrame,
    *,
    title: str,
    role: str,
    holders: Sequence[str],
    elsewhere: int,
    now: datetime,
    said: Sequence[str],
    contents: Mapping[str, str],
    foot: str = "department",
) -> Pack:
    """A workbook with its cover written.

    Args:
        standing: The collection as it stands.
        school: The school.
        scope: Of what the pack tells: a department, a year, a tutor group.
        rows: The part of `Standing.rows` that it holds.
        title: What kind of pack it is, in words.
        role: What its readers are.
        holders: For whom, by name.
        elsewhere: How many marks are left out, for their pupils have left.
        now: When it is written.
        said: What it has to say; the first sentence is the answer.
        contents: Sheet -> what it holds.
        foot: Which of the feet of packs.toml every page has.
    """
    collection = standing.collection
    until = day(kept_until(standing.academic_year))
    pack = Pack(
        f"{scope}: {title}, {collection.title}",
        school.settings.school.name,
        words("foot", foot, scope=scope, until=until),
        now,
    )
    cover.cover(
        pack.page(words("sheets", "cover"), cover.GRID, landscape=False),
        standing,
        rows,
        holders=holders,
        role=role,
        scope=scope,
        files=standing.returns_of(rows),
        elsewhere=elsewhere,
        now=now,
        said=said,
        contents=contents,
    )
    return pack


def nobody(kind: str, scope: str, role: str) -> Problem:
    """That nobody has the role a pack is written for, as a problem to put right."""
    return Problem(
        file=f"{kind}-{scope}",
        severity="warning",
        code=f"no-{role.replace(' ', '-')}",
        value=scope,
        what=f"Nobody is named as {role} of {scope}.",
        do="Add a row to roles.csv in exports/, and import it.",
    )
