"""Synthetic staff: who teaches which classes, and who leads what."""

from __future__ import annotations

import math
import random
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.demo.name_lists import STAFF_SURNAMES, STAFF_TITLES
from generator.demo.synthetic_timetable import TaughtClass

FULL_LOAD = 20  # lessons a week of 25 that a teacher teaches
MOST_LESSONS = 22
LEADERS = 3  # staff who do not teach: head, deputy, data manager
# Subject -> the team whose teachers take it.
TEAMS: Mapping[str, str] = {
    "English": "English",
    "English (Language and Literature)": "English",
    "Maths": "Mathematics",
    "Science": "Science",
    "Combined Science": "Science",
    "Biology": "Science",
    "Chemistry": "Science",
    "Physics": "Science",
    "History": "Humanities",
    "Geography": "Humanities",
    "RE": "Humanities",
    "Religious Studies": "Humanities",
    "French": "Languages",
    "Spanish": "Languages",
    "Art": "Art and Design",
    "Music": "Performing Arts",
    "Drama": "Performing Arts",
    "PE": "Physical Education",
    "Health and Social Care": "Health and Social Care",
    "D&T": "Design and Technology",
    "Food Preparation and Nutrition": "Design and Technology",
    "Computing": "Computing",
    "Computer Science": "Computing",
    "Digital Information Technology": "Computing",
    "Business": "Business",
}
# Team -> the team that also teaches its subjects, where it is too small.
NEIGHBOURS: Mapping[str, str] = {
    "Health and Social Care": "Physical Education",
    "Business": "Computing",
    "Design and Technology": "Art and Design",
}


@dataclass(slots=True)
class TeacherPost:
    """The classes of one teacher."""

    code: str
    team: str
    lessons: int = 0
    blocks: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)

    def assign(self, taught: TaughtClass) -> None:
        """Give this teacher a class."""
        self.lessons += taught.lessons
        self.blocks.add(taught.block)
        self.subjects.add(taught.subject)
        taught.teachers.append(self.code)

    def can_take(self, taught: TaughtClass) -> bool:
        """Whether the week has room, and the lessons do not collide."""
        return (
            self.lessons + taught.lessons <= MOST_LESSONS
            and taught.block not in self.blocks
        )


def staff_classes(
    rng: random.Random, classes: Sequence[TaughtClass]
) -> list[TeacherPost]:
    """Assign a teacher to every class: by team, specialists first, with full weeks.

    Args:
        rng: Breaks ties.
        classes: The classes; each gets the number of a post as its teacher.

    Returns:
        The posts needed, team by team. Nobody teaches more than 22 lessons of 25,
        or two classes at one time.
    """
    posts: list[TeacherPost] = []
    teams: dict[str, list[TaughtClass]] = {}
    for taught in classes:
        team = TEAMS[taught.subject]
        teams.setdefault(NEIGHBOURS.get(team, team), []).append(taught)
    for team, team_classes in teams.items():
        lessons = sum(taught.lessons for taught in team_classes)
        team_posts = [
            TeacherPost(f"{len(posts) + number}", team)
            for number in range(math.ceil(lessons / FULL_LOAD))
        ]
        share = math.ceil(lessons / len(team_posts))
        for taught in sorted(
            team_classes, key=lambda t: (-t.lessons, t.subject, t.year, t.code)
        ):
            free = [post for post in team_posts if post.can_take(taught)]
            if not free:
                free = [TeacherPost(f"{len(posts) + len(team_posts)}", team)]
                team_posts += free
            min(
                free,
                key=lambda post: (
                    post.lessons + taught.lessons > share,
                    taught.subject not in post.subjects and bool(post.subjects),
                    post.lessons,
                    rng.random(),
                ),
            ).assign(taught)
        posts += team_posts
    return posts


@dataclass(frozen=True, slots=True)
class Teacher:
    """One member of staff."""

    code: str
    name: str
    email: str
    team: str
    lessons: int


