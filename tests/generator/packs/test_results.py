"""The pack of results day, against figures reckoned here by hand."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import openpyxl
import pandas as pd
import pytest

from generator import workflow
from generator.measuring import (
    build_cohort,
    collection_entries,
    expected_outcomes_by_year,
    known_results,
    results_outcome,
)
from generator.measuring.measure_table import pupil_rows
from generator.packs.facts.results_comparison import (
    best_grades,
    compare_results,
    measure_differences,
)
from generator.packs.pages.results_review import stored_headings
from generator.packs.write_packs import NoResults
from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from generator.xlsx.encryption import decrypt, is_encrypted_file
from tests.recount.arithmetic import student, student_p
from udfs.measures.group_summaries import beyond_chance
from udfs.measures.prediction_accuracy import expected_measure
from udfs.statistics.inference import FEW
from udfs.tables import standard

TABLES = standard()
NOW = datetime(2027, 8, 20, 9, 30)
TOML = """\
[school]
name = "Made Up"
academic_year = "{year}"

[[collections]]
code = "{code}"
opens = {opens}
closes = {closes}
years = [10, 11]
"""
SUBJECTS = ("English Language", "Mathematics", "History", "Geography", "French",
            "Music")  # fmt: skip
# What pupil n is predicted and gets in subject s; nobody is predicted French if n is 3.
N = 24


def adno(n: int) -> str:
    return f"{n:04d}"


def actual(n: int, s: int) -> int:
    return 2 + (n * 5 + s * 3) % 7


def predicted(n: int, s: int) -> int | None:
    if s == 4 and n == 3:
        return None
    return min(9, actual(n, s) + (1 if (n + s) % 2 else 0) + (2 if s == 2 else 0))


class Summer:
    """A school with a prediction and a result of every pupil of Year 11."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settle("2026/27", "AUT", "2026-11-02")
        with self.store.begin() as connection:
            connection.execute(
                schema.pupils.insert(),
                [{"adno": adno(n), "surname": f"S{n:02d}", "forename": "F", "year": 11,
                  "reg": "11A", "academic_year": "2026/27",
                  "ks2_reading": str(95 + n % 15), "ks2_maths": str(95 + n % 13)}
                 for n in range(N)],
            )  # fmt: skip
            for s, subject in enumerate(SUBJECTS):
                self.teach(connection, "2026/27", f"11/{s}", subject, range(N), 11)
            self.collected(connection, "2026/27", "AUT", "2026-11-02", predicted, N)

    def settle(self, year: str, code: str, opens: str, extra: str = "") -> None:
        text = TOML.format(year=year, code=code, opens=opens, closes=opens)
        (self.folder / "school.toml").write_text(text + extra, encoding="utf-8")
        self.school = School.load(self.folder)

    @property
    def store(self) -> Store:
        return Store.open(self.folder, self.school.settings.school.database)

    def teach(self, connection: Any, year: str, code: str, subject: str,
              pupils: Any, group: int) -> None:  # fmt: skip
        connection.execute(
            schema.classes.insert(),
            {"academic_year": year, "class": code, "subject": subject, "year": group,
             "teachers": "ABA" if subject < "Hi" else "COH"},
        )  # fmt: skip
        connection.execute(
            schema.memberships.insert(),
            [{"academic_year": year, "class": code, "adno": adno(n)} for n in pupils],
        )

    def collected(self, connection: Any, year: str, code: str, opens: str,
                  grade: Any, count: int, first: int = 0) -> None:  # fmt: skip
        connection.execute(
            schema.collections.insert(),
            {"code": code, "academic_year": year, "name": code, "opens": opens,
             "closes": opens},
        )  # fmt: skip
        connection.execute(
            schema.marks.insert(),
            [{"collection": code, "adno": adno(first + n), "subject": subject,
              "field": "prediction", "academic_year": year, "value": str(given),
              "class": f"11/{s}", "merged_at": f"{opens}T10:00:00"}
             for n in range(count) for s, subject in enumerate(SUBJECTS)
             if (given := grade(n, s)) is not None],
        )  # fmt: skip

    def sat(self) -> None:
        lines = ["Adno,Subject,Grade"]
        lines += [f"{adno(n)},{subject},{actual(n, s)}"
                  for n in range(N) for s, subject in enumerate(SUBJECTS)]  # fmt: skip
        path = self.folder / "results.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        workflow.results(self.school, [path], now=NOW, who="exams")

    def pack(self, *kinds: str, now: datetime = NOW) -> Any:
        return workflow.pack(self.school, None, list(kinds), now=now, who="dm")

    def book(self) -> Any:
        data = (self.folder / "packs/results/results.xlsx").read_bytes()
        return openpyxl.load_workbook(io.BytesIO(data))


