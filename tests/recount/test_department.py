"""The department packs, counted again from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.recount import intervention_pages
from tests.recount.action_pages import check_actions, opening_actions
from tests.recount.arithmetic import listing, plural
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
from tests.recount.cover import check_charts, check_cover, check_record
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
    """Department -> its enrolments."""
    result: dict[str, list[Enrolment]] = {}
    for row in data.enrolments:
        result.setdefault(row.department, []).append(row)
    return result


def test_every_number_of_the_department_packs(
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
    """Check one department's pack."""
    audit = WorkbookAudit(path, data.exports.labels | set(data.opened))
    audit.ignore_wording(*WORDING)
    sentences = flag_sentences(data, rows)
    classes = {row.class_ for row in rows}
    check_cover(
        audit["Cover"],
        data,
        rows,
        scope=name,
        role=ROLE,
        holders=data.holders(ROLE, name),
        opening=sentences,
        leaver_count=sum(row["class"] in classes for row in data.leaver_marks),
    )
    side_by_side(audit["Classes"], data, name, rows)
    chart_count = pictures(audit["Charts"], data, rows)
    assert check_charts(audit) == ({"Charts": chart_count} if chart_count else {})
    for (year,), part in group_rows(rows, lambda row: (row.year,)).items():
        below(audit[f"Year {year}"], data, part)
    check_targets(audit["Targets"], data, rows)
    moderation(audit["Moderation"], data, rows)
    check_queries(audit["Target queries"], data, rows)
    intervention_pages.pages(audit, data, rows, own=True)
    check_past_predictions(audit, data, {row.subject for row in rows})
    pack = f"department-{name}"
    check_actions(audit["Actions"], data, pack, rows)
    check_record(audit["Pack record"], data, pack, len({row.adno for row in rows}))
    return audit


def side_by_side(
    sheet: SheetAudit, data: RecountData, name: str, rows: Sequence[Enrolment]
) -> None:
    """Check the opening page."""
    title = data.collection.get("name", data.code)
    sheet.expect("A1", f"{name}: {title}")
    sentences = flag_sentences(data, rows) + opening_actions(
        data, f"department-{name}", rows
    )
    for at, sentence in enumerate(sentences, start=4):
        sheet.expect(f"A{at}", sentence)
    above, each = sheet.tables("Class", "With data")
    of_years, of_classes = years(data, rows), classes(data, rows)
    several = len({summary.subject for summary in rows}) > 1
    (whole,) = summarise(data, [unique_pairs(rows)])
    assert len(above) == len(of_years) + (len(of_years) > 1)
    for line, summary in zip(above, of_years, strict=False):
        line.expect(
            {"Year": summary.first.year, "Class": "all classes", **summary.cells()}
        )
        if several:
            line.expect({"Subject": summary.first.subject})
    if len(of_years) > 1:
        above[-1].expect({"Year": None, "Class": "together", **whole.cells()})
    assert len(each) == len(of_classes)
    for line, summary in zip(each, of_classes, strict=True):
        line.expect(
            {
                "Year": summary.first.class_year,
                "Class": summary.first.class_,
                "Teacher": data.teacher(summary.first.teachers),
                "Returned": data.state(summary.first.class_),
                **summary.cells(),
            }
        )
        if several:
            line.expect({"Subject": summary.first.subject})
    last = sorted(
        {data.last[summary.year] for summary in rows if summary.year in data.last}
    )
    if last:
        sheet.expect(
            sheet.find_cell("Change: "),
            f"Change: by how many grades predictions have moved since {listing(last)}, "
            "the same pupils only (how many: beside it).",
        )


def pictures(sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]) -> int:
    """Check the tables of the charts, and return the number of charts."""
    title = data.collection.get("name", data.code)
    department = rows[0].department
    sheet.expect("A1", f"{department}: {title}")
    flags = iter(sheet.tables("Class", "With data"))
    gaps = iter(sheet.tables("Class", "±"))
    chart_count = 0
    each = classes(data, rows)
    for year in sorted({summary.first.class_year for summary in each}):
        year_classes = [summary for summary in each if summary.first.class_year == year]
        with_data = [
            pair
            for pair in zip(
                class_names(year_classes, year_classes), year_classes, strict=True
            )
            if pair[1].with_data
        ]
        if not with_data:
            continue
        table_of_flags(next(flags), with_data)
        chart_count += 1
        with_gap = [pair for pair in with_data if pair[1].gap.n]
        if with_gap:
            table_of_gaps(next(gaps), with_gap)
            chart_count += 1
    assert not list(flags)
    assert not list(gaps)
    return chart_count


