"""Heads of department: every number of their pack is counted again from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.recount import intervention_pages
from tests.recount.action_pages import actions, before
from tests.recount.arithmetic import listed, many
from tests.recount.audit import Ledger, Line, Sheet
from tests.recount.classes import (
    BELOW,
    Summed,
    answer,
    classes,
    named,
    parts,
    summed,
    years,
)
from tests.recount.cover import charts, cover, record
from tests.recount.grade_spread import queries, targets
from tests.recount.moderation import moderation
from tests.recount.past_predictions import turned_out
from tests.recount.recount_data import Reckoning, Taught, once

ROLE = "head of department"
WORDING = (
    r"(the|its) 95% interval",
    r"fewer than 11 pupils",
    r"fewer than 6 similar pupils",
    r"where there are 6 of them at least",
    r"11 of the same pupils",
    r"up to 2 grades under it",
    r"2 grades or more under it",
    r"PROVISIONAL: under 90 in 100",
)
EARLIER = 3  # earlier collections beside a pupil


def departments(reckoning: Reckoning) -> dict[str, list[Taught]]:
    """Department -> who is taught in it."""
    found: dict[str, list[Taught]] = {}
    for one in reckoning.taught:
        found.setdefault(one.department, []).append(one)
    return found


def test_every_number_of_the_department_packs_is_counted_again(
    reckoning: Reckoning,
) -> None:
    all_of_them = departments(reckoning)
    paths = {path.stem: path for path in reckoning.books.named("department")}
    assert set(paths) == {f"department-{name}" for name in all_of_them}
    for name, rows in all_of_them.items():
        counted(reckoning, name, rows, paths[f"department-{name}"]).settle()


def counted(
    reckoning: Reckoning, name: str, rows: Sequence[Taught], path: Path
) -> Ledger:
    """One department's pack, counted."""
    ledger = Ledger(path, reckoning.books.labels | set(reckoning.opened))
    ledger.wording(*WORDING)
    said = answer(reckoning, rows)
    mine = {one.class_ for one in rows}
    cover(
        ledger["Cover"],
        reckoning,
        rows,
        scope=name,
        role=ROLE,
        holders=reckoning.holders(ROLE, name),
        said=said,
        gone=sum(row["class"] in mine for row in reckoning.gone),
    )
    side_by_side(ledger["Classes"], reckoning, name, rows)
    drawn = pictures(ledger["Charts"], reckoning, rows)
    assert charts(ledger) == ({"Charts": drawn} if drawn else {})
    for (year,), part in parts(rows, lambda one: (one.year,)).items():
        below(ledger[f"Year {year}"], reckoning, part)
    targets(ledger["Targets"], reckoning, rows)
    moderation(ledger["Moderation"], reckoning, rows)
    queries(ledger["Target queries"], reckoning, rows)
    intervention_pages.pages(ledger, reckoning, rows, own=True)
    turned_out(ledger, reckoning, {one.subject for one in rows})
    pack = f"department-{name}"
    actions(ledger["Actions"], reckoning, pack, rows)
    record(ledger["Pack record"], reckoning, pack, len({one.adno for one in rows}))
    return ledger


def side_by_side(
    sheet: Sheet, reckoning: Reckoning, name: str, rows: Sequence[Taught]
) -> None:
    """The page a pack opens on."""
    title = reckoning.collection.get("name", reckoning.code)
    sheet.says("A1", f"{name}: {title}")
    said = answer(reckoning, rows) + before(reckoning, f"department-{name}", rows)
    for at, sentence in enumerate(said, start=4):
        sheet.says(f"A{at}", sentence)
    above, each = sheet.tables("Class", "With data")
    of_years, of_classes = years(reckoning, rows), classes(reckoning, rows)
    several = len({one.subject for one in rows}) > 1
    (whole,) = summed(reckoning, [once(rows)])
    assert len(above) == len(of_years) + (len(of_years) > 1)
    for line, one in zip(above, of_years, strict=False):
        line.are({"Year": one.first.year, "Class": "all classes", **one.cells()})
        if several:
            line.has(Subject=one.first.subject)
    if len(of_years) > 1:
        above[-1].are({"Year": None, "Class": "together", **whole.cells()})
    assert len(each) == len(of_classes)
    for line, one in zip(each, of_classes, strict=True):
        line.are(
            {
                "Year": one.first.class_year,
                "Class": one.first.class_,
                "Teacher": reckoning.teacher(one.first.teachers),
                "Returned": reckoning.state(one.first.class_),
                **one.cells(),
            }
        )
        if several:
            line.has(Subject=one.first.subject)
    last = sorted(
        {reckoning.last[one.year] for one in rows if one.year in reckoning.last}
    )
    if last:
        sheet.says(
            sheet.cell_of("Change: "),
            f"Change: by how many grades predictions have moved since {listed(last)}, "
            "the same pupils only (how many: beside it).",
        )


