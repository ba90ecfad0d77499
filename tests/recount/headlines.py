"""The page of headline measures, for senior leaders and governors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.recount import national
from tests.recount.arithmetic import listing, per_cent, plural, rounded, signed
from tests.recount.audit import SheetAudit
from tests.recount.cohort import CohortEntry, RecountCohort
from tests.recount.expected_outcome import ExpectedOutcomes
from tests.recount.measures import (
    EBACC,
    EVERYBODY,
    NAMES,
    Figure,
    names_of,
    sum_present,
)
from tests.recount.recount_data import RecountData

Rounding = Callable[[float | None], float | None]
NEAR = 46  # days within a year ago in which a collection counts as the same point
NOTE = (
    "Predictions, not results. Attainment 8, English and mathematics: with an earlier "
    'prediction in place of a blank ("Carried": how many); pupils with one still '
    'missing are left out{left_out}. Points: whole grades; "from" and "to": '
    "the 95% interval, reckoned by pupils however many predictions each has.{then} "
    "Grey: fewer than 11 pupils, too few to conclude. National: results of the year "
    "named, at the end of Key Stage 4."
)
PLAN = (
    'The school\'s plan. "Within chance": the 95% interval takes in the plan, so it '
    "could go either way."
)
STYLE = (
    "In the style of Progress 8, from predictions and against the Department for "
    "Education's {year} estimates; those of this year cannot exist before its results. "
    "Estimates move every year, the Department for Education published none for "
    "2024/25 and 2025/26, and this is no published Progress 8 score."
)

NOT_FOR_GOVERNORS = ("incomplete", "mean_points")


class Headlines:
    """This collection, the one before, and the same point last year."""

    def __init__(self, data: RecountData) -> None:
        self.data = data
        self.now = RecountCohort(data, data.code)
        self.last_code = data.earlier[-1] if data.earlier else ""
        self.last = RecountCohort(data, self.last_code) if self.last_code else None
        self.ago_code = self._a_year_ago()
        self.ago = RecountCohort(data, self.ago_code) if self.ago_code else None
        self.expected = ExpectedOutcomes(self.now)

    def _a_year_ago(self) -> str:
        """The collection that opened nearest to a year before, if within `NEAR`."""
        opens: date = self.data.collection["opens"]
        lacks = (opens.month, opens.day) == (2, 29)
        anniversary = date(opens.year - 1, opens.month, 28 if lacks else opens.day)
        near = [
            (abs((date.fromisoformat(day) - anniversary).days), day, code)
            for code, day in self.data.opened.items()
            if code != self.data.code
        ]
        nearest = min(near, default=(NEAR + 1, "", ""))
        return nearest[2] if nearest[0] <= NEAR else ""

    @property
    def groups(self) -> list[str]:
        """The school's own groups, in its order."""
        return self.data.groups

    def figure(
        self, cohort: RecountCohort, year: int, measure: str, group: str = ""
    ) -> Figure:
        """A measure of a year group, of all pupils or of a group."""
        key = (cohort.code, year, measure, group)
        if key not in self._cache:
            pupils = self.data.pupils
            self._cache[key] = cohort.headline(
                year,
                measure,
                lambda adno: not group or self.data.in_group(group, pupils[adno]),
            )
        return self._cache[key]

    @cached_property
    def _cache(self) -> dict[tuple[str, int, str, str], Figure]:
        return {}

    def shown(
        self, cohort: RecountCohort, year: int, measure: str, group: str, *, all_: bool
    ) -> Figure:
        """A figure as a reader sees it.

        Args:
            cohort: The collection.
            year: The year group.
            measure: The measure.
            group: A group of the school; empty: everybody.
            all_: Whether the reader sees all; else what the table hides of carried
                predictions is not shown, and no number from which those who are
                left out would follow.
        """
        figure = self.figure(cohort, year, measure, group)
        if all_ or measure in EVERYBODY:
            return figure
        if (cohort.code, str(year), measure, group) in self._uncarried:
            pupils = self.data.pupils
            return cohort.figure(
                year,
                measure,
                lambda adno: not group or self.data.in_group(group, pupils[adno]),
            )
        assert figure.of is not None
        if 1 <= figure.of - figure.pupils <= 5:
            return replace(figure, pupils_shown=False)
        return figure

    @cached_property
    def _uncarried(self) -> set[tuple[str, str, str, str]]:
        """Collection, year, measure and group whose carried values are hidden."""
        return {
            (row["collection"], row["year"], row["measure"],
             "" if row["dimension"] == "all" else row["dimension"])
            for row in self.data.exports["measures"]
            if row["of"] == "" and row["suppressed"] == "N"
            and (row["dimension"] == "all" or row["group"] == "Y")
        }  # fmt: skip

    def same(self, year: int, measure: str) -> tuple[int, float, float] | None:
        """Of pupils given a prediction both times: how many, then, now."""
        assert self.last is not None
        now, then = self.now, self.last
        pairs = []
        for adno, rows in now.of_pupil.items():
            if rows[0].year != year or adno not in then.of_pupil:
                continue
            if measure in EVERYBODY:
                before = {row.subject: row for row in then.of_pupil[adno]}
                both = [
                    (row, before[row.subject]) for row in rows
                    if row.subject in before
                    and row.value(measure) is not None
                    and before[row.subject].value(measure) is not None
                ]  # fmt: skip
                parts = [
                    sum_present(each[at].value(measure) for each in both)
                    for at in (0, 1)
                ]
            else:
                parts = [side.part(adno, measure) for side in (now, then)]
            if parts[0] and parts[1]:
                pairs.append((parts[0], parts[1]))
        if not pairs:
            return None
        values = [
            float(
                sum(part[at][1] for part in pairs) / sum(part[at][0] for part in pairs)
            )
            for at in (0, 1)
        ]
        return len(pairs), values[1], values[0]

    def measures(self, year: int) -> list[str]:
        """The measures with any pupils in a year group."""
        return [name for name in self.names if self.figure(self.now, year, name).pupils]

    @cached_property
    def names(self) -> dict[str, str]:
        """The measures of the school's settings, with their titles."""
        return names_of(self.data)


