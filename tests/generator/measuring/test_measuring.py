"""From a store filled_school by hand to groups, measures and pupils' measures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection, update

from generator.export import TABLES, as_csv
from generator.measuring import build_cohort, collection_entries
from generator.measuring.group_table import COLUMNS as GROUP_COLUMNS
from generator.measuring.measure_table import COLUMNS as MEASURE_COLUMNS
from generator.measuring.measure_table import PUPIL_COLUMNS
from generator.school.school import School, SettingsError
from generator.school.school_tables import school_tables
from generator.store import schema
from generator.store.engine import Store
from generator.store.tables import TableQuery, build_table
from tests.recount.arithmetic import student
from udfs.errors import BadTable
from udfs.measures.group_rules import BadRule
from udfs.measures.pupil_measures import MEASURES

YEAR = "2026/27"
TODAY = date(2026, 11, 22)
SETTINGS = """\
[school]
name = "Counting School"
academic_year = "2026/27"

[[collections]]
code = "AUT"
name = "Autumn"
opens = 2026-11-02
closes = 2026-11-13

[[groups]]
name = "SEND"
rule = 'sen in ["K", "E"]'

[[groups]]
name = "Often away"
rule = "attendance < 93"
"""
# Subject of the class -> subject of the marks, and how often it is predicted a 7.
SUBJECTS = {
    "English (Language and Literature)": ("English Language", "English Literature"),
    "Mathematics": ("Mathematics",),
    "Combined Science": ("Combined Science",),
    "History": ("History",),
    "French": ("French",),
    "Art and Design": ("Art and Design",),
    "Religious Studies": ("Religious Studies",),
    "Health and Social Care": ("Health and Social Care",),
    "Core PE": ("Core PE",),
}
PUPILS = {10: range(100, 130), 11: range(200, 260), 7: range(700, 720)}
SMALL = 6


def adno(number: int) -> str:
    return f"{number:06d}"


def prediction(number: int, subject: str) -> str:
    level = 3 + number % 5
    if subject == "Combined Science":
        return f"{level}-{level}"
    if subject == "Health and Social Care":
        return "L2M"
    return "" if subject == "Core PE" else str(level)


def write_settings(folder: Path, more: str = "") -> School:
    (folder / "school.toml").write_text(SETTINGS + more, encoding="utf-8")
    return School.load(folder)


@pytest.fixture
def school(tmp_path: Path) -> School:
    return write_settings(tmp_path)


@pytest.fixture(scope="module")
def filled_school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a school whose store is full."""
    school = write_settings(tmp_path_factory.mktemp("counting"))
    store = Store.open(school.folder, school.settings.school.database)
    with store.begin() as connection:
        fill(connection)
    store.close()
    return school.folder


@pytest.fixture
def connection(school: School, filled_school: Path) -> Iterator[Connection]:
    shutil.copytree(filled_school, school.folder, dirs_exist_ok=True)
    store = Store.open(school.folder, school.settings.school.database)
    with store.begin() as connection:
        yield connection
    store.close()


def fill(connection: Connection) -> None:
    pupils = [(n, year) for year, numbers in PUPILS.items() for n in numbers]
    connection.execute(
        schema.pupils.insert(),
        [
            {
                "adno": adno(n), "upn": f"U{n:012d}", "sex": "FM"[n % 2],
                "year": year, "reg": f"{year}A", "pp": "YN"[n % 3 > 0],
                "disadvantaged": "YN"[n % 3 > 0], "sen": "NNNNNKNNNE"[n % 10],
                "eal": "YN"[n % 4 > 0], "academic_year": YEAR,
                "ks2_reading": "" if n % 20 == 0 else str(95 + n % 20),
                "ks2_maths": "" if n % 20 == 0 else str(97 + n % 20),
            }
            for n, year in pupils
        ],
    )  # fmt: skip
    connection.execute(
        schema.indicators.insert(),
        [
            {"academic_year": YEAR, "adno": adno(n), "name": "Attendance %",
             "value": str(90 + n % 10)}
            for n, _ in pupils
        ],
    )  # fmt: skip
    connection.execute(
        schema.collections.insert(),
        {"code": "AUT", "academic_year": YEAR, "name": "Autumn",
         "opens": "2026-11-02", "closes": "2026-11-13"},
    )  # fmt: skip
    for year, numbers in PUPILS.items():
        for subject, about in SUBJECTS.items():
            code = f"{year}x/{subject[:4]}"
            add_class(connection, code, subject, year, [*numbers])
            for name in about:
                for n in numbers:
                    add_mark(connection, n, name, prediction(n, name), code)


