"""Simulated staff: teachers return markbooks, a head of department moderates."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from generator.demo.judgement import MarkingRound, TeacherJudgement
from generator.demo.mistakes import Mistake, assign_mistakes
from generator.demo.synthetic_school import (
    ALL_YEARS,
    EXTRA_MATHS_SUFFIX,
)
from generator.demo.synthetic_timetable import TaughtClass
from generator.demo.teacher_copy import SheetCopy, TeacherCopy, unrelated_workbook
from generator.files import publish
from generator.names import safe_name

Tick = Callable[[int, int, str], None]
EARLY = 0.12  # share of classes that come back in the first days
LATE = 3  # classes that come back after the closing day
CORRECTED = 3  # predictions that the second copy changes
SEATING = (("Seating plan", ""), ("Row 1", "Ali, Ben, Cora"), ("Row 2", "Dev, Eve"))


@dataclass(frozen=True, slots=True)
class Submission:
    """A file that a teacher returns.

    Args:
        moment: The moment of saving and returning it.
        class_code: The class.
        teacher: The lead teacher's code.
        mistake: The mistake in it, or None.
        is_correction: Whether it corrects an earlier return of the teacher.
    """

    moment: datetime
    class_code: str
    teacher: str
    mistake: Mistake | None = None
    is_correction: bool = False

    @property
    def file(self) -> Path:
        """Its path in the folder of returns."""
        stem = safe_name(self.class_code)
        if self.mistake is not None and self.mistake.file_name:
            name = self.mistake.file_name.format(class_code=stem)
            return Path(name)  # not in the teacher's folder
        name = f"{stem} corrected.xlsx" if self.is_correction else f"{stem}.xlsx"
        return Path(self.teacher) / name


@dataclass(frozen=True, slots=True)
class SubmissionPlan:
    """The submissions of one collection.

    Args:
        submissions: The files, in order of time.
        missing_teachers: The codes of the teachers who return nothing.
        corrected_class: The class that is returned twice; empty if none.
        vacant_class: The class without a teacher; empty if none.
    """

    submissions: tuple[Submission, ...]
    missing_teachers: tuple[str, ...]
    corrected_class: str = ""
    vacant_class: str = ""

    def with_mistake(self, name: str) -> Submission | None:
        """The submission with a mistake; None in a school that is too small."""
        for submission in self.submissions:
            if submission.mistake is not None and submission.mistake.name == name:
                return submission
        return None


def plan_submissions(
    judgement: TeacherJudgement,
    marking: MarkingRound,
    *,
    opens: date,
    early_until: datetime,
    until: datetime,
    late_until: datetime | None = None,
    years: Collection[int] = ALL_YEARS,
) -> SubmissionPlan:
    """Plan which markbooks come back, and when.

    In the first collection of the year one teacher forgets; in the next, two forget,
    one sends a correction, and a dozen classes have a mistake.

    Args:
        judgement: The teachers' judgement of the pupils of a school.
        marking: The marking for the collection.
        opens: The collection's first day.
        early_until: The end of the time for early returns.
        until: The end of the time for returns.
        late_until: The end of the time for late returns; None for no late ones.
        years: The year groups of the collection.
    """
    school, is_first = judgement.school, marking.number == 0
    rng = random.Random(f"{marking.seed} plan {marking.number}")
    taught = [t for t in school.classes if t.teachers and t.year in years]
    missing = _missing_teachers(rng, judgement, taught, 1 if is_first else 2)
    returning = [t for t in taught if t.teachers[0] not in missing]
    mistakes: Mapping[str, Mistake] = {}
    corrected = ""
    if not is_first:
        candidates = [t for t in returning if t is not judgement.weak_class]
        mistakes = assign_mistakes(school, judgement.tables, rng, classes=candidates)
        faultless = [t.code for t in candidates if t.code not in mistakes]
        corrected = rng.choice(faultless) if faultless else ""
    spans = (datetime.combine(opens, time(9)), early_until, until, late_until)
    submissions = _submissions(rng, returning, mistakes, corrected, spans)
    return SubmissionPlan(
        submissions=tuple(sorted(submissions, key=lambda s: (s.moment, s.class_code))),
        missing_teachers=missing,
        corrected_class=corrected,
        vacant_class=next((t.code for t in school.classes if not t.teachers), ""),
    )


def _submissions(
    rng: random.Random,
    returning: Sequence[TaughtClass],
    mistakes: Mapping[str, Mistake],
    corrected: str,
    spans: tuple[datetime, datetime, datetime, datetime | None],
) -> list[Submission]:
    """Choose a moment for the submission of each class.

    Args:
        rng: The source of chance.
        returning: The classes.
        mistakes: Class code -> mistake.
        corrected: The class that is returned twice, or empty.
        spans: The first moment, and the ends of the times for early, for other, and for
            late submissions (None for no late ones).
    """
    first_moment, early_until, until, late_until = spans
    late = {t.code for t in rng.sample(returning, min(LATE, len(returning)))}
    submissions = []
    for taught_class in returning:
        code, lead = taught_class.code, taught_class.teachers[0]
        span = (early_until, until)
        if code == corrected or rng.random() < EARLY:
            span = (first_moment, early_until)
        if late_until is not None and code in late:
            span = (until, late_until)
        moment = _moment(rng, *span)
        submissions.append(Submission(moment, code, lead, mistakes.get(code)))
        if code == corrected:
            moment = _moment(rng, early_until, until)
            submissions.append(Submission(moment, code, lead, is_correction=True))
    return submissions


def submit_markbooks(
    issued: Path,
    returned: Path,
    judgement: TeacherJudgement,
    marking: MarkingRound,
    plan: SubmissionPlan,
    *,
    between: tuple[datetime, datetime],
    progress: Tick | None = None,
) -> int:
    """Fill in issued markbooks and return them, as planned.

    Args:
        issued: The folder of a collection's issued markbooks, one file for each class.
        returned: The folder for returns; it gets a folder for each teacher.
        judgement: The teachers' judgement of the pupils.
        marking: The marking for the collection.
        plan: The submissions of the collection.
        between: Only submissions after the first moment and until the second.
        progress: Receives the number of files returned, of all files, and a class.

    Returns:
        The number of markbooks returned.
    """
    after, until = between
    paths = {path.stem: path for path in sorted(issued.rglob("*.xlsx"))}
    due = [h for h in plan.submissions if after < h.moment <= until]
    count = 0
    for number, submission in enumerate(due, start=1):
        path = paths.get(safe_name(submission.class_code))
        if path is None:
            continue  # a class without pupils is not issued
        copy = TeacherCopy(path.read_bytes())
        rng = random.Random(
            f"{marking.seed} {submission.class_code} {submission.moment}"
        )
        for sheet in copy.entry_sheets:
            _fill(sheet, judgement, marking, submission, rng)
        mistake = submission.mistake
        if mistake is not None and mistake.resave is not None:
            data = copy.save_with_openpyxl(
                submission.moment, submission.teacher, mistake.resave
            )
        else:
            data = copy.save(submission.moment, submission.teacher)
        _publish_at(returned / submission.file, data, submission.moment)
        count += 1
        if progress is not None:
            progress(number, len(due), submission.class_code)
    if marking.number and due and due[-1] is plan.submissions[-1]:
        _add_other_files(returned, due[-1])
    return count


def _fill(
    sheet: SheetCopy,
    judgement: TeacherJudgement,
    marking: MarkingRound,
    submission: Submission,
    rng: random.Random,
) -> None:
    mistake = submission.mistake
    rows = sorted(sheet.rows)
    if mistake is not None:
        rows = rows[: round(len(rows) * mistake.filled_share)]
    for row in rows:
        values = sheet.rows[row]
        target = values.get("target") or None
        marks = judgement.marks(values.get("adno", ""), sheet.subject, target, marking)
        for key, text in marks.items():
            if text:
                sheet.write(key, row, text)
    if submission.is_correction:
        _correct(sheet, judgement, rng)
    if mistake is not None and mistake.change is not None:
        mistake.change(sheet, rng, judgement.school)


def _correct(sheet: SheetCopy, judgement: TeacherJudgement, rng: random.Random) -> None:
    if "prediction" not in sheet.columns:
        return
    scale = judgement.tables.scale(judgement.tables.subject(sheet.subject).scale)
    graded = [
        row
        for row in sorted(sheet.rows)
        if sheet.entries.get(sheet.cell("prediction", row)) in scale.grades
    ]
    for row in rng.sample(graded, min(CORRECTED, len(graded))):
        rank = scale.grades.index(sheet.entries[sheet.cell("prediction", row)])
        step = 1 if rank + 1 < len(scale.grades) else -1
        sheet.write("prediction", row, scale.grades[rank + step])


def _publish_at(path: Path, data: bytes, moment: datetime) -> None:
    publish(path, data)
    seconds = moment.timestamp()
    os.utime(path, (seconds, seconds))


def _add_other_files(returned: Path, last: Submission) -> None:
    """Add files that are no returns: another workbook, and a lock file."""
    _publish_at(
        returned / "Seating plan.xlsx",
        unrelated_workbook(SEATING, last.moment, last.teacher),
        last.moment,
    )
    _publish_at(returned / last.teacher / "~$markbook.xlsx", b"\x05lock", last.moment)


def _missing_teachers(
    rng: random.Random,
    judgement: TeacherJudgement,
    classes: list[TaughtClass],
    number: int,
) -> tuple[str, ...]:
    # No heads of department, who chase returns, and no teacher whom the report names.
    excluded = {
        code for code, role, _ in judgement.school.roles if role == "head of department"
    }
    excluded |= set(judgement.weak_class.teachers if judgement.weak_class else ())
    excluded |= {t.teachers[0] for t in classes if t.code.endswith(EXTRA_MATHS_SUFFIX)}
    names = sorted({t.teachers[0] for t in classes} - excluded)
    return tuple(rng.sample(names, min(number, len(names))))


def _moment(rng: random.Random, first: datetime, last: datetime) -> datetime:
    """Choose a moment of a working day, after the first and not after the last."""
    span = int((last - first).total_seconds())
    drawn = first + timedelta(seconds=rng.randrange(1, max(2, span)))
    hour = rng.choice((7, 8, 10, 11, 12, 13, 15, 15, 16, 16, 17, 19, 20, 21))
    shifted = drawn.replace(hour=hour)
    return shifted if first < shifted <= last else drawn


def describe_submissions(plan: SubmissionPlan, names: Mapping[str, str]) -> list[str]:
    """Return a sentence for each noteworthy act of the teachers.

    Args:
        plan: The submissions.
        names: Staff code -> name.
    """
    sentences = [
        f"{names.get(code, code)} ({code}) returned nothing."
        for code in plan.missing_teachers
    ]
    if plan.corrected_class:
        sentences.append(
            f"{plan.corrected_class} came twice; the second copy corrects the first."
        )
    if plan.vacant_class:
        sentences.append(f"{plan.vacant_class} has no teacher.")
    sentences += [
        f"{h.class_code}: {names.get(h.teacher, h.teacher)} {h.mistake.description}."
        for h in plan.submissions
        if h.mistake is not None
    ]
    return sentences
