"""Interventions and whether they worked: before, after, and beside similar pupils."""

from __future__ import annotations

from datetime import date

import pandas as pd

from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import Column, columns
from generator.packs.layout.workbook import Pack, Page
from generator.packs.wording import day, grades, many, say, words
from udfs.measures import intervention_effects
from udfs.measures.group_summaries import FEW, beyond_chance

KINDS = (
    "intervention", "running", "group_n", "then", "now", "change", "matched_n",
    "alike", "alike_change", "ahead", "apart_low", "apart_high", "note",
)  # fmt: skip
ONE = (
    "adno", "surname", "forename", "reg", "subject", "intervention", "who", "from",
    "gap_before", "gap_after", "gap_later", "moved_since", "alike_moved", "alike_n",
)  # fmt: skip
SIDES = {"Above": "more", "Below": "less", "": "chance"}
ENTRY = ("until", "ended_because", "pupil_view", "parent_view")


def of_rows(
    standing: CollectionSnapshot, rows: pd.DataFrame, *, own: bool
) -> pd.DataFrame:
    """The interventions that a reader of these rows may see.

    Args:
        standing: The collection as it stands.
        rows: A part of `Standing.rows`.
        own: Whether only those in one of the reader's subjects; those in no one
            subject are a pastoral matter.

    Returns:
        Rows of `Standing.interventions` that run, or ran in this academic year.
    """
    found = standing.interventions
    found = found.loc[found["adno"].isin(rows["adno"])]
    if own:
        taken = pd.MultiIndex.from_frame(rows[["adno", "subject"]].drop_duplicates())
        found = found.loc[
            pd.MultiIndex.from_frame(found[["adno", "subject"]]).isin(taken)
        ]
    begins = f"{standing.academic_year[:4]}-09-01"
    recent = found["runs"] | (found["academic_year"] == standing.academic_year)
    return found.loc[recent | (found["until"] >= begins)]


