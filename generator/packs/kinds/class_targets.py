"""The class target sheets of a department: which classes show no progress."""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from generator.names import sheet_names
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import Column, columns
from generator.packs.layout.workbook import Pack
from generator.packs.pages import actions
from generator.packs.pages.cover import missing_reader, start_pack
from generator.packs.wording import grades, listed, many, per_cent, say, words
from generator.problems import Problem
from generator.school.school import School
from generator.store.enrolments import HEAD_OF_DEPARTMENT
from udfs.measures.group_summaries import FEW, UNIT
from udfs.tables import Tables

KIND = "class-targets"


def scopes(standing: CollectionSnapshot) -> list[str]:
    """For which departments there is a pack."""
    return standing.departments()


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That nobody leads a department, as a problem to put right."""
    if standing.holders(HEAD_OF_DEPARTMENT, scope):
        return None
    return missing_reader(KIND, scope, HEAD_OF_DEPARTMENT)


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """One department's workbook; it holds nothing of any other department."""
    rows = standing.rows.loc[standing.rows["department"] == scope]
    codes = {code.name for code in tables.codes}
    seen = class_progress(rows, standing.earlier, codes)
    still = seen.loc[seen["why"] != ""].sort_values(
        ["few", "gap_now", "class", "subject"], kind="stable"
    )
    said = answer(seen, still)
    opening, doing = words("sheets", "still"), words("sheets", "actions")
    cover = words("sheets", "cover")
    taught = rows["class"].drop_duplicates().tolist()
    names = sheet_names(taught, taken=(cover, opening, doing))
    contents = {opening: words("contents", "still")}
    contents |= {names[code]: words("contents", "class") for code in taught}
    contents |= {doing: words("contents", "actions")}
    pack = start_pack(
        standing, school, scope, rows,
        title=words("titles", KIND), role=HEAD_OF_DEPARTMENT,
        holders=standing.holders(HEAD_OF_DEPARTMENT, scope),
        elsewhere=standing.elsewhere.get(scope, 0), now=now, said=said,
        contents=contents,
    )  # fmt: skip
    shown = still_columns(rows)
    page = pack.page(opening, [column.width for column in shown])
    page.band(f"{scope}: {standing.collection.title}", page.pack.school)
    before = actions.opening(standing, f"{KIND}-{scope}", rows)
    for number, text in enumerate([*said, *before]):
        page.say(text, answer=number == 0)
    page.say(words("notes", "still"), ink="quiet")
    issues: list[str] = []
    if not still.empty:
        issues = _issues(still, shown)
        written = _with_actions(standing, f"{KIND}-{scope}", still, shown)
        page.table(written, shown, quiet=still["few"], filtered=True, frozen=3)
    page.protect()
    page.open_here()
    slim = rows[page_fields(standing)].copy()  # a frame is cut up faster if narrow
    parts = {str(code): part for code, part in slim.groupby("class", sort=False)}
    for code in taught:
        _class_page(pack, names[code], parts[code], standing)
    sheet = pack.page(doing, actions.widths())
    moved = actions.moved_since(standing, rows)
    actions.actions_page(
        sheet, standing, f"{KIND}-{scope}", moved=moved, elsewhere=issues
    )
    return pack.close()


def _issues(still: pd.DataFrame, shown: list[Column]) -> list[str]:
    """What an action for each class is filed under when the pack comes back."""
    names = [
        name for name in ("class", "subject") if name in {one.key for one in shown}
    ]
    return [actions.no_progress(*one) for one in still[names].to_numpy().tolist()]


def _with_actions(
    standing: CollectionSnapshot, pack: str, still: pd.DataFrame, shown: list[Column]
) -> pd.DataFrame:
    """The classes with what has been written beside them already."""
    known = actions.written(standing, pack).drop_duplicates("issue", keep="last")
    known = known.set_index("issue")[["action", "who", "by_when"]]
    found = known.reindex(_issues(still, shown)).fillna("")
    return still.assign(**{str(name): found[name].to_list() for name in found})


def answer(seen: pd.DataFrame, still: pd.DataFrame) -> list[str]:
    """What there is to say of the classes; the first sentence is the answer."""
    known = seen.loc[(seen["matched"] > 0) | (seen["same_n"] > 0)]
    if known.empty:
        return [say("still_unknown")]
    sure = still.loc[~still["few"]]
    of = many(known["class"].nunique(), "class", "classes")
    said = []
    if still.empty:
        said.append(say("still_none", of=of))
    else:
        classes = listed(sorted(still["class"].unique()), most=12)
        number = f"{still['class'].nunique():,}"
        show = "shows" if number == "1" else "show"
        told = {"still": number, "of": of, "show": show, "classes": classes}
        said.append(say("still_answer", **told))
        few = still["class"].nunique() - sure["class"].nunique()
        if few:
            said.append(say("still_few", few=many(few, "class", "classes")))
    unknown = seen["class"].nunique() - known["class"].nunique()
    if unknown:
        said.append(say("still_new", classes=many(unknown, "class", "classes")))
    return said


def still_columns(rows: pd.DataFrame) -> list[Column]:
    """The columns of the opening page; the subject only where there are several."""
    keys = ["year", "subject", "class", "teacher", "pupils", "since", "gap_then",
            "gap_now", "matched", "same", "same_n", "still_why"]  # fmt: skip
    if rows["subject"].nunique() < 2:
        keys.remove("subject")
    shown = columns(keys)
    shown = [
        Column("why", c.heading, c.width, wrap=True) if c.key == "still_why" else c
        for c in shown
    ]
    return [*shown, *columns(("action", "who", "by_when"), entry=True)]


