"""The head of year's and the tutor's workbook: who is below in several subjects."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from generator.packs.facts.pupil_summary import (
    across,
    effort_columns,
    efforts,
    light_columns,
    lights,
)
from generator.packs.facts.snapshot import (
    TUTOR,
    CollectionSnapshot,
    PupilGroup,
    pupil_group,
    tutor_groups,
    year_scopes,
)
from generator.packs.layout.columns import Column, columns
from generator.packs.layout.workbook import Pack
from generator.packs.pages import actions, interventions, praise_list
from generator.packs.pages import interventions as helped
from generator.packs.pages.cover import missing_reader, start_pack
from generator.packs.wording import listed, many, say, words
from generator.problems import Problem
from generator.school.school import School
from udfs.tables import Tables

KIND = "pastoral"


def scopes(standing: CollectionSnapshot) -> list[str]:
    """The years, then the tutor groups."""
    return [*year_scopes(standing), *tutor_groups(standing)]


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That a year has no head or a group no tutor, as a problem to put right."""
    mine = pupil_group(standing, scope)
    return None if mine.holders else missing_reader(KIND, scope, mine.role)


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """A year's or a tutor group's workbook; it holds nobody else's pupils."""
    settings = school.settings.packs
    mine = pupil_group(standing, scope)
    summed = across(mine.rows, mine.pupils)
    worst = worst_first(summed, settings.below_in)
    worst = helped.add_interventions(worst, standing, mine.rows)
    said = answer(standing, mine, summed, worst, settings.below_in)
    praised = praise_list.candidates(
        summed, least=settings.praise_in, improved=settings.improved
    )
    name = f"{KIND}-{scope}"
    before = actions.opening(standing, name, mine.rows)
    more = interventions.sheets(standing, mine.rows, own=False)
    names = ("below", "grid", "praise", *more, "actions")
    pack = start_pack(
        standing, school, scope, mine.rows,
        title=words("titles", KIND), role=mine.role, holders=mine.holders,
        elsewhere=mine.gone, now=now, said=said,
        contents={words("sheets", n): words("contents", n) for n in names},
    )  # fmt: skip
    shown = below_columns(mine)
    page = pack.page(words("sheets", "below"), [column.width for column in shown])
    page.band(f"{scope}: {standing.collection.title}", page.pack.school)
    for number, text in enumerate([*said, *before]):
        page.say(text, answer=number == 0)
    if not worst.empty:
        last = _last(standing, mine)
        note = "pastoral" if last else "pastoral_first"
        page.say(words("notes", note, least=settings.below_in, last=last), ink="quiet")
        page.table(worst, shown, filtered=True, frozen=3)
    page.protect()
    page.open_here()
    _grid(pack, mine, summed, school.settings.flags.effort)
    praise_list.praise_page(
        pack.page(words("sheets", "praise"), praise_list.widths(praise_list.KEYS)),
        f"{scope}: {words('sheets', 'praise').lower()}",
        praised,
        praise_list.rule(least=settings.praise_in, improved=settings.improved),
    )
    interventions.pages(pack, standing, mine.rows, own=False)
    sheet = pack.page(words("sheets", "actions"), actions.widths())
    moved = actions.moved_since(standing, mine.rows)
    actions.actions_page(sheet, standing, name, moved=moved, pupils=mine.pupils["adno"])
    return pack.close()


def worst_first(summed: pd.DataFrame, least: int) -> pd.DataFrame:
    """The pupils below target in so many subjects, those below in most first."""
    below = summed.loc[summed["below"] >= least]
    ordered = below.sort_values(
        ["below", "well_below", "short", "surname", "forename", "adno"],
        ascending=[False, False, True, True, True, True],
        kind="stable",
    )
    return ordered.assign(
        below_in=ordered["below"], well_below_in=ordered["well_below"]
    )


def last_known(summed: pd.DataFrame) -> bool:
    """Whether anybody can be compared with the collection before."""
    return bool((summed["last_data"] > 0).any())


def answer(
    standing: CollectionSnapshot,
    mine: PupilGroup,
    summed: pd.DataFrame,
    worst: pd.DataFrame,
    least: int,
) -> list[str]:
    """What a year or a group has to say, in sentences; the first is the answer."""
    said = []
    with_data = summed.loc[summed["with_data"] > 0]
    of = many(len(with_data), "pupil")
    if summed.empty:
        said.append(say("nobody_here"))
    elif with_data.empty:
        said.append(say("nothing_known"))
    elif worst.empty:
        said.append(say("pastoral_none", of=of, least=least))
    else:
        said.append(
            say(
                "pastoral_answer",
                pupils=f"{len(worst):,}",
                of=of,
                be="is" if len(worst) == 1 else "are",
                least=least,
                well_below=f"{int(worst['well_below'].gt(0).sum()):,}",
            )
        )
    matched = with_data.loc[with_data["last_data"] > 0]
    if not matched.empty:
        said.append(
            say(
                "pastoral_moved",
                last=_last(standing, mine),
                then=f"{int(matched['last_below'].ge(least).sum()):,}",
                now=f"{int(matched['below'].ge(least).sum()):,}",
            )
        )
    if not worst.empty:
        without = int(worst["help"].eq("").sum())
        said.append(
            say("without_help", without=f"{without:,}")
            if without
            else say("all_helped")
        )
    if not mine.untaught.empty:
        names = mine.untaught["forename"] + " " + mine.untaught["surname"]
        said.append(say("untaught", pupils=listed(names.tolist(), most=12)))
    return said


def _last(standing: CollectionSnapshot, mine: PupilGroup) -> str:
    here = mine.rows["year"].unique().tolist()
    return listed(
        sorted({standing.last[year] for year in here if year in standing.last})
    )


def below_columns(mine: PupilGroup) -> list[Column]:
    """The columns of the opening page."""
    keys = ["adno", "surname", "forename", "reg", "groups", "below_in",
            "well_below_in", "with_data", "last_below", "named", "attendance",
            "behaviour", "help"]  # fmt: skip
    if mine.role == TUTOR:
        keys.remove("reg")
    return [*columns(keys), *helped.entry_columns()]


def _grid(
    pack: Pack, mine: PupilGroup, summed: pd.DataFrame, scale: tuple[str, ...]
) -> None:
    """Write the page of every pupil and every subject."""
    signs, steps = lights(mine.rows), efforts(mine.rows, scale)
    keys = ["surname", "forename", "reg", "groups", "below_in"]
    shown = [
        *columns(keys),
        *light_columns(list(signs.columns)),
        *effort_columns(list(steps.columns)),
        *columns(("attendance", "behaviour", "achievement")),
    ]
    made = summed.assign(below_in=summed["below"].where(summed["with_data"] > 0))
    made = made.join(signs.add_prefix("light:"), on="adno")
    made = made.join(steps.add_prefix("effort:"), on="adno")
    made = made.sort_values(
        ["year", "reg", "surname", "forename", "adno"], kind="stable"
    )
    page = pack.page(words("sheets", "grid"), [column.width for column in shown])
    page.band(f"{mine.scope}: {words('sheets', 'grid').lower()}")
    if made.empty:
        page.say(say("nobody_here"), answer=True)
        return
    page.say(words("notes", "grid"), ink="quiet")
    page.key()
    page.table(made, shown, parted="reg", filtered=True, frozen=2)
