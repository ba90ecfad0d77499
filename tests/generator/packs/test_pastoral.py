from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, update

from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from generator.store.interventions import replace_actions, store_interventions
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import (
    exported,
    page,
    table,
    text,
    whole,
    write_kinds,
)
from tests.generator.packs.sample_school import adno

KINDS = ("pastoral", "praise", "class-targets", "journey")
EVERYBODY = {
    n
    for *_, first, last in sample_school.CLASSES.values()
    for n in range(first, last + 1)
}
BELOW = ("below", "well below")
CASES = [
    ("pastoral-Year 10", range(1, 17)), ("pastoral-10A", range(1, 17)),
    ("pastoral-Year 11", range(21, 34)), ("praise-Year 10", range(1, 17)),
    ("praise-Mathematics", [*range(1, 17), *range(21, 34)]),
    ("praise-Languages", range(21, 25)), ("class-targets-English", range(1, 4)),
    ("class-targets-Languages", range(21, 25)), ("journey-Year 11", range(21, 34)),
    ("journey-SEND", [n for n in EVERYBODY if n % 3]),
]  # fmt: skip


def by_pupil(
    school: School, store: Store, code: str = "AUT"
) -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    for mark in exported(school, store, "marks"):
        if mark["collection"] == code:
            found[mark["adno"]].append(mark)
    return found


def test_years_and_tutor_groups_have_a_pack_each(school: School, store: Store) -> None:
    report = write_kinds(school, store, ["pastoral"])
    assert [Path(file).stem for file in report.files] == [
        "pastoral-Year 10", "pastoral-Year 11", "pastoral-10A", "pastoral-11A",
    ]  # fmt: skip
    assert [(p.value, p.code) for p in report.problems] == [
        ("Year 10", "no-head-of-year"),
        ("Year 11", "no-head-of-year"),
        ("11A", "no-tutor"),
    ]


def test_it_opens_on_pupils_below_in_several_subjects_worst_first(
    packed: School,
) -> None:
    book = load_workbook(packed.packs("AUT") / "pastoral-Year 10.xlsx")
    assert book.active is not None and book.active.title == "Below target"
    rows = table(book.active, "Adno")
    assert [(r["Adno"], r["Below in"], r["Well below in"]) for r in rows] == [
        (adno(3), 3, 3),
        (adno(2), 3, 0),
    ]
    assert rows[0]["Subjects below: prediction (target)"] == (
        "English Language 3 (5), English Literature 3 (5), Mathematics 3 (5)"
    )
    assert "2 of 14 pupils with data are below target in 3 subjects" in text(
        book.active
    )


