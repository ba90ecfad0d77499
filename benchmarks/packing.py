"""Every pack of a whole school with five collections behind it: once, in seconds."""

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
from generator.school.reference import reference
from generator.school.school import School
from generator.store import roster, schema, targets
from generator.store.engine import Store
from generator.store.enrolments import roll

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
    """Write all packs of 1,050 pupils; once, whatever `rounds` says."""
    print("\nAll packs of a whole school, five collections behind them, once")
    with TemporaryDirectory() as temporary:
        school = made(Path(temporary) / "school")
        told: list[str] = []
        start = perf_counter()
        report = workflow.pack(
            school, "C5", now=NOW, who=WHO, progress=lambda *at: told.append(at[2])
        )
        spent = perf_counter() - start
        sizes = [(school.folder / name).stat().st_size for name in report.files]
        print(f"  {f'{len(report.files)} packs':<46}{spent:>9.2f} s")
        largest = f"the largest of them, of {sum(sizes) / 1e6:.1f} MB in all"
        print(f"  {largest:<46}{max(sizes) / 1e6:>9.2f} MB")


def made(folder: Path, *, pupils_per_year: int = PUPILS_PER_YEAR) -> School:
    """A made-up school with targets and five collections in its store."""
    workflow.new(folder, today=NOW.date())
    exports = folder / "exports"
    write_exports(exports, today=date(2026, 9, 14), pupils_per_year=pupils_per_year)
    return filled(folder)


def filled(folder: Path) -> School:
    """A school folder with exports in it, imported, and with five collections."""
    settings = folder / "school.toml"
    text = settings.read_text("utf-8")
    first, last = text.index("[[collections]]"), text.index("[[groups]]")
    asked = "".join(
        f'[[collections]]\ncode = "{code}"\nname = "{code}"\n'
        f"years = [7, 8, 9, 10, 11]\nopens = {opens}\n"
        f"closes = {date.fromordinal(opens.toordinal() + OPEN)}\n\n"
        for code, opens in COLLECTIONS.items()
    )
    settings.write_text(text[:first] + asked + text[last:], "utf-8")
    school = School.load(folder)
    start = datetime(2026, 9, 14, 9, 0)
    workflow.import_exports(school, now=start, who=WHO)
    workflow.draft_targets(school, now=start, who=WHO)
    tables = reference(school)
    with closing(Store.open(school.folder, school.settings.school.database)) as store:
        with store.begin() as connection:
            rows = roll(connection, YEAR, tables, today=start.date())
            aims = targets.current(connection)
            scales = {
                name: tables.scale(tables.subject(name).scale).grades
                for name in rows["subject"].unique()
            }
            _answers(connection, rows.merge(aims, on=["adno", "subject"]), scales)
            _help(connection, roster.pupils(connection)["adno"].tolist())
    return school


def _answers(
    connection: Connection, rows: pd.DataFrame, scales: dict[str, tuple[str, ...]]
) -> None:
    """Put five collections into the store as if every class had returned each."""
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
        moved = short + random.integers(-1, 2, len(once)) + number // 2
        stamped, marked = [], []
        for adno, subject, name, target, aspirational, off in zip(
            once["adno"], once["subject"], once["class"], once["expected"],
            once["aspirational"], moved.tolist(), strict=True,
        ):  # fmt: skip
            aim = target if isinstance(target, str) else None
            stamped.append(
                {"issue_id": f"{code}-{name}", "subject": subject, "adno": adno,
                 "academic_year": YEAR, "target": aim, "locked": "{}", "stamped": "{}",
                 "aspirational": aspirational if aim else None}
            )  # fmt: skip
            grades = scales[subject]
            place = grades.index(aim) if aim in grades else len(grades) // 2
            values = {
                "prediction": grades[min(max(place + off, 0), len(grades) - 1)],
                "working_at": grades[min(max(place + off - 1, 0), len(grades) - 1)],
                "effort": str(1 + (place + off) % 4),
            }
            if off > 1:
                values["praise"] = "Yes"
            common = {
                "collection": code, "adno": adno, "subject": subject, "class": name,
                "academic_year": YEAR, "return_id": f"{code}-{name}", "who": WHO,
                "source_file": f"returned/{code}/{name}.xlsx",
                "source_cell": "Markbook!M9", "merged_at": at,
            }  # fmt: skip
            marked += [{**common, "field": f, "value": v} for f, v in values.items()]
        connection.execute(schema.issued_rows.insert(), stamped)
        connection.execute(schema.marks.insert(), marked)


def _help(connection: Connection, pupils: list[str]) -> None:
    """One pupil in six has an intervention, begun after the second collection."""
    connection.execute(
        schema.interventions.insert(),
        [{"adno": adno, "subject": "Maths" if number % 12 else "",
          "what": "Small group", "from": "2026-12-07", "academic_year": YEAR,
          "who": "Ms A Mentor", "entered_by": WHO}
         for number, adno in enumerate(pupils) if number % 6 == 0],
    )  # fmt: skip
