"""What has come back, department by department, and how good the data are."""

from __future__ import annotations

import pandas as pd

from generator.packs.phrases import listed, many, per_cent, say
from generator.packs.standing import Standing


def by_department(standing: Standing) -> pd.DataFrame:
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


def answer(standing: Standing) -> str:
    """How much has come back, in a sentence."""
    rows = standing.rows
    once = rows.drop_duplicates(["adno", "subject"])
    classes = rows["class"].unique()
    answered = int(once["answered"].sum())
    return say(
        "returns_answer",
        returned=f"{sum(code in standing.returned for code in classes):,}",
        classes=many(len(classes), "class", "classes"),
        answered=f"{answered:,}",
        asked=many(len(once), "pupil and subject", "pupils and subjects"),
        share=per_cent(answered / len(once)) if len(once) else "–",
    )


def doubts(standing: Standing) -> list[str]:
    """What is missing to judge by, in sentences; nothing where nothing is."""
    rows, pupils = standing.rows, standing.pupils
    once = rows.drop_duplicates(["adno", "subject"])
    scores = pupils["ks2_reading"].fillna("").eq("")
    scores &= pupils["ks2_maths"].fillna("").eq("")
    classes = rows.drop_duplicates("class")
    counts = (
        ("quality_prior", "pupils", int(scores.sum()), ("pupil", "pupils")),
        ("quality_target", "pairs", int(once["target"].isna().sum()),
         ("pupil and subject", "pupils and subjects")),
        ("quality_untaught", "pupils",
         int((~pupils["adno"].isin(rows["adno"])).sum()), ("pupil", "pupils")),
        ("quality_teacher", "classes", int(classes["teachers"].eq("").sum()),
         ("class", "classes")),
        ("quality_gone", "marks", len(standing.gone), ("mark", "marks")),
    )  # fmt: skip
    return [
        say(name, **{what: many(number, *nouns)})
        for name, what, number, nouns in counts
        if number
    ]
