"""The classes of a department side by side, in sentences and tables."""

from __future__ import annotations

import pandas as pd

from generator.packs.facts.class_summary import ClassSummary
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import PackColumn, TablePosition, pack_columns
from generator.packs.layout.workbook import PackPage
from generator.packs.wording import (
    count_text,
    join_names,
    percent,
    phrase,
    signed_grades,
)


def class_sentences(snapshot: CollectionSnapshot, summary: ClassSummary) -> list[str]:
    """What the classes show, in sentences; the first is the main one."""
    total, classes = summary.total, summary.classes
    missing = _classes_in_state(classes, "not_returned")
    unissued = _classes_in_state(classes, "not_issued")
    number = classes["class"].nunique()
    if len(missing) + len(unissued) == number and not total["with_data"]:
        return [
            phrase(
                "no_returns",
                collection=snapshot.collection.title,
                classes=count_text(number, "class", "classes"),
            )
        ]
    sentences = _target_sentences(total, classes)
    if missing:
        sentences.append(phrase("missing", classes=join_names(missing, most=12)))
    elif not unissued:
        sentences.append(phrase("all_returned"))
    if unissued:
        sentences.append(phrase("unissued", classes=join_names(unissued, most=12)))
    return sentences


def _target_sentences(total: pd.Series, classes: pd.DataFrame) -> list[str]:
    """How many are on target, and which classes are worth a look."""
    if not total["with_data"]:
        return [phrase("no_flags")]
    answer = phrase(
        "answer",
        share=percent(float(total["on_or_above"])),
        pupils=count_text(int(total["with_data"]), "prediction"),
        below=f"{int(total['below'] + total['well_below']):,}",
        well_below=f"{int(total['well_below']):,}",
    )
    answer = f"{answer} {_gap_sentence(total)}".strip()
    below = classes.loc[classes["side"] == "Below"].sort_values("gap", kind="stable")
    names = class_labels(classes).loc[below.index].tolist()
    if not names:
        return [answer, phrase("nothing_stands_out")]
    be = "it is" if len(names) == 1 else "they are"
    return [answer, phrase("worth_a_look", classes=join_names(names), be=be)]


def _gap_sentence(total: pd.Series) -> str:
    if not total["gap_n"]:
        return ""
    gap = signed_grades(float(total["gap"]))
    if gap == "0.0":
        return phrase("gap_on")
    side = "above" if total["gap"] > 0 else "below"
    return phrase("gap", gap=gap.lstrip("+−"), side=side)


def _classes_in_state(classes: pd.DataFrame, state: str) -> list[str]:
    """The classes that are `not_returned`, or `not_issued`, by code."""
    return sorted(classes.loc[classes["returned"] == phrase(state), "class"].unique())


def class_labels(classes: pd.DataFrame) -> pd.Series[str]:
    """The name of each class: its code, with its subject if it has several."""
    several = classes["class"].duplicated(keep=False)
    return classes["class"].mask(
        several, classes["class"] + " (" + classes["subject"] + ")"
    )


def years_table(page: PackPage, summary: ClassSummary) -> TablePosition:
    """Write the year groups, one row each, with the columns of `classes_table`."""
    blank = {"teacher": "", "returned": ""}
    rows = summary.years.assign(**blank, **{"class": phrase("all_classes")})
    if len(rows) > 1:
        total = summary.total.to_frame().T.assign(
            year=None, subject="", **blank, **{"class": phrase("together")}
        )
        rows = pd.concat([rows, total[rows.columns]], ignore_index=True)
    strong = pd.Series(
        [len(rows) > 1 and at == len(rows) - 1 for at in range(len(rows))]
    )
    return page.table(
        rows,
        class_columns(summary),
        quiet=rows["few"].astype(bool),
        strong=strong,
        painted={"note": rows["side"].fillna("").tolist()},
    )


def classes_table(page: PackPage, summary: ClassSummary) -> TablePosition:
    """Write every class, one row each, with a filter."""
    rows = summary.classes
    missing = rows["returned"].isin([phrase("not_returned"), phrase("not_issued")])
    return page.table(
        rows,
        class_columns(summary),
        quiet=rows["few"] & rows["with_data"].gt(0),
        painted={
            "note": rows["side"].fillna("").tolist(),
            "gap": rows["side"].fillna("").tolist(),
            "returned": ["check" if late else "" for late in missing],
        },
        parted="year",
        filtered=True,
    )


def class_columns(summary: ClassSummary) -> list[PackColumn]:
    """The columns of the class table; the subject only if there are several."""
    keys = [
        "year", "subject", "class", "teacher", "pupils", "with_data", "above", "on",
        "below", "well_below", "no_data", "on_or_above", "gap", "gap_low", "gap_high",
        "change", "change_n", "returned", "note",
    ]  # fmt: skip
    if summary.classes["subject"].nunique() < 2:
        keys.remove("subject")
    return pack_columns(keys)
