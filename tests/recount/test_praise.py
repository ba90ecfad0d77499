"""Whom to praise: every number of the packs is counted again from the tables."""

from __future__ import annotations

from collections.abc import Sequence

from tests.recount.arithmetic import many
from tests.recount.audit import Ledger, Sheet
from tests.recount.cover import charts, cover
from tests.recount.pupils import Praised, across, on_roll, praise_page, to_praise
from tests.recount.recount_data import Reckoning, Taught
from tests.recount.test_department import ROLE, departments
from tests.recount.test_pastoral import settings

WORDING = (r"PROVISIONAL: under 90 in 100",)


def test_every_number_of_the_praise_packs_is_counted_again(
    reckoning: Reckoning,
) -> None:
    here = on_roll(reckoning)
    of_departments = departments(reckoning)
    years = sorted({int(pupil["year"]) for pupil in here})
    paths = {path.stem: path for path in reckoning.books.named("praise")}
    scopes = [*(f"Year {year}" for year in years), *of_departments]
    assert set(paths) == {f"praise-{scope}" for scope in scopes}
    for year in years:
        adnos = {pupil["adno"] for pupil in here if pupil["year"] == str(year)}
        rows = [one for one in reckoning.taught if one.adno in adnos]
        gone = sum(
            reckoning.pupils[row["adno"]]["year"] == str(year) for row in reckoning.gone
        )
        scope, names = f"Year {year}", (f"Year {year}", str(year), f"Y{year}")
        holders = reckoning.holders("head of year", *names)
        pupils = [pupil for pupil in here if pupil["adno"] in adnos]
        praised = _praised(reckoning, rows, pupils, department=False)
        ledger = Ledger(paths[f"praise-{scope}"], reckoning.books.labels)
        _count(
            ledger, reckoning, rows, praised,
            scope=scope, role="head of year", holders=holders, gone=gone,
        )  # fmt: skip
    for name, rows in of_departments.items():
        adnos, classes = {one.adno for one in rows}, {one.class_ for one in rows}
        pupils = [pupil for pupil in here if pupil["adno"] in adnos]
        praised = _praised(reckoning, rows, pupils, department=True)
        ledger = Ledger(paths[f"praise-{name}"], reckoning.books.labels)
        _count(
            ledger, reckoning, rows, praised,
            scope=name, role=ROLE, holders=reckoning.holders(ROLE, name),
            gone=sum(row["class"] in classes for row in reckoning.gone),
        )  # fmt: skip


def _praised(
    reckoning: Reckoning,
    rows: Sequence[Taught],
    pupils: Sequence[dict[str, str]],
    *,
    department: bool,
) -> list[Praised]:
    _, least, improved = settings(reckoning)
    return to_praise(
        across(reckoning, rows, pupils),
        least=least,
        improved=improved,
        department=department,
    )


def _count(
    ledger: Ledger,
    reckoning: Reckoning,
    rows: Sequence[Taught],
    praised: Sequence[Praised],
    *,
    scope: str,
    role: str,
    holders: Sequence[str],
    gone: int,
) -> None:
    _, least, improved = settings(reckoning)
    ledger.wording(*WORDING)
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
    answer = f"{many(len(praised), 'pupil')} to praise."
    if not praised:
        answer = "Nobody is to be praised yet."
        if not any(one.flag for one in rows):
            answer = (
                "Nothing has come back yet: no pupil has a prediction and a target in "
                "this collection."
            )
    cover(
        ledger["Cover"], reckoning, rows, scope=scope, role=role, holders=holders,
        said=[answer, rule], gone=gone,
    )  # fmt: skip
    praise_page(ledger["Praise"], f"{scope}: praise", praised)
    ledger["Praise"].says("A4", rule)
    _letters(ledger["Letters"], praised)
    assert not charts(ledger)
    ledger.settle()


def _letters(sheet: Sheet, praised: Sequence[Praised]) -> None:
    """A bare list, in the same order."""
    lines = sheet.lines("Forename", "Surname", "Reg", "Year", "Why")
    assert len(lines) == len(praised)
    for line, one in zip(lines, praised, strict=True):
        line.are(
            {
                "Forename": one.of.pupil["forename"],
                "Surname": one.of.pupil["surname"],
                "Reg": one.of.pupil["reg"],
                "Year": int(one.of.pupil["year"]),
                "Why": one.why,
            }
        )
