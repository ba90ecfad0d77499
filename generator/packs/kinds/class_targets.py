"""The department's class target sheets: which classes show no progress."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from generator.names import sheet_names
from generator.packs.facts.readers import department_readers
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import PackColumn, pack_columns
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.pack_kind import PackContext, PackKind, department_scopes
from generator.packs.pages.actions import (
    actions_page,
    no_progress_issue,
    opening_sentences,
    returned_actions,
)
from generator.packs.pages.cover import PackCover, contents_of, start_pack
from generator.packs.wording import (
    count_text,
    join_names,
    percent,
    phrase,
    signed_grades,
    wording,
)
from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW

NAME = "class-targets"
UNCHANGED = 90  # of 100 pupils with the prediction they had before
ACTION_FIELDS = ("action", "who", "by_when")
PROGRESS_COLUMNS = (
    "year", "subject", "class", "teacher", "pupils", "since", "matched", "gap_then",
    "gap_now", "same", "same_n", "why", "narrowed", "moving", "few",
)  # fmt: skip
CLASS_FIELDS = [
    "adno", "class", "teacher", "surname", "forename", "reg", "groups", "subject",
    "target", "aspirational", "prediction", "flag", "working_at", "reason",
]  # fmt: skip


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The workbook of one department; it holds nothing of any other department."""
    rows = snapshot.rows.loc[snapshot.rows["department"] == scope]
    codes = {code.name for code in context.tables.codes}
    progress = class_progress(rows, snapshot.earlier, codes)
    stalled = progress.loc[progress["why"] != ""].sort_values(
        ["few", "gap_now", "class", "subject"], kind="stable"
    )
    sentences = _sentences(progress, stalled)
    reserved = [wording("sheets", name) for name in ("cover", "still", "actions")]
    classes = rows["class"].drop_duplicates().tolist()
    names = sheet_names(classes, in_use=tuple(reserved))
    contents = contents_of("still")
    contents |= {names[code]: wording("contents", "class") for code in classes}
    contents |= contents_of("actions")
    cover = PackCover(
        scope, wording("titles", NAME), department_readers(snapshot, scope), rows,
        sentences, contents, hidden_marks=snapshot.hidden_marks.get(scope, 0),
    )  # fmt: skip
    pack = start_pack(snapshot, context, cover)
    pack_name = f"{NAME}-{scope}"
    columns = _stalled_columns(rows)
    page = pack.page(wording("sheets", "still"), columns)
    page.title_band(f"{scope}: {snapshot.collection.title}", pack.school)
    page.sentences([*sentences, *opening_sentences(snapshot, pack_name, rows)])
    page.sentence(wording("notes", "still"), ink="quiet")
    issues: list[str] = []
    if not stalled.empty:
        issues = _issues(stalled, columns)
        written = _add_actions(stalled, issues, snapshot, pack_name)
        page.table(written, columns, quiet=stalled["few"], filtered=True, frozen=3)
    page.protect()
    page.activate()
    earlier = [
        f"{key}:{code}" for code in snapshot.earlier for key in ("earlier", "flag")
    ]
    narrow = rows[CLASS_FIELDS + earlier].copy()  # a narrow frame is faster to split
    parts = {str(code): part for code, part in narrow.groupby("class", sort=False)}
    for code in classes:
        _class_page(pack, names[code], parts[code], snapshot)
    actions_page(pack, snapshot, pack_name, rows, other_issues=issues)
    return pack.close()


KIND = PackKind(NAME, department_scopes, department_readers, write)


def class_progress(
    rows: pd.DataFrame, earlier: Sequence[str], codes: Collection[str]
) -> pd.DataFrame:
    """Every class and subject, with whether it shows progress.

    Args:
        rows: Rows of `CollectionSnapshot.rows`.
        earlier: Codes of the earlier collections, oldest first.
        codes: Answers that are no grade: `Abs`, `N/T`, `TE`.

    Returns:
        One row per class and subject: `since` (the collection two before this one in
        which the class had data, or the only one; empty if there is none), `matched`
        (pupils with a gap then and now), `gap_then` and `gap_now` (their mean gaps,
        whole grades), `same` (the share of the `same_n` pupils with a prediction now
        and in the previous collection who have the same), `narrowed` (False if the
        class is below target and its gap is as wide as then or wider), `moving`
        (False if predictions are the same for 90 in 100), `few` (fewer than 11 pupils
        compared) and `why`, empty if it shows progress.
    """
    comparisons = []
    used = ["class_year", "year", "class", "subject", "teacher", "gap", "prediction"]
    rows = rows[used + [f"{key}:{code}" for key in ("was", "gap") for code in earlier]]
    years = rows["class_year"].fillna(rows["year"]).astype("int64")
    for (year, name, subject), part in rows.groupby([years, "class", "subject"]):
        comparison = _compare_class(part, earlier, codes)
        comparison |= {"year": year, "class": name, "subject": subject}
        comparison |= {"teacher": part["teacher"].iloc[0], "pupils": len(part)}
        comparisons.append(comparison)
    return pd.DataFrame(comparisons, columns=pd.Index(PROGRESS_COLUMNS))


