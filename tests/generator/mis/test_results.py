"""Results of examinations: read, matched, stored once, and never lost silently."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import workflow
from generator.mis.results.exam_dates import academic_year_of_series, month_of
from generator.mis.results.exam_years import YearUnclear
from generator.mis.results.results_report import ResultsReport
from generator.mis.results.subject_titles import SubjectTitles
from generator.school.school import School
from generator.store import results as recorded
from generator.store import schema
from generator.store.engine import Store
from generator.tabular.rows import Unreadable
from udfs.tables import standard

YEAR = "2026/27"
AUGUST = datetime(2027, 8, 19, 9, 0)
TOML = """\
[school]
name = "Made Up"
academic_year = "2026/27"

[[collections]]
code = "AUT"
opens = 2026-11-02
closes = 2026-11-13
years = [11]

[[collections]]
code = "SPR"
opens = 2027-03-01
closes = 2027-03-12
years = [11]

[[subjects]]
name = "Business"
scale = "level12"
"""
# adno -> UPN, class -> subject; everybody is in every class.
PUPILS = {
    "004001": "H889400120000", "004002": "X889400120001", "004003": "",
    "4002": "A889400120003",
}  # fmt: skip
CLASSES = {
    "11x/Ma1": "Maths",
    "11x/En1": "English (Language and Literature)",
    "11x/Sc1": "Combined Science",
    "11x/Bu1": "Business",
}


class Exams:
    """A school with pupils in Year 11, and the ways a test reads results into it."""

    def __init__(self, folder: Path) -> None:
        (folder / "school.toml").write_text(TOML, encoding="utf-8")
        self.school = School.load(folder)
        self.folder = folder
        with self.connected() as connection:
            connection.execute(
                schema.pupils.insert(),
                [{"adno": adno, "upn": upn, "surname": "Smith", "forename": "Ann",
                  "year": 11, "academic_year": YEAR} for adno, upn in PUPILS.items()],
            )  # fmt: skip
            for code, subject in CLASSES.items():
                connection.execute(
                    schema.classes.insert(),
                    {"academic_year": YEAR, "class": code, "subject": subject,
                     "year": 11, "teachers": "ABA;COH"},
                )  # fmt: skip
                connection.execute(
                    schema.memberships.insert(),
                    [{"academic_year": YEAR, "class": code, "adno": adno}
                     for adno in PUPILS],
                )  # fmt: skip
            connection.execute(
                schema.collections.insert(),
                [{"code": code, "academic_year": YEAR, "name": code, "opens": day,
                  "closes": day}
                 for code, day in (("AUT", "2026-11-02"), ("SPR", "2027-03-01"))],
            )  # fmt: skip

    def connected(self) -> Any:
        return self.store.begin()

    @property
    def store(self) -> Store:
        return Store.open(self.folder, self.school.settings.school.database)

    def predict(self, collection: str, adno: str, subject: str, value: str) -> None:
        with self.connected() as connection:
            connection.execute(
                schema.marks.insert(),
                {"collection": collection, "adno": adno, "subject": subject,
                 "field": "prediction", "academic_year": YEAR, "value": value,
                 "class": "11x/Ma1", "merged_at": "2026-11-10T10:00:00"},
            )  # fmt: skip

    def file(self, text: str, name: str = "results.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def read(
        self,
        *files: Path | str,
        now: datetime = AUGUST,
        year: str | None = None,
        as_results: bool = False,
    ) -> ResultsReport:
        paths = [self.file(f) if isinstance(f, str) else f for f in files]
        return workflow.results(
            self.school, paths, academic_year=year, as_results=as_results, now=now,
            who="exams",
        )  # fmt: skip

    def set_number(self, subject: str, number: str) -> None:
        """Give a subject its qualification number in school.toml."""
        self._add(
            f'[[subjects]]\nname = "{subject}"\nqualification_number = "{number}"\n'
        )

    def ignore(self, heading: str) -> None:
        """Ignore a column by its heading, in school.toml."""
        self._add(f'[columns]\n"{heading}" = "ignore"\n')

    def _add(self, text: str) -> None:
        path = self.folder / "school.toml"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}", "utf-8")
        self.school = School.load(self.folder)

    def rows(self) -> list[dict[str, Any]]:
        with self.connected() as connection:
            frame = recorded.result_table(connection)
        rows = frame.astype(object).where(frame.notna(), None)
        return [
            {str(name): value for name, value in row.items()}
            for row in rows.to_dict("records")
        ]

    def grades(self) -> dict[tuple[str, str], str]:
        return {(row["adno"], row["subject"]): row["grade"] for row in self.rows()}

    def history(self) -> list[tuple[str, str, str]]:
        with self.connected() as connection:
            frame = recorded.result_history(connection)
        return [tuple(row) for row in frame[["old", "new", "why"]].to_numpy().tolist()]


@pytest.fixture
def exams(tmp_path: Path) -> Iterator[Exams]:
    yield Exams(tmp_path)


LONG = """\
Made Up School: results,,,
,,,
UPN,Name,Qualification Title,Result
H889400120000,"Smith, Ann",AQA GCSE (9-1) Mathematics 8300,7
X889400120001,"Smith, Ann",GCSE MATHS,4.0
H889400120000,"Smith, Ann",AQA GCSE Combined Science: Trilogy 8464,54
H889400120000,"Smith, Ann",BTEC Tech Award in Business,D2
H889400120000,"Smith, Ann",GCSE English Language,X
"""


def test_a_list_with_a_row_for_each_result_is_read(exams):
    report = exams.read(LONG)
    assert exams.grades() == {
        ("004001", "Maths"): "7",
        ("004002", "Maths"): "4",
        ("004001", "Combined Science"): "5-4",
        ("004001", "Business"): "L2D",
        ("004001", "English Language"): "X",
    }
    assert report.exit_status == 0 and (report.new, report.refused) == (5, 0)
    points = {row["subject"]: row["points"] for row in exams.rows()[:4]}
    # 5-4 is 4.5, L2D is 7 performance-table points; X has none.
    assert points == {
        "Business": 7.0, "Combined Science": 4.5, "English Language": None,
        "Maths": 7.0,
    }  # fmt: skip
    row = exams.rows()[-1]
    assert (row["year"], row["class"], row["teacher"], row["academic_year"]) == (
        11, "11x/Ma1", "ABA;COH", YEAR,
    )  # fmt: skip


WIDE = """\
Adno,Surname,Maths,Eng Lang,English Lit,Combined Science Grade,Attainment 8,Wombats
004001,Smith,7,6,5,5-4,61,7
004003,Smith,,3,N/T,4-4,,3
4002,Smith,9,Q,,,,
"""


def test_a_column_for_each_subject_gives_the_same_results(exams):
    report = exams.read(WIDE)
    assert exams.grades() == {
        ("004001", "Maths"): "7",
        ("004001", "English Language"): "6",
        ("004001", "English Literature"): "5",
        ("004001", "Combined Science"): "5-4",
        ("004003", "English Language"): "3",
        ("004003", "Combined Science"): "4-4",
        ("4002", "Maths"): "9",
        ("4002", "English Language"): "Q",
    }
    assert (report.not_entered, report.pending) == (1, 1)
    (problem,) = report.problems
    assert problem.code == "subject-not-recognised" and problem.value == "Wombats"
    assert report.exit_status == 1


def test_a_dash_is_a_blank_and_no_grade(exams):
    report = exams.read("Adno,Maths,English Language\n004001,7,-\n004003,–,n/a\n")
    assert exams.grades() == {("004001", "Maths"): "7"}
    assert (report.problems, report.exit_status) == ((), 0)


def workbook(rows: list[list[object]], sheet: str = "Results") -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        worksheet = book.add_worksheet(sheet)
        for at, row in enumerate(rows):
            worksheet.write_row(at, 0, row)
    return data.getvalue()


def test_a_workbook_gives_the_same_results_as_a_csv_file(exams, tmp_path_factory):
    rows = [list(row) for row in csv.reader(io.StringIO(WIDE))]
    path = exams.folder / "results.xlsx"
    path.write_bytes(workbook([["Title"], [], *rows]))
    exams.read(path)
    other = Exams(tmp_path_factory.mktemp("other"))
    other.read(WIDE)
    assert exams.grades() == other.grades()
    assert exams.rows()[0]["source_cell"] == "Results!F4"  # Combined Science


def test_a_second_import_of_results_changes_nothing(exams):
    exams.read(LONG)
    before, history = exams.rows(), exams.history()
    report = exams.read(LONG, now=datetime(2027, 8, 30))
    assert (report.new, report.changed, report.same) == (0, 0, 5)
    assert exams.rows() == before and exams.history() == history


def test_a_corrected_file_replaces_results_and_reports_both(exams):
    exams.read(LONG)
    report = exams.read(
        LONG.replace("8300,7", "8300,8").replace("Language,X", "Language,5")
    )
    assert [(c.adno, c.subject, c.old, c.new) for c in report.changes] == [
        ("004001", "Maths", "7", "8"), ("004001", "English Language", "X", "5"),
    ]  # fmt: skip
    assert "Changed: 004001, Maths: 7 → 8." in report.lines()
    assert exams.history()[-2:] == [("7", "8", "changed"), ("X", "5", "changed")]


def test_a_pending_result_replaces_nothing_and_is_replaced(exams):
    exams.read("Adno,Subject,Grade\n004001,Maths,Q\n")
    exams.read("Adno,Subject,Grade\n004001,Maths,6\n")
    report = exams.read("Adno,Subject,Grade\n004001,Maths,Pending\n")
    assert exams.grades() == {("004001", "Maths"): "6"} and report.same == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_first_entry_counts_in_whatever_order_they_are_read(exams, order):
    lines = ["004001,Maths,4,Nov 2026\n", "004001,Maths,6,Summer 2027\n"]
    reports = [
        exams.read("Adno,Subject,Grade,Series\n" + lines[place]) for place in order
    ]
    assert exams.grades() == {("004001", "Maths"): "4"}
    assert reports[1].later == (order == (0, 1))
    both = exams.read("Adno,Subject,Grade,Series\n" + "".join(lines))
    assert (both.same, both.later, both.refused) == (1, 1, 0)


def test_two_different_results_in_one_file_are_refused(exams):
    report = exams.read("Adno,Subject,Grade\n004001,Maths,4\n004001,Mathematics,6\n")
    assert exams.grades() == {} and report.refused == 2
    assert report.problems[0].code == "two-results" and report.exit_status == 1
    again = exams.read("Adno,Subject,Grade\n004001,Maths,4\n004001,Maths,4\n")
    assert (again.new, again.same) == (1, 1)


# Rule 8, row by row: what a row says -> the fault, or whose it is.
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("4001,,Maths,5", ""),  # without its zeros, and nobody else fits
        ("04002,,Maths,5", "pupil-unclear"),  # 004002 and 4002 do
        ("004001,X889400120001,Maths,5", "two-pupils-named"),
        (",Z000000000000,Maths,5", "pupil-unknown"),
        (",,Maths,5", "pupil-not-named"),
        ("004001,,,5", "subject-unclear"),
        ("004001,,English,5", "subject-unclear"),  # Language or Literature?
        ("004001,,Maths,10", "grade-not-listed"),
        ("004001,,Maths,I", "grade-not-listed"),  # a letter that looks like 1
        ("004001,,Combined Science,4-5", "grade-not-listed"),
        ("004001,,Combined Science,2026-04-05", "grade-not-listed"),  # was 5-4
        ("004001,,Business,9", "grade-not-listed"),
        ("004001,,Klingon,5", "subject-not-known"),
    ],
)
def test_a_wrong_result_is_reported_and_refused(exams, row, code):
    report = exams.read(f"Adno,UPN,Subject,Grade\n{row}\n004003,,Maths,5\n")
    codes = {problem.code for problem in report.problems if problem.code == code}
    assert codes == ({code} if code else set())
    is_stored = code in ("", "subject-not-known")
    assert len(exams.rows()) == (2 if is_stored else 1)
    assert report.exit_status == (0 if is_stored else 1)
    assert report.read == 2


def test_candidate_numbers_need_a_second_file(exams):
    results = exams.file(
        "Candidate No,Name,Subject,Grade\n0017,A Smith,Maths,5\n", "r.csv"
    )
    with pytest.raises(Unreadable, match="never matched by name"):
        exams.read("Name,Subject,Grade\nAnn Smith,Maths,5\n")
    alone = exams.read(results)
    assert alone.problems[0].code == "candidate-unknown" and not exams.rows()
    list_ = exams.file("UPN,Exam No\nH889400120000,17\n", "candidates.csv")
    exams.read(results, list_)
    assert exams.grades() == {("004001", "Maths"): "5"}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK\x03\x04not a zip", b"%PDF-1.7", b"Surname,Maths\nSmith,5\n",
        b"Adno,House\n004001,Red\n", b"\x00\x01\x02" * 50,
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_costs_itself_alone(exams, content):
    bad = exams.folder / "bad.csv"
    bad.write_bytes(content)
    with pytest.raises(Unreadable):
        exams.read(bad)
    assert exams.rows() == []
    report = exams.read(exams.file(LONG, "good.csv"), bad)
    assert (report.new, report.exit_status) == (5, 1)
    (problem,) = (p for p in report.problems if p.severity == "error")
    assert (problem.file, problem.code) == ("bad.csv", "file-left-out")


def test_a_name_that_does_not_exist_stops_the_job(exams):
    with pytest.raises(Unreadable, match="There is no file"):
        exams.read(exams.file(LONG, "good.csv"), exams.folder / "good2.csv")
    assert exams.rows() == []


def test_the_prediction_beside_a_result_is_the_last_that_is_a_grade(exams):
    exams.predict("AUT", "004001", "Maths", "6")
    exams.predict("SPR", "004001", "Maths", "TE")
    exams.predict("AUT", "004002", "Maths", "3")
    exams.predict("SPR", "004002", "Maths", "5")
    exams.read(LONG)
    predictions = {r["adno"]: (r["predicted"], r["collection"]) for r in exams.rows()
            if r["subject"] == "Maths"}  # fmt: skip
    assert predictions == {"004001": ("6", "AUT"), "004002": ("5", "SPR")}


def test_a_later_prediction_does_not_change_a_result(exams):
    exams.predict("AUT", "004001", "Maths", "6")
    exams.read(LONG)
    exams.predict("SPR", "004001", "Maths", "7")
    exams.read(LONG.replace("8300,7", "8300,8"))
    assert exams.grades()["004001", "Maths"] == "8"
    row = next(r for r in exams.rows() if r["adno"] == "004001" and r["grade"] == "8")
    assert (row["predicted"], row["collection"]) == ("6", "AUT")


def moved_up(exams: Exams) -> School:
    """The same school a year later: everybody is in Year 12."""
    text = TOML.replace("2026/27", "2027/28")
    (exams.folder / "school.toml").write_text(text, encoding="utf-8")
    exams.school = School.load(exams.folder)
    with exams.connected() as connection:
        connection.execute(
            schema.pupils.update().values(year=12, academic_year="2027/28")
        )
    return exams.school


def test_after_the_summer_results_belong_to_the_year_before(exams):
    exams.predict("AUT", "004001", "Maths", "6")
    moved_up(exams)
    report = exams.read(LONG, now=datetime(2027, 9, 3))
    assert report.academic_years == (YEAR,)
    row = next(r for r in exams.rows() if r["subject"] == "Maths")
    assert (row["year"], row["class"], row["predicted"]) == (11, "11x/Ma1", "6")


def test_from_january_the_year_of_results_must_be_named(exams):
    moved_up(exams)
    with pytest.raises(YearUnclear, match="resits"):
        exams.read(LONG, now=datetime(2028, 1, 13))
    assert exams.rows() == []
    exams.read(LONG, now=datetime(2028, 1, 13), year="2027/28")
    assert {row["academic_year"] for row in exams.rows()} == {"2027/28"}
    # The summer's results stand beside a resit; neither replaces the other.
    exams.read(LONG, now=datetime(2028, 1, 13), year=YEAR)
    assert len(exams.rows()) == 10


def test_a_series_decides_the_academic_year(exams):
    moved_up(exams)
    exams.read(
        "Adno,Subject,Grade,Exam Month,Exam Year\n004001,Maths,5,Jun,2027\n"
        "004002,Maths,4,Nov,2027\n",
        now=datetime(2027, 12, 13),
    )
    assert {(r["adno"], r["academic_year"], r["series"]) for r in exams.rows()} == {
        ("004001", YEAR, "2027-06"), ("004002", "2027/28", "2027-11"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("series", "year"),
    [("Summer 2027", "2026/27"), ("Nov 2026", "2026/27"), ("2027-08-19", "2026/27"),
     ("01/06/2027", "2026/27"), ("Autumn 2027", "2027/28"), ("6F27", ""), ("", "")],
)  # fmt: skip
def test_a_month_has_an_academic_year(series, year):
    assert academic_year_of_series(month_of(series)) == year


# Titles as awarding bodies and exam officers write them.
@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("Edexcel Level 1/Level 2 GCSE (9-1) in Mathematics 1MA1", "Mathematics"),
        ("AQA GCSE English Language 8700", "English Language"),
        ("OCR Cambridge Nationals in Health and Social Care J835",
         "Health and Social Care"),
        ("GCSE Spanish (Foundation)", "Spanish"),
        ("French 601/8157/3", "French"),
        ("History A", "History"),
        ("Design and Technology: Timber", "Design and Technology"),
        ("GCSE Polish", "Polish"),
    ],
)  # fmt: skip
def test_a_title_matches_without_its_decoration(title, subject):
    meant = SubjectTitles(standard(), []).match(title)
    assert (meant.subject, meant.is_known) == (subject, True)


def test_half_a_qualification_is_not_the_subjects_result():
    meant = SubjectTitles(standard(), ["Religious Studies"]).match(
        "GCSE RS Short Course"
    )
    assert not meant.is_known


def test_the_headline_is_calculated_from_the_results(exams):
    exams.predict("SPR", "004001", "Maths", "6")
    exams.predict("SPR", "004002", "Maths", "6")
    report = exams.read(LONG)
    # 7 - 6 = 1 under, 4 - 6 = 2 over: on average half a grade too high.
    figures = report.headline[YEAR]["accuracy"]
    assert (figures["n"], figures["over"], figures["under"]) == (2, 1, 1)
    assert figures["error"] == 0.5 and figures["exact"] == 0
    # Pupil 1: maths 2 x 7, science 2 x 4.5, business 7. Pupil 2: maths 2 x 4.
    assert report.headline[YEAR]["attainment8"] == ((14 + 9 + 7) + 8) / 2
    assert report.lines()[0].startswith("Results of 2026/27: Attainment 8 19.0 for 2")


GRADES = st.sampled_from(["9", "5", "1", "U", "X", "Q", "N/T", "", "oops", "５", " 4 "])


@settings(
    max_examples=6, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.lists(
        st.tuples(st.sampled_from([*PUPILS, "nobody"]), GRADES), min_size=1, max_size=8
    ),
    st.integers(0, 9),
)
def test_every_cell_is_counted_once(tmp_path_factory, cells, seed):
    exams = Exams(tmp_path_factory.mktemp("any"))
    text = "Adno,Subject,Grade\n" + "".join(
        f"{adno},Maths,{grade}\n" for adno, grade in cells
    )
    report = exams.read(text)
    # Rows below one that names nobody and has little in it are never lost either.
    count = report.read + report.not_entered + report.blank
    assert count == len(cells)
    shuffled = cells[:]
    random.Random(seed).shuffle(shuffled)
    again = Exams(tmp_path_factory.mktemp("again"))
    again.read(
        "Adno,Subject,Grade\n"
        + "".join(f"{adno},Maths,{grade}\n" for adno, grade in shuffled)
    )
    plain = {at: grade for at, grade in exams.grades().items() if grade != "Q"}
    assert plain == {at: g for at, g in again.grades().items() if g != "Q"}
