"""Every fault planted is found, nothing else is, and the counts add up."""

from __future__ import annotations

import os
import random
from collections import Counter

from generator import workflow

from .conftest import MATHS, Classroom, address
from .test_collecting import MA2, adds_up
from .test_merge import A, B, C, at

FILES = int(os.environ.get("MARKBOOK_RETURNS", "60"))
# field, what is typed, the code of the fault it is
FAULTS = [
    ("prediction", "Z", "grade-not-listed"),
    ("prediction", "10", "grade-not-listed"),
    ("prediction", "5?", "grade-not-listed"),
    ("working_at", "\u041e", "grade-not-listed"),  # a letter that looks like O
    ("working_at", "A*", "grade-not-listed"),
    ("prediction", "<><f>1+1</f><v>2</v>", "formula"),
    ("working_at", '< t="e"><v>#N/A</v>', "error-value"),
    ("effort", "9", "effort-not-listed"),
    ("reason", "because", "reason-not-listed"),
    ("praise", "Maybe", "praise-not-listed"),
    ("comment", "x" * 501, "too-long"),
]
GOOD = {
    "prediction": ("5", "5.0", " 5 ", 5, "Abs"),
    "working_at": ("4", "5", "TE"),
    "effort": ("1", "2"),
    "praise": ("Yes", "y"),
    "reason": ("attendance", "Coursework"),
    "comment": ("Well done.", "=) all good"),
    "target_query": ("6 please",),
}
PUPILS = {
    MATHS: [A, B, C, "000104", "000105"],
    MA2: ["000110", "000111", "000112"],
}


def test_found_is_planted(classroom: Classroom) -> None:
    dice = random.Random(11)
    planted: dict[str, set[tuple[str, str]]] = {}
    filled_in: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    issued = {code: classroom.issued(code) for code in PUPILS}
    places = {
        (code, adno, field): address(issued[code], "Markbook", adno, field)
        for code, pupils in PUPILS.items()
        for adno in pupils
        for field in GOOD
    }
    for number in range(FILES):
        code = dice.choice(list(PUPILS))
        name = f"{number:04}.xlsx"
        filled: dict[tuple[str, str], object] = {
            (adno, field): dice.choice(GOOD[field])
            for adno in PUPILS[code]
            for field in GOOD
            if dice.random() < 0.2
        }
        faults = {}
        for adno in PUPILS[code]:
            if dice.random() < 0.5:
                field, value, fault = FAULTS[(number + len(faults)) % len(FAULTS)]
                filled[adno, field] = value
                faults[places[code, adno, field]] = fault
                kinds[value] += 1
        if not filled:
            filled[PUPILS[code][0], "effort"] = "1"
        planted[f"returned/{name}"] = set(faults.items())
        filled_in[f"returned/{name}"] = len(filled)
        data = issued[code]
        classroom.send(name, code, filled, data=data, at=at(number + 1))
    report = classroom.collect()
    assert adds_up(report)
    assert len(kinds) == len(FAULTS)
    found = {
        one.file: {
            (cell, problem.code)
            for problem in one.problems
            if problem.severity == "error"
            for cell in problem.cell.split(", ")
        }
        for one in report.reports
    }
    assert found == planted
    for one in report.reports:
        assert sum(one.counts.values()) == filled_in[one.file], one.file
        assert one.counts.get("rejected", 0) == len(planted[one.file])
        assert not one.counts.get("conflict")
    assert report.cells["read"] == filled_in.total()
    rows = classroom.frame("returns").set_index("file")
    parts = ["new", "changed", "same", "rejected", "conflict"]
    assert (rows["read"] == rows[parts].sum(axis=1)).all()
    assert len(classroom.history()) == report.cells["new"] + report.cells["changed"]


def test_the_life_of_a_class(classroom: Classroom) -> None:
    first = {(A, "prediction"): "4", (B, "prediction"): "5", (C, "comment"): "Well."}
    classroom.send("first.xlsx", filled=first, at=at(1))
    classroom.collect()
    put_right = {(A, "prediction"): "6", (B, "prediction"): "5"}
    classroom.send("correction.xlsx", filled=put_right, at=at(20))
    assert classroom.collect().cells["changed"] == 1
    late = {(A, "prediction"): "3", (C, "prediction"): "7"}
    classroom.send("late old copy.xlsx", filled=late, at=at(10))
    report = classroom.collect()
    assert (report.cells["conflict"], report.cells["new"]) == (1, 1)
    assert (classroom.maths(A), classroom.maths(C)) == ("6", "7")

    # A moves to the other set, whose teacher says otherwise; both are issued again.
    exports = classroom.folder / "exports"
    lines = (exports / "memberships.csv").read_text().splitlines()
    upn = next(
        line.split(",")[1]
        for line in (exports / "pupils.csv").read_text().splitlines()
        if line.startswith(A)
    )
    moved = [f"{MA2},{upn}" if line == f"{MATHS},{upn}" else line for line in lines]
    assert moved != lines
    (exports / "memberships.csv").write_text("\n".join(moved) + "\n")
    workflow.import_exports(classroom.school, now=classroom.now, who="office")
    classroom.issue_again(MATHS, MA2)
    path = classroom.send("new set.xlsx", MA2, {(A, "prediction"): "7"}, at=at(120))
    report = classroom.collect(path)
    assert (report.cells["changed"], report.cells["conflict"]) == (1, 0)
    path = classroom.send(
        "old set.xlsx", MATHS, {(B, "prediction"): "6", (C, "effort"): "1"}, at=at(130)
    )
    report = classroom.collect(path)
    assert report.cells["conflict"] == 0

    assert classroom.marks() == {
        (A, "Mathematics", "prediction"): "7",
        (B, "Mathematics", "prediction"): "6",
        (C, "Mathematics", "prediction"): "7",
        (C, "Mathematics", "comment"): "Well.",
        (C, "Mathematics", "effort"): "1",
    }
    told = [row for row in classroom.history() if row[1] == "prediction"]
    assert told == [
        (A, "prediction", "", "4"),
        (B, "prediction", "", "5"),
        (A, "prediction", "4", "6"),
        (C, "prediction", "", "7"),
        (A, "prediction", "6", "7"),
        (B, "prediction", "5", "6"),
    ]