def _compare_class(
    part: pd.DataFrame, earlier: Sequence[str], codes: Collection[str]
) -> dict[str, object]:
    with_data = [code for code in earlier if part[f"was:{code}"].notna().any()]
    if not with_data:
        return {"since": "", "matched": 0, "same_n": 0, "narrowed": True,
                "moving": True, "few": True, "why": ""}  # fmt: skip
    since, last = with_data[-2:][0], with_data[-1]
    gap_then, gap_now = part[f"gap:{since}"], part["gap"]
    both = gap_then.notna() & gap_now.notna()
    n = int(both.sum())
    total_then, total_now = int(gap_then[both].sum()), int(gap_now[both].sum())
    before, after = part[f"was:{last}"], part["prediction"]
    graded = before.notna() & after.notna()
    graded &= ~before.isin(codes) & ~after.isin(codes)
    same_n = int(graded.sum())
    same = int((before[graded] == after[graded]).sum())
    narrowed = not (n and total_now < 0 and total_now <= total_then)
    moving = not (same_n and same * 100 >= same_n * UNCHANGED)
    reasons = []
    if not narrowed:
        then, now = (
            signed_grades(sum_ / n / POINT) for sum_ in (total_then, total_now)
        )
        reasons.append(phrase("still_gap", since=since, then=then, now=now))
    if not moving:
        share = percent(same / same_n)
        reasons.append(phrase("still_same", share=share, n=same_n, last=last))
    return {
        "since": since,
        "matched": n,
        "gap_then": total_then / n / POINT if n else None,
        "gap_now": total_now / n / POINT if n else None,
        "same": same / same_n if same_n else None,
        "same_n": same_n,
        "narrowed": narrowed,
        "moving": moving,
        "few": min(k for k in (n, same_n, FEW) if k or k == FEW) < FEW,
        "why": "; ".join(reasons),
    }


def _sentences(progress: pd.DataFrame, stalled: pd.DataFrame) -> list[str]:
    """What the classes show, in sentences; the first is the main one."""
    compared = progress.loc[(progress["matched"] > 0) | (progress["same_n"] > 0)]
    if compared.empty:
        return [phrase("still_unknown")]
    of = count_text(compared["class"].nunique(), "class", "classes")
    sentences = []
    if stalled.empty:
        sentences.append(phrase("still_none", of=of))
    else:
        number = stalled["class"].nunique()
        classes = join_names(sorted(stalled["class"].unique()), most=12)
        show = "shows" if number == 1 else "show"
        sentences.append(
            phrase(
                "still_answer", still=f"{number:,}", of=of, show=show, classes=classes
            )
        )
        few = number - stalled.loc[~stalled["few"], "class"].nunique()
        if few:
            text = count_text(few, "class", "classes")
            sentences.append(phrase("still_few", few=text))
    unknown = progress["class"].nunique() - compared["class"].nunique()
    if unknown:
        classes = count_text(unknown, "class", "classes")
        sentences.append(phrase("still_new", classes=classes))
    return sentences


def _stalled_columns(rows: pd.DataFrame) -> list[PackColumn]:
    """The columns of the opening page; the subject only if there are several."""
    keys = ["year", "subject", "class", "teacher", "pupils", "since", "gap_then",
            "gap_now", "matched", "same", "same_n", "still_why"]  # fmt: skip
    if rows["subject"].nunique() < 2:
        keys.remove("subject")
    *columns, why = pack_columns(keys)
    return [
        *columns,
        PackColumn("why", why.heading, why.width, wrap=True),
        *pack_columns(ACTION_FIELDS, entry=True),
    ]


def _issues(stalled: pd.DataFrame, columns: list[PackColumn]) -> list[str]:
    """The issues under which the classes' actions are stored when the pack returns."""
    keys = {column.key for column in columns}
    names = [name for name in ("class", "subject") if name in keys]
    return [no_progress_issue(*texts) for texts in stalled[names].to_numpy().tolist()]


def _add_actions(
    stalled: pd.DataFrame,
    issues: list[str],
    snapshot: CollectionSnapshot,
    pack_name: str,
) -> pd.DataFrame:
    """The classes with the actions that have been written beside them already."""
    actions = returned_actions(snapshot, pack_name)
    actions = actions.drop_duplicates("issue", keep="last").set_index("issue")
    actions = actions[[*ACTION_FIELDS]].reindex(issues).fillna("")
    return stalled.assign(**{str(name): actions[name].to_list() for name in actions})


def _class_page(
    pack: PackWorkbook, name: str, rows: pd.DataFrame, snapshot: CollectionSnapshot
) -> None:
    """Add a class: each pupil's target, and each collection's prediction and flag."""
    keys = ["surname", "forename", "reg", "groups", "subject", "target",
            "aspirational"]  # fmt: skip
    if rows["subject"].nunique() < 2:
        keys.remove("subject")
    earlier = [c for c in snapshot.earlier if rows[f"earlier:{c}"].ne("").any()]
    columns = [
        *pack_columns(keys),
        *(PackColumn(f"earlier:{code}", code, 14) for code in earlier),
        *pack_columns(("prediction", "flag", "working_at", "reason")),
    ]
    code, teacher = rows["class"].iloc[0], rows["teacher"].iloc[0]
    subjects = join_names(rows["subject"].drop_duplicates().tolist())
    page = pack.page(name, columns)
    page.title_band(f"{code}: {subjects}", f"{teacher}; {snapshot.collection.title}")
    with_data = int(rows["flag"].notna().sum())
    if with_data:
        reached = int(rows["flag"].isin(("Above", "On")).sum())
        of = count_text(with_data, "prediction")
        answer = phrase("class_answer", reached=f"{reached:,}", of=of)
    elif code not in snapshot.returned:
        answer = phrase("class_missing")
    else:
        answer = phrase("no_flags")
    page.sentence(answer, answer=True)
    if not earlier:
        page.sentence(wording("notes", "first_time"), ink="quiet")
    rows = rows.sort_values(["subject", "surname", "forename", "adno"], kind="stable")
    painted = {
        f"earlier:{code}": rows[f"flag:{code}"].fillna("").tolist() for code in earlier
    }
    page.table(rows, columns, painted=painted, filtered=True, frozen=2)
