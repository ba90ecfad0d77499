"""What has come back, department by department, and how good the data are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.wording import listed, many, per_cent, say
from generator.xlsx.theme import template


@dataclass(frozen=True, slots=True)
class Back:
    """How much of a collection has come back.

    Args:
        classes: The classes in it.
        returned: Those of them that have returned.
        asked: Its pupils and subjects.
        answers: Those of them with an answer.
        provisional: Whether that is so little that nothing should be concluded yet.
    """

    classes: int
    returned: int
    asked: int
    answers: int
    provisional: bool

    @classmethod
    def of(cls, standing: CollectionSnapshot) -> Back:
        """Count it, in a collection as it stands."""
        rows = standing.rows
        once = rows.drop_duplicates(["adno", "subject"])
        classes = rows["class"].unique()
        returned = sum(code in standing.returned for code in classes)
        answers = int(once["answered"].sum())
        little = provisional(rows)
        return cls(len(classes), returned, len(once), answers, little)

    @property
    def answer(self) -> str:
        """It, in a sentence."""
        return say(
            "returns_answer",
            returned=f"{self.returned:,}",
            classes=many(self.classes, "class", "classes"),
            answered=f"{self.answers:,}",
            asked=many(self.asked, "pupil and subject", "pupils and subjects"),
            share=per_cent(self.answers / self.asked) if self.asked else "–",
        )

    @property
    def warning(self) -> str:
        """What to know before a pack is handed on; empty where all has come back."""
        if not self.classes:
            return ""
        if not self.answers:
            classes = many(self.classes, "class", "classes")
            return say("nothing_back", classes=classes)
        if self.provisional:
            return f"{self.answer} {say('back_provisional')}"
        return self.answer if self.returned < self.classes else ""

    def json(self) -> dict[str, Any]:
        """It, as one object."""
        return {
            "classes": self.classes,
            "returned": self.returned,
            "asked": self.asked,
            "answers": self.answers,
            "provisional": self.provisional,
        }


def by_department(standing: CollectionSnapshot) -> pd.DataFrame:
    """One row per department.

    Returns:
        `department`, `classes`, `classes_returned`, `asked` and `answers` (pupils and
        subjects), `answers_share` (0-1), `no_target`, `missing` (classes not returned).
    """
    made = []
    for department, part in standing.rows.groupby("department", sort=True):
        codes = sorted(part["class"].unique())
        missing = [code for code in codes if code not in standing.returned]
        once = part.drop_duplicates(["adno", "subject"])
        asked, answers = len(once), int(once["answered"].sum())
        made.append(
            {
                "department": department,
                "classes": len(codes),
                "classes_returned": len(codes) - len(missing),
                "asked": asked,
                "answers": answers,
                "answers_share": answers / asked,
                "no_target": int(once["target"].isna().sum()),
                "missing": listed(missing, most=30),
            }
        )
    names = ["department", "classes", "classes_returned", "asked", "answers",
             "answers_share", "no_target", "missing"]  # fmt: skip
    return pd.DataFrame(made, columns=pd.Index(names))


def answer(standing: CollectionSnapshot) -> str:
    """How much has come back, in a sentence."""
    return Back.of(standing).answer


def doubts(standing: CollectionSnapshot) -> list[str]:
    """What is missing to judge by, in sentences; nothing where nothing is."""
    rows, pupils = standing.rows, standing.pupils
    once = rows.drop_duplicates(["adno", "subject"])
    scores = pupils["ks2_reading"].fillna("").eq("")
    scores &= pupils["ks2_maths"].fillna("").eq("")
    classes = rows.drop_duplicates("class")
    since = _counted_all_the_same(standing)
    counts = (
        ("quality_prior", "pupils", int(scores.sum()), ("pupil", "pupils")),
        ("quality_target", "pairs", int(once["target"].isna().sum()),
         ("pupil and subject", "pupils and subjects")),
        ("quality_untaught", "pupils",
         int((~pupils["adno"].isin(rows["adno"])).sum()), ("pupil", "pupils")),
        ("quality_teacher", "classes", int(classes["teachers"].eq("").sum()),
         ("class", "classes")),
        ("quality_gone", "marks", len(standing.gone) - since, ("mark", "marks")),
        ("quality_gone_since", "marks", since, ("mark", "marks")),
    )  # fmt: skip
    return [
        say(name, **{what: many(number, *nouns)})
        for name, what, number, nouns in counts
        if number
    ]


def _counted_all_the_same(standing: CollectionSnapshot) -> int:
    """How many marks not shown are in the measures, which stand as of the last day."""
    now = standing.measured.now if standing.measured is not None else None
    if now is None:
        return 0
    keys = ["adno", "subject"]
    there = pd.MultiIndex.from_frame(now.rows[keys])
    return int(pd.MultiIndex.from_frame(standing.gone[keys]).isin(there).sum())


def completeness(rows: pd.DataFrame) -> tuple[int, int]:
    """How many pupils and subjects have an answer, and how many were asked for."""
    once = rows.drop_duplicates(["adno", "subject"])
    return int(once["answered"].sum()), len(once)


def provisional(rows: pd.DataFrame) -> bool:
    """Whether so little has come that nothing should be concluded yet."""
    answered, asked = completeness(rows)
    return answered * 100 < asked * int(template("packs")["provisional_under"])
