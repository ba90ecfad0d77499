"""A school's enrolments with marks and teachers, from the exported tables.

Plain loops, written from the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.recount.arithmetic import date_text
from tests.recount.enrolments import MARKS, NO_MARK, EarlierMark, Enrolment
from tests.recount.school import RecountSchool
from tests.recount.tables import ExportedTables, Row

__all__ = [
    "CODES",
    "EarlierMark",
    "Enrolment",
    "RecountData",
    "count_returns",
    "unique_pairs",
]
CODES = ("Abs", "N/T", "TE")


class RecountData(RecountSchool):
    """The data of a school and one collection."""

    def __init__(self, exports: ExportedTables) -> None:
        super().__init__(exports)
        self.code = exports.code
        self.collection: Mapping[str, Any] = next(
            collection
            for collection in self.settings["collections"]
            if collection["code"] == exports.code
        )
        self.marks = {
            (row["collection"], row["adno"], row["subject"]): row
            for row in exports["marks"]
        }

    @property
    def fields(self) -> Sequence[str]:
        """The fields of the collection."""
        fields: Sequence[str] = self.collection.get("asks", MARKS[2:])
        return fields

    def lead(self, row: Enrolment) -> str:
        """The name of the lead teacher of a class."""
        return self.teacher(row.teachers[:1])

    # The collection

    @cached_property
    def opened(self) -> dict[str, str]:
        """Every collection with marks or in school.toml -> the day it opened.

        A collection of an earlier year is no longer in school.toml: it counts as opened
        on the day of its first issue.
        """
        result: dict[str, str] = {}
        for row in self.exports["issues"]:
            first = min(result.get(row["collection"], "9"), row["issued_at"][:10])
            result[row["collection"]] = first
        for collection in self.settings["collections"]:
            result[collection["code"]] = collection["opens"].isoformat()
        return dict(sorted(result.items(), key=lambda pair: (pair[1], pair[0])))

    @cached_property
    def earlier(self) -> list[str]:
        """The (up to four) collections before this one, oldest first."""
        now = self.opened[self.code]
        return [code for code, day_ in self.opened.items() if day_ < now][-4:]

    @cached_property
    def enrolments(self) -> list[Enrolment]:
        """The enrolments of the collection: pupils on roll, in its years.

        By class, then the subjects it covers in their order, then name. A pupil in two
        classes of one subject has two enrolments, with the same marks.
        """
        classes = {
            row["class"]: row
            for row in self.exports["classes"]
            if row["academic_year"] == self.academic_year
        }
        result = []
        for member in self.exports["memberships"]:
            pupil = self.pupils[member["adno"]]
            if member["academic_year"] != self.academic_year or not self.is_on_roll(
                pupil
            ):
                continue
            of = classes[member["class"]]
            year = int(pupil["year"] or of["year"])
            if year not in self.collection.get("years", range(7, 12)):
                continue
            for place, subject in enumerate(self.covers(of["subject"])):
                order = (of["class"], place, pupil["surname"], pupil["forename"])
                result.append(
                    (*order, pupil["adno"], self._enrolment(of, pupil, subject))
                )
        result.sort(key=lambda row: row[:-1])
        return [row[-1] for row in result]

    def _enrolment(self, of: Row, pupil: Row, subject: str) -> Enrolment:
        adno = pupil["adno"]
        row = self.marks.get((self.code, adno, subject))
        marks = {name: row[name] if row else "" for name in MARKS}
        if row is None:
            marks.update(self.issued(adno, subject))
        first = "prediction" if "prediction" in self.fields else "working_at"
        teachers = tuple(filter(None, of["teacher"].split(";")))
        return Enrolment(
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
            earlier={
                code: self.earlier_mark(code, adno, subject) for code in self.earlier
            },
        )

    @cached_property
    def _targets(self) -> dict[tuple[str, str], Row]:
        return {(row["adno"], row["subject"]): row for row in self.exports["targets"]}

    @cached_property
    def _issued(self) -> set[tuple[str, str]]:
        """Pupil and subject of every issued row of this collection."""
        last: dict[str, str] = {}
        for row in self.exports["issues"]:
            if row["collection"] == self.code:
                for name in row["class"].split(";"):
                    last[name] = max(last.get(name, ""), row["issued_at"][:10])
        subjects = {row["class"]: row["subject"] for row in self.exports["classes"]
                    if row["academic_year"] == self.academic_year}  # fmt: skip
        return {
            (member["adno"], subject)
            for member in self.exports["memberships"]
            if member["academic_year"] == self.academic_year
            and member["since"] <= last.get(member["class"], "")
            for subject in self.covers(subjects[member["class"]])
        }

    def issued(self, adno: str, subject: str) -> dict[str, str]:
        """The current targets of a pupil without a mark.

        Empty if the pupil or the target came after the last issue.
        """
        row = self._targets.get((adno, subject))
        if row is None or (adno, subject) not in self._issued:
            return {"target": "", "aspirational": ""}
        return {"target": row["expected"], "aspirational": row["aspirational"]}

    def earlier_mark(self, code: str, adno: str, subject: str) -> EarlierMark:
        """A pupil's mark in a subject in a collection."""
        row = self.marks.get((code, adno, subject))
        if row is None:
            return NO_MARK
        prediction, target = row["prediction"], row["target"]
        return EarlierMark(
            prediction,
            target,
            self.level(subject, prediction),
            self.gap(subject, prediction, target),
        )

    @cached_property
    def last(self) -> dict[int, str]:
        """Year group -> the latest earlier collection in which it had predictions."""
        result: dict[int, str] = {}
        for code in self.earlier:
            for row in self.enrolments:
                if row.earlier[code].prediction:
                    result[row.year] = code
        return result

    def previous(self, row: Enrolment) -> EarlierMark:
        """The pupil's mark in the collection before this one."""
        code = self.last.get(row.year)
        return row.earlier[code] if code else NO_MARK

    def movement(self, row: Enrolment) -> Fraction | None:
        """The movement of a prediction since the collection before, in grades."""
        then = self.previous(row).level
        return None if row.level is None or then is None else row.level - then

    def in_a_row(self, row: Enrolment) -> int:
        """The number of consecutive collections below target, up to this one."""
        flags = [row.flag, *(row.earlier[code].flag for code in self.earlier[::-1])]
        run = 0
        while run < len(flags) and flags[run] in ("Below", "Well below"):
            run += 1
        return run

    @cached_property
    def running(self) -> dict[tuple[str, str], list[str]]:
        """Pupil and subject (empty: any) -> texts of the running interventions.

        They have begun and not ended; the last day is included.
        """
        today = self.exports.today.isoformat()
        result: dict[tuple[str, str], list[str]] = {}
        for row in self.exports["interventions"]:
            ended = row["until"] < today if row["until"] else bool(row["ended_because"])
            if row["from"] > today or ended:
                continue
            more = [
                row["who"],
                f"until {date_text(row['until'])}" if row["until"] else "",
            ]
            extra = ", ".join(part for part in more if part)
            text = f"{row['what']} ({extra})" if extra else row["what"]
            result.setdefault((row["adno"], row["subject"]), []).append(text)
        return result

    def running_help(self, row: Enrolment) -> str:
        """The running interventions of a pupil, general ones first, one a line."""
        general = self.running.get((row.adno, ""), [])
        return "\n".join([*general, *self.running.get((row.adno, row.subject), [])])

    @cached_property
    def merged(self) -> dict[str, list[Row]]:
        """Class -> its merged returns of this collection."""
        result: dict[str, list[Row]] = {}
        for row in self.exports["returns"]:
            is_current = row["collection"] == self.code
            if is_current and row["status"] in ("merged", "superseded"):
                for name in row["class"].split(";"):
                    result.setdefault(name, []).append(row)
        return result

    @cached_property
    def issued_classes(self) -> frozenset[str]:
        """The classes with a non-empty markbook."""
        return frozenset(
            name
            for row in self.exports["issues"]
            if row["collection"] == self.code and int(row["pupils"])
            for name in row["class"].split(";")
        )

    def state(self, name: str) -> str:
        """The day of a class's first return, or that there is none.

        The file's last modification, but not later than its reading.
        """
        if name in self.merged:
            return date_text(
                min(
                    min(row["returned_at"] or row["read_at"], row["read_at"])
                    for row in self.merged[name]
                )
            )
        return "not returned" if name in self.issued_classes else "not issued"

    @cached_property
    def leaver_marks(self) -> list[Row]:
        """The marks of pupils who have left the school or the class since."""
        pairs = {(row.adno, row.subject) for row in self.enrolments}
        return [
            row
            for (code, adno, subject), row in self.marks.items()
            if code == self.code and (adno, subject) not in pairs
        ]


def unique_pairs(rows: Iterable[Enrolment]) -> list[Enrolment]:
    """Each pupil and subject once, in the first of several classes."""
    result: dict[tuple[str, str], Enrolment] = {}
    for row in rows:
        result.setdefault((row.adno, row.subject), row)
    return list(result.values())


def count_returns(data: RecountData, rows: Iterable[Enrolment]) -> int:
    """The number of returns with these rows."""
    return len(
        {
            row["return_id"]
            for name in {row.class_ for row in rows}
            for row in data.merged.get(name, ())
        }
    )
