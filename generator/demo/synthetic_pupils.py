"""Synthetic pupils, with the prior attainment, groups and conduct of a real year."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from generator.demo.name_lists import ETHNICITIES, FAMILIES, HARD_NAMES

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # no I, O or S
# No local authority has this number, so no UPN here can be a child's.
LOCAL_AUTHORITY = "999"
FEEDERS = ("2011", "2014", "2020", "2027", "2033", "2041", "3302", "3310", "5200")
FIRST_ADNO = 4100


@dataclass(slots=True)
class Pupil:
    """A pupil as in the MIS, with two traits that no export holds.

    Args:
        talent: General attainment, in standard deviations from the national mean.
        effort: How hard the pupil works, in standard deviations.
    """

    adno: str
    upn: str
    surname: str
    forename: str
    sex: str
    born: date
    year: int
    talent: float
    effort: float
    reg: str = ""
    ethnicity: str = "WBRI"
    eal: bool = False
    sen: str = "N"
    fsm: bool = False
    fsm6: bool = False
    lac: bool = False
    pp: bool = False
    reading: str = ""
    maths: str = ""
    cat4: int | None = None
    cat4_verbal: int | None = None
    attendance: float = 95.0
    behaviour: int = 0
    achievement: int = 0
    status: str = "C"
    admitted: date | None = None
    left: date | None = None
    classes: list[str] = field(default_factory=list)

    def prior(self, test: str) -> float:
        """The score that decides the set; an estimate from CAT4 where there is none.

        Args:
            test: `reading`, `maths` or `both`.
        """
        guess = 105.0 if self.cat4 is None else 105 + (self.cat4 - 100) * 0.55
        reading, maths = (
            79.0 if score == "N" else float(score) if score else guess
            for score in (self.reading, self.maths)
        )
        return {"reading": reading, "maths": maths, "both": (reading + maths) / 2}[test]


def check_letter(rest: str) -> str:
    """Return the first letter of a UPN, from the twelve characters after it.

    The rule of the Department for Education: each digit times its place (2 to 13),
    added up, modulo 23, in the alphabet without I, O and S.

    >>> check_letter("801200005001"), check_letter("674123101121")
    ('B', 'R')
    """
    total = sum(int(digit) * place for place, digit in enumerate(rest, start=2))
    return UPN_LETTERS[total % 23]


def make_upn(feeder: str, entered: int, serial: int) -> str:
    """Return a well-formed UPN of a primary school that does not exist.

    Args:
        feeder: The primary school's number.
        entered: The year in which the pupil started school.
        serial: The pupil's number in that school and year.
    """
    rest = f"{LOCAL_AUTHORITY}{feeder}{entered % 100:02d}{serial:03d}"
    return check_letter(rest) + rest


def make_pupils(
    rng: random.Random,
    *,
    pupils_per_year: int,
    years: Sequence[int],
    first_calendar_year: int,
) -> list[Pupil]:
    """Return a school's pupils in the order of admission, the oldest first.

    Args:
        rng: The source of chance.
        pupils_per_year: The size of each year group.
        years: The years taught.
        first_calendar_year: The calendar year in which the academic year starts.
    """
    pupils: list[Pupil] = []
    adno = FIRST_ADNO
    serials: dict[tuple[str, int], int] = {}
    for year in sorted(years, reverse=True):
        entered = first_calendar_year - year
        for _ in range(pupils_per_year):
            adno += 1 if rng.random() < 0.85 else rng.randint(2, 4)
            feeder = rng.choice(FEEDERS)
            serial = serials[feeder, entered] = serials.get((feeder, entered), 0) + 1
            number = make_upn(feeder, entered, serial)
            pupils.append(_pupil(rng, f"{adno:06d}", number, year, entered - 5))
    _insert_hard_names(pupils)
    return pupils


def _pupil(
    rng: random.Random, adno: str, number: str, year: int, birth_year: int
) -> Pupil:
    # Year 7 children of 2026/27 were born from September 2014 to August 2015.
    born = date(birth_year, 9, 1) + timedelta(days=rng.randrange(365))
    sex = rng.choice("FM")
    ethnicity = rng.choices(list(ETHNICITIES), weights=list(ETHNICITIES.values()))[0]
    family = rng.choice(FAMILIES.get(ethnicity, FAMILIES["WBRI"]))
    forename = rng.choice(family.girls if sex == "F" else family.boys)
    pupil = Pupil(
        adno=adno,
        upn=number,
        surname=rng.choice(family.surnames),
        forename=forename,
        sex=sex,
        born=born,
        year=year,
        talent=0.0,
        effort=rng.gauss(0.08 if sex == "F" else -0.08, 1.0),
        ethnicity=ethnicity,
    )
    _circumstances(rng, pupil)
    _tests(rng, pupil)
    _conduct(rng, pupil)
    return pupil


def _circumstances(rng: random.Random, pupil: Pupil) -> None:
    pupil.eal = rng.random() < (0.03 if pupil.ethnicity in ("WBRI", "WIRI") else 0.44)
    pupil.fsm6 = rng.random() < 0.27
    pupil.fsm = pupil.fsm6 and rng.random() < 0.88
    pupil.lac = rng.random() < 0.008
    # A service child attracts the premium without being disadvantaged.
    pupil.pp = pupil.fsm6 or pupil.lac or rng.random() < 0.02
    disadvantaged = pupil.fsm6 or pupil.lac
    pupil.talent = rng.gauss(-0.42 if disadvantaged else 0.16, 0.95)
    draw = rng.random()
    needs = 1.9 if pupil.talent < -0.7 else 0.75
    if draw < 0.026 * needs:
        pupil.sen = "E"
        pupil.talent -= 0.7
    elif draw < 0.165 * needs:
        pupil.sen = "K"
        pupil.talent -= 0.25


def _tests(rng: random.Random, pupil: Pupil) -> None:
    # Reading and maths correlate at about 0.72, as they do nationally.
    reading = 0.85 * pupil.talent + 0.53 * rng.gauss(0, 1)
    maths = 0.85 * pupil.talent + 0.53 * rng.gauss(0, 1)
    if pupil.eal:
        reading -= 0.2
    pupil.reading = _scaled(106.0 + 7.4 * reading)
    pupil.maths = _scaled(105.2 + 7.4 * maths)
    missing = rng.random()
    if missing < (0.14 if pupil.eal else 0.035):
        pupil.reading = pupil.maths = ""
    elif missing > 0.994:
        pupil.reading = ""
    elif missing > 0.988:
        pupil.maths = ""
    if rng.random() > 0.06:
        pupil.cat4 = _within(100 + 11.5 * pupil.talent + rng.gauss(0, 5), 60, 140)
        verbal = rng.gauss(-4.0 if pupil.eal else 0.5, 5)
        pupil.cat4_verbal = _within(pupil.cat4 + verbal, 60, 140)


def _scaled(score: float) -> str:
    score += min(0.0, score - 96) * 0.8  # the lower tail is the longer one
    return "N" if score < 80 else str(min(120, round(score)))


def _within(score: float, low: int, high: int) -> int:
    return max(low, min(high, round(score)))


def _conduct(rng: random.Random, pupil: Pupil) -> None:
    away = rng.gammavariate(1.6, 3.2 if pupil.fsm6 else 1.9) * (1.3 - pupil.effort / 8)
    pupil.attendance = round(max(38.0, 99.6 - max(0.0, away)), 1)
    pupil.behaviour = max(0, round(rng.expovariate(0.2) * (1 - 0.35 * pupil.effort)))
    pupil.achievement = max(0, round(rng.gauss(32 + 11 * pupil.effort, 12)))
    if rng.random() < 0.012:
        pupil.status = rng.choice("MS")  # main of a dual registration; subsidiary


def _insert_hard_names(pupils: Sequence[Pupil]) -> None:
    # Spread over the school, so that every year has a few of them.
    step = max(1, len(pupils) // (len(HARD_NAMES) + 1))
    for place, (surname, forename, sex) in enumerate(HARD_NAMES, start=1):
        if place * step < len(pupils):
            pupil = pupils[place * step]
            pupil.surname, pupil.forename, pupil.sex = surname, forename, sex