def add_class(connection, code, subject, year, numbers, since="2026-09-01"):
    connection.execute(
        schema.classes.insert(),
        {"academic_year": YEAR, "class": code, "subject": subject, "year": year,
         "teachers": "ABA"},
    )  # fmt: skip
    connection.execute(
        schema.memberships.insert(),
        [
            {"academic_year": YEAR, "class": code, "adno": adno(n), "since": since}
            for n in numbers
        ],
    )
    connection.execute(
        schema.issues.insert(),
        {"issue_id": code, "academic_year": YEAR, "collection": "AUT", "class": code,
         "issued_at": "2026-11-02T08:00:00"},
    )  # fmt: skip
    connection.execute(
        schema.issued_rows.insert(),
        [
            {"issue_id": code, "subject": name, "adno": adno(n), "academic_year": YEAR,
             "target": target(name)}
            for name in SUBJECTS[subject]
            for n in numbers
        ],
    )  # fmt: skip


def target(subject):
    if subject in ("Core PE", "Health and Social Care"):
        return None
    return "5-5" if subject == "Combined Science" else "5"


def add_mark(connection, number, subject, value, code="", field="prediction"):
    m = schema.marks
    where = (m.c.adno == adno(number)) & (m.c.subject == subject) & (m.c.field == field)
    where &= m.c.collection == "AUT"
    connection.execute(m.delete().where(where))
    if value:
        connection.execute(
            m.insert(),
            {"collection": "AUT", "adno": adno(number), "subject": subject,
             "field": field, "academic_year": YEAR, "value": value, "class": code,
             "merged_at": "2026-11-10T10:00:00"},
        )  # fmt: skip


def query(connection, school, collection="AUT", today=TODAY):
    return TableQuery(connection, school, school_tables(school), collection, today)


def build(name, connection, school, **more):
    return build_table(query(connection, school, **more), name, TABLES)


def pupil(connection, school, number):
    frame = build("pupil_measures", connection, school)
    return frame.set_index("adno").loc[adno(number)]


def select(frame, **values):
    for name, value in values.items():
        frame = frame.loc[frame[name] == value]
    return frame


# The table `groups` -----------------------------------------------------------------


def test_groups_have_the_columns_of_the_contract(connection, school):
    frame = build("groups", connection, school)
    promised = (
        "collection, subject, dimension, group, pupils, with_data, above, on, below, "
        "well_below, mean_points, mean_target_points, mean_gap, ci_low, ci_high, "
        "suppressed, academic_year"
    )
    assert list(frame.columns) == promised.split(", ") == list(GROUP_COLUMNS)


def test_a_group_equals_a_count_by_hand(connection, school):
    frame = select(build("groups", connection, school), subject="Mathematics")
    everybody = [n for numbers in PUPILS.values() for n in numbers]
    for name, group, inside in (
        ("all", "all", everybody),
        ("pp", "Y", [n for n in everybody if n % 3 == 0]),
        ("sex", "F", [n for n in everybody if n % 2 == 0]),
        ("year", "11", [*PUPILS[11]]),
        ("SEND", "Y", [n for n in everybody if n % 10 in (5, 9)]),
        ("Often away", "Y", [n for n in everybody if n % 10 < 3]),
        ("sex x pp", "M x Y", [n for n in everybody if n % 2 and n % 3 == 0]),
        ("pp x year", "N x 10", [n for n in PUPILS[10] if n % 3]),
    ):
        row = select(frame, dimension=name, group=group).iloc[0]
        levels = pd.Series([3 + n % 5 for n in inside])
        gaps = levels - 5
        assert row["suppressed"] == "N", name
        assert row["pupils"] == row["with_data"] == len(inside)
        assert row["above"] == (gaps > 0).sum()
        assert row["on"] == (gaps == 0).sum()
        assert row["below"] == (gaps == -1).sum()
        assert row["well_below"] == (gaps == -2).sum()
        assert row["mean_points"] == round(levels.mean(), 4)
        assert row["mean_target_points"] == 5
        assert row["mean_gap"] == round(gaps.mean(), 4)
        reach = student(len(gaps) - 1) * gaps.std() / len(gaps) ** 0.5
        assert row["ci_high"] - row["mean_gap"] == pytest.approx(reach, abs=2e-4)


