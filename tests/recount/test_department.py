"""Heads of department: every number of their pack is counted again from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.recount.check_cover import check_charts, check_cover, check_record

from tests.recount import intervention_pages
from tests.recount.action_pages import check_actions, opening_actions
from tests.recount.arithmetic import count_text, list_text
from tests.recount.audit import LineAudit, SheetAudit, WorkbookAudit
from tests.recount.classes import (
    BELOW,
    FlagSummary,
    class_names,
    classes,
    flag_sentences,
    group_rows,
    summarise,
    years,
)
from tests.recount.grade_spread import check_queries, check_targets
from tests.recount.moderation import moderation
from tests.recount.past_predictions import check_past_predictions
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs

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


def departments(data: RecountData) -> dict[str, list[Enrolment]]:
    """Department -> who is taught in it."""
    found: dict[str, list[Enrolment]] = {}
    for one in data.enrolments:
        found.setdefault(one.department, []).append(one)
    return found


def test_every_number_of_the_department_packs_is_counted_again(
    data: RecountData,
) -> None:
    all_of_them = departments(data)
    paths = {path.stem: path for path in data.exports.pack_paths("department")}
    assert set(paths) == {f"department-{name}" for name in all_of_them}
    for name, rows in all_of_them.items():
        check_pack(data, name, rows, paths[f"department-{name}"]).assert_complete()


def check_pack(
    data: RecountData, name: str, rows: Sequence[Enrolment], path: Path
) -> WorkbookAudit:
    """One department's pack, counted."""
    audit = WorkbookAudit(path, data.exports.labels | set(data.opened))
    audit.ignore_wording(*WORDING)
    said = flag_sentences(data, rows)
    mine = {one.class_ for one in rows}
    check_cover(
        audit["Cover"],
        data,
        rows,
        scope=name,
        role=ROLE,
        holders=data.holders(ROLE, name),
        opening=said,
        leaver_count=sum(row["class"] in mine for row in data.leaver_marks),
    )
    side_by_side(audit["Classes"], data, name, rows)
    drawn = pictures(audit["Charts"], data, rows)
    assert check_charts(audit) == ({"Charts": drawn} if drawn else {})
    for (year,), part in group_rows(rows, lambda one: (one.year,)).items():
        below(audit[f"Year {year}"], data, part)
    check_targets(audit["Targets"], data, rows)
    moderation(audit["Moderation"], data, rows)
    check_queries(audit["Target queries"], data, rows)
    intervention_pages.pages(audit, data, rows, own=True)
    check_past_predictions(audit, data, {one.subject for one in rows})
    pack = f"department-{name}"
    check_actions(audit["Actions"], data, pack, rows)
    check_record(audit["Pack record"], data, pack, len({one.adno for one in rows}))
    return audit


def side_by_side(
    sheet: SheetAudit, data: RecountData, name: str, rows: Sequence[Enrolment]
) -> None:
    """The page a pack opens on."""
    title = data.collection.get("name", data.code)
    sheet.expect("A1", f"{name}: {title}")
    said = flag_sentences(data, rows) + opening_actions(
        data, f"department-{name}", rows
    )
    for at, sentence in enumerate(said, start=4):
        sheet.expect(f"A{at}", sentence)
    above, each = sheet.tables("Class", "With data")
    of_years, of_classes = years(data, rows), classes(data, rows)
    several = len({one.subject for one in rows}) > 1
    (whole,) = summarise(data, [unique_pairs(rows)])
    assert len(above) == len(of_years) + (len(of_years) > 1)
    for line, one in zip(above, of_years, strict=False):
        line.expect({"Year": one.first.year, "Class": "all classes", **one.cells()})
        if several:
            line.has(Subject=one.first.subject)
    if len(of_years) > 1:
        above[-1].expect({"Year": None, "Class": "together", **whole.cells()})
    assert len(each) == len(of_classes)
    for line, one in zip(each, of_classes, strict=True):
        line.expect(
            {
                "Year": one.first.class_year,
                "Class": one.first.class_,
                "Teacher": data.teacher(one.first.teachers),
                "Returned": data.state(one.first.class_),
                **one.cells(),
            }
        )
        if several:
            line.has(Subject=one.first.subject)
    last = sorted({data.last[one.year] for one in rows if one.year in data.last})
    if last:
        sheet.expect(
            sheet.find_cell("Change: "),
            f"Change: by how many grades predictions have moved since {list_text(last)}, "
            "the same pupils only (how many: beside it).",
        )


