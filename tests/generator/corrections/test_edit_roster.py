"""Pupils and classes corrected by hand: what follows, what imports do, and undoing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from addin.command import main
from generator import workflow
from generator.corrections import CorrectionReport, MarkEdit, NewPupil
from generator.mis.import_report import ImportReport
from generator.school.school import School
from tests.generator.classroom import MATHS, Classroom
from tests.generator.returns.test_merge import A, at
from udfs.errors import MarkbookError

ZOE = NewPupil("900", "Marsh", "Zoe", 10, "10A", "", ("10x/ma1",))


def do(classroom: Classroom, job: str, *words, **options) -> CorrectionReport:
    return getattr(workflow, job)(
        classroom.school, *words, **options, now=classroom.now, who="Dana"
    )


def undo(classroom: Classroom, name: str) -> None:
    workflow.undo(classroom.school, name, now=classroom.now, who="Dana")


def import_lists(classroom: Classroom, *names: str) -> ImportReport:
    classroom.now += timedelta(hours=1)
    files = [classroom.folder / "exports" / name for name in names]
    return workflow.import_exports(
        classroom.school, files, now=classroom.now, who="office"
    )


def members(classroom: Classroom, code: str) -> set[str]:
    frame = classroom.frame("memberships")
    return set(frame.loc[(frame["class"] == code) & (frame["until"] == ""), "adno"])


def on_roll(classroom: Classroom, adno: str) -> bool:
    pupils = classroom.frame("pupils").set_index("adno")
    return bool(pupils["left"].isna()[adno])


def teachers(classroom: Classroom, code: str = MATHS) -> str:
    frame = classroom.frame("classes").set_index("class")
    return frame.loc[code, "teachers"]


def test_a_pupil_is_added_issued_and_stays_when_lists_omit_them(classroom):
    report = do(classroom, "add_pupil", ZOE)
    assert "900" in members(classroom, MATHS)
    assert report.problems[0].code == "upn-blank"
    import_lists(classroom, "pupils.csv", "memberships.csv")
    assert "900" in members(classroom, MATHS)
    assert on_roll(classroom, "900")
    issued = workflow.issue(
        classroom.school, "AUT", classes=[MATHS], now=classroom.now, who="office"
    )
    assert len(issued.written) == 1
    with pytest.raises(MarkbookError, match="stands in issued_rows"):
        undo(classroom, "K1")


def test_undo_of_a_new_pupil_leaves_nothing(classroom):
    before = {n: classroom.dump()[n] for n in ("pupils", "memberships")}
    do(classroom, "add_pupil", ZOE)
    undo(classroom, "K1")
    assert {n: classroom.dump()[n] for n in before} == before


@pytest.mark.parametrize(
    ("job", "words", "text"),
    [
        ("add_pupil", [NewPupil("101", "X", "Y", 10)], "000101 is that of Tunde"),
        (
            "add_pupil",
            [NewPupil("901", "X", "Y", 10, "", "", ("9z",))],
            "no class '9z'",
        ),
        ("add_pupil", [NewPupil("", "X", "Y", 10)], "needs an admission number"),
        ("end_pupil", ["77", date(2026, 11, 1)], "No pupil has the admission number"),
        ("move_pupil", [A, "10y/Ma2", MATHS], "is not in 10y/Ma2 now"),
        ("rename_class", [MATHS, "10Y/MA2"], "empty or in use"),
        ("merge_classes", [MATHS, "10x/Sc1"], "cannot be merged"),
        ("end_class", [MATHS, date(2030, 1, 1)], "still to come"),
        ("assign_class", [MATHS, "QQQ"], "There is no member of staff 'QQQ'"),
        ("reopen_collection", ["AUT", date(2026, 1, 1)], "opens on 2026-10-12"),
    ],
)
def test_a_refused_edit_stores_nothing(classroom, job, words, text):
    before = classroom.dump()
    with pytest.raises(MarkbookError, match=text.replace("(", r"\(")):
        do(classroom, job, *words)
    after = classroom.dump()
    after["collections"] = before["collections"]
    assert after == before


def test_a_leaver_by_hand_stays_gone_until_the_list_says_otherwise(classroom):
    do(classroom, "end_pupil", A, date(2026, 10, 1))
    import_lists(classroom, "pupils.csv")
    pupils = classroom.frame("pupils").set_index("adno")
    assert pupils.loc[A, "left"] == "2026-10-01"
    do(classroom, "return_pupil", A)
    assert on_roll(classroom, A)


def test_only_a_pupil_without_marks_is_removed(classroom):
    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    with pytest.raises(MarkbookError, match="markbook pupil left 000101"):
        do(classroom, "remove_pupil", A)
    do(classroom, "add_pupil", ZOE)
    do(classroom, "remove_pupil", "900")
    assert "900" not in set(classroom.frame("pupils")["adno"])
    undo(classroom, "K2")
    assert "900" in members(classroom, MATHS)


def test_a_move_stands_until_the_class_list_agrees(classroom):
    do(classroom, "move_pupil", A, MATHS, "10y/Ma2")
    import_lists(classroom, "memberships.csv")
    assert A not in members(classroom, MATHS)
    assert A in members(classroom, "10y/Ma2")
    undo(classroom, "K1")
    assert A in members(classroom, MATHS)


def test_another_teacher_stands_until_the_list_changes(classroom):
    before = teachers(classroom)
    do(classroom, "assign_class", MATHS, "coh", beside=True)
    assert teachers(classroom) == f"COH;{before}"
    import_lists(classroom, "classes.csv")
    assert teachers(classroom) == f"COH;{before}"
    path = classroom.folder / "exports" / "classes.csv"
    text = path.read_text()
    line = next(x for x in text.splitlines() if x.startswith(MATHS))
    path.write_text(text.replace(line, line.replace(before, "NEW")))
    report = import_lists(classroom, "classes.csv")
    assert teachers(classroom) == "NEW"
    assert "import-over-correction" in [problem.code for problem in report.problems]
    path.write_text(text)
    import_lists(classroom, "classes.csv")
    assert teachers(classroom) == before


def test_a_cover_ends_after_its_last_day(classroom):
    before = teachers(classroom)
    until = classroom.now.date() + timedelta(days=2)
    do(classroom, "assign_class", MATHS, "COH", until=until)
    classroom.now += timedelta(days=2)
    workflow.status(classroom.school, now=classroom.now)
    assert teachers(classroom) == "COH"
    classroom.now += timedelta(days=1)
    workflow.status(classroom.school, now=classroom.now)
    assert teachers(classroom) == before


def test_a_renamed_class_keeps_its_marks_returns_and_lists(classroom):
    classroom.send("1.xlsx", filled={(A, "prediction"): "5"}, at=at(1))
    classroom.collect()
    do(classroom, "rename_class", MATHS, "10Q/Ma1")
    assert set(classroom.frame("marks")["class"]) == {"10Q/Ma1"}
    import_lists(classroom, "classes.csv", "memberships.csv")
    assert MATHS not in set(classroom.frame("classes")["class"])
    assert A in members(classroom, "10Q/Ma1")
    old = classroom.issued(MATHS)
    classroom.send("2.xlsx", filled={(A, "prediction"): "6"}, at=at(2), data=old)
    report = classroom.collect()
    assert not [p for p in report.problems if p.severity == "error"]
    assert classroom.maths(A) == "6"
    assert set(classroom.frame("marks")["class"]) == {"10Q/Ma1"}
    chase = workflow.chase(classroom.school, "AUT", now=classroom.now)
    assert chase.issued == 4 and chase.returned == 1
    mark = MarkEdit(MATHS, A, "prediction", "7", "the old code still names it")
    assert do(classroom, "set_mark", "AUT", mark).id == "K2"


def test_a_class_renamed_by_mistake_is_renamed_back(classroom):
    before = {n: classroom.dump()[n] for n in ("classes", "memberships", "marks")}
    classroom.now += timedelta(hours=1)
    do(classroom, "rename_class", MATHS, "10Q/Ma1")
    do(classroom, "rename_class", "10Q/Ma1", MATHS)
    undo(classroom, "K2")
    undo(classroom, "K1")
    assert {n: classroom.dump()[n] for n in before} == before
    assert classroom.frame("class_aliases").empty


def test_merged_classes_have_one_markbook(classroom):
    pupils = members(classroom, MATHS) | members(classroom, "10y/Ma2")
    do(classroom, "merge_classes", "10y/Ma2", MATHS)
    assert members(classroom, MATHS) == pupils
    issued = workflow.issue(classroom.school, "AUT", now=classroom.now, who="office")
    assert issued.removed == ("issued/AUT/COH/10y-Ma2.xlsx",)
    import_lists(classroom, "classes.csv", "memberships.csv")
    assert members(classroom, MATHS) == pupils


def test_an_ended_class_is_not_chased(classroom):
    do(classroom, "end_class", "10y/Ma2", classroom.now.date())
    chase = workflow.chase(classroom.school, "AUT", now=classroom.now)
    assert "10y/Ma2" not in {row.class_code for row in chase.rows}


def test_a_collection_reopens_with_its_comments(classroom):
    path = classroom.folder / "school.toml"
    path.write_text(
        path.read_text().replace("closes = 2026-10-23", "closes = 2026-10-23 # x")
    )
    classroom.school = School.load(classroom.folder)
    do(classroom, "reopen_collection", "AUT", date(2026, 11, 6))
    assert "closes = 2026-11-06 # x" in path.read_text()
    classroom.school = School.load(classroom.folder)
    undo(classroom, "K1")
    assert "closes = 2026-10-23 # x" in path.read_text()


def test_the_commands(classroom, capsys):
    where = ["--school", str(classroom.folder), "--as", "Dana"]
    for words in (
        "pupil add 900 --surname Marsh --forename Zoe --year 10 --class 10X/MA1",
        "pupil left 900 --on 28/11/2026",
        "pupil back 900",
        "pupil remove 900",
        "class move 101 10x/Ma1 10y/ma2",
        "class assign 10x/Ma1 COH --until 2030-01-01",
        "class rename 10y/Ma2 10Q/Ma2",
        "class merge 10Q/Ma2 10x/Ma1",
        "class end 10x/Sc1",
        "collection reopen AUT --until 30/11/2026",
    ):
        assert main([*words.split(), *where]) == 0, words
    assert capsys.readouterr().out.count("To take it back: markbook undo K") == 10
