"""The rules of groups: what they may say, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.measures.group_members import group_members
from udfs.measures.group_rules import BadRule, field_name, read_rule

PUPILS = pd.DataFrame(
    {
        "sex": ["F", "M", "F", "M"],
        "pp": ["Y", "N", "", None],
        "sen": ["K", "E", "N", ""],
        "prior": ["low", "high", "middle", ""],
        "year": pd.array([10, 11, 11, None], dtype="Int64"),
        "reg": ["10A", "11B", "11A", ""],
        "CAT4 Mean SAS": ["84", "112", "", "n/a"],
        "Attendance %": ["92.3", "98%", "100", None],
    }
)


@pytest.mark.parametrize(
    ("rule", "inside"),
    [
        ('pp == "Y"', [0]),
        ('pp == "y"', [0]),
        ('pp != "Y"', [1, 2, 3]),
        ('pp == ""', [2, 3]),
        ('sen in ["K", "E"]', [0, 1]),
        ('sen in ("K",)', [0]),
        ('sen not in {"K", "E"}', [2, 3]),
        ("sen in []", []),
        ('sex == "F" and prior == "low"', [0]),
        ('sex == "F" or prior == "high"', [0, 1, 2]),
        ('not (sex == "F")', [1, 3]),
        ("year == 11", [1, 2]),
        ('year == "11"', [1, 2]),
        ("year >= 10 and year < 11", [0]),
        ("10 <= year <= 11", [0, 1, 2]),
        ("year in [10, 11]", [0, 1, 2]),
        ("cat4_mean_sas < 90", [0]),
        ("not cat4_mean_sas < 90", [1, 2, 3]),
        ("attendance >= 98", [1, 2]),
        ("attendance > -1", [0, 1, 2]),
        ('reg == "11A"', [2]),
        ('Sex == "F"', [0, 2]),
        ('"F" == sex', [0, 2]),
    ],
)
def test_a_rule_reports_who_is_in_the_group(rule, inside):
    result = group_members(read_rule("G", rule), PUPILS)
    assert list(result.index[result]) == inside


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("pp", "names 'pp' without comparing it"),
        ("pp and sen == 'K'", "names 'pp' without comparing it"),
        ('__import__("os").system("x")', "which is no comparison"),
        ('pp == open("f")', "no value to compare"),
        ('pp.lower() == "y"', "compares no field"),
        ("sex == pp.lower()", "no value to compare"),
        ('[x for x in "ab"] == pp', "no value to compare"),
        ('pp == f"{sen}"', "no value to compare"),
        ("pp = 'Y'", "cannot be read"),
        ("", "cannot be read"),
        ("pp ==", "cannot be read"),
        ("pp == True", "no value to compare"),
        ("pp is None", "says `is`; write == instead"),
        ('"Y" == "Y"', "compares no field"),
        ("1 < 2", "compares no field"),
        ('sen in "KE"', "says `in` of no list"),
        ("sen in pp", "says `in` of no list"),
        ('"K" in sen', "says `in` of no list"),
        ('prior < "middle"', "compares a text with < or >"),
        ("pp == 1 + 1", "no value to compare"),
        ("lambda: pp", "which is no comparison"),
        ("pp == 'Y' if year == 1 else year == 2", "which is no comparison"),
        ("(" * 300 + "pp == 1" + ")" * 300, "is longer than 500 letters"),
        ("not " * 120 + "pp", "names 'pp'"),
        ("pp == 'Y'\x00", "cannot be read"),
    ],
)
def test_anything_else_is_refused_with_the_group_named(rule, says):
    with pytest.raises(BadRule, match=r"The rule of the group 'Led by us'") as caught:
        read_rule("Led by us", rule)
    assert says in str(caught.value)
    assert "Write comparisons" in str(caught.value)


def test_an_unknown_field_lists_the_valid_names():
    rule = read_rule("Low", 'priors == "low"')
    with pytest.raises(BadRule) as caught:
        group_members(rule, PUPILS)
    assert "asks for 'priors'" in str(caught.value)
    assert "did you mean prior?" in str(caught.value)
    assert "cat4_mean_sas" in str(caught.value)


def test_a_rule_is_checked_twicest_whatever_was_imported():
    rule = read_rule("Low CAT4", "cat4_mean_sas < 90")
    rule.check(["CAT4 Mean SAS"])
    with pytest.raises(BadRule, match="no field and no imported indicator"):
        rule.check(["Attendance %"])


def test_the_fields_of_a_rule_are_listed():
    rule = read_rule("G", 'sex == "M" and (prior == "low" or year == 7) and sex != ""')
    assert rule.fields == ("sex", "prior", "year")


def test_indicators_are_named_as_they_can_be_written():
    assert field_name("  Behaviour Points ") == "behaviour_points"


@given(st.text(max_size=60))
def test_no_rule_whatever_does_more_than_be_refused(text):
    try:
        rule = read_rule("G", text)
        group_members(rule, PUPILS)
    except BadRule:
        pass


cells = st.one_of(st.none(), st.floats(), st.integers(), st.text(max_size=4))


@given(st.lists(cells, max_size=8))
def test_a_cell_is_judged_by_itself_alone(column):
    rule = read_rule("G", 'pp == "Y" or pp > 3')
    frame = pd.DataFrame({"pp": pd.Series(column, dtype=object)})
    together = group_members(rule, frame).tolist()
    alone = [group_members(rule, frame.iloc[[row]]).item() for row in range(len(frame))]
    assert together == alone
