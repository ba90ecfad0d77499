"""What packs of groups and of the whole school have alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.school.school import School
from generator.store.engine import Store
from tests.generator.packs.pack_files import write_kinds

FILES = {
    "group": "group-PP",
    "leadership": "leadership",
    "governors": "governors",
    "target-groups": "target-groups",
}
GROUP = "\n[[groups]]\nname = 'PP'\nrule = 'pp == \"Y\"'\n"


@pytest.mark.parametrize("kind", FILES)
def test_excel_opens_it_cleanly_and_it_is_the_same_every_time(
    school: School,
    store: Store,
    office_faults: Callable[[Path], list[str]],
    kind: str,
) -> None:
    with (school.folder / "school.toml").open("a", encoding="utf-8") as file:
        file.write(GROUP)
    school = School.load(school.folder)
    path = school.packs("AUT") / f"{FILES[kind]}.xlsx"
    written = []
    for _ in range(2):
        write_kinds(school, store, [kind])
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert office_faults(path) == []


@pytest.mark.parametrize("kind", ["leadership", "governors", "target-groups"])
def test_a_rule_that_cannot_be_used_is_reported_and_writes_no_half_pack(
    school: School, store: Store, kind: str
) -> None:
    with (school.folder / "school.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[groups]]\nname = 'Odd'\nrule = 'shoe_size > 4'\n")
    school = School.load(school.folder)
    report = write_kinds(school, store, [kind])
    assert not report.files
    assert "shoe_size" in report.problems[0].what
    assert report.exit_status == 1