def test_a_blank_is_no_data_and_never_below(connection, school):
    for n in (200, 201, 202):
        add_mark(connection, n, "History", "")
    add_mark(connection, 203, "History", "Abs")
    row = select(
        build("groups", connection, school),
        subject="History", dimension="year", group="11",
    ).iloc[0]  # fmt: skip
    assert (row["pupils"], row["with_data"]) == (60, 56)
    assert row[["above", "on", "below", "well_below"]].sum() == 56


def test_the_row_of_a_small_group_has_no_figures(connection, school):
    for name, figures in (("groups", "mean_gap"), ("measures", "value")):
        frame = build(name, connection, school)
        visible, hidden = select(frame, suppressed="N"), select(frame, suppressed="Y")
        assert len(visible) and len(hidden)
        assert visible["pupils"].min() >= SMALL
        assert hidden[["pupils", figures, "ci_low", "ci_high"]].isna().all().all()


def test_groups_equal_to_a_field_are_hidden_alike(connection, school):
    # SEND is made of sen: what the one hides, the other must not tell.
    frame = select(build("groups", connection, school), subject="French")
    sen = select(frame, dimension="sen").set_index("group")
    send = select(frame, dimension="SEND").set_index("group")
    if sen.loc["K", "suppressed"] == "Y" and sen.loc["N", "suppressed"] == "Y":
        assert (send["suppressed"] == "Y").all()


# The table `measures` ---------------------------------------------------------------


def test_measures_have_the_columns_and_names_of_the_contract(connection, school):
    frame = build("measures", connection, school)
    promised = (
        "collection, year, dimension, group, measure, value, pupils, ci_low, ci_high, "
        "suppressed, academic_year"
    )
    assert set(promised.split(", ")) <= set(frame.columns) == set(MEASURE_COLUMNS)
    assert set(frame["measure"]) <= {measure.name for measure in MEASURES}


def test_attainment_8_is_of_years_10_and_11_and_points_are_of_all(connection, school):
    frame = select(build("measures", connection, school), dimension="all")
    years = frame.groupby("measure")["year"].agg(lambda years: sorted(set(years)))
    assert years["attainment8"] == years["progress8"] == [10, 11]
    assert years["english_maths_5"] == years["incomplete"] == [10, 11]
    assert years["mean_points"] == years["on_or_above"] == [7, 10, 11]


def test_a_headline_is_the_mean_of_complete_pupils(connection, school):
    add_mark(connection, 200, "History", "")
    add_mark(connection, 201, "History", "N/T")
    frame = build("measures", connection, school)
    pupils = select(build("pupil_measures", connection, school), year=11)
    row = select(frame, year=11, dimension="all", measure="attainment8").iloc[0]
    complete = select(pupils, complete="Y")
    assert len(complete) == row["pupils"] == 59
    assert row["value"] == round(complete["attainment8"].mean(), 4)
    incomplete = select(frame, year=11, dimension="all", measure="incomplete").iloc[0]
    assert incomplete["suppressed"] == "Y"  # one pupil, who is not to be told
    score = select(frame, year=11, dimension="all", measure="progress8").iloc[0]
    assert score["pupils"] == complete["progress8"].notna().sum() == 57
    assert score["value"] == pytest.approx(complete["progress8"].mean(), abs=0.005)
    assert score["ci_high"] - score["value"] == pytest.approx(
        1.96 * 1.41628 / 57**0.5, abs=1e-4
    )
    assert "no published Progress 8 score" in score["note"]


def test_six_incomplete_pupils_are_counted(connection, school):
    for n in range(200, 206):
        add_mark(connection, n, "History", "")
    frame = build("measures", connection, school)
    row = select(frame, year=11, dimension="all", measure="incomplete").iloc[0]
    assert (row["value"], row["pupils"], row["suppressed"]) == (6, 60, "N")


def test_english_and_mathematics_by_hand(connection, school):
    frame = select(build("measures", connection, school), year=11, dimension="all")
    reached = {
        grade: sum(3 + n % 5 >= grade for n in PUPILS[11]) / 60 for grade in (4, 5, 7)
    }
    for grade, share in reached.items():
        row = select(frame, measure=f"english_maths_{grade}").iloc[0]
        assert row["value"] == round(share, 4)
        assert 0 <= row["ci_low"] < row["value"] < row["ci_high"] <= 1