def senior_leaders(data: RecountData) -> list[str]:
    """The names of all senior leaders, whatever their scope."""
    codes = [code for role, _, code in data.roles if role == "senior leader"]
    return [data.names[code] for code in dict.fromkeys(codes)]


def check_note(sheet: SheetAudit, headlines: Headlines, left_out: str) -> None:
    """Check the notes below the tables.

    Args:
        sheet: The sheet `Headlines`.
        headlines: The headlines.
        left_out: Where the page shows how many are left out; empty if it does not.
    """
    then, last = "", headlines.last_code
    if headlines.last and left_out:
        then = (
            f' "{last}" and "now": of the pupils given a prediction both times ("Both '
            'times"), nothing carried.'
        )
    elif headlines.last:
        then = (
            f' "{last}": predicted then, of whoever was in the year group, not only '
            "the same pupils."
        )
    if headlines.ago:
        then += (
            f' "{headlines.ago_code}": predicted then, of who was in the year group '
            "then."
        )
    text = NOTE.format(left_out=left_out, then=then)
    sheet.expect(sheet.find_cell("Predictions, not results"), text)
    style = STYLE.format(year=national.estimates_of(headlines.now.estimates))
    sheet.expect(sheet.find_cell("In the style of"), style)


@dataclass
class GovernorsHidden:
    """Figures hidden from governors: collection, year, measure, group (empty: all)."""

    cells: set[tuple[str, int, str, str]] = field(default_factory=set)

    def __contains__(self, cell: tuple[str, int, str, str]) -> bool:
        return cell in self.cells


def headline_sentences(
    headlines: Headlines,
    hidden: GovernorsHidden | None = None,
    rounding: Rounding = lambda value: value,
) -> list[str]:
    """A sentence for each year, the oldest first, and one for the school's plan.

    Args:
        headlines: The headlines.
        hidden: The figures hidden from governors; None for readers who see all.
        rounding: Rounds a value for its cell: governors see four decimals.
    """
    sentences, has_data = [], False
    for year in headlines.now.years:
        if not headlines.measures(year):
            continue
        value = {
            name: replace(figure, value=rounding(figure.value) or 0.0)
            for name in headlines.names
            if (
                figure := headlines.shown(
                    headlines.now, year, name, "", all_=hidden is None
                )
            ).pupils
            and not math.isnan(figure.value)
            and not (hidden and (headlines.now.code, year, name, "") in hidden)
        }
        unseen = "on_or_above" not in value
        if unseen and headlines.figure(headlines.now, year, "on_or_above").pupils:
            has_data = True
            sentences.append(f"Year {year}: of too few pupils to be shown yet.")
        else:
            sentences.append(_of_year(year, value))
            sentences += _missing(headlines, year, value, named=hidden is None)
        has_data = has_data or not {"mean_points", "on_or_above"}.isdisjoint(value)
    if not has_data:
        return ["No returns yet: there is nothing to conclude from."]
    states = [state for *_, state in aims_of(headlines, hidden)]
    if states:
        met, missed = states.count("met"), states.count("not met")
        sentences.append(
            f"The school's plan has {plural(len(states), 'aim')}: {met} met, {missed} "
            f"not met, {len(states) - met - missed} within chance or not known."
        )
    return sentences


