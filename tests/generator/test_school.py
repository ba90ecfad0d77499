from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import workflow
from generator.school import School, SettingsError, academic_year_of

MINIMAL = '[school]\nacademic_year = "2026/27"\n'


def school(folder: Path, text: str) -> School:
    (folder / "school.toml").write_text(text, encoding="utf-8")
    return School.load(folder)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('[school]\nacademic_year = "2026/27"\nnam = "x"', "did you mean name?"),
        ('[school]\nacademic_year = "2026/28"', "for example 2026/27"),
        ('[school]\nacademic_year = "26-27"', "write it like 2026/27"),
        (MINIMAL + "[targets]\nambition = 0.605", "in hundredths"),
        (MINIMAL + "[targets]\nambition = 1.2", "targets.ambition = 1.2"),
        (MINIMAL + '[targets]\nmethod = "magic"', "'transition'"),
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
        (MINIMAL + '[[subjects]]\nname = "Art"\nslot = "arts"', "'creative'"),
        (
            MINIMAL + '[[groups]]\nname = "PP"\nrule = "pp == 1"\n'
            '[[groups]]\nname = "pp"\nrule = "pp == 2"',
            "is there twice",
        ),
        ("[school\n", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path, line, says):
    with pytest.raises(SettingsError, match=r"school\.toml") as refused:
        school(tmp_path, line)
    assert says in str(refused.value)


def test_every_fault_is_named_at_once(tmp_path):
    with pytest.raises(SettingsError) as refused:
        school(tmp_path, MINIMAL + '[flags]\nfin = 1\n[issue]\nby = "pupil"')
    assert "flags.fin" in str(refused.value)
    assert "issue.by" in str(refused.value)


def test_no_settings_is_a_sentence_not_a_traceback(tmp_path):
    with pytest.raises(SettingsError, match="markbook new"):
        School.load(tmp_path)


def test_settings_cannot_be_changed_once_read(tmp_path):
    found = school(tmp_path, MINIMAL)
    with pytest.raises(ValueError, match="frozen"):
        found.settings.targets.ambition = 0.5  # type: ignore[misc]  # that it is refused is the point


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_exactly_one_collection_of_a_new_school_is_open_on_any_day(
    tmp_path_factory, today
):
    folder = tmp_path_factory.mktemp("school")
    workflow.new(folder, today=today)
    found = School.load(folder)
    assert found.academic_year == academic_year_of(today)
    assert found.open_collection(today).code in ("AUT", "SPR", "SUM")
    assert [c.years for c in found.settings.collections] == [(7, 8, 9, 10, 11)] * 3


def test_a_new_school_does_not_overwrite_one_that_is_there(tmp_path):
    workflow.new(tmp_path, today=date(2026, 11, 22))
    with pytest.raises(Exception, match="is a school already"):
        workflow.new(tmp_path, today=date(2026, 11, 22))


def test_a_school_s_name_may_hold_what_toml_would_trip_over(tmp_path):
    workflow.new(tmp_path / "s", today=date(2026, 11, 22), name='St "Mary\'s" \\ & Co')
    assert "Mary" in School.load(tmp_path / "s").settings.school.name


def test_a_collection_is_named_when_none_or_several_are_open(tmp_path):
    text = MINIMAL + "".join(
        f'[[collections]]\ncode = "{code}"\nopens = 2026-10-01\ncloses = 2026-10-20\n'
        for code in ("A", "B")
    )
    found = school(tmp_path, text)
    with pytest.raises(SettingsError, match=r"More than one .* A, B"):
        found.open_collection(date(2026, 10, 20))
    with pytest.raises(SettingsError, match=r"No collection is open .* A, B"):
        found.open_collection(date(2026, 10, 21))


def test_the_key_is_made_once_and_kept(tmp_path):
    found = school(tmp_path, MINIMAL)
    assert found.key() == School.load(tmp_path).key()
    assert len(found.key()) == 32
