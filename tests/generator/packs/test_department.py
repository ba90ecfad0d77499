from __future__ import annotations

import math
import statistics
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import delete, update

from generator.packs.write_packs import PackReport
from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import exported, write_kinds
from tests.generator.packs.sample_school import adno
from tests.recount.arithmetic import student
from tests.workbook_text import describe

Row = dict[str, Any]
MATHS = "packs/AUT/department-Mathematics.xlsx"
FRENCH = "packs/AUT/department-Languages.xlsx"
ENGLISH = "packs/AUT/department-English.xlsx"
FILES = (ENGLISH, FRENCH, MATHS)


def run(school: School, store: Store, code: str = "AUT", **more: Any) -> PackReport:
    return write_kinds(school, store, ["department"], code, **more)


def sheet(school: School, name: str, file: str = MATHS) -> Worksheet:
    return load_workbook(school.folder / file)[name]


def table(page: Worksheet, heading: str, which: int = 0) -> list[Row]:
    """The rows under the heading row that has this heading, the which-th of them."""
    rows = list(page.iter_rows(values_only=True))
    starts = [at for at, row in enumerate(rows) if heading in row]
    names = [name for name in rows[starts[which]] if name is not None]
    found = []
    for row in rows[starts[which] + 1 :]:
        if sum(cell is not None for cell in row) < 2:
            break
        found.append(dict(zip(names, row, strict=False)))
    return found


def text(page: Worksheet) -> str:
    cells = (cell for row in page.iter_rows(values_only=True) for cell in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)


def test_each_department_with_classes_has_a_pack(school: School, store: Store) -> None:
    report = run(school, store)
    assert report.files == (
        "packs/AUT/department-English.xlsx",
        "packs/AUT/department-Languages.xlsx",
        MATHS,
    )
    assert all((school.folder / file).exists() for file in report.files)


def test_the_pack_of_mathematics_reads_as_agreed(
    packed: School, golden: Callable[[str, str], None]
) -> None:
    golden("department-Mathematics.txt", describe(packed.folder / MATHS))


def test_the_same_store_and_moment_make_the_same_bytes(
    school: School, store: Store
) -> None:
    run(school, store)
    first = (school.folder / MATHS).read_bytes()
    run(school, store)
    assert (school.folder / MATHS).read_bytes() == first


def test_every_number_of_the_opening_page_agrees_with_the_exported_tables(
    school: School, store: Store
) -> None:
    run(school, store)
    members = exported(school, store, "memberships")
    marks = {
        (m["collection"], m["adno"], m["subject"]): m
        for m in exported(school, store, "marks")
    }
    shown = table(sheet(school, "Classes"), "Class", which=1)
    assert [row["Class"] for row in shown] == ["10x/Ma1", "10x/Ma2", "11x/Ma1"]
    for row in shown:
        pupils = [m["adno"] for m in members if m["class"] == row["Class"]]
        now = [marks.get(("AUT", pupil, "Mathematics")) for pupil in pupils]
        flags = Counter(mark["flag"] if mark else "no data" for mark in now)
        assert row["Pupils"] == len(pupils)
        for heading in ("Above", "On", "Below", "Well below", "No data"):
            assert row[heading] == flags[heading.lower()], heading
        data = len(pupils) - flags["no data"]
        assert row["With data"] == data
        assert row["On or above"] == pytest.approx(
            (flags["above"] + flags["on"]) / data
        )
        gaps = [
            int(mark["prediction"]) - int(mark["target"])
            for mark in now
            if mark and mark["prediction"].isdigit()
        ]
        assert row["Mean gap"] == pytest.approx(statistics.fmean(gaps))
        error = statistics.stdev(gaps) / math.sqrt(len(gaps))
        reach = student(len(gaps) - 1) * error
        assert row["from"] == pytest.approx(statistics.fmean(gaps) - reach)
        assert row["to"] == pytest.approx(statistics.fmean(gaps) + reach)
        moved = [
            int(mark["prediction"]) - int(before["prediction"])
            for pupil, mark in zip(pupils, now, strict=True)
            if mark
            and (before := marks.get(("SUM", pupil, "Mathematics")))
            and mark["prediction"].isdigit()
            and before["prediction"].isdigit()
        ]
        assert row["of"] == len(moved)
        assert row["Change"] == pytest.approx(statistics.fmean(moved))


