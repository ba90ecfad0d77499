"""The school: subjects, people and groups, from its tables and settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.recount.arithmetic import SCALES, ScaleGrade, plain
from tests.recount.tables import FIGURES, ExportedTables, Row, figures

ROLES = (
    "head of department", "line manager", "head of year", "tutor", "group lead",
    "senior leader", "governor", "data manager",
)  # fmt: skip


class RecountSchool:
    """The data that does not depend on a collection."""

    def __init__(self, exports: ExportedTables) -> None:
        self.exports = exports
        self.settings = exports.settings
        self.academic_year: str = self.settings["school"]["academic_year"]
        self.fine: bool = self.settings.get("flags", {}).get("fine", False)
        self.pupils = {row["adno"]: row for row in exports["pupils"]}
        self.names = {row["code"]: row["name"] for row in exports["staff"]}

    # Subjects

    @cached_property
    def _subjects(self) -> dict[str, dict[str, Any]]:
        listing = tomllib.loads((FIGURES / "subjects.toml").read_text("utf-8"))
        subjects: dict[str, dict[str, Any]] = {}
        for entry in listing["subjects"]:
            for name in (entry["name"], *entry.get("synonyms", ())):
                subjects.setdefault(plain(name), entry)
        for own in self.settings.get("subjects", ()):
            merged = {**subjects.get(plain(own["name"]), {}), **own}
            merged["own_department"] = "department" in own
            for name in (own["name"], *own.get("synonyms", ())):
                subjects[plain(name)] = merged
        return subjects

    def subject(self, name: str) -> Mapping[str, Any]:
        """The properties of a subject; an unknown one counts as a GCSE."""
        if name not in self._subject_cache:
            self._subject_cache[name] = self._subject(name)
        return self._subject_cache[name]

    @cached_property
    def _subject_cache(self) -> dict[str, Mapping[str, Any]]:
        return {}

    def _subject(self, name: str) -> Mapping[str, Any]:
        without = re.sub(r"\b(gcse|ks ?[34]|key stage [34])\b", " ", plain(name))
        for key in (plain(name), " ".join(without.split())):
            if key in self._subjects:
                return self._subjects[key]
        return {"name": name, "department": name}

    def scale(self, subject: str) -> dict[str, ScaleGrade]:
        """The scale of a subject: its grades by name, lowest first."""
        return SCALES[self.subject(subject).get("scale", "gcse")]

    def level(self, subject: str, grade: str) -> Fraction | None:
        """The level in whole grades; None for a code, a blank or no grade."""
        scale_grade = self.scale(subject).get(grade)
        if scale_grade is None:
            return None
        return scale_grade.fine if self.fine else scale_grade.level

    def gap(self, subject: str, prediction: str, target: str) -> Fraction | None:
        """Prediction less target, in whole grades."""
        own_level, other = self.level(subject, prediction), self.level(subject, target)
        return None if own_level is None or other is None else own_level - other

    # People

    @cached_property
    def roles(self) -> list[tuple[str, str, str]]:
        """Role, scope and staff code of every leader, sorted."""
        result = []
        for row in self.exports["staff"]:
            for text in filter(None, row["roles"].split("; ")):
                role = next(role for role in ROLES if text.startswith(role))
                result.append((role, text.removeprefix(role).strip(), row["code"]))
        return sorted(result)

    def holders(self, role: str, *scopes: str) -> list[str]:
        """The names of the holders of a role for one of these scopes."""
        names = [
            self.names[code]
            for scope in scopes
            for role_name, of, code in self.roles
            if role_name == role and of.casefold() == scope.casefold()
        ]
        return list(dict.fromkeys(names))

    def department(self, subject: str, class_subject: str) -> str:
        """The department of a subject (rule 3, last paragraph)."""
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

    def is_on_roll(self, pupil: Row) -> bool:
        """Whether a pupil is on roll on the day of the packs."""
        return not pupil["left"] or pupil["left"] > self.exports.today.isoformat()

    def prior_mean(self, pupil: Row) -> Fraction | None:
        """The mean of Key Stage 2 reading and maths, or the only score."""
        summer = str(int(self.academic_year[:4]) - (int(pupil["year"] or 0) - 7))
        scores = [
            self._score(text, summer)
            for text in (pupil["ks2_reading"], pupil["ks2_maths"])
            if text
        ]
        present = [score for score in scores if score is not None]
        return sum(present, Fraction(0)) / len(present) if present else None

    def prior(self, pupil: Row) -> str:
        """`low`, `middle`, `high` or empty, by the published thirds."""
        mean = self.prior_mean(pupil)
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

    def in_group(self, group: str, pupil: Row) -> bool:
        """Whether a pupil satisfies the rule of one of the school's groups."""
        rule = next(
            entry["rule"] for entry in self.settings["groups"] if entry["name"] == group
        )
        fields = {
            **self._indicators.get(pupil["adno"], {}),
            **pupil,
            "prior": self.prior(pupil),
            "year": int(pupil["year"] or 0),
        }
        try:
            return bool(eval(rule, {"__builtins__": {}}, fields))
        except NameError:  # the pupil has no value of that name
            return False

    @cached_property
    def _indicators(self) -> dict[str, dict[str, float]]:
        """Pupil -> indicators of this year, by their names in rules."""
        result: dict[str, dict[str, float]] = {}
        for row in self.exports["indicators"]:
            name = "_".join(re.findall(r"\w+", row["name"].casefold()))
            value = row["value"].removesuffix("%")
            if row["academic_year"] == self.academic_year and _is_number(value):
                result.setdefault(row["adno"], {})[name] = float(value)
        return result

    @cached_property
    def groups(self) -> list[str]:
        """The school's groups, in its order."""
        return [group["name"] for group in self.settings.get("groups", ())]

    @cached_property
    def members(self) -> dict[str, frozenset[str]]:
        """Group -> its pupils on roll."""
        return {
            group: frozenset(
                adno
                for adno, pupil in self.pupils.items()
                if self.is_on_roll(pupil) and self.in_group(group, pupil)
            )
            for group in self.groups
        }

    def covers(self, class_subject: str) -> Sequence[str]:
        """The subjects that a class covers: mostly its own alone."""
        covers: Sequence[str] = self.subject(class_subject).get("covers") or (
            class_subject,
        )
        return covers


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text))