def _of_year(year: int, value: Mapping[str, Figure]) -> str:
    names = ("attainment8", "english_maths_4", "english_maths_5")
    if all(name in value for name in names):
        eight, four, five = (value[name] for name in names)
        national_average = national.average("attainment8")
        text = (
            f"{rounded(national_average[0], 1)} nationally in {national_average[1]}"
            if national_average
            else "–"
        )
        return (
            f"Year {year}: Attainment 8 {rounded(eight.value, 1)} for "
            f"{_of_pupils(eight)} ({text}), {share(four)} with 4+ and "
            f"{share(five)} with 5+ in English and maths."
        )
    if "on_or_above" not in value:
        return f"Year {year}: nothing is known yet."
    gap = signed(value["mean_gap"].value) if "mean_gap" in value else "–"
    return (
        f"Year {year}: {share(value['on_or_above'])} of predictions reach the target; "
        f"the mean gap is {gap} grades."
    )


def _of_pupils(figure: Figure) -> str:
    if figure.of is None:
        return plural(figure.pupils, "pupil")
    if not figure.pupils_shown:
        return f"all but fewer than six of {plural(figure.of, 'pupil')}"
    return f"{figure.pupils:,} of {plural(figure.of, 'pupil')}"


def _missing(
    headlines: Headlines, year: int, value: Mapping[str, Figure], *, named: bool
) -> list[str]:
    """What is provisional, carried, not returned, and how the same pupils moved."""
    sentences = []
    for name, title in (
        ("attainment8", "Attainment 8"), ("english_maths_4", "English and maths"),
    ):  # fmt: skip
        figure = value.get(name)
        if figure is None or figure.of is None or figure.given is None:
            continue
        if figure.given / figure.of < 0.9:
            sentences.append(
                f"PROVISIONAL for Year {year}, {title}: {figure.given:,} of "
                f"{plural(figure.of, 'pupil')} have every prediction that it needs, "
                "under 90 in 100."
            )
    eight = value.get("attainment8")
    if eight is not None and eight.carried:
        codes = sorted(headlines.now.carried_codes(year))
        sentences.append(
            f"{plural(eight.carried, 'prediction')} not given this time are carried "
            f"forward from {listing(codes)}."
        )
    if not named:
        return sentences
    if sentences:
        sentences += _unreturned(headlines, year)
    if headlines.last and (both := headlines.same(year, "attainment8")):
        sentences.append(
            f"Of the {plural(both[0], 'pupil')} predicted both times, Attainment 8 was "
            f"{rounded(both[1], 1)} in {headlines.last_code} and is "
            f"{rounded(both[2], 1)} now."
        )
    return sentences


def _unreturned(headlines: Headlines, year: int) -> list[str]:
    """A sentence for each class without any prediction."""
    data = headlines.data
    classes: dict[str, list[CohortEntry]] = {}
    for row in headlines.now.entries:
        if row.year == year:
            classes.setdefault(row.class_, []).append(row)
    subjects = {row["class"]: row["subject"] for row in data.exports["classes"]
                if row["academic_year"] == data.academic_year}  # fmt: skip
    prior = {}
    for code, rows in classes.items():
        known = [
            start for row in rows
            if (start := data.prior_mean(data.pupils[row.adno])) is not None
        ]  # fmt: skip
        prior[code] = sum(known, Fraction(0)) / len(known) if known else None
    sentences = []
    for code in sorted(classes):
        if any(row.prediction for row in classes[code]):
            continue
        others = [each for each in classes if subjects[each] == subjects[code]]
        means = [prior[each] for each in others if prior[each] is not None]
        extra = ""
        if len(others) > 1 and prior[code] is not None:
            for word, most in (("highest", max), ("lowest", min)):
                if prior[code] == most(means):
                    extra += f", the {word} prior attainment of the subject in the year"
        pupils = plural(len({row.adno for row in classes[code]}), "pupil")
        sentences.append(f"{code} has not been returned: {pupils}{extra}.")
    return sentences if len(sentences) < len(classes) else []


def share(figure: Figure) -> str:
    """A share in a sentence."""
    return per_cent(*figure.value.as_integer_ratio())


Aim = tuple[str, float, Figure | None, str]


def aims_of(headlines: Headlines, hidden: GovernorsHidden | None = None) -> list[Aim]:
    """The aims of school.toml: title, planned value, predicted figure, state."""
    aims: list[Aim] = []
    for aim in headlines.data.settings.get("kpis", ()):
        measure, year, group = aim["measure"], aim["year"], aim.get("group", "")
        if hidden is not None and measure in NOT_FOR_GOVERNORS:
            continue
        title = f"{(NAMES | EBACC)[measure]} (Year {year}, {group or 'all pupils'})"
        figure = None
        if measure in headlines.names:
            figure = headlines.shown(
                headlines.now, year, measure, group, all_=hidden is None
            )
        cell = (headlines.now.code, year, measure, group)
        if figure is not None and not figure.pupils:
            figure = None
        state = _state(measure, aim["plan"], figure)
        if figure is not None and hidden is not None and cell in hidden:
            figure, state = None, "hidden"
        aims.append((title, aim["plan"], figure, state))
    return aims


