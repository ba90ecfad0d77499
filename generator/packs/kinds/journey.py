"""The pack of each pupil's way in each subject: Key Stage 2, targets, predictions."""

from __future__ import annotations

import pandas as pd

from generator.packs.facts.history import BELOW, carry_over_subjects
from generator.packs.facts.readers import (
    GROUP_LEAD,
    PackReaders,
    role_readers,
    year_readers,
)
from generator.packs.facts.snapshot import (
    CollectionSnapshot,
    pupil_group,
    year_scopes,
)
from generator.packs.layout.columns import PackColumn, pack_columns
from generator.packs.pack_kind import PackContext, PackKind
from generator.packs.pages.cover import PackCover, contents_of, start_pack
from generator.packs.wording import count_text, phrase, wording
from generator.school.school import School
from udfs.tables import Tables

NAME = "journey"
SEND = "SEND"
SEN_REGISTER = ("K", "E")  # SEN support, an EHC plan
BY_YEAR = ("target", "prediction", "teacher")


def scopes(snapshot: CollectionSnapshot, school: School) -> list[str]:
    """The years; and, for the SENCo, the pupils on the SEN register."""
    on_register = snapshot.pupils["sen"].isin(SEN_REGISTER).any()
    return [*year_scopes(snapshot), *([SEND] if on_register else [])]


def readers(snapshot: CollectionSnapshot, scope: str) -> PackReaders:
    """The heads of a year, or the leads of the SEN register."""
    if scope != SEND:
        return year_readers(snapshot, scope)
    names = (SEND, "SEN")
    return role_readers(snapshot.roles, snapshot.names, GROUP_LEAD, SEND, names)


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The workbook of a year or of the SENCo; it holds nobody else's pupils."""
    if scope == SEND:
        pupils = snapshot.pupils.loc[snapshot.pupils["sen"].isin(SEN_REGISTER)]
        rows = snapshot.rows.loc[snapshot.rows["adno"].isin(pupils["adno"])]
        hidden_marks = int(snapshot.leaver_marks["sen"].isin(SEN_REGISTER).sum())
    else:
        group = pupil_group(snapshot, scope)
        rows, pupils, hidden_marks = group.rows, group.pupils, group.hidden_marks
    lines, years = pupil_journeys(snapshot, rows, pupils, context.tables)
    sentences = _sentences(lines, years)
    cover = PackCover(
        scope, wording("titles", NAME), readers(snapshot, scope), rows, sentences,
        contents_of(NAME), hidden_marks=hidden_marks,
    )  # fmt: skip
    pack = start_pack(snapshot, context, cover)
    columns = _journey_columns(years)
    page = pack.page(wording("sheets", NAME), columns)
    page.title_band(f"{scope}: {wording('titles', NAME)}", pack.school)
    page.sentences(sentences)
    page.sentence(wording("notes", NAME), ink="quiet")
    if not lines.empty:
        page.table(lines, columns, parted="adno", filtered=True, frozen=3)
    page.activate()
    return pack.close()


KIND = PackKind(NAME, scopes, readers, write)


def pupil_journeys(
    snapshot: CollectionSnapshot,
    rows: pd.DataFrame,
    pupils: pd.DataFrame,
    tables: Tables,
) -> tuple[pd.DataFrame, list[str]]:
    """One line per pupil and subject, and the academic years in it, oldest first.

    A target holds until another is set, so that a year with a prediction or a
    teacher shows the target of the year before if it has none of its own. The
    years of a Key Stage 3 subject are in the line of the subject that follows it.
    """
    current = rows.drop_duplicates(["adno", "subject"])
    history = snapshot.history.loc[snapshot.history["adno"].isin(pupils["adno"])]
    history = carry_over_subjects(history, current, tables)
    this_year = current[["adno", "subject", "teacher"]].assign(
        academic_year=snapshot.academic_year
    )
    keys = ["adno", "subject", "academic_year"]
    long = history.merge(this_year, on=keys, how="outer", suffixes=("", "_now"))
    # A class may have no teacher, in a year with a prediction as in one without.
    long["teacher"] = (
        long["teacher"].replace("", phrase("no_teacher")).fillna(long["teacher_now"])
    )
    long = long.sort_values(keys, kind="stable")
    carried = long.groupby(["adno", "subject"])["target"].ffill()
    long["target"] = long["target"].fillna(carried)
    years = sorted(long["academic_year"].unique())
    wide = long.pivot(index=["adno", "subject"], columns="academic_year")
    lines = long[["adno", "subject"]].drop_duplicates()
    for year in years:
        for key in BY_YEAR:
            column = wide[(key, year)].rename(f"{key}:{year}")
            lines = lines.merge(column, on=["adno", "subject"], how="left")
    fields = ["adno", "surname", "forename", "reg", "year", "pp", "sen", "eal",
              "ks2_reading", "ks2_maths"]  # fmt: skip
    lines = lines.merge(pupils[fields], on="adno")
    flags = current[["adno", "subject", "flag"]]
    lines = lines.merge(flags, on=["adno", "subject"], how="left")
    lines = lines.sort_values(
        ["year", "surname", "forename", "adno", "subject"], kind="stable"
    )
    return lines.reset_index(drop=True), years


def _sentences(lines: pd.DataFrame, years: list[str]) -> list[str]:
    """What the lines show, in sentences; the first is the main one."""
    if lines.empty:
        return [phrase("nobody_here")]
    below = lines.loc[lines["flag"].isin(BELOW)]
    answer = phrase(
        "journey_answer" if lines["flag"].notna().any() else "journey_unknown",
        lines=count_text(len(lines), "line"),
        pupils=count_text(lines["adno"].nunique(), "pupil"),
        below=f"{len(below):,}",
    )
    if len(years) < 2:
        return [answer, phrase("journey_first", year=years[0])]
    return [answer, phrase("journey_years", years=len(years), first=years[0])]


def _journey_columns(years: list[str]) -> list[PackColumn]:
    """The columns of the page; three for each academic year."""
    keys = ["surname", "forename", "reg", "year", "pp", "sen", "eal", "subject",
            "ks2_reading", "ks2_maths"]  # fmt: skip
    columns = pack_columns(keys)
    for year in years:
        for column in pack_columns(BY_YEAR):
            heading = f"{year} {column.heading.lower()}"
            width = max(column.width, 10.0)
            columns.append(
                PackColumn(f"{column.key}:{year}", heading, width, column.kind,
                           wrap=column.wrap)
            )  # fmt: skip
    return [*columns, *pack_columns(("flag",))]