def name_staff(
    rng: random.Random, posts: Sequence[TeacherPost], classes: Sequence[TaughtClass]
) -> tuple[Teacher, ...]:
    """Name the teachers of the posts, and put their codes into the classes.

    Args:
        rng: The source of titles and initials.
        posts: The posts from `staff_classes`.
        classes: The classes with the numbers of posts as teachers.

    Returns:
        The teachers in the order of the posts, then those who do not teach.
    """
    staff: list[Teacher] = []
    codes_in_use: set[str] = set()
    for number in range(len(posts) + LEADERS):
        surname = STAFF_SURNAMES[number % len(STAFF_SURNAMES)]
        code = _code(surname, codes_in_use)
        codes_in_use.add(code)
        post = posts[number] if number < len(posts) else None
        staff.append(
            Teacher(
                code=code,
                name=(
                    f"{rng.choices(STAFF_TITLES, weights=(30, 30, 20, 14, 5, 1))[0]} "
                    f"{rng.choice('ABCDEFGHIJKLMNPRSTWZ')} {surname}"
                ),
                email=f"{code.lower()}@thornbeck.example",
                team=post.team if post else "",
                lessons=post.lessons if post else 0,
            )
        )
    codes = {post.code: staff[place].code for place, post in enumerate(posts)}
    for taught in classes:
        taught.teachers = [codes[number] for number in taught.teachers]
    return tuple(staff)


def _code(surname: str, codes_in_use: set[str]) -> str:
    """Return a code of three capital letters, with a digit if it is in use.

    >>> _code("Łukasz", set()), _code("O'Neill", {"ONE"})
    ('LUK', 'ON2')
    """
    plain = unicodedata.normalize("NFKD", surname.replace("Ł", "L").replace("ø", "o"))
    letters = "".join(c for c in plain if c.isascii() and c.isalpha()).upper()
    code = letters[:3].ljust(3, "X")
    digit = 2
    while code in codes_in_use:
        code = f"{letters[:2].ljust(2, 'X')}{digit}"
        digit += 1
    return code


def make_roles(
    rng: random.Random,
    forms: Sequence[str],
    classes: Sequence[TaughtClass],
    staff: Sequence[Teacher],
) -> tuple[tuple[str, str, str], ...]:
    """Return who leads what: (staff code, role, scope).

    Args:
        rng: Chooses the tutors.
        forms: The tutor groups.
        classes: The classes with their teachers.
        staff: The staff from `name_staff`.
    """
    head, deputy, data = (teacher.code for teacher in staff[-LEADERS:])
    teaching = [teacher for teacher in staff[:-LEADERS] if teacher.lessons]
    heads = _heads_of_department(classes, teaching)
    roles = [(code, "head of department", team) for team, code in heads.items()]
    roles += [
        (deputy if place % 2 else head, "line manager", team)
        for place, team in enumerate(heads)
    ]
    free = [t.code for t in teaching if t.code not in heads.values()]
    free = free or [teacher.code for teacher in teaching]
    shuffled = rng.sample(free, len(free))
    holders = shuffled * (1 + (len(forms) + 12) // len(shuffled))
    years = sorted({int(form[:-1]) for form in forms})
    posts = [("head of year", f"Year {year}") for year in years]
    posts += [
        ("group lead", name) for name in ("PP", "SEND", "EAL", "High prior attainment")
    ]
    posts += [("tutor", form) for form in forms]
    roles += [
        (holder, role, scope)
        for holder, (role, scope) in zip(holders, posts, strict=False)
    ]
    roles += [
        (head, "senior leader", "School"),
        (deputy, "senior leader", "School"),
        (data, "data manager", "School"),
    ]
    return tuple(roles)


def _heads_of_department(
    classes: Sequence[TaughtClass], teaching: Sequence[Teacher]
) -> dict[str, str]:
    """Team -> code of its head."""
    heads: dict[str, str] = {}
    for team in dict.fromkeys(TEAMS[taught.subject] for taught in classes):
        pool = NEIGHBOURS.get(team, team)
        candidates = [
            teacher
            for teacher in teaching
            if teacher.team == pool and teacher.code not in heads.values()
        ] or [teacher for teacher in teaching if teacher.team == pool]
        # The teacher with the most lessons in the department's own subjects.
        heads[team] = min(
            candidates,
            key=lambda teacher: (
                -_lessons_taught(teacher, team, classes),
                teacher.code,
            ),
        ).code
    return heads


def _lessons_taught(teacher: Teacher, team: str, classes: Sequence[TaughtClass]) -> int:
    return sum(
        taught.lessons
        for taught in classes
        if teacher.code in taught.teachers and TEAMS[taught.subject] == team
    )
