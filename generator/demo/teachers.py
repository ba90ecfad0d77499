"""Simulated teachers: who hands in what and when, and the files they hand in."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from generator.demo.judgement import MarkingRound, TeacherJudgement
from generator.demo.mistakes import Mistake, assign_mistakes
from generator.demo.synthetic_school import (
    ALL_YEARS,
    EXTRA_MATHS_SUFFIX,
    SyntheticSchool,
)
from generator.demo.synthetic_timetable import TaughtClass
from generator.demo.teacher_copy import SheetCopy, TeacherCopy, unrelated_workbook
from generator.files import publish
from generator.names import safe_name
from udfs.tables import Tables

Tick = Callable[[int, int, str], None]
EARLY = 0.12  # share of classes that come back in the first days
LATE = 3  # classes that come back after the closing day
CORRECTED = 3  # predictions put right in the second copy
SEATING = (("Seating plan", ""), ("Row 1", "Ali, Ben, Cora"), ("Row 2", "Dev, Eve"))


@dataclass(frozen=True, slots=True)
class Submission:
    """One file that a teacher hands in.

    Args:
        moment: When it was saved and put into the inbox.
        class_code: The class.
        teacher: The lead teacher's code.
        deed: What is wrong with it, or None.
        again: Whether it is a correction of the teacher's own earlier return.
    """

    moment: datetime
    class_code: str
    teacher: str
    mistake: Mistake | None = None
    is_correction: bool = False

    @property
    def file(self) -> Path:
        """Where it lies in the inbox."""
        stem = safe_name(self.class_code)
        if self.mistake is not None and self.mistake.file_name:
            name = self.mistake.file_name.format(class_code=stem)
            return Path(name)  # straight into the inbox, not the teacher's folder
        name = f"{stem} corrected.xlsx" if self.is_correction else f"{stem}.xlsx"
        return Path(self.teacher) / name


@dataclass(frozen=True, slots=True)
class SubmissionPlan:
    """Everything the teachers do in one collection.

    Args:
        hand_ins: What comes back, in order of time.
        never: Codes of the teachers who hand nothing in.
        twice: The class that is handed in again with a correction; empty if none.
        vacant: The class nobody teaches; empty if none.
    """

    submissions: tuple[Submission, ...]
    missing_teachers: tuple[str, ...]
    corrected_class: str = ""
    vacant_class: str = ""

    def with_mistake(self, name: str) -> Submission | None:
        """The return with a deed of that name, or None in a school too small."""
        for hand_in in self.submissions:
            if hand_in.mistake is not None and hand_in.mistake.name == name:
                return hand_in
        return None


def plan_submissions(
    school: SyntheticSchool,
    judge: TeacherJudgement,
    asked: MarkingRound,
    *,
    opens: date,
    early_until: datetime,
    until: datetime,
    late_until: datetime | None = None,
    years: Collection[int] = ALL_YEARS,
) -> SubmissionPlan:
    """Who hands in what and when.

    In the first collection of the year one teacher forgets; in the next two do, one
    sends a correction, and a dozen classes come back with the faults of `deeds`.

    Args:
        school: The synthetic school.
        judge: What the teachers think of the pupils.
        asked: Which collection.
        opens: Its first day.
        early_until: The end of the first days; what is early comes before.
        until: Nothing comes after this,
        late_until: but what is late, where anything may be: it comes by then.
        years: The years that are asked.
    """
    rng = random.Random(f"{asked.seed} plan {asked.number}")
    taught = [t for t in school.classes if t.teachers and t.year in years]
    forgetful = _forgetful(rng, school, judge, taught, 2 if asked.number else 1)
    back = [t for t in taught if t.teachers[0] not in forgetful]
    among = [t for t in back if t is not judge.weak_class]
    hard = (
        assign_mistakes(school, judge.tables, rng, among=among) if asked.number else {}
    )
    spotless = [t for t in among if t.code not in hard]
    twice = rng.choice(spotless).code if asked.number and spotless else ""
    late = {t.code for t in rng.sample(back, min(LATE, len(back)))}
    made = []
    for one in back:
        early = one.code == twice or rng.random() < EARLY
        first = datetime.combine(opens, time(9)) if early else early_until
        last = early_until if early else until
        if late_until is not None and one.code in late:
            first, last = until, late_until
        moment = _moment(rng, first, last)
        lead = one.teachers[0]
        made.append(Submission(moment, one.code, lead, hard.get(one.code)))
        if one.code == twice:
            again = _moment(rng, early_until, until)
            made.append(Submission(again, one.code, lead, is_correction=True))
    vacant = next((t.code for t in school.classes if not t.teachers), "")
    return SubmissionPlan(
        tuple(sorted(made, key=lambda h: (h.moment, h.class_code))),
        forgetful,
        twice,
        vacant,
    )


def submit_markbooks(
    issued: Path,
    returned: Path,
    *,
    school: SyntheticSchool,
    judge: TeacherJudgement,
    asked: MarkingRound,
    plan: SubmissionPlan,
    after: datetime,
    until: datetime,
    progress: Tick | None = None,
) -> int:
    """Fill in the issued markbooks and put them into the inbox, as planned.

    Args:
        issued: A collection's folder of issued markbooks, one file a class.
        returned: Where returns go; a folder for each teacher is made there.
        school: The synthetic school.
        judge: What the teachers think of the pupils.
        asked: Which collection.
        plan: Who hands in what and when.
        after: Only what is handed in after this moment,
        until: and no later than this.
        progress: Told of every file.

    Returns:
        How many markbooks were handed in.
    """
    places = {path.stem: path for path in sorted(issued.rglob("*.xlsx"))}
    due = [h for h in plan.submissions if after < h.moment <= until]
    done = 0
    for number, hand_in in enumerate(due, start=1):
        path = places.get(safe_name(hand_in.class_code))
        if path is None:
            continue  # a class nobody is in any more was not issued
        copy = TeacherCopy(path.read_bytes())
        rng = random.Random(f"{asked.seed} {hand_in.class_code} {hand_in.moment}")
        for page in copy.entry_sheets:
            _fill(page, judge, asked, hand_in, rng, school)
        deed = hand_in.mistake
        if deed is not None and deed.resave is not None:
            data = copy.save_with_openpyxl(hand_in.moment, hand_in.teacher, deed.resave)
        else:
            data = copy.save(hand_in.moment, hand_in.teacher)
        _put(returned / hand_in.file, data, hand_in.moment)
        done += 1
        if progress is not None:
            progress(number, len(due), hand_in.class_code)
    if asked.number and due and due[-1] is plan.submissions[-1]:
        _put_oddments(returned, due[-1])
    return done


def _fill(
    page: SheetCopy,
    judge: TeacherJudgement,
    asked: MarkingRound,
    hand_in: Submission,
    rng: random.Random,
    school: SyntheticSchool,
) -> None:
    deed = hand_in.mistake
    rows = sorted(page.rows)
    if deed is not None:
        rows = rows[: round(len(rows) * deed.filled_share)]
    for row in rows:
        values = page.rows[row]
        target = values.get("target") or None
        marks = judge.marks(values.get("adno", ""), page.subject, target, asked)
        for key, text in marks.items():
            if text:
                page.write(key, row, text)
    if hand_in.is_correction:
        _correct(page, judge, rng)
    if deed is not None and deed.change is not None:
        deed.change(page, rng, school)


def _correct(page: SheetCopy, judge: TeacherJudgement, rng: random.Random) -> None:
    if "prediction" not in page.columns:
        return
    scale = judge.tables.scale(judge.tables.subject(page.subject).scale)
    graded = [
        row
        for row in sorted(page.rows)
        if page.entries.get(page.cell("prediction", row)) in scale.grades
    ]
    for row in rng.sample(graded, min(CORRECTED, len(graded))):
        rank = scale.grades.index(page.entries[page.cell("prediction", row)])
        step = 1 if rank + 1 < len(scale.grades) else -1
        page.write("prediction", row, scale.grades[rank + step])


def _put(path: Path, data: bytes, moment: datetime) -> None:
    publish(path, data)
    seconds = moment.timestamp()
    os.utime(path, (seconds, seconds))


def _put_oddments(returned: Path, last: Submission) -> None:
    """What else lies in every inbox: a list of somebody's own, a lock file."""
    _put(
        returned / "Seating plan.xlsx",
        unrelated_workbook(SEATING, last.moment, last.teacher),
        last.moment,
    )
    _put(returned / last.teacher / "~$markbook.xlsx", b"\x05lock", last.moment)


