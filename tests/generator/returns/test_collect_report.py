"""Every planted fault is reported, nothing else is, and the counts add up."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from functools import partial

import pandas as pd

from generator import workflow
from tests.generator.classroom import MATHS, Classroom, address, sheet_part
from tests.generator.returns.test_collect import MA2, adds_up
from tests.generator.returns.test_merge import A, B, C, at

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
    reported = {
        file.file: {
            (cell, problem.code)
            for problem in file.problems
            if problem.severity == "error"
            for cell in problem.cell.split(", ")
        }
        for file in report.reports
    }
    assert reported == planted
    for file in report.reports:
        assert sum(file.counts.values()) == filled_in[file.file], file.file
        assert file.counts.get("rejected", 0) == len(planted[file.file])
        assert not file.counts.get("conflict")
    assert report.cells["read"] == filled_in.total()
    rows = classroom.frame("returns").set_index("file")
    parts = ["new", "changed", "same", "rejected", "conflict"]
    assert (rows["read"] == rows[parts].sum(axis=1)).all()
    assert len(classroom.history()) == report.cells["new"] + report.cells["changed"]


# What can become of a whole row, and the error at each mark that stands in it.
ROW_FAULTS = {
    "stranger": "unknown-pupil",
    "no Adno": "no-adno",
    "half sorted": "row-mixed-up",
    "merged": "merged",
    "whole": "",
}


def test_found_is_planted_row_by_row(classroom: Classroom) -> None:
    dice = random.Random(7)
    data = classroom.issued(MATHS)
    pupils = classroom.frame("pupils").set_index("adno")
    place = partial(address, data, "Markbook")
    planted: dict[str, set[tuple[str, str]]] = {}
    good: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for number in range(FILES // 2):
        filled: dict[tuple[str, str], object] = {}
        faults: set[tuple[str, str]] = set()
        merges: list[str] = []
        name = f"returned/{number:04}.xlsx"
        for adno in PUPILS[MATHS]:
            kind = dice.choice(list(ROW_FAULTS))
            marks = {
                (adno, field): dice.choice(GOOD[field])
                for field in ("working_at", "prediction", "comment")
                if dice.random() < 0.7
            }
            other = dice.choice([pupil for pupil in PUPILS[MATHS] if pupil != adno])
            if kind == "stranger":
                filled[adno, "adno"] = "999999"
            elif kind == "no Adno":
                filled[adno, "adno"] = ""
            elif kind == "half sorted":
                for field in ("surname", "forename"):
                    filled[adno, field] = str(pupils.loc[other, field])
            elif kind == "merged":
                marks = {(adno, "prediction"): "5"}
                where = place(adno, "prediction")
                merges.append(f"{where}:{where[0]}{int(where[1:]) + 1}")
            spoilt = ROW_FAULTS[kind]
            if kind == "half sorted" and _share_a_name(pupils, adno, other):
                spoilt = ""
            filled |= marks
            if spoilt:
                faults |= {(place(*mark), spoilt) for mark in marks}
            else:
                good[name] += len(marks)
            kinds[spoilt] += len(marks)
        merged = "".join(f'<mergeCell ref="{where}"/>' for where in merges)
        covered = [int(area.rpartition(":")[2][1:]) for area in merges]
        for (adno, field), _ in list(filled.items()):
            where = place(adno, field)
            under = field == "prediction" and int(where[1:]) in covered
            if under and not any(cell == where for cell, _ in faults):
                faults.add((where, "merged"))
                good[name] -= 1

        def merge(parts: dict[str, bytes], merged: str = merged) -> None:
            part = sheet_part(parts, "Markbook")
            xml = parts[part].decode()
            if merged:
                assert "<mergeCells" not in xml
                at_end = re.search(r"<(phoneticPr|conditionalFormatting|data)", xml)
                assert at_end
                head, tail = xml[: at_end.start()], xml[at_end.start() :]
                xml = f"{head}<mergeCells>{merged}</mergeCells>{tail}"
            parts[part] = xml.encode()

        classroom.send(
            name.removeprefix("returned/"),
            filled=filled,
            at=at(number + 1),
            change=merge,
        )
        planted[name] = faults
    report = classroom.collect()
    assert adds_up(report)
    assert set(kinds) == set(ROW_FAULTS.values())
    for file in report.reports:
        reported = {
            (cell, problem.code)
            for problem in file.problems
            if problem.severity == "error"
            for cell in problem.cell.split(", ")
        }
        assert reported == planted[file.file], file.file
        assert file.counts.get("rejected", 0) == len(planted[file.file])
        assert sum(file.counts.values()) == len(planted[file.file]) + good[file.file]


def _share_a_name(pupils: pd.DataFrame, adno: str, other: str) -> bool:
    return any(
        pupils.loc[adno, field] == pupils.loc[other, field]
        for field in ("surname", "forename")
    )


def test_the_life_of_a_class(classroom: Classroom) -> None:
    first = {(A, "prediction"): "4", (B, "prediction"): "5", (C, "comment"): "Well."}
    classroom.send("first.xlsx", filled=first, at=at(1))
    classroom.collect()
    corrected = {(A, "prediction"): "6", (B, "prediction"): "5"}
    classroom.send("correction.xlsx", filled=corrected, at=at(20))
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
    changes = [row for row in classroom.history() if row[1] == "prediction"]
    assert changes == [
        (A, "prediction", "", "4"),
        (B, "prediction", "", "5"),
        (A, "prediction", "4", "6"),
        (C, "prediction", "", "7"),
        (A, "prediction", "6", "7"),
        (B, "prediction", "5", "6"),
    ]
