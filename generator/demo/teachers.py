"""Simulated teachers: who hands in what and when, and the files they hand in."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from generator.demo.copies import Copy, Page, stranger
from generator.demo.deeds import Deed, deal
from generator.demo.judgement import Judge, Round
from generator.demo.synthetic import ALL_YEARS, EXTRA, SyntheticSchool
from generator.demo.timetable import TaughtClass
from generator.files import publish
from generator.names import safe_name

Tick = Callable[[int, int, str], None]
EARLY = 0.12  # share of classes that come back in the first days
LATE = 3  # classes that come back after the closing day
CORRECTED = 3  # predictions put right in the second copy
SEATING = (("Seating plan", ""), ("Row 1", "Ali, Ben, Cora"), ("Row 2", "Dev, Eve"))


@dataclass(frozen=True, slots=True)
class HandIn:
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
    deed: Deed | None = None
    again: bool = False

    @property
    def file(self) -> Path:
        """Where it lies in the inbox."""
        stem = safe_name(self.class_code)
        if self.deed is not None and self.deed.file:
            name = self.deed.file.format(class_code=stem)
            return Path(name)  # straight into the inbox, not the teacher's folder
        name = f"{stem} corrected.xlsx" if self.again else f"{stem}.xlsx"
        return Path(self.teacher) / name


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the teachers do in one collection.

    Args:
        hand_ins: What comes back, in order of time.
        never: Codes of the teachers who hand nothing in.
        twice: The class that is handed in again with a correction; empty if none.
        vacant: The class nobody teaches; empty if none.
    """

    hand_ins: tuple[HandIn, ...]
    never: tuple[str, ...]
    twice: str = ""
    vacant: str = ""

    def with_deed(self, name: str) -> HandIn | None:
        """The return with a deed of that name, or None in a school too small."""
        for hand_in in self.hand_ins:
            if hand_in.deed is not None and hand_in.deed.name == name:
                return hand_in
        return None


def plan(
    school: SyntheticSchool,
    judge: Judge,
    asked: Round,
    *,
    opens: date,
    early_until: datetime,
    until: datetime,
    late_until: datetime | None = None,
    years: Collection[int] = ALL_YEARS,
) -> Plan:
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
    among = [t for t in back if t is not judge.weak]
    hard = deal(school, judge.tables, rng, among=among) if asked.number else {}
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
        made.append(HandIn(moment, one.code, lead, hard.get(one.code)))
        if one.code == twice:
            again = _moment(rng, early_until, until)
            made.append(HandIn(again, one.code, lead, again=True))
    vacant = next((t.code for t in school.classes if not t.teachers), "")
    return Plan(
        tuple(sorted(made, key=lambda h: (h.moment, h.class_code))),
        forgetful,
        twice,
        vacant,
    )


def mark(
    issued: Path,
    returned: Path,
    *,
    school: SyntheticSchool,
    judge: Judge,
    asked: Round,
    plan: Plan,
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
    due = [h for h in plan.hand_ins if after < h.moment <= until]
    done = 0
    for number, hand_in in enumerate(due, start=1):
        path = places.get(safe_name(hand_in.class_code))
        if path is None:
            continue  # a class nobody is in any more was not issued
        copy = Copy(path.read_bytes())
        rng = random.Random(f"{asked.seed} {hand_in.class_code} {hand_in.moment}")
        for page in copy.pages:
            _fill(page, judge, asked, hand_in, rng, school)
        deed = hand_in.deed
        if deed is not None and deed.elsewhere is not None:
            data = copy.saved_elsewhere(hand_in.moment, hand_in.teacher, deed.elsewhere)
        else:
            data = copy.saved(hand_in.moment, hand_in.teacher)
        _put(returned / hand_in.file, data, hand_in.moment)
        done += 1
        if progress is not None:
            progress(number, len(due), hand_in.class_code)
    if asked.number and due and due[-1] is plan.hand_ins[-1]:
        _put_oddments(returned, due[-1])
    return done


def _fill(
    page: Page,
    judge: Judge,
    asked: Round,
    hand_in: HandIn,
    rng: random.Random,
    school: SyntheticSchool,
) -> None:
    deed = hand_in.deed
    rows = sorted(page.rows)
    if deed is not None:
        rows = rows[: round(len(rows) * deed.share)]
    for row in rows:
        values = page.rows[row]
        target = values.get("target") or None
        marks = judge.marks(values.get("adno", ""), page.subject, target, asked)
        for key, text in marks.items():
            if text:
                page.write(key, row, text)
    if hand_in.again:
        _correct(page, judge, rng)
    if deed is not None and deed.change is not None:
        deed.change(page, rng, school)


def _correct(page: Page, judge: Judge, rng: random.Random) -> None:
    if "prediction" not in page.columns:
        return
    scale = judge.tables.scale(judge.tables.subject(page.subject).scale)
    graded = [
        row
        for row in sorted(page.rows)
        if page.written.get(page.cell("prediction", row)) in scale.grades
    ]
    for row in rng.sample(graded, min(CORRECTED, len(graded))):
        rank = scale.grades.index(page.written[page.cell("prediction", row)])
        step = 1 if rank + 1 < len(scale.grades) else -1
        page.write("prediction", row, scale.grades[rank + step])


def _put(path: Path, data: bytes, moment: datetime) -> None:
    publish(path, data)
    seconds = moment.timestamp()
    os.utime(path, (seconds, seconds))


def _put_oddments(returned: Path, last: HandIn) -> None:
    """What else lies in every inbox: a list of somebody's own, a lock file."""
    _put(
        returned / "Seating plan.xlsx",
        stranger(SEATING, last.moment, last.teacher),
        last.moment,
    )
    _put(returned / last.teacher / "~$markbook.xlsx", b"\x05lock", last.moment)


def _forgetful(
    rng: random.Random,
    school: SyntheticSchool,
    judge: Judge,
    taught: list[TaughtClass],
    number: int,
) -> tuple[str, ...]:
    # Nobody who leads a department: they are the ones who chase. And nobody whose
    # class the ending speaks of.
    spared = {code for code, role, _ in school.roles if role == "head of department"}
    spared |= set(judge.weak.teachers if judge.weak else ())
    spared |= {t.teachers[0] for t in taught if t.code.endswith(EXTRA)}
    names = sorted({t.teachers[0] for t in taught} - spared)
    return tuple(rng.sample(names, min(number, len(names))))


def _moment(rng: random.Random, first: datetime, last: datetime) -> datetime:
    """A moment in a teacher's day, after the first and not after the last."""
    span = int((last - first).total_seconds())
    drawn = first + timedelta(seconds=rng.randrange(1, max(2, span)))
    hour = rng.choice((7, 8, 10, 11, 12, 13, 15, 15, 16, 16, 17, 19, 20, 21))
    shifted = drawn.replace(hour=hour)
    return shifted if first < shifted <= last else drawn


def story_of(plan: Plan, names: Mapping[str, str]) -> list[str]:
    """What the teachers did that is worth looking for, a sentence each.

    Args:
        plan: The collection's plan.
        names: Staff code -> name.
    """
    said = [
        f"{names.get(code, code)} ({code}) returned nothing." for code in plan.never
    ]
    if plan.twice:
        said.append(f"{plan.twice} came twice; the second copy corrects the first.")
    if plan.vacant:
        said.append(f"{plan.vacant} has no teacher.")
    said += [
        f"{h.class_code}: {names.get(h.teacher, h.teacher)} {h.deed.story}."
        for h in plan.hand_ins
        if h.deed is not None
    ]
    return said