def _forgetful(
    rng: random.Random,
    school: SyntheticSchool,
    judge: TeacherJudgement,
    taught: list[TaughtClass],
    number: int,
) -> tuple[str, ...]:
    # Nobody who leads a department: they are the ones who chase. And nobody whose
    # class the ending speaks of.
    spared = {code for code, role, _ in school.roles if role == "head of department"}
    spared |= set(judge.weak_class.teachers if judge.weak_class else ())
    spared |= {t.teachers[0] for t in taught if t.code.endswith(EXTRA_MATHS_SUFFIX)}
    names = sorted({t.teachers[0] for t in taught} - spared)
    return tuple(rng.sample(names, min(number, len(names))))


def _moment(rng: random.Random, first: datetime, last: datetime) -> datetime:
    """A moment in a teacher's day, after the first and not after the last."""
    span = int((last - first).total_seconds())
    drawn = first + timedelta(seconds=rng.randrange(1, max(2, span)))
    hour = rng.choice((7, 8, 10, 11, 12, 13, 15, 15, 16, 16, 17, 19, 20, 21))
    shifted = drawn.replace(hour=hour)
    return shifted if first < shifted <= last else drawn


def describe_submissions(plan: SubmissionPlan, names: Mapping[str, str]) -> list[str]:
    """What the teachers did that is worth looking for, a sentence each.

    Args:
        plan: The collection's plan.
        names: Staff code -> name.
    """
    said = [
        f"{names.get(code, code)} ({code}) returned nothing."
        for code in plan.missing_teachers
    ]
    if plan.corrected_class:
        said.append(
            f"{plan.corrected_class} came twice; the second copy corrects the first."
        )
    if plan.vacant_class:
        said.append(f"{plan.vacant_class} has no teacher.")
    said += [
        f"{h.class_code}: {names.get(h.teacher, h.teacher)} {h.mistake.description}."
        for h in plan.submissions
        if h.mistake is not None
    ]
    return said