def _state(measure: str, planned: float, figure: Figure | None) -> str:
    if figure is None:
        return "not known"
    if measure == "incomplete":
        return "met" if figure.value <= planned else "not met"
    if figure.low is None or figure.high is None:
        return "within chance"
    if figure.low >= planned:
        return "met"
    return "not met" if figure.high < planned else "within chance"


def check_headlines(
    sheet: SheetAudit,
    headlines: Headlines,
    *,
    hidden: GovernorsHidden | None = None,
    rounding: Rounding = lambda value: value,
) -> None:
    """Check the plan and the table of every year, below the sentences.

    Args:
        sheet: The sheet `Headlines`.
        headlines: The headlines.
        hidden: The figures hidden from governors; None for readers who see all.
        rounding: Rounds a value for its cell: governors see four decimals.
    """
    aims = aims_of(headlines, hidden)
    lines = sheet.lines("Measure", "Plan", "State")
    assert len(lines) == len(aims)
    for line, (title, planned, figure, state) in zip(lines, aims, strict=True):
        line.expect({"Measure": title, "Plan": planned})
        cells = _interval(figure, rounding) | {"State": state}
        if state == "hidden":
            cells |= {"All": "hidden", "State": ""}
        pupils = figure.pupils if figure and figure.pupils_shown else None
        line.expect(cells | {"Pupils": pupils})
    if aims:
        sheet.expect(sheet.find_cell("The school's plan. "), PLAN)
    tables = sheet.tables("Measure", "National")
    years = [year for year in headlines.now.years if headlines.measures(year)]
    assert len(tables) == len(years)
    for year, table in zip(years, tables, strict=True):
        above = table[0].cells["Measure"].row - 2
        assert sheet[f"A{above}"] == f"Year {year}"
        names = headlines.measures(year)
        if hidden is not None:
            names = [name for name in names if name not in NOT_FOR_GOVERNORS]
        assert [line["Measure"] for line in table] == [
            headlines.names[name] for name in names
        ]
        for line, name in zip(table, names, strict=True):
            line.expect(_cells(headlines, year, name, hidden, rounding))
            headings = set(_cells(headlines, year, name, hidden, rounding)) | {
                "Measure"
            }
            assert set(line.headings()) == headings
            line.expect({"Measure": headlines.names[name]})


def _interval(figure: Figure | None, rounding: Rounding) -> dict[str, Any]:
    if figure is None:
        return {"All": None, "from": None, "to": None}
    return {
        "All": _known(rounding(figure.value)),
        "from": rounding(figure.low),
        "to": rounding(figure.high),
    }


def _known(value: float | None) -> float | None:
    """None in place of a figure for which too much would be carried."""
    return None if value is None or math.isnan(value) else value


def _cells(
    headlines: Headlines,
    year: int,
    name: str,
    hidden: GovernorsHidden | None,
    rounding: Rounding,
) -> dict[str, Any]:
    """The cells of a line."""
    code = headlines.now.code
    all_ = hidden is None
    whole = headlines.shown(headlines.now, year, name, "", all_=all_)
    if hidden is not None and (code, year, name, "") in hidden:
        cells = {"Pupils": None, "All": "hidden", "from": None, "to": None,
                 "On roll": None, "Carried": None}  # fmt: skip
    else:
        pupils = whole.pupils if whole.pupils_shown else None
        cells = {"Pupils": pupils, "On roll": whole.of, "Carried": whole.carried}
        cells |= _interval(whole, rounding)
    if hidden is None and headlines.expected.years:
        cells["Expected"] = headlines.expected.expected(year, name)
    for at, group in enumerate(headlines.groups, start=1):
        part = headlines.shown(headlines.now, year, name, group, all_=all_)
        n = "n" if at == 1 else f"n {at}"
        if hidden is not None and (code, year, name, group) in hidden:
            cells |= {group: "hidden", n: None}
        elif not part.pupils:
            cells |= {group: None, n: None}
        else:
            pupils = part.pupils if part.pupils_shown else None
            cells |= {group: _known(rounding(part.value)), n: pupils}
    if all_ and headlines.last is not None:
        both = headlines.same(year, name)
        three = both or (None, None, None)
        names = ("Both times", headlines.last_code, "now")
        cells |= dict(zip(names, three, strict=True))
    for then in (headlines.last, headlines.ago):
        if then is None or (then is headlines.last and all_):
            continue
        before = headlines.shown(then, year, name, "", all_=all_)
        visible = before.pupils and not (
            hidden is not None and (then.code, year, name, "") in hidden
        )
        cells[then.code] = _known(rounding(before.value)) if visible else None
    average = national.average(name)
    cells["National"], cells["of"] = average or (None, None)
    return cells
