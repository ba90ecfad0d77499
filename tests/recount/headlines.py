"""The page of headline measures, for senior leaders and governors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from tests.recount import national
from tests.recount.arithmetic import per_cent, plural, rounded, signed
from tests.recount.audit import SheetAudit
from tests.recount.cohort import RecountCohort
from tests.recount.expected_outcome import ExpectedOutcomes
from tests.recount.measures import EBACC, NAMES, Figure, names_of
from tests.recount.recount_data import RecountData

Rounding = Callable[[float | None], float | None]
NEAR = 46  # days within a year ago in which a collection counts as the same point
NOTE = (
    "Predictions, not results. Attainment 8, English and mathematics: of pupils "
    'without a missing prediction{left_out}. Points: whole grades; "from" and "to": '
    "the 95% interval, reckoned by pupils however many predictions each has.{then} "
    "Grey: fewer than 11 pupils, too few to conclude. National: results of the year "
    "named, at the end of Key Stage 4."
)
PLAN = (
    'The school\'s plan. "Within chance": the 95% interval takes in the plan, so it '
    "could go either way."
)
STYLE = (
    "In the style of Progress 8, from predictions and against the {year} estimates; "
    "estimates move every year, and this is no published Progress 8 score."
)


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
        anniversary = opens - timedelta(days=365)
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
    then = (
        f' "{headlines.last_code}": the same year group then.' if headlines.last else ""
    )
    if headlines.ago:
        then += f' "{headlines.ago_code}": who was in the year group then.'
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
            if (figure := headlines.figure(headlines.now, year, name)).pupils
            and not (hidden and (headlines.now.code, year, name, "") in hidden)
        }
        unseen = "on_or_above" not in value
        if unseen and headlines.figure(headlines.now, year, "on_or_above").pupils:
            has_data = True
            sentences.append(f"Year {year}: of too few pupils to be shown yet.")
        else:
            sentences.append(_of_year(year, value))
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
            f"{plural(eight.pupils, 'pupil')} ({text}), {share(four)} with 4+ and "
            f"{share(five)} with 5+ in English and maths."
        )
    if "on_or_above" not in value:
        return f"Year {year}: nothing is known yet."
    gap = signed(value["mean_gap"].value) if "mean_gap" in value else "–"
    return (
        f"Year {year}: {share(value['on_or_above'])} of predictions reach the target; "
        f"the mean gap is {gap} grades."
    )


def share(figure: Figure) -> str:
    """A share in a sentence."""
    return per_cent(*figure.value.as_integer_ratio())


Aim = tuple[str, float, Figure | None, str]


def aims_of(headlines: Headlines, hidden: GovernorsHidden | None = None) -> list[Aim]:
    """The aims of school.toml: title, planned value, predicted figure, state."""
    aims: list[Aim] = []
    for aim in headlines.data.settings.get("kpis", ()):
        measure, year, group = aim["measure"], aim["year"], aim.get("group", "")
        if hidden is not None and measure == "incomplete":
            continue
        title = f"{(NAMES | EBACC)[measure]} (Year {year}, {group or 'all pupils'})"
        figure = None
        if measure in headlines.names:
            figure = headlines.figure(headlines.now, year, measure, group)
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
        line.expect(cells | {"Pupils": figure and figure.pupils})
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
            names = [name for name in names if name != "incomplete"]
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
        "All": rounding(figure.value),
        "from": rounding(figure.low),
        "to": rounding(figure.high),
    }


def _cells(
    headlines: Headlines,
    year: int,
    name: str,
    hidden: GovernorsHidden | None,
    rounding: Rounding,
) -> dict[str, Any]:
    """The cells of a line."""
    code = headlines.now.code
    whole = headlines.figure(headlines.now, year, name)
    if hidden is not None and (code, year, name, "") in hidden:
        cells = {"Pupils": None, "All": "hidden", "from": None, "to": None}
    else:
        cells = {"Pupils": whole.pupils} | _interval(whole, rounding)
    if hidden is None and headlines.expected.years:
        cells["Expected"] = headlines.expected.expected(year, name)
    for at, group in enumerate(headlines.groups, start=1):
        part = headlines.figure(headlines.now, year, name, group)
        n = "n" if at == 1 else f"n {at}"
        if hidden is not None and (code, year, name, group) in hidden:
            cells |= {group: "hidden", n: None}
        elif not part.pupils:
            cells |= {group: None, n: None}
        else:
            cells |= {group: rounding(part.value), n: part.pupils}
    for then in (headlines.last, headlines.ago):
        if then is None:
            continue
        before = headlines.figure(then, year, name)
        visible = before.pupils and not (
            hidden is not None and (then.code, year, name, "") in hidden
        )
        cells[then.code] = rounding(before.value) if visible else None
    average = national.average(name)
    cells["National"], cells["of"] = average or (None, None)
    return cells
