"""Interventions: columns to enter them, and pages that show whether they worked."""

from __future__ import annotations

from datetime import date

import pandas as pd

from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import PackColumn, pack_columns
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.packs.wording import (
    count_text,
    date_text,
    phrase,
    signed_grades,
    wording,
)
from udfs.measures import intervention_comparison, intervention_effects
from udfs.statistics.inference import FEW

NEW_INTERVENTION = ("intervention", "who", "from", "until")
IMPACT_COLUMNS = (
    "intervention", "running", "group_n", "then", "now", "change", "matched_n",
    "alike", "alike_change", "ahead", "apart_low", "apart_high", "note",
)  # fmt: skip
INTERVENTION_COLUMNS = (
    "adno", "surname", "forename", "reg", "subject", "intervention", "who", "from",
    "gap_before", "gap_after", "gap_later", "moved_since", "alike_moved", "alike_n",
)  # fmt: skip
OUTCOME_FIELDS = ("until", "ended_because", "pupil_view", "parent_view")


def entry_columns() -> list[PackColumn]:
    """The columns in which a reader enters an intervention; they begin empty."""
    return pack_columns(NEW_INTERVENTION, entry=True)


def add_interventions(
    frame: pd.DataFrame, snapshot: CollectionSnapshot, rows: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The frame with `help`, the interventions that run, and the `entry_columns`.

    Args:
        frame: One row per pupil, or per pupil and subject.
        snapshot: The collection.
        rows: The rows whose pupils are shown with their interventions in every
            subject. None: `frame` has a `subject`, and shows only interventions in
            it, or in no one subject.
    """
    runs = snapshot.interventions.loc[snapshot.interventions["runs"]]
    runs = runs.assign(text=_running_texts(runs))
    if rows is None:
        by_subject = runs.loc[runs["subject"] != ""].groupby(["adno", "subject"])
        general = runs.loc[runs["subject"] == ""].groupby("adno")["text"]
        of_subject = by_subject["text"].agg("\n".join).to_dict()
        of_pupil = general.agg("\n".join).to_dict()
        texts = [
            "\n".join(
                text
                for text in (
                    of_pupil.get(adno, ""),
                    of_subject.get((adno, subject), ""),
                )
                if text
            )
            for adno, subject in zip(frame["adno"], frame["subject"], strict=True)
        ]
    else:
        about = runs["subject"].where(runs["subject"] == "", runs["subject"] + ": ")
        each = (about + runs["text"]).groupby(runs["adno"])
        of_pupil = each.agg("\n".join).to_dict()
        texts = [of_pupil.get(adno, "") for adno in frame["adno"]]
    frame = frame.assign(help=texts)
    return frame.assign(**dict.fromkeys(set(NEW_INTERVENTION) - set(frame.columns), ""))


def _running_texts(runs: pd.DataFrame) -> list[str]:
    texts = []
    for what, who, until in zip(runs["what"], runs["who"], runs["until"], strict=True):
        details = [who, f"until {date_text(until)}" if until else ""]
        extra = ", ".join(detail for detail in details if detail)
        texts.append(f"{what} ({extra})" if extra else what)
    return texts


def without_help_sentence(rows: pd.DataFrame) -> str:
    """How many of the rows have no intervention, as a sentence.

    Args:
        rows: From `add_interventions`.
    """
    without = int(rows["help"].eq("").sum())
    text = phrase("without_help", without=f"{without:,}")
    return text if without else phrase("all_helped")


def visible_interventions(
    snapshot: CollectionSnapshot, rows: pd.DataFrame, *, subjects_only: bool
) -> pd.DataFrame:
    """The interventions that a reader may see.

    Args:
        snapshot: The collection.
        rows: The reader's part of `CollectionSnapshot.rows`.
        subjects_only: Whether to leave out those in another subject, or in no one
            subject, which is a pastoral matter.

    Returns:
        Rows of `CollectionSnapshot.interventions` that run, or ran in this academic
        year.
    """
    interventions = snapshot.interventions
    interventions = interventions.loc[interventions["adno"].isin(rows["adno"])]
    if subjects_only:
        interventions = interventions.loc[_is_in_rows(interventions, rows)]
    start = f"{snapshot.academic_year[:4]}-09-01"
    recent = (
        interventions["runs"]
        | (interventions["academic_year"] == snapshot.academic_year)
        | (interventions["until"] >= start)
    )
    return interventions.loc[recent]


def visible_history(
    snapshot: CollectionSnapshot, interventions: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """The history of some interventions, in the reader's subjects only.

    Args:
        snapshot: The collection.
        interventions: From `visible_interventions`.
        rows: The reader's part of `CollectionSnapshot.rows`.
    """
    history = snapshot.intervention_history
    visible = _is_in_rows(history, rows) & history["help"].isin(interventions.index)
    history = history.loc[visible]
    names = history["help"].map(interventions["what"]).astype("str")
    return history.assign(what=names)


def _is_in_rows(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.Series[bool]:
    """Whether the pupil and the subject of each row of a frame are in `rows`."""
    keys = ["adno", "subject"]
    pairs = pd.MultiIndex.from_frame(rows[keys].drop_duplicates())
    index = pd.MultiIndex.from_frame(frame[keys])
    return pd.Series(index.isin(pairs), index=frame.index)


def intervention_sheets(
    snapshot: CollectionSnapshot, rows: pd.DataFrame, *, subjects_only: bool
) -> list[str]:
    """The keys of the pages that `intervention_pages` adds."""
    visible = visible_interventions(snapshot, rows, subjects_only=subjects_only)
    return ["helped"] if visible.empty else ["helped", "each_helped"]


def intervention_pages(
    pack: PackWorkbook,
    snapshot: CollectionSnapshot,
    rows: pd.DataFrame,
    *,
    subjects_only: bool,
) -> None:
    """Add the page of kinds, and that of each intervention with cells for its outcome.

    Args:
        pack: The workbook.
        snapshot: The collection.
        rows: The reader's part of `CollectionSnapshot.rows`.
        subjects_only: As `visible_interventions` has it.
    """
    interventions = visible_interventions(snapshot, rows, subjects_only=subjects_only)
    history = visible_history(snapshot, interventions, rows)
    impact_page(pack, snapshot, interventions, history)
    if interventions.empty:
        return
    columns = [
        *pack_columns(INTERVENTION_COLUMNS),
        *pack_columns(OUTCOME_FIELDS, entry=True),
    ]
    page = pack.page(wording("sheets", "each_helped"), columns)
    page.title_band(wording("sheets", "each_helped"), snapshot.collection.title)
    page.sentence(wording("notes", "impact_write"), ink="quiet")
    table = _intervention_rows(snapshot, interventions, history)
    page.table(table, columns, filtered=True, frozen=3)
    page.protect()


def impact_page(
    pack: PackWorkbook,
    snapshot: CollectionSnapshot,
    interventions: pd.DataFrame,
    history: pd.DataFrame,
) -> None:
    """Add the page of kinds of intervention, which names nobody.

    Args:
        pack: The workbook.
        snapshot: The collection.
        interventions: From `visible_interventions`.
        history: From `visible_history`.
    """
    page = pack.page(wording("sheets", "helped"), pack_columns(IMPACT_COLUMNS))
    page.title_band(wording("sheets", "helped"), snapshot.collection.title)
    page.sentences(_impact_sentences(interventions, history))
    if interventions.empty:
        page.sentence(wording("notes", "impact_how"), ink="quiet")
        return
    page.sentence(wording("notes", "impact_warning"), ink="check")
    page.gap()
    for span in intervention_comparison.SPANS:
        page.heading(wording("notes", f"impact_{span}"))
        if not history[f"gap_{span}"].notna().any():
            page.sentence(wording("notes", f"impact_no_{span}"), ink="quiet")
            continue
        _impact_table(page, impact_by_kind(interventions, history, span))
        page.gap()
    page.sentence(wording("notes", "impact_alike"), ink="quiet")


def _impact_sentences(interventions: pd.DataFrame, history: pd.DataFrame) -> list[str]:
    """How pupils with interventions changed, in sentences, the main one first."""
    if interventions.empty:
        return [phrase("impact_none")]
    number = count_text(len(interventions), "intervention")
    pupils = count_text(interventions["adno"].nunique(), "pupil")
    total = intervention_effects.summarise_kinds(history)
    if total.empty:
        return [phrase("impact_too_soon", number=number, pupils=pupils)]
    effect = total.to_dict("records")[0]
    answer = phrase(
        "impact_answer",
        pupils=count_text(int(effect["n"]), "pupil"),
        then=signed_grades(effect["then"]),
        now=signed_grades(effect["now"]),
    )
    matched = count_text(int(effect["matched"]), "pupil")
    if not effect["alike"]:
        return [answer, phrase("impact_nobody_alike")]
    if effect["few"]:
        return [answer, phrase("impact_few", matched=matched)]
    comparison = phrase(
        "impact_apart",
        matched=matched,
        alike=signed_grades(effect["alike_change"]),
        apart=signed_grades(effect["apart"]).lstrip("+−"),
        side=phrase("impact_ahead" if effect["apart"] >= 0 else "impact_behind"),
        low=signed_grades(effect["low"]),
        high=signed_grades(effect["high"]),
    )
    return [answer, comparison]


def impact_by_kind(
    interventions: pd.DataFrame, history: pd.DataFrame, span: str = "after"
) -> pd.DataFrame:
    """How many interventions of each kind run, and how their pupils changed.

    Args:
        interventions: From `visible_interventions`.
        history: From `visible_history`.
        span: `after` or `later`.

    Returns:
        One row per kind, by name, and one for all if there are several, with
        `IMPACT_COLUMNS`. The comparison is missing if it rests on fewer than 6 similar
        pupils.
    """
    running = interventions.groupby("what")["runs"].sum().rename("running")
    kinds = len(running)
    effects = intervention_effects.summarise_kinds(history, span, ["what"])
    table = running.reset_index().merge(effects, on="what", how="left")
    if kinds > 1:
        total = intervention_effects.summarise_kinds(history, span).assign(
            what=phrase("impact_all"), running=int(running.sum())
        )
        table = pd.concat([table.astype(object), total.astype(object)])
    table = table.reset_index(drop=True)
    alike = table["alike"].fillna(0).astype("float64")
    for name in ("alike_change", "apart", "low", "high"):
        values = table[name].astype("float64")
        table[name] = values.mask(alike < intervention_effects.MIN_SIMILAR)
    few = table["matched"].fillna(0).astype("float64") < FEW
    table["note"] = [
        phrase("few") if small and not pd.isna(n) else ""
        for n, small in zip(table["n"], few, strict=True)
    ]
    names = {"what": "intervention", "n": "group_n", "low": "apart_low",
             "high": "apart_high", "apart": "ahead"}  # fmt: skip
    return table.rename(columns=names).assign(matched_n=table["matched"])


def _impact_table(page: PackPage, rows: pd.DataFrame) -> None:
    few = rows["matched"].fillna(0).astype("float64") < FEW
    last = len(rows) - 1
    quiet = few & rows["group_n"].notna()
    page.table(
        rows, pack_columns(IMPACT_COLUMNS), quiet=quiet,
        strong=pd.Series([0 < last == at for at in range(len(rows))]),
    )  # fmt: skip


def _intervention_rows(
    snapshot: CollectionSnapshot, interventions: pd.DataFrame, history: pd.DataFrame
) -> pd.DataFrame:
    """One row per intervention, those that run first, by pupil."""
    pupils = snapshot.pupils.drop_duplicates("adno").set_index("adno")
    rows = interventions.join(intervention_effects.summarise_interventions(history))
    for name in ("surname", "forename", "reg"):
        rows[name] = rows["adno"].map(pupils[name])
    for name in ("from", "until"):
        rows[name] = [_typed_date(text) for text in rows[name]]
    for name in ("before", "after", "later"):
        rows[f"gap_{name}"] = [
            "" if pd.isna(gap) or not code else f"{signed_grades(gap)} ({code})"
            for gap, code in zip(rows[f"gap_{name}"], rows[name], strict=True)
        ]
    rows = rows.rename(
        columns={"what": "intervention", "change": "moved_since",
                 "alike_change": "alike_moved"}
    )  # fmt: skip
    rows["alike_n"] = rows["alike_n"].where(rows["alike_n"] > 0)
    order = ["runs", "surname", "forename", "adno", "subject", "intervention", "from"]
    return rows.sort_values(
        order, ascending=[False, *[True] * 6], kind="stable", ignore_index=True
    )


def _typed_date(text: str) -> str:
    """A date as a reader may type it: `07/12/2026`."""
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    except ValueError:  # empty, or a text that an import could not read as a date
        return text
