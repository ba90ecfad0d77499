"""Lines through the school's own results in the store, and a subject's own aims."""

from __future__ import annotations

from fractions import Fraction

import pytest
from pydantic import ValidationError

from generator.school.school import SettingsError
from generator.store import schema
from generator.targets.evidence import past_result_lines
from udfs.tables import standard

MATHS, ENGLISH = ("000101", "Maths"), ("000101", "English Language")


def past(store, count, *, year=11, academic_year="2025/26"):
    """Results of pupils with a score of 90, 91 … and one grade more for each five."""
    with store.begin() as connection:
        connection.execute(
            schema.pupils.insert(),
            [{"adno": f"P{n}", "year": 11, "academic_year": "2025/26",
              "ks2_reading": "100", "ks2_maths": str(90 + n % 30), "left": "2026-07-01"}
             for n in range(count)],
        )  # fmt: skip
        connection.execute(
            schema.results.insert(),
            [{"academic_year": academic_year, "adno": f"P{n}", "subject": "Mathematics",
              "grade": str(1 + n % 30 // 5), "points": 60 * (1 + n % 30 // 5),
              "year": year} for n in range(count)],
        )  # fmt: skip


def slope(count):
    """Grades for a point of score by least squares, reckoned apart."""
    x = [90 + n % 30 for n in range(count)]
    y = [1 + n % 30 // 5 for n in range(count)]
    mx, my = Fraction(sum(x), count), Fraction(sum(y), count)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum(
        (a - mx) ** 2 for a in x
    )


def test_the_line_rises_as_the_results_in_the_store_do(office, store):
    past(store, 40)
    told = office(method="anchor").current()["provenance"]
    assert "own results of 2025/26, 40 pupils" in told[MATHS]
    assert f"{float(slope(40)):.3f} grades a point" in told[MATHS]
    assert "national means" in told[ENGLISH]
    with store.begin() as connection:
        (line,) = past_result_lines(connection, standard(), before="2026/27").values()
    assert line.slope * 2 / 60 == slope(40)


@pytest.mark.parametrize(
    ("count", "more"),
    [(29, {}), (40, {"year": 10}), (40, {"academic_year": "2026/27"})],
)
def test_too_few_results_or_those_of_other_years_draw_no_line(store, count, more):
    past(store, count, **more)
    with store.begin() as connection:
        assert past_result_lines(connection, standard(), before="2026/27") == {}


def test_the_schools_own_table_goes_before_the_store(office, school, store):
    past(store, 40)
    tables = school().folder / "tables"
    tables.mkdir()
    rows = [f"Mathematics,2024/25,100,{90 + n},{1 + n // 4}" for n in range(30)]
    (tables / "past_results.csv").write_text(
        "subject,year,reading,maths,grade\n" + "\n".join(rows) + "\n"
    )
    told = office(method="anchor").current()["provenance"]
    assert "own results of 2024/25, 30 pupils" in told[MATHS]


def test_a_subject_may_have_its_own_ambition_and_challenge(office):
    plain = office().current()["expected"]
    one = {"subjects": [{"name": "Maths", "ambition": 0.80, "aspirational": 0.95}]}
    higher = office(one).current()["expected"]
    same = office(ambition=0.80, aspirational=0.95).current()["expected"]
    assert higher[MATHS] == same[MATHS] > plain[MATHS]
    assert higher[ENGLISH] == plain[ENGLISH]
    step = office({"subjects": [{"name": "Maths", "challenge": 1}]}).current()
    assert int(step["expected"][MATHS]) >= int(plain[MATHS]) + 1


def test_an_ambition_above_what_is_aspired_to_is_refused(office, school):
    with pytest.raises(SettingsError, match=r"ambition 0.9 of Maths is above"):
        office({"subjects": [{"name": "Maths", "ambition": 0.90}]})
    with pytest.raises(ValidationError, match="hundredths"):
        school({"subjects": [{"name": "Maths", "ambition": 0.605}]})