REASON = "agreed in the department"
RAISED = 4  # of so many pupils with a target, one is to have a grade more
NO_TARGET = 5  # pupils without a target who are given one


def smallest_workbook(folder: Path) -> Path | None:
    """The moderation workbook that is gone through first; None where there is none."""
    return min(
        folder.glob("*.xlsx"), key=lambda p: (p.stat().st_size, p.name), default=None
    )


def moderate_workbook(path: Path, tables: Tables, by: str) -> bytes:
    """A moderation workbook with what its head of department agreed.

    Args:
        path: The workbook as it was written.
        tables: Subjects and scales.
        by: Who it is.
    """
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        _agree(sheet, tables, by)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _agree(sheet: Worksheet, tables: Tables, by: str) -> None:
    for row in range(1, 12):
        if sheet.cell(row, 1).value == "Adno":
            break
    else:
        return
    column = {
        " ".join(str(cell.value).split()): cell.column
        for cell in sheet[row]
        if cell.value
    }
    subject = tables.subject(sheet.title.split(" ", 1)[1])
    scale = tables.scale(subject.scale)
    given = seen = 0
    for line in range(row + 1, sheet.max_row + 1):
        if not sheet.cell(line, 1).value:
            break
        stands = scale.find(sheet.cell(line, column["Expected"]).value)
        agreed = None
        if stands is None and given < NO_TARGET:
            given += 1
            agreed = scale.grades[len(scale.grades) // 2]
        elif stands is not None:
            seen += 1
            if seen % RAISED == 0:
                agreed = scale.step_up_whole(stands, 1)
        if agreed is not None:
            for heading, value in (
                ("Agreed expected", agreed), ("Reason", REASON), ("By", by),
            ):  # fmt: skip
                sheet.cell(line, column[heading]).value = value
