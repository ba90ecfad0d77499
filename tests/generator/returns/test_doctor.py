"""The report of doctor on files of every kind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from generator import workflow
from generator.returns.doctor import NotAFile
from generator.returns.doctor_report import DoctorReport
from tests.generator.classroom import MATHS, Classroom, sheet_part
from tests.generator.returns.test_merge import A, B, at
from tests.generator.xlsx.hostile_files import foreign_files


def doctor(classroom: Classroom, path: Path) -> DoctorReport:
    return workflow.doctor(classroom.school, path, now=classroom.now)


def test_a_markbook_as_it_came_back_is_fine(classroom: Classroom) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    before = classroom.dump()
    report = doctor(classroom, path)
    assert report.exit_status == 0
    assert (report.classes, report.collection) == ((MATHS,), "AUT")
    assert report.counts["filled"] == report.counts["readable"] == 1
    assert report.changes == ()
    assert "Nothing that markbooks need was lost in saving." in report.lines()
    assert "It has not been collected in its present state." in report.lines()
    assert classroom.dump() == before
    assert json.loads(json.dumps(report.json()))["ours"] is True


def test_doctor_reports_when_a_file_was_collected(classroom: Classroom) -> None:
    filled = {(A, "prediction"): "6", (B, "prediction"): "Z"}
    path = classroom.send("a.xlsx", filled=filled, at=at(1))
    classroom.collect()
    report = doctor(classroom, path)
    assert report.exit_status == 1
    assert report.counts["to_put_right"] == 1
    assert "returned/a.xlsx" in report.past[0]
    assert "merged; 1 values merged; 1 cells left rejected" in report.past[0]
    workflow.undo(classroom.school, "a.xlsx", now=classroom.now, who="office")
    assert "undone" in doctor(classroom, path).past[0]


def test_doctor_reports_what_software_did_to_a_file(classroom: Classroom) -> None:
    def spoil(parts: dict[str, bytes]) -> None:
        name = sheet_part(parts, "Markbook")
        xml = parts[name]
        for word in (b"dataValidation", b"sheetProtection"):
            xml = xml.replace(b"<" + word, b"<x" + word)
            xml = xml.replace(b"</" + word, b"</x" + word)
        parts[name] = xml
        book = parts["xl/workbook.xml"]
        parts["xl/workbook.xml"] = book.replace(b'state="veryHidden"', b"")
        parts["docProps/custom.xml"] = parts["docProps/custom.xml"].replace(
            b"mb_identity", b"xx_identity"
        )
        parts["docProps/app.xml"] = parts["docProps/app.xml"].replace(
            b"Microsoft Excel", b"Some Office 9"
        )

    report = doctor(classroom, classroom.send("a.xlsx", change=spoil))
    changes = " ".join(report.changes)
    assert "no longer hidden" in changes
    assert "document properties were dropped" in changes
    assert "lists to choose from are gone" in changes
    assert "protection is off" in changes
    assert report.program == "Some Office 9"
    assert report.is_ours


def test_a_formula_typed_over_is_counted(classroom: Classroom) -> None:
    path = classroom.send("a.xlsx", filled={(A, "Flag"): "On"}, at=at(1))
    assert any(
        "under Flag are gone" in line for line in doctor(classroom, path).lines()
    )


def test_another_schools_markbook_says_whose_it_is(
    classroom: Classroom, tmp_path: Path
) -> None:
    path = classroom.send("a.xlsx")
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(classroom.folder / "school.toml", other)
    report = doctor(Classroom(other), path)
    assert report.exit_status == 1
    assert report.classes == (MATHS,)
    assert report.problems[0].code == "not-proved"


def test_what_is_not_there_is_an_error_of_use(classroom: Classroom) -> None:
    with pytest.raises(NotAFile, match="There is no file"):
        doctor(classroom, classroom.folder / "nothing.xlsx")


def test_a_folder_is_no_file_and_there_is_a_way_to_look_at_all_in_it(
    classroom: Classroom,
) -> None:
    with pytest.raises(NotAFile, match=r"is a folder.* markbook check .*returned\."):
        doctor(classroom, classroom.returned)


def test_doctor_reports_hostile_files_in_a_line(classroom: Classroom) -> None:
    for hostile in list(foreign_files())[::4]:
        path = classroom.folder / hostile.name
        path.write_bytes(hostile.data)
        report = doctor(classroom, path)
        assert report.exit_status == 1
        assert [problem.code for problem in report.problems] == [hostile.code]
        assert report.recoverable == "Nothing can be read from it as it is."
