"""The praise packs, counted again from the tables."""

from __future__ import annotations

from collections.abc import Sequence

from tests.recount.arithmetic import plural
from tests.recount.audit import SheetAudit, WorkbookAudit
from tests.recount.cover import check_charts, check_cover
from tests.recount.pupils import (
    PraiseLine,
    check_praise_page,
    on_roll,
    praise_lines,
    pupil_recounts,
)
from tests.recount.recount_data import Enrolment, RecountData
from tests.recount.test_department import ROLE, departments
from tests.recount.test_pastoral import settings

WORDING = (r"PROVISIONAL: under 90 in 100",)


def test_every_number_of_the_praise_packs(
    data: RecountData,
) -> None:
    pupils_on_roll = on_roll(data)
    of_departments = departments(data)
    years = sorted({int(pupil["year"]) for pupil in pupils_on_roll})
    paths = {path.stem: path for path in data.exports.pack_paths("praise")}
    scopes = [*(f"Year {year}" for year in years), *of_departments]
    assert set(paths) == {f"praise-{scope}" for scope in scopes}
    for year in years:
        adnos = {
            pupil["adno"] for pupil in pupils_on_roll if pupil["year"] == str(year)
        }
        rows = [row for row in data.enrolments if row.adno in adnos]
        leaver_count = sum(
            data.pupils[row["adno"]]["year"] == str(year) for row in data.leaver_marks
        )
        scope, names = f"Year {year}", (f"Year {year}", str(year), f"Y{year}")
        holders = data.holders("head of year", *names)
        pupils = [pupil for pupil in pupils_on_roll if pupil["adno"] in adnos]
        praised = _praised(data, rows, pupils, department=False)
        audit = WorkbookAudit(paths[f"praise-{scope}"], data.exports.labels)
        _count(
            audit,
            data,
            rows,
            praised,
            scope=scope,
            role="head of year",
            holders=holders,
            leaver_count=leaver_count,
        )
    for name, rows in of_departments.items():
        adnos, classes = {row.adno for row in rows}, {row.class_ for row in rows}
        pupils = [pupil for pupil in pupils_on_roll if pupil["adno"] in adnos]
        praised = _praised(data, rows, pupils, department=True)
        audit = WorkbookAudit(paths[f"praise-{name}"], data.exports.labels)
        _count(
            audit, data, rows, praised,
            scope=name, role=ROLE, holders=data.holders(ROLE, name),
            leaver_count=sum(row["class"] in classes for row in data.leaver_marks),
        )  # fmt: skip


def _praised(
    data: RecountData,
    rows: Sequence[Enrolment],
    pupils: Sequence[dict[str, str]],
    *,
    department: bool,
) -> list[PraiseLine]:
    _, least, improved = settings(data)
    return praise_lines(
        pupil_recounts(data, rows, pupils),
        least=least,
        improved=improved,
        department=department,
    )


def _count(
    audit: WorkbookAudit,
    data: RecountData,
    rows: Sequence[Enrolment],
    praised: Sequence[PraiseLine],
    *,
    scope: str,
    role: str,
    holders: Sequence[str],
    leaver_count: int,
) -> None:
    _, least, improved = settings(data)
    audit.ignore_wording(*WORDING)
    rule = (
        "On or above target in all of the department's subjects and above in one; or "
        f"singled out by a teacher; or among the {improved} whose predictions have "
        "risen most since the collection before."
    )
    if role != ROLE:
        rule = (
            f"On or above target in {least} subjects or more; or singled out by a "
            f"teacher; or among the {improved} whose predictions have risen most since "
            "the collection before, on average over at least 3 subjects that can be "
            "matched."
        )
    answer = f"{plural(len(praised), 'pupil')} to praise."
    if not praised:
        answer = "Nobody is to be praised yet."
        if not any(row.flag for row in rows):
            answer = (
                "Nothing has come back yet: no pupil has a prediction and a target in "
                "this collection."
            )
    check_cover(
        audit["Cover"], data, rows, scope=scope, role=role, holders=holders,
        opening=[answer, rule], leaver_count=leaver_count,
    )  # fmt: skip
    check_praise_page(audit["Praise"], f"{scope}: praise", praised)
    audit["Praise"].expect("A4", rule)
    _letters(audit["Letters"], praised)
    assert not check_charts(audit)
    audit.assert_complete()


def _letters(sheet: SheetAudit, praised: Sequence[PraiseLine]) -> None:
    """Check the list for letters, in the same order."""
    lines = sheet.lines("Forename", "Surname", "Reg", "Year", "Why")
    assert len(lines) == len(praised)
    for line, praise in zip(lines, praised, strict=True):
        line.expect(
            {
                "Forename": praise.summary.pupil["forename"],
                "Surname": praise.summary.pupil["surname"],
                "Reg": praise.summary.pupil["reg"],
                "Year": int(praise.summary.pupil["year"]),
                "Why": praise.why,
            }
        )
