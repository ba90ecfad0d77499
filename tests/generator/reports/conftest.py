"""A small school whose reports are written, and what a PDF file holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator import workflow
from generator.reports.request import ReportRequest
from generator.school.school import School
from tests.generator.packs import sample_school
from tests.generator.reports.report_files import NOW, add_facts


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports-school")
    opened = sample_school.empty_store(sample_school.school(folder))
    sample_school.fill(opened)
    with opened.begin() as connection:
        add_facts(connection)
    opened.close()
    return folder


@pytest.fixture
def school(tmp_path: Path, _filled: Path) -> School:
    """Two collections have been issued and returned; a copy of one's own."""
    folder = tmp_path / "school"
    shutil.copytree(_filled, folder)
    return School.load(folder)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory, _filled: Path) -> School:
    """The school with its reports of AUT written: for looking only."""
    folder = tmp_path_factory.mktemp("reported") / "school"
    shutil.copytree(_filled, folder)
    school = School.load(folder)
    workflow.reports(school, "AUT", ReportRequest(), now=NOW, who="Test")
    return school