def table_of_flags(
    lines: list[LineAudit], summaries: Sequence[tuple[str, FlagSummary]]
) -> None:
    assert len(lines) == len(summaries)
    for line, (name, summary) in zip(lines, summaries, strict=True):
        n = summary.with_data
        shares = {flag: summary.flags[flag] / n for flag in
                  ("Above", "On", "Below", "Well below")}  # fmt: skip
        line.expect({"Class": name, "With data": n, **shares})


def table_of_gaps(
    lines: list[LineAudit], summaries: Sequence[tuple[str, FlagSummary]]
) -> None:
    assert len(lines) == len(summaries)
    for line, (name, summary) in zip(lines, summaries, strict=True):
        gap = summary.gap
        reach = None
        if gap.high is not None and gap.mean is not None:
            reach = gap.high - gap.mean
        line.expect(
            {"Class": name, "n": gap.n, "Mean gap": gap.mean, "from": gap.low,
             "to": gap.high, "±": reach}
        )  # fmt: skip


def below(sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]) -> None:
    """Check a year's pupils below target, those without an intervention first."""
    pairs = unique_pairs(rows)
    with_data = sum(bool(row.flag) for row in pairs)
    below_rows = [row for row in pairs if row.flag in BELOW]
    if not with_data:
        sheet.expect(
            "A4",
            "Nobody has both a prediction and a target, so there are no flags to show.",
        )
        return
    if not below_rows:
        sheet.expect("A4", "Nobody with data is predicted below target.")
        return
    several = len({row.subject for row in rows}) > 1
    every = [row for row in rows if row.flag in BELOW]
    in_classes = plural(len({row.class_ for row in every}), "class", "classes")
    sheet.expect(
        "A4",
        _below_sentence(
            data, below_rows, with_data, in_classes=in_classes, several=several
        ),
    )
    without = sum(not data.running_help(row) for row in below_rows)
    sheet.expect(
        "A5",
        f"{without:,} of them have no intervention running."
        if without
        else "All of them have an intervention running.",
    )
    ordered = sorted(
        every,
        key=lambda row: (
            bool(data.running_help(row)), row.subject, row.class_, row.gap or 0,
            row["surname"], row["forename"], row.adno,
        ),
    )  # fmt: skip
    lines = sheet.lines("Adno", "Flag")
    assert [line["Adno"] for line in lines] == [row.adno for row in ordered]
    earlier = [
        code
        for code in data.earlier[-EARLIER:]
        if any(row.earlier[code].display for row in rows)
    ]
    for line, row in zip(lines, ordered, strict=True):
        expected: Mapping[str, object] = {
            "Adno": row.adno,
            "Subject": row.subject,
            "Class": row.class_,
            "Teacher": data.teacher(row.teachers),
            "Surname": row["surname"],
            "Forename": row["forename"],
            "Reg": row["reg"],
            "Groups": row.groups,
            "Target": row["target"],
            "Prediction": row["prediction"],
            "Working at": row["working_at"],
            "Flag": row.flag,
            **({"In a row": data.in_a_row(row)} if earlier else {}),
            **{code: row.earlier[code].display for code in earlier},
            **{
                field.capitalize(): row[field]
                for field in ("effort", "reason", "comment")
                if field in data.fields
            },
            "Running now": data.running_help(row),
            **dict.fromkeys(("Intervention", "Who", "From", "Until")),
        }
        assert set(line.headings()) == set(expected)
        line.expect(expected)


def _below_sentence(
    data: RecountData,
    below_rows: Sequence[Enrolment],
    with_data: int,
    *,
    in_classes: str,
    several: bool,
) -> str:
    """The opening sentence; with several subjects it counts predictions."""
    of = plural(with_data, "prediction" if several else "pupil")
    text = f"{len(below_rows):,} of {of} "
    text += "with a target are below it" if several else (
        "with data are predicted below target"
    )  # fmt: skip
    well = sum(row.flag == "Well below" for row in below_rows)
    text += f", {well:,} of them by 2 grades or more, in {in_classes}."
    repeated = sum(data.previous(row).flag in BELOW for row in below_rows)
    if repeated:
        last = listing(sorted({data.last[row.year] for row in below_rows}))
        text += f" {repeated:,} were below in {last} too: start with them."
    return text
