"""The results day pack: sentences, cover and headlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from functools import cached_property, partial

from tests.recount import national
from tests.recount.arithmetic import (
    date_text,
    listing,
    per_cent,
    plural,
    rounded,
    signed,
)
from tests.recount.audit import SheetAudit, WorkbookAudit
from tests.recount.expected_outcome import Expectation
from tests.recount.measures import NAMES
from tests.recount.outcomes import MEASURES, Outcomes
from tests.recount.recount_data import RecountData

TITLES = NAMES | {"mean_points": "Mean points of a result"}
SHEETS = (
    "Headlines", "Subjects", "Charts", "Class by class", "Teachers", "Pupils",
    "Next step", "What happened",
)  # fmt: skip
FINAL = 11  # the last year of Key Stage 4
FIXED = (
    r"the 95% interval", r"fewer than 11 pupils", r"Education's 2023/24 estimates",
    r"2024/25 and 2025/26",
    r"\(Benjamini and Hochberg\)", r"its 95% interval",
    r"at the end of Key Stage 4", r"^English and mathematics [457]\+$",
)  # fmt: skip


class ResultsDayPack:
    """The results day pack and its recount."""

    def __init__(self, data: RecountData) -> None:
        self.data = data
        years = {
            row["academic_year"] for row in data.exports["results"] if row["points"]
        }
        *before, year = sorted(years)
        self.outcomes = Outcomes(data, year)
        self.before = Outcomes(data, before[-1]) if before else None
        path = data.exports.folder / "packs" / "results" / "results.xlsx"
        self.audit = WorkbookAudit(path, [*data.exports.labels, year])
        self.audit.ignore_wording(*FIXED)

    @property
    def title(self) -> str:
        return f"Results of {self.outcomes.academic_year}"

    @property
    def final(self) -> list[str]:
        """The pupils of the final year group with a grade."""
        outcomes = self.outcomes.of_pupil
        return [adno for adno in outcomes if outcomes[adno][0].year == FINAL]

    def sentences(self) -> list[str]:
        """The opening sentences."""
        outcomes, sentences = self.outcomes, []
        everybody = lambda adno: True  # noqa: E731
        figure = {
            name: outcomes.figure(FINAL, name, "actual", everybody)
            for name in ("attainment8", "english_maths_4", "english_maths_5")
        }
        n = figure["attainment8"].pupils
        four, five = (
            per_cent(round(figure[name].value * figure[name].pupils), n)
            for name in ("english_maths_4", "english_maths_5")
        )
        sentences.append(
            f"Year {FINAL}: Attainment 8 {rounded(figure['attainment8'].value, 1)} for "
            f"{plural(n, 'pupil')}; {four} with 4+ and {five} with 5+ in English and "
            "maths."
        )
        apart = outcomes.apart(FINAL, "attainment8")
        if apart.n:
            then, now = (
                outcomes.figure(FINAL, "attainment8", side, outcomes.matched).value
                for side in ("predicted", "actual")
            )
            assert apart.mean is not None
            assert apart.low is not None and apart.high is not None
            sentences.append(
                f"Predicted for the {plural(apart.n, 'pupil')} who had a prediction "
                f"for every result: {rounded(then, 1)}; they reached "
                f"{rounded(now, 1)}, which is {signed(apart.mean)} (95% interval "
                f"{signed(apart.low)} to {signed(apart.high)})."
            )
        if int(outcomes.academic_year[:4]) - (FINAL - 7) in (2020, 2021):
            sentences.append(
                f"Year {FINAL} had no Key Stage 2 tests (2020 and 2021 were "
                "cancelled): "
                "there is no score in the style of Progress 8 and nothing against "
                "similar pupils; how accurate predictions were is known all the same."
            )
        sentences.append(self._expected_sentence())
        if self.without():
            sentences.append(
                f"On roll in Year {FINAL} without any result: "
                f"{plural(self.without(), 'pupil')}. They are in no figure."
            )
        if codes := len(outcomes.every) - len(outcomes.rows):
            sentences.append(
                f"Without a grade (X, or pending): {plural(codes, 'result')}. They are "
                "in no figure."
            )
        sentences.append(self._accuracy())
        return sentences

    @cached_property
    def expected(self) -> Mapping[str, Expectation]:
        """The expectation of each measure; empty without past results."""
        past = self.outcomes.expected
        return past.measures(FINAL) if FINAL in past.past else {}

    def _expected_sentence(self) -> str:
        row = self.expected.get("attainment8")
        if row is None:
            return (
                "No expected outcome: the store has no results of earlier years beside "
                "predictions made at the same point of the year."
            )
        if row.value is None or row.low is None or row.high is None:
            return (
                f"Expected outcome: {plural(row.past, 'pupil')} of earlier years can "
                "be compared, too few to learn from."
            )
        past = self.outcomes.expected
        years = sorted(past.past[FINAL])
        first = int(self.outcomes.academic_year[:4])
        codes = sorted(past._same_point(first - int(year[:4])) for year in years)
        return (
            f"Expected, from this school's own past error ({listing(years)}, "
            f"predictions of {listing(codes)}): {rounded(row.value, 1)}, from "
            f"{rounded(row.low, 1)} to {rounded(row.high, 1)}."
        )

    def _accuracy(self) -> str:
        errors = [row.error for row in self.outcomes.rows if row.error is not None]
        every = plural(len(self.outcomes.rows), "grade")
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
        """The number of final-year pupils on roll until the summer without a result."""
        exports, year = self.data.exports, self.outcomes.academic_year
        classes = {
            row["class"]: int(row["year"])
            for row in exports["classes"]
            if row["academic_year"] == year
        }
        members = {
            row["adno"]
            for row in exports["memberships"]
            if row["academic_year"] == year and classes[row["class"]] == FINAL
        }
        may = f"{int(year[:4]) + 1}-05-01"
        with_any = {row["adno"] for row in self.outcomes.every}
        return sum(
            not self.data.pupils[adno]["left"] or self.data.pupils[adno]["left"] > may
            for adno in members - with_any
        )

    # The sheets

    def cover(self) -> None:
        sheet, outcomes = self.audit["Cover"], self.outcomes
        sheet.expect("A1", self.title)
        sheet.expect("A2", self.data.settings["school"]["name"])
        sentences = self.sentences()
        for at, sentence in enumerate(sentences, start=4):
            sheet.expect(f"A{at}", sentence)
        at = 4 + len(sentences) + 1
        holders = self.data.holders("senior leader", "School")
        files = sorted({row["source_file"] for row in outcomes.every})
        last = max(row["read_at"] for row in outcomes.every)
        predicted = [row for row in outcomes.rows if row.predicted]
        written_at = datetime.fromisoformat(last)
        end = int(outcomes.academic_year[:4]) + 2
        facts = {
            "For": "\n".join(f"{name}, senior leader" for name in holders)
            or "Nobody is named as senior leader: add them to roles.csv.",
            "From": f"{plural(len(outcomes.every), 'result')} in "
            f"{plural(len({row.subject for row in outcomes.rows}), 'subject')}, read "
            f"from {listing(files, 10)}; the last on {date_text(last)}",
            "With": f"{len(predicted):,} of {plural(len(outcomes.rows), 'grade')} with "
            f"a last prediction from "
            f"{listing(sorted({row.collection for row in predicted}))}",
            "Written": f"{date_text(last)}, {written_at:%H:%M}",
            "Keep until": f"31 Aug {end}",
        }
        for name, text in facts.items():
            assert sheet[f"A{at}"] == name
            sheet.expect(f"B{at}", text)
            at += 1
        assert sheet[f"A{at + 1}"] == "What is in it"
        for place, name in enumerate(SHEETS, start=at + 2):
            sheet.expect(f"A{place}", name)

    def headlines(self) -> None:
        sheet, outcomes = self.audit["Headlines"], self.outcomes
        sheet.expect("A1", f"{self.data.settings['school']['name']}: {self.title}")
        for at, sentence in enumerate(self.sentences(), start=3):
            sheet.expect(f"A{at}", sentence)
        groups = self.data.groups
        lines = sheet.lines("Measure", "All")
        figures = {
            name: outcomes.figure(FINAL, name, "actual", lambda adno: True)
            for name in MEASURES
        }
        figures = {name: row for name, row in figures.items() if row.pupils}
        assert [line["Measure"] for line in lines] == [TITLES[m] for m in figures]
        for (measure, figure), line in zip(figures.items(), lines, strict=True):
            line.expect(
                {"Pupils": figure.pupils, "All": figure.value, "from": figure.low,
                 "to": figure.high}
            )  # fmt: skip
            for place, group in enumerate(groups, start=1):
                part = outcomes.figure(FINAL, measure, "actual", self._members(group))
                n = "n" if place == 1 else f"n {place}"
                line.expect(
                    {group: part.value if part.pupils else None, n: part.pupils}
                )
            then = None
            if self.before:
                then = self.before.figure(FINAL, measure, "actual", lambda adno: True)
            average = national.average(measure)
            line.expect(
                {"Year before": then.value if then and then.pupils else None,
                 "National": average[0] if average else None,
                 "of": average[1] if average else None}
            )  # fmt: skip
        self._same(sheet)

    def _members(self, group: str) -> Callable[[str], bool]:
        pupils = self.data.pupils
        return lambda adno: self.data.in_group(group, pupils[adno])

    def _same(self, sheet: SheetAudit) -> None:
        outcomes = self.outcomes
        measures = [name for name in MEASURES if outcomes.apart(FINAL, name).n]
        lines = sheet.lines("Measure", "Happened")
        assert [line["Measure"] for line in lines] == [TITLES[m] for m in measures]
        for measure, line in zip(measures, lines, strict=True):
            then, now, aim = (
                outcomes.figure(
                    FINAL, measure, side, partial(outcomes.matched, measure=measure)
                )
                for side in ("predicted", "actual", "target")
            )
            by_pupil = outcomes.apart(FINAL, measure)
            apart = now.value - then.value
            reach = by_pupil.reach
            line.expect(
                {"Pupils": by_pupil.n, "Predicted": then.value, "Happened": now.value,
                 "Apart": apart, "from": None if reach is None else apart - reach,
                 "to": None if reach is None else apart + reach}
            )  # fmt: skip
            against_themselves = measure in ("mean_gap", "on_or_above")
            aimed = not against_themselves and aim.pupils
            line.expect(
                {"Targets": aim.value if aimed else None,
                 "n": aim.pupils if aimed else None}
            )  # fmt: skip
            if self.expected:
                expectation = self.expected.get(measure)
                line.expect(
                    {
                        "Expected": expectation and expectation.value,
                        "from 2": expectation and expectation.low,
                        "to 2": expectation and expectation.high,
                        "Past pupils": expectation and expectation.past,
                    }
                )
