"""Small groups in what names nobody: hidden, with enough beside them to stay so.

A cell of 1 to 5 pupils is hidden, and so are other cells until nothing hidden follows
from what is left: not from a table, nor its totals, nor from two groups crossed.

Why it holds. Of a dimension at least two groups are hidden, together at least six
pupils, and every cell of a hidden group is hidden in every crossing. What is left of a
crossing has totals that a reader knows on all sides; there the hidden cells are a full
square of at least two rows and two columns, with at least six pupils in each: they
could be moved round any corner of it without changing a published number. A dimension
that follows from another (a group `SEND` from the field `sen`; in a small class, EAL
from ethnicity) is published only where it says nothing that the other does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from udfs.statistics.cross_tabulation import By, Dimension, tables_of
from udfs.statistics.secondary_suppression import (
    Flags,
    Whole,
    enough,
    partly,
    place_of,
    reduced,
    small,
    square,
)

MadeOf = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden of one table.

    Args:
        cells: Whether a cell is hidden: block, one axis for each dimension.
        listed: Whether a hidden cell has a row, without figures. Some cells with
            nobody in them have one: their absence would tell.
    """

    cells: Flags
    listed: Flags


def hidden(
    sizes: Mapping[By, Whole],
    dimensions: Sequence[Dimension],
    *,
    made_of: MadeOf | None = None,
) -> dict[By, Hidden]:
    """What to hide of every table of `crossed`.

    Args:
        sizes: For each table, block x groups x counts: first the pupils in the cell,
            then other counts that may not be small either (those with data).
        dimensions: The dimensions of the tables.
        made_of: The fields that the rule of a dimension asks for. One of two fields
            (`pp == "Y" and sex == "M"`) is published where nothing of the two is
            hidden.
    """
    names = [one.name for one in dimensions]
    rules = {
        name: tuple(field for field in fields if field in names)
        for name, fields in (made_of or {}).items()
    }
    told = _Told(sizes, names, rules)
    told.hide_nested()
    told.hide_squares()
    for name, fields in rules.items():
        if len(fields) > 1:
            told.hide_joint(name, fields)
    dead = small(sizes[()])
    made: dict[By, Hidden] = {}
    for by in tables_of(dimensions):
        cells = told.table(by)
        everything = dead.reshape(-1, *(1,) * len(by))
        there = sizes[by][..., 0] > 0
        made[by] = Hidden(cells | everything, cells | (everything & there))
    return made


