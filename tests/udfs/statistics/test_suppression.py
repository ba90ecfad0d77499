"""Suppression is tested by trying: what could a patient reader work out?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.statistics.cross_tabulation import cross_tabulate, dimension, table_keys
from udfs.statistics.suppression import suppress


def suppressed(pupils, names, *, made_of=None):
    """Dimensions, counts and what is hidden, of one block of pupils."""
    dimensions = [dimension(name, pupils[name]) for name in names]
    with_data = pupils.get("data", pd.Series(1, index=pupils.index))
    sizes = cross_tabulate(
        np.zeros(len(pupils), dtype=np.int64),
        1,
        dimensions,
        {"pupils": np.ones(len(pupils)), "with_data": with_data.to_numpy()},
    )
    return dimensions, sizes, suppress(sizes, dimensions, rule_fields=made_of)


class Reader:
    """Somebody with the published tables, pencil and paper.

    Knows every published figure, that what has no row is nobody, that the groups of
    a dimension add up to the total and crossings to their groups, and how a group
    is made of another field's groups.
    """

    def __init__(self, dimensions, sizes, hides, *, count=0, made_of=None):
        self.unknown = {}
        self.equations = []
        self.value = {}
        labels = {item.name: item.labels for item in dimensions}
        for by in table_keys(dimensions):
            for cell in np.ndindex(*(len(labels[name]) for name in by)):
                where = (by, cell)
                if hides[by].cells[(0, *cell)]:
                    if hides[by].with_row[(0, *cell)]:
                        self.unknown[where] = len(self.unknown)
                        self.value[where] = sizes[by][(0, *cell, count)]
                    continue
                self.value[where] = sizes[by][(0, *cell, count)]
        for item in dimensions:
            name = item.name
            groups = range(len(item.labels))
            self.add([((name,), (g,)) for g in groups], ((), ()))
            for other in dimensions:
                by = (name, other.name)
                if by not in sizes:
                    continue
                for g in groups:
                    cells = [(by, (g, h)) for h in range(len(other.labels))]
                    self.add(cells, ((name,), (g,)))
                for h in range(len(other.labels)):
                    cells = [(by, (g, h)) for g in groups]
                    self.add(cells, ((other.name,), (h,)))
        by_name = {item.name: item for item in dimensions}
        for group, (field, *_) in (made_of or {}).items():
            self.made_of(by_name[field], by_name[group], dimensions)

    def add(self, cells, total):
        """One equation: the cells add up to the total."""
        row = {}
        right = 0
        for sign, where in [*((1, cell) for cell in cells), (-1, total)]:
            if where in self.unknown:
                row[self.unknown[where]] = row.get(self.unknown[where], 0) + sign
            else:
                right -= sign * self.value.get(where, 0)
        if row:
            self.equations.append((row, right))

    def made_of(self, field, group, dimensions):
        """Groups that are made of a field's groups, alone and crossed."""
        lies = pd.crosstab(field.codes, group.codes) > 0
        for g in range(len(group.labels)):
            inside = [f for f in lies.index if lies.loc[f, g]]
            self.add([((field.name,), (f,)) for f in inside], ((group.name,), (g,)))
            for third in dimensions:
                if third.name in (field.name, group.name):
                    continue
                for h in range(len(third.labels)):
                    self.add(
                        [at(field, f, third, h, self.value) for f in inside],
                        at(group, g, third, h, self.value),
                    )

    def worked_out(self):
        """Hidden cells that follow from what is published."""
        result = set()
        names = list(self.unknown)
        if not names:
            return result
        matrix = np.zeros((len(self.equations) + 1, len(names)))
        for number, (row, _) in enumerate(self.equations):
            for column, sign in row.items():
                matrix[number, column] = sign
        _, sizes, directions = np.linalg.svd(matrix)
        rank = int((sizes > 1e-9).sum())
        free = np.abs(directions[rank:]).max(axis=0, initial=0)
        result |= {names[i] for i in np.flatnonzero(free < 1e-9)}
        # Nobody is fewer than none: narrow every cell between its neighbours.
        low, high = np.zeros(len(names)), np.full(len(names), np.inf)
        for _ in range(50):
            before = low.copy(), high.copy()
            for row, right in self.equations:
                for i, sign in row.items():
                    rest = [(s, j) for j, s in row.items() if j != i]
                    least = sum(s * (low[j] if s > 0 else high[j]) for s, j in rest)
                    most = sum(s * (high[j] if s > 0 else low[j]) for s, j in rest)
                    ends = sorted([(right - most) * sign, (right - least) * sign])
                    low[i], high[i] = max(low[i], ends[0]), min(high[i], ends[1])
            if (low == before[0]).all() and (high == before[1]).all():
                break
        result |= {names[i] for i in np.flatnonzero(high - low < 0.5)}
        return result


def at(item, g, other, h, values):
    """The place of a crossed cell, whichever way round its table is."""
    straight = ((item.name, other.name), (g, h))
    turned = ((other.name, item.name), (h, g))
    return turned if turned in values else straight


FIELDS = {
    "sex": ["F", "M"],
    "sen": ["N", "N", "N", "K", "E"],
    "prior": ["low", "middle", "high", ""],
    "ethnicity": ["WBRI", "WBRI", "WBRI", "APKN", "BAFR", "CHNE"],
}


@st.composite
def schools(draw, fields=tuple(FIELDS)):
    n = draw(st.integers(1, 90))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    result = {}
    for name in fields:
        shares = random.dirichlet(np.full(len(FIELDS[name]), 0.7))
        result[name] = random.choice(FIELDS[name], n, p=shares)
    return pd.DataFrame(result)


