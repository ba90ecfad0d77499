"""How complete a collection is, department by department, and what its data lack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.wording import (
    count_text,
    join_names,
    percent,
    phrase,
    wording,
    year_name,
)
from generator.xlsx.theme import template
from udfs.measures.progress8 import had_no_tests


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of a collection has come back.

    Args:
        classes: The number of its classes.
        returned: The number of classes that have returned.
        asked: The number of its pupils and subjects.
        answers: The number of pupils and subjects with an answer.
        provisional: Whether there are too few answers to conclude anything yet.
    """

    classes: int
    returned: int
    asked: int
    answers: int
    provisional: bool

    @classmethod
    def of_snapshot(cls, snapshot: CollectionSnapshot) -> Completeness:
        """The completeness of a collection."""
        rows = snapshot.rows
        classes = rows["class"].unique()
        returned = sum(code in snapshot.returned for code in classes)
        answers, asked = count_answers(rows)
        return cls(len(classes), returned, asked, answers, is_provisional(rows))

    @property
    def sentence(self) -> str:
        """How much has come back, in a sentence."""
        return phrase(
            "returns_answer",
            returned=f"{self.returned:,}",
            classes=count_text(self.classes, "class", "classes"),
            answered=f"{self.answers:,}",
            asked=count_text(self.asked, "pupil and subject", "pupils and subjects"),
            share=percent(self.answers / self.asked) if self.asked else "–",
        )

    @property
    def warning(self) -> str:
        """What to know before a pack is passed on; empty if all has come back."""
        if not self.classes:
            return ""
        if not self.answers:
            classes = count_text(self.classes, "class", "classes")
            return phrase("nothing_back", classes=classes)
        if self.provisional:
            return f"{self.sentence} {phrase('back_provisional')}"
        return self.sentence if self.returned < self.classes else ""

    def json(self) -> dict[str, Any]:
        """The counts as one object."""
        return {
            "classes": self.classes,
            "returned": self.returned,
            "asked": self.asked,
            "answers": self.answers,
            "provisional": self.provisional,
        }


def count_answers(rows: pd.DataFrame) -> tuple[int, int]:
    """The number of pupils and subjects with an answer, and of all that were asked."""
    once = rows.drop_duplicates(["adno", "subject"])
    return int(once["answered"].sum()), len(once)


def is_provisional(rows: pd.DataFrame) -> bool:
    """Whether there are too few answers to conclude anything yet."""
    answered, asked = count_answers(rows)
    return answered * 100 < asked * int(template("packs")["provisional_under"])


def provisional_warning(rows: pd.DataFrame, part: str = "cover") -> str:
    """The warning that there are too few answers yet; empty if there are enough.

    Args:
        rows: Rows of `CollectionSnapshot.rows`.
        part: The part of packs.toml that words the warning.
    """
    if not is_provisional(rows):
        return ""
    return wording(part, "provisional", under=template("packs")["provisional_under"])


def department_completeness(snapshot: CollectionSnapshot) -> pd.DataFrame:
    """How complete each department is, one row per department.

    Returns:
        `department`, `classes`, `classes_returned`, `asked` and `answers` (pupils and
        subjects), `answers_share` (0-1), `no_target`, `missing` (classes not returned).
    """
    departments = []
    for department, rows in snapshot.rows.groupby("department", sort=True):
        codes = sorted(rows["class"].unique())
        missing = [code for code in codes if code not in snapshot.returned]
        once = rows.drop_duplicates(["adno", "subject"])
        asked, answers = len(once), int(once["answered"].sum())
        departments.append(
            {
                "department": department,
                "classes": len(codes),
                "classes_returned": len(codes) - len(missing),
                "asked": asked,
                "answers": answers,
                "answers_share": answers / asked,
                "no_target": int(once["target"].isna().sum()),
                "missing": join_names(missing, most=30),
            }
        )
    names = ["department", "classes", "classes_returned", "asked", "answers",
             "answers_share", "no_target", "missing"]  # fmt: skip
    return pd.DataFrame(departments, columns=pd.Index(names))


def data_quality_sentences(snapshot: CollectionSnapshot) -> list[str]:
    """What the data lack, in sentences."""
    rows, pupils = snapshot.rows, snapshot.pupils
    once = rows.drop_duplicates(["adno", "subject"])
    no_scores = pupils["ks2_reading"].fillna("").eq("")
    no_scores &= pupils["ks2_maths"].fillna("").eq("")
    untested = [
        int(year) for year in sorted(pupils["year"].unique())
        if had_no_tests(snapshot.academic_year, int(year))
    ]  # fmt: skip
    no_scores &= ~pupils["year"].isin(untested)
    untaught = ~pupils["adno"].isin(rows["adno"])
    no_teacher = rows.drop_duplicates("class")["teachers"].eq("")
    measured = _count_measured_leavers(snapshot)
    pairs = ("pupil and subject", "pupils and subjects")
    counts = (
        ("quality_prior", "pupils", int(no_scores.sum()), ("pupil",)),
        ("quality_target", "pairs", int(once["target"].isna().sum()), pairs),
        ("quality_untaught", "pupils", int(untaught.sum()), ("pupil",)),
        ("quality_teacher", "classes", int(no_teacher.sum()), ("class", "classes")),
        ("quality_gone", "marks", len(snapshot.leaver_marks) - measured, ("mark",)),
        ("quality_gone_since", "marks", measured, ("mark",)),
    )
    sentences = [
        phrase(name, **{field: count_text(count, *nouns)})
        for name, field, count, nouns in counts
        if count
    ]
    if untested:  # said once, not of every pupil
        years = join_names([year_name(year) for year in untested])
        sentences.insert(0, phrase("quality_no_tests", years=years))
    return sentences


def _count_measured_leavers(snapshot: CollectionSnapshot) -> int:
    """The number of marks not shown that are in the measures of the last day."""
    current = snapshot.measures.current if snapshot.measures is not None else None
    if current is None:
        return 0
    keys = ["adno", "subject"]
    measured = pd.MultiIndex.from_frame(current.rows[keys])
    marks = pd.MultiIndex.from_frame(snapshot.leaver_marks[keys])
    return int(marks.isin(measured).sum())
