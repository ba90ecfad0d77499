"""The headline by hand in the manual is what the demonstration school shows."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import openpyxl
import pytest

from generator import workflow
from generator.demo import run_demo
from generator.school.school import School
from tests.conftest import DEMO_DAY
from tests.project import ROOT

PAGE = (ROOT / "docs/manual/what-it-measures.md").read_text(encoding="utf-8")
QUOTIENT = re.compile(r"([\d.]+) / (\d+) = (\d+\.\d+)")


def test_the_divisions_of_the_page_are_right():
    quotients = QUOTIENT.findall(PAGE)
    assert len(quotients) == 4
    for total, pupils, mean in quotients:
        assert float(mean) == pytest.approx(float(total) / int(pupils), abs=0.005)


def scores(school: School, folder: Path, code: str, column: str) -> dict[str, float]:
    """The scores of Year 11 in a collection, of the pupils who have one."""
    path = folder / f"{code}.csv"
    workflow.export(school, "pupil_measures", collection=code, out=path, now=DEMO_DAY)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            row["adno"]: float(row[column])
            for row in csv.DictReader(file)
            if row["year"] == "11" and row[column]
        }


def by_hand(school: School, folder: Path) -> dict[str, tuple[float, int]]:
    """Sums of scores and numbers of pupils, as the page has them."""
    now, then = (
        scores(school, folder, code, "attainment8") for code in ("AUT2", "AUT1")
    )
    carried = scores(school, folder, "AUT2", "value_carried")
    both = now.keys() & then.keys()
    return {
        "given": (sum(now.values()), len(now)),
        "headline": (sum(carried.values()), len(carried)),
        "then": (sum(then[adno] for adno in both), len(both)),
        "now": (sum(now[adno] for adno in both), len(both)),
    }


def headline_sentences(school: School) -> str:
    (path,) = school.folder.glob("packs/AUT2/**/leadership.xlsx")
    sheet = openpyxl.load_workbook(path)["Headlines"]
    return "\n".join(str(row[0].value) for row in sheet.iter_rows(max_row=30))


def agree_with_the_pack(school: School, folder: Path) -> None:
    text, hand = headline_sentences(school), by_hand(school, folder)
    total, pupils = hand["headline"]
    assert f"Year 11: Attainment 8 {total / pupils:.1f} for {pupils} of " in text
    (then, n), (now, _) = hand["then"], hand["now"]
    assert (
        f"Of the {n} pupils predicted both times, Attainment 8 was {then / n:.1f} in "
        f"AUT1 and is {now / n:.1f} now." in text
    )


def test_the_pack_of_a_small_demonstration_agrees_with_a_hand_computation(
    demonstration, tmp_path: Path
):
    agree_with_the_pack(School.load(demonstration.report.folder), tmp_path)


@pytest.mark.slow
def test_the_figures_of_the_page_are_those_of_the_demonstration(tmp_path: Path):
    run_demo(tmp_path / "school", now=DEMO_DAY, who="Demo")
    school = School.load(tmp_path / "school")
    agree_with_the_pack(school, tmp_path)
    hand = by_hand(school, tmp_path)
    order = ("given", "headline", "then", "now")
    of_page = [(float(t), int(n)) for t, n, _ in QUOTIENT.findall(PAGE)]
    assert of_page == [
        (pytest.approx(total, abs=0.01), n)
        for total, n in (hand[name] for name in order)
    ]