def test_mean_points_and_share_on_or_above_are_of_all_predictions(connection, school):
    frame = select(build("measures", connection, school), year=7, dimension="all")
    rows = [
        3 + n % 5
        for n in PUPILS[7]
        for about in SUBJECTS.values()
        for name in about
        if name not in ("Core PE", "Health and Social Care")
    ]
    points = (sum(rows) + 5.5 * 20) / (len(rows) + 20)
    assert select(frame, measure="mean_points")["value"].item() == round(points, 4)
    share = sum(level >= 5 for level in rows) / len(rows)
    assert select(frame, measure="on_or_above")["value"].item() == round(share, 4)
    gap = sum(level - 5 for level in rows) / len(rows)
    assert select(frame, measure="mean_gap")["value"].item() == round(gap, 4)


def test_the_gap_is_to_everyone_else(connection, school):
    frame = select(
        build("measures", connection, school), year=11, measure="attainment8"
    )
    both = select(frame, dimension="pp").set_index("group")
    gap = both.loc["Y", "value"] - both.loc["N", "value"]
    assert both.loc["Y", "gap_to_others"] == pytest.approx(gap, abs=1e-3)
    assert both.loc["N", "gap_to_others"] == pytest.approx(-gap, abs=1e-3)
    assert select(frame, dimension="all")["gap_to_others"].isna().all()


def test_ebacc_is_off_by_default(connection, school):
    assert "ebacc_entry" not in set(build("measures", connection, school)["measure"])
    more = write_settings(school.folder, "\n[measures]\nebacc = true\n")
    frame = select(build("measures", connection, more), dimension="all", year=11)
    assert select(frame, measure="ebacc_entry")["value"].item() == 1
    level = sum(3 + n % 5 for n in PUPILS[11]) / 60
    assert select(frame, measure="ebacc_points")["value"].item() == round(level, 4)


# The table `pupil_measures` ---------------------------------------------------------


def test_pupil_measures_have_the_columns_of_the_contract(connection, school):
    frame = build("pupil_measures", connection, school)
    promised = (
        "collection, adno, complete, attainment8, english, maths, ebacc, open, "
        "slots_filled, progress8_estimate, progress8"
    )
    assert list(frame.columns[:11]) == promised.split(", ")
    assert set(frame.columns) == set(PUPIL_COLUMNS)
    assert set(frame["year"]) == {10, 11}


def test_a_pupil_by_hand(connection, school):
    frame = build("pupil_measures", connection, school).set_index("adno")
    # 000201 is predicted 4 in everything, L2M (5.5) in Health and Social Care:
    # English 8, mathematics 8, EBacc 12, open 5.5 + 4 + 4. KS2 96 and 98: group 11.
    row = frame.loc[adno(201)]
    assert row[["english", "maths", "ebacc", "open"]].tolist() == [8, 8, 12, 13.5]
    assert row["attainment8"] == 41.5
    assert (row["slots_filled"], row["slots_empty"]) == (10, 0)
    assert (row["prior_group"], row["progress8_estimate"]) == (11, 30.24)
    assert row["progress8"] == 1.13  # (41.5 - 30.24) / 10, rounded half up
    assert row["best_rise"] == "English Language; English Literature; Mathematics"
    assert row["best_rise_adds"] == 2


def test_a_pupil_with_a_prediction_missing_has_no_score(connection, school):
    add_mark(connection, 201, "History", "TE")
    row = pupil(connection, school, 201)
    assert row["complete"] == "N"
    assert pd.isna(row["attainment8"])
    assert pd.isna(row["progress8"])
    assert (row["missing_predictions"], row["slots_filled"]) == (1, 10)
    assert row["points_so_far"] == 41.5


def test_a_pupil_without_key_stage_2_has_attainment_and_no_progress(connection, school):
    row = pupil(connection, school, 200)
    assert row["complete"] == "Y"
    assert row["attainment8"] > 0
    assert row[["progress8_estimate", "progress8", "prior_group"]].isna().all()


# Who is counted ---------------------------------------------------------------------


def leave(connection, number, day):
    p = schema.pupils
    connection.execute(update(p).where(p.c.adno == adno(number)).values(left=day))


def year_11(connection, school, **more):
    rows = collection_entries(
        connection, school, school_tables(school), "AUT", today=TODAY, **more
    )
    return set(rows.loc[rows["year"] == 11, "adno"])