def pictures(sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]) -> int:
    """The tables that the charts are drawn from; how many charts there must be."""
    title = data.collection.get("name", data.code)
    department = rows[0].department
    sheet.expect("A1", f"{department}: {title}")
    flags = iter(sheet.tables("Class", "With data"))
    gaps = iter(sheet.tables("Class", "±"))
    drawn = 0
    each = classes(data, rows)
    for year in sorted({one.first.class_year for one in each}):
        here = [one for one in each if one.first.class_year == year]
        there = [pair for pair in zip(class_names(here, here), here, strict=True)
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


def table_of_flags(
    lines: list[LineAudit], there: Sequence[tuple[str, FlagSummary]]
) -> None:
    assert len(lines) == len(there)
    for line, (name, one) in zip(lines, there, strict=True):
        n = one.with_data
        shares = {flag: one.flags[flag] / n for flag in
                  ("Above", "On", "Below", "Well below")}  # fmt: skip
        line.expect({"Class": name, "With data": n, **shares})


def table_of_gaps(
    lines: list[LineAudit], there: Sequence[tuple[str, FlagSummary]]
) -> None:
    assert len(lines) == len(there)
    for line, (name, one) in zip(lines, there, strict=True):
        gap = one.gap
        reach = None
        if gap.high is not None and gap.mean is not None:
            reach = gap.high - gap.mean
        line.expect(
            {"Class": name, "n": gap.n, "Mean gap": gap.mean, "from": gap.low,
             "to": gap.high, "±": reach}
        )  # fmt: skip


def below(sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]) -> None:
    """A year's pupils below target: those nothing is done for first."""
    pairs = unique_pairs(rows)
    with_data = sum(bool(one.flag) for one in pairs)
    mine = [one for one in pairs if one.flag in BELOW]
    if not with_data:
        sheet.expect(
            "A4",
            "Nobody has both a prediction and a target, so there are no flags to show.",
        )
        return
    if not mine:
        sheet.expect("A4", "Nobody with data is predicted below target.")
        return
    several = len({one.subject for one in rows}) > 1
    every = [one for one in rows if one.flag in BELOW]
    in_classes = count_text(len({one.class_ for one in every}), "class", "classes")
    sheet.expect(
        "A4",
        _below_said(data, mine, with_data, in_classes=in_classes, several=several),
    )
    without = sum(not data.running_help(one) for one in mine)
    sheet.expect(
        "A5",
        f"{without:,} of them have no intervention running."
        if without
        else "All of them have an intervention running.",
    )
    shown = sorted(
        every,
        key=lambda one: (
            bool(data.running_help(one)), one.subject, one.class_, one.gap or 0,
            one["surname"], one["forename"], one.adno,
        ),
    )  # fmt: skip
    lines = sheet.lines("Adno", "Flag")
    assert [line["Adno"] for line in lines] == [one.adno for one in shown]
    earlier = [
        code
        for code in data.earlier[-EARLIER:]
        if any(one.earlier[code].shown for one in rows)
    ]
    for line, one in zip(lines, shown, strict=True):
        wanted: Mapping[str, object] = {
            "Adno": one.adno,
            "Subject": one.subject,
            "Class": one.class_,
            "Teacher": data.teacher(one.teachers),
            "Surname": one["surname"],
            "Forename": one["forename"],
            "Reg": one["reg"],
            "Groups": one.groups,
            "Target": one["target"],
            "Prediction": one["prediction"],
            "Working at": one["working_at"],
            "Flag": one.flag,
            **({"In a row": data.in_a_row(one)} if earlier else {}),
            **{code: one.earlier[code].shown for code in earlier},
            **{
                field.capitalize(): one[field]
                for field in ("effort", "reason", "comment")
                if field in data.fields
            },
            "Running now": data.running_help(one),
            **dict.fromkeys(("Intervention", "Who", "From", "Until")),
        }
        assert set(line.headings()) == set(wanted)
        line.expect(wanted)


def _below_said(
    data: RecountData,
    mine: Sequence[Enrolment],
    with_data: int,
    *,
    in_classes: str,
    several: bool,
) -> str:
    """A pupil counts once in each subject; of several they are predictions."""
    of = count_text(with_data, "prediction" if several else "pupil")
    said = f"{len(mine):,} of {of} "
    said += "with a target are below it" if several else (
        "with data are predicted below target"
    )  # fmt: skip
    well = sum(one.flag == "Well below" for one in mine)
    said += f", {well:,} of them by 2 grades or more, in {in_classes}."
    again = sum(data.previous(one).flag in BELOW for one in mine)
    if again:
        last = list_text(sorted({data.last[one.year] for one in mine}))
        said += f" {again:,} were below in {last} too: start with them."
    return said
