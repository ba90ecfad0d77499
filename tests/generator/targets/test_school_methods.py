"""Methods chosen in school.toml, with what the store and the folder hold."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from generator.school.school import School, Settings, SettingsError
from generator.school.settings_errors import describe_errors
from generator.store import schema
from tests.generator.targets import moderation_office
from udfs.errors import BadTable

MATHS, ENGLISH = ("000101", "Maths"), ("000101", "English Language")


def subject(name, **more):
    return {"subjects": [{"name": name, **more}]}


def test_a_method_is_chosen_for_a_subject_or_for_the_school(office):
    here = office(subject("Maths", method="anchor"))
    assert here.current().loc[MATHS, "method"] == "anchor"
    assert here.current().loc[ENGLISH, "method"] == "transition"
    here = office(subject("Maths", method="transition"), method="anchor")
    assert here.current().loc[MATHS, "method"] == "transition"
    assert here.current().loc[ENGLISH, "method"] == "anchor"


def test_a_subject_may_be_meant_by_another_of_its_names(office):
    here = office(subject("Mathematics", method="anchor"))
    assert here.current().loc[MATHS, "method"] == "anchor"


def test_the_line_takes_the_schools_own_results_where_there_are_enough(office, school):
    tables = school().folder / "tables"
    tables.mkdir()
    rows = [f"Mathematics,2024/25,100,{90 + n},{1 + n // 4}" for n in range(30)]
    (tables / "past_results.csv").write_text(
        "subject,year,reading,maths,grade\n" + "\n".join(rows) + "\n"
    )
    here = office(method="anchor")
    told = here.current()["provenance"]
    assert "own results of 2024/25, 30 pupils" in told[MATHS]
    assert "national means, 2022/23 and 2023/24" in told[ENGLISH]


def test_a_past_result_that_cannot_be_used_stops_drafting_by_its_row(office, school):
    tables = school().folder / "tables"
    tables.mkdir()
    (tables / "past_results.csv").write_text(
        "subject,year,reading,maths,grade\nMaths,2024/25,100,100,12\n"
    )
    with pytest.raises(BadTable, match=r"tables/past_results\.csv row 2"):
        office(method="anchor")
    (tables / "past_results.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadTable, match=r"past_results\.csv is empty"):
        office(method="anchor")


def test_the_anchor_is_shifted_by_the_year_groups_mean_when_asked(office):
    plain = office(method="anchor").current()["provenance"][MATHS]
    shifted = office(method="anchor", anchor_shift=True).current()["provenance"][MATHS]
    assert "through score 100 and grade 5" in plain
    # Year 11 has means 101, 97, 79 and 110; Year 7 has 119: 96.75 and 101.2.
    assert "through score 95.55 and grade 5" in shifted


def test_last_years_targets_are_those_of_the_same_baseline(office, school, enrol):
    here = office()
    assert here.target("000102", "Maths")[0] == "4"
    with here.store.begin() as connection:
        connection.execute(
            update(schema.pupils)
            .where(schema.pupils.c.adno == "000106")
            .values(ks2_maths="102", ks2_reading="102")
        )
        enrol(connection, "8/Ma1", "Maths", 8, ["000106"], "2027/28")
    here.school = school({"school": {"academic_year": "2027/28"}}, method="previous")
    here.draft()
    row = here.current().loc[("000106", "Maths")]
    assert (row["expected"], row["method"]) == ("4", "previous")
    # 101's score is 102; 103's and 105's are too far to count.
    assert "the targets of 2026/27; maths 102; 1 pupil around it" in row["provenance"]


def test_imported_targets_are_found_by_any_name_of_the_subject(office, store):
    with store.begin() as connection:
        moderation_office.put_indicators(
            connection, "fft50 mathematics", {"000101": "7.2", "000102": "11"}
        )
        moderation_office.put_indicators(connection, "FFT20 Maths", {"000101": "8"})
    here = office(
        method="imported",
        indicator="FFT50 {subject}",
        aspirational_indicator="FFT20 {subject}",
    )
    got = here.current()
    assert got.loc[MATHS, ["expected", "aspirational"]].tolist() == ["7", "8"]
    assert got.loc[MATHS, "baseline"] == "fft50 mathematics"
    assert got.loc[("000103", "Maths"), "reason"] == "no fft50 mathematics"
    assert got.loc[ENGLISH, "reason"] == "no FFT50 English Language"
    problems = {(p.code, p.adno, p.value) for p in here.draft().problems}
    assert ("target-not-a-grade", "000102", "") in problems
    assert ("indicator-not-there", "", "FFT50 English Language") in problems


def test_the_latest_import_of_an_indicator_counts(office, store):
    with store.begin() as connection:
        moderation_office.put_indicators(connection, "FFT", {"000101": "3"}, "2025/26")
        moderation_office.put_indicators(connection, "FFT", {"000101": "6"}, "2026/27")
    here = office(method="imported", indicator="FFT")
    assert here.target(*MATHS)[0] == "6"


def test_the_sixth_form_takes_imported_targets_beside_its_gcse_average(
    office, store, enrol
):
    with store.begin() as connection:
        connection.execute(
            update(schema.pupils)
            .where(schema.pupils.c.adno == "000101")
            .values(year=12)
        )
        enrol(connection, "12/Hi1", "A level History", 12, ["000101"])
        moderation_office.put_indicators(connection, "GCSE average", {"000101": "6.3"})
        moderation_office.put_indicators(
            connection, "ALIS A level History", {"000101": "B"}
        )
    here = office(
        subject("A level History", method="imported", indicator="ALIS {subject}")
    )
    row = here.current().loc[("000101", "A level History")]
    assert row[["expected", "aspirational", "baseline", "score"]].tolist() == [
        "B", "A", "gcse", "6.3",
    ]  # fmt: skip
    here.moderate()
    cells = moderation_office.pupil_row(
        here.workbook("Humanities"), "Y12 A level History", "000101"
    )
    assert (cells["GCSE average"], cells["Expected"]) == ("6.3", "B")
    assert "≥5" not in cells


@pytest.mark.parametrize(
    ("targets", "more", "words"),
    [
        ({"floor": "L2P"}, {}, "floor is 'L2P', which is not a grade of GCSE"),
        ({"cap": "10"}, {}, "cap is '10'"),
        ({}, subject("Maths", floor="5-4"), "floor of Maths is '5-4'"),
        (
            {"floor": "7", "cap": "5"},
            {},
            "floor 7 of English Language is above",
        ),
    ],
)
def test_a_bound_that_cannot_be_used_is_refused_by_name(office, targets, more, words):
    with pytest.raises(SettingsError, match=words):
        office(more, **targets)


def test_a_bound_of_the_school_holds_on_other_scales_for_what_is_worth_as_much(office):
    here = office(subject("Health and Social Care", national=""), floor="6", cap="7")
    got = here.current()
    assert got.loc[MATHS, "expected"] == "6"
    assert got.loc[("000106", "Science"), "expected"] == "7-7"


def test_a_subjects_own_bound_goes_before_the_schools(office):
    here = office(subject("Maths", floor="8"), floor="2")
    assert here.target(*MATHS)[0] == "8"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"targets": {"ambition": 0.8, "aspirational": 0.6}},
         "ambition 0.8 is above aspirational 0.6"),
        ({"targets": {"method": "guess"}}, "targets.method"),
        ({"targets": {"method": "imported"}}, "needs indicator"),
        ({"subjects": [{"name": "Art", "method": "imported"}]}, "Art: method"),
        ({"targets": {"florr": "3"}}, "did you mean floor"),
    ],
)  # fmt: skip
def test_settings_of_targets_are_refused_by_name(raw, words):
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({"school": {"academic_year": "2026/27"}, **raw})
    assert words in "; ".join(describe_errors(refused.value))


def test_school_toml_says_what_is_wrong_with_its_targets(tmp_path):
    (tmp_path / "school.toml").write_text(
        '[school]\nacademic_year = "2026/27"\n[targets]\nambition = 0.9\n'
    )
    with pytest.raises(
        SettingsError, match=r"ambition 0\.9 is above aspirational 0\.8"
    ):
        School.load(tmp_path)


def test_the_departments_baseline_is_imported_for_each_pupil(office, store):
    with store.begin() as connection:
        moderation_office.put_indicators(connection, "Mu baseline", {"000106": "6"})
    here = office()
    assert here.target("000106", "Music") == ("6", "7", "draft")
    here = office(subject("Music", baseline_indicator="Audition"))
    assert here.target("000106", "Music")[2] == "provisional"
