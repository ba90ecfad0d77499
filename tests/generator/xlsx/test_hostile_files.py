"""Each file of the hostile corpus is refused in one sentence, quickly."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from generator.xlsx.reader import read_workbook
from generator.xlsx.refusals import REFUSALS, FileRefused, refusal_message
from generator.xlsx.worker import read_file
from tests.generator.classroom import Classroom, packed, unpacked
from tests.generator.xlsx.hostile_files import (
    HostileFile,
    damaged_markbooks,
    foreign_files,
)

SECONDS = 2.0


@pytest.mark.parametrize("hostile", list(foreign_files()), ids=lambda file: file.name)
def test_a_file_that_is_no_workbook_is_named_for_what_it_is(
    hostile: HostileFile, tmp_path: Path
) -> None:
    path = tmp_path / hostile.name
    path.write_bytes(hostile.data)
    assert json.loads(read_file(str(path)))["refused"][0] == hostile.code


def test_every_damaged_markbook_is_refused_quickly(issued_school: Path) -> None:
    good = (issued_school / "issued/AUT/ABA/10x-Ma1.xlsx").read_bytes()
    read_workbook(good)
    codes, slow = {}, {}
    expected = {}
    for hostile in damaged_markbooks(good):
        expected[hostile.name] = hostile.code
        start = time.process_time()
        try:
            read_workbook(hostile.data)
            codes[hostile.name] = "read"
        except FileRefused as refused:
            codes[hostile.name] = refused.code
        if (seconds := time.process_time() - start) > SECONDS:
            slow[hostile.name] = seconds
    assert codes == expected
    assert not slow
    assert len(expected) >= 40


def test_a_corpus_in_the_inbox_never_stops_a_run(classroom: Classroom) -> None:
    good = classroom.issued("10x/Ma1")
    expected = {}
    for hostile in [*foreign_files(), *damaged_markbooks(good)]:
        if hostile.name == "cells.xlsx":
            continue  # tried above; it is large
        (classroom.returned / hostile.name).write_bytes(hostile.data)
        expected[f"returned/{hostile.name}"] = hostile.code
    classroom.send("good.xlsx", filled={("000101", "prediction"): "6"})
    report = classroom.collect()
    assert len(expected) > 60
    assert report.files["rejected"] == len(expected)
    assert report.files["merged"] == 1
    assert {problem.file: problem.code for problem in report.problems} == expected
    for problem in report.problems:
        assert problem.what.endswith(".")
        assert problem.do.endswith(".")
    assert list(classroom.marks().values()) == ["6"]


def test_every_refusal_is_two_whole_sentences() -> None:
    for code in REFUSALS:
        what, do = refusal_message(code, "something")
        assert what[0].isupper()
        assert what.endswith(".")
        assert do.endswith(".")
        assert "{" not in what + do


def test_links_to_other_workbooks_are_a_warning(classroom: Classroom) -> None:
    def link(parts: dict[str, bytes]) -> None:
        book = parts["xl/workbook.xml"]
        parts["xl/workbook.xml"] = book.replace(
            b"</sheets>",
            b"</sheets><externalReferences><externalReference/></externalReferences>",
        )

    classroom.send("a.xlsx", filled={("000101", "prediction"): "6"}, change=link)
    report = classroom.collect()
    assert report.files["merged"] == 1
    assert [problem.code for problem in report.problems] == ["linked"]


def test_a_wrong_dimension_is_ignored(issued_school: Path) -> None:
    good = (issued_school / "issued/AUT/ABA/10x-Ma1.xlsx").read_bytes()
    parts = unpacked(good)
    name = "xl/worksheets/sheet2.xml"
    parts[name] = parts[name].replace(b'ref="A1:T19"', b'ref="A1:XFD1048576"')
    assert read_workbook(packed(parts)).sheets["Markbook"].cells == (
        read_workbook(good).sheets["Markbook"].cells
    )