class _Told:
    """What is published of every dimension and crossing, block by block."""

    def __init__(
        self, sizes: Mapping[By, Whole], names: Sequence[str], rules: MadeOf
    ) -> None:
        self.sizes = sizes
        self.names = names
        self.field = {name: of[0] for name, of in rules.items() if len(of) == 1}
        self.there = {name: sizes[(name,)][..., 0] > 0 for name in names}
        self.groups = {name: enough(sizes[(name,)]) for name in names}
        # For each crossing the rows and columns of its square; the last row and
        # the last column stand for all groups that are hidden as such.
        self.squares: dict[By, tuple[Flags, Flags]] = {}
        self.sources = self._sources()

    def hide_nested(self) -> None:
        """Two groups, one within the other: their difference would be told too."""
        for first, second in combinations(self.names, 2):
            sizes = self._sizes(first, second)
            empty = (sizes[..., 0].sum(axis=0) == 0).sum()
            if sizes.shape[1:3] == (2, 2) and empty == 1:
                differ: Flags = np.any(small(sizes), axis=(1, 2))
                self.groups[second] |= differ[:, None] & self.there[second]

    def hide_squares(self) -> None:
        """The small cells of every crossing, and what must be hidden beside them."""
        for first, second in combinations(self.names, 2):
            rows, columns, alone = square(self._reduced(first, second))
            self.squares[first, second] = rows, columns
            for name, which in ((first, 1), (second, 2)):
                self.groups[name] |= (alone == which)[:, None] & self.there[name]

    def hide_joint(self, name: str, fields: tuple[str, ...]) -> None:
        """A group of several fields, wherever something of them is hidden."""
        of_fields = sorted(fields, key=self.names.index)
        tables: list[By] = [(one,) for one in of_fields]
        tables += combinations(of_fields, 2)
        for by in tables:
            cells = self.table(by).reshape(len(self.sizes[()]), -1)
            some: Flags = np.any(cells, axis=1)
            self.groups[name] |= some[:, None] & self.there[name]

    def table(self, by: By) -> Flags:
        """What is hidden of a table, cells with nobody in them among it."""
        cells = np.zeros(self.sizes[by].shape[:-1], dtype=bool)
        for blocks, sources in self._alike(by) if by else ():
            if len(set(sources)) == 1:
                cells[blocks] = self._of_one(by, sources[0], blocks)
            else:
                cells[blocks] = self._of_two(by, sources, blocks)
        return cells

    def _of_one(self, by: By, source: str, blocks: Whole) -> Flags:
        hides = self.groups[source][blocks]
        first = self._inside(source, by[0], blocks)
        out = partly(hides, first)
        if len(by) == 1:
            return out
        second = self._inside(source, by[1], blocks)
        cells = partly(hides, first[:, :, :, None] & second[:, :, None, :])
        if not all(source in (name, self.field.get(name)) for name in by):
            # It only happens to follow here: which hidden group of the one is which
            # of the other must not be told.
            hide = [out, partly(hides, second)]
            left = reduced(self.sizes[by][blocks], *hide)[..., 0] > 0
            maybe = self._spread(left, hide, by, blocks)
            cells |= (hide[0][:, :, None] | hide[1][:, None, :]) & maybe
        return cells

    def _of_two(self, by: By, sources: By, blocks: Whole) -> Flags:
        first, second = sources
        lines = [one[blocks] for one in self._square(first, second)]
        hides = [self.groups[source][blocks] for source in sources]
        inside = [
            self._inside(source, name, blocks)
            for name, source in zip(by, sources, strict=True)
        ]
        cut, out = [], []
        for line, hide, of in zip(lines, hides, inside, strict=True):
            # The last line stands for the hidden groups: wholly in one set, or out.
            last = np.any(hide[:, :, None] & of, axis=1, keepdims=True)
            cut.append(partly(line, np.concatenate([of, last], axis=1)))
            out.append(partly(hide, of))
        cells = cut[0][:, :, None] & cut[1][:, None, :]
        # Hidden groups: is there anything of them in the cell, as far as one knows?
        left = self._reduced(first, second)[blocks][..., 0] > 0
        left |= lines[0][:, :, None] & lines[1][:, None, :]
        left = self._spread(left, hides, sources, blocks)
        for axis in (0, 1):
            of_hidden = left & np.expand_dims(hides[axis], 2 - axis)
            counts = (one.astype(np.int32) for one in (of_hidden, *inside))
            some = np.einsum("kab,kax,kby->kxy", *counts, optimize=True) > 0
            cells |= np.expand_dims(out[axis], 2 - axis) & some
        return cells

    def _spread(
        self, left: Flags, hides: Sequence[Flags], by: Sequence[str], blocks: Whole
    ) -> Flags:
        """Cells of a reduced table at the groups that there are."""
        rows, columns = place_of(hides[0]), place_of(hides[1])
        block = np.arange(len(blocks))[:, None, None]
        spread = left[block, rows[:, :, None], columns[:, None, :]]
        spread &= self.there[by[0]][blocks][:, :, None]
        spread &= self.there[by[1]][blocks][:, None, :]
        return spread

    def _alike(self, by: By) -> Iterator[tuple[Whole, By]]:
        """Blocks in which the dimensions follow from the same others."""
        codes = np.array([self.sources[name] for name in by])
        for sources in np.unique(codes, axis=1).T:
            blocks = np.flatnonzero((codes == sources[:, None]).all(axis=0))
            yield blocks, tuple(self.names[source] for source in sources)

    def _inside(self, source: str, name: str, blocks: Whole) -> Flags:
        """Which groups of the source lie in which groups of a dimension."""
        if source == name:
            groups = self.there[name].shape[1]
            return np.broadcast_to(
                np.eye(groups, dtype=bool), (len(blocks), groups, groups)
            )
        found: Flags = self._sizes(source, name)[blocks][..., 0] > 0
        return found

    def _sources(self) -> dict[str, Whole]:
        """For each dimension and block, the dimension from which it follows."""
        names = [name for name in self.names if name not in self.field]
        shape = (len(names), len(names), len(self.sizes[()]))
        follows = np.zeros(shape, dtype=bool)
        for i, source in enumerate(names):
            for j, name in enumerate(names):
                if i != j:
                    some = self._sizes(source, name)[..., 0] > 0
                    follows[i, j] = np.all(some.sum(axis=2) <= 1, axis=1)
        earlier = np.arange(len(names))[:, None] < np.arange(len(names))
        follows &= ~follows.transpose(1, 0, 2) | earlier[..., None]
        own: Flags = ~np.any(follows, axis=0)
        follows &= own[:, None, :]
        places = np.array([self.names.index(name) for name in names])
        sources = {
            name: places[np.where(own[j], j, follows[:, j].argmax(axis=0))]
            for j, name in enumerate(names)
        }
        return sources | {name: sources[of] for name, of in self.field.items()}

    def _sizes(self, first: str, second: str) -> Whole:
        if (first, second) in self.sizes:
            return self.sizes[first, second]
        return np.swapaxes(self.sizes[second, first], 1, 2)

    def _square(self, first: str, second: str) -> tuple[Flags, Flags]:
        if (first, second) in self.squares:
            return self.squares[first, second]
        columns, rows = self.squares[second, first]
        return rows, columns

    def _reduced(self, first: str, second: str) -> Whole:
        sizes = self._sizes(first, second)
        return reduced(sizes, self.groups[first], self.groups[second])
