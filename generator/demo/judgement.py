"""What a teacher would write of a pupil: grades round the target, effort, words."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.demo.synthetic_pupils import Pupil
from generator.demo.synthetic_school import SyntheticSchool
from generator.demo.synthetic_timetable import TaughtClass
from udfs.scales.scale import POINT, Scale
from udfs.tables import Tables

# How many grades current work lies below the prediction, by year: younger pupils
# have longer to go. From and to.
GRADES_TO_GO: Mapping[int, tuple[float, float]] = {
    7: (1.2, 2.3),
    8: (1.1, 2.2),
    9: (0.9, 2.1),
    10: (0.4, 1.6),
    11: (0.0, 1.1),
}
WEAK = -1.3  # grades: the class that has made no progress
GENEROUS = 1.1  # grades: the teacher whose predictions stand out
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


@dataclass(frozen=True, slots=True)
class MarkingRound:
    """One collection as the teachers meet it.

    Args:
        number: 0 for the first collection of the year, 1 for the next.
        seed: Another number, other marks.
        effort: The values of effort, best first.
    """

    number: int
    seed: int
    effort: Sequence[str]


class TeacherJudgement:
    """Every teacher's view of every pupil, the same each time it is asked.

    Args:
        school: The synthetic school.
        tables: The school's subjects and scales.
    """

    def __init__(self, school: SyntheticSchool, tables: Tables) -> None:
        self.pupils: Mapping[str, Pupil] = {p.adno: p for p in school.pupils}
        self.tables = tables
        # Who says it counts, not in which of two classes: the first class is the set.
        self._home: dict[tuple[str, str], TaughtClass] = {}
        for taught in reversed(school.classes):
            for subject in self.subjects(taught):
                for pupil in taught.members:
                    if taught.lessons > 1 or (pupil.adno, subject) not in self._home:
                        self._home[pupil.adno, subject] = taught
        self.weak_class = _middle(
            [
                taught
                for taught in school.classes
                if taught.subject == "Maths" and taught.lessons > 1 and taught.teachers
            ],
            0.67,
        )
        generous = _middle([t for t in school.classes if t.subject == "History"], 0.5)
        self.generous_teacher = (generous.teachers or [""])[0] if generous else ""

    def subjects(self, taught: TaughtClass) -> tuple[str, ...]:
        """The subjects that a class's markbook asks about."""
        subject = self.tables.subject(taught.subject)
        return subject.covers or (subject.name,)

    def marks(
        self, adno: str, subject: str, target: str | None, marking: MarkingRound
    ) -> dict[str, str]:
        """What stands in one pupil's row: field -> value.

        Args:
            adno: The pupil; one we do not know is taken for an average one.
            subject: The subject.
            target: The expected target shown, or None where there is none.
            marking: The round of marking.
        """
        pupil = self.pupils.get(adno)
        home = self._home.get((adno, subject))
        scale = self.tables.scale(self.tables.subject(subject).scale)
        steady = random.Random(f"{marking.seed} {adno} {subject}")
        now = random.Random(f"{marking.seed} {adno} {subject} {marking.number}")
        effort = pupil.effort if pupil else 0.0
        drift = self._class_effect(home) + steady.gauss(0.05, 0.62) + 0.34 * effort
        if pupil is not None:
            drift -= 0.22 if pupil.pp else 0.0
            drift -= 0.035 * max(0.0, 93 - pupil.attendance)
            if pupil.pp and pupil.sex == "M" and home and home.subject in SCIENCES:
                drift -= 0.5
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


def _middle(classes: Sequence[TaughtClass], place: float) -> TaughtClass | None:
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
    # The middle of the school works well enough: between the second and the third.
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
