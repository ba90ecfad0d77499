"""Every kind of bad return among sixty good ones: each named once, the good merge."""

from __future__ import annotations

from collections import Counter, defaultdict

from generator.xlsx.encryption import encrypt
from tests.generator.classroom import Classroom, fill
from tests.generator.returns.test_bounded_work import references
from tests.generator.returns.test_merge import at
from tests.generator.returns.test_struck_out import inline
from tests.generator.xlsx.hostile_files import damaged_markbooks, foreign_files
from tests.generator.xlsx.test_package import backslashed, renamed, zip64

PUPILS = [f"{number:06}" for number in range(101, 110)]
FIELDS = {
    "prediction": "6", "working_at": "5", "effort": "2", "praise": "Yes",
    "comment": "Works well.", "target_query": "7: mock was 7", "reason": "other",
}  # fmt: skip
GOOD = 60
QUESTIONS: dict[str, tuple[str, object]] = {
    "grade": ("prediction", "Grade 6"),
    "pair": ("prediction", "6/5"),
    "plus": ("prediction", "5+"),
    "struck": ("prediction", inline(("", "5"), ("<strike/>", "4"))),
    "error": ("prediction", '< t="e"><v>#N/A</v>'),
}
# Large ones, and those that are opened for what is in them: tested by themselves.
ELSEWHERE = {
    "cells.xlsx",
    "elements.xlsx",
    "eml.xlsx",
    "msg.xlsx",
    "plain.xlsx",
}
CODES = {"struck": "struck-out", "error": "error-value"}


def test_each_bad_file_is_named_once_and_the_good_ones_merge(
    classroom: Classroom,
) -> None:
    cells = [(adno, field) for field in FIELDS for adno in PUPILS][:GOOD]
    for number, (adno, field) in enumerate(cells):
        classroom.send(
            f"good-{number:02}.xlsx",
            filled={(adno, field): FIELDS[field]},
            at=at(1),
        )
    expected: dict[str, list[str]] = {}
    good = classroom.issued("10x/Ma1")
    for hostile in [*foreign_files(), *damaged_markbooks(good)]:
        if hostile.name not in ELSEWHERE:
            (classroom.returned / hostile.name).write_bytes(hostile.data)
            expected[f"returned/{hostile.name}"] = [hostile.code]
    classroom.send("references.xlsx", change=references("x" * 300))
    expected["returned/references.xlsx"] = ["too-much"]
    for row, (name, (field, value)) in enumerate(QUESTIONS.items()):
        # In another class, so that nothing differs from the good ones.
        code = "10y/Ma2"
        filled = {(7 + row % 3, field): value}
        classroom.send(f"{name}.xlsx", code, filled, at=at(2 + row))
        expected[f"returned/{name}.xlsx"] = [CODES.get(name, "grade-not-listed")]
    other = fill(classroom.issued("10y/Ma2"), {(7, "effort"): "1"}, at=at(1))
    for name, data in {
        "locked.xlsx": encrypt(other, "VelvetSweatshop"),
        "zip64.xlsx": zip64(other),
        "slashes.xlsx": renamed(other, backslashed),
    }.items():
        (classroom.returned / f"read-{name}").write_bytes(data)
    report = classroom.collect()
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for problem in report.problems:
        if problem.severity == "error":
            codes[problem.file].append(problem.code)
    assert dict(codes) == expected
    assert set(cells) <= {(adno, field) for adno, _, field in classroom.marks()}
    assert classroom.marks()["000110", "Mathematics", "effort"] == "1"
    assert Counter(path.status for path in report.reports)["rejected"] == sum(
        name.removeprefix("returned/").removesuffix(".xlsx") not in QUESTIONS
        for name in expected
    )