def page_fields(standing: CollectionSnapshot) -> list[str]:
    """The columns of `Standing.rows` that a class's page is made from."""
    fields = ["adno", "class", "teacher", "surname", "forename", "reg", "groups",
              "subject", "target", "aspirational", "prediction", "flag", "working_at",
              "reason"]  # fmt: skip
    earlier = standing.earlier
    return fields + [
        f"{kind}:{code}" for code in earlier for kind in ("earlier", "flag")
    ]


def _class_page(
    pack: Pack, name: str, rows: pd.DataFrame, standing: CollectionSnapshot
) -> None:
    """A class: each pupil's target, and every collection's prediction and flag."""
    keys = ["surname", "forename", "reg", "groups", "subject", "target",
            "aspirational"]  # fmt: skip
    if rows["subject"].nunique() < 2:
        keys.remove("subject")
    earlier = [c for c in standing.earlier if rows[f"earlier:{c}"].ne("").any()]
    shown = [
        *columns(keys),
        *(Column(f"earlier:{code}", code, 14) for code in earlier),
        *columns(("prediction", "flag", "working_at", "reason")),
    ]
    page = pack.page(name, [column.width for column in shown])
    subjects = listed(rows["subject"].drop_duplicates().tolist())
    page.band(
        f"{rows['class'].iloc[0]}: {subjects}",
        f"{rows['teacher'].iloc[0]}; {standing.collection.title}",
    )
    with_data = int(rows["flag"].notna().sum())
    if with_data:
        reached = int(rows["flag"].isin(("Above", "On")).sum())
        told = say(
            "class_answer", reached=f"{reached:,}", of=many(with_data, "prediction")
        )
    elif rows["class"].iloc[0] not in standing.returned:
        told = say("class_missing")
    else:
        told = say("no_flags")
    page.say(told, answer=True)
    if not earlier:
        page.say(words("notes", "first_time"), ink="quiet")
    ordered = rows.sort_values(
        ["subject", "surname", "forename", "adno"], kind="stable"
    )
    painted = {
        f"earlier:{code}": ordered[f"flag:{code}"].fillna("").tolist()
        for code in earlier
    }
    page.table(ordered, shown, painted=painted, filtered=True, frozen=2)


UNCHANGED = 90  # of 100 pupils with the prediction they had before
PROGRESS_COLUMNS = (
    "year", "subject", "class", "teacher", "pupils", "since", "matched", "gap_then",
    "gap_now", "same", "same_n", "why", "narrowed", "moving", "few",
)  # fmt: skip


def class_progress(
    rows: pd.DataFrame, earlier: Sequence[str], codes: Names[str]
) -> pd.DataFrame:
    """Every class and subject, with whether it shows progress.

    Args:
        rows: Rows of `Standing.rows`.
        earlier: Codes of the earlier collections, oldest first.
        codes: Answers that are no grade: `Abs`, `N/T`, `TE`.

    Returns:
        One row per class and subject: `since` (the collection two before this one in
        which the class had data, or the only one; empty where there is none),
        `matched` (pupils with a gap then and now), `gap_then` and `gap_now` (their
        mean gaps, whole grades), `same` (the share of the `same_n` pupils with a
        prediction now and in the collection before who have the same), `narrowed`
        (False where the class is below target and its gap is as wide as then or
        wider), `moving` (False where predictions are the same for 90 in 100), `few`
        (fewer than 11 pupils compared) and `why`, empty where it shows progress.
    """
    made = []
    narrow = ["class_year", "year", "class", "subject", "teacher", "gap", "prediction"]
    rows = rows[
        narrow + [f"{kind}:{code}" for kind in ("was", "gap") for code in earlier]
    ]
    for (year, name, subject), part in rows.groupby(
        [rows["class_year"].fillna(rows["year"]).astype("int64"), "class", "subject"]
    ):
        one = _compare_class(part, earlier, codes)
        one |= {"year": year, "class": name, "subject": subject}
        one |= {"teacher": part["teacher"].iloc[0], "pupils": len(part)}
        made.append(one)
    return pd.DataFrame(made, columns=pd.Index(PROGRESS_COLUMNS))


def _compare_class(
    part: pd.DataFrame, earlier: Sequence[str], codes: Names[str]
) -> dict[str, object]:
    with_data = [code for code in earlier if part[f"was:{code}"].notna().any()]
    if not with_data:
        return {"since": "", "matched": 0, "same_n": 0, "narrowed": True,
                "moving": True, "few": True, "why": ""}  # fmt: skip
    since, last = with_data[-2:][0], with_data[-1]
    then, now = part[f"gap:{since}"], part["gap"]
    both = then.notna() & now.notna()
    n = int(both.sum())
    total_then, total_now = int(then[both].sum()), int(now[both].sum())
    before, after = part[f"was:{last}"], part["prediction"]
    graded = before.notna() & after.notna()
    graded &= ~before.isin(codes) & ~after.isin(codes)
    same_n = int(graded.sum())
    same = int((before[graded] == after[graded]).sum())
    narrowed = not (n and total_now < 0 and total_now <= total_then)
    moving = not (same_n and same * 100 >= same_n * UNCHANGED)
    why = []
    if not narrowed:
        gaps = grades(total_then / n / UNIT), grades(total_now / n / UNIT)
        why.append(say("still_gap", since=since, then=gaps[0], now=gaps[1]))
    if not moving:
        share = per_cent(same / same_n)
        why.append(say("still_same", share=share, n=same_n, last=last))
    return {
        "since": since,
        "matched": n,
        "gap_then": total_then / n / UNIT if n else None,
        "gap_now": total_now / n / UNIT if n else None,
        "same": same / same_n if same_n else None,
        "same_n": same_n,
        "narrowed": narrowed,
        "moving": moving,
        "few": min(k for k in (n, same_n, FEW) if k or k == FEW) < FEW,
        "why": "; ".join(why),
    }
