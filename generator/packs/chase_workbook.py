"""The chase list as a workbook: who to ask for which class, and in what words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import pandas as pd

from generator.files import publish
from generator.packs.layout.columns import pack_columns
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.wording import count_text, date_text, retention_date, wording
from generator.school.school import Collection, School
from generator.xlsx.writer import strict_writing

CHASE_COLUMNS = (
    "person", "email", "class", "subject", "state", "concerned", "of_pupils", "due",
    "days_over", "heads", "sentence",
)  # fmt: skip
NOT_RETURNED = "not returned"


class ChaseLine(Protocol):
    """One class whose return is missing or unfinished, and one person to ask."""

    @property
    def name(self) -> str:
        """The person's name."""

    @property
    def email(self) -> str:
        """The person's e-mail address, or empty."""

    @property
    def stands_in(self) -> bool:
        """Whether this is the head of department of a class without a teacher."""

    @property
    def class_code(self) -> str:
        """The class."""

    @property
    def subject(self) -> str:
        """Its subject."""

    @property
    def state(self) -> str:
        """`not returned` or `not finished`."""

    @property
    def pupils(self) -> int:
        """The number of pupils without marks."""

    @property
    def of_pupils(self) -> int:
        """The number of pupils in the class."""

    @property
    def due(self) -> date:
        """The day the collection closes."""

    @property
    def days_over(self) -> int:
        """Days since then; 0 if it has not closed."""

    @property
    def heads(self) -> Sequence[str]:
        """The heads of the department, by name."""

    @property
    def sentence(self) -> str:
        """What to write to this person about this class."""


def write_chase(
    school: School,
    collection: Collection,
    rows: Sequence[ChaseLine],
    *,
    now: datetime,
) -> Path:
    """Write `packs/COLLECTION/chase.xlsx`, also if nobody is outstanding.

    Args:
        school: The school.
        collection: The collection.
        rows: The people to ask and their classes, in the order to show them.
        now: The moment written into it.

    Returns:
        The path of the file.
    """
    path = school.packs(collection.code) / "chase.xlsx"
    with strict_writing():
        data = _workbook(school, collection, rows, now)
    publish(path, data)
    return path


def _workbook(
    school: School, collection: Collection, rows: Sequence[ChaseLine], now: datetime
) -> bytes:
    until = date_text(retention_date(school.academic_year))
    title = wording("chase", "title", collection=collection.title)
    pack = PackWorkbook(
        title, school.settings.school.name, wording("foot", "chase", until=until), now
    )
    columns = pack_columns(CHASE_COLUMNS)
    page = pack.page(wording("sheets", "chase"), columns)
    page.title_band(title, f"{school.settings.school.name}, {date_text(now.date())}")
    over = now.date() > collection.closes
    closing = wording(
        "chase", "closed" if over else "closes", day=date_text(collection.closes)
    )
    if not rows:
        page.sentence(wording("chase", "nobody"), answer=True)
        page.sentence(closing)
        return pack.close()
    absent = {row.class_code for row in rows if row.state == NOT_RETURNED}
    unfinished = {row.class_code for row in rows} - absent
    answer = wording(
        "chase",
        "answer",
        classes=count_text(len(absent | unfinished), "class", "classes"),
        absent=len(absent),
        unfinished=len(unfinished),
    )
    page.sentence(f"{answer} {closing}", answer=True)
    page.sentence(wording("chase", "note"), ink="quiet")
    page.table(_chase_table(rows), columns, filtered=True, frozen=1)
    return pack.close()


def _chase_table(rows: Sequence[ChaseLine]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "person": wording("chase", "stands_in", name=row.name)
                if row.stands_in
                else row.name,
                "email": row.email,
                "class": row.class_code,
                "subject": row.subject,
                "state": row.state,
                "concerned": row.pupils,
                "of_pupils": row.of_pupils,
                "due": date_text(row.due),
                "days_over": row.days_over,
                "heads": ", ".join(row.heads),
                "sentence": row.sentence,
            }
            for row in rows
        ]
    )
