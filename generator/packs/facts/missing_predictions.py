"""What is missing of a year's predictions, and how the same pupils have moved."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from generator.measuring import Cohort
from generator.measuring.measure_table import school_measures
from generator.packs.facts.group_measures import CollectionMeasures
from generator.packs.wording import count_text, decimal_text, join_names, phrase
from udfs.measures.carrying import is_provisional
from udfs.measures.pupil_measures import Measure

PAIR_COLUMNS = {"mean_points": "points", "mean_gap": "gap", "on_or_above": "flag",
                "residual": "residual"}  # fmt: skip
REACHED = ("Above", "On")
MOST_CLASSES = 6  # named as not returned; more are only counted
KEYS = ["adno", "subject"]


def same_pupil_trend(current: Cohort, previous: Cohort) -> pd.DataFrame:
    """The measures of pupils who were given a prediction both times.

    Measures of every prediction are of the pupils and subjects predicted both times.
    Carried predictions are in none.

    Args:
        current: The pupils now.
        previous: The pupils of the collection before.

    Returns:
        One row per `year` and `measure`: `both_n` (pupils), `last_value`, `both_now`.
    """
    tables = []
    for measure in school_measures(current):
        if measure.count:
            continue
        if measure.needs:
            pupils = _both_times(current, previous, measure)
        else:
            pupils = _pairs_both_times(current, previous, measure)
        sums = pupils.groupby("year")[["now", "then", "count"]].sum()
        parts = sums["count"] * measure.parts
        table = pd.DataFrame(
            {
                "measure": measure.name,
                "both_n": pupils.groupby("year")["adno"].nunique(),
                "last_value": sums["then"].astype("float64") / parts,
                "both_now": sums["now"].astype("float64") / parts,
            }
        )
        tables.append(table.reset_index())
    return pd.concat(tables, ignore_index=True)


def _both_times(current: Cohort, previous: Cohort, measure: Measure) -> pd.DataFrame:
    now = current.pupil_measures[["adno", "year", measure.name]]
    then = previous.pupil_measures[["adno", measure.name]]
    both = now.merge(then, on="adno", suffixes=("", "_then")).dropna()
    return pd.DataFrame(
        {"adno": both["adno"], "year": both["year"], "now": both[measure.name],
         "then": both[f"{measure.name}_then"], "count": 1}
    )  # fmt: skip


def _pairs_both_times(
    current: Cohort, previous: Cohort, measure: Measure
) -> pd.DataFrame:
    column = PAIR_COLUMNS[measure.name]
    now, then = current.rows[[*KEYS, "year", column]], previous.rows[[*KEYS, column]]
    both = now.merge(then, on=KEYS, suffixes=("", "_then")).dropna()
    values = {"now": both[column], "then": both[f"{column}_then"]}
    if column == "flag":
        values = {name: flag.isin(REACHED).astype("int64")
                  for name, flag in values.items()}  # fmt: skip
    return pd.DataFrame({"adno": both["adno"], "year": both["year"], **values,
                         "count": 1})  # fmt: skip


def _trend_sentence(trend: pd.DataFrame, year: int, previous_code: str) -> str:
    """How Attainment 8 of the same pupils has moved; empty without any.

    Args:
        trend: From `same_pupil_trend`.
        year: The year group.
        previous_code: The collection before.
    """
    rows = trend.loc[(trend["year"] == year) & (trend["measure"] == "attainment8")]
    if rows.empty or not int(rows["both_n"].iloc[0]):
        return ""
    row = rows.iloc[0]
    then, now = decimal_text(row["last_value"]), decimal_text(row["both_now"])
    return phrase(
        "leader_trend", pupils=count_text(int(row["both_n"]), "pupil"), then=then,
        now=now, last=previous_code,
    )  # fmt: skip


def missing_of_year(
    year: int,
    total: pd.DataFrame,
    measures: CollectionMeasures,
    trend: pd.DataFrame | None,
    *,
    named: bool,
) -> list[str]:
    """Which measures of a year are provisional, what is missing, and the trend.

    Args:
        year: The year group.
        total: The figures of everybody (`given`, `of`, `carried`), by year and measure.
        measures: The collection's measures.
        trend: From `same_pupil_trend`; None where it may not be shown.
        named: Whether classes that have not been returned may be named.
    """
    cohort = measures.current
    if cohort is None:
        return []
    rows = total.loc[total.index.get_level_values("year") == year].droplevel("year")
    counted = rows.loc[rows["of"].notna(), ["given", "of", "carried"]]
    figures = {
        str(name): {str(key): int(number) for key, number in row.items()}
        for name, row in counted.to_dict("index").items()
    }
    sentences = _missing_sentences(cohort, year, figures)
    if sentences and named:
        sentences += _unreturned_sentences(cohort, year)
    if trend is not None:
        sentences.append(_trend_sentence(trend, year, measures.previous_code))
    return list(filter(None, sentences))


def _missing_sentences(
    cohort: Cohort, year: int, figures: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """Which measures of a year are provisional, what is carried, and what is missing.

    Args:
        cohort: The pupils of the collection.
        year: The year group.
        figures: By measure: `given`, `of` and `carried`, as `year_group_measures` has
            them; without those that are hidden.
    """
    sentences = []
    for name in ("attainment8", "english_maths_4"):
        row = figures.get(name)
        if row is None or not is_provisional(row["given"], row["of"]):
            continue
        title = phrase(f"leader_provisional_{name}")
        sentences.append(
            phrase(
                "leader_provisional", year=year, title=title, given=f"{row['given']:,}",
                of=count_text(int(row["of"]), "pupil"),
            )
        )  # fmt: skip
    row = figures.get("attainment8")
    if row is not None and row["carried"]:
        codes = _carried_from(cohort, year)
        carried = count_text(int(row["carried"]), "prediction")
        sentences.append(phrase("leader_carried", carried=carried, codes=codes))
    return sentences


def _carried_from(cohort: Cohort, year: int) -> str:
    if cohort.carried is None:
        return ""
    pupils = cohort.pupils.loc[cohort.pupils["year"] == year, "adno"]
    carried = cohort.carried.loc[cohort.carried["adno"].isin(pupils)]
    return join_names(sorted(carried["collection"].unique()))


def _unreturned_sentences(cohort: Cohort, year: int) -> list[str]:
    """The classes of a year without any answer, with what sets them apart.

    Args:
        cohort: The pupils of the collection.
        year: The year group.
    """
    rows = cohort.rows.loc[cohort.rows["year"] == year]
    given = rows["prediction"].fillna("").ne("")
    classes = pd.DataFrame(
        {
            "pupils": rows.groupby("class")["adno"].nunique(),
            "given": given.groupby(rows["class"]).sum(),
            "prior": rows["halves"].astype("Float64").groupby(rows["class"]).mean(),
            "subject": rows.groupby("class")["class_subject"].first(),
        }
    )
    missing = classes.loc[classes["given"] == 0]
    if missing.empty or missing.shape[0] == classes.shape[0]:
        return []
    by_subject = classes.groupby("subject")["prior"]
    ranks = {
        "highest": by_subject.transform("max"),
        "lowest": by_subject.transform("min"),
    }
    several = classes.groupby("subject")["pupils"].transform("size") > 1
    sentences = []
    for code in missing.index[:MOST_CLASSES]:
        extra = "".join(
            phrase(f"leader_{name}")
            for name, prior in ranks.items()
            if several[code] and missing["prior"].to_dict()[code] == prior[code]
        )
        pupils = count_text(int(missing["pupils"].to_dict()[code]), "pupil")
        sentences.append(
            phrase("leader_unreturned", code=code, pupils=pupils, prior=extra)
        )
    if len(missing) > MOST_CLASSES:
        more = count_text(len(missing) - MOST_CLASSES, "class", "classes")
        sentences.append(phrase("leader_unreturned_more", classes=more))
    return sentences
