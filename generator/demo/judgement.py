"""Simulate the judgement of teachers: marks in markbooks, and agreed targets."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from generator.demo.synthetic_pupils import Pupil
from generator.demo.synthetic_school import SyntheticSchool
from generator.demo.synthetic_timetable import TaughtClass
from udfs.scales.scale import POINT, Scale
from udfs.tables import Tables

# Year group -> by how many grades current work is below the prediction, from and to.
GRADES_TO_GO: Mapping[int, tuple[float, float]] = {
    7: (1.2, 2.3),
    8: (1.1, 2.2),
    9: (0.9, 2.1),
    10: (0.4, 1.6),
    11: (0.0, 1.1),
}
WEAK = -1.3  # grades, of the class without progress
GENEROUS = 1.1  # grades, of the teacher who predicts too high
COMMENTS: Mapping[str, Sequence[str]] = {
    "above": (
        "Thoughtful contributions every lesson; ready for harder questions.",
        "Excellent classwork. Next: write longer answers under time.",
        "Has worked hard on feedback and it shows.",
    ),
    "on": (
        "Secure on this term's topics; revise the earlier ones.",
        "Good effort. Show every step of your working.",
        "Homework is always in on time; check spelling of key words.",
    ),
    "below": (
        "Misses the start of many lessons; catch-up work is set.",
        "Can do this with support; needs to ask sooner.",
        "Knowledge is there, exam technique is not yet.",
        "Come to the Tuesday session, please.",
    ),
}
QUERIES = (
    "{up} Has been at this grade in the last three assessments.",
    "{up} Working well beyond the target in every lesson.",
    "{down} The Key Stage 2 score does not fit what we see; could we talk?",
)
MODERATION_REASON = "agreed in the department"
RAISED = 4  # one of so many pupils with a target gets a higher one
NO_TARGET = 5  # pupils without a target who get one


@dataclass(frozen=True, slots=True)
class MarkingRound:
    """The marking for one collection.

    Args:
        number: 0 for the first collection of the year, 1 for the next.
        seed: The seed of the marks.
        effort: The values of effort, best first.
    """

    number: int
    seed: int
    effort: Sequence[str]


class TeacherJudgement:
    """The judgement of each pupil by the teachers, the same on every call.

    Args:
        school: The synthetic school.
        tables: The school's subjects and scales.
    """

    def __init__(self, school: SyntheticSchool, tables: Tables) -> None:
        self.pupils: Mapping[str, Pupil] = {p.adno: p for p in school.pupils}
        self.school = school
        self.tables = tables
        # Of a pupil's two classes in a subject, the first is the set.
        self._main_classes: dict[tuple[str, str], TaughtClass] = {}
        for taught in reversed(school.classes):
            for subject in self.subjects(taught):
                for pupil in taught.members:
                    if (
                        taught.lessons > 1
                        or (pupil.adno, subject) not in self._main_classes
                    ):
                        self._main_classes[pupil.adno, subject] = taught
        self.weak_class = _at_share(
            [
                taught
                for taught in school.classes
                if taught.subject == "Maths" and taught.lessons > 1 and taught.teachers
            ],
            0.67,
        )
        generous = _at_share([t for t in school.classes if t.subject == "History"], 0.5)
        self.generous_teacher = (generous.teachers or [""])[0] if generous else ""

    def subjects(self, taught: TaughtClass) -> tuple[str, ...]:
        """The subjects in a class's markbook."""
        subject = self.tables.subject(taught.subject)
        return subject.covers or (subject.name,)

    def marks(
        self, adno: str, subject: str, target: str | None, marking: MarkingRound
    ) -> dict[str, str]:
        """Return what a teacher enters in a pupil's row: field -> value.

        Args:
            adno: The pupil's admission number; an unknown pupil is an average one.
            subject: The subject.
            target: The expected target, or None.
            marking: The round of marking.
        """
        pupil = self.pupils.get(adno)
        home = self._main_classes.get((adno, subject))
        scale = self.tables.scale(self.tables.subject(subject).scale)
        steady = random.Random(f"{marking.seed} {adno} {subject}")
        now = random.Random(f"{marking.seed} {adno} {subject} {marking.number}")
        effort = pupil.effort if pupil else 0.0
        drift = self._class_effect(home) + steady.gauss(0.05, 0.62) + 0.34 * effort
        drift -= _disadvantage(pupil, home) if pupil is not None else 0.0
        if marking.number and home is not self.weak_class:
            drift += now.gauss(0.06, 0.3)
        away = pupil is not None and pupil.attendance < 70
        if away and now.random() < 0.6:
            return {"working_at": "Abs", "prediction": "Abs", "effort": ""}
        level = _level(scale, target, pupil) + drift
        prediction = _nearest(scale, level)
        low, high = GRADES_TO_GO.get(pupil.year if pupil else 9, (0.5, 1.5))
        behind = _nearest(
            scale, scale.level(prediction) / POINT - steady.uniform(low, high)
        )
        marks = {
            "working_at": behind,
            "prediction": prediction,
            "effort": _effort(effort + now.gauss(0, 0.5), marking.effort),
        }
        # Too early to say: in the lower years only.
        if pupil is not None and pupil.year < 9 and now.random() < 0.01:
            marks["working_at"] = "TE"
        return marks | _words(scale, prediction, drift, now)

    def _class_effect(self, home: TaughtClass | None) -> float:
        if home is None:
            return 0.0
        if home is self.weak_class:
            return WEAK
        teacher = home.teachers[0] if home.teachers else ""
        if teacher and teacher == self.generous_teacher:
            return GENEROUS
        return random.Random(f"{teacher} {home.code}").gauss(0, 0.15)