def test_early_leavers_are_out_and_later_ones_stay(connection, school):
    leave(connection, 210, "2026-11-10")
    leave(connection, 211, "2026-11-20")
    adnos = year_11(connection, school)
    assert adno(210) not in adnos
    assert adno(211) in adnos
    assert len(adnos) == 59


def test_a_pupil_who_joined_after_the_end_is_not_incomplete(connection, school):
    new = {"adno": adno(260), "sex": "F", "year": 11, "academic_year": YEAR}
    connection.execute(schema.pupils.insert(), new)
    connection.execute(
        schema.memberships.insert(),
        {"academic_year": YEAR, "class": "11x/Math", "adno": adno(260),
         "since": "2026-11-20"},
    )  # fmt: skip
    assert adno(260) not in year_11(connection, school)
    add_mark(connection, 260, "Mathematics", "5", "11x/Math")
    assert adno(260) in year_11(connection, school)


def test_a_change_of_set_after_the_end_counts_a_pupil_once(connection, school):
    m = schema.memberships
    where = (m.c.adno == adno(205)) & (m.c["class"] == "11x/Math")
    connection.execute(update(m).where(where).values(until="2026-11-20"))
    add_class(connection, "11x/Ma9", "Mathematics", 11, [205], since="2026-11-20")
    rows = collection_entries(
        connection, school, school_tables(school), "AUT", today=TODAY
    )
    maths = rows.loc[(rows["adno"] == adno(205)) & (rows["subject"] == "Mathematics")]
    assert maths["class"].tolist() == ["11x/Math"]


def test_a_subject_dropped_before_the_end_is_an_empty_slot(connection, school):
    m = schema.memberships
    where = (m.c.adno == adno(205)) & (m.c["class"] == "11x/Fren")
    connection.execute(update(m).where(where).values(until="2026-11-05"))
    row = pupil(connection, school, 205)
    assert row["complete"] == "Y"
    rows = collection_entries(
        connection, school, school_tables(school), "AUT", today=TODAY
    )
    assert "French" not in set(rows.loc[rows["adno"] == adno(205), "subject"])


def test_a_school_imported_after_the_collection_is_counted_all_the_same(
    connection, school
):
    connection.execute(update(schema.memberships).values(since="2026-11-20"))
    assert len(year_11(connection, school)) == 60


def test_the_year_group_is_that_of_the_collection_and_not_of_today(connection, school):
    p = schema.pupils
    connection.execute(update(p).values(year=p.c.year + 1, academic_year="2027/28"))
    rows = collection_entries(
        connection, school, school_tables(school), "AUT", today=TODAY
    )
    assert set(rows["year"]) == {7, 10, 11}


def test_a_choice_in_words_is_counted_and_has_no_points(connection, school):
    for n in PUPILS[7]:
        add_mark(connection, n, "History", ["above", "on", "below"][n % 3], "7x/Hist")
    row = select(
        build("groups", connection, school),
        subject="History", dimension="year", group="7",
    ).iloc[0]  # fmt: skip
    assert row["with_data"] == 20
    assert row[["above", "on", "below"]].tolist() == [6, 7, 7]
    assert row[["mean_points", "mean_gap"]].isna().all()


# Settings and tables ----------------------------------------------------------------


def test_a_rule_with_an_unknown_field_is_refused_by_name(connection, school):
    more = write_settings(
        school.folder, "\n[[groups]]\nname = \"Odd\"\nrule = 'shoe_size > 9'\n"
    )
    with pytest.raises(BadRule) as caught:
        build("measures", connection, more)
    assert "The rule of the group 'Odd' asks for 'shoe_size'" in str(caught.value)
    assert "attendance" in str(caught.value)


def test_a_year_without_an_indicator_has_nobody_in_a_group_of_it(connection, school):
    more = write_settings(
        school.folder, "\n[[groups]]\nname = \"Away\"\nrule = 'attendance < 93'\n"
    )
    connection.execute(update(schema.indicators).values(academic_year="2024/25"))
    rows = select(build("measures", connection, more), dimension="Away")
    assert set(rows["group"]) == {"N"}


def test_a_rule_that_is_no_comparison_is_refused_with_the_settings(school):
    with pytest.raises(SettingsError) as caught:
        write_settings(school.folder, "\n[[groups]]\nname = \"Odd\"\nrule = 'pp'\n")
    assert "names 'pp' without comparing it" in str(caught.value)