@given(schools())
def test_nothing_hidden_follows_from_tables_totals_and_crossings(pupils):
    dimensions, sizes, hides = suppressed(pupils, list(FIELDS))
    assert not Reader(dimensions, sizes, hides).worked_out()


@given(schools())
def test_nothing_hidden_follows_from_groups_made_of_the_fields(pupils):
    pupils["SEND"] = np.where(pupils["sen"] == "N", "N", "Y")
    pupils["SEN support"] = np.where(pupils["sen"] == "K", "Y", "N")
    pupils["High prior"] = np.where(pupils["prior"] == "high", "Y", "N")
    names = ["sex", "sen", "prior", "SEND", "SEN support", "High prior"]
    made_of = {"SEND": ("sen",), "SEN support": ("sen",), "High prior": ("prior",)}
    dimensions, sizes, hides = suppressed(pupils, names, made_of=made_of)
    reader = Reader(dimensions, sizes, hides, made_of=made_of)
    assert not reader.worked_out()


@given(schools(), st.floats(0, 1))
def test_pupils_with_data_are_no_way_round(pupils, share):
    random = np.random.default_rng(len(pupils))
    pupils["data"] = (random.random(len(pupils)) < share).astype(int)
    dimensions, sizes, hides = suppressed(pupils, ["sex", "sen", "prior"])
    assert not Reader(dimensions, sizes, hides).worked_out()
    for where in Reader(dimensions, sizes, hides, count=1).worked_out():
        by, cell = where
        assert not 0 < sizes[by][(0, *cell, 1)] < 6


@given(schools())
def test_no_small_cell_is_ever_visible(pupils):
    dimensions, sizes, hides = suppressed(pupils, list(FIELDS))
    for by in table_keys(dimensions):
        counts = sizes[by][..., 0]
        assert not ((counts > 0) & (counts < 6) & ~hides[by].cells).any()
        # Every small cell has its row, so that the row says that it is hidden.
        assert hides[by].with_row[(counts > 0) & (counts < 6)].all()


def cells(dimensions, hides, by):
    labels = [
        next(item.labels for item in dimensions if item.name == name) for name in by
    ]
    return {
        tuple(labels[axis][i] for axis, i in enumerate(where[1:]))
        for where in np.argwhere(hides[by].with_row)
    }


def test_a_small_group_takes_the_next_smallest_with_it():
    pupils = pd.DataFrame({"sen": ["E"] * 3 + ["K"] * 12 + ["N"] * 80})
    dimensions, _, hides = suppressed(pupils, ["sen"])
    assert cells(dimensions, hides, ("sen",)) == {("E",), ("K",)}


def test_where_nobody_is_few_nothing_is_hidden():
    pupils = pd.DataFrame({"sex": ["F", "M"] * 30, "pp": (["Y"] * 2 + ["N"] * 4) * 10})
    _, _, hides = suppressed(pupils, ["sex", "pp"])
    assert not any(item.cells.any() for item in hides.values())


def test_a_small_school_is_hidden_altogether():
    pupils = pd.DataFrame({"sex": ["F", "M", "M", "M", "M"]})
    _, _, hides = suppressed(pupils, ["sex"])
    assert all(item.cells.all() for item in hides.values())


def test_a_hidden_corner_of_a_crossing_is_a_square():
    rows = [("Y", "F", 3), ("Y", "M", 20), ("N", "F", 30), ("N", "M", 40)]
    pupils = pd.DataFrame(
        [{"pp": pp, "sex": sex} for pp, sex, n in rows for _ in range(n)]
    )
    dimensions, _, hides = suppressed(pupils, ["sex", "pp"])
    assert not hides["sex",].cells.any()
    assert len(cells(dimensions, hides, ("sex", "pp"))) == 4


def test_the_difference_of_a_group_within_a_group_is_hidden():
    # All who have free meals now had them within six years; two had them only before.
    fields = [("Y", "Y")] * 40 + [("Y", "N")] * 2 + [("N", "N")] * 60
    pupils = pd.DataFrame(fields, columns=["disadvantaged", "fsm"])
    dimensions, _, hides = suppressed(pupils, ["disadvantaged", "fsm"])
    assert not hides["disadvantaged",].cells.any()
    assert cells(dimensions, hides, ("fsm",)) == {("Y",), ("N",)}


@given(schools(("sex", "sen", "prior")), st.sampled_from(["and", "or"]))
def test_a_group_of_two_fields_tells_nothing_of_their_crossing(pupils, how):
    girls, able = pupils["sex"].eq("F"), pupils["prior"].eq("high")
    chosen = girls & able if how == "and" else girls | able
    pupils["Able girls"] = np.where(chosen, "Y", "N")
    names = ["sex", "sen", "prior", "Able girls"]
    made_of = {"Able girls": ("sex", "prior")}
    dimensions, sizes, hides = suppressed(pupils, names, made_of=made_of)
    assert not Reader(dimensions, sizes, hides).worked_out()
    everywhere = pupils.groupby(["sex", "prior"]).ngroups == 8
    if everywhere and hides["sex", "prior"].cells.any():
        assert hides["Able girls",].cells.all()


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (3, 1, 0, 2)])
def test_the_order_of_pupils_never_matters(order):
    random = np.random.default_rng(7)
    pupils = pd.DataFrame({n: random.choice(v, 60) for n, v in FIELDS.items()})
    parts = [pupils[place::4] for place in range(4)]
    moved = pd.concat([parts[place] for place in order], ignore_index=True)
    _, _, first = suppressed(pupils, list(FIELDS))
    _, _, again = suppressed(moved, list(FIELDS))
    for by, item in first.items():
        assert (item.cells == again[by].cells).all()
