"""The class target sheets of a department: which classes show no progress."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from generator.names import sheet_names
from generator.packs import actions
from generator.packs.columns import Column, columns
from generator.packs.opening import begin, nobody
from generator.packs.phrases import listed, many, say, words
from generator.packs.sheets import Pack
from generator.packs.standing import Standing
from generator.packs.still import looked_at
from generator.problems import Problem
from generator.roll import HEAD_OF_DEPARTMENT
from generator.school import School
from udfs.tables import Tables

KIND = "class-targets"


def scopes(standing: Standing) -> list[str]:
    """For which departments there is a pack."""
    return standing.departments()


def without_holder(standing: Standing, scope: str) -> Problem | None:
    """That nobody leads a department, as a problem to put right."""
    if standing.holders(HEAD_OF_DEPARTMENT, scope):
        return None
    return nobody(KIND, scope, HEAD_OF_DEPARTMENT)


def write(
    standing: Standing, school: School, tables: Tables, scope: str, *, now: datetime
) -> bytes:
    """One department's workbook; it holds nothing of any other department."""
    rows = standing.rows.loc[standing.rows["department"] == scope]
    codes = {code.name for code in tables.codes}
    seen = looked_at(rows, standing.earlier, codes)
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
    pack = begin(
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
    standing: Standing, pack: str, still: pd.DataFrame, shown: list[Column]
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


def page_fields(standing: Standing) -> list[str]:
    """The columns of `Standing.rows` that a class's page is made from."""
    fields = ["adno", "class", "teacher", "surname", "forename", "reg", "groups",
              "subject", "target", "aspirational", "prediction", "flag", "working_at",
              "reason"]  # fmt: skip
    earlier = standing.earlier
    return fields + [
        f"{kind}:{code}" for code in earlier for kind in ("earlier", "flag")
    ]


def _class_page(pack: Pack, name: str, rows: pd.DataFrame, standing: Standing) -> None:
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
