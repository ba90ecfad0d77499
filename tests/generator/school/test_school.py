from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import workflow
from generator.school.key_file import KEY_FILE, KeyFileError, create_key
from generator.school.school import School, SettingsError, academic_year_of

MINIMAL = '[school]\nacademic_year = "2026/27"\n'


def school(folder: Path, text: str) -> School:
    (folder / "school.toml").write_text(text, encoding="utf-8")
    return School.load(folder)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('[school]\nacademic_year = "2026/27"\nnam = "x"', "did you mean name?"),
        (
            '[school]\nacademic_year = "2026/28"',
            '"2026/28": write two years that follow each other, for example "2026/27"',
        ),
        (
            '[school]\nacademic_year = "26-27"',
            '= "26-27": write a text in quotes, like "2026/27"',
        ),
        (MINIMAL + "[targets]\nambition = 0.605", "in hundredths"),
        (
            MINIMAL + "[targets]\nambition = 1.2",
            "targets.ambition = 1.2: write a number from 0.01 to 0.99",
        ),
        (
            MINIMAL + '[targets]\nmethod = "magic"',
            '= "magic": write one of "transition", "anchor"',
        ),
        (MINIMAL + "[[colections]]", "did you mean collections?"),
        (
            MINIMAL + '[[collections]]\ncode = "A/B"\nopens = 2026-10-01\n'
            "closes = 2026-10-02",
            "a code is a folder's name",
        ),
        (
            MINIMAL + '[[collections]]\ncode = "praise"\nopens = 2026-10-01\n'
            "closes = 2026-10-02",
            "may not be called 'praise'",
        ),
        (
            MINIMAL + '[[collections]]\ncode = "A"\nopens = 2026-10-03\n'
            "closes = 2026-10-02",
            "closes comes before opens",
        ),
        (
            MINIMAL + '[[subjects]]\nname = "Art"\nslot = "arts"',
            'subjects[1].slot = "arts": write one of "english_language"',
        ),
        (
            MINIMAL + '[[groups]]\nname = "PP"\nrule = "pp == 1"\n'
            '[[groups]]\nname = "pp"\nrule = "pp == 2"',
            "is there twice",
        ),
        ("[school\n", "not valid TOML: line 1 cannot be read: `[school`"),
        (MINIMAL + MINIMAL, "line 3 repeats a line above it: `[school]`"),
        ("", "school is missing: write [school] on a line"),
        ('academic_year = "2026/27"', "(it belongs below [school])"),
        (MINIMAL + "[school.targets]", "(it is a section of its own: [targets])"),
        (
            "[school]",
            'academic_year is missing: write a text in quotes, like "2026/27"',
        ),
        (
            MINIMAL + "urn = 1.5",
            "urn = 1.5: write a whole number, or a text in quotes.",
        ),
        (MINIMAL + "[targets]\nchallenge = 0.5", "a whole number from 0 to 9, without"),
        (MINIMAL + '[targets]\nfine = "maybe"', "write true or false, without quotes"),
        (
            MINIMAL + '[subjects]\nname = "Art"',
            "subjects: write [[subjects]] on a line",
        ),
        (
            MINIMAL + '[[subjects]]\nname = "Art"\nambition = 3',
            "subjects[1].ambition = 3: write a number from 0.01 to 0.99",
        ),
        (
            MINIMAL + '[[collections]]\ncode = "A"\nopens = "1 October"\n'
            "closes = 2026-10-02",
            'opens = "1 October": write a day like 2026-10-12, without quotes',
        ),
        (
            MINIMAL + '[[collections]]\ncode = "A"\nopens = 2026-10-01\n'
            "closes = 2026-10-02\nyears = [7, 99]",
            "years[2] = 99: write a whole number from 7 to 13, without quotes",
        ),
        (
            MINIMAL + '[[collections]]\ncode = "A"\nopens = 2026-10-01\n'
            "closes = 2026-10-02\nyears = []",
            "years = []: write a list in square brackets, where each is a whole number",
        ),
        (MINIMAL + "[flags]\neffort = [1]", "effort[1] = 1: write a text in quotes"),
        (MINIMAL + '[columns]\n"Tutor" = 3', "columns.Tutor = 3: write a text"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path, line, message):
    with pytest.raises(SettingsError, match=r"school\.toml") as refused:
        school(tmp_path, line)
    assert message in str(refused.value)
    assert "Input" not in str(refused.value)
    assert "school.toml: school.toml" not in str(refused.value)