@pytest.fixture
def summer(tmp_path: Path) -> Iterator[Summer]:
    made = Summer(tmp_path)
    made.sat()
    yield made


def table(sheet: Any, heading: str) -> list[dict[str, Any]]:
    """The table of a sheet that has this heading first, as rows."""
    rows = list(sheet.iter_rows(values_only=True))
    top = next(i for i, row in enumerate(rows) if row[0] == heading)
    names = [name for name in rows[top] if name]
    found = []
    for row in rows[top + 1 :]:
        if row[0] is None:
            break
        found.append(dict(zip(names, row, strict=False)))
    return found


def test_without_results_there_is_no_pack(tmp_path):
    made = Summer(tmp_path)
    with pytest.raises(NoResults, match="markbook results FILE"):
        made.pack("results")
    report = made.pack("leadership", "results", now=datetime(2026, 11, 2))
    told = "results: no results have been read yet (markbook results FILE)."
    assert told in report.lines()


def test_a_pack_of_results_needs_no_collection_and_is_the_same_each_time(summer):
    first = summer.pack("results")
    assert first.files == ("packs/results/results.xlsx",)
    data = (summer.folder / first.files[0]).read_bytes()
    summer.pack("results")
    assert (summer.folder / first.files[0]).read_bytes() == data
    assert summer.book().sheetnames == [
        "Cover", "Headlines", "Subjects", "Charts", "Class by class", "Teachers",
        "Pupils", "Next step", "What happened", "Pack record",
    ]  # fmt: skip


def test_all_kinds_write_it_when_there_are_results(summer):
    report = summer.pack(now=datetime(2026, 11, 2, 12))
    told = "Wrote the pack of the results of 2026/27: packs/results/results.xlsx."
    assert told in report.lines()


def test_how_predictions_turned_out_is_counted_subject_by_subject(summer):
    summer.pack("results")
    rows = {row["Subject"]: row for row in table(summer.book()["Subjects"], "Subject")}
    for s, subject in enumerate(SUBJECTS):
        gaps = [p - actual(n, s) for n in range(N)
                if (p := predicted(n, s)) is not None]  # fmt: skip
        row = rows[subject]
        assert (row["Results"], row["Predicted"]) == (N, len(gaps))
        assert row["Exact"] == pytest.approx(gaps.count(0) / len(gaps))
        assert row["Too high"] == pytest.approx(
            sum(gap > 0 for gap in gaps) / len(gaps)
        )
        assert row["Error"] == pytest.approx(mean(gaps))


def test_only_errors_beyond_chance_among_all_rows_are_marked():
    # Benjamini and Hochberg by hand: z of each row, the largest k with p <= 0.1 k / m.
    made = pd.DataFrame(
        {"n": [30, 30, 30, 5], "error": [1.0, 0.2, -0.5, 3.0],
         "high": [1.2, 0.8, -0.1, 3.1]}
    )  # fmt: skip
    low = 2 * made["error"] - made["high"]
    told = beyond_chance(
        made.assign(
            low=low, mean=made["error"], freedom=made["n"] - 1.0, few=made["n"] < FEW
        )
    ).tolist()
    p = [student_p(e / ((h - e) / student(29)), 29)
         for e, h in zip(made["error"][:3], made["high"][:3], strict=True)]  # fmt: skip
    order = sorted(range(3), key=lambda at: p[at])
    last = max(k for k, at in enumerate(order, 1) if p[at] <= 0.1 * k / 3)
    held = set(order[:last])
    assert told == [
        ("Above" if made["error"][at] > 0 else "Below") if at in held else ""
        for at in range(3)
    ] + [""]
    assert made["n"][3] < FEW


