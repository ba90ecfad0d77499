"""Small-cell suppression: hide small cells, and enough others to protect them.

A cell of 1 to 5 pupils is hidden, and further cells until no hidden cell can be
calculated: from a table, its totals, or two groups crossed.

Why it holds. Of a dimension at least two groups are hidden, together at least six
pupils, and every cell of a hidden group is hidden in every crossing. The rest of a
crossing has totals that a reader knows on all sides; there the hidden cells form a full
square of at least two rows and two columns, with at least six pupils in each: pupils
could be moved around any corner of it without a change to a published number. A
dimension that follows from another (a group `SEND` from the field `sen`; in a small
class, EAL from ethnicity) is published only where it adds nothing to the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from udfs.statistics.arrays import Booleans, Integers
from udfs.statistics.cross_tabulation import Dimension, TableKey, table_keys
from udfs.statistics.secondary_suppression import (
    groups_to_hide,
    is_small,
    merge_hidden,
    merged_index,
    partly_hidden,
    square_to_hide,
)

RuleFields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class HiddenCells:
    """The hidden cells of one table.

    Args:
        cells: Whether a cell is hidden: block, one axis for each dimension.
        with_row: Whether a hidden cell has a row, without figures. Some empty cells
            have one: their absence would show that they are empty.
    """

    cells: Booleans
    with_row: Booleans


def suppress(
    sizes: Mapping[TableKey, Integers],
    dimensions: Sequence[Dimension],
    *,
    rule_fields: RuleFields | None = None,
) -> dict[TableKey, HiddenCells]:
    """Choose the cells to hide in every table of `cross_tabulate`.

    Args:
        sizes: For each table, block x groups x counts: first the pupils in the cell,
            then other counts that may not be small either (those with data).
        dimensions: The dimensions of the tables.
        rule_fields: The fields that the rule of a dimension uses. A rule of two fields
            (`pp == "Y" and sex == "M"`) is published where nothing of the two is
            hidden.
    """
    names = [dimension.name for dimension in dimensions]
    rules = {
        name: tuple(field for field in fields if field in names)
        for name, fields in (rule_fields or {}).items()
    }
    suppression = _Suppression(sizes, names, rules)
    suppression.hide_nested()
    suppression.hide_squares()
    for name, fields in rules.items():
        if len(fields) > 1:
            suppression.hide_joint(name, fields)
    small_blocks = is_small(sizes[()])
    result: dict[TableKey, HiddenCells] = {}
    for by in table_keys(dimensions):
        cells = suppression.hidden_cells(by)
        whole_block = small_blocks.reshape(-1, *(1,) * len(by))
        present = sizes[by][..., 0] > 0
        result[by] = HiddenCells(cells | whole_block, cells | (whole_block & present))
    return result


def hide_blocks(
    hidden: Mapping[TableKey, HiddenCells],
    sizes: Mapping[TableKey, Integers],
    *,
    nothing: Booleans,
    whole_only: Booleans,
) -> dict[TableKey, HiddenCells]:
    """Hide further blocks, whole or all their groups.

    Args:
        hidden: From `suppress`.
        sizes: See `suppress`.
        nothing: For every block, whether nothing of it is shown.
        whole_only: For every block, whether only its total is shown.
    """
    result = {}
    for by, cells in hidden.items():
        blocks = (nothing | whole_only) if by else nothing
        more = blocks.reshape(-1, *(1,) * len(by))
        present = sizes[by][..., 0] > 0
        result[by] = HiddenCells(cells.cells | more, cells.with_row | (more & present))
    return result


class _Suppression:
    """The hidden groups and squares of every dimension and crossing, by block."""

    def __init__(
        self,
        sizes: Mapping[TableKey, Integers],
        names: Sequence[str],
        rules: RuleFields,
    ) -> None:
        self.sizes = sizes
        self.names = names
        self.field = {name: of[0] for name, of in rules.items() if len(of) == 1}
        self.present = {name: sizes[(name,)][..., 0] > 0 for name in names}
        self.groups = {name: groups_to_hide(sizes[(name,)]) for name in names}
        # For each crossing the rows and columns of its square; the last row and
        # the last column stand for all groups that are hidden as such.
        self.squares: dict[TableKey, tuple[Booleans, Booleans]] = {}
        self.sources = self._find_sources()

    def hide_nested(self) -> None:
        """Hide two nested groups where their difference is small."""
        for first, second in combinations(self.names, 2):
            sizes = self._sizes(first, second)
            empty = (sizes[..., 0].sum(axis=0) == 0).sum()
            if sizes.shape[1:3] == (2, 2) and empty == 1:
                differ: Booleans = np.any(is_small(sizes), axis=(1, 2))
                self.groups[second] |= differ[:, None] & self.present[second]

    def hide_squares(self) -> None:
        """Hide the small cells of every crossing, and a square around them."""
        for first, second in combinations(self.names, 2):
            rows, columns, alone = square_to_hide(self._merged_sizes(first, second))
            self.squares[first, second] = rows, columns
            for name, which in ((first, 1), (second, 2)):
                self.groups[name] |= (alone == which)[:, None] & self.present[name]

    def hide_joint(self, name: str, fields: tuple[str, ...]) -> None:
        """Hide a group of several fields wherever a part of them is hidden."""
        of_fields = sorted(fields, key=self.names.index)
        tables: list[TableKey] = [(field,) for field in of_fields]
        tables += combinations(of_fields, 2)
        for by in tables:
            cells = self.hidden_cells(by).reshape(len(self.sizes[()]), -1)
            any_hidden: Booleans = np.any(cells, axis=1)
            self.groups[name] |= any_hidden[:, None] & self.present[name]

    def hidden_cells(self, by: TableKey) -> Booleans:
        """Return the hidden cells of a table, including empty ones."""
        cells = np.zeros(self.sizes[by].shape[:-1], dtype=bool)
        for blocks, sources in self._blocks_by_source(by) if by else ():
            if len(set(sources)) == 1:
                cells[blocks] = self._cells_of_one_source(by, sources[0], blocks)
            else:
                cells[blocks] = self._cells_of_two_sources(by, sources, blocks)
        return cells

    def _cells_of_one_source(
        self, by: TableKey, source: str, blocks: Integers
    ) -> Booleans:
        hides = self.groups[source][blocks]
        first = self._memberships(source, by[0], blocks)
        out = partly_hidden(hides, first)
        if len(by) == 1:
            return out
        second = self._memberships(source, by[1], blocks)
        cells = partly_hidden(hides, first[:, :, :, None] & second[:, :, None, :])
        if not all(source in (name, self.field.get(name)) for name in by):
            # It only happens to follow here: do not show which hidden group of the
            # one is which of the other.
            hide = [out, partly_hidden(hides, second)]
            remaining = merge_hidden(self.sizes[by][blocks], *hide)[..., 0] > 0
            maybe = self._expand(remaining, hide, by, blocks)
            cells |= (hide[0][:, :, None] | hide[1][:, None, :]) & maybe
        return cells

    def _cells_of_two_sources(
        self, by: TableKey, sources: TableKey, blocks: Integers
    ) -> Booleans:
        first, second = sources
        lines = [part[blocks] for part in self._square(first, second)]
        hides = [self.groups[source][blocks] for source in sources]
        inside = [
            self._memberships(source, name, blocks)
            for name, source in zip(by, sources, strict=True)
        ]
        cut, out = [], []
        for line, hide, of in zip(lines, hides, inside, strict=True):
            # The last line is all hidden groups: entirely in one set, or outside.
            last = np.any(hide[:, :, None] & of, axis=1, keepdims=True)
            cut.append(partly_hidden(line, np.concatenate([of, last], axis=1)))
            out.append(partly_hidden(hide, of))
        cells = cut[0][:, :, None] & cut[1][:, None, :]
        # Cells that may hold pupils of hidden groups, as far as a reader knows.
        remaining = self._merged_sizes(first, second)[blocks][..., 0] > 0
        remaining |= lines[0][:, :, None] & lines[1][:, None, :]
        remaining = self._expand(remaining, hides, sources, blocks)
        for axis in (0, 1):
            of_hidden = remaining & np.expand_dims(hides[axis], 2 - axis)
            counts = (part.astype(np.int32) for part in (of_hidden, *inside))
            some = np.einsum("kab,kax,kby->kxy", *counts, optimize=True) > 0
            cells |= np.expand_dims(out[axis], 2 - axis) & some
        return cells

    def _expand(
        self,
        left: Booleans,
        hides: Sequence[Booleans],
        by: Sequence[str],
        blocks: Integers,
    ) -> Booleans:
        """Expand the cells of a merged table to all groups with pupils."""
        rows, columns = merged_index(hides[0]), merged_index(hides[1])
        block = np.arange(len(blocks))[:, None, None]
        spread = left[block, rows[:, :, None], columns[:, None, :]]
        spread &= self.present[by[0]][blocks][:, :, None]
        spread &= self.present[by[1]][blocks][:, None, :]
        return spread

    def _blocks_by_source(self, by: TableKey) -> Iterator[tuple[Integers, TableKey]]:
        """Yield the blocks in which the dimensions follow from the same others."""
        codes = np.array([self.sources[name] for name in by])
        for sources in np.unique(codes, axis=1).T:
            blocks = np.flatnonzero((codes == sources[:, None]).all(axis=0))
            yield blocks, tuple(self.names[source] for source in sources)

    def _memberships(self, source: str, name: str, blocks: Integers) -> Booleans:
        """Return which groups of the source lie in which groups of a dimension."""
        if source == name:
            groups = self.present[name].shape[1]
            return np.broadcast_to(
                np.eye(groups, dtype=bool), (len(blocks), groups, groups)
            )
        inside: Booleans = self._sizes(source, name)[blocks][..., 0] > 0
        return inside

    def _find_sources(self) -> dict[str, Integers]:
        """Return, for each dimension and block, the dimension from which it follows."""
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
        is_own_source: Booleans = ~np.any(follows, axis=0)
        follows &= is_own_source[:, None, :]
        places = np.array([self.names.index(name) for name in names])
        sources = {
            name: places[np.where(is_own_source[j], j, follows[:, j].argmax(axis=0))]
            for j, name in enumerate(names)
        }
        return sources | {name: sources[of] for name, of in self.field.items()}

    def _sizes(self, first: str, second: str) -> Integers:
        if (first, second) in self.sizes:
            return self.sizes[first, second]
        return np.swapaxes(self.sizes[second, first], 1, 2)

    def _square(self, first: str, second: str) -> tuple[Booleans, Booleans]:
        if (first, second) in self.squares:
            return self.squares[first, second]
        columns, rows = self.squares[second, first]
        return rows, columns

    def _merged_sizes(self, first: str, second: str) -> Integers:
        sizes = self._sizes(first, second)
        return merge_hidden(sizes, self.groups[first], self.groups[second])