def followed_of(
    standing: CollectionSnapshot, helped: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """What is known of them over time, in the reader's subjects only."""
    found = standing.followed
    taken = pd.MultiIndex.from_frame(rows[["adno", "subject"]].drop_duplicates())
    mine = pd.MultiIndex.from_frame(found[["adno", "subject"]]).isin(taken)
    found = found.loc[mine & found["help"].isin(helped.index)]
    return found.assign(what=found["help"].map(helped["what"]).astype("str"))


def answer(helped: pd.DataFrame, followed: pd.DataFrame) -> list[str]:
    """What has become of them, in sentences; the first is the answer."""
    if helped.empty:
        return [say("impact_none")]
    number = many(len(helped), "intervention")
    pupils = many(helped["adno"].nunique(), "pupil")
    whole = intervention_effects.together(followed)
    if whole.empty:
        return [say("impact_too_soon", number=number, pupils=pupils)]
    one = whole.to_dict("records")[0]
    said = [
        say(
            "impact_answer",
            pupils=many(int(one["n"]), "pupil"),
            then=grades(one["then"]),
            now=grades(one["now"]),
        )
    ]
    if not one["alike"]:
        said.append(say("impact_nobody_alike"))
    elif one["few"]:
        said.append(say("impact_few", matched=many(int(one["matched"]), "pupil")))
    else:
        said.append(
            say(
                "impact_apart",
                matched=many(int(one["matched"]), "pupil"),
                alike=grades(one["alike_change"]),
                apart=grades(one["apart"]).lstrip("+−"),
                side=say("impact_ahead" if one["apart"] >= 0 else "impact_behind"),
                low=grades(one["low"]),
                high=grades(one["high"]),
                verdict=say(f"impact_{_sides(whole)[0]}"),
            )
        )
    return said


def _sides(together: pd.DataFrame) -> list[str]:
    """Whether pupils rose `more` or `less` than similar ones, or as `chance` gives."""
    sides = beyond_chance(together.rename(columns={"apart": "mean"}))
    return [SIDES[side] for side in sides]


def by_kind(
    helped: pd.DataFrame, followed: pd.DataFrame, span: str = "after"
) -> pd.DataFrame:
    """Each kind of intervention: how many run, and what became of the pupils.

    Args:
        helped: From `of_rows`.
        followed: From `followed_of`.
        span: `after` or `later`.

    Returns:
        One row per kind, by name, and one for all where there are several: `KINDS`.
        The comparison is missing where fewer than 6 similar pupils stand behind it.
    """
    kinds = helped.groupby("what")["runs"].sum().rename("running")
    made = intervention_effects.together(followed, span, ["what"])
    made = kinds.reset_index().merge(made, on="what", how="left")
    if len(made) > 1:
        whole = intervention_effects.together(followed, span).assign(
            what=say("impact_all"), running=int(kinds.sum())
        )
        made = pd.concat([made.astype(object), whole.astype(object)])
    made = made.reset_index(drop=True)
    little = (
        made["alike"].fillna(0).astype("float64") < intervention_effects.LEAST_ALIKE
    )
    hidden = ["alike_change", "apart", "low", "high"]
    made[hidden] = made[hidden].astype("float64").mask(little)
    small = made["matched"].fillna(0).astype("float64") < FEW
    compared = made.assign(few=small)
    # Kinds are compared among each other; all of them together are one comparison.
    sides = _sides(compared.iloc[: len(kinds)]) + _sides(compared.iloc[len(kinds) :])
    made["note"] = [
        "" if pd.isna(n) else say("few") if few else say(f"impact_{side}")
        for n, few, side in zip(made["n"], small, sides, strict=True)
    ]
    names = {"what": "intervention", "n": "group_n", "low": "apart_low",
             "high": "apart_high", "apart": "ahead"}  # fmt: skip
    return made.rename(columns=names).assign(matched_n=made["matched"])


def grid() -> list[Column]:
    """The columns of the list of each one."""
    return [*columns(ONE), *columns(ENTRY, entry=True)]


def kinds_grid() -> list[Column]:
    """The columns of the table of kinds."""
    return columns(KINDS)


def sheets(standing: CollectionSnapshot, rows: pd.DataFrame, *, own: bool) -> list[str]:
    """Which pages there are: that of each one only where there is one."""
    some = not of_rows(standing, rows, own=own).empty
    return ["helped", "each_helped"] if some else ["helped"]


def pages(
    pack: Pack, standing: CollectionSnapshot, rows: pd.DataFrame, *, own: bool
) -> None:
    """Write both pages: the kinds, then each one with cells to say how it ended.

    Args:
        pack: The reader's workbook.
        standing: The collection as it stands.
        rows: The reader's part of `Standing.rows`.
        own: See `of_rows`.
    """
    helped = of_rows(standing, rows, own=own)
    followed = followed_of(standing, helped, rows)
    kinds_page(pack, standing, helped, followed)
    if helped.empty:
        return
    shown = grid()
    page = pack.page(words("sheets", "each_helped"), [one.width for one in shown])
    page.band(words("sheets", "each_helped"), standing.collection.title)
    page.say(words("notes", "impact_write"), ink="quiet")
    page.table(_each(standing, helped, followed), shown, filtered=True, frozen=3)
    page.protect()


def kinds_page(
    pack: Pack,
    standing: CollectionSnapshot,
    helped: pd.DataFrame,
    followed: pd.DataFrame,
) -> None:
    """Write the page of kinds, which names nobody.

    Args:
        pack: The reader's workbook.
        standing: The collection as it stands.
        helped: From `of_rows`.
        followed: From `followed_of`.
    """
    page = pack.page(words("sheets", "helped"), [one.width for one in kinds_grid()])
    page.band(words("sheets", "helped"), standing.collection.title)
    for number, text in enumerate(answer(helped, followed)):
        page.say(text, answer=number == 0)
    if helped.empty:
        page.say(words("notes", "impact_how"), ink="quiet")
        return
    page.say(words("notes", "impact_warning"), ink="check")
    page.gap()
    for span in intervention_effects.SPANS:
        page.heading(words("notes", f"impact_{span}"))
        if not followed[f"gap_{span}"].notna().any():
            page.say(words("notes", f"impact_no_{span}"), ink="quiet")
            continue
        _kinds(page, by_kind(helped, followed, span))
        page.gap()
    page.say(words("notes", "impact_alike"), ink="quiet")


def _kinds(page: Page, made: pd.DataFrame) -> None:
    few = made["matched"].fillna(0).astype("float64") < FEW
    last = len(made) - 1
    strong = pd.Series([0 < last == at for at in range(len(made))])
    signs = {say("impact_more"): "Above", say("impact_less"): "Below"}
    painted = {"note": [signs.get(note, "") for note in made["note"]]}
    quiet = few & made["group_n"].notna()
    page.table(made, kinds_grid(), quiet=quiet, strong=strong, painted=painted)


def _each(
    standing: CollectionSnapshot, helped: pd.DataFrame, followed: pd.DataFrame
) -> pd.DataFrame:
    """One row per intervention, those that run first, by pupil."""
    known = standing.pupils.drop_duplicates("adno").set_index("adno")
    made = helped.join(intervention_effects.each_one(followed))
    for name in ("surname", "forename", "reg"):
        made[name] = made["adno"].map(known[name])
    for name in ("from", "until"):
        made[name] = [_day(text) for text in made[name]]
    for name in ("before", "after", "later"):
        made[f"gap_{name}"] = [
            "" if pd.isna(gap) or not code else f"{grades(gap)} ({code})"
            for gap, code in zip(made[f"gap_{name}"], made[name], strict=True)
        ]
    made = made.rename(
        columns={"what": "intervention", "change": "moved_since",
                 "alike_change": "alike_moved"}
    )  # fmt: skip
    made["alike_n"] = made["alike_n"].where(made["alike_n"] > 0)
    order = ["runs", "surname", "forename", "adno", "subject", "intervention", "from"]
    return made.sort_values(
        order, ascending=[False, *[True] * 6], kind="stable", ignore_index=True
    )


def _day(text: str) -> str:
    """A day as it may be typed and read back: `07/12/2026`."""
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    except ValueError:  # empty, or what an import took as it stood
        return text


NEW_INTERVENTION = ("intervention", "who", "from", "until")


def entry_columns() -> list[Column]:
    """The columns in which a reader names an intervention; they begin empty."""
    return columns(NEW_INTERVENTION, entry=True)


def add_interventions(
    frame: pd.DataFrame, standing: CollectionSnapshot, rows: pd.DataFrame | None = None
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
    runs = runs.assign(told=_describe(runs))
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
    return made.assign(**dict.fromkeys(set(NEW_INTERVENTION) - set(made.columns), ""))


def _describe(runs: pd.DataFrame) -> list[str]:
    said = []
    for what, who, until in zip(runs["what"], runs["who"], runs["until"], strict=True):
        more = [who, f"until {day(until)}" if until else ""]
        extra = ", ".join(part for part in more if part)
        said.append(f"{what} ({extra})" if extra else what)
    return said