def test_the_same_pupils_are_compared_and_nobody_else(summer):
    with summer.store.begin() as connection:
        found = results_outcome(connection, summer.school, TABLES, "2026/27")
    assert found is not None
    matched = found.matched_for("every")
    assert adno(3) not in set(matched) and len(matched) == N - 1
    made = measure_differences(found, 11)
    gaps = []
    for n in range(N):
        if n == 3:
            continue
        sides = []
        for grade in (actual, predicted):
            # Language alone is not doubled; mathematics is; History, Geography and
            # French fill the EBacc (best three of three), Music one open slot.
            points = [grade(n, s) for s in range(len(SUBJECTS))]
            sides.append(sum(points) + points[1])
        gaps.append(sides[0] - sides[1])
    row = made.loc["attainment8"]
    assert row["n"] == N - 1 and row["apart"] == pytest.approx(mean(gaps))
    reach = student(len(gaps) - 1) * stdev(gaps) / math.sqrt(len(gaps))
    assert row["high"] - row["apart"] == pytest.approx(reach)


def test_who_misses_the_next_step_is_reckoned_by_the_schools_own_minimum(summer):
    summer.settle("2026/27", "AUT", "2026-11-02",
                  "[packs]\nstep_in = 4\nstep_points = 5\n")  # fmt: skip
    summer.pack("results")
    wanted = set()
    for n in range(N):
        reached = [actual(n, s) >= 5 for s in range(len(SUBJECTS))]
        if sum(reached) < 4 or not (reached[0] and reached[1]):
            wanted.add(adno(n))
    told = table(summer.book()["Next step"], "Adno")
    assert {row["Adno"] for row in told} == wanted
    for row in told:
        n = int(row["Adno"])
        assert ("mathematics" in row["What is missing"]) == (actual(n, 1) < 5)
        assert row["Reached in"] == sum(actual(n, s) >= 5 for s in range(6))


def test_what_is_written_on_results_day_comes_back_and_opens_the_next_packs(summer):
    summer.pack("results")
    book = summer.book()
    sheet = book["What happened"]
    top = next(row for row in sheet.iter_rows() if row[0].value == "Subject")
    column = {cell.value: cell.column for cell in top if cell.value}
    line = next(row for row in sheet.iter_rows(min_row=top[0].row + 1)
                if row[0].value == "History")  # fmt: skip
    for heading, text in (
        ("What happened", "Predicted 2 grades too high"),
        ("Why we did not know", "No mock was moderated"),
        ("What we will do", "Moderate two mocks together"),
        ("Who", "COH"),
    ):
        cell = sheet.cell(line[0].row, column[heading])
        assert not cell.protection.locked
        cell.value = text
    summer.school.returned.mkdir(exist_ok=True)
    book.save(summer.school.returned / "results.xlsx")
    workflow.collect(summer.school, now=NOW, who="dm")
    with summer.store.begin() as connection:
        rows = [dict(r) for r in
                connection.execute(schema.actions.select()).mappings()]  # fmt: skip
    (row,) = rows
    assert {k: row[k] for k in ("collection", "subject", "issue", "why", "action")} == {
        "collection": "results 2026/27", "subject": "History",
        "issue": "Predicted 2 grades too high", "why": "No mock was moderated",
        "action": "Moderate two mocks together",
    }  # fmt: skip
    # The pack written again has it in its place, and the line can be changed.
    summer.pack("results")
    again = table(summer.book()["What happened"], "Subject")
    said = {row["Subject"]: row["What happened"] for row in again}
    assert said["History"] == "Predicted 2 grades too high" and not said["Music"]

    next_year(summer)
    report = summer.pack("leadership", "department", now=datetime(2027, 11, 1, 9))
    for file in report.files:
        opened = openpyxl.load_workbook(summer.folder / file)
        about = "Humanities" in file or "leadership" in file
        if about:
            (told,) = table(opened["Results day"], "Subject")[:1]
            assert told["What we will do"] == "Moderate two mocks together"
        if "Mathematics" in file:
            assert "Moderate two mocks" not in str(
                [row for sheet in opened for row in sheet.iter_rows(values_only=True)]
            )
        # Shown again, it is not read as if it had been written into this pack.
        opened.save(summer.school.returned / Path(file).name)
    workflow.collect(summer.school, now=datetime(2027, 11, 3), who="dm")
    with summer.store.begin() as connection:
        assert len(connection.execute(schema.actions.select()).all()) == 1