def test_every_number_of_it_agrees_with_the_exported_marks(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        for number, values in {1: ("91.5", "4"), 2: ("100", "0")}.items():
            for name, value in zip(
                ("Attendance %", "Behaviour Points"), values, strict=True
            ):
                connection.execute(
                    schema.indicators.insert(),
                    {
                        "academic_year": sample_school.YEAR,
                        "adno": adno(number),
                        "name": name,
                        "value": value,
                    },
                )
        for subject, effort in (("Mathematics", "1"), ("English Language", "3")):
            sample_school.mark(connection, "AUT", adno(1), subject, "effort", effort)
    write_kinds(school, store, ["pastoral"])
    now, before = by_pupil(school, store), by_pupil(school, store, "SUM")
    pupils = {p["adno"]: p for p in exported(school, store, "pupils")}
    grid = table(page(school, "pastoral-Year 10", "Grid"), "Surname")
    assert len(grid) == 16
    for row in grid:
        number = next(a for a, p in pupils.items() if p["surname"] == row["Surname"])
        flags = {m["subject"]: m["flag"] for m in now[number]}
        known = [flag for flag in flags.values() if flag != "no data"]
        below = sum(flag in BELOW for flag in known)
        assert row["Below in"] == (below if known else None)
        for subject in ("Mathematics", "English Language", "English Literature"):
            taken = subject == "Mathematics" or number <= adno(3)
            flag = flags.get(subject, "no data").capitalize()
            assert row[subject] == (flag if taken else None)
    shown = {row["Surname"]: row for row in grid}
    assert shown["Surname01"]["Attendance %"] == 91.5
    assert shown["Surname02"]["Behaviour points"] == 0
    assert shown["Surname03"]["Attendance %"] is None
    assert (shown["Surname01"]["Effort 1"], shown["Surname01"]["Effort 3"]) == (1, 1)
    for row in table(page(school, "pastoral-Year 10", "Below target"), "Adno"):
        marks = [m["flag"] for m in now[row["Adno"]] if m["flag"] != "no data"]
        then = [m["flag"] for m in before[row["Adno"]] if m["flag"] != "no data"]
        assert row["Below in"] == sum(flag in BELOW for flag in marks)
        assert row["Well below in"] == marks.count("well below")
        assert row["With data"] == len(marks)
        assert row["Last time"] == sum(flag in BELOW for flag in then)


def test_how_many_subjects_count_is_the_schools_to_say(
    school: School, store: Store
) -> None:
    path = school.folder / "school.toml"
    path.write_text(path.read_text("utf-8") + "\n[packs]\nbelow_in = 1\n", "utf-8")
    write_kinds(School.load(school.folder), store, ["pastoral"])
    rows = table(page(school, "pastoral-Year 11", "Below target"), "Adno")
    now = by_pupil(school, store)
    expected = {a for a, marks in now.items() if a > adno(20)
                and any(m["flag"] in BELOW for m in marks)}  # fmt: skip
    assert {row["Adno"] for row in rows} == expected


@pytest.mark.parametrize(("name", "mine"), CASES)
def test_a_pack_holds_no_pupil_who_is_not_its_readers(
    packed: School, name: str, mine: list[int]
) -> None:
    inside = whole(packed.packs("AUT") / f"{name}.xlsx")
    assert "U0000000000" not in inside  # a UPN is not for everyday use
    for number in EVERYBODY - set(mine):
        assert f"Surname{number:02d}" not in inside
        assert adno(number) not in inside
    if name.startswith(("pastoral", "praise")):
        for code in sample_school.CLASSES:
            assert code not in inside
    others = {"English": "French", "Languages": "English"}
    for mine_too, other in others.items():
        if name.endswith(mine_too):
            assert other not in inside


def test_a_pupil_in_no_class_is_named(school: School, store: Store) -> None:
    with store.begin() as connection:
        connection.execute(delete(schema.memberships).where(
            schema.memberships.c.adno == adno(16)))  # fmt: skip
    write_kinds(school, store, ["pastoral"])
    sheet = page(school, "pastoral-10A", "Below target")
    assert "nothing is known of them: Forename16 Surname16." in text(sheet)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_issued_nobody_with_a_role_and_no_return_is_reported_plainly(
    school: School, empty_store: Store, kind: str
) -> None:
    with empty_store.begin() as connection:
        connection.execute(delete(schema.roles))
    report = write_kinds(school, empty_store, [kind])
    assert report.exit_status == 0 and len(report.problems) == len(report.files) > 0
    for file in report.files:
        book = load_workbook(school.folder / file)
        said = "\n".join(text(sheet) for sheet in book)
        assert "Nobody is named as" in said
        assert "nan" not in said.lower().split() and "#DIV" not in said
        assert not [chart for sheet in book for chart in sheet._charts]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_store_and_moment_make_the_same_bytes(
    school: School, store: Store, kind: str
) -> None:
    files = write_kinds(school, store, [kind]).files
    first = [(school.folder / file).read_bytes() for file in files]
    write_kinds(school, store, [kind])
    assert [(school.folder / file).read_bytes() for file in files] == first


def test_microsofts_validator_finds_no_fault_in_one_of_each(
    packed: School, office_faults: Callable[[Path], list[str]]
) -> None:
    for name in ("pastoral-Year 10", "praise-Mathematics", "class-targets-English",
                 "journey-Year 10", "pastoral-11A"):  # fmt: skip
        assert office_faults(packed.packs("AUT") / f"{name}.xlsx") == [], name


def test_who_has_help_is_reported_and_whoever_has_none_comes_first(
    school: School, store: Store
) -> None:
    row = {"adno": adno(3), "subject": "Mathematics", "what": "Tutoring", "who": "Ms A",
           "from": "2026-11-02", "until": "2026-12-18"}  # fmt: skip
    over = {**row, "adno": adno(2), "until": "2026-11-03"}
    with store.begin() as connection:
        store_interventions(
            connection,
            [row, over],
            academic_year=sample_school.YEAR,
            file="x",
            now=sample_school.NOW,
            who="H",
        )
    write_kinds(school, store, ["pastoral", "department"])
    rows = table(page(school, "pastoral-10A", "Below target"), "Adno")
    assert [(r["Adno"], r["Running now"]) for r in rows] == [
        (adno(3), "Mathematics: Tutoring (Ms A, until 18 Dec 2026)"),
        (adno(2), None),
    ]
    sheet = page(school, "department-Mathematics", "Year 10")
    assert "6 of them have no intervention running." in text(sheet)
    assert table(sheet, "Adno")[-1]["Adno"] == adno(3)
    english = page(school, "department-English", "Year 10")
    assert "Tutoring" not in text(english)


def test_a_pack_opens_with_what_was_written_last_time(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        replace_actions(
            connection,
            [{"issue": "Late", "action": "Call home", "who": "HAR"}],
            collection="SUM",
            pack="pastoral-10A",
            academic_year=sample_school.YEAR,
            now=datetime(2026, 6, 30),
            who="HAR",
        )
    write_kinds(school, store, ["pastoral"])
    sheet = page(school, "pastoral-10A", "Actions")
    assert "Written in SUM: 1 action. What has become of it?" in text(sheet)
    assert table(sheet, "Issue")[0]["Action"] == "Call home"
    assert "Call home" not in text(page(school, "pastoral-11A", "Actions"))


def test_only_the_cells_to_write_in_are_unlocked(packed: School) -> None:
    sheet = page(packed, "pastoral-Year 10", "Below target")
    assert sheet.protection.sheet
    heading = next(c.row for c in sheet["A"] if c.value == "Adno")
    open_ones = {
        sheet.cell(heading, cell.column).value
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    assert open_ones == {"Intervention", "Who", "From", "Until"}


def test_a_leaver_is_in_none_of_them(school: School, store: Store) -> None:
    with store.begin() as connection:
        connection.execute(update(schema.pupils).where(schema.pupils.c.adno == adno(3))
                           .values(left="2026-11-20"))  # fmt: skip
    for file in write_kinds(school, store, KINDS).files:
        assert "Surname03" not in whole(school.folder / file)
