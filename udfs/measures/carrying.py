"""Carrying predictions forward: an earlier prediction in place of a blank (rule 6)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from udfs.measures.entries import NO_SLOT
from udfs.tables import Tables
from udfs.text import map_distinct, tidy

COLLECTIONS_BACK = 2  # further back, a prediction is too old
MOST_CARRIED = 10  # in a hundred predictions: with more there is no headline figure
PROVISIONAL_UNDER = 90  # in a hundred pupils complete without carrying
KEY_STAGES = ((7, 9), (10, 11), (12, 13))  # the year groups of each
KEYS = ["adno", "subject"]
CARRIED_COLUMNS = (*KEYS, "grade", "collection")


def key_stage(year: int) -> int:
    """Return a number for the key stage of a year group, equal within it.

    >>> key_stage(10) == key_stage(11), key_stage(9) == key_stage(10)
    (True, False)
    """
    return sum(year > last for _, last in KEY_STAGES)


def carried_predictions(
    entries: pd.DataFrame, earlier: Sequence[pd.DataFrame], tables: Tables
) -> pd.DataFrame:
    """Return the earlier prediction that stands in for each blank.

    A pupil's last answer in the subject is carried if it is a grade of the subject's
    scale. A code (`Abs`, `TE`, `N/T`) is an answer: it is never replaced, and nothing
    before it is carried.

    Args:
        entries: `adno`, `subject`, `prediction` (missing or blank: not given) and
            `year` (group), one row per pupil and subject.
        earlier: The marks of the previous collections, the latest first: `adno`,
            `subject`, `prediction`, `collection` and `years_back` (academic years
            before the entries). More than two are not used.
        tables: Subjects and scales.

    Returns:
        `CARRIED_COLUMNS`, in the order of the entries.

    >>> from udfs.tables import standard
    >>> now = pd.DataFrame({"adno": ["1", "2"], "subject": "Art", "year": 11,
    ...                     "prediction": ["", "Abs"]})
    >>> then = now.assign(prediction=["5", "6"], collection="AUT", years_back=0)
    >>> carried_predictions(now, [then], standard()).to_numpy().tolist()
    [['1', 'Art', '5', 'AUT']]
    """
    cells = entries["prediction"].astype("object")
    given = cells.where(cells.notna(), "").map(tidy).ne("")
    blank = entries.loc[~given & entries["year"].notna(), [*KEYS, "year"]]
    columns = [*KEYS, "prediction", "collection", "years_back"]
    parts = [frame[columns].assign(place=place)
             for place, frame in enumerate(earlier[:COLLECTIONS_BACK])]  # fmt: skip
    if not parts or blank.empty:
        return pd.DataFrame(columns=list(CARRIED_COLUMNS), dtype="str")
    answers = pd.concat(parts, ignore_index=True)
    answers = answers.assign(prediction=answers["prediction"].fillna("").map(tidy))
    answers = answers.loc[answers["prediction"] != ""].sort_values(
        "place", kind="stable"
    )
    last = blank.merge(answers.drop_duplicates(KEYS), on=KEYS, how="inner")

    def carries(name: str, year: int, back: int, prediction: str) -> bool:
        subject = tables.subject(name)
        scale = tables.scales.get(subject.scale)
        if scale is None or scale.judgement or subject.slot == NO_SLOT:
            return False
        same_stage = key_stage(year) == key_stage(year - back)
        return same_stage and scale.find(prediction) is not None

    questions = (
        last["subject"].tolist(), last["year"].astype("int64").tolist(),
        last["years_back"].astype("int64").tolist(), last["prediction"].tolist(),
    )  # fmt: skip
    last = last.loc[map_distinct(carries, *questions)]
    last = last.rename(columns={"prediction": "grade"})[list(CARRIED_COLUMNS)]
    return last.reset_index(drop=True)


def too_many_carried(carried: pd.Series, needed: pd.Series) -> pd.Series:
    """Whether more than a tenth of the predictions that a figure needs are carried.

    >>> too_many_carried(pd.Series([10, 11]), pd.Series([100, 100])).tolist()
    [False, True]
    """
    return carried * 100 > needed * MOST_CARRIED


def is_provisional(pupils: float, of: float) -> bool:
    """Whether under nine in ten pupils are complete without carrying.

    >>> is_provisional(90, 100), is_provisional(89, 100), is_provisional(0, 0)
    (False, True, False)
    """
    return pupils * 100 < of * PROVISIONAL_UNDER
