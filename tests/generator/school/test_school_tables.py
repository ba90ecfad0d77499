from __future__ import annotations

from pathlib import Path

import pytest

from generator.school.school import School, SettingsError
from generator.school.school_tables import school_tables
from udfs.errors import BadTable
from udfs.tables import standard

SETTINGS = '[school]\nacademic_year = "2026/27"\n'


def school(folder: Path, settings: str = "", **tables: str) -> School:
    (folder / "school.toml").write_text(SETTINGS + settings, encoding="utf-8")
    (folder / "tables").mkdir()
    for name, text in tables.items():
        stem, _, ending = name.rpartition("_")
        (folder / "tables" / f"{stem}.{ending}").write_text(text, encoding="utf-8")
    return School.load(folder)


def test_a_school_without_own_tables_has_the_standard_ones(tmp_path):
    assert school_tables(school(tmp_path)) == standard()


def test_a_schools_settings_of_a_subject_come_before_the_standard_ones(tmp_path):
    tables = school_tables(
        school(
            tmp_path,
            '[[subjects]]\nname = "Philosophy and Ethics"\n'
            'department = "Philosophy"\nscale = "gcse_fine"\n'
            '[[subjects]]\nname = "Mathematics"\nbaseline = "both"\n'
            '[[subjects]]\nname = "Weaving"\nnational = "D&T"\npractical = true\n'
            'synonyms = ["Loom"]\n'
            '[[subjects]]\nname = "History"\nnational = ""\n',
        )
    )
    ethics = tables.subject("Philosophy and Ethics")
    assert (ethics.department, ethics.scale) == ("Philosophy", "gcse_fine")
    assert ethics.national == "Religious Studies"  # as before
    assert tables.subject("RE").department == "Humanities"  # another name, untouched
    assert tables.subject("Maths").baseline == "both"  # a synonym of what was said
    loom = tables.subject("Loom")
    assert (loom.national, loom.practical, loom.recognised, loom.slot) == (
        "Design and Technology", True, True, "open",
    )  # fmt: skip
    assert tables.subject("History").national == ""
    assert standard().subject("Mathematics").baseline == "maths"


def test_an_unknown_national_table_is_refused_by_name(tmp_path):
    wrong = '[[subjects]]\nname = "Weaving"\nnational = "Histroy"\n'
    with pytest.raises(SettingsError, match=r"'Weaving'.*'Histroy'.*mean History\?"):
        school_tables(school(tmp_path, wrong))


def test_an_unknown_scale_is_no_error_here(tmp_path):
    tables = school_tables(
        school(tmp_path, '[[subjects]]\nname = "Weaving"\nscale = "stitches"\n')
    )
    assert tables.subject("Weaving").scale == "stitches"
    assert "stitches" not in tables.scales


def test_a_schools_own_scale_stands_beside_ours(tmp_path):
    own = (
        '[[scale]]\nname = "stitches"\ntitle = "Stitches"\ngrades = [\n'
        '{ grade = "loose", points = 0, level = 0 },\n'
        '{ grade = "tight", points = 1.25, level = 0.5, spellings = ["firm"] },\n]\n'
    )
    tables = school_tables(school(tmp_path, scales_toml=own))
    stitches = tables.scale("stitches")
    assert stitches.find("Firm") == "tight"
    assert (stitches.points("tight"), stitches.level("tight")) == (75, 30)
    assert tables.scale("gcse") == standard().scale("gcse")


def test_a_schools_own_codes_come_after_the_standard_ones(tmp_path):
    tables = school_tables(
        school(tmp_path, codes_csv="code,meaning,spellings\nLTA,long-term ill,ill\n")
    )
    assert [code.name for code in tables.codes] == ["Abs", "N/T", "TE", "LTA"]
    assert tables.scale("gcse").read("ILL", tables.codes).value == "LTA"


def test_a_code_may_not_be_a_grade(tmp_path):
    with pytest.raises(BadTable, match=r"'X' .*|'U' .* is the grade U"):
        school_tables(school(tmp_path, codes_csv="code,meaning\nU,unwell\n"))


def test_a_school_says_what_later_codes_of_key_stage_2_stand_for(tmp_path):
    tables = school_tables(
        school(tmp_path, ks2_substitutes_csv="year,code,score\n2022,PK6,76\n,EM,75\n")
    )
    assert tables.substitutes[2022, "PK6"] == 76
    assert tables.substitutes[None, "EM"] == 75
    assert tables.substitutes[None, "N"] == 79


def test_a_schools_own_national_table_goes_before_ours_for_its_years(tmp_path):
    gcse = standard().scale("gcse")
    rows = ["subject,year,band," + ",".join(f"grade {g}" for g in gcse.grades)]
    rows += [
        f"{subject},2023/24,{band}," + ",".join(["0"] * 9 + ["100"])
        for subject in ("Mathematics", "Weaving")
        for band in standard().bands.names
    ]
    tables = school_tables(school(tmp_path, transitions_gcse_csv="\n".join(rows)))
    latest, both = ("2023/24",), ("2022/23", "2023/24")
    maths = tables.transition_matrix("Mathematics", latest)
    assert maths is not None
    assert maths.share(200, "9").percent == "100 %"
    standard_matrix, mixed = (
        standard().transition_matrix("Mathematics"),
        tables.transition_matrix("Mathematics"),
    )
    assert standard_matrix is not None
    assert mixed is not None
    assert mixed.years == both
    assert mixed.share(240, "9").pupils < standard_matrix.share(240, "9").pupils
    weaving = tables.transition_matrix("Weaving")
    assert weaving is not None
    assert weaving.years == latest


def test_a_table_that_is_not_text_is_refused_by_name(tmp_path):
    own = school(tmp_path)
    (tmp_path / "tables" / "codes.csv").write_bytes(b"code,meaning\n\xff\xfe,x\n")
    with pytest.raises(BadTable, match=r"tables/codes\.csv is not a text file"):
        school_tables(own)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_may_have_any_separator(tmp_path, separator):
    text = "code,meaning,spellings\nLTA,long-term ill,ill\n".replace(",", separator)
    tables = school_tables(school(tmp_path, codes_csv=text))
    assert [code.name for code in tables.codes if code.meaning == "long-term ill"] == [
        "LTA"
    ]
