"""Exports of one school in different formats give the same store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.generator.mis import sample_exports
from tests.generator.mis.conftest import ImportOffice

TABLES = ("pupils", "classes", "memberships", "staff", "roles", "indicators")
Write = Callable[[Path, sample_exports.SampleExports], list[Path]]


@pytest.mark.parametrize(
    "write", [sample_exports.write_semicolons, sample_exports.write_workbooks]
)
def test_the_same_school_in_other_formats_imports_exactly(
    offices: Callable[[str], ImportOffice], write: Write
) -> None:
    school = sample_exports.sample_exports()
    plain, other = offices("plain"), offices("other")
    first = plain.import_files(
        *sample_exports.write_plain(plain.folder / "exports", school)
    )
    second = other.import_files(*write(other.folder / "exports", school))
    assert first.refused == second.refused == 0
    assert (first.pupils, first.classes, first.memberships, first.staff) == (
        (20, 5, 47, 3)
    )
    assert other.content(TABLES) == plain.content(TABLES)
    assert not [p for p in first.problems if p.severity == "error"]


def test_a_single_list_of_everything_makes_a_school(
    offices: Callable[[str], ImportOffice],
) -> None:
    school = sample_exports.sample_exports()
    plain, other = offices("plain"), offices("other")
    plain.import_files(*sample_exports.write_plain(plain.folder / "exports", school))
    files = sample_exports.write_single(other.folder / "exports", school)
    report = other.import_files(*files)
    assert (report.pupils, report.classes, report.memberships) == (20, 5, 47)
    assert report.refused == 0
    for name in ("pupils", "classes", "memberships"):
        assert other.rows(name) == plain.rows(name), name
    assert [row["code"] for row in other.rows("staff")] == ["IO2", "KAM", "RO8"]
    before = other.content(TABLES)
    assert other.import_files(*files).refused == 0
    assert other.content(TABLES) == before


def test_a_second_identical_import_changes_nothing(office: ImportOffice) -> None:
    files = sample_exports.write_plain(
        office.folder / "exports", sample_exports.sample_exports()
    )
    office.import_files(*files)
    before = office.content((*TABLES, "roster_changes"))
    report = office.import_files(*files)
    assert office.content((*TABLES, "roster_changes")) == before
    assert (report.joiners, report.leavers, report.set_changes, report.changed) == (
        (0, 0, 0, 0)
    )


def test_names_that_break_programs_survive(office: ImportOffice) -> None:
    office.import_files(
        *sample_exports.write_plain(
            office.folder / "exports", sample_exports.sample_exports()
        )
    )
    names = [(row["surname"], row["forename"]) for row in office.rows("pupils")]
    assert names == sample_exports.NAMES
    assert office.pupil("000101")["surname"] == "O'Neill"


def test_lost_zeros_are_reported_once_for_each_list(
    office: ImportOffice,
) -> None:
    report = office.import_files(
        *sample_exports.write_workbooks(office.folder, sample_exports.sample_exports())
    )
    warnings = [p for p in report.problems if p.code == "leading-zeros"]
    assert {p.sheet for p in warnings} == {"KS2", "Conduct"}
    assert warnings[0].what == (
        "Admission numbers differ in their leading zeros: '101' was taken as '000101'."
    )
    assert warnings[0].cell.startswith("A5, A6")
