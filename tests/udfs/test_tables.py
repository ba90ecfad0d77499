from __future__ import annotations

import re
from importlib.resources import files

import pytest

from udfs.errors import BadTable
from udfs.scales.scale_files import read_codes, read_scales
from udfs.scales.transition_files import read_bands, read_substitutes, read_transitions
from udfs.tables import standard

TABLES = standard()
GCSE = TABLES.scale("gcse")
OURS = ["codes.csv", "ks2_bands.csv", "ks2_substitutes.csv", "transitions_gcse.csv"]
OURS += ["transitions_combined_science.csv", "scales.toml", "subjects.toml"]


def test_the_tables_are_read_once():
    assert standard() is TABLES


@pytest.mark.parametrize("name", [name for name in OURS if name != "codes.csv"])
def test_published_figures_name_their_source_year_and_licence(name):
    text = (files("workbook_templates") / name).read_text("utf-8")
    assert "Department for Education" in text
    assert re.search(r"\b20[12]\d", text)
    flat = re.sub(r"\s+#?\s*", " ", text)
    assert "Open Government Licence v3.0" in flat


def test_the_codes_are_those_that_answer_a_cell():
    assert [(code.name, code.meaning) for code in TABLES.codes] == [
        ("Abs", "no evidence, absent"),
        ("N/T", "not taking it"),
        ("TE", "too early to say"),
    ]


# Pupils graded 9 to 1 or U, and the subjects, in the tables as published.
def test_nothing_of_the_published_tables_is_lost():
    assert len(TABLES.national_counts) == 35
    both = sum(
        sum(map(sum, rows))
        for result in TABLES.national_counts.values()
        for rows in result.counts.values()
    )
    assert both == 8_450_329
    assert all(
        result.years == ("2022/23", "2023/24")
        for result in TABLES.national_counts.values()
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[scale]", "not valid TOML"),
        ('[[scales]]\nname = "x"', "did you mean scale"),
        ('[[scale]]\ntitle = "x"', "has no name"),
        ('[[scale]]\nname = "x"\ngrades = []', "fewer than two grades"),
        ('[[scale]]\nname = "x"\ngrades = ["a", "b"]', "not written as we need it"),
        (
            '[[scale]]\nname = "x"\ngrades = [{ grade = 4, points = 1, level = 1 }, '
            '{ grade = "5", points = 1, level = 1 }]',
            "without quotes",
        ),
        (
            '[[scale]]\nname = "x"\ngrades = [{ grade = "a", points = 1, level = 2 }, '
            '{ grade = "b", points = 1, level = 1 }]',
            "go down",
        ),
        (
            '[[scale]]\nname = "x"\ngrades = [{ grade = "a", points = 1, level = 1 }, '
            '{ grade = "A", points = 1, level = 2 }]',
            "there twice",
        ),
        (
            '[[scale]]\nname = "x"\ngrades = [{ grade = "a", points = 0.01, level = 1 }'
            ', { grade = "b", points = 1, level = 2 }]',
            "points of 'a'",
        ),
        (
            '[[scale]]\nname = "x"\ngrades = [{ grade = "a", points = 1 }'
            ', { grade = "b", points = 1, level = 2 }]',
            "level of 'a'",
        ),
        (
            '[[scale]]\nname = "x"\ngrades = [{ grade = "a", pionts = 1, level = 1 }'
            ', { grade = "b", points = 1, level = 2 }]',
            "did you mean points",
        ),
        (
            '[[scale]]\nname = "x"\ngrades = [{ grade = "a", points = 1, level = 1, '
            'thirds = 2 }, { grade = "b", points = 1, level = 2 }]',
            "Use -1, 0 or 1",
        ),
    ],
)
def test_a_scale_that_cannot_be_used_is_refused_by_name(text, words):
    with pytest.raises(BadTable, match=words):
        read_scales(text, "scales.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code\nAbs\n", "no column meaning"),
        ("code,meaning\n,nothing\n", "row 2 has no code"),
    ],
)
def test_a_code_that_cannot_be_used_is_refused_by_row(text, words):
    with pytest.raises(BadTable, match=words):
        list(read_codes(text, "codes.csv"))


def test_lines_that_tell_the_source_and_empty_lines_are_passed_over():
    text = '\ufeff"# A source",,\n\ncode,meaning\n,,\nILL,ill\n'
    assert [code.name for code in read_codes(text, "codes.csv")] == ["ILL"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("year,code,score\n,PK3,\n", "row 2 cannot be used"),
        ("year,code,score\n,PK3,65.5\n", "row 2 cannot be used"),
        ("year,code,score\nlast,PK3,65\n", "row 2 cannot be used"),
        ("year,code,score\n,,65\n", "row 2 cannot be used"),
        ("code,score\nPK3,65\n", "no column year"),
    ],
)
def test_a_substitute_that_cannot_be_used_is_refused_by_row(text, words):
    with pytest.raises(BadTable, match=words):
        read_substitutes(text, "ks2_substitutes.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("band,from,to\nlow,80,99\nhigh,100,120\n", "row 3 does not follow on"),
        ("band,from,to\nlow,80,79\n", "row 2 is not a band"),
        ("band,from,to\nlow,80.2,99\n", "Use scores in halves"),
        ("band,from,to\n", "no bands"),
    ],
)
def test_bands_must_meet(text, words):
    with pytest.raises(BadTable, match=words):
        read_bands(text, "ks2_bands.csv")


