"""The schools whose packs are counted again."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from benchmarks import packs
from generator import workflow
from generator.export import TABLES
from generator.school.key_file import create_key
from generator.school.school import School
from generator.store import schema
from tests.conftest import DEMO_DAY
from tests.generator.packs import sample_school
from tests.generator.packs.test_results import SUBJECTS, Summer, actual, next_year
from tests.recount.headlines import Headlines
from tests.recount.recount_data import RecountData
from tests.recount.tables import ExportedTables

PUPILS_PER_YEAR = 30


def exports(school: School, tables: Path, code: str, today: date) -> ExportedTables:
    """Write every table, as `markbook export` does."""
    tables.mkdir(exist_ok=True)
    now = datetime(today.year, today.month, today.day, 9, 30)
    for name in TABLES:
        workflow.export(school, name, out=tables / f"{name}.csv", now=now)
    return ExportedTables(school.folder, tables, code, today)


# Optional settings: the EBacc, aims of every kind and outcome; groups by sex and by
# indicator, a small one, an empty one, and one of everybody.
EXTRA_SETTINGS = """
[[groups]]
name = "Boys"
rule = 'sex == "M"'

[[groups]]
name = "Often away"
rule = 'attendance < 85'

[[groups]]
name = "Statemented"
rule = 'sen == "E" and year == 10'

[[groups]]
name = "Year 12"
rule = 'year == 12'

[[groups]]
name = "Everybody"
rule = 'year >= 7'

[measures]
ebacc = true

[[kpis]]
measure = "attainment8"
year = 11
plan = 50

[[kpis]]
measure = "english_maths_5"
year = 10
plan = 0.80

[[kpis]]
measure = "on_or_above"
year = 9
group = "PP"
plan = 0.72

[[kpis]]
measure = "progress8"
year = 11
group = "SEND"
plan = 0.0

[[kpis]]
measure = "ebacc_points"
year = 10
plan = 5

[[kpis]]
measure = "incomplete"
year = 11
plan = 0
"""


LADDER = """
note = "Year 8, by February."

[[bands]]
name = "Developing"
targets = ["U", "1", "2", "3"]
statements = ["I can add, subtract and multiply fractions.", "I know 2 angle rules."]

[[bands]]
name = "Secure"
targets = ["4", "5"]
statements = ["I can solve 2x + 3 = 11."]
"""


def _five(folder: Path) -> ExportedTables:
    """Five collections of one year, with interventions; the last one is unusual."""
    packs.build_school(folder / "school", pupils_per_year=PUPILS_PER_YEAR)
    with (folder / "school" / "school.toml").open("a", encoding="utf-8") as settings:
        settings.write(EXTRA_SETTINGS)
    ladders = folder / "school" / "ladders"
    ladders.mkdir()
    (ladders / "Maths-8.toml").write_text(LADDER, encoding="utf-8")
    school = School.load(folder / "school")
    opened = sample_school.open_store(school)
    with opened.begin() as connection:
        sample_school.unlike(connection, "C5")
        sample_school.year_before(connection, "C1")
    opened.close()
    workflow.pack(school, "C5", now=packs.NOW, who="HAR")
    workflow.chase(school, "C5", now=packs.NOW)
    return exports(school, folder / "tables", "C5", packs.NOW.date())


def _named(folder: Path) -> ExportedTables:
    """Your own school, in MARKBOOK_RECOUNT=FOLDER,COLLECTION,YYYY-MM-DD."""
    at, code, day = os.environ["MARKBOOK_RECOUNT"].split(",")
    return exports(
        School.load(Path(at)), folder / "tables", code, date.fromisoformat(day)
    )


SCHOOLS: dict[str, Callable[[Path], ExportedTables] | None] = {
    "demo": None,
    "five collections": _five,
}
if "MARKBOOK_RECOUNT" in os.environ:
    SCHOOLS = {"named": _named}


@pytest.fixture(scope="session", params=SCHOOLS)
def school(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> ExportedTables:
    """Each school in turn, with its packs written and its tables exported."""
    folder = tmp_path_factory.mktemp("recount")
    if make := SCHOOLS[request.param]:
        return make(folder)
    demo_school = School.load(request.getfixturevalue("demonstration").report.folder)
    return exports(demo_school, folder / "tables", "AUT2", DEMO_DAY.date())


@pytest.fixture(scope="session")
def data(school: ExportedTables) -> RecountData:
    """The data of a school, read once for all recounts."""
    return RecountData(school)


@pytest.fixture(scope="session")
def headlines(data: RecountData) -> Headlines:
    """The measures of the collection and of those that it is compared with."""
    return Headlines(data)


@pytest.fixture(scope="session")
def two_summers(tmp_path_factory: pytest.TempPathFactory) -> RecountData:
    """A small school with results of two years, and predictions before both."""
    folder = tmp_path_factory.mktemp("summers")
    summer = Summer(folder)
    create_key(folder)  # a school that has issued has a key
    with summer.store.begin() as connection:
        connection.execute(
            schema.issues.insert(),
            {"issue_id": "AUT-11/0", "academic_year": "2026/27", "collection": "AUT",
             "class": "11/0", "issued_at": "2026-11-02T09:00:00", "layout": "{}"},
        )  # fmt: skip
    summer.sat()
    next_year(summer)
    now = datetime(2028, 8, 20, 9, 30)
    lines = ["Adno,Subject,Grade"]
    lines += [
        f"{100 + n:04d},{subject},{actual(n, s)}"
        for n in range(12)
        for s, subject in enumerate(SUBJECTS)
    ]
    path = folder / "results-2028.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    workflow.results(summer.school, [path], now=now, who="exams")
    summer.pack("results", now=now)
    return RecountData(exports(summer.school, folder / "csv", "A27", now.date()))
