"""`issue` writes nothing where most pupils have no target, unless that is meant."""

from __future__ import annotations

import shutil

import pytest

from generator import workflow
from generator.school.school import School
from udfs.errors import MarkbookError


def test_most_without_a_target_are_not_issued_unless_it_is_meant(
    issued_school, tmp_path, now
):
    for name in ("school.toml", "exports"):
        source = issued_school / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    school = School.load(tmp_path)
    workflow.import_exports(school, now=now, who="office")
    with pytest.raises(MarkbookError, match="have no target, so the markbooks") as no:
        workflow.issue(school, "AUT", now=now, who="office")
    assert "markbook targets draft" in no.value.do
    assert not (tmp_path / "issued").exists()
    report = workflow.issue(school, "AUT", without_targets=True, now=now, who="office")
    assert report.classes == 4
    workflow.draft_targets(school, now=now, who="office")
    assert workflow.issue(school, "AUT", now=now, who="office").classes == 4
