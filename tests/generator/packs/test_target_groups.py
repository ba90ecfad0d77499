from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from generator.packs.facts.near_thresholds import ebacc_below
from generator.school.school import School
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import exported, write_kinds
from tests.generator.packs.sample_school import adno


def run(school: School, store: Store, code: str = "AUT") -> Any:
    return write_kinds(school, store, ["target-groups"], code)


def rows(school: School, sheet: str, code: str = "AUT") -> list[dict[str, Any]]:
    page = load_workbook(school.packs(code) / "target-groups.xlsx")[sheet]
    lines = list(page.iter_rows(values_only=True))
    start = next(at for at, line in enumerate(lines) if line[0] == "Adno")
    names = lines[start]
    return [
        dict(zip(names, line, strict=True)) for line in lines[start + 1 :] if line[0]
    ]


def words(school: School, sheet: str, code: str = "AUT") -> str:
    page = load_workbook(school.packs(code) / "target-groups.xlsx")[sheet]
    cells = (cell for line in page.iter_rows(values_only=True) for cell in line)
    return "\n".join(str(cell) for cell in cells if cell is not None)


@pytest.fixture
def near(school: School, store: Store) -> Store:
    """Pupils 1 to 3 take English and maths: one of each kind."""
    with store.begin() as connection:
        for number, grades in {
            1: ("5", "5", "3"), 2: ("3", "3", "2"), 3: ("3", "4", "3"),
        }.items():  # fmt: skip
            subjects = ("Mathematics", "English Language", "English Literature")
            for subject, grade in zip(subjects, grades, strict=True):
                sample_school.mark(
                    connection, "AUT", adno(number), subject, "prediction", grade
                )
    run(school, store)
    return store


def test_each_pupil_is_on_the_list_where_anybody_would_put_him(
    school: School, near: Store
) -> None:
    marks = exported(school, near, "marks", "AUT")
    best: dict[tuple[str, bool], int] = {}
    for mark in marks:
        if mark["prediction"].isdigit() and mark["subject"] != "French":
            key = mark["adno"], mark["subject"] == "Mathematics"
            best[key] = max(best.get(key, 0), int(mark["prediction"]))
    told = {
        (True, True): "both secure", (True, False): "English only",
        (False, True): "maths only",
    }  # fmt: skip
    found = {row["Adno"]: row for row in rows(school, "English and maths")}
    assert {adno(1), adno(2), adno(3)} <= set(found)
    for pupil in (adno(1), adno(2), adno(3)):
        english, maths = best[pupil, False], best[pupil, True]
        for least in (4, 5):
            expected = told.get((english >= least, maths >= least))
            if expected is None:
                near_it = min(english, maths) >= least - 1
                expected = "neither, within one grade" if near_it else "further away"
            assert found[pupil][f"{least}+"] == expected
    assert found[adno(13)]["4+"] == "not taken"
    assert found[adno(1)]["4+"] == "both secure"
    assert found[adno(2)]["4+"] == "neither, within one grade"
    assert found[adno(3)]["4+"] == "English only"


def test_what_a_grade_adds_is_what_the_exported_table_says(
    school: School, near: Store
) -> None:
    measured = {
        row["adno"]: row for row in exported(school, near, "pupil_measures", "AUT")
    }
    shown = rows(school, "Two grades")
    assert len(shown) == len(measured)
    for row in shown:
        theirs = measured[row["Adno"]]
        so_far = theirs["points_so_far"]
        assert row["Attainment 8"] == (pytest.approx(float(so_far)) if so_far else None)
        if row["First"]:
            first = row["First"].rpartition(" → ")[0].rpartition(" ")[0]
            assert first in theirs["best_rise"]
            assert row["First adds"] <= float(theirs["best_rise_adds"])
    assert any(row["First"] for row in shown)


def test_ebacc_subjects_below_target_are_those_of_the_marks(
    school: School, near: Store
) -> None:
    counts: dict[str, int] = {}
    for mark in exported(school, near, "marks", "AUT"):
        if mark["flag"] in ("below", "well below"):
            counts[mark["adno"]] = counts.get(mark["adno"], 0) + 1
    shown = {r["Adno"]: r["Below in"] for r in rows(school, "EBacc below target")}
    assert shown == counts  # all subjects of this school are of the EBacc


def test_those_listed_last_time_are_followed_up(school: School, near: Store) -> None:
    said = words(school, "English and maths")
    assert "listed for 5+ in SUM" in said
    assert all("4+ last time" in row for row in rows(school, "English and maths"))


def test_the_lists_are_dated_and_hold_no_upn(school: School, near: Store) -> None:
    assert "Autumn, 22 Nov 2026" in words(school, "7 to 9")
    assert "U0000" not in words(school, "7 to 9") + words(school, "English and maths")


def test_with_no_returns_the_lists_say_so(school: School, empty_store: Store) -> None:
    run(school, empty_store)
    said = words(school, "English and maths")
    assert "nobody has a prediction in both English and mathematics yet" in said
    for sheet in ("7 to 9", "EBacc below target", "Groups below target"):
        assert "Nobody has a prediction yet" in words(school, sheet)


def test_a_collection_of_other_years_has_no_lists(school: School, store: Store) -> None:
    report = run(school, store, "KS3")
    assert report.files == ("packs/KS3/target-groups.xlsx",)
    assert "Nobody of Year 10 and Year 11 is in this collection" in words(
        school, "Cover", "KS3"
    )


def test_nobody_to_read_it_is_a_problem(school: School, store: Store) -> None:
    (problem,) = run(school, store).problems
    assert problem.code == "no-senior-leader"


def test_who_is_judged_below_without_a_target_is_named_all_the_same() -> None:
    rows = pd.DataFrame(
        {
            "adno": ["004001", "004001"],
            "subject": ["French", "Maths"],
            "slot": ["languages", "maths"],
            "flag": ["Below", "Below"],
            "prediction": ["below", "3"],
            "target": [None, "4"],
            "gap": pd.array([None, -60], dtype="Int64"),
        }
    )
    (line,) = ebacc_below(rows).to_dict("records")
    assert line == {
        "adno": "004001",
        "below_in": 2,
        "named": "Maths 3 (4), French below",
    }
