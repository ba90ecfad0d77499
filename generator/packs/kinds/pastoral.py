"""The head of year's and the tutor's pack: who is below target in several subjects."""

from __future__ import annotations

import pandas as pd

from generator.packs.facts.pupil_summary import (
    effort_counts,
    flag_grid,
    summarise_pupils,
)
from generator.packs.facts.readers import year_readers
from generator.packs.facts.snapshot import (
    TUTOR,
    CollectionSnapshot,
    PupilGroup,
    pupil_group,
    tutor_groups,
    year_scopes,
)
from generator.packs.layout.columns import PackColumn, pack_columns
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.pack_kind import PackContext, PackKind
from generator.packs.pages.actions import actions_page, opening_sentences
from generator.packs.pages.cover import PackCover, contents_of, start_pack
from generator.packs.pages.interventions import (
    add_interventions,
    entry_columns,
    intervention_pages,
    intervention_sheets,
    without_help_sentence,
)
from generator.packs.pages.praise_list import PraiseRule, praise_page
from generator.packs.wording import count_text, join_names, phrase, wording
from generator.school.school import School

NAME = "pastoral"
NARROW_COLUMN = 4.2  # characters: a column of signs or of counts


def scopes(snapshot: CollectionSnapshot, school: School) -> list[str]:
    """The years, then the tutor groups."""
    return [*year_scopes(snapshot), *tutor_groups(snapshot)]


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The workbook of a year or a tutor group; it holds nobody else's pupils."""
    settings = context.school.settings.packs
    group, readers = pupil_group(snapshot, scope), year_readers(snapshot, scope)
    rows = group.rows
    summary = summarise_pupils(rows, group.pupils)
    below = pupils_below_target(summary, settings.below_in)
    below = add_interventions(below, snapshot, rows)
    sentences = _sentences(snapshot, group, summary, below, settings.below_in)
    pack_name = f"{NAME}-{scope}"
    interventions = intervention_sheets(snapshot, rows, subjects_only=False)
    cover = PackCover(
        scope, wording("titles", NAME), readers, rows, sentences,
        contents_of("below", "grid", "praise", *interventions, "actions"),
        hidden_marks=group.hidden_marks,
    )  # fmt: skip
    pack = start_pack(snapshot, context, cover)
    columns = _below_columns(readers.role)
    page = pack.page(wording("sheets", "below"), columns)
    page.title_band(f"{scope}: {snapshot.collection.title}", pack.school)
    page.sentences([*sentences, *opening_sentences(snapshot, pack_name, rows)])
    if not below.empty:
        last = join_names(snapshot.previous_codes(rows))
        note = "pastoral" if last else "pastoral_first"
        text = wording("notes", note, least=settings.below_in, last=last)
        page.sentence(text, ink="quiet")
        page.table(below, columns, filtered=True, frozen=3)
    page.protect()
    page.activate()
    _grid_page(pack, group, summary, context.school.settings.flags.effort)
    rule = PraiseRule(settings.praise_in, settings.improved)
    praise_page(pack, scope, rule.choose(summary), rule)
    intervention_pages(pack, snapshot, rows, subjects_only=False)
    actions_page(pack, snapshot, pack_name, rows, pupils=group.pupils["adno"])
    return pack.close()


KIND = PackKind(NAME, scopes, year_readers, write)


def pupils_below_target(summary: pd.DataFrame, least: int) -> pd.DataFrame:
    """The pupils below target in so many subjects, those below in most first.

    Args:
        summary: From `summarise_pupils`.
        least: The least number of subjects.
    """
    below = summary.loc[summary["below"] >= least]
    ordered = below.sort_values(
        ["below", "well_below", "short", "surname", "forename", "adno"],
        ascending=[False, False, True, True, True, True],
        kind="stable",
    )
    return ordered.assign(
        below_in=ordered["below"], well_below_in=ordered["well_below"]
    )


def _sentences(
    snapshot: CollectionSnapshot,
    group: PupilGroup,
    summary: pd.DataFrame,
    below: pd.DataFrame,
    least: int,
) -> list[str]:
    """What a year or a tutor group shows, in sentences; the first is the main one."""
    with_data = summary.loc[summary["with_data"] > 0]
    sentences = [_below_sentence(summary, with_data, below, least)]
    matched = with_data.loc[with_data["last_data"] > 0]
    if not matched.empty:
        sentences.append(
            phrase(
                "pastoral_moved",
                last=join_names(snapshot.previous_codes(group.rows)),
                then=f"{int(matched['last_below'].ge(least).sum()):,}",
                now=f"{int(matched['below'].ge(least).sum()):,}",
            )
        )
    if not below.empty:
        sentences.append(without_help_sentence(below))
    if not group.untaught.empty:
        names = group.untaught["forename"] + " " + group.untaught["surname"]
        pupils = join_names(names.tolist(), most=12)
        sentences.append(phrase("untaught", pupils=pupils))
    return sentences


def _below_sentence(
    summary: pd.DataFrame, with_data: pd.DataFrame, below: pd.DataFrame, least: int
) -> str:
    of = count_text(len(with_data), "pupil")
    if summary.empty:
        return phrase("nobody_here")
    if with_data.empty:
        return phrase("nothing_known")
    if below.empty:
        return phrase("pastoral_none", of=of, least=least)
    return phrase(
        "pastoral_answer",
        pupils=f"{len(below):,}",
        of=of,
        be="is" if len(below) == 1 else "are",
        least=least,
        well_below=f"{int(below['well_below'].gt(0).sum()):,}",
    )


def _below_columns(role: str) -> list[PackColumn]:
    """The columns of the opening page."""
    keys = ["adno", "surname", "forename", "reg", "groups", "below_in",
            "well_below_in", "with_data", "last_below", "named", "attendance",
            "behaviour", "help"]  # fmt: skip
    if role == TUTOR:
        keys.remove("reg")
    return [*pack_columns(keys), *entry_columns()]


def _grid_page(
    pack: PackWorkbook, group: PupilGroup, summary: pd.DataFrame, scale: tuple[str, ...]
) -> None:
    """Add the page of every pupil and every subject.

    Args:
        pack: The workbook.
        group: The pupils.
        summary: From `summarise_pupils`.
        scale: The school's steps of effort.
    """
    flags, efforts = flag_grid(group.rows), effort_counts(group.rows, scale)
    columns = [
        *pack_columns(["surname", "forename", "reg", "groups", "below_in"]),
        *(
            PackColumn(f"light:{name}", name, NARROW_COLUMN, "light", rotated=True)
            for name in flags.columns
        ),
        *(
            PackColumn(
                f"effort:{step}", phrase("effort", step=step), NARROW_COLUMN, "count",
                rotated=True,
            )
            for step in efforts.columns
        ),
        *pack_columns(("attendance", "behaviour", "achievement")),
    ]  # fmt: skip
    rows = summary.assign(below_in=summary["below"].where(summary["with_data"] > 0))
    rows = rows.join(flags.add_prefix("light:"), on="adno")
    rows = rows.join(efforts.add_prefix("effort:"), on="adno")
    rows = rows.sort_values(
        ["year", "reg", "surname", "forename", "adno"], kind="stable"
    )
    title = wording("sheets", "grid")
    page = pack.page(title, columns)
    page.title_band(f"{group.scope}: {title.lower()}")
    if rows.empty:
        page.sentence(phrase("nobody_here"), answer=True)
        return
    page.sentence(wording("notes", "grid"), ink="quiet")
    page.flag_key()
    page.table(rows, columns, parted="reg", filtered=True, frozen=2)
