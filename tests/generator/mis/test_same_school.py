"""One school in many clothes: whatever the MIS calls things, the store is the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.generator.mis import sample_exports
from tests.generator.mis.conftest import ImportOffice

TABLES = ("pupils", "classes", "memberships", "staff", "roles", "indicators")
Write = Callable[[Path, sample_exports.Made], list[Path]]


@pytest.mark.parametrize(
    "write", [sample_exports.write_semicolons, sample_exports.write_workbooks]
)
def test_the_same_school_in_other_clothes_imports_exactly(
    offices: Callable[[str], ImportOffice], write: Write
) -> None:
    school = sample_exports.made()
    plain, other = offices("plain"), offices("other")
    first = plain.bring(*sample_exports.write_plain(plain.folder / "exports", school))
    second = other.bring(*write(other.folder / "exports", school))
    assert first.refused == second.refused == 0
    assert (first.pupils, first.classes, first.memberships, first.staff) == (
        (20, 5, 47, 3)
    )
    assert other.content(TABLES) == plain.content(TABLES)
    assert not [p for p in first.problems if p.severity == "error"]


def test_a_single_list_of_everything_makes_a_school(
    offices: Callable[[str], ImportOffice],
) -> None:
    school = sample_exports.made()
    plain, other = offices("plain"), offices("other")
    plain.bring(*sample_exports.write_plain(plain.folder / "exports", school))
    files = sample_exports.write_single(other.folder / "exports", school)
    report = other.bring(*files)
    assert (report.pupils, report.classes, report.memberships) == (20, 5, 47)
    assert report.refused == 0
    for name in ("pupils", "classes", "memberships"):
        assert other.rows(name) == plain.rows(name), name
    assert [row["code"] for row in other.rows("staff")] == ["IO2", "KAM", "RO8"]
    before = other.content(TABLES)
    assert other.bring(*files).refused == 0
    assert other.content(TABLES) == before


def test_a_second_identical_import_changes_nothing(office: ImportOffice) -> None:
    files = sample_exports.write_plain(office.folder / "exports", sample_exports.made())
    office.bring(*files)
    before = office.content((*TABLES, "roster_changes"))
    report = office.bring(*files)
    assert office.content((*TABLES, "roster_changes")) == before
    assert (report.joiners, report.leavers, report.set_changes, report.changed) == (
        (0, 0, 0, 0)
    )


def test_names_that_hurt_survive_as_text(office: ImportOffice) -> None:
    office.bring(
        *sample_exports.write_plain(office.folder / "exports", sample_exports.made())
    )
    names = [(row["surname"], row["forename"]) for row in office.rows("pupils")]
    assert names == sample_exports.NAMES
    assert office.pupil("000101")["surname"] == "O'Neill"


def test_numbers_that_lost_their_zeros_are_said_once_for_a_list(
    office: ImportOffice,
) -> None:
    report = office.bring(
        *sample_exports.write_workbooks(office.folder, sample_exports.made())
    )
    said = [p for p in report.problems if p.code == "leading-zeros"]
    assert {p.sheet for p in said} == {"KS2", "Conduct"}
    assert said[0].what == (
        "Admission numbers differ in their leading zeros: '101' was taken as '000101'."
    )
    assert said[0].cell.startswith("A5, A6")