def pictures(sheet: Sheet, reckoning: Reckoning, rows: Sequence[Taught]) -> int:
    """The tables that the charts are drawn from; how many charts there must be."""
    title = reckoning.collection.get("name", reckoning.code)
    department = rows[0].department
    sheet.says("A1", f"{department}: {title}")
    flags = iter(sheet.tables("Class", "With data"))
    gaps = iter(sheet.tables("Class", "±"))
    drawn = 0
    each = classes(reckoning, rows)
    for year in sorted({one.first.class_year for one in each}):
        here = [one for one in each if one.first.class_year == year]
        there = [pair for pair in zip(named(here, here), here, strict=True)
                 if pair[1].with_data]  # fmt: skip
        if not there:
            continue
        table_of_flags(next(flags), there)
        drawn += 1
        with_gap = [pair for pair in there if pair[1].gap.n]
        if with_gap:
            table_of_gaps(next(gaps), with_gap)
            drawn += 1
    assert not list(flags)
    assert not list(gaps)
    return drawn


def table_of_flags(lines: list[Line], there: Sequence[tuple[str, Summed]]) -> None:
    assert len(lines) == len(there)
    for line, (name, one) in zip(lines, there, strict=True):
        n = one.with_data
        shares = {flag: one.flags[flag] / n for flag in
                  ("Above", "On", "Below", "Well below")}  # fmt: skip
        line.are({"Class": name, "With data": n, **shares})


def table_of_gaps(lines: list[Line], there: Sequence[tuple[str, Summed]]) -> None:
    assert len(lines) == len(there)
    for line, (name, one) in zip(lines, there, strict=True):
        gap = one.gap
        reach = None
        if gap.high is not None and gap.mean is not None:
            reach = gap.high - gap.mean
        line.are(
            {"Class": name, "n": gap.n, "Mean gap": gap.mean, "from": gap.low,
             "to": gap.high, "±": reach}
        )  # fmt: skip


def below(sheet: Sheet, reckoning: Reckoning, rows: Sequence[Taught]) -> None:
    """A year's pupils below target: those nothing is done for first."""
    pairs = once(rows)
    with_data = sum(bool(one.flag) for one in pairs)
    mine = [one for one in pairs if one.flag in BELOW]
    if not with_data:
        sheet.says(
            "A4",
            "Nobody has both a prediction and a target, so there are no flags to show.",
        )
        return
    if not mine:
        sheet.says("A4", "Nobody with data is predicted below target.")
        return
    several = len({one.subject for one in rows}) > 1
    every = [one for one in rows if one.flag in BELOW]
    in_classes = many(len({one.class_ for one in every}), "class", "classes")
    sheet.says(
        "A4",
        _below_said(reckoning, mine, with_data, in_classes=in_classes, several=several),
    )
    without = sum(not reckoning.help(one) for one in mine)
    sheet.says(
        "A5",
        f"{without:,} of them have no intervention running."
        if without
        else "All of them have an intervention running.",
    )
    shown = sorted(
        every,
        key=lambda one: (
            bool(reckoning.help(one)), one.subject, one.class_, one.gap or 0,
            one["surname"], one["forename"], one.adno,
        ),
    )  # fmt: skip
    lines = sheet.lines("Adno", "Flag")
    assert [line["Adno"] for line in lines] == [one.adno for one in shown]
    earlier = [
        code
        for code in reckoning.earlier[-EARLIER:]
        if any(one.earlier[code].shown for one in rows)
    ]
    for line, one in zip(lines, shown, strict=True):
        wanted: Mapping[str, object] = {
            "Adno": one.adno,
            "Subject": one.subject,
            "Class": one.class_,
            "Teacher": reckoning.teacher(one.teachers),
            "Surname": one["surname"],
            "Forename": one["forename"],
            "Reg": one["reg"],
            "Groups": one.groups,
            "Target": one["target"],
            "Prediction": one["prediction"],
            "Working at": one["working_at"],
            "Flag": one.flag,
            **({"In a row": reckoning.in_a_row(one)} if earlier else {}),
            **{code: one.earlier[code].shown for code in earlier},
            **{
                field.capitalize(): one[field]
                for field in ("effort", "reason", "comment")
                if field in reckoning.asks
            },
            "Running now": reckoning.help(one),
            **dict.fromkeys(("Intervention", "Who", "From", "Until")),
        }
        assert set(line.headings()) == set(wanted)
        line.are(wanted)


def _below_said(
    reckoning: Reckoning,
    mine: Sequence[Taught],
    with_data: int,
    *,
    in_classes: str,
    several: bool,
) -> str:
    """A pupil counts once in each subject; of several they are predictions."""
    of = many(with_data, "prediction" if several else "pupil")
    said = f"{len(mine):,} of {of} "
    said += "with a target are below it" if several else (
        "with data are predicted below target"
    )  # fmt: skip
    well = sum(one.flag == "Well below" for one in mine)
    said += f", {well:,} of them by 2 grades or more, in {in_classes}."
    again = sum(reckoning.before(one).flag in BELOW for one in mine)
    if again:
        last = listed(sorted({reckoning.last[one.year] for one in mine}))
        said += f" {again:,} were below in {last} too: start with them."
    return said