HEADINGS = "subject,year,band," + ",".join(f"grade {g}" for g in GCSE.grades)


def own(*rows: str) -> str:
    return "\n".join([HEADINGS, *rows]) + "\n"


def row(
    band: str, *, year: str = "2023/24", counts: str = "1,1,1,1,1,1,1,1,1,1"
) -> str:
    return f"Weaving,{year},{band},{counts}"


ALL = [row(band) for band in TABLES.bands.names]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (ALL[:-1], "no 117 - 120 for Weaving, 2023/24"),
        ([*ALL, ALL[0]], "row 13 counts Weaving, 2023/24, Less than 80 again"),
        ([*ALL[1:], row("Below 80")], "a band that is not known"),
        ([row("100 - 102", year="2019/20")], "is of the year '2019/20'"),
        ([row("100 - 102", counts="0.1,0,0,0,0,0,0,0,0,0")], "'0.1' under grade U"),
        ([row("100 - 102", counts="-1,0,0,0,0,0,0,0,0,0")], "'-1' under grade U"),
        ([row("100 - 102", counts="1,1")], "'' under grade 2"),
    ],
)
def test_a_schools_own_national_table_is_refused_by_row(rows, words):
    with pytest.raises(BadTable, match=words):
        read_transitions(
            own(*rows), "t.csv", GCSE, TABLES.bands, years=("2022/23", "2023/24")
        )


def test_a_schools_own_national_table_replaces_ours_whole():
    (result,) = read_transitions(
        own(*ALL), "t.csv", GCSE, TABLES.bands, years=("2023/24",)
    )
    assert (result.subject, result.years) == ("Weaving", ("2023/24",))
    assert result.counts["2023/24"] == ((1,) * 10,) * 11


SHARES = "subject,year,band,pupils," + ",".join(f"grade {g}" for g in GCSE.grades)
EVEN = ",".join(["0.1"] * 10)


def shares(*rows: str) -> str:
    return "\n".join([SHARES, *rows]) + "\n"


def test_a_schools_own_table_may_give_shares_of_pupils():
    rows = [f"Weaving,2023/24,{band},200,{EVEN}" for band in TABLES.bands.names]
    (result,) = read_transitions(
        shares(*rows), "t.csv", GCSE, TABLES.bands, years=("2023/24",)
    )
    assert result.counts["2023/24"][0] == (20,) * 10


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "Weaving,2023/24,100 - 102,200,1.2,0,0,0,0,0,0,0,0,0",
            "row 2 has '1.2' under",
        ),
        ("Weaving,2023/24,100 - 102,200,-0.1,1,0,0,0,0,0,0,0,0", "row 2 has '-0.1'"),
        ("Weaving,2023/24,100 - 102,200,x,1,0,0,0,0,0,0,0,0", "row 2 has 'x' under"),
        (f"Weaving,2023/24,100 - 102,many,{EVEN}", "row 2 has 'many' under pupils"),
        ("Weaving,2023/24,100 - 102,200,1,1,0,0,0,0,0,0,0,0", "row 2 has shares that"),
        (f"Weaving,2019/20,100 - 102,200,{EVEN}", "row 2 is of the year '2019/20'"),
        (f"Weaving,2023/24,99 - 102,200,{EVEN}", "row 2 has no subject, or a band"),
    ],
)
def test_shares_that_cannot_be_are_refused_by_row(row, words):
    with pytest.raises(BadTable, match=words):
        read_transitions(shares(row), "t.csv", GCSE, TABLES.bands, years=("2023/24",))


def test_a_missing_band_is_reported_with_the_rows_of_the_others():
    rows = [f"Weaving,2023/24,{band},200,{EVEN}" for band in TABLES.bands.names[1:]]
    with pytest.raises(BadTable, match=r"no Less than 80 .* rows 2 to 11"):
        read_transitions(shares(*rows), "t.csv", GCSE, TABLES.bands, years=("2023/24",))


@pytest.mark.parametrize(
    ("name", "department"),
    [("A level Mathematics", "Mathematics"), ("A-Level Maths", "Mathematics"),
     ("History (A level)", "Humanities"), ("GCE Biology", "Science")],
)  # fmt: skip
def test_an_a_level_is_recognised_by_the_subject_it_is_in(name, department):
    result = TABLES.subject(name)
    assert (result.name, result.scale, result.baseline, result.slot) == (
        name, "alevel", "gcse", "none",
    )  # fmt: skip
    assert (result.national, result.department, result.recognised) == (
        "",
        department,
        True,
    )


def test_an_a_level_in_nothing_we_know_is_not_known():
    assert not TABLES.subject("A level Weaving").recognised
