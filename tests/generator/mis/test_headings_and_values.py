"""What headings and cells mean, whatever the MIS calls them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.mis import census_codes, identifiers, values
from generator.mis.heading_spellings import SYNONYMS
from generator.mis.headings import UnknownField, heading_meaning, school_headings


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("UPN", "upn"),
        ("Unique Pupil Number", "upn"),
        ("Adno", "adno"),
        ("Admission No.", "adno"),
        ("ADMISSION_NUMBER", "adno"),
        ("  Adm No ", "adno"),
        ("Legal Sex", "sex"),
        ("Sex", "sex"),
        ("Gender", "sex"),
        ("Year", "year"),
        ("NC Year", "year"),
        ("Year Group", "year"),
        ("Reg", "reg"),
        ("Registration Group", "reg"),
        ("PP", "pp"),
        ("Pupil premium eligible", "pp"),
        ("Pupil Premium?", "pp"),
        ("FSM", "fsm"),
        ("Free School Meals", "fsm"),
        ("FSM Ever 6", "disadvantaged"),
        ("Ever 6 FSM", "disadvantaged"),
        ("Disadvantaged", "disadvantaged"),
        ("SEN Status", "sen"),
        ("SEND", "sen"),
        ("English as an Additional Language", "eal"),
        ("Ethnicity Code", "ethnicity"),
        ("Looked After Child", "lac"),
        ("Pupil name", "pupil_name"),
        ("Student Surname", "surname"),
        ("Enrolment Status", "status"),
        ("Date of Leaving", "left"),
        ("Class Code", "class"),
        ("Teaching Group", "class"),
        ("Subject Name", "subject"),
        ("Teacher", "teacher"),
        ("KS2 Reading Scaled Score", "ks2_reading"),
        ("Key Stage 2 Maths Scaled Score", "ks2_maths"),
        ("KS2 Mat SS", "ks2_maths"),
        ("Reading scaled score", "ks2_reading"),
        ("SEN (K/E/N)", "sen"),
        ("Pupil Premium [Y / N]", "pp"),
        ("Ethnicity (code)", "ethnicity"),
        ("English Additional Language", "eal"),
        ("Enrol. Status", "status"),
    ],
)
def test_a_heading_is_recognised_by_what_it_means(heading: str, field: str) -> None:
    assert heading_meaning(heading).field == field


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("CAT4 Mean SAS", "indicator"),
        ("Attendance %", "indicator"),
        ("Behaviour Points", "indicator"),
        ("KS2 GPS Scaled Score", "indicator"),
        ("Reading Age", "indicator"),
        ("KS2 Reading Raw Score", "indicator"),
        ("FFT20 Maths", "indicator"),
        ("DOB", "not kept"),
        ("Exam No", "not kept"),
        ("ULN", "not kept"),
        ("Home Address", "not kept"),
        ("First Language", "not kept"),
        ("Academic Year", "not kept"),
        ("Primary SEN Need", "not kept"),
        ("Tutor Grp", "unknown"),
        ("Favourite colour", "unknown"),
        ("", "unknown"),
    ],
)
def test_other_headings_are_scores_or_left_out_or_unknown(
    heading: str, kind: str
) -> None:
    assert heading_meaning(heading).kind == kind
    assert heading_meaning(heading).field == ""


def test_each_spelling_has_one_meaning() -> None:
    seen: dict[str, str] = {}
    for field, spellings in SYNONYMS.items():
        for spelling in spellings:
            assert seen.setdefault(values.compare_key(spelling), field) == field, (
                spelling
            )


def test_the_settings_of_a_school_come_first() -> None:
    chosen = school_headings({"Tutor Grp": "reg", "PP": "fsm", "Colour": "indicator"})
    assert heading_meaning("tutor grp.", chosen).field == "reg"
    assert heading_meaning("PP", chosen).field == "fsm"
    assert heading_meaning("Colour", chosen).kind == "indicator"


def test_an_unknown_field_in_the_settings_is_refused_by_name() -> None:
    with pytest.raises(UnknownField, match=r"'regg', which does not exist\. Did"):
        school_headings({"Tutor Grp": "regg"})


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        *(("year", text, "7") for text in ("Year 7", "7", "07", "Yr 7", "Y7", "7.0")),
        *(("year", text, "11") for text in ("NC Year 11", "year group 11", "YEAR11")),
        ("year", "Reception", "0"),
        *(("pp", text, "Y") for text in ("Y", "yes", "T", "TRUE", "1", "✓", "Yes - x")),
        *(("pp", text, "N") for text in ("N", "No", "F", "False", "0", "Not eligible")),
        *(("pp", text, "") for text in ("", "-", "N/A")),
        *(("sen", text, "K") for text in ("K", "k", "SEN support", "K - SEN support")),
        *(("sen", text, "K") for text in ("SEN Support (K)", "K: SEN Support", "K=x")),
        *(("sen", text, "E") for text in ("E", "EHCP", "EHC plan", "E – EHC Plan")),
        *(("sen", text, "N") for text in ("N", "No SEN", "N - No SEN", "None")),
        *(("sex", text, "F") for text in ("F", "female", "Girl", "F - Female")),
        *(("ethnicity", text, "WBRI") for text in ("WBRI", "White British", "wbri")),
        ("ethnicity", "White - British", "WBRI"),
        ("ethnicity", "WBRI - White - British", "WBRI"),
        ("ethnicity", "Any other ethnic group", "OOTH"),
        *(("status", text, "current") for text in ("C", "Current", "C - Current")),
        ("status", "Current main (dual registration)", "main"),
        ("status", "S", "subsidiary"),
        ("status", "Guest pupil", "guest"),
        *(("left", text, "2026-11-25") for text in ("25/11/2026", "25/11/26")),
        *(("left", text, "2026-11-25") for text in ("2026-11-25", "25.11.2026")),
        *(("left", text, "2026-11-25") for text in ("25 Nov 2026", "25-Nov-26")),
        *(("left", text, "2026-11-25") for text in ("46351", "46351.0")),
        *(("left", text, "2026-11-25") for text in ("2026-11-25T00:00:00", "")),
        ("left", "25th November 2026", "2026-11-25"),
        ("left", "25/11/2026 00:00", "2026-11-25"),
        ("left", "Wednesday 25 November 2026", "2026-11-25"),
        ("ks2_reading", "104.0", "104"),
        ("ks2_reading", "n", "N"),
        ("ks2_maths", "PKF", "PKF"),
        ("ks2_maths", "105 (EXS)", "105"),
        ("ks2_reading", "112GDS", "112"),
        ("surname", "Null", "Null"),
    ],
)
def test_a_code_and_its_label_have_the_same_value(
    field: str, text: str, value: str
) -> None:
    reading = values.read_value(field, text)
    assert reading.value == (value if text else "")
    assert reading.doubt == ""


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("year", "Year 77", ""),
        ("year", "2026/27", ""),
        ("pp", "perhaps", ""),
        ("sen", "SPLD", "SPLD"),
        ("sex", "Q", "Q"),
        ("ethnicity", "QQQQ", "QQQQ"),
        ("status", "Z", "Z"),
        ("left", "31/02/2026", ""),
        ("left", "11/25/2026", ""),
        ("left", "soon", ""),
        ("ks2_maths", "130", "130"),
        ("ks2_maths", "130 (GDS)", "130"),
        ("ks2_maths", "105?", "105?"),
    ],
)
def test_an_unknown_value_is_doubtful(field: str, text: str, value: str) -> None:
    reading = values.read_value(field, text)
    assert reading.value == value
    assert reading.doubt


def test_every_code_and_label_is_read_as_its_code() -> None:
    for field, table in (
        ("ethnicity", census_codes.ETHNICITY),
        ("sen", census_codes.SEN),
        ("sex", census_codes.SEX),
        ("status", census_codes.STATUS),
    ):
        for code, labels in table.items():
            for label in (code, *labels):
                assert values.read_value(field, label).value == code, label
    for role, words in census_codes.ROLES.items():
        assert {values.read_role(word).value for word in (role, *words)} == {role}


@given(st.text(), st.sampled_from(["year", "pp", "sen", "left", "status", "ks2_maths"]))
def test_any_cell_can_be_read(text: str, field: str) -> None:
    reading = values.read_value(field, text)
    assert values.read_value(field, reading.value).value == reading.value
    heading_meaning(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("O'Neill, Siân Mary", ("O'Neill", "Siân Mary", False)),
        ("de la Cruz, José", ("de la Cruz", "José", False)),
        ("Smith,", ("Smith", "", True)),
        ("Ann Smith", ("Smith", "Ann", True)),
        ("Cher", ("Cher", "", True)),
    ],
)
def test_one_column_of_names_is_surname_then_forename(
    text: str, parts: tuple[str, str, bool]
) -> None:
    assert values.split_name(text) == parts


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("H889400120000", ""),
        ("B801200005001", ""),
        ("R674123101121", ""),
        ("A889400120000", "wrong check letter"),
        ("H88940012000", "wrong shape"),
        ("I889400120000", "wrong shape"),
        ("", "blank"),
    ],
)
def test_the_check_letter_of_a_upn_is_verified(number: str, fault: str) -> None:
    assert identifiers.upn_fault(number) == fault


@given(st.integers(0, 99_999_999_999), st.sampled_from(["7", "A", "Z"]))
def test_one_wrong_figure_in_a_upn_is_noticed(number: int, last: str) -> None:
    rest = f"{number:011d}{last}"
    right = identifiers.check_letter("A" + rest) + rest
    assert identifiers.upn_fault(right) in ("", "temporary")
    wrong = right[:5] + str((int(right[5]) + 1) % 10) + right[6:]
    assert identifiers.upn_fault(wrong) == "wrong check letter"
