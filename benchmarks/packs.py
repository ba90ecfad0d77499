"""Every pack of a whole school after five collections: once, in seconds."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from generator import workflow
from generator.demo.write_exports import write_exports
from generator.school.school import School
from generator.school.school_tables import school_tables
from generator.store import roster, schema, targets
from generator.store.engine import Store
from generator.store.enrolments import enrolments

YEAR = "2026/27"
NOW = datetime(2027, 7, 5, 9, 30)
WHO = "HAR"
PUPILS_PER_YEAR = 210

COLLECTIONS = {
    "C1": date(2026, 9, 21), "C2": date(2026, 11, 23), "C3": date(2027, 1, 25),
    "C4": date(2027, 4, 19), "C5": date(2027, 6, 21),
}  # fmt: skip
OPEN = 12  # days


def run(rounds: int) -> None:
    """Write all packs of 1,050 pupils, once; `rounds` is ignored."""
    print("\nAll packs of a whole school after five collections, once")
    with TemporaryDirectory() as temporary:
        school = build_school(Path(temporary) / "school")
        start = perf_counter()
        report = workflow.pack(school, "C5", now=NOW, who=WHO)
        spent = perf_counter() - start
        sizes = [(school.folder / name).stat().st_size for name in report.files]
        print(f"  {f'{len(report.files)} packs':<46}{spent:>9.2f} s")
        largest = f"the largest of them, of {sum(sizes) / 1e6:.1f} MB in all"
        print(f"  {largest:<46}{max(sizes) / 1e6:>9.2f} MB")


def build_school(folder: Path, *, pupils_per_year: int = PUPILS_PER_YEAR) -> School:
    """A synthetic school with targets and five collections in its store."""
    workflow.new(folder, today=NOW.date())
    exports = folder / "exports"
    write_exports(exports, today=date(2026, 9, 14), pupils_per_year=pupils_per_year)
    return fill_school(folder)


def fill_school(folder: Path) -> School:
    """Import the exports of a school folder, and store five collections."""
    settings = folder / "school.toml"
    text = settings.read_text("utf-8")
    first, last = text.index("[[collections]]"), text.index("[[groups]]")
    collections = "".join(
        f'[[collections]]\ncode = "{code}"\nname = "{code}"\n'
        f"years = [7, 8, 9, 10, 11]\nopens = {opens}\n"
        f"closes = {date.fromordinal(opens.toordinal() + OPEN)}\n\n"
        for code, opens in COLLECTIONS.items()
    )
    settings.write_text(text[:first] + collections + text[last:], "utf-8")
    school = School.load(folder)
    start = datetime(2026, 9, 14, 9, 0)
    workflow.import_exports(school, now=start, who=WHO)
    workflow.draft_targets(school, now=start, who=WHO)
    tables = school_tables(school)
    with closing(Store.open(school.folder, school.settings.school.database)) as store:
        with store.begin() as connection:
            rows = enrolments(connection, YEAR, tables, today=start.date())
            aims = targets.current_targets(connection)
            scales = {
                name: tables.scale(tables.subject(name).scale).grades
                for name in rows["subject"].unique()
            }
            _store_marks(connection, rows.merge(aims, on=["adno", "subject"]), scales)
            _store_interventions(connection, roster.pupils(connection)["adno"].tolist())
    return school


def _store_marks(
    connection: Connection, rows: pd.DataFrame, scales: dict[str, tuple[str, ...]]
) -> None:
    """Store five collections, as if every class had returned each."""
    random = np.random.default_rng(20261122)
    once = rows.drop_duplicates(["adno", "subject"])
    short = random.integers(-3, 2, len(once))
    sizes = rows.groupby("class")["adno"].nunique().to_dict()
    for number, (code, opens) in enumerate(COLLECTIONS.items()):
        at = f"{opens.isoformat()}T09:00:00"
        closes = date.fromordinal(opens.toordinal() + OPEN).isoformat()
        connection.execute(
            schema.collections.insert(),
            {"code": code, "academic_year": YEAR, "name": code,
             "opens": opens.isoformat(), "closes": closes},
        )  # fmt: skip
        classes = sorted(rows["class"].unique())
        connection.execute(
            schema.issues.insert(),
            [{"issue_id": f"{code}-{name}", "academic_year": YEAR, "collection": code,
              "class": name, "file": f"issued/{code}/{name}.xlsx", "issued_at": at,
              "issued_by": WHO, "layout": "{}", "pupils": sizes[name]}
             for name in classes],
        )  # fmt: skip
        connection.execute(
            schema.returns.insert(),
            [{"return_id": f"{code}-{name}", "academic_year": YEAR, "class": name,
              "sha256": f"{code}-{name}", "file": f"returned/{code}/{name}.xlsx",
              "collection": code, "issue_id": f"{code}-{name}", "returned_at": at,
              "modified": at, "read_at": at, "who": WHO, "status": "merged"}
             for name in classes],
        )  # fmt: skip
        offsets = (short + random.integers(-1, 2, len(once)) + number // 2).tolist()
        issued, marks = [], []
        for pupil, offset in zip(once.to_dict("records"), offsets, strict=True):
            grades = scales[pupil["subject"]]
            target = pupil["expected"] if isinstance(pupil["expected"], str) else None
            common = {"adno": pupil["adno"], "subject": pupil["subject"],
                      "academic_year": YEAR}  # fmt: skip
            issued.append(
                {**common, "issue_id": f"{code}-{pupil['class']}", "target": target,
                 "locked": "{}", "stamped": "{}",
                 "aspirational": pupil["aspirational"] if target else None}
            )  # fmt: skip
            source = {
                **common, "collection": code, "class": pupil["class"],
                "return_id": f"{code}-{pupil['class']}", "who": WHO, "merged_at": at,
                "source_file": f"returned/{code}/{pupil['class']}.xlsx",
                "source_cell": "Markbook!M9",
            }  # fmt: skip
            values = _mark_values(grades, target, offset)
            marks += [{**source, "field": f, "value": v} for f, v in values.items()]
        connection.execute(schema.issued_rows.insert(), issued)
        connection.execute(schema.marks.insert(), marks)


def _mark_values(
    grades: tuple[str, ...], target: str | None, offset: int
) -> dict[str, str]:
    """The marks of a pupil in a subject, some grades above or below the target."""
    rank = grades.index(target) if target in grades else len(grades) // 2
    values = {
        "prediction": grades[min(max(rank + offset, 0), len(grades) - 1)],
        "working_at": grades[min(max(rank + offset - 1, 0), len(grades) - 1)],
        "effort": str(1 + (rank + offset) % 4),
    }
    if offset > 1:
        values["praise"] = "Yes"
    return values


def _store_interventions(connection: Connection, pupils: list[str]) -> None:
    """Store an intervention for one pupil in six, from the second collection on."""
    connection.execute(
        schema.interventions.insert(),
        [{"adno": adno, "subject": "Maths" if number % 12 else "",
          "what": "Small group", "from": "2026-12-07", "academic_year": YEAR,
          "who": "Ms A Mentor", "entered_by": WHO}
         for number, adno in enumerate(pupils) if number % 6 == 0],
    )  # fmt: skip
