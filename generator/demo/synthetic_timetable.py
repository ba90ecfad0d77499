"""A synthetic timetable: sets by prior attainment, tutor groups, and options."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from generator.demo.synthetic_pupils import Pupil

GROUP_SIZE = 26.25  # pupils in a teaching group, on average
LARGEST_OPTION = 27
LAST_LOWER_YEAR = 9  # Year 10 chooses options
FORMS = "AHKLNRSTWBCDEFGM"


@dataclass(frozen=True, slots=True)
class Course:
    """A subject at one stage.

    Args:
        subject: Its name in the MIS.
        short: The letters in a class code.
        lessons: Lessons a week.
        sets_by: The scores that decide sets: `reading`, `maths` or `both`; empty for a
            subject without sets.
    """

    subject: str
    short: str
    lessons: int
    sets_by: str = ""


LOWER: tuple[Course, ...] = (
    Course("English", "En", 4, "reading"),
    Course("Maths", "Ma", 4, "maths"),
    Course("Science", "Sc", 3, "both"),
    Course("History", "Hi", 2),
    Course("Geography", "Gg", 2),
    Course("French", "Fr", 2),
    Course("RE", "Re", 1),
    Course("Art", "Ar", 1),
    Course("Music", "Mu", 1),
    Course("Drama", "Dr", 1),
    Course("PE", "Pe", 2),
    Course("D&T", "Dt", 1),
    Course("Computing", "Cs", 1),
)
ENGLISH = Course("English (Language and Literature)", "En", 4, "reading")
MATHS = Course("Maths", "Ma", 4, "maths")
COMBINED = Course("Combined Science", "Sc", 5, "both")
SEPARATE = (
    Course("Biology", "Bi", 2),
    Course("Chemistry", "Ch", 2),
    Course("Physics", "Ph", 2),
)
_OPTIONS: Mapping[str, Course] = {
    short: Course(subject, short, 3)
    for short, subject in {
        "Hi": "History",
        "Gg": "Geography",
        "Fr": "French",
        "Sp": "Spanish",
        "Cs": "Computer Science",
        "Bu": "Business",
        "Ar": "Art",
        "Mu": "Music",
        "Dr": "Drama",
        "Pe": "PE",
        "Dt": "D&T",
        "Hs": "Health and Social Care",
        "Re": "Religious Studies",
        "Fo": "Food Preparation and Nutrition",
        "It": "Digital Information Technology",
    }.items()
}
# Option block -> course -> how many in a hundred choose it.
BLOCKS: Mapping[str, Mapping[str, int]] = {
    "A": {"Hi": 53, "Gg": 47},
    "B": {"Fr": 30, "Sp": 26, "Cs": 20, "Bu": 24},
    "C": {"Ar": 22, "Mu": 9, "Dr": 17, "Pe": 24, "Dt": 14, "Hs": 14},
    "D": {"Re": 24, "Fo": 16, "Hi": 12, "Gg": 12, "It": 20, "Ar": 16},
}


@dataclass(slots=True)
class TaughtClass:
    """A class with its pupils, teachers and time."""

    code: str
    subject: str
    year: int
    lessons: int
    block: str  # classes of one block are taught at the same time
    members: list[Pupil] = field(default_factory=list)
    teachers: list[str] = field(default_factory=list)  # the lead first


def make_classes(rng: random.Random, pupils: Sequence[Pupil]) -> list[TaughtClass]:
    """Return every class with its pupils, and give every pupil a tutor group.

    Years 7 to 9 have English, maths and science in sets by prior attainment and the
    rest in tutor groups; Years 10 and 11 have sets, separate sciences for the
    highest prior attainment, and four option blocks.
    """
    classes: list[TaughtClass] = []
    for year in sorted({pupil.year for pupil in pupils}):
        group = [pupil for pupil in pupils if pupil.year == year]
        forms = _tutor_groups(rng, group, year)
        if year <= LAST_LOWER_YEAR:
            classes += _lower(rng, group, forms, year)
        else:
            classes += _upper(rng, group, year)
    return classes


def _groups_for(pupils: Sequence[Pupil]) -> int:
    return max(1, round(len(pupils) / GROUP_SIZE))


def _tutor_groups(
    rng: random.Random, pupils: list[Pupil], year: int
) -> dict[str, list[Pupil]]:
    shuffled = rng.sample(pupils, len(pupils))
    count = _groups_for(pupils)
    forms = {f"{year}{FORMS[place]}": shuffled[place::count] for place in range(count)}
    for form, members in forms.items():
        for pupil in members:
            pupil.reg = form
    return forms


def _lower(
    rng: random.Random,
    pupils: list[Pupil],
    forms: Mapping[str, list[Pupil]],
    year: int,
) -> list[TaughtClass]:
    classes = []
    for course in LOWER:
        if course.sets_by:
            classes += _sets(rng, pupils, year, course)
        else:
            classes += [
                # A tutor group's lesson has its own time, so it is its own block.
                TaughtClass(
                    f"{form}/{course.short}",
                    course.subject,
                    year,
                    course.lessons,
                    f"{form}/{course.short}",
                    list(members),
                )
                for form, members in forms.items()
            ]
    return classes


def _upper(rng: random.Random, pupils: list[Pupil], year: int) -> list[TaughtClass]:
    classes = _sets(rng, pupils, year, ENGLISH) + _sets(rng, pupils, year, MATHS)
    count = _groups_for(pupils)
    ranked = _ranked(rng, pupils, "both")
    separate = ranked[: round(len(ranked) * (count // 4) / count)]
    for course in SEPARATE:
        classes += _split(
            separate, f"{year}/{course.short}", course, year, f"{year}/{course.short}"
        )
    rest = [pupil for pupil in pupils if pupil not in separate]
    classes += _sets(rng, rest, year, COMBINED)
    chosen: dict[tuple[str, str], list[Pupil]] = {}
    for pupil in pupils:
        for block, short in _choices(rng, pupil).items():
            chosen.setdefault((block, short), []).append(pupil)
    for (block, short), members in sorted(chosen.items()):
        classes += _split(
            members,
            f"{year}{block}/{short}",
            _OPTIONS[short],
            year,
            f"{year}{block}",
        )
    return classes


def _ranked(rng: random.Random, pupils: Iterable[Pupil], test: str) -> list[Pupil]:
    # Teachers move a few pupils up or down a set.
    return [
        pupil
        for _, _, pupil in sorted(
            (-pupil.prior(test) + rng.gauss(0, 2.2), pupil.adno, pupil)
            for pupil in pupils
        )
    ]


def _sets(
    rng: random.Random, pupils: list[Pupil], year: int, course: Course
) -> list[TaughtClass]:
    ranked = _ranked(rng, pupils, course.sets_by)
    count = _groups_for(pupils)
    # The top set is the largest, the last the smallest: 30 down to 21 of 210.
    weights = [1.15 - 0.3 * place / max(1, count - 1) for place in range(count)]
    ends = [
        round(len(ranked) * sum(weights[: place + 1]) / sum(weights))
        for place in range(count)
    ]
    return [
        TaughtClass(
            f"{year}/{course.short}{place + 1}",
            course.subject,
            year,
            course.lessons,
            f"{year}/{course.short}",
            ranked[start:end],
        )
        for place, (start, end) in enumerate(zip([0, *ends], ends, strict=False))
    ]


def _split(
    members: Sequence[Pupil], stem: str, course: Course, year: int, block: str
) -> list[TaughtClass]:
    count = math.ceil(len(members) / LARGEST_OPTION)
    return [
        TaughtClass(
            f"{stem}{place + 1}",
            course.subject,
            year,
            course.lessons,
            block,
            list(members[place::count]),
        )
        for place in range(count)
    ]


def _choices(rng: random.Random, pupil: Pupil) -> dict[str, str]:
    """Choose a course in each block, by interest; none twice."""
    choices: dict[str, str] = {}
    likes = {"Fr": 0.6 + 0.5 * pupil.talent, "Sp": 0.6 + 0.5 * pupil.talent}
    likes |= {"It": 1 - 0.4 * pupil.talent, "Hs": 1 - 0.3 * pupil.talent}
    likes |= {"Cs": 0.6 if pupil.sex == "F" else 1.4}
    likes["Hs"] *= 1.7 if pupil.sex == "F" else 0.3
    for block, offered in BLOCKS.items():
        if block == "D" and pupil.sen == "E" and rng.random() < 0.5:
            continue  # study support in its place
        weights = {
            short: share * max(0.1, likes.get(short, 1.0))
            for short, share in offered.items()
            if short not in choices.values()
        }
        choices[block] = rng.choices(list(weights), weights=list(weights.values()))[0]
    return choices
