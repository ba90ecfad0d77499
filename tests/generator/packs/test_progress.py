from __future__ import annotations

import statistics

import pytest
from openpyxl import load_workbook

from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import exported, page, table, text, write_kinds
from tests.generator.packs.sample_school import adno

Marks = dict[tuple[str, str, str], dict[str, str]]


def marks_of(school: School, store: Store) -> Marks:
    return {
        (m["collection"], m["adno"], m["subject"]): m
        for m in exported(school, store, "marks")
    }


def gap(mark: dict[str, str] | None) -> int | None:
    if not mark or not mark["prediction"].isdigit() or not mark["target"]:
        return None
    return int(mark["prediction"]) - int(mark["target"])


def test_a_class_whose_gap_has_not_narrowed_is_named_with_the_figures(
    school: School, store: Store
) -> None:
    write_kinds(school, store, ["class-targets"])
    marks = marks_of(school, store)
    shown = table(page(school, "class-targets-Mathematics", "No progress"), "Class")
    members = exported(school, store, "memberships")
    named = []
    for code in ("10x/Ma1", "10x/Ma2", "11x/Ma1"):
        pupils = [m["adno"] for m in members if m["class"] == code]
        pairs = [
            (gap(marks.get(("SUM", p, "Mathematics"))),
             gap(marks.get(("AUT", p, "Mathematics"))))
            for p in pupils
        ]  # fmt: skip
        both = [(a, b) for a, b in pairs if a is not None and b is not None]
        then = statistics.fmean(a for a, _ in both)
        now = statistics.fmean(b for _, b in both)
        if now < 0 and now <= then:
            named.append(code)
            row = next(r for r in shown if r["Class"] == code)
            assert row["Gap then"] == pytest.approx(then)
            assert row["Gap now"] == pytest.approx(now)
            assert (row["of"], row["Since"]) == (len(both), "SUM")
    assert {r["Class"] for r in shown} == set(named)


