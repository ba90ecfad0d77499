"""Group leads: every number of their packs is counted again from the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.recount.check_cover import check_cover, check_record

from tests.recount import intervention_pages
from tests.recount.action_pages import check_actions, opening_actions
from tests.recount.arithmetic import FEW, count_text, grade_text, list_text, per_cent
from tests.recount.audit import LineAudit, SheetAudit, WorkbookAudit
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
    """One group's pack beside its reckoning."""

    def __init__(self, data: RecountData, scope: str, file: str) -> None:
        self.data, self.scope, self.rows = data, scope, data.enrolments
        self.everybody = on_roll(data)
        pupils = [p for p in self.everybody if data.in_group(scope, p)]
        self.adnos = {pupil["adno"] for pupil in pupils}
        self.mine: list[Enrolment] = [one for one in self.rows if self.inside(one)]
        self.pupils = pupil_recounts(data, self.mine, pupils)
        self.below = sorted(
            (one for one in self.pupils if one.below),
            key=lambda one: (
                bool(one.running_help()), -one.below, -one.count("Well below"), one.short,
                *one.name,
            ),
        )  # fmt: skip
        self.name = f"group-{scope}"
        path = data.exports.packs / f"group-{file}.xlsx"
        self.audit = WorkbookAudit(
            path, data.exports.labels | set(data.opened) | {scope}
        )
        self.audit.ignore_wording(*WORDING)

    def inside(self, one: Enrolment) -> bool:
        return one.adno in self.adnos

    def crossed(self, one: Enrolment) -> Key:
        """Sex and prior attainment in words."""
        prior = self.data.prior(one.pupil)
        sex = SEXES.get(one.pupil["sex"], "Sex not known")
        prior = f"{prior} prior attainment" if prior else "prior attainment not known"
        return (f"{sex}, {prior}",)

    def count(self) -> None:
        """Count every sheet."""
        data, scope, audit = self.data, self.scope, self.audit
        said = self.answer()
        check_cover(
            audit["Cover"], data, self.mine, scope=scope, role="group lead",
            holders=data.holders("group lead", scope), opening=said, leaver_count=0,
        )  # fmt: skip
        self.comparison_page(audit["Against everyone else"], said)
        self.by_subject(audit["Year and subject"])
        self.people(audit["Pupils"])
        self.where(audit["Where they are below"])
        intervention_pages.pages(audit, data, self.mine, own=False)
        check_actions(audit["Actions"], data, self.name, self.mine)
        check_record(audit["Pack record"], data, self.name, len(self.pupils))

    def answer(self) -> list[str]:
        """The sentences it opens with."""
        scope, number = self.scope, len(self.adnos)
        everybody = len(self.everybody)
        if not number:
            return [f"Nobody on roll in these years is in {scope}."]
        (one,) = compare_groups(self.rows, self.inside) or [None]
        if one is None or not one.inside.with_data:
            return [
                f"{count_text(number, 'pupil')} of {count_text(everybody, 'pupil')} are in "
                f"{scope}; nothing is known yet of where they stand."
            ]
        without = sum(not pupil.running_help() for pupil in self.below)
        of = (
            f"{number:,} of {count_text(everybody, 'pupil')} are in {scope}; "
            f"{len(self.below):,} of them are below target in at least one subject, "
            f"{without:,} of these with no intervention running."
        )
        if number == everybody:
            return [
                f"All {count_text(number, 'pupil')} on roll in these years are in {scope}: "
                "there is nobody to compare them with.",
                of,
            ]
        if not one.others.with_data:
            return [
                f"{per_cent(one.inside.reached, one.inside.with_data)} of {scope} "
                "predictions reach the target; nobody else has one yet to compare "
                "them with.",
                of,
            ]
        with_data = len({row.adno for row in unique_pairs(self.mine) if row.flag})
        if with_data < FEW:
            few = count_text(with_data, "pupil")
            return [
                f"{scope} has {few} with data: too few to conclude anything from "
                "comparing them.",
                of,
            ]
        return [*self._apart(one), self._widest(), of]

    def _apart(self, one: GroupComparison) -> list[str]:
        ((_, side),) = with_sides([one])
        apart, mine, others = one.apart, one.inside, one.others
        verdict = "too few to conclude" if apart.n < FEW else VERDICTS[side]
        said = [
            f"{per_cent(mine.reached, mine.with_data)} of {self.scope} predictions "
            f"reach the target, against {per_cent(others.reached, others.with_data)} "
            f"of everyone else's: {verdict}."
        ]
        if apart.mean is not None and apart.low is not None and apart.high is not None:
            said.append(
                f"Their mean gap to target is {grade_text(mine.gap.value)} grades against "
                f"{grade_text(others.gap.value)}, {grade_text(apart.mean).lstrip('+−')} apart "
                f"(95% interval {grade_text(apart.low)} to {grade_text(apart.high)})."
            )
        return said

    def _widest(self) -> str:
        made = compare_groups(self.rows, self.inside, lambda one: (one.subject,))
        behind = [one for one, side in with_sides(made) if side == "Below"]
        behind.sort(key=lambda one: one.apart.mean or 0)
        if not behind:
            return (
                "In no single subject is the group behind by more than chance alone "
                "gives."
            )
        names = [f"{one.key[0]} ({grade_text(one.apart.mean or 0)})" for one in behind]
        return f"Widest, and beyond chance: {list_text(names)}."

    def comparison_page(self, sheet: SheetAudit, said: Sequence[str]) -> None:
        """The page it opens on: by year, by sex and prior attainment, by subject."""
        title = self.data.collection.get("name", self.data.code)
        sheet.expect("A1", f"{self.scope}: {title}")
        opening = [*said, *opening_actions(self.data, self.name, self.mine)]
        for at, sentence in enumerate(opening, start=4):
            sheet.expect(f"A{at}", sentence)
        if not self.mine:
            return
        ways: dict[str, Callable[[Enrolment], Key]] = {
            "Year": lambda one: (one.year,),
            "Sex and prior attainment": self.crossed,
            "Subject": lambda one: (one.subject,),
        }
        for heading, key in ways.items():
            (lines,) = sheet.tables(heading, "In the group")
            made = with_sides(compare_groups(self.rows, self.inside, key))
            if heading == "Year" and len(made) > 1:
                *lines, together = lines
                ((whole, side),) = with_sides(compare_groups(self.rows, self.inside))
                together.expect({"Year": None, **whole.cells(side)})
            _compared(lines, (heading,), made)

    def none_below(self) -> str:
        """That nobody is below target, or that nobody knows."""
        if self.mine and not any(one.flag for one in self.mine):
            return (
                f"Nothing is known yet of where {self.scope} stand: no pupil has a "
                "prediction and a target."
            )
        return f"Nobody of {self.scope} is below target."

    def by_subject(self, sheet: SheetAudit) -> None:
        sheet.expect("A1", f"{self.scope}: year and subject")
        made = compare_groups(
            self.rows, self.inside, lambda one: (one.year, one.subject)
        )
        lines = sheet.lines("Year", "Subject", "In the group")
        _compared(lines, ("Year", "Subject"), with_sides(made))

    def people(self, sheet: SheetAudit) -> None:
        """Whoever is below target in anything: those with nothing running first."""
        sheet.expect("A1", f"{self.scope}: pupils")
        if not self.below:
            sheet.expect("A3", self.none_below())
            return
        lines = sheet.lines("Adno", "Running now")
        assert [line["Adno"] for line in lines] == [one.adno for one in self.below]
        for line, one in zip(lines, self.below, strict=True):
            line.expect(
                {"Year": int(one.pupil["year"]), "Reg": one.pupil["reg"],
                 **below_cells(one), "Intervention": "", "Who": "", "From": "",
                 "Until": ""}
            )  # fmt: skip

    def where(self, sheet: SheetAudit) -> None:
        """Each subject of theirs below target, by year, subject and class."""
        sheet.expect("A1", f"{self.scope}: where they are below")
        below = [one for one in self.mine if one.flag in BELOW]
        below.sort(
            key=lambda one: (
                one.year, one.subject, one.class_, one.gap or 0,
                one.pupil["surname"], one.pupil["forename"], one.adno,
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
            if any(one.earlier[code].prediction for one in self.mine)
        ]
        for line, one in zip(lines, below, strict=True):
            line.expect(self._where(one))
            line.expect({code: one.earlier[code].shown for code in codes})
            if codes:
                line.expect({"In a row": self.data.in_a_row(one)})

    def _where(self, one: Enrolment) -> dict[str, Any]:
        several = len({row.subject for row in self.mine}) > 1
        asks = self.data.collection.get("asks", ("effort", "reason", "comment"))
        return {
            "Year": one.year,
            **({"Subject": one.subject} if several else {}),
            "Class": one.class_,
            "Teacher": self.data.teacher(one.teachers),
            "Surname": one.pupil["surname"],
            "Forename": one.pupil["forename"],
            "Reg": one.pupil["reg"],
            "Groups": one.groups,
            "Target": one["target"],
            "Prediction": one["prediction"],
            "Working at": one["working_at"],
            "Flag": one.flag,
            **{
                field.capitalize(): one[field]
                for field in ("effort", "reason", "comment")
                if field in asks
            },
        }


def _compared(
    lines: Sequence[LineAudit],
    headings: Sequence[str],
    made: Sequence[tuple[GroupComparison, str]],
) -> None:
    assert [tuple(line[name] for name in headings) for line in lines] == [
        one.key for one, _ in made
    ]
    for line, (one, side) in zip(lines, made, strict=True):
        line.expect({**dict(zip(headings, one.key, strict=True)), **one.cells(side)})
