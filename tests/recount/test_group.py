"""The group packs, counted again from the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.recount import intervention_pages
from tests.recount.action_pages import check_actions, opening_actions
from tests.recount.arithmetic import FEW, listing, per_cent, plural, signed
from tests.recount.audit import LineAudit, SheetAudit, WorkbookAudit
from tests.recount.cover import check_cover, check_record
from tests.recount.group_comparison import (
    GroupComparison,
    Key,
    compare_groups,
    with_sides,
)
from tests.recount.pupils import on_roll, pupil_recounts
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs
from tests.recount.test_pastoral import below_cells

BELOW = ("Below", "Well below")
SEXES = {"F": "Girls", "M": "Boys"}
VERDICTS = {
    "": "no further apart than chance gives",
    "Above": "ahead by more than chance gives",
    "Below": "behind by more than chance gives",
}
EARLIER = 3  # earlier collections beside a pupil
WORDING = (
    r"its 95% interval", r"[Uu]nder 11 pupils", r"fewer than 11 pupils",
    r"fewer than 6 similar pupils", r"where there are 6 of them at least",
)  # fmt: skip


def test_every_number_of_the_group_packs(data: RecountData) -> None:
    paths = {path.stem for path in data.exports.pack_paths("group")}
    names = {group: group.replace("/", "-") for group in data.groups}
    assert paths == {f"group-{name}" for name in names.values()}
    for group, name in names.items():
        pack = GroupPack(data, group, name)
        pack.count()
        pack.audit.assert_complete()


class GroupPack:
    """The pack of a group and its recount."""

    def __init__(self, data: RecountData, scope: str, file: str) -> None:
        self.data, self.scope, self.rows = data, scope, data.enrolments
        self.everybody = on_roll(data)
        pupils = [p for p in self.everybody if data.in_group(scope, p)]
        self.adnos = {pupil["adno"] for pupil in pupils}
        self.own_rows: list[Enrolment] = [row for row in self.rows if self.inside(row)]
        self.pupils = pupil_recounts(data, self.own_rows, pupils)
        self.below = sorted(
            (pupil for pupil in self.pupils if pupil.below),
            key=lambda row: (
                bool(row.running_help()),
                -row.below,
                -row.count("Well below"),
                row.short,
                *row.name,
            ),
        )
        self.name = f"group-{scope}"
        path = data.exports.packs / f"group-{file}.xlsx"
        self.audit = WorkbookAudit(
            path, data.exports.labels | set(data.opened) | {scope}
        )
        self.audit.ignore_wording(*WORDING)

    def inside(self, row: Enrolment) -> bool:
        return row.adno in self.adnos

    def crossed(self, row: Enrolment) -> Key:
        """Sex and prior attainment in words."""
        prior = self.data.prior(row.pupil)
        sex = SEXES.get(row.pupil["sex"], "Sex not known")
        prior = f"{prior} prior attainment" if prior else "prior attainment not known"
        return (f"{sex}, {prior}",)

    def count(self) -> None:
        """Check every sheet."""
        data, scope, audit = self.data, self.scope, self.audit
        sentences = self.answer()
        check_cover(
            audit["Cover"],
            data,
            self.own_rows,
            scope=scope,
            role="group lead",
            holders=data.holders("group lead", scope),
            opening=sentences,
            leaver_count=0,
        )
        self.comparison_page(audit["Against everyone else"], sentences)
        self.by_subject(audit["Year and subject"])
        self.people(audit["Pupils"])
        self.where(audit["Where they are below"])
        intervention_pages.pages(audit, data, self.own_rows, own=False)
        check_actions(audit["Actions"], data, self.name, self.own_rows)
        check_record(audit["Pack record"], data, self.name, len(self.pupils))

    def answer(self) -> list[str]:
        """The opening sentences."""
        scope, number = self.scope, len(self.adnos)
        everybody = len(self.everybody)
        if not number:
            return [f"Nobody on roll in these years is in {scope}."]
        (comparison,) = compare_groups(self.rows, self.inside) or [None]
        if comparison is None or not comparison.inside.with_data:
            return [
                f"{plural(number, 'pupil')} of {plural(everybody, 'pupil')} are in "
                f"{scope}; nothing is known yet of where they stand."
            ]
        without = sum(not pupil.running_help() for pupil in self.below)
        of = (
            f"{number:,} of {plural(everybody, 'pupil')} are in {scope}; "
            f"{len(self.below):,} of them are below target in at least one subject, "
            f"{without:,} of these with no intervention running."
        )
        if number == everybody:
            return [
                f"All {plural(number, 'pupil')} on roll in these years are in {scope}: "
                "there is nobody to compare them with.",
                of,
            ]
        if not comparison.others.with_data:
            return [
                f"{per_cent(comparison.inside.reached, comparison.inside.with_data)} "
                f"of {scope} predictions reach the target; nobody else has one yet to "
                "compare them with.",
                of,
            ]
        with_data = len({row.adno for row in unique_pairs(self.own_rows) if row.flag})
        if with_data < FEW:
            few = plural(with_data, "pupil")
            return [
                f"{scope} has {few} with data: too few to conclude anything from "
                "comparing them.",
                of,
            ]
        return [*self._apart(comparison), self._widest(), of]

    def _apart(self, comparison: GroupComparison) -> list[str]:
        ((_, side),) = with_sides([comparison])
        apart, inside, others = comparison.apart, comparison.inside, comparison.others
        verdict = "too few to conclude" if apart.n < FEW else VERDICTS[side]
        sentences = [
            f"{per_cent(inside.reached, inside.with_data)} of {self.scope} predictions "
            f"reach the target, against {per_cent(others.reached, others.with_data)} "
            f"of everyone else's: {verdict}."
        ]
        if apart.mean is not None and apart.low is not None and apart.high is not None:
            sentences.append(
                f"Their mean gap to target is {signed(inside.gap.value)} grades "
                f"against {signed(others.gap.value)}, "
                f"{signed(apart.mean).lstrip('+−')} apart (95% interval "
                f"{signed(apart.low)} to {signed(apart.high)})."
            )
        return sentences

    def _widest(self) -> str:
        comparisons = compare_groups(
            self.rows, self.inside, lambda comparison: (comparison.subject,)
        )
        behind = [
            comparison
            for comparison, side in with_sides(comparisons)
            if side == "Below"
        ]
        behind.sort(key=lambda comparison: comparison.apart.mean or 0)
        if not behind:
            return (
                "In no single subject is the group behind by more than chance alone "
                "gives."
            )
        names = [
            f"{comparison.key[0]} ({signed(comparison.apart.mean or 0)})"
            for comparison in behind
        ]
        return f"Widest, and beyond chance: {listing(names)}."

    def comparison_page(self, sheet: SheetAudit, sentences: Sequence[str]) -> None:
        """Check the opening page: by year, by sex and prior attainment, by subject."""
        title = self.data.collection.get("name", self.data.code)
        sheet.expect("A1", f"{self.scope}: {title}")
        opening = [
            *sentences,
            *opening_actions(self.data, self.name, self.own_rows),
        ]
        for at, sentence in enumerate(opening, start=4):
            sheet.expect(f"A{at}", sentence)
        if not self.own_rows:
            return
        ways: dict[str, Callable[[Enrolment], Key]] = {
            "Year": lambda row: (row.year,),
            "Sex and prior attainment": self.crossed,
            "Subject": lambda row: (row.subject,),
        }
        for heading, key in ways.items():
            (lines,) = sheet.tables(heading, "In the group")
            comparisons = with_sides(compare_groups(self.rows, self.inside, key))
            if heading == "Year" and len(comparisons) > 1:
                *lines, together = lines
                ((whole, side),) = with_sides(compare_groups(self.rows, self.inside))
                together.expect({"Year": None, **whole.cells(side)})
            _compared(lines, (heading,), comparisons)

    def none_below(self) -> str:
        """The sentence that nobody is below target, or that it is unknown."""
        if self.own_rows and not any(row.flag for row in self.own_rows):
            return (
                f"Nothing is known yet of where {self.scope} stand: no pupil has a "
                "prediction and a target."
            )
        return f"Nobody of {self.scope} is below target."

    def by_subject(self, sheet: SheetAudit) -> None:
        sheet.expect("A1", f"{self.scope}: year and subject")
        comparisons = compare_groups(
            self.rows, self.inside, lambda row: (row.year, row.subject)
        )
        lines = sheet.lines("Year", "Subject", "In the group")
        _compared(lines, ("Year", "Subject"), with_sides(comparisons))

    def people(self, sheet: SheetAudit) -> None:
        """Check the pupils below target, those without an intervention first."""
        sheet.expect("A1", f"{self.scope}: pupils")
        if not self.below:
            sheet.expect("A3", self.none_below())
            return
        lines = sheet.lines("Adno", "Running now")
        assert [line["Adno"] for line in lines] == [pupil.adno for pupil in self.below]
        for line, pupil in zip(lines, self.below, strict=True):
            line.expect(
                {"Year": int(pupil.pupil["year"]), "Reg": pupil.pupil["reg"],
                 **below_cells(pupil), "Intervention": "", "Who": "", "From": "",
                 "Until": ""}
            )  # fmt: skip

    def where(self, sheet: SheetAudit) -> None:
        """Check each subject below target, by year, subject and class."""
        sheet.expect("A1", f"{self.scope}: where they are below")
        below = [row for row in self.own_rows if row.flag in BELOW]
        below.sort(
            key=lambda row: (
                row.year, row.subject, row.class_, row.gap or 0,
                row.pupil["surname"], row.pupil["forename"], row.adno,
            )
        )  # fmt: skip
        if not below:
            sheet.expect("A3", self.none_below())
            return
        lines = sheet.lines("Class", "Prediction")
        assert len(lines) == len(below)
        codes = [
            code
            for code in self.data.earlier[-EARLIER:]
            if any(row.earlier[code].prediction for row in self.own_rows)
        ]
        for line, row in zip(lines, below, strict=True):
            line.expect(self._where(row))
            line.expect({code: row.earlier[code].display for code in codes})
            if codes:
                line.expect({"In a row": self.data.in_a_row(row)})

    def _where(self, row: Enrolment) -> dict[str, Any]:
        several = len({row.subject for row in self.own_rows}) > 1
        asks = self.data.collection.get("asks", ("effort", "reason", "comment"))
        return {
            "Year": row.year,
            **({"Subject": row.subject} if several else {}),
            "Class": row.class_,
            "Teacher": self.data.teacher(row.teachers),
            "Surname": row.pupil["surname"],
            "Forename": row.pupil["forename"],
            "Reg": row.pupil["reg"],
            "Groups": row.groups,
            "Target": row["target"],
            "Prediction": row["prediction"],
            "Working at": row["working_at"],
            "Flag": row.flag,
            **{
                field.capitalize(): row[field]
                for field in ("effort", "reason", "comment")
                if field in asks
            },
        }


def _compared(
    lines: Sequence[LineAudit],
    headings: Sequence[str],
    comparisons: Sequence[tuple[GroupComparison, str]],
) -> None:
    assert [tuple(line[name] for name in headings) for line in lines] == [
        comparison.key for comparison, _ in comparisons
    ]
    for line, (comparison, side) in zip(lines, comparisons, strict=True):
        line.expect(
            {
                **dict(zip(headings, comparison.key, strict=True)),
                **comparison.cells(side),
            }
        )
