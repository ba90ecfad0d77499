"""Rule 10, and everything a run must account for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from generator import workflow
from generator.report import StoppedPartway
from generator.returns.find_files import NoSuchPath
from generator.returns.prepare import BATCH
from generator.xlsx.reader import read_workbook
from tests.generator.classroom import ENGLISH, LANGUAGE, MATHS, Classroom
from tests.generator.returns.test_merge import A, B, C, at
from udfs.errors import MarkbookError

SC, MA2 = "10x/Sc1", "10y/Ma2"


def adds_up(report: object) -> bool:
    files, cells = report.files, report.cells  # type: ignore[attr-defined]  # any report
    parts = ("merged", "unchanged", "rejected", "superseded")
    verdicts = ("new", "changed", "same", "rejected", "conflict")
    return files["found"] == sum(files[p] for p in parts) and cells["read"] == sum(
        cells[v] for v in verdicts
    )


def test_a_whole_inbox_adds_up(classroom: Classroom) -> None:
    filled = {(A, "prediction"): "6", (B, "prediction"): "Z", (C, "comment"): "Well."}
    classroom.send("deep/er/ma.xlsx", filled=filled, at=at(1))
    classroom.send("en.xlsx", ENGLISH, {("000104", "effort"): "1"}, sheet=LANGUAGE)
    classroom.send("untouched.xlsx", MA2)
    (classroom.returned / "notes.csv").write_text("a,b\n1,2\n")
    (classroom.returned / "empty.xlsx").write_bytes(b"")
    for name in ("~$ma.xlsx", ".ma.xlsx.1.tmp", "x.tmp", "send.csv"):
        (classroom.returned / name).write_bytes(b"x")
    report = classroom.collect()
    assert report.files == {
        "found": 5,
        "skipped": 4,
        "merged": 2,
        "unchanged": 1,
        "rejected": 2,
        "superseded": 0,
    }
    assert report.cells == {
        "read": 4, "new": 3, "changed": 0, "same": 0, "rejected": 1, "conflict": 0,
    }  # fmt: skip
    assert adds_up(report)
    assert report.exit_status == 1
    assert sorted(report.skipped) == [
        "returned/.ma.xlsx.1.tmp",
        "returned/send.csv",
        "returned/x.tmp",
        "returned/~$ma.xlsx",
    ]
    assert report.json()["missing"] == [SC, MA2]


def test_a_check_says_what_collect_would_do_and_stores_nothing(
    classroom: Classroom,
) -> None:
    classroom.set_mark(A, "prediction", "7")
    classroom.send("1.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    filled = {(A, "prediction"): "5", (B, "prediction"): "Z", (C, "prediction"): "4"}
    classroom.send("2.xlsx", filled=filled, at=at(2))
    (classroom.returned / "a.pdf").write_bytes(b"%PDF-1.4")
    classroom.now += timedelta(hours=1)
    before = classroom.dump()
    rehearsed = classroom.collect(dry=True)
    assert classroom.dump() == before
    assert not (classroom.folder / "checked").exists()
    assert rehearsed.dry
    collected = classroom.collect(after=timedelta(0))
    assert rehearsed.json() == collected.json()
    assert rehearsed.exit_status == collected.exit_status == 1


def test_a_check_of_many_files_does_not_wait_for_itself(classroom: Classroom) -> None:
    # More than are checked together, so that the store is read again in between.
    for number in range(BATCH + 2):
        filled = {(A, "prediction"): str(number % 9 + 1)}
        classroom.send(f"{number:02}.xlsx", filled=filled, at=at(number))
    classroom.send("zz.xlsx", ENGLISH, {("000104", "effort"): "1"}, sheet=LANGUAGE)
    rehearsed = classroom.collect(dry=True)
    assert rehearsed.files["found"] == BATCH + 3
    assert adds_up(rehearsed)


def test_a_second_collect_stores_nothing(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.send("b.xlsx", MA2)
    (classroom.returned / "c.csv").write_text("a,b")
    classroom.collect()
    before = classroom.dump()
    second = classroom.collect()
    assert classroom.dump() == before
    assert second.files["unchanged"] == 2
    assert second.cells["read"] == 0
    assert adds_up(second)


def test_an_untouched_markbook_is_no_return(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "notes"): "for me alone"}, at=at(5))
    report = classroom.collect()
    assert report.files["unchanged"] == 1
    assert MATHS in report.missing["AUT"]
    assert classroom.marks() == {}


def test_a_markbook_stamped_with_marks_and_untouched_is_none_either(
    classroom: Classroom,
) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    classroom.issue_again(MATHS)
    path = classroom.send("b.xlsx", at=at(90))
    report = classroom.collect(path)
    assert report.files["unchanged"] == 1
    assert report.cells["read"] == 0


def test_a_mark_removed_from_a_prefilled_cell_is_a_return(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    classroom.issue_again(MATHS)
    path = classroom.send("b.xlsx", filled={(A, "prediction"): None}, at=at(90))
    report = classroom.collect(path)
    assert report.files["merged"] == 1
    assert classroom.maths(A) == "6"


def test_notes_and_a_joiners_name_are_not_read(classroom: Classroom) -> None:
    filled = {
        (16, "adno"): "000110",
        (16, "surname"): "Patel",
        (16, "forename"): "Dev",
        (16, "prediction"): "6",
        (16, "notes"): "new",
        (A, "notes"): "for me",
    }
    classroom.send("a.xlsx", filled=filled, at=at(1))
    report = classroom.collect()
    assert report.cells["read"] == report.cells["new"] == 1


def test_returns_are_of_the_collection_asked_for(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    report = classroom.collect(collection="SPR")
    assert report.problems[0].code == "other-collection"
    assert report.missing == {"SPR": ()}
    report = classroom.collect(collection="AUT")
    assert report.cells["new"] == 1


def test_a_return_of_another_collection_merged_long_ago_is_unchanged(
    classroom: Classroom,
) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    classroom.collect()
    before = classroom.dump()
    report = classroom.collect(collection="SPR")
    assert report.files["unchanged"] == 1
    assert report.exit_status == 0
    assert report.missing == {"SPR": ()}
    assert classroom.dump() == before


def test_a_teachers_file_is_a_return_of_the_classes_that_were_touched(
    classroom: Classroom,
) -> None:
    for path in (classroom.folder / "issued").rglob("*.xlsx"):
        path.unlink()
    workflow.issue(
        classroom.school, "AUT", by="teacher", now=classroom.now, who="office"
    )
    data = next((classroom.folder / "issued/AUT").glob("COH*.xlsx")).read_bytes()
    sheets = [name for name in read_workbook(data).sheets if name.startswith("10")]
    assert len(sheets) == 3  # Ma2, and En1 in its two subjects
    ma2 = next(name for name in sheets if "Ma2" in name)
    filled = {("000110", "prediction"): "6", ("000111", "prediction"): "Z"}
    classroom.send("a.xlsx", data=data, filled=filled, sheet=ma2, at=at(1))
    report = classroom.collect()
    assert classroom.maths("000110") == "6"
    assert report.cells["read"] == 2
    assert list(classroom.frame("returns")["class"]) == [MA2]
    assert MA2 not in report.missing["AUT"]
    assert ENGLISH in report.missing["AUT"]
    assert (classroom.folder / "checked/AUT/COH.xlsx").exists()


def test_shared_files_are_read_where_they_lie(classroom: Classroom) -> None:
    path = classroom.folder / "issued/AUT/ABA/10x-Ma1.xlsx"
    from tests.generator.classroom import fill

    path.write_bytes(fill(path.read_bytes(), {(A, "prediction"): "6"}, at=at(5)))
    report = classroom.collect(classroom.folder / "issued" / "AUT")
    assert report.files["merged"] == 1
    assert report.files["unchanged"] == report.files["found"] - 1
    assert report.skipped == ("issued/AUT/send.csv",)
    assert report.json()["missing"] == [ENGLISH, SC, MA2]


def test_a_path_that_does_not_exist_is_an_error(classroom: Classroom) -> None:
    with pytest.raises(NoSuchPath, match="nothing at"):
        classroom.collect(classroom.folder / "nowhere")


def test_an_inbox_that_is_not_there_yet_is_empty(classroom: Classroom) -> None:
    classroom.returned.rmdir()
    report = classroom.collect()
    assert report.files["found"] == 0
    assert report.exit_status == 0
    assert len(report.missing["AUT"]) == 4


def test_a_file_named_twice_is_read_once(classroom: Classroom) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    report = classroom.collect(path, classroom.returned, path)
    assert report.files["found"] == 1


def test_hidden_folders_are_passed_over(classroom: Classroom) -> None:
    hidden = classroom.returned / ".sync"
    hidden.mkdir()
    (hidden / "a.xlsx").write_bytes(b"x")
    report = classroom.collect()
    assert report.files["found"] == 0
    assert report.skipped == ("returned/.sync",)


def test_take_must_be_one_of_two(classroom: Classroom) -> None:
    with pytest.raises(MarkbookError, match="Use returned or stored"):
        classroom.collect(take="mine")


def test_names_that_hurt_do_not(classroom: Classroom) -> None:
    bad = classroom.returned / "a\x1b[31m\u202ecsv.xlsx"
    bad.write_bytes(b"a,b")
    odd = Path(str(classroom.returned) + "/\udcff\udcfe.xlsx")
    odd.write_bytes(b"a,b")
    report = classroom.collect()
    assert report.files["rejected"] == 2
    assert all("\x1b" not in line for line in report.lines())
    for problem in report.problems:
        str(problem).encode()


def test_every_row_of_the_table_of_returns_adds_up(classroom: Classroom) -> None:
    filled = {(A, "prediction"): "6", (B, "effort"): "9"}
    classroom.send("a.xlsx", filled=filled, at=at(1))
    classroom.send("b.xlsx", MA2)
    (classroom.returned / "c.csv").write_text("a,b")
    classroom.collect()
    rows = classroom.frame("returns").set_index("file")
    assert dict(rows["status"]) == {
        "returned/a.xlsx": "merged",
        "returned/b.xlsx": "unchanged",
        "returned/c.csv": "rejected",
    }
    merged = rows.loc["returned/a.xlsx"]
    assert merged["class"] == MATHS
    assert merged["read"] == 2
    assert merged["blank"] == 9 * 7 - 2
    parts = ["new", "changed", "same", "rejected", "conflict"]
    assert (rows["read"] == rows[parts].sum(axis=1)).all()


def test_problems_of_a_file_go_when_it_is_put_right(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "Z"}, at=at(1))
    classroom.collect()
    problems = classroom.frame("problems")
    own_problems = problems.loc[problems["file"] == "returned/a.xlsx"]
    assert list(own_problems["code"]) == ["grade-not-listed"]
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(2))
    report = classroom.collect()
    assert "returned/a.xlsx" not in set(classroom.frame("problems")["file"])
    assert report.exit_status == 0


def test_equal_faults_are_reported_once_with_their_cells(classroom: Classroom) -> None:
    filled = {(adno, "prediction"): "Z" for adno in (A, B, C)}
    classroom.send("a.xlsx", filled=filled, at=at(1))
    report = classroom.collect()
    (problem,) = report.problems
    assert problem.cell == "L7, L8, L9"
    assert problem.adno == f"{A}, {B}, {C}"
    assert report.cells["rejected"] == 3


def test_a_run_killed_between_returns_is_completed_by_the_next(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.returns import merge as merging

    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.send("2.xlsx", MA2, {("000110", "prediction"): "6"}, at=at(2))
    real, calls = merging.merge, []

    def dies(connection: object, returned: object, **more: object) -> object:
        calls.append(returned)
        result = real(connection, returned, **more)  # type: ignore[arg-type]  # as called
        if len(calls) == 2:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(merging, "merge", dies)
    with pytest.raises(StoppedPartway, match="1 return is stored"):
        classroom.collect()
    monkeypatch.undo()
    assert classroom.maths(A) == "5"
    assert classroom.maths("000110") is None
    assert list(classroom.frame("returns")["file"]) == ["returned/1.xlsx"]
    report = classroom.collect()
    assert (report.files["merged"], report.files["unchanged"]) == (1, 1)
    assert classroom.maths("000110") == "6"
    assert len(classroom.history()) == 2


def test_progress_runs_to_its_end(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    (classroom.returned / "b.csv").write_text("a,b")
    steps: list[tuple[int, int]] = []
    classroom.collect(progress=lambda step, total, what: steps.append((step, total)))
    assert steps == sorted(steps)
    assert steps[-1] == (4, 4)


def test_a_formula_is_displayed_as_it_was_typed(classroom: Classroom) -> None:
    filled = {(A, "prediction"): "<><f>1+1</f><v>2</v>"}
    classroom.send("a.xlsx", filled=filled, at=at(1))
    (problem,) = classroom.collect().json()["problems"]
    assert (problem["code"], problem["value"]) == ("formula", "=1+1")


def test_where_nothing_was_issued_nobody_has_returned(classroom: Classroom) -> None:
    lines = classroom.collect(collection="SPR").lines()
    assert "SPR: nothing was issued." in lines
    assert not any("every class" in line for line in lines)