SCIENCES = ("Science", "Combined Science", "Biology", "Chemistry", "Physics")


def _disadvantage(pupil: Pupil, home: TaughtClass | None) -> float:
    """By how many grades a pupil's circumstances lower the marks."""
    grades = 0.035 * max(0.0, 93 - pupil.attendance)
    if pupil.pp:
        grades += 0.22
        if pupil.sex == "M" and home is not None and home.subject in SCIENCES:
            grades += 0.5
    return grades


def _at_share(classes: Sequence[TaughtClass], place: float) -> TaughtClass | None:
    return classes[int(len(classes) * place)] if classes else None


def _level(scale: Scale, target: str | None, pupil: Pupil | None) -> float:
    if target:
        return scale.level(target) / POINT
    return 4.4 + 1.5 * (pupil.talent if pupil else 0.0)


def _nearest(scale: Scale, level: float) -> str:
    return min(scale.grades, key=lambda grade: abs(scale.level(grade) / POINT - level))


def _effort(score: float, values: Sequence[str]) -> str:
    if not values:
        return ""
    steps = len(values)
    # An average pupil is between the second and the third value.
    place = round((1.2 - score) * steps / 4)
    return values[max(0, min(steps - 1, place))]


def _words(
    scale: Scale, prediction: str, drift: float, now: random.Random
) -> dict[str, str]:
    fields: dict[str, str] = {}
    if drift > 0.55 and now.random() < 0.28:
        fields["praise"] = "Yes"
    if now.random() < 0.09:
        kind = "above" if drift > 0.5 else "below" if drift < -0.5 else "on"
        fields["comment"] = now.choice(COMMENTS[kind])
    if abs(drift) > 1.3 and now.random() < 0.05:
        rank = scale.grades.index(prediction)
        up = scale.grades[min(rank + 1, len(scale.grades) - 1)]
        down = scale.grades[max(rank - 1, 0)]
        words = QUERIES[2] if drift < 0 else now.choice(QUERIES[:2])
        fields["target_query"] = words.format(up=up, down=down)
    if now.random() < 0.02:
        fields["reason"] = now.choice(("recent improvement", "mock evidence"))
    return fields


def smallest_workbook(folder: Path) -> Path | None:
    """Return the smallest moderation workbook, or None."""
    return min(
        folder.glob("*.xlsx"), key=lambda p: (p.stat().st_size, p.name), default=None
    )


def moderate_workbook(path: Path, tables: Tables, by: str) -> bytes:
    """Return a moderation workbook with the agreed targets.

    Args:
        path: The workbook.
        tables: Subjects and scales.
        by: The head of department.
    """
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        _agree(sheet, tables, by)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


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
    added = with_target = 0
    for line in range(row + 1, sheet.max_row + 1):
        if not sheet.cell(line, 1).value:
            break
        target = scale.find(sheet.cell(line, column["Expected"]).value)
        agreed = None
        if target is None and added < NO_TARGET:
            added += 1
            agreed = scale.grades[len(scale.grades) // 2]
        elif target is not None:
            with_target += 1
            if with_target % RAISED == 0:
                agreed = scale.step_up_whole(target, 1)
        if agreed is not None:
            for heading, value in (
                ("Agreed expected", agreed), ("Reason", MODERATION_REASON), ("By", by),
            ):  # fmt: skip
                sheet.cell(line, column[heading]).value = value
