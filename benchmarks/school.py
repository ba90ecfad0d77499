"""Every step of the workflow on a synthetic school: seconds, once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from generator import workflow
from generator.demo.teacher_copy import TeacherCopy
from generator.demo.write_exports import write_exports
from generator.files import publish
from generator.school.school import School

NOW = datetime(2026, 10, 14, 9, 30)
WHO = "HAR"


def run(rounds: int) -> None:
    """Time each step on 1,050 pupils, once; `rounds` is ignored."""
    print("\nA whole school, once each")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "school"
        workflow.new(folder, today=NOW.date())
        write_exports(folder / "exports", today=NOW.date())
        school = School.load(folder)
        step("import", lambda: workflow.import_exports(school, now=NOW, who=WHO))
        step("targets draft", lambda: workflow.draft_targets(school, now=NOW, who=WHO))
        step("issue", lambda: workflow.issue(school, "AUT", now=NOW, who=WHO))
        issued = school.issued("AUT")
        step(
            f"check {len(list(issued.rglob('*.xlsx')))} untouched markbooks",
            lambda: workflow.collect(
                school, collection="AUT", paths=[issued], dry=True, now=NOW, who=WHO
            ),
        )
        number = fill_in(school)
        step(
            f"collect {number} returns, each a transaction of its own",
            lambda: workflow.collect(school, now=NOW, who=WHO),
        )
        step("collect them again", lambda: workflow.collect(school, now=NOW, who=WHO))
        step("chase", lambda: workflow.chase(school, "AUT", now=NOW))


def fill_in(school: School) -> int:
    """Return every markbook with each prediction at its target; the number of files."""
    files = sorted(school.issued("AUT").rglob("*.xlsx"))
    for number, path in enumerate(files):
        copy = TeacherCopy(path.read_bytes())
        for sheet in copy.entry_sheets:
            for row, values in sheet.rows.items():
                for key in ("working_at", "prediction"):
                    sheet.write(key, row, values.get("target") or "Abs")
                sheet.write("effort", row, "2")
        saved = copy.save(NOW + timedelta(seconds=number), WHO)
        publish(school.returned / path.parent.name / path.name, saved)
    return len(files)


def step(name: str, do: Callable[[], object]) -> None:
    """Run one step and print its time."""
    start = perf_counter()
    do()
    print(f"  {name:<46}{perf_counter() - start:>9.2f} s")
