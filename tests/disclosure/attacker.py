"""A reader who has both tables of all collections, much time and a computer.

Knows every published figure, even how many predictions stand behind a mean, that what
has no row is nobody, that groups add up to their totals, subjects to the school and
years to a subject, who has left, and how a group is made of a field's groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from tests.disclosure.schools import DIMENSIONS, MadeUpCollection

SMALL = range(1, 6)
SLACK = 1e-7
# A cell: what is known of its pupils, such as {("subject", "French"), ("sex", "F")}.
Cell = frozenset[tuple[str, str]]
Key = tuple[str, Cell]  # with the collection
Equation = dict[Key, int]  # a sum that is nought


class PublishedFigures:
    """The cells of a collection: which there are, which are shown, who is in them."""

    def __init__(self, collection: MadeUpCollection) -> None:
        self.code = collection.code
        pupils = collection.cohort.pupils.set_index("adno")
        rows = collection.cohort.rows
        fields = {name: pupils.loc[rows["adno"], name] for name in DIMENSIONS}
        self.people = pd.DataFrame(
            {
                "subject": rows["subject"].to_numpy(),
                "year": rows["year"].astype(str).to_numpy(),
                **{name: values.to_numpy() for name, values in fields.items()},
            }
        )
        self.adnos = rows["adno"].to_numpy()
        self.values = {name: sorted(self.people[name].unique()) for name in self.people}
        self.has_data = rows["flag"].notna().to_numpy()
        self.reached = rows["flag"].isin(["On", "Above"]).to_numpy()
        self.targets = rows["target_points"].fillna(0).to_numpy() / 60
        measures = collection.measures
        self.incomplete = measures.loc[measures["measure"] == "incomplete"]
        groups = _by_cell(collection.groups, "subject")
        reach, gap, points = (
            dict(_by_cell(measures.loc[measures["measure"] == name], "year"))
            for name in ("on_or_above", "mean_gap", "mean_points")
        )
        self.share = {c: r["value"] for c, r in reach.items()}
        every_group = dict(groups)
        self.rows = {*every_group, *reach}
        shown = {c for c, r in groups if r["suppressed"] == "N"}
        self.shown = shown | {c for c, r in reach.items() if r["suppressed"] == "N"}
        self.shown_groups = shown
        self.shown_targets = {
            c for c in shown if pd.notna(every_group[c]["mean_target_points"])
        } | {
            c for c in points
            if points[c]["suppressed"] == "N" and gap[c]["suppressed"] == "N"
        }  # fmt: skip

    def inside(self, cell: Cell) -> np.ndarray:
        """Whether each entry is in a cell."""
        inside = np.ones(len(self.people), dtype=bool)
        for name, value in cell:
            inside &= (self.people[name] == value).to_numpy()
        return inside

    def pupils(self, cell: Cell) -> set[str]:
        """The pupils with a mark in a cell."""
        return set(self.adnos[self.inside(cell) & self.has_data])

    def cells(self) -> list[Cell]:
        """Every cell of both tables, and what they add up to."""
        names = (*DIMENSIONS, "year")
        of_groups = [
            ("subject", *by) for n in range(3) for by in combinations(names, n)
        ]
        others = [by for n in range(3) for by in combinations(DIMENSIONS, n)]
        keys = [*of_groups, *(("year", *by) for by in others), *others]
        return [
            frozenset(zip(by, values, strict=True))
            for by in keys
            for values in product(*(self.values[name] for name in by))
        ]

    def equations(self) -> list[Equation]:
        """Every sum that a cell is."""
        cells = set(self.cells())
        found = []
        for cell in cells:
            for name in self.values.keys() - {name for name, _ in cell}:
                parts = [cell | {(name, value)} for value in self.values[name]]
                if cells.issuperset(parts):
                    found.append({(self.code, c): 1 for c in parts})
                    found[-1][self.code, cell] = -1
            if ("SEND", "Y") in cell:
                rest = cell - {("SEND", "Y")}
                of_sen = {value for name, value in rest if name == "sen"}
                parts = [
                    (rest - {("sen", other) for other in of_sen}) | {("sen", value)}
                    for value in self.values["sen"]
                    if value != "N" and (not of_sen or value in of_sen)
                ]
                found.append({(self.code, c): 1 for c in parts})
                found[-1][self.code, cell] = -1
        return found

    def is_empty(self, cell: Cell) -> bool:
        """Whether a reader sees that nobody is in a cell, for it has no row."""
        names = {name for name, _ in cell}
        return bool(names & {"subject", "year"}) and cell not in self.rows


def _by_cell(frame: pd.DataFrame, first: str) -> list[tuple[Cell, dict[str, object]]]:
    cells = []
    for row in frame.to_dict("records"):
        pairs = {(first, str(row[first]))}
        if row["dimension"] != "all":
            by, of = str(row["dimension"]).split(" x "), str(row["group"]).split(" x ")
            pairs |= set(zip(by, of, strict=True))
        cells.append((frozenset(pairs), row))
    return cells


def determined(
    equations: Iterable[Equation], is_known: Callable[[Key], bool]
) -> set[Key]:
    """The unknown figures that follow from the known ones, by elimination."""
    rows = [
        {key: sign for key, sign in equation.items() if not is_known(key)}
        for equation in equations
    ]
    rows = [row for row in rows if row]
    names = sorted({key for row in rows for key in row}, key=_sort_key)
    places = {key: place for place, key in enumerate(names)}
    matrix = np.zeros((max(len(rows), 1), len(names)))
    for number, row in enumerate(rows):
        for key, sign in row.items():
            matrix[number, places[key]] = sign
    sizes, directions = np.linalg.eigh(matrix.T @ matrix)
    # What follows from the equations moves in no direction that they leave free.
    free = (directions[:, sizes < SLACK] ** 2).sum(axis=1)
    return {names[place] for place in np.flatnonzero(free < SLACK)}


def _sort_key(key: Key) -> tuple[str, list[tuple[str, str]]]:
    return key[0], sorted(key[1])


def small_sums(figures: PublishedFigures) -> set[Cell]:
    """Cells of 1 to 5 pupils whose sums follow from both tables by elimination."""
    found = determined(
        figures.equations(),
        lambda key: key[1] in figures.shown or figures.is_empty(key[1]),
    )
    cells = {cell for _, cell in found} | figures.shown
    return {cell for cell in cells if len(figures.pupils(cell)) in SMALL}


def small_remainders(figures: PublishedFigures) -> list[Cell]:
    """Cells of which all but 1 to 5 pupils are shown in their parts."""
    found = []
    for equation in figures.equations():
        (total,) = (cell for (_, cell), sign in equation.items() if sign < 0)
        parts = [cell for (_, cell), sign in equation.items() if sign > 0]
        hidden = [part for part in parts if part not in figures.shown]
        if total in figures.shown and len(hidden) < len(parts):
            rest = set().union(*(figures.pupils(part) for part in hidden))
            if len(rest) in SMALL:
                found.append(total)
    return found


def changed_targets(first: PublishedFigures, second: PublishedFigures) -> set[Cell]:
    """Cells of which 1 to 5 pupils' targets follow from two collections."""
    both = (first, second)
    before, after = (_compared(figures) for figures in both)
    equations = [*first.equations(), *second.equations()]
    differ = {}
    for cell in first.cells():
        changed = {adno for adno, _ in before(cell) ^ after(cell)}
        equation = {(second.code, cell): 1, (first.code, cell): -1}
        if changed:
            equation["difference", cell] = -1
            differ[cell] = len(changed)
        equations.append(equation)
    by_code = {figures.code: figures for figures in both}

    def is_known(key: Key) -> bool:
        code, cell = key
        if code not in by_code:
            return False
        figures = by_code[code]
        return cell in figures.shown_targets or figures.is_empty(cell)

    return {
        cell
        for code, cell in determined(equations, is_known)
        if code == "difference" and differ[cell] in SMALL
    }


