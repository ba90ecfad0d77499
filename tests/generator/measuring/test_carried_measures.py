"""Headlines with predictions carried forward from earlier collections."""

from __future__ import annotations

import pytest

from generator.measuring import collection_cohort
from generator.school.school_tables import school_tables
from generator.store import schema
from tests.generator.measuring.test_measuring import (
    PUPILS,
    TODAY,
    YEAR,
    add_mark,
    adno,
    build,
    connection,
    filled_school,
    school,
    write_settings,
)

__all__ = ["connection", "filled_school", "school"]  # fixtures
MATHS = "Mathematics"
YEAR_11 = [*PUPILS[11]]


def earlier(connection, code, opens, grades, subject=MATHS, year=YEAR):
    """Add an earlier collection, with a prediction for some pupils."""
    connection.execute(
        schema.collections.insert(),
        {"code": code, "academic_year": year, "name": code, "opens": opens,
         "closes": opens},
    )  # fmt: skip
    connection.execute(
        schema.marks.insert(),
        [
            {"collection": code, "adno": adno(n), "subject": subject,
             "field": "prediction", "academic_year": year, "value": grade,
             "class": "", "merged_at": f"{opens}T10:00:00"}
            for n, grade in grades.items()
        ],
    )  # fmt: skip


def blank(connection, numbers, subject=MATHS):
    for n in numbers:
        add_mark(connection, n, subject, "")


def row(connection, school, measure="attainment8", group="all", year=11):
    frame = build("measures", connection, school)
    frame = frame.loc[(frame["year"] == year) & (frame["group"] == group)]
    return frame.set_index("measure").loc[measure]


def attainment8(number, maths=None):
    """The score of a pupil of the school by hand: every grade is the same."""
    level = 3 + number % 5
    # English and maths doubled, science twice, history, French, art, RS, HSC (5.5):
    # EBacc three of science, history, French at the level; open the best three left.
    rest = sorted([level, level, level, 5.5], reverse=True)[:3]
    return 2 * level + 2 * (level if maths is None else maths) + 3 * level + sum(rest)


def test_without_anything_missing_nothing_is_carried(connection, school):
    figures = row(connection, school)
    assert (figures["of"], figures["carried"]) == (60, 0)
    assert figures["value_carried"] == figures["value"]
    by_hand = sum(map(attainment8, YEAR_11)) / 60
    assert figures["value"] == pytest.approx(by_hand, abs=1e-4)


def test_a_blank_is_carried_and_a_code_is_not(connection, school):
    # Ten blanks; eight of them predicted before, one absent then; one absent now.
    earlier(
        connection,
        "SUM",
        "2026-10-05",
        {n: "9" for n in YEAR_11[:8]} | {YEAR_11[8]: "Abs", YEAR_11[10]: "9"},
    )
    blank(connection, YEAR_11[:10])
    add_mark(connection, YEAR_11[10], MATHS, "Abs")
    figures = row(connection, school)
    assert (figures["pupils"], figures["of"], figures["carried"]) == (49, 60, 8)
    given = sum(attainment8(n) for n in YEAR_11[11:])
    with_carried = given + sum(attainment8(n, 9) for n in YEAR_11[:8])
    assert figures["value"] == pytest.approx(given / 49, abs=1e-4)
    assert figures["value_carried"] == pytest.approx(with_carried / 57, abs=1e-4)
    pupil = build("pupil_measures", connection, school).set_index("adno")
    first = pupil.loc[adno(YEAR_11[0])]
    assert (first["complete"], first["carried"]) == ("N", 1)
    assert first["value_carried"] == attainment8(YEAR_11[0], 9)
    assert pupil.loc[adno(YEAR_11[10]), "carried"] == 0


def test_a_missing_subject_does_not_blank_english_and_maths(connection, school):
    blank(connection, YEAR_11[:20], "History")
    assert row(connection, school)["pupils"] == 40
    assert row(connection, school, "english_maths_4")["pupils"] == 60
    blank(connection, YEAR_11[:6], "English Literature")
    assert row(connection, school, "english_maths_4")["pupils"] == 54


def test_over_a_tenth_carried_there_is_no_headline(connection, school):
    # English and maths need three predictions of 60 pupils: 18 of 180 are a tenth.
    earlier(connection, "SUM", "2026-10-05", dict.fromkeys(YEAR_11, "5"))
    blank(connection, YEAR_11[:18])
    assert row(connection, school, "english_maths_4")["carried"] == 18
    assert row(connection, school, "english_maths_4")["value_carried"] >= 0
    blank(connection, YEAR_11[18:19])
    figures = row(connection, school, "english_maths_4")
    assert figures["carried"] == 19
    assert figures[["value_carried", "carried_low", "carried_high"]].isna().all()
    assert figures["value"] >= 0


def test_carrying_can_be_turned_off(connection, tmp_path):
    earlier(connection, "SUM", "2026-10-05", dict.fromkeys(YEAR_11, "5"))
    blank(connection, YEAR_11[:10])
    school = write_settings(tmp_path, "\n[measures]\ncarry = false\n")
    figures = row(connection, school)
    assert (figures["pupils"], figures["carried"]) == (50, 0)
    assert figures["value_carried"] == figures["value"]


def test_only_the_two_collections_before_are_asked(connection, school):
    earlier(connection, "OLD", "2026-09-01", dict.fromkeys(YEAR_11, "9"))
    earlier(connection, "MID", "2026-09-20", {YEAR_11[0]: "4"})
    earlier(connection, "NEW", "2026-10-05", {YEAR_11[1]: "5"})
    earlier(connection, "SPR", "2027-02-01", dict.fromkeys(YEAR_11, "1"))
    blank(connection, YEAR_11[:10])
    tables = school_tables(school)
    cohort = collection_cohort(connection, school, tables, "AUT", today=TODAY)
    assert cohort is not None
    assert cohort.carried is not None
    assert cohort.carried.to_numpy().tolist() == [
        [adno(YEAR_11[0]), MATHS, "4", "MID"],
        [adno(YEAR_11[1]), MATHS, "5", "NEW"],
    ]


def test_carried_predictions_make_no_flag_nor_mean_of_a_subject(connection, school):
    earlier(connection, "SUM", "2026-10-05", dict.fromkeys(YEAR_11, "9"))
    blank(connection, YEAR_11[:10])
    marks = build("groups", connection, school)
    rows = marks.loc[marks["subject"].eq(MATHS) & marks["group"].eq("11")]
    assert rows["with_data"].tolist() == [50]


def test_few_carried_are_hidden(connection, school):
    earlier(connection, "SUM", "2026-10-05", dict.fromkeys(YEAR_11, "9"))
    blank(connection, YEAR_11[:5])
    figures = row(connection, school)
    assert figures["pupils"] == 55
    assert figures[["of", "carried", "value_carried"]].isna().all()


def test_nobody_complete_has_no_figure(connection, school):
    blank(connection, YEAR_11)
    frame = build("measures", connection, school)
    assert "attainment8" not in set(frame.loc[frame["year"] == 11, "measure"])
