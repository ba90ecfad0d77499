"""A school as a recount reads it: who is taught what, with which marks, by whom.

Plain loops over the exported tables, written from the rules.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.recount.arithmetic import SCALES, Grade, day, flag, plain
from tests.recount.tables import FIGURES, Books, Row, figures

CODES = ("Abs", "N/T", "TE")
ROLES = (
    "head of department", "line manager", "head of year", "tutor", "group lead",
    "senior leader", "governor", "data manager",
)  # fmt: skip
MARKS = (
    "target", "aspirational", "working_at", "prediction", "reason", "effort", "praise",
    "comment", "target_query",
)  # fmt: skip


def judged(prediction: str) -> str:
    """The flag that a judgement is by itself, whatever the target; else empty."""
    return prediction.capitalize() if prediction in SCALES["judgement"] else ""


@dataclass
class Taught:
    """One pupil in one class and subject that marks are asked for.

    `marks` has the fields of `MARKS` as text, empty where nothing was given; `earlier`
    the same of earlier collections, by code. Gap and level are in whole grades.
    """

    adno: str
    class_: str
    subject: str
    class_subject: str
    class_year: int
    year: int
    teachers: tuple[str, ...]
    department: str
    pupil: Row
    marks: Mapping[str, str]
    level: Fraction | None
    gap: Fraction | None
    answered: bool
    earlier: dict[str, Then] = field(default_factory=dict)

    @property
    def flag(self) -> str:
        return judged(self.marks["prediction"]) or flag(self.gap)

    @property
    def groups(self) -> str:
        """As beside a name: `PP, SEN K, EAL`."""
        sen = self.pupil["sen"]
        parts = [
            "PP" if self.pupil["pp"] == "Y" else "",
            f"SEN {sen}" if sen in ("K", "E") else "",
            "EAL" if self.pupil["eal"] == "Y" else "",
        ]
        return ", ".join(part for part in parts if part)

    def __getitem__(self, name: str) -> str:
        """A mark, or a field of the pupil, as text."""
        return self.marks[name] if name in MARKS else self.pupil[name]


@dataclass(frozen=True)
class Then:
    """What a pupil had in a subject in an earlier collection."""

    prediction: str
    target: str
    level: Fraction | None
    gap: Fraction | None

    @property
    def flag(self) -> str:
        return judged(self.prediction) or flag(self.gap)

    @property
    def shown(self) -> str:
        """As the packs show it: `5 (Below)`."""
        return f"{self.prediction} ({self.flag})" if self.flag else self.prediction


NEVER = Then("", "", None, None)


class Reckoning:
    """A school's tables, read as anybody would read them."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.code = books.code
        self.settings = books.settings
        self.academic_year: str = self.settings["school"]["academic_year"]
        self.collection: Mapping[str, Any] = next(
            one for one in self.settings["collections"] if one["code"] == books.code
        )
        self.fine: bool = self.settings.get("flags", {}).get("fine", False)
        self.pupils = {row["adno"]: row for row in books["pupils"]}
        self.names = {row["code"]: row["name"] for row in books["staff"]}
        self.marks = {
            (row["collection"], row["adno"], row["subject"]): row
            for row in books["marks"]
        }

    @property
    def asks(self) -> Sequence[str]:
        """What the collection asks teachers for."""
        asks: Sequence[str] = self.collection.get("asks", MARKS[2:])
        return asks

    # Subjects

    @cached_property
    def _subjects(self) -> dict[str, dict[str, Any]]:
        listed = tomllib.loads((FIGURES / "subjects.toml").read_text("utf-8"))
        found: dict[str, dict[str, Any]] = {}
        for one in listed["subjects"]:
            for name in (one["name"], *one.get("synonyms", ())):
                found.setdefault(plain(name), one)
        for own in self.settings.get("subjects", ()):
            made = {**found.get(plain(own["name"]), {}), **own}
            made["own_department"] = "department" in own
            for name in (own["name"], *own.get("synonyms", ())):
                found[plain(name)] = made
        return found

    def subject(self, name: str) -> Mapping[str, Any]:
        """What is known of a subject; of one nobody knows, that it is a GCSE."""
        if name not in self._found:
            self._found[name] = self._subject(name)
        return self._found[name]

    @cached_property
    def _found(self) -> dict[str, Mapping[str, Any]]:
        return {}

    def _subject(self, name: str) -> Mapping[str, Any]:
        without = re.sub(r"\b(gcse|ks ?[34]|key stage [34])\b", " ", plain(name))
        for key in (plain(name), " ".join(without.split())):
            if key in self._subjects:
                return self._subjects[key]
        return {"name": name, "department": name}

    def scale(self, subject: str) -> dict[str, Grade]:
        """The scale of a subject: its grades by name, lowest first."""
        return SCALES[self.subject(subject).get("scale", "gcse")]

    def level(self, subject: str, grade: str) -> Fraction | None:
        """Whole grades; None for a code, a blank and what is no grade."""
        found = self.scale(subject).get(grade)
        if found is None:
            return None
        return found.fine if self.fine else found.level

    def gap(self, subject: str, prediction: str, target: str) -> Fraction | None:
        """Prediction less target, in whole grades."""
        one, other = self.level(subject, prediction), self.level(subject, target)
        return None if one is None or other is None else one - other

    # People

    @cached_property
    def roles(self) -> list[tuple[str, str, str]]:
        """Who leads what: role, scope, staff code; in that order."""
        found = []
        for row in self.books["staff"]:
            for text in filter(None, row["roles"].split("; ")):
                role = next(role for role in ROLES if text.startswith(role))
                found.append((role, text.removeprefix(role).strip(), row["code"]))
        return sorted(found)

    def holders(self, role: str, *scopes: str) -> list[str]:
        """The names of those who have a role for one of these scopes."""
        names = [
            self.names[code]
            for scope in scopes
            for held, of, code in self.roles
            if held == role and of.casefold() == scope.casefold()
        ]
        return list(dict.fromkeys(names))

    def department(self, subject: str, class_subject: str) -> str:
        """Rule 3's last paragraph."""
        for name in (subject, class_subject):
            if self.subject(name).get("own_department"):
                return str(self.subject(name)["department"])
        led = {of.casefold() for role, of, _ in self.roles if role == ROLES[0]}
        for name in (subject, class_subject):
            if name.casefold() in led:
                return name
        return str(self.subject(subject).get("department") or subject)

    def teacher(self, codes: Sequence[str]) -> str:
        """The names of a class's teachers, lead first."""
        return ", ".join(self.names.get(c, c) for c in codes) or "no teacher"

    def lead(self, one: Taught) -> str:
        """The name of the lead teacher of a class."""
        return self.teacher(one.teachers[:1])

    def here(self, pupil: Row) -> bool:
        """Whether a pupil is on roll the day the packs were written."""
        return not pupil["left"] or pupil["left"] > self.books.today.isoformat()

    def start(self, pupil: Row) -> Fraction | None:
        """The mean of Key Stage 2 reading and maths, or the one there is."""
        summer = str(int(self.academic_year[:4]) - (int(pupil["year"] or 0) - 7))
        scores = [
            self._score(text, summer)
            for text in (pupil["ks2_reading"], pupil["ks2_maths"])
            if text
        ]
        there = [score for score in scores if score is not None]
        return sum(there, Fraction(0)) / len(there) if there else None

    def prior(self, pupil: Row) -> str:
        """`low`, `middle`, `high` or empty, by the published thirds."""
        mean = self.start(pupil)
        if mean is None:
            return ""
        for row in figures("prior_thirds"):
            if Fraction(row["from"]) <= mean <= Fraction(row["to"]):
                return row["group"]
        raise AssertionError(f"no third for {mean}")

    @staticmethod
    def _score(text: str, summer: str) -> Fraction | None:
        for row in figures("ks2_substitutes"):
            if row["code"] == text and row["year"] in ("", summer):
                return Fraction(row["score"])
        return Fraction(text) if text.isdigit() else None

    def inside(self, group: str, pupil: Row) -> bool:
        """Whether the rule of one of the school's own groups is true of a pupil."""
        rule = next(
            one["rule"] for one in self.settings["groups"] if one["name"] == group
        )
        fields = {
            **self._indicators.get(pupil["adno"], {}),
            **pupil,
            "prior": self.prior(pupil),
            "year": int(pupil["year"] or 0),
        }
        try:
            return bool(eval(rule, {"__builtins__": {}}, fields))
        except NameError:  # nothing is known of the pupil
            return False

    @cached_property
    def _indicators(self) -> dict[str, dict[str, float]]:
        """Pupil -> what was imported of them this year, as rules name it."""
        found: dict[str, dict[str, float]] = {}
        for row in self.books["indicators"]:
            name = "_".join(re.findall(r"\w+", row["name"].casefold()))
            value = row["value"].removesuffix("%")
            if row["academic_year"] == self.academic_year and _is_number(value):
                found.setdefault(row["adno"], {})[name] = float(value)
        return found

    @cached_property
    def groups(self) -> list[str]:
        """The school's own groups, in its order."""
        return [one["name"] for one in self.settings.get("groups", ())]

    @cached_property
    def members(self) -> dict[str, frozenset[str]]:
        """Group of the school's own rules -> the pupils it is true of, on roll."""
        return {
            group: frozenset(
                adno
                for adno, pupil in self.pupils.items()
                if self.here(pupil) and self.inside(group, pupil)
            )
            for group in self.groups
        }

    # The collection

    @cached_property
    def opened(self) -> dict[str, str]:
        """Every collection with marks or in school.toml -> the day it opened.

        One of an earlier year stands no longer in school.toml: it opened by the day
        of its first issue.
        """
        found: dict[str, str] = {}
        for row in self.books["issues"]:
            first = min(found.get(row["collection"], "9"), row["issued_at"][:10])
            found[row["collection"]] = first
        for one in self.settings["collections"]:
            found[one["code"]] = one["opens"].isoformat()
        return dict(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))

    @cached_property
    def earlier(self) -> list[str]:
        """The (up to four) collections before this one, oldest first."""
        now = self.opened[self.code]
        return [code for code, day_ in self.opened.items() if day_ < now][-4:]

    @cached_property
    def taught(self) -> list[Taught]:
        """Who is asked about in the collection: pupils on roll, in its years.

        By class, then the subjects it covers in their order, then name. A pupil in
        two classes of one subject stands here twice, with the same marks.
        """
        classes = {
            row["class"]: row
            for row in self.books["classes"]
            if row["academic_year"] == self.academic_year
        }
        found = []
        for member in self.books["memberships"]:
            pupil = self.pupils[member["adno"]]
            if member["academic_year"] != self.academic_year or not self.here(pupil):
                continue
            of = classes[member["class"]]
            year = int(pupil["year"] or of["year"])
            if year not in self.collection.get("years", range(7, 12)):
                continue
            for place, subject in enumerate(self.covers(of["subject"])):
                order = (of["class"], place, pupil["surname"], pupil["forename"])
                found.append((*order, pupil["adno"], self._taught(of, pupil, subject)))
        found.sort(key=lambda one: one[:-1])
        return [one[-1] for one in found]

    def _taught(self, of: Row, pupil: Row, subject: str) -> Taught:
        adno = pupil["adno"]
        row = self.marks.get((self.code, adno, subject))
        marks = {name: row[name] if row else "" for name in MARKS}
        if row is None:
            marks.update(self.issued(adno, subject))
        first = "prediction" if "prediction" in self.asks else "working_at"
        teachers = tuple(filter(None, of["teacher"].split(";")))
        return Taught(
            adno=adno,
            class_=of["class"],
            subject=subject,
            class_subject=of["subject"],
            class_year=int(of["year"]),
            year=int(pupil["year"] or of["year"]),
            teachers=teachers,
            department=self.department(subject, of["subject"]),
            pupil=pupil,
            marks=marks,
            level=self.level(subject, marks["prediction"]),
            gap=self.gap(subject, marks["prediction"], marks["target"]),
            answered=bool(marks[first]),
            earlier={code: self.then(code, adno, subject) for code in self.earlier},
        )

    @cached_property
    def _targets(self) -> dict[tuple[str, str], Row]:
        return {(row["adno"], row["subject"]): row for row in self.books["targets"]}

    @cached_property
    def _issued(self) -> set[tuple[str, str]]:
        """Pupil and subject of whom a markbook of this collection was issued."""
        last: dict[str, str] = {}
        for row in self.books["issues"]:
            if row["collection"] == self.code:
                for name in row["class"].split(";"):
                    last[name] = max(last.get(name, ""), row["issued_at"][:10])
        subjects = {row["class"]: row["subject"] for row in self.books["classes"]
                    if row["academic_year"] == self.academic_year}  # fmt: skip
        return {
            (member["adno"], subject)
            for member in self.books["memberships"]
            if member["academic_year"] == self.academic_year
            and member["since"] <= last.get(member["class"], "")
            for subject in self.covers(subjects[member["class"]])
        }

    def covers(self, class_subject: str) -> Sequence[str]:
        """What a class in a subject is taught: mostly that subject alone."""
        covers: Sequence[str] = self.subject(class_subject).get("covers") or (
            class_subject,
        )
        return covers

    def issued(self, adno: str, subject: str) -> dict[str, str]:
        """The target of a pupil who has no mark to stand beside: the current one.

        Empty where the pupil or the target came after the last issue.
        """
        row = self._targets.get((adno, subject))
        if row is None or (adno, subject) not in self._issued:
            return {"target": "", "aspirational": ""}
        return {"target": row["expected"], "aspirational": row["aspirational"]}

    def then(self, code: str, adno: str, subject: str) -> Then:
        """What a pupil had in a subject in a collection."""
        row = self.marks.get((code, adno, subject))
        if row is None:
            return NEVER
        prediction, target = row["prediction"], row["target"]
        return Then(
            prediction,
            target,
            self.level(subject, prediction),
            self.gap(subject, prediction, target),
        )

    @cached_property
    def last(self) -> dict[int, str]:
        """Year group -> the latest earlier collection in which it had predictions."""
        found: dict[int, str] = {}
        for code in self.earlier:
            for one in self.taught:
                if one.earlier[code].prediction:
                    found[one.year] = code
        return found

    def before(self, one: Taught) -> Then:
        """What a pupil had in the collection before this one."""
        code = self.last.get(one.year)
        return one.earlier[code] if code else NEVER

    def moved(self, one: Taught) -> Fraction | None:
        """By how many grades a prediction has moved since the collection before."""
        then = self.before(one).level
        return None if one.level is None or then is None else one.level - then

    def in_a_row(self, one: Taught) -> int:
        """In how many collections running, up to this one, the flag has been below."""
        flags = [one.flag, *(one.earlier[code].flag for code in self.earlier[::-1])]
        run = 0
        while run < len(flags) and flags[run] in ("Below", "Well below"):
            run += 1
        return run

    @cached_property
    def running(self) -> dict[tuple[str, str], list[str]]:
        """Pupil and subject (empty: none in particular) -> what runs, as it is told.

        What has begun and not ended; the last day itself still counts.
        """
        today = self.books.today.isoformat()
        found: dict[tuple[str, str], list[str]] = {}
        for row in self.books["interventions"]:
            ended = row["until"] < today if row["until"] else bool(row["ended_because"])
            if row["from"] > today or ended:
                continue
            more = [row["who"], f"until {day(row['until'])}" if row["until"] else ""]
            extra = ", ".join(part for part in more if part)
            told = f"{row['what']} ({extra})" if extra else row["what"]
            found.setdefault((row["adno"], row["subject"]), []).append(told)
        return found

    def help(self, one: Taught) -> str:
        """What runs for a pupil in general, then in the subject, a line each."""
        general = self.running.get((one.adno, ""), [])
        return "\n".join([*general, *self.running.get((one.adno, one.subject), [])])

    @cached_property
    def merged(self) -> dict[str, list[Row]]:
        """Class -> its returns to this collection that were merged."""
        found: dict[str, list[Row]] = {}
        for row in self.books["returns"]:
            mine = row["collection"] == self.code
            if mine and row["status"] in ("merged", "superseded"):
                for name in row["class"].split(";"):
                    found.setdefault(name, []).append(row)
        return found

    @cached_property
    def asked_classes(self) -> frozenset[str]:
        """The classes that were issued a markbook with anybody in it."""
        return frozenset(
            name
            for row in self.books["issues"]
            if row["collection"] == self.code and int(row["pupils"])
            for name in row["class"].split(";")
        )

    def state(self, name: str) -> str:
        """The day on which a class's first return came, or that there is none.

        When its sender changed it last, but never later than when it was read.
        """
        if name in self.merged:
            return day(
                min(
                    min(row["returned_at"] or row["read_at"], row["read_at"])
                    for row in self.merged[name]
                )
            )
        return "not returned" if name in self.asked_classes else "not issued"

    @cached_property
    def gone(self) -> list[Row]:
        """The marks of pupils who have left the school or the class since."""
        there = {(one.adno, one.subject) for one in self.taught}
        return [
            row
            for (code, adno, subject), row in self.marks.items()
            if code == self.code and (adno, subject) not in there
        ]


def once(rows: Iterable[Taught]) -> list[Taught]:
    """Each pupil and subject once, in whichever of several classes comes first."""
    found: dict[tuple[str, str], Taught] = {}
    for one in rows:
        found.setdefault((one.adno, one.subject), one)
    return list(found.values())


def returns_of(reckoning: Reckoning, rows: Iterable[Taught]) -> int:
    """How many returns these rows come from."""
    return len(
        {
            row["return_id"]
            for name in {one.class_ for one in rows}
            for row in reckoning.merged.get(name, ())
        }
    )


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text))
