from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import update

from generator.console import Session
from generator.packs.facts.completeness import Completeness
from generator.packs.registry import PACK_KINDS
from generator.packs.write_packs import NobodyOnRoll, NoSuchKind, PackReport
from generator.problems import Problem
from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from tests.generator.packs.pack_files import write_kinds
from udfs.errors import MarkbookError


def test_a_kind_that_there_is_not_is_answered_with_those_there_are(
    school: School, store: Store
) -> None:
    with pytest.raises(NoSuchKind, match=r"no pack 'ghosts'\. There are: department"):
        write_kinds(school, store, ["department", "ghosts"])
    assert not school.packs("AUT").exists()


def test_no_kind_means_every_kind(school: School, store: Store) -> None:
    assert (
        write_kinds(school, store).files
        == write_kinds(school, store, list(PACK_KINDS)).files
    )


def test_a_department_that_nobody_leads_is_a_problem_but_has_its_pack(
    school: School, store: Store
) -> None:
    report = write_kinds(school, store, ["department"])
    assert [p.value for p in report.problems] == ["English", "Languages"]
    assert report.exit_status == 0
    assert report.json()["problems"][0]["code"] == "no-head-of-department"
    assert "packs/AUT/department-English.xlsx" in report.json()["files"]


def test_packs_of_nobody_are_not_written(school: School, empty_store: Store) -> None:
    with empty_store.begin() as connection:
        connection.execute(update(schema.pupils).values(left="2025-07-20"))
    with pytest.raises(NobodyOnRoll, match=r"Nobody is on roll .* markbook import"):
        write_kinds(school, empty_store)
    assert not school.packs("AUT").exists()
    assert write_kinds(school, empty_store, ["ladders"]).files == ()


def test_progress_is_reported_of_every_pack(school: School, store: Store) -> None:
    told: list[tuple[int, int, str]] = []
    write_kinds(school, store, ["department"], progress=lambda *step: told.append(step))
    assert [step[:2] for step in told] == [(1, 3), (2, 3), (3, 3)]


def test_one_pack_that_cannot_be_written_never_stops_the_others(
    school: School, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = PACK_KINDS["department"]

    def refuse(snapshot, context, scope):
        if scope == "Languages":
            raise MarkbookError("Excel cannot hold this.", "Shorten it.")
        return kind.write(snapshot, context, scope)

    monkeypatch.setitem(PACK_KINDS, kind.name, replace(kind, write=refuse))
    report = write_kinds(school, store, ["department"])
    assert len(report.files) == 2
    assert report.exit_status == 1
    assert "department-Languages.xlsx: Excel cannot hold this." in "\n".join(
        map(str, report.problems)
    )


def test_what_has_not_come_back_yet_is_reported_beside_the_packs(
    school: School, store: Store
) -> None:
    some = write_kinds(school, store, ["department"])
    assert some.lines()[1:] == [
        "4 of 5 classes have returned; 33 of 39 pupils and subjects have an answer "
        "(85%). The packs call themselves provisional."
    ]
    assert some.json()["back"] == {
        "classes": 5, "returned": 4, "asked": 39, "answers": 33, "provisional": True,
    }  # fmt: skip
    assert some.exit_status == 0


def test_that_nothing_has_come_back_yet_is_reported_beside_the_packs(
    school: School, empty_store: Store
) -> None:
    nothing = write_kinds(school, empty_store, ["department"])
    assert nothing.lines()[1:] == [
        "Nothing has come back yet of 5 classes: the packs say so, and conclude "
        "nothing."
    ]
    assert nothing.exit_status == 0


@pytest.mark.parametrize(
    ("returned", "answers", "said"),
    [
        (5, 100, ""),
        (4, 95, "4 of 5 classes have returned; 95 of 100 pupils and subjects have an "
         "answer (95%)."),
        (0, 0, "Nothing has come back yet of 5 classes: the packs say so, and "
         "conclude nothing."),
        (0, 100, "0 of 5 classes have returned; 100 of 100 pupils and subjects have "
         "an answer (100%)."),
    ],
)  # fmt: skip
def test_only_what_is_missing_is_worth_a_line(
    returned: int, answers: int, said: str
) -> None:
    completeness = Completeness(5, returned, 100, answers, provisional=False)
    report = PackReport("AUT", ("a.xlsx",), completeness=completeness)
    assert report.lines()[1:] == [said][: bool(said)]


def test_packs_that_could_not_be_written_are_not_reported_to_lack_pupils(
    capsys,
) -> None:
    refused = Problem(file="packs/AUT/praise.xlsx", what="It is open.", do="Close it.")
    report = PackReport("AUT", (), problems=(refused,))
    assert report.lines() == ["Wrote 0 packs of AUT."]
    # What is to be put right is said once, beside the report.
    Session(None, datetime(2026, 10, 14), "HAR").print_report(report)
    told = capsys.readouterr()
    assert told.err == "error: packs/AUT/praise.xlsx: It is open. Close it.\n"
    assert told.out == "Wrote 0 packs of AUT.\n"
