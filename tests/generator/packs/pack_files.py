"""How tests look into packs, and into what `export` says."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from generator.context import Context
from generator.export import export
from generator.packs.write_packs import PackReport, write_packs
from generator.school.school import School
from generator.store.engine import Store
from tests.generator.packs import sample_school
from udfs.tables import standard

Row = dict[str, Any]


def write_kinds(
    school: School,
    store: Store,
    kinds: Sequence[str] = (),
    code: str = "AUT",
    **options: Any,
) -> PackReport:
    """Write packs of some kinds of a collection, all kinds if none is named."""
    return write_packs(
        _context(school, store), school.collection(code), kinds, **options
    )


def _context(school: School, store: Store) -> Context:
    return Context(school, standard(), store, sample_school.NOW, "HAR")


def page(school: School, name: str, sheet: str, code: str = "AUT") -> Worksheet:
    return load_workbook(school.packs(code) / f"{name}.xlsx")[sheet]


def table(sheet: Worksheet, heading: str, which: int = 0) -> list[Row]:
    """The rows under the heading row that has this heading, the which-th of them.

    Of two headings alike, the second is called `… 2`.
    """
    rows = list(sheet.iter_rows(values_only=True))
    starts = [at for at, row in enumerate(rows) if heading in row]
    names: list[str] = []
    for name in rows[starts[which]]:
        if name is not None:
            names.append(f"{name} 2" if name in names else str(name))
    found = []
    for row in rows[starts[which] + 1 :]:
        if sum(cell is not None for cell in row) < 2:
            break
        found.append(dict(zip(names, row, strict=False)))
    return found


def text(sheet: Worksheet) -> str:
    cells = (cell for row in sheet.iter_rows(values_only=True) for cell in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)


def whole(path: Path) -> str:
    """Everything there is in the file, part after part."""
    with zipfile.ZipFile(path) as pack:
        parts = [pack.read(name) for name in pack.namelist()]
    return b"\n".join(parts).decode("utf-8", errors="replace")


def exported(
    school: School, store: Store, name: str, code: str | None = None
) -> list[dict[str, str]]:
    """The rows of `markbook export`, of all collections or of one."""
    out = school.folder / "out.csv"
    export(_context(school, store), name, collection=code, out=out)
    return list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