def test_the_reform_has_its_own_elements_and_no_progress(connection, school):
    more = write_settings(school.folder, '\n[measures]\nslots = "reform-2026"\n')
    row = pupil(connection, more, 201)
    assert row[["english", "maths", "science", "breadth", "choice"]].tolist() == [
        8,
        8,
        8,
        8,
        9.5,
    ]
    assert row[["ebacc", "open", "progress8"]].isna().all()
    frame = build("measures", connection, more)
    assert "attainment8_open" not in set(frame["measure"])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('slots = "old"', r"slots = 'old', which there is not\. Use one of: current"),
        ('estimates = "2024/25"', r"Use one of: 2022/23, 2023/24\."),
    ],
)
def test_an_unknown_model_or_year_is_refused(connection, school, setting, message):
    more = write_settings(school.folder, f"\n[measures]\n{setting}\n")
    with pytest.raises(SettingsError, match=message):
        build("measures", connection, more)


def test_a_schools_own_estimates_and_minima_come_first(connection, school):
    own = school.folder / "tables"
    own.mkdir()
    rows = ["year,group,from,to,attainment8,english,maths,ebacc,open"]
    rows += ["2026/27,1,59,89.5,20,5,4,5,6", "2026/27,2,90,120,50,10,10,15,15"]
    (own / "attainment8_estimates.csv").write_text("\n".join(rows))
    (own / "progress8_minima.csv").write_text("group,minimum\n1,-1\n2,-0.50\n")
    row = pupil(connection, school, 201)
    assert (row["prior_group"], row["progress8_estimate"]) == (2, 50)
    assert row["progress8"] == -0.5  # (41.5 - 50) / 10 is below the lowest
    (own / "progress8_minima.csv").write_text("group,minimum\n1,-1\n")
    with pytest.raises(BadTable, match=r"tables/progress8_minima\.csv has no group 2"):
        school_tables(school)


def test_a_cohort_has_thirds_and_groups(connection, school):
    tables = school_tables(school)
    rows = collection_entries(connection, school, tables, "AUT", today=TODAY)
    pupils = build_cohort(connection, school, tables, rows).pupils.set_index("adno")
    assert pupils.loc[adno(200), "prior"] == ""
    assert pupils.loc[adno(201), "prior"] == "low"  # 97
    assert pupils.loc[adno(209), "prior"] == "middle"  # 105
    assert pupils.loc[adno(219), "prior"] == "high"  # 115
    assert pupils.loc[adno(205), "SEND"] == "Y"


def test_a_banked_grade_replaces_the_prediction(connection, school):
    add_mark(connection, 201, "History", "")
    tables = school_tables(school)
    rows = collection_entries(connection, school, tables, "AUT", today=TODAY)
    banked = pd.DataFrame(
        [(adno(201), "History", "9", "2026-06-10")],
        columns=["adno", "subject", "grade", "entry"],
    )
    of_all = build_cohort(connection, school, tables, rows, banked=banked)
    row = of_all.pupil_measures.set_index("adno").loc[adno(201)]
    assert row["complete"]
    assert row["attainment8"] == (41.5 + 5) * 60
    values = of_all.attainment.slot_values
    actual = values.loc[values["actual"], ["adno", "subject", "grade"]]
    assert actual.to_numpy().tolist() == [[adno(201), "History", "9"]]


# Empty, again, and all at once ------------------------------------------------------


def test_an_empty_store_gives_headings(school):
    store = Store.open(school.folder, school.settings.school.database)
    with store.begin() as connection:
        for name in ("groups", "measures", "pupil_measures"):
            frame = build(name, connection, school, collection=None)
            assert frame.empty
            assert "collection" in frame.columns
    store.close()


@pytest.mark.parametrize("name", ["groups", "measures", "pupil_measures"])
def test_a_collection_without_a_single_mark_counts_everybody(connection, school, name):
    connection.execute(schema.marks.delete())
    frame = build(name, connection, school)
    assert len(frame)
    if name == "pupil_measures":
        assert set(frame["complete"]) == {"N"}
    if name == "measures":
        assert set(frame["measure"]) == {"incomplete"}


def test_the_same_store_gives_the_same_bytes(connection, school):
    for name in ("groups", "measures", "pupil_measures"):
        first = as_csv(build(name, connection, school))
        assert first == as_csv(build(name, connection, school))
        assert b"nan" not in first.lower()