def test_a_class_whose_predictions_stand_still_is_named(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        for number in range(1, 4):
            for subject in ("English Language", "English Literature"):
                for code in ("SUM", "AUT"):
                    sample_school.mark(
                        connection, code, adno(number), subject, "prediction", "6"
                    )
    write_kinds(school, store, ["class-targets"])
    rows = table(page(school, "class-targets-English", "No progress"), "Class")
    assert [(r["Class"], r["Same prediction"], r["of 2"]) for r in rows] == [
        ("10x/En1", 1, 3),
        ("10x/En1", 1, 3),
    ]
    assert rows[0]["Why it is here"] == "predictions unchanged for 100% of 3 since SUM"
    said = text(page(school, "class-targets-English", "No progress"))
    assert "1 of 1 class that can be compared shows no progress: 10x/En1." in said
    assert "1 class of them with fewer than 11 pupils compared" in said


def test_a_page_a_class_shows_each_collection(packed: School) -> None:
    rows = table(page(packed, "class-targets-Mathematics", "10x-Ma1"), "Surname")
    third = next(r for r in rows if r["Surname"] == "Surname03")
    assert (third["Target"], third["SUM"], third["Prediction"], third["Flag"]) == (
        "5", "4 (Below)", "3", "Well below",
    )  # fmt: skip
    assert "Not returned yet" in text(
        page(packed, "class-targets-Languages", "11x-Fr1")
    )


def test_praise_agrees_with_the_exported_marks(school: School, store: Store) -> None:
    path = school.folder / "school.toml"
    settings = "\n[packs]\npraise_in = 3\nimproved = 0\n"
    path.write_text(path.read_text("utf-8") + settings, "utf-8")
    with store.begin() as connection:
        sample_school.mark(connection, "AUT", adno(8), "Mathematics", "praise", "Yes")
    write_kinds(School.load(school.folder), store, ["praise"])
    reached: dict[str, int] = {}
    for (code, pupil, _), mark in marks_of(school, store).items():
        if code == "AUT" and mark["flag"] in ("above", "on"):
            reached[pupil] = reached.get(pupil, 0) + 1
    expected = {p for p, n in reached.items() if n >= 3 and p < adno(20)} | {adno(8)}
    rows = table(page(school, "praise-Year 10", "Praise"), "Adno")
    assert {row["Adno"] for row in rows} == expected
    for row in rows:
        assert row["On or above in"] == reached.get(row["Adno"], 0)
    eighth = next(row for row in rows if row["Adno"] == adno(8))
    assert eighth["Why"] == "special praise in Mathematics"


def test_those_who_improved_most_are_praised_by_how_far(
    school: School, store: Store
) -> None:
    write_kinds(school, store, ["praise"])
    marks = marks_of(school, store)
    moved = {}
    for (code, pupil, subject), mark in marks.items():
        before = marks.get(("SUM", pupil, subject))
        if code == "AUT" and subject == "Mathematics" and before:
            if mark["prediction"].isdigit() and before["prediction"].isdigit():
                moved[pupil] = int(mark["prediction"]) - int(before["prediction"])
    rows = table(page(school, "praise-Mathematics", "Praise"), "Adno")
    shown = {r["Adno"]: r["Moved"] for r in rows if "predictions up" in r["Why"]}
    assert shown == {pupil: by for pupil, by in moved.items() if by > 0}


def test_the_list_for_letters_begins_in_the_first_row(packed: School) -> None:
    book = load_workbook(packed.packs("AUT") / "praise-Mathematics.xlsx")
    first = [cell.value for cell in book["Letters"][1]]
    assert first[:2] == ["Forename", "Surname"]
    names = {row[1].value for row in book["Letters"].iter_rows(min_row=2)}
    assert names == {r["Surname"] for r in table(book["Praise"], "Adno")}


def test_a_journey_has_each_years_target_prediction_and_teacher(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        for year, version, target in (("2025/26", 1, "4"), ("2026/27", 2, "5")):
            connection.execute(
                schema.targets.insert(),
                {"adno": adno(1), "subject": "Mathematics", "version": version,
                 "academic_year": year, "expected": target, "status": "issued"},
            )  # fmt: skip
        connection.execute(
            schema.collections.insert(),
            {"code": "OLD", "academic_year": "2025/26", "opens": "2025-11-01",
             "closes": "2025-11-10"},
        )  # fmt: skip
        sample_school.mark(connection, "OLD", adno(1), "Mathematics", "prediction", "3")
        connection.execute(
            schema.marks.update()
            .where(schema.marks.c.collection == "OLD")
            .values(academic_year="2025/26", **{"class": "9x/Ma1"})
        )
        connection.execute(
            schema.classes.insert(),
            {"academic_year": "2025/26", "class": "9x/Ma1", "subject": "Mathematics",
             "year": 9, "teachers": "COH"},
        )  # fmt: skip
    write_kinds(school, store, ["journey"])
    rows = table(page(school, "journey-Year 10", "Journey"), "Surname")
    line = ("Surname01", "Mathematics")
    first = next(row for row in rows if (row["Surname"], row["Subject"]) == line)
    assert [first[f"{year} {what}"] for year in ("2025/26", "2026/27")
            for what in ("target", "prediction", "teacher")] == [
        "4", "3", "COH", "5", "5", "Ms R Abara"
    ]  # fmt: skip
    assert len(rows) == 16 + 2 * 3
    assert page(school, "journey-Year 10", "Journey").auto_filter.ref


def test_a_journey_without_predictions_does_not_say_that_nobody_is_below(
    school: School, empty_store: Store
) -> None:
    write_kinds(school, empty_store, ["journey"])
    said = text(page(school, "journey-Year 10", "Journey"))
    assert "none has both a prediction and a target in this collection yet" in said
    assert "predicted below" not in said


def test_moderation_stands_each_teacher_beside_colleagues(
    school: School, store: Store
) -> None:
    write_kinds(school, store, ["department"])
    marks = marks_of(school, store)
    members = exported(school, store, "memberships")
    sheet = page(school, "department-Mathematics", "Moderation")
    rows = table(sheet, "Colleagues: n")
    assert [(r["Year"], r["Teacher"]) for r in rows] == [
        (10, "Mr D Cohen"), (10, "Ms R Abara"), (11, "no teacher"),
    ]  # fmt: skip
    apart = {}
    for code in ("10x/Ma2", "10x/Ma1", "11x/Ma1"):
        found = [marks.get(("AUT", m["adno"], "Mathematics")) for m in members
                 if m["class"] == code]  # fmt: skip
        apart[code] = [
            int(m["prediction"]) - int(m["working_at"])
            for m in found
            if m and m["prediction"].isdigit() and m["working_at"].isdigit()
        ]
    for row, code, other in zip(
        rows, ("10x/Ma2", "10x/Ma1"), ("10x/Ma1", "10x/Ma2"), strict=False
    ):
        assert row["n"] == len(apart[code])
        assert row["Above working-at"] == pytest.approx(statistics.fmean(apart[code]))
        assert row["Spread"] == pytest.approx(statistics.stdev(apart[code]))
        assert row["Colleagues: n"] == len(apart[other])
        assert row["Above working-at 2"] == pytest.approx(
            statistics.fmean(apart[other])
        )
        assert row["Note"] == "too few to conclude"
    marked = table(sheet, "Apart by")
    assert {r["Apart by"] for r in marked} == {3}
    assert {r["Why"] for r in marked} == {"3 grades or more apart, no reason given"}
