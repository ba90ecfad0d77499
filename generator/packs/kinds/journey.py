"""Each pupil's way in each subject: Key Stage 2, targets, predictions, teachers."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from generator.packs.facts.history import BELOW, carry_over_subjects
from generator.packs.facts.snapshot import CollectionSnapshot, pupil_group, year_scopes
from generator.packs.layout.columns import Column, columns
from generator.packs.pages.cover import missing_reader, start_pack
from generator.packs.wording import many, say, words
from generator.problems import Problem
from generator.school.school import School
from udfs.tables import Tables

KIND = "journey"
SEND = "SEND"
REGISTER = ("K", "E")  # SEN support, an EHC plan
GROUP_LEAD = "group lead"
BY_YEAR = ("target", "prediction", "teacher")


def scopes(standing: CollectionSnapshot) -> list[str]:
    """The years; and, for the SENCo, the pupils on the SEN register."""
    has = standing.pupils["sen"].isin(REGISTER).any()
    return [*year_scopes(standing), *([SEND] if has else [])]


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That nobody leads a year or the SEN register, as a problem to put right."""
    if scope != SEND:
        mine = pupil_group(standing, scope)
        return None if mine.holders else missing_reader(KIND, scope, mine.role)
    return None if _senco(standing) else missing_reader(KIND, scope, GROUP_LEAD)


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """A year's or the SENCo's workbook; it holds nobody else's pupils."""
    if scope == SEND:
        pupils = standing.pupils.loc[standing.pupils["sen"].isin(REGISTER)]
        rows = standing.rows.loc[standing.rows["adno"].isin(pupils["adno"])]
        role, holders = GROUP_LEAD, _senco(standing)
        gone = int(standing.gone["sen"].isin(REGISTER).sum())
    else:
        mine = pupil_group(standing, scope)
        pupils, rows, gone = mine.pupils, mine.rows, mine.gone
        role, holders = mine.role, mine.holders
    made, spans = journeys(standing, rows, pupils, tables)
    said = answer(made, rows, spans)
    name = words("sheets", "journey")
    pack = start_pack(
        standing, school, scope, rows,
        title=words("titles", KIND), role=role, holders=holders, elsewhere=gone,
        now=now, said=said, contents={name: words("contents", "journey")},
    )  # fmt: skip
    shown = journey_columns(spans)
    page = pack.page(name, [column.width for column in shown])
    page.band(f"{scope}: {words('titles', KIND)}", page.pack.school)
    for number, text in enumerate(said):
        page.say(text, answer=number == 0)
    page.say(words("notes", "journey"), ink="quiet")
    if not made.empty:
        page.table(made, shown, parted="adno", filtered=True, frozen=3)
    page.open_here()
    return pack.close()


def _senco(standing: CollectionSnapshot) -> list[str]:
    names = ("SEND", "SEN")
    found = [h for name in names for h in standing.holders(GROUP_LEAD, name)]
    return list(dict.fromkeys(found))


def journeys(
    standing: CollectionSnapshot,
    rows: pd.DataFrame,
    pupils: pd.DataFrame,
    tables: Tables,
) -> tuple[pd.DataFrame, list[str]]:
    """One line per pupil and subject, and the academic years there are, oldest first.

    A target stands until another is set, so that a year with a prediction or a
    teacher shows the target of the year before where it has none of its own. The
    years of a Key Stage 3 subject stand in the line of the one that follows it.
    """
    here = rows.drop_duplicates(["adno", "subject"])
    before = carry_over_subjects(
        standing.past.loc[standing.past["adno"].isin(pupils["adno"])], here, tables
    )
    now = here[["adno", "subject", "teacher"]].assign(
        academic_year=standing.academic_year
    )
    keys = ["adno", "subject", "academic_year"]
    long = before.merge(now, on=keys, how="outer", suffixes=("", "_now"))
    # A class may have nobody, in a year with a prediction as in one without.
    long["teacher"] = (
        long["teacher"].replace("", say("no_teacher")).fillna(long["teacher_now"])
    )
    long = long.sort_values(keys, kind="stable")
    carried = long.groupby(["adno", "subject"])["target"].ffill()
    long["target"] = long["target"].fillna(carried)
    spans = sorted(long["academic_year"].unique())
    wide = long.pivot(index=["adno", "subject"], columns="academic_year")
    made = long[["adno", "subject"]].drop_duplicates()
    for span in spans:
        for kind in BY_YEAR:
            column = wide[(kind, span)].rename(f"{kind}:{span}")
            made = made.merge(column, on=["adno", "subject"], how="left")
    known = ["adno", "surname", "forename", "reg", "year", "pp", "sen", "eal",
             "ks2_reading", "ks2_maths"]  # fmt: skip
    made = made.merge(pupils[known], on="adno")
    flags = here[["adno", "subject", "flag"]]
    made = made.merge(flags, on=["adno", "subject"], how="left")
    made = made.sort_values(
        ["year", "surname", "forename", "adno", "subject"], kind="stable"
    )
    return made.reset_index(drop=True), spans


def answer(made: pd.DataFrame, rows: pd.DataFrame, spans: list[str]) -> list[str]:
    """What there is to say; the first sentence is the answer."""
    if made.empty:
        return [say("nobody_here")]
    below = made.loc[made["flag"].isin(BELOW)]
    lines = say(
        "journey_answer" if made["flag"].notna().any() else "journey_unknown",
        lines=many(len(made), "line"),
        pupils=many(made["adno"].nunique(), "pupil"),
        below=f"{len(below):,}",
    )
    if len(spans) < 2:
        return [lines, say("journey_first", year=spans[0])]
    return [lines, say("journey_years", years=len(spans), first=spans[0])]


def journey_columns(spans: list[str]) -> list[Column]:
    """The columns of the page; three for each academic year."""
    keys = ["surname", "forename", "reg", "year", "pp", "sen", "eal", "subject",
            "ks2_reading", "ks2_maths"]  # fmt: skip
    shown = columns(keys)
    for span in spans:
        for column in columns(BY_YEAR):
            heading = f"{span} {column.heading.lower()}"
            width = max(column.width, 10.0)
            shown.append(
                Column(f"{column.key}:{span}", heading, width, column.kind,
                       wrap=column.wrap)
            )  # fmt: skip
    return [*shown, *columns(("flag",))]