def test_years_add_up_from_classes(packed: School) -> None:
    page = sheet(packed, "Classes")
    years, classes = table(page, "Class", which=0), table(page, "Class", which=1)
    assert [row["Class"] for row in years] == ["all classes", "all classes", "together"]
    for heading in ("Pupils", "With data", "Above", "On", "Below", "Well below"):
        for year in years[:2]:
            parts = [row[heading] for row in classes if row["Year"] == year["Year"]]
            assert year[heading] == sum(parts)
        assert years[2][heading] == sum(row[heading] for row in classes)


def test_a_pupil_in_two_classes_counts_once_above_them(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        connection.execute(
            schema.memberships.insert(),
            {"academic_year": sample_school.YEAR, "class": "10x/Ma2", "adno": adno(1)},
        )
    run(school, store)
    page = sheet(school, "Classes")
    assert [r["Pupils"] for r in table(page, "Class", which=0)] == [16, 13, 29]
    assert [r["Pupils"] for r in table(page, "Class", which=1)] == [12, 5, 13]


def test_it_opens_on_the_classes_and_begins_with_the_answer(packed: School) -> None:
    book = load_workbook(packed.folder / MATHS)
    assert book.active is not None and book.active.title == "Classes"
    assert book.active["A4"].value == (
        "52% of 25 predictions with a target reach it; 12 are below it, 5 of them by 2 "
        "grades or more. On average predictions are 0.5 grades below target."
    )


def test_the_cover_says_for_whom_from_what_and_until_when(packed: School) -> None:
    said = text(sheet(packed, "Cover"))
    assert "Ms R Abara, head of department of Mathematics" in said
    assert "Autumn (AUT), open 2 Nov 2026 to 13 Nov 2026; 3 returns merged" in said
    assert "31 Aug 2027" in said
    assert "27 of 29 pupils and subjects have an answer (93%)" in said
    assert "PROVISIONAL" not in said
    french = text(sheet(packed, "Cover", "packs/AUT/department-Languages.xlsx"))
    assert "PROVISIONAL: under 90 in 100 have an answer" in french


def test_the_pupils_below_are_listed_the_furthest_first(packed: School) -> None:
    page = sheet(packed, "Year 10")
    rows = table(page, "Surname")
    assert [(r["Class"], r["Surname"], r["Target"], r["Prediction"], r["Flag"])
            for r in rows] == [
        ("10x/Ma1", "Surname08", "5", "2", "Well below"),
        ("10x/Ma1", "Surname03", "5", "3", "Well below"),
        ("10x/Ma1", "Surname02", "5", "4", "Below"),
        ("10x/Ma1", "Surname07", "5", "4", "Below"),
        ("10x/Ma1", "Surname12", "5", "4", "Below"),
        ("10x/Ma2", "Surname15", "5", "3", "Well below"),
        ("10x/Ma2", "Surname14", "5", "4", "Below"),
    ]  # fmt: skip
    third = next(r for r in rows if r["Surname"] == "Surname03")
    assert (third["SUM"], third["In a row"]) == ("4 (Below)", 2)
    assert (third["Groups"], third["Reason"]) == ("PP", "attendance")
    assert third["Working at"] == "4"
    assert next(r for r in rows if r["Surname"] == "Surname02")["Comment"] == "=1+1"


def test_targets_stand_beside_predictions(packed: School) -> None:
    rows = table(sheet(packed, "Targets"), "Of")
    whole = [row for row in rows if row["Of"] == "all classes" and row["Year"] == 10]
    assert [(row["Pupils"], row["5"], row["4"], row["Mean"]) for row in whole] == [
        (16, 16, 0, 5.0),
        (14, 4, 4, pytest.approx(63 / 14)),
    ]
    assert whole[1]["5 or more"] == pytest.approx(7 / 14)


def test_queries_come_with_the_grade_they_begin_with(packed: School) -> None:
    rows = table(sheet(packed, "Target queries"), "Query")
    assert [(r["Surname"], r["Suggests"], r["Query"]) for r in rows] == [
        ("Surname03", "4", "4: ill"),
        ("Surname21", None, "Too high"),
    ]


def test_a_few_pupils_are_too_few_to_conclude(packed: School) -> None:
    page = sheet(packed, "Classes")
    few = table(page, "Class", which=1)[1]
    assert (few["Class"], few["Note"]) == ("10x/Ma2", "too few to conclude")
    row = next(c.row for c in page["B"] if c.value == "10x/Ma2")
    cell = next(c for c in page[row] if c.value == "too few to conclude")
    assert cell.font.italic


def test_a_class_without_teacher_says_so(packed: School) -> None:
    rows = table(sheet(packed, "Classes"), "Class", which=1)
    assert [r["Teacher"] for r in rows][2] == "no teacher"
    assert [r["Teacher"] for r in rows][1] == "Mr D Cohen, Ms R Abara"


def test_a_class_that_covers_two_subjects_has_a_row_for_each(packed: School) -> None:
    file = "packs/AUT/department-English.xlsx"
    rows = table(sheet(packed, "Classes", file), "Class", which=1)
    assert [(r["Class"], r["Subject"], r["Pupils"]) for r in rows] == [
        ("10x/En1", "English Language", 3),
        ("10x/En1", "English Literature", 3),
    ]


def test_a_department_whose_returns_are_missing_is_reported_so(packed: School) -> None:
    file = FRENCH
    book = load_workbook(packed.folder / file)
    assert "No returns yet" in text(book["Classes"])
    assert table(book["Classes"], "Class", which=1)[0]["Returned"] == "not returned"
    assert not [chart for page in book for chart in page._charts]
    shown = "\n".join(text(page) for page in book)
    assert "nan" not in shown.lower().split() and "#" not in shown


def test_a_collection_in_which_nothing_was_issued_makes_packs_that_say_so(
    school: School, empty_store: Store
) -> None:
    report = run(school, empty_store)
    assert len(report.files) == 3
    for file in report.files:
        book = load_workbook(school.folder / file)
        assert "No returns yet" in text(book["Cover"])
        assert "There is no earlier collection" in text(book["Classes"])


def test_a_collection_that_asks_nobody_makes_no_pack(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        connection.execute(delete(schema.memberships))
    report = run(school, store)
    assert report.files == ()
    assert "No class has pupils" in " ".join(report.lines())


def test_a_judgement_is_its_own_flag_and_in_no_average(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        for number, choice in enumerate(("above", "below", "on"), 41):
            sample_school.mark(
                connection, "KS3", adno(number), "Art and Design", "prediction", choice
            )
    run(school, store, "KS3")
    file = "packs/KS3/department-Art and Design.xlsx"
    row = table(sheet(school, "Classes", file), "Class", which=1)[0]
    assert (row["Above"], row["On"], row["Below"], row["No data"]) == (1, 1, 1, 1)
    assert row["Mean gap"] is None


def test_a_pupil_who_left_is_not_in_the_pack_and_is_counted(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        connection.execute(
            update(schema.pupils)
            .where(schema.pupils.c.adno == adno(3))
            .values(left="2026-11-20")
        )
    run(school, store)
    with zipfile.ZipFile(school.folder / MATHS) as pack:
        assert not any(b"Surname03" in pack.read(name) for name in pack.namelist())
    assert "1 mark of pupils who have since left" in text(sheet(school, "Cover"))


def test_a_pack_holds_nothing_of_another_department(
    school: School, store: Store
) -> None:
    report = run(school, store)
    theirs = {
        "English": {"Surname01", "Surname02", "Surname03"},
        "Languages": {f"Surname{n}" for n in range(21, 25)},
        "Mathematics": {f"Surname{n:02d}" for n in (*range(1, 17), *range(21, 34))},
    }
    words = {"English": ["10x/En1", "Drum"], "Languages": ["11x/Fr1", "Evesham"],
             "Mathematics": ["10x/Ma", "Cohen"]}  # fmt: skip
    everybody = {f"Surname{n:02d}" for n in range(1, 45)}
    for file in report.files:
        mine = Path(file).stem.removeprefix("department-")
        with zipfile.ZipFile(school.folder / file) as pack:
            whole = b"\n".join(pack.read(name) for name in pack.namelist()).decode()
        for name in everybody - theirs[mine]:
            assert name not in whole
        for other in words.keys() - {mine}:
            assert not [word for word in words[other] if word in whole]
        assert "U0000000000" not in whole  # a UPN is not for everyday use


def test_nothing_in_a_pack_is_hidden_and_nothing_runs(packed: School) -> None:
    for file in FILES:
        book = load_workbook(packed.folder / file)
        assert {page.sheet_state for page in book} == {"visible"}
        for page in book:
            assert not any(row.hidden for row in page.row_dimensions.values())
            assert not any(col.hidden for col in page.column_dimensions.values())
            assert not [
                c for row in page.iter_rows() for c in row if c.data_type == "f"
            ]
        with zipfile.ZipFile(packed.folder / file) as pack:
            names = " ".join(pack.namelist())
        assert "vba" not in names and "pivot" not in names


def test_charts_are_reported_in_words_too(packed: School) -> None:
    with zipfile.ZipFile(packed.folder / MATHS) as pack:
        drawn = [n for n in pack.namelist() if n.startswith("xl/drawings/drawing")]
        whole = "".join(pack.read(name).decode() for name in drawn)
    assert whole.count("<xdr:graphicFrame ") == whole.count(
        "The numbers stand in the table beside it."
    )


def test_microsofts_validator_finds_no_fault(
    packed: School, office_faults: Callable[[Path], list[str]]
) -> None:
    for file in FILES:
        assert office_faults(packed.folder / file) == []


def test_a_class_below_by_more_than_chance_is_worth_a_look(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        for number in range(1, 13):
            grade = "34"[number % 2]
            sample_school.mark(
                connection, "AUT", adno(number), "Mathematics", "prediction", grade
            )
    run(school, store)
    page = sheet(school, "Classes")
    first = table(page, "Class", which=1)[0]
    assert (first["Mean gap"], first["Note"]) == (-1.5, "below, beyond chance")
    assert "Worth a look, for it is below target" in text(page)
    assert "10x/Ma1" in str(page["A5"].value) and "10x/Ma2" not in str(page["A5"].value)


@pytest.mark.parametrize(("then", "named"), [("5", False), ("4", True)])
def test_a_class_is_worth_a_look_only_if_it_was_so_the_time_before(
    school: School, store: Store, then: str, named: bool
) -> None:
    with store.begin() as connection:
        for number in range(1, 13):
            for collection, grade in (("SUM", then), ("AUT", "34"[number % 2])):
                sample_school.mark(
                    connection, collection, adno(number), "Mathematics", "prediction",
                    grade,
                )  # fmt: skip
    run(school, store)
    first = table(sheet(school, "Classes"), "Class", which=1)[0]
    assert (first["Note"] == "below, beyond chance") is named


def test_charts_stand_beside_the_numbers_of_the_opening_page(packed: School) -> None:
    page = sheet(packed, "Charts")
    classes = {r["Class"]: r for r in table(sheet(packed, "Classes"), "Class", which=1)}
    for year in (0, 1):
        for row in table(page, "With data", which=year):
            whole = classes[row["Class"]]
            for flag in ("Above", "On", "Below", "Well below"):
                expected = whole[flag] / whole["With data"]
                assert row[flag] == pytest.approx(expected)
        for row in table(page, "±", which=year):
            whole = classes[row["Class"]]
            assert row["Mean gap"] == whole["Mean gap"]
            assert row["±"] == pytest.approx(whole["to"] - whole["Mean gap"])
    assert len(page._charts) == 4


def test_a_class_with_pupils_of_two_years_is_one_class(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        connection.execute(
            schema.memberships.insert(),
            {"academic_year": sample_school.YEAR, "class": "10x/Ma2", "adno": adno(30)},
        )
    run(school, store)
    page = sheet(school, "Classes")
    rows = [r for r in table(page, "Class", which=1) if r["Class"] == "10x/Ma2"]
    assert [(r["Year"], r["Pupils"]) for r in rows] == [(10, 5)]
    assert [r["Pupils"] for r in table(page, "Class", which=0)] == [16, 13, 29]
