"""Results day: every number of the pack is counted again from the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction

import pytest

from tests.recount import national
from tests.recount.alike import against
from tests.recount.arithmetic import (
    FEW,
    beyond_chance,
    day,
    grades,
    listed,
    many,
    mean_of,
    per_cent,
    rounded,
)
from tests.recount.attainment import ENGLISH
from tests.recount.cohort import NAMES
from tests.recount.cover import charts
from tests.recount.ledger import Ledger, Sheet
from tests.recount.outcomes import MEASURES, Outcome, Outcomes, best
from tests.recount.reckoning import Reckoning

TITLES = NAMES | {"mean_points": "Mean points of a result"}
SHEETS = (
    "Headlines", "Subjects", "Charts", "Class by class", "Teachers", "Pupils",
    "Next step", "What happened",
)  # fmt: skip
FINAL = 11  # the last year of Key Stage 4
TABLES = {
    "Subjects": ("Subject",),
    "Class by class": ("Class", "Subject", "Teacher"),
    "Teachers": ("Teacher", "Subject"),
}
FEW_SAID = "too few to conclude"
NOTES = {
    "": "",
    "Above": "predicted too high, beyond chance",
    "Below": "predicted too low, beyond chance",
}
ADDED = {"": "", "Above": "above, beyond chance", "Below": "below, beyond chance"}
FIXED = (
    r"the 95% interval", r"fewer than 11 pupils", r"2023/24 estimates",
    r"\(Benjamini and Hochberg\)", r"its 95% interval",
    r"at the end of Key Stage 4", r"^English and mathematics [457]\+$",
)  # fmt: skip


class ResultsDay:
    """The pack beside its reckoning."""

    def __init__(self, reckoning: Reckoning) -> None:
        self.reckoning = reckoning
        years = {
            row["academic_year"] for row in reckoning.books["results"] if row["points"]
        }
        *before, year = sorted(years)
        self.of = Outcomes(reckoning, year)
        self.before = Outcomes(reckoning, before[-1]) if before else None
        path = reckoning.books.folder / "packs" / "results" / "results.xlsx"
        self.ledger = Ledger(path, [*reckoning.books.labels, year])
        self.ledger.wording(*FIXED)

    @property
    def title(self) -> str:
        return f"Results of {self.of.academic_year}"

    @property
    def final(self) -> list[str]:
        """The pupils of the final year group with a grade."""
        of = self.of.of_pupil
        return [adno for adno in of if of[adno][0].year == FINAL]

    def said(self) -> list[str]:
        """The sentences it opens with."""
        of, found = self.of, []
        everybody = lambda adno: True  # noqa: E731
        figure = {
            name: of.figure(FINAL, name, "actual", everybody)
            for name in ("attainment8", "english_maths_4", "english_maths_5")
        }
        n = figure["attainment8"].pupils
        four, five = (
            per_cent(round(figure[name].value * figure[name].pupils), n)
            for name in ("english_maths_4", "english_maths_5")
        )
        found.append(
            f"Year {FINAL}: Attainment 8 {rounded(figure['attainment8'].value, 1)} for "
            f"{many(n, 'pupil')}; {four} with 4+ and {five} with 5+ in English and "
            "maths."
        )
        apart = of.apart(FINAL, "attainment8")
        if apart.n:
            then, now = (
                of.figure(FINAL, "attainment8", side, of.matched).value
                for side in ("predicted", "actual")
            )
            assert apart.mean is not None
            assert apart.low is not None and apart.high is not None
            found.append(
                f"Predicted for the {many(apart.n, 'pupil')} who had a prediction for "
                f"every result: {rounded(then, 1)}; they reached {rounded(now, 1)}, "
                f"which is {grades(apart.mean)} (95% interval {grades(apart.low)} to "
                f"{grades(apart.high)})."
            )
        found.append(
            "No expected outcome: the store has no results of earlier years beside "
            "predictions made at the same point of the year."
        )
        if self.without():
            found.append(
                f"On roll in Year {FINAL} without any result: "
                f"{many(self.without(), 'pupil')}. They are in no figure."
            )
        if codes := len(of.every) - len(of.rows):
            found.append(
                f"Without a grade (X, or pending): {many(codes, 'result')}. They are "
                "in no figure."
            )
        found.append(self._accuracy())
        return found

    def _accuracy(self) -> str:
        errors = [one.error for one in self.of.rows if one.error is not None]
        every = many(len(self.of.rows), "grade")
        if not errors:
            return f"None of the {every} had a prediction: nothing can be said."
        mean = sum(errors, Fraction(0)) / len(errors)
        exact = sum(error == 0 for error in errors)
        near = sum(abs(error) <= 1 for error in errors)
        return (
            f"{len(errors):,} of {every} had a prediction: "
            f"{per_cent(exact, len(errors))} exact, {per_cent(near, len(errors))} "
            f"within one grade, on average {rounded(abs(mean), 1)} grades "
            f"{'too high' if mean > 0 else 'too low'}."
        )

    def without(self) -> int:
        """Pupils who stayed till the summer, in the final year, without any result."""
        books, year = self.reckoning.books, self.of.academic_year
        classes = {
            row["class"]: int(row["year"])
            for row in books["classes"]
            if row["academic_year"] == year
        }
        there = {
            row["adno"]
            for row in books["memberships"]
            if row["academic_year"] == year and classes[row["class"]] == FINAL
        }
        may = f"{int(year[:4]) + 1}-05-01"
        with_any = {row["adno"] for row in self.of.every}
        return sum(
            not self.reckoning.pupils[adno]["left"]
            or self.reckoning.pupils[adno]["left"] > may
            for adno in there - with_any
        )

    # The sheets

    def cover(self) -> None:
        sheet, of = self.ledger["Cover"], self.of
        sheet.says("A1", self.title)
        sheet.says("A2", self.reckoning.settings["school"]["name"])
        said = self.said()
        for at, sentence in enumerate(said, start=4):
            sheet.says(f"A{at}", sentence)
        at = 4 + len(said) + 1
        holders = self.reckoning.holders("senior leader", "School")
        files = sorted({row["source_file"] for row in of.every})
        last = max(row["read_at"] for row in of.every)
        with_one = [one for one in of.rows if one.predicted]
        written = datetime.fromisoformat(last)
        end = int(of.academic_year[:4]) + 2
        facts = {
            "For": "\n".join(f"{name}, senior leader" for name in holders),
            "From": f"{many(len(of.every), 'result')} in "
            f"{many(len({one.subject for one in of.rows}), 'subject')}, read from "
            f"{listed(files, 10)}; the last on {day(last)}",
            "With": f"{len(with_one):,} of {many(len(of.rows), 'grade')} with a last "
            f"prediction from {listed(sorted({one.collection for one in with_one}))}",
            "Written": f"{day(last)}, {written:%H:%M}",
            "Keep until": f"31 Aug {end}",
        }
        for name, text in facts.items():
            assert sheet[f"A{at}"] == name
            sheet.says(f"B{at}", text)
            at += 1
        assert sheet[f"A{at + 1}"] == "What is in it"
        for place, name in enumerate(SHEETS, start=at + 2):
            sheet.says(f"A{place}", name)

    def headlines(self) -> None:
        sheet, of = self.ledger["Headlines"], self.of
        sheet.says("A1", f"{self.reckoning.settings['school']['name']}: {self.title}")
        for at, sentence in enumerate(self.said(), start=3):
            sheet.says(f"A{at}", sentence)
        groups = self.reckoning.groups
        lines = sheet.lines("Measure", "All")
        assert [line["Measure"] for line in lines] == [TITLES[m] for m in MEASURES]
        for measure, line in zip(MEASURES, lines, strict=True):
            found = of.figure(FINAL, measure, "actual", lambda adno: True)
            line.are(
                {"Pupils": found.pupils, "All": found.value, "from": found.low,
                 "to": found.high}
            )  # fmt: skip
            for place, group in enumerate(groups, start=1):
                part = of.figure(FINAL, measure, "actual", self._members(group))
                n = "n" if place == 1 else f"n {place}"
                line.are({group: part.value if part.pupils else None, n: part.pupils})
            then = None
            if self.before:
                then = self.before.figure(FINAL, measure, "actual", lambda adno: True)
            average = national.average(measure)
            line.are(
                {"Year before": then.value if then and then.pupils else None,
                 "National": average[0] if average else None,
                 "of": average[1] if average else None}
            )  # fmt: skip
        self._same(sheet)

    def _members(self, group: str) -> Callable[[str], bool]:
        pupils = self.reckoning.pupils
        return lambda adno: self.reckoning.inside(group, pupils[adno])

    def _same(self, sheet: Sheet) -> None:
        of = self.of
        there = [name for name in MEASURES if of.apart(FINAL, name).n]
        lines = sheet.lines("Measure", "Happened")
        assert [line["Measure"] for line in lines] == [TITLES[m] for m in there]
        for measure, line in zip(there, lines, strict=True):
            then, now, aim = (
                of.figure(FINAL, measure, side, of.matched)
                for side in ("predicted", "actual", "target")
            )
            by_pupil = of.apart(FINAL, measure)
            apart = now.value - then.value
            reach = None if by_pupil.error is None else 1.96 * by_pupil.error
            line.are(
                {"Pupils": by_pupil.n, "Predicted": then.value, "Happened": now.value,
                 "Apart": apart, "from": None if reach is None else apart - reach,
                 "to": None if reach is None else apart + reach}
            )  # fmt: skip
            against_themselves = measure in ("mean_gap", "on_or_above")
            aimed = not against_themselves and aim.pupils
            line.are(
                {"Targets": aim.value if aimed else None,
                 "n": aim.pupils if aimed else None}
            )  # fmt: skip

    def compared(self, name: str) -> None:
        """Subjects, classes or teachers: predicted and happened, and value added."""
        sheet, by = self.ledger[name], TABLES[name]
        rows: dict[tuple[str, ...], list[Outcome]] = {}
        for one in self.of.rows:
            key = {"Class": one.class_, "Subject": one.subject, "Teacher": one.lead}
            rows.setdefault(tuple(key[heading] for heading in by), []).append(one)
        keys = sorted(rows)
        lines = sheet.lines(*by, "Results")
        assert [tuple(line[heading] for heading in by) for line in lines] == keys
        means = [mean_of(one.error for one in rows[key]) for key in keys]
        sides = dict(zip(keys, beyond_chance(means), strict=True))
        added = against(
            {
                key: [
                    r for one in rows[key] if (r := self.of.residual(one)) is not None
                ]
                for key in keys
            }
        )
        sheet.says("A1", f"{self.title}: {name.lower()}")
        sheet.says("A4", self._beyond(by[0], sides))
        for key, line, mean in zip(keys, lines, means, strict=True):
            errors = [one.error for one in rows[key] if one.error is not None]
            gaps = [
                self.reckoning.gap(one.subject, one.actual, one.target)
                for one in rows[key]
            ]
            there = [gap for gap in gaps if gap is not None]
            n = len(errors)
            few = FEW_SAID if 0 < n < FEW else ""
            line.are(
                {
                    "Results": len(rows[key]),
                    "On or above target": _share([gap >= 0 for gap in there]),
                    "Predicted": n,
                    "Exact": _share([error == 0 for error in errors]),
                    "Within one": _share([abs(error) <= 1 for error in errors]),
                    "Too high": _share([error > 0 for error in errors]),
                    "Too low": _share([error < 0 for error in errors]),
                    "Error": mean.mean,
                    "from": mean.low,
                    "to": mean.high,
                    "Predictions": few or NOTES[sides[key]],
                }
            )
            like = added.get(key)
            few = FEW_SAID if like and like.n < FEW else ""
            line.are(
                {
                    "n": like.n if like else 0,
                    "Against similar": like.mean if like else None,
                    "from 2": like.low if like else None,
                    "to 2": like.high if like else None,
                    "Drawn in": like.drawn_in if like else None,
                    "Value added": few or (ADDED[like.side] if like else ""),
                }
            )

    @staticmethod
    def _beyond(what: str, sides: dict[tuple[str, ...], str]) -> str:
        high, low = (
            [key[0] for key, there in sides.items() if there == side]
            for side in ("Above", "Below")
        )
        if not high and not low:
            return (
                f"No {what.lower()} was predicted too high or too low by more than "
                "chance gives."
            )
        named = [listed(names) if names else "none" for names in (high, low)]
        return (
            f"Beyond chance: predicted too high in {named[0]}; too low in {named[1]}."
        )

    def charts(self) -> None:
        sheet = self.ledger["Charts"]
        sheet.says("A1", self.title)
        errors: dict[str, list[Fraction]] = {}
        for one in self.of.rows:
            if one.error is not None:
                errors.setdefault(one.subject, []).append(one.error)
        lines = sheet.lines("Subject", "Error")
        assert [line["Subject"] for line in lines] == sorted(errors)
        for line in lines:
            mean = mean_of(errors[line["Subject"]])
            reach = None if mean.error is None else 1.96 * mean.error
            line.are(
                {"n": mean.n, "Error": mean.mean, "from": mean.low, "to": mean.high,
                 "±": reach}
            )  # fmt: skip

    def pupils(self) -> None:
        sheet, of = self.ledger["Pupils"], self.of
        sheet.says("A1", f"{self.title}: pupils")
        rows = []
        for adno, mine in of.of_pupil.items():
            pupil = self.reckoning.pupils[adno]
            mean = mean_of(one.error for one in mine).mean
            name = (pupil["surname"], pupil["forename"], adno)
            worst = (mean is None, -(mean or 0))
            rows.append((-mine[0].year, *worst, *name, mean, mine))
        rows.sort(key=lambda row: row[:-2])
        lines = sheet.lines("Adno", "Error in grades")
        assert [line["Adno"] for line in lines] == [row[5] for row in rows]
        for line, row in zip(lines, rows, strict=True):
            adno, mean, mine = row[5], row[6], row[7]
            pupil = self.reckoning.pupils[adno]
            then, now = (of.slots[side][adno] for side in ("predicted", "actual"))
            eight = float(then.points()) if then.complete else None
            line.are(
                {"Year": mine[0].year, "Adno": adno, "Surname": pupil["surname"],
                 "Forename": pupil["forename"], "Reg": pupil["reg"],
                 "Attainment 8 predicted": eight,
                 "Attainment 8": float(now.points()),
                 "Apart": None if eight is None else float(now.points()) - eight,
                 "Predicted": sum(one.error is not None for one in mine),
                 "Error in grades": mean,
                 "Far below the prediction": _far(mine, 1),
                 "Far above it": _far(mine, -1)}
            )  # fmt: skip

    def next_step(self) -> None:
        sheet, of = self.ledger["Next step"], self.of
        packs = self.reckoning.settings.get("packs", {})
        least, points = packs.get("step_in", 5), Fraction(packs.get("step_points", 4))
        both = packs.get("step_english_maths", True)
        rows = []
        for adno in self.final:
            reached: dict[str, tuple[int, bool, bool]] = {}
            for side in ("actual", "predicted"):
                ten = of.slots[side][adno]
                worth = [value.entry.points for value in ten.values]
                reached[side] = (
                    sum(one is not None and one >= points for one in worth),
                    best(ten, ENGLISH) >= points,
                    best(ten, ("maths",)) >= points,
                )
            count, english, maths = reached["actual"]
            if count >= least and (not both or (english and maths)):
                continue
            lacks = []
            if both:
                lacks += ["English"] * (not english) + ["mathematics"] * (not maths)
            if count < least:
                lacks.append(f"{least - count} more")
            then, *must = reached["predicted"]
            foreseen = "yes" if then >= least and (not both or all(must)) else "no"
            if foreseen == "no" and not of.matched(adno):
                foreseen = "not known"
            pupil = self.reckoning.pupils[adno]
            rows.append(
                {"Adno": adno, "Surname": pupil["surname"],
                 "Forename": pupil["forename"], "Reg": pupil["reg"],
                 "Reached in": count, "English": self._grade(adno, ENGLISH),
                 "Maths": self._grade(adno, ("maths",)),
                 "What is missing": ", ".join(lacks), "Predicted in": then,
                 "Predicted to reach it": foreseen}
            )  # fmt: skip
        rows.sort(
            key=lambda row: (
                -row["Reached in"], row["Surname"], row["Forename"], row["Adno"]
            )
        )  # fmt: skip
        rule = f"{least} results worth {float(points):g} points or more"
        rule += ", English and mathematics among them" if both else ""
        sheet.says("A1", f"{self.title}: next step")
        if not rows:
            sheet.says("A3", f"Nobody of Year {FINAL} misses the next step: {rule}.")
            return
        sheet.says(
            "A3",
            f"{many(len(rows), 'pupil')} of {len(self.final):,} of Year {FINAL} miss "
            f"the next step: {rule}.",
        )
        unseen = sum(row["Predicted to reach it"] == "yes" for row in rows)
        sheet.says("A4", f"{unseen} of them were predicted to reach it.")
        lines = sheet.lines("Adno", "What is missing")
        assert [line["Adno"] for line in lines] == [row["Adno"] for row in rows]
        for line, row in zip(lines, rows, strict=True):
            line.are(row)

    def _grade(self, adno: str, kinds: Sequence[str]) -> str:
        """The better grade of these kinds; empty without one."""
        ten = self.of.slots["actual"][adno]
        mine = [v.entry for v in ten.values if v.entry.slot in kinds]
        points = best(ten, kinds)
        return next((one.grade for one in mine if one.points == points), "")

    def happened(self) -> None:
        sheet = self.ledger["What happened"]
        sheet.says("A1", "What happened")
        sheet.says("A2", self.title)
        key = f"results {self.of.academic_year}"
        written = [r for r in self.reckoning.books["actions"] if r["collection"] == key]
        assert not written
        sheet.says(
            "A4",
            "What happened, why we did not know, what we will do: 0 written so far.",
        )
        errors: dict[str, list[Fraction | None]] = {}
        for one in self.of.rows:
            errors.setdefault(one.subject, []).append(one.error)
        names = sorted(errors)
        means = [mean_of(errors[name]) for name in names]
        lines = [line for line in sheet.lines("Subject", "Results") if line["Subject"]]
        assert [line["Subject"] for line in lines] == names
        for line, mean, side in zip(lines, means, beyond_chance(means), strict=True):
            few = FEW_SAID if 0 < mean.n < FEW else ""
            line.are(
                {"Results": len(errors[line["Subject"]]), "Error": mean.mean,
                 "Predictions": few or NOTES[side]}
            )  # fmt: skip

    def record(self) -> None:
        sheet = self.ledger["Pack record"]
        sheet.says("B4", "results")
        sheet.says("B5", f"results {self.of.academic_year}")
        sheet.says("B6", self.of.academic_year)
        sheet.says("B7", "")
        assert len(str(sheet["B8"])) == 64
        sheet.says("B8", sheet["B8"])


def _share(those: Sequence[bool]) -> float | None:
    return sum(those) / len(those) if those else None


def _far(mine: Sequence[Outcome], way: int) -> str:
    """The results two grades or more from their predictions, on one side."""
    return ", ".join(
        f"{one.subject} {one.predicted} → {one.actual}"
        for one in mine
        if one.error is not None and way * one.error >= 2
    )


def test_every_number_of_results_day(reckoning: Reckoning) -> None:
    if not any(row["points"] for row in reckoning.books["results"]):
        pytest.skip("a school without results has no pack of results day")
    pack = ResultsDay(reckoning)
    pack.cover()
    pack.headlines()
    for name in TABLES:
        pack.compared(name)
    pack.charts()
    pack.pupils()
    pack.next_step()
    pack.happened()
    pack.record()
    assert charts(pack.ledger) == {"Charts": 1}
    pack.ledger.settle()