def test_a_list_with_a_wrong_value_is_one_error(tmp_path):
    with pytest.raises(SettingsError) as refused:
        school(tmp_path, MINIMAL + '[targets]\nyears = ["2021/22"]')
    assert str(refused.value).endswith(
        'school.toml: targets.years[1] = "2021/22": write one of "2022/23", "2023/24". '
        "Put that right in school.toml."
    )


def test_every_error_is_named_at_once(tmp_path):
    with pytest.raises(SettingsError) as refused:
        school(tmp_path, MINIMAL + '[flags]\nfin = 1\n[issue]\nby = "pupil"')
    assert "flags.fin" in str(refused.value)
    assert "issue.by" in str(refused.value)


def test_missing_settings_are_a_sentence_not_a_traceback(tmp_path):
    with pytest.raises(SettingsError, match="markbook new"):
        School.load(tmp_path)


def test_settings_cannot_be_changed_once_read(tmp_path):
    loaded = school(tmp_path, MINIMAL)
    with pytest.raises(ValueError, match="frozen"):
        loaded.settings.targets.ambition = 0.5  # type: ignore[misc]  # that it is refused is the point


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_exactly_one_collection_of_a_new_school_is_open_on_any_day(
    tmp_path_factory, today
):
    folder = tmp_path_factory.mktemp("school")
    workflow.new(folder, today=today)
    loaded = School.load(folder)
    assert loaded.academic_year == academic_year_of(today)
    assert loaded.open_collection(today).code in ("AUT", "SPR", "SUM")
    assert [c.years for c in loaded.settings.collections] == [(7, 8, 9, 10, 11)] * 3


def test_a_new_school_does_not_overwrite_an_existing_one(tmp_path):
    workflow.new(tmp_path, today=date(2026, 11, 22))
    with pytest.raises(Exception, match="is a school already"):
        workflow.new(tmp_path, today=date(2026, 11, 22))


def test_a_schools_name_may_contain_toml_syntax(tmp_path):
    workflow.new(tmp_path / "s", today=date(2026, 11, 22), name='St "Mary\'s" \\ & Co')
    assert "Mary" in School.load(tmp_path / "s").settings.school.name


def test_a_collection_must_be_named_if_none_or_several_are_open(tmp_path):
    text = MINIMAL + "".join(
        f'[[collections]]\ncode = "{code}"\nopens = 2026-10-01\ncloses = 2026-10-20\n'
        for code in ("A", "B")
    )
    loaded = school(tmp_path, text)
    with pytest.raises(SettingsError, match=r"More than one .* A, B"):
        loaded.open_collection(date(2026, 10, 20))
    with pytest.raises(SettingsError, match=r"No collection is open .* A, B"):
        loaded.open_collection(date(2026, 10, 21))


def test_the_key_is_created_once(tmp_path):
    loaded = school(tmp_path, MINIMAL)
    with pytest.raises(KeyFileError, match="key is missing"):
        loaded.key()
    key = create_key(tmp_path)
    assert create_key(tmp_path) == key == loaded.key()
    assert len(key) == 32


def test_a_damaged_key_is_refused_and_stays_as_it_is(tmp_path):
    loaded = school(tmp_path, MINIMAL)
    for text in ("", "ab\n", "é" * 64):
        (tmp_path / KEY_FILE).write_text(text, encoding="utf-8")
        with pytest.raises(KeyFileError, match="is damaged"):
            loaded.key()
        assert (tmp_path / KEY_FILE).read_text(encoding="utf-8") == text
