from __future__ import annotations

import pytest

from tests.generator.mis.conftest import ImportOffice

PUPILS = "Adno,UPN,Surname,Forename,Year\n0041,,Ali,Ann,10\n0042,,Bell,Ben,10\n"
HEADINGS = "Adno,From,To,Possible,Attended,Authorised,Unauthorised,Late\n"


@pytest.fixture
def here(office: ImportOffice) -> ImportOffice:
    office.import_texts(pupils=PUPILS)
    return office


def totals(office: ImportOffice) -> dict[str, tuple[object, ...]]:
    names = ("from", "to", "possible", "attended", "authorised", "unauthorised", "late")
    return {
        str(row["adno"]): tuple(row[name] for name in names)
        for row in office.rows("attendance")
    }


def test_totals_are_stored_by_pupil_and_period(here: ImportOffice) -> None:
    report = here.import_texts(
        attendance=f"{HEADINGS}0041,02/09/2026,27/11/2026,120,111,6,3,2\n"
        "0042,2026-09-02,2026-11-27,120,,,0,\n"
    )
    assert report.refused == 0
    assert totals(here) == {
        "0041": ("2026-09-02", "2026-11-27", 120, 111, 6, 3, 2),
        "0042": ("2026-09-02", "2026-11-27", 120, None, None, 0, None),
    }


def test_the_same_period_again_is_replaced(here: ImportOffice) -> None:
    for attended in (110, 111):
        here.import_texts(
            attendance=f"{HEADINGS}41,2026-09-02,2026-11-27,120,{attended},6,3,2\n"
        )
    assert [row[3] for row in totals(here).values()] == [111]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("0041,,2026-11-27,96%,1,1,1,1", "attendance-not-a-number"),
        ("0041,,2026-11-27,-4,1,1,1,1", "attendance-not-a-number"),
        ("0041,,2026-11-27,,1,1,1,1", "attendance-incomplete"),
        ("0041,,2026-11-27,120,110,10,,1", "attendance-incomplete"),
        ("0041,,2026-11-27,120,119,1,1,1", "attendance-too-high"),
        ("0999,,2026-11-27,120,119,1,0,1", "pupil-unknown"),
    ],
)
def test_a_wrong_row_is_left_out_and_named(
    here: ImportOffice, line: str, code: str
) -> None:
    good = "0042,2026-09-02,2026-11-27,120,120,0,0,0\n"
    report = here.import_texts(attendance=f"{HEADINGS}{line}\n{good}")
    assert code in {problem.code for problem in report.problems}
    assert report.refused == 1 and list(totals(here)) == ["0042"]
