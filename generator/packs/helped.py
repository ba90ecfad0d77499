"""What is being done for pupils, and the columns to write more of it in."""

from __future__ import annotations

import pandas as pd

from generator.packs.columns import Column, columns
from generator.packs.phrases import day
from generator.packs.standing import Standing

ENTRY = ("intervention", "who", "from", "until")


def entry_columns() -> list[Column]:
    """The columns in which a reader names an intervention; they begin empty."""
    return columns(ENTRY, entry=True)


def with_help(
    frame: pd.DataFrame, standing: Standing, rows: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The same rows with `help`, what runs for each, and empty columns to write in.

    Args:
        frame: One row per pupil, or per pupil and subject.
        standing: The collection as it stands.
        rows: The part of the roll whose subjects the reader may see; None means
            that `frame` has a `subject`, and only help in it, or in no one subject,
            is told.
    """
    runs = standing.interventions.loc[standing.interventions["runs"]]
    runs = runs.assign(told=_told(runs))
    if rows is None:
        own = runs.loc[runs["subject"] != ""].groupby(["adno", "subject"])["told"]
        general = runs.loc[runs["subject"] == ""].groupby("adno")["told"]
        each, whole = own.agg("\n".join).to_dict(), general.agg("\n".join).to_dict()
        keys = zip(frame["adno"], frame["subject"], strict=True)
        told = [
            "\n".join(
                part for part in (whole.get(adno, ""), each.get((adno, subject), ""))
                if part
            )
            for adno, subject in keys
        ]  # fmt: skip
    else:
        about = runs["subject"].where(runs["subject"] == "", runs["subject"] + ": ")
        whole = (about + runs["told"]).groupby(runs["adno"]).agg("\n".join).to_dict()
        told = [whole.get(adno, "") for adno in frame["adno"]]
    made = frame.assign(help=told)
    return made.assign(**dict.fromkeys(set(ENTRY) - set(made.columns), ""))


def _told(runs: pd.DataFrame) -> list[str]:
    said = []
    for what, who, until in zip(runs["what"], runs["who"], runs["until"], strict=True):
        more = [who, f"until {day(until)}" if until else ""]
        extra = ", ".join(part for part in more if part)
        said.append(f"{what} ({extra})" if extra else what)
    return said