def next_year(summer: Summer) -> None:
    """A year later: other pupils are in Year 11, predicted two grades too high."""
    summer.settle("2027/28", "A27", "2027-11-01")
    with summer.store.begin() as connection:
        connection.execute(
            schema.pupils.insert(),
            [{"adno": adno(100 + n), "surname": f"T{n:02d}", "forename": "F",
              "year": 11, "reg": "11A", "academic_year": "2027/28"}
             for n in range(12)],
        )  # fmt: skip
        for s, subject in enumerate(SUBJECTS):
            summer.teach(connection, "2027/28", f"11/{s}", subject, range(100, 112), 11)
        summer.collected(
            connection, "2027/28", "A27", "2027-11-01",
            lambda n, s: min(9, actual(n, s) + 2), 12, first=100,
        )  # fmt: skip


def test_the_expected_outcome_is_learnt_from_the_same_point_of_earlier_years(summer):
    next_year(summer)
    with summer.store.begin() as connection:
        rows = collection_entries(
            connection, summer.school, TABLES, "A27", today=datetime(2027, 11, 1).date()
        )
        of = build_cohort(connection, summer.school, TABLES, rows)
        told = expected_outcomes_by_year(
            connection, summer.school, TABLES, of, academic_year="2027/28",
            opens=datetime(2027, 11, 1).date(),
        )  # fmt: skip
        # Nothing was collected near May, so there is nothing to learn from there.
        other = expected_outcomes_by_year(
            connection, summer.school, TABLES, of, academic_year="2027/28",
            opens=datetime(2028, 5, 1).date(),
        )  # fmt: skip
    assert other == {}
    assert told[11].years == ("2026/27",) and told[11].collections == ("AUT",)
    gaps = []
    for n in range(N):
        if n != 3:
            sides = [[g(n, s) for s in range(6)] for g in (actual, predicted)]
            gaps.append(sum(sides[0]) + sides[0][1] - sum(sides[1]) - sides[1][1])
    now = [sum(p := [min(9, actual(n, s) + 2) for s in range(6)]) + p[1]
           for n in range(12)]  # fmt: skip
    row = told[11].measures.loc["attainment8"]
    assert row["expected"] == pytest.approx(mean(now) + mean(gaps))
    reach = 1.96 * stdev(gaps) * math.sqrt(1 / len(gaps) + 1 / len(now))
    assert row["high"] - row["expected"] == pytest.approx(reach)
    assert row["past"] == N - 1


def test_fewer_than_eleven_of_the_past_are_too_few_to_learn_from():
    assert math.isnan(expected_measure(50.0, 100, pd.Series([1.0] * 10))[0])
    shares = expected_measure(0.98, 100, pd.Series([0.0, 1.0] * 10), bounds=True)
    assert shares[0] == 1.0 and 0 <= shares[1] <= shares[2] == 1.0


def test_a_result_known_when_a_collection_opened_is_banked(summer):
    next_year(summer)
    with summer.store.begin() as connection:
        # Pupil 0 is back in Year 11 with last year's results.
        connection.execute(
            schema.pupils.update()
            .where(schema.pupils.c.adno == adno(0))
            .values(academic_year="2027/28")
        )
        found = known_results(connection, summer.school, "A27")
        assert found is not None
        mine = found.loc[found["adno"] == adno(0)].set_index("subject")["grade"]
        assert mine.to_dict() == {
            subject: str(actual(0, s)) for s, subject in enumerate(SUBJECTS)
        }
        rows = collection_entries(
            connection, summer.school, TABLES, "A27", today=NOW.date()
        )
        one = rows.iloc[[0]].assign(adno=adno(0), subject="French", prediction="1")
        of = build_cohort(connection, summer.school, TABLES, one, banked=found)
        told = pupil_rows("A27", of).iloc[0]
        # French is the result; the other subjects are not taken now, but were sat.
        assert f"French {actual(0, 4)}" in told["actual"].split("; ")
        assert told["attainment8"] == sum(actual(0, s) for s in range(6)) + actual(0, 1)
        # The results of the summer were not known in the autumn before.
        assert known_results(connection, summer.school, "AUT") is None


