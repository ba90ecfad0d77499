"""Make a new school folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from generator.files import publish
from generator.report import Report
from generator.school.school import SETTINGS_FILE, academic_year_of
from udfs.errors import MarkbookError


@dataclass(frozen=True, slots=True)
class NewSchoolReport(Report):
    """A school folder that was just made.

    Args:
        folder: The folder.
    """

    folder: Path

    def json(self) -> dict[str, Any]:
        """Where it is."""
        return {"folder": str(self.folder)}

    def lines(self) -> list[str]:
        """What to do next."""
        return [
            f"Made {self.folder}. Look through {SETTINGS_FILE}, put the exports of "
            "your MIS into exports/, then run `markbook import` there.",
        ]


def make_school(folder: Path, *, today: date, name: str = "") -> NewSchoolReport:
    """Make a school folder with commented settings.

    Args:
        folder: Where to; it may exist, but without settings.
        today: The day, which decides the academic year.
        name: The school's name; empty: from the folder's name.

    Raises:
        MarkbookError: If there is a school already, or the folder cannot be made.
    """
    if (folder / SETTINGS_FILE).exists():
        raise MarkbookError(
            f"{folder} is a school already: it has a {SETTINGS_FILE}.",
            "Name another folder, or change the settings that are there.",
        )
    if folder.exists() and not folder.is_dir():
        raise MarkbookError(f"{folder} is a file.", "Name a folder.")
    year = academic_year_of(today)
    title = name or folder.resolve().name.replace("-", " ").replace("_", " ").strip()
    template = files("workbook_templates").joinpath("school.toml")
    text = Template(template.read_text(encoding="utf-8")).substitute(
        name=(title or "Our school").replace("\\", " ").replace('"', " "),
        academic_year=year,
        first=year[:4],
        second=int(year[:4]) + 1,
    )
    publish(folder / SETTINGS_FILE, text.encode())
    for subfolder in ("exports", "returned", "tables"):
        (folder / subfolder).mkdir(exist_ok=True)
    return NewSchoolReport(folder)