def _compared(figures: PublishedFigures) -> Callable[[Cell], set[tuple[str, str]]]:
    subjects = figures.people["subject"].to_numpy()

    def entries(cell: Cell) -> set[tuple[str, str]]:
        inside = figures.inside(cell) & figures.has_data
        return set(zip(figures.adnos[inside], subjects[inside], strict=True))

    return entries


def pinned_numbers(figures: PublishedFigures, subject: str) -> set[Cell]:
    """Cells of 1 to 5 pupils whose number follows by linear programming."""
    at = ("subject", subject)
    equations = [
        {cell: sign for (_, cell), sign in equation.items()}
        for equation in figures.equations()
        if all(at in cell for _, cell in equation)
    ]
    unknown = sorted(
        {
            cell for equation in equations for cell in equation
            if cell not in figures.shown_groups and not figures.is_empty(cell)
        },
        key=sorted,
    )  # fmt: skip
    places = {cell: place for place, cell in enumerate(unknown)}
    matrix, right = np.zeros((len(equations), len(unknown))), np.zeros(len(equations))
    for number, equation in enumerate(equations):
        for cell, sign in equation.items():
            if cell in places:
                matrix[number, places[cell]] = sign
            elif not figures.is_empty(cell):
                right[number] -= sign * figures.inside(cell).sum()
    pinned = set()
    for cell, place in places.items():
        if int(figures.inside(cell).sum()) not in SMALL:
            continue
        aim = np.zeros(len(unknown))
        aim[place] = 1
        low, high = (
            linprog(sign * aim, A_eq=matrix, b_eq=right, bounds=(0, None))
            for sign in (1, -1)
        )
        if low.success and high.success and -high.fun - low.fun < 1 - SLACK:
            pinned.add(cell)
    return pinned


def fitted_numbers(figures: PublishedFigures) -> set[Cell]:
    """Cells of a year of which one number of 1 to 5 hidden predictions fits the share.

    The share of all that are on or above target is printed to four decimals; the
    subjects that are shown are taken away, and whole numbers tried for what is left.
    """
    found = set()
    for cell, share in figures.share.items():
        if cell not in figures.shown or len(cell) > 2:
            continue
        parts = [cell | {("subject", name)} for name in figures.values["subject"]]
        shown = [part for part in parts if part in figures.shown_groups]
        hidden = [
            part for part in parts
            if part in figures.rows and part not in figures.shown_groups
        ]  # fmt: skip
        seen = sum(
            int((figures.inside(part) & figures.has_data).sum()) for part in shown
        )
        reach = sum(
            int((figures.inside(part) & figures.reached).sum()) for part in shown
        )
        # One subject alone is hidden for its size.
        most = SMALL.stop if len(hidden) == 1 else len(figures.people)
        fits = [
            (more, up)
            for more in range(most if hidden else 0)
            for up in range(more + 1)
            if abs((reach + up) / max(seen + more, 1) - float(str(share))) <= 5.1e-5
        ]  # fmt: skip
        if len(fits) == 1 and fits[0][0] in SMALL:
            found.add(cell)
    return found


def small_counts(figures: PublishedFigures) -> list[dict[str, object]]:
    """Rows that say that a prediction is missing of 1 to 5 pupils."""
    shown = figures.incomplete.loc[figures.incomplete["suppressed"] == "N"]
    return shown.loc[shown["value"].isin([*SMALL])].to_dict("records")