def test_a_headline_needs_results_of_the_final_year(tmp_path):
    made = Summer(tmp_path)
    with made.store.begin() as connection:
        connection.execute(schema.pupils.update().values(year=10))
    path = made.folder / "early.csv"
    path.write_text(f"Adno,Subject,Grade\n{adno(1)},French,7\n", encoding="utf-8")
    report = workflow.results(made.school, [path], now=NOW, who="exams")
    assert "attainment8" not in report.headline["2026/27"]
    made.pack("results")
    said = str(list(made.book()["Headlines"].iter_rows(values_only=True)))
    assert "No results of 2026/27 are of Year 11" in said


def test_counts_by_class_and_teacher_add_up_to_the_subject(summer):
    with summer.store.begin() as connection:
        found = results_outcome(connection, summer.school, TABLES, "2026/27")
    assert found is not None
    sums = defaultdict(int)
    for by in (("subject",), ("class", "subject"), ("teacher", "subject")):
        made = compare_results(found, TABLES, {}, by)
        for subject, n, over in made[["subject", "n", "over"]].to_numpy().tolist():
            sums[by, subject] += 1000 * n + over
    for subject in SUBJECTS:
        assert len({sums[by, subject] for by, name in sums if name == subject}) == 1


def test_the_forms_headings_are_what_is_read(summer):
    assert set(stored_headings().values()) == {
        "subject", "issue", "why", "action", "who", "by_when",
    }  # fmt: skip


def test_the_pack_of_results_is_for_senior_leaders_and_holds_none_but_its_pupils(
    summer,
):
    with summer.store.begin() as connection:
        connection.execute(
            schema.pupils.insert(),
            {"adno": "999999", "upn": "X999999999999", "surname": "Elsewhere",
             "forename": "Nobody", "year": 8, "reg": "8Z",
             "academic_year": "2026/27"},
        )  # fmt: skip
    summer.pack("results")
    path = summer.folder / "packs/results/results.xlsx"
    with zipfile.ZipFile(path) as pack:
        whole = b"".join(pack.read(name) for name in pack.namelist()).decode("utf-8")
    for told in ("999999", "Elsewhere", "X999999999999", "8Z"):
        assert told not in whole
    assert "senior leader" in whole


def test_encrypted_it_opens_with_the_leaders_password_and_stays_encrypted(summer):
    workflow.pack(summer.school, None, ["results"], encrypt=True, now=NOW, who="dm")
    path = summer.folder / "packs/results/results.xlsx"
    assert is_encrypted_file(path)
    lines = (path.parent / "passwords.csv").read_text("utf-8-sig").splitlines()
    (one,) = csv.DictReader(lines)
    assert path.name in one["files"]
    assert decrypt(path.read_bytes(), ["wrong"]) is None
    data = decrypt(path.read_bytes(), [one["password"]])
    assert data is not None
    assert "Headlines" in openpyxl.load_workbook(io.BytesIO(data)).sheetnames
    summer.pack("results")  # without being asked again
    assert is_encrypted_file(path)
    assert decrypt(path.read_bytes(), [one["password"]]) is not None


def test_a_pupil_has_the_best_of_all_entries_and_both_grades_of_a_pair(summer):
    with summer.store.begin() as connection:
        found = results_outcome(connection, summer.school, TABLES, "2026/27")
    assert found is not None
    pupil = adno(1)
    rows = found.actual.rows.loc[found.actual.rows["adno"] == pupil].head(1)
    rows = pd.concat([
        rows.assign(subject="Combined Science", prediction="4-3"),
        rows.assign(subject="French", prediction="5"),
    ])  # fmt: skip
    banked = pd.DataFrame(
        {"adno": pupil, "subject": "French", "grade": ["3"], "entry": "2025/26"}
    )
    has = best_grades(replace(found.actual, rows=rows, banked=banked))
    points = has.groupby("grade")["points"].agg(list).to_dict()
    assert points == {"4-3": [240, 180], "5": [300]}
