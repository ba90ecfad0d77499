"""The opening page of a pack: classes side by side, and what they have to say."""

from __future__ import annotations

import pandas as pd

from generator.packs.facts.class_summary import SideBySide
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import Column, Placed, columns
from generator.packs.layout.workbook import Page
from generator.packs.wording import grades, listed, many, per_cent, say


def answer(standing: CollectionSnapshot, sums: SideBySide) -> list[str]:
    """What the classes have to say, in sentences; the first is the answer."""
    whole, classes = sums.whole, sums.classes
    missing = classes_in_state(classes, "not_returned")
    unissued = classes_in_state(classes, "not_issued")
    several = classes["class"].nunique()
    if len(missing) + len(unissued) == several and not whole["with_data"]:
        return [
            say(
                "no_returns",
                collection=standing.collection.title,
                classes=many(several, "class", "classes"),
            )
        ]
    said = []
    if whole["with_data"]:
        first = say(
            "answer",
            share=per_cent(float(whole["on_or_above"])),
            pupils=many(int(whole["with_data"]), "prediction"),
            below=f"{int(whole['below'] + whole['well_below']):,}",
            well_below=f"{int(whole['well_below']):,}",
        )
        said.append(f"{first} {_gap_sentence(whole)}".strip())
        worst = classes.loc[classes["side"] == "Below"].sort_values(
            "gap", kind="stable"
        )
        names = labels(classes).loc[worst.index].tolist()
        if names:
            said.append(
                say(
                    "worth_a_look",
                    classes=listed(names),
                    be="it is" if len(names) == 1 else "they are",
                )
            )
        else:
            said.append(say("nothing_stands_out"))
    else:
        said.append(say("no_flags"))
    if missing:
        said.append(say("missing", classes=listed(missing, most=12)))
    elif not unissued:
        said.append(say("all_returned"))
    if unissued:
        said.append(say("unissued", classes=listed(unissued, most=12)))
    return said


def _gap_sentence(whole: pd.Series) -> str:
    if not whole["gap_n"]:
        return ""
    shown = grades(float(whole["gap"]))
    if shown == "0.0":
        return say("gap_on")
    side = "above" if whole["gap"] > 0 else "below"
    return say("gap", gap=shown.lstrip("+−"), side=side)


def classes_in_state(classes: pd.DataFrame, state: str) -> list[str]:
    """The classes that are `not_returned`, or `not_issued`, by code."""
    return sorted(classes.loc[classes["returned"] == say(state), "class"].unique())


def labels(classes: pd.DataFrame) -> pd.Series[str]:
    """What to call each class: its code, with its subject where it has several."""
    several = classes["class"].duplicated(keep=False)
    return classes["class"].mask(
        several, classes["class"] + " (" + classes["subject"] + ")"
    )


def years_table(page: Page, sums: SideBySide) -> Placed:
    """The year groups, one row each, on the grid of `classes_table`."""
    rows = sums.years.assign(teacher="", returned="", **{"class": say("all_classes")})
    if len(rows) > 1:
        total = sums.whole.to_frame().T.assign(
            year=None,
            subject="",
            teacher="",
            returned="",
            **{"class": say("together")},
        )
        rows = pd.concat([rows, total[rows.columns]], ignore_index=True)
    strong = pd.Series([len(sums.years) > 1 and i == len(sums.years)
                        for i in range(len(rows))])  # fmt: skip
    return page.table(
        rows,
        grid(sums),
        quiet=rows["few"].astype(bool),
        strong=strong,
        painted={"note": rows["side"].fillna("").tolist()},
    )


def classes_table(page: Page, sums: SideBySide) -> Placed:
    """Every class, one row each, with a filter."""
    rows = sums.classes
    missing = rows["returned"].isin([say("not_returned"), say("not_issued")])
    return page.table(
        rows,
        grid(sums),
        quiet=rows["few"] & rows["with_data"].gt(0),
        painted={
            "note": rows["side"].fillna("").tolist(),
            "gap": rows["side"].fillna("").tolist(),
            "returned": ["check" if late else "" for late in missing],
        },
        parted="year",
        filtered=True,
    )


def grid(sums: SideBySide) -> list[Column]:
    """The columns of the class table; the subject only where there are several."""
    keys = [
        "year", "subject", "class", "teacher", "pupils", "with_data", "above", "on",
        "below", "well_below", "no_data", "on_or_above", "gap", "gap_low", "gap_high",
        "change", "change_n", "returned", "note",
    ]  # fmt: skip
    if sums.classes["subject"].nunique() < 2:
        keys.remove("subject")
    return columns(keys)
