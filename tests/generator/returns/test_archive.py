"""Merged returns are archived unchanged, without their teacher's own notes."""

from __future__ import annotations

import hashlib
import json
import stat

import pytest

from generator.returns import worker_tasks
from generator.returns.archive import archive_path
from generator.xlsx.reader import read_workbook
from tests.generator.classroom import (
    MATHS,
    Classroom,
    address,
    packed,
    sheet_part,
    unpacked,
)
from tests.generator.returns.test_merge import A, B, at

SECRET = "worried about home"


def test_a_merged_return_is_archived_by_its_hash_byte_for_byte(
    classroom: Classroom,
) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.send("untouched.xlsx", "10y/Ma2")
    (classroom.returned / "x.csv").write_text("a,b")
    classroom.collect(dry=True)
    assert not (classroom.folder / "kept").exists()
    classroom.collect()
    archived = archive_path(
        classroom.school, hashlib.sha256(path.read_bytes()).hexdigest()
    )
    assert archived.read_bytes() == path.read_bytes()
    assert not archived.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert list(archived.parent.iterdir()) == [archived]
    before = archived.stat().st_mtime_ns
    classroom.collect(path, take="returned")
    assert archived.stat().st_mtime_ns == before


def test_a_return_that_cannot_be_archived_is_merged_and_reported(
    classroom: Classroom,
) -> None:
    (classroom.folder / "kept").write_bytes(b"")  # no folder can be made here
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    report = classroom.collect()
    assert classroom.maths(A) == "6"
    (note,) = report.notes
    assert note.startswith("returned/a.xlsx could not be archived: ")
    assert note.endswith("and try again.")


def test_a_return_that_changed_since_it_was_read_is_not_archived(
    classroom: Classroom,
) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    archived = classroom.folder / "kept" / "a.xlsx"
    request = {
        "task": "archive",
        "path": str(path),
        "sha256": "of before",
        "notes": {},
        "to": str(archived),
    }
    answer = json.loads(worker_tasks.run_task(request))
    assert answer == {"error": worker_tasks.CHANGED}
    assert not archived.exists()


def test_notes_are_removed_and_nothing_else(classroom: Classroom) -> None:
    filled = {(A, "prediction"): "6", (A, "notes"): SECRET, (B, "comment"): "Well."}
    path = classroom.send("a.xlsx", filled=filled, at=at(1))
    report = classroom.collect()
    assert report.notes == ()
    archived = next((classroom.folder / "kept").iterdir())
    cell = address(path.read_bytes(), "Markbook", A, "notes")
    assert all(
        SECRET.encode() not in data for data in unpacked(archived.read_bytes()).values()
    )
    own, returned = (
        {
            (name, *place): cell
            for name, sheet in read_workbook(data).sheets.items()
            for place, cell in sheet.cells.items()
        }
        for data in (archived.read_bytes(), path.read_bytes())
    )
    changed = {key for key in returned if own.get(key) != returned[key]}
    assert len(changed) == 1
    assert returned[changed.pop()].text == SECRET
    assert cell


@pytest.mark.parametrize("also_elsewhere", [False, True])
def test_a_note_among_the_shared_strings_is_removed_too(
    classroom: Classroom, also_elsewhere: bool
) -> None:
    data = classroom.issued(MATHS)
    parts = unpacked(data)
    name = sheet_part(parts, "Markbook")
    count = len(read_strings(parts))
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(
        b"</sst>", f"<si><t>{SECRET}</t></si></sst>".encode()
    )
    data = packed(parts)
    raw = f'< t="s"><v>{count}</v>'
    filled = {(A, "notes"): raw}
    if also_elsewhere:
        filled[A, "comment"] = raw
    path = classroom.send("a.xlsx", filled=filled, data=data, at=at(1))
    notes = {"Markbook": (address(data, "Markbook", A, "notes"),)}
    stripped = unpacked(worker_tasks.remove_notes(path.read_bytes(), notes))
    assert (SECRET.encode() in stripped["xl/sharedStrings.xml"]) is also_elsewhere
    assert name in stripped


def read_strings(parts: dict[str, bytes]) -> list[bytes]:
    return parts["xl/sharedStrings.xml"].split(b"<si")[1:]


def test_a_file_in_place_of_the_archive_is_reported(classroom: Classroom) -> None:
    (classroom.folder / "kept").write_text("a file where a folder should be")
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    report = classroom.collect()
    assert classroom.maths(A) == "6"
    assert any("cannot be written" in line for line in report.lines())
