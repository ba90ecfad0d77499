"""The input of a recount: exported tables, settings, published figures."""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

Row = dict[str, str]
FIGURES = Path(__file__).parents[2] / "workbook_templates"


@dataclass(frozen=True)
class ExportedTables:
    """The exported tables and settings of a school.

    Args:
        folder: The school folder: `exports`, `school.toml`, `packs`.
        tables: The folder of the tables that `markbook export` wrote.
        code: The collection of the packs.
        today: The day of the packs.
    """

    folder: Path
    tables: Path
    code: str
    today: date

    def __getitem__(self, table: str) -> list[Row]:
        """The rows of one exported table; every value is text."""
        return self._read(table)

    def _read(self, table: str) -> list[Row]:
        if table not in self._cache:
            text = (self.tables / f"{table}.csv").read_text("utf-8-sig")
            self._cache[table] = list(csv.DictReader(io.StringIO(text)))
        return self._cache[table]

    @cached_property
    def _cache(self) -> dict[str, list[Row]]:
        return {}

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The content of school.toml, without defaults."""
        return tomllib.loads((self.folder / "school.toml").read_text("utf-8"))

    @property
    def packs(self) -> Path:
        """The folder of the collection's packs."""
        return self.folder / "packs" / self.code

    def pack_paths(self, kind: str) -> list[Path]:
        """The packs of one kind: `department-*.xlsx`, `leadership.xlsx`."""
        alone = self.packs / f"{kind}.xlsx"
        return [alone] if alone.exists() else sorted(self.packs.glob(f"{kind}-*.xlsx"))

    @cached_property
    def labels(self) -> frozenset[str]:
        """Names with a figure in them: classes, forms, collections, years, teachers."""
        collections = self.settings["collections"]
        names = {
            collection.get(key, "")
            for collection in collections
            for key in ("code", "name")
        }
        names |= {row["collection"] for row in self["issues"]}  # of earlier years, too
        names |= {row["class"] for row in self["classes"]}
        names |= {row["class"].replace("/", "-") for row in self["classes"]}
        names |= {row["subject"] for row in self["classes"]}
        names |= {row["subject"] for row in self["targets"]}
        names |= {row["reg"] for row in self["pupils"]}
        names |= {row["academic_year"] for row in self["classes"]}
        names |= {f"Year {number}" for number in range(7, 15)}
        return frozenset(names - set(GRADE_LIKE))


# A possible grade is never a label.
GRADE_LIKE = ("", "U", "A", "B", "C", "D", "E", *map(str, range(16)))


@cache
def figures(name: str) -> list[Row]:
    """The rows of one published table: `national_averages`, `transitions_gcse` …"""
    text = (FIGURES / f"{name}.csv").read_text("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith(("#", '"#'))]
    return list(csv.DictReader(lines))
