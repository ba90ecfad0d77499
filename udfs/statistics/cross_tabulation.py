"""Cross tabulation: sums of whole numbers for groups and pairs of groups."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from udfs.statistics.arrays import Integers

ALL = "all"
CROSS_SEPARATOR = " x "
NOT_KNOWN = "not known"

# The dimensions of a table: none (everybody), one, or two crossed.
TableKey = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One division of pupils into groups.

    Args:
        name: The name of a field or a group.
        labels: Its groups, in order.
        codes: For every row, the index of its group in `labels`.
    """

    name: str
    labels: tuple[str, ...]
    codes: Integers


def dimension(name: str, values: pd.Series, order: Sequence[str] = ()) -> Dimension:
    """Divide rows by a column; rows without a value are `not known`.

    Args:
        name: The name of a field or a group.
        values: Each row's group.
        order: The groups that come first, in this order; others follow as numbers,
            then as words.

    >>> dimension("sen", pd.Series(["K", "", None, "N"])).labels
    ('K', 'N', 'not known')
    >>> dimension("year", pd.Series([10, 7])).labels
    ('7', '10')
    """
    text = values.astype(object).where(values.notna(), "").map(str).str.strip()
    codes, uniques = pd.factorize(text.mask(text == ""))
    names = [str(label) for label in uniques]

    def sort_key(label: str) -> tuple[int, int, str]:
        first = order.index(label) if label in order else len(order)
        number = int(label) if label.isascii() and label.isdigit() else -1
        return first, number if number >= 0 else sys.maxsize, label

    labels = sorted(names, key=sort_key)
    places = [labels.index(label) for label in names]
    if (codes < 0).any():
        places.append(len(labels))  # what -1 stands for
        labels.append(NOT_KNOWN)
    renamed = np.array(places, dtype=np.int64)[codes] if places else codes
    return Dimension(name, tuple(labels), np.asarray(renamed, dtype=np.int64))


def table_keys(dimensions: Sequence[Dimension]) -> list[TableKey]:
    """Return the tables: everybody, every dimension, and every pair of dimensions."""
    names = [dimension.name for dimension in dimensions]
    return [(), *((name,) for name in names), *combinations(names, 2)]


def cross_tabulate(
    blocks: Integers,
    count: int,
    dimensions: Sequence[Dimension],
    quantities: Mapping[str, Integers],
) -> dict[TableKey, Integers]:
    """Return the sums of every quantity in every cell of every table.

    Whole numbers add exactly, so the order of rows never matters and the sums of two
    schools add up to those of both.

    Args:
        blocks: For every row, the index of its block (a subject in a collection).
        count: The number of blocks.
        dimensions: The divisions of the rows.
        quantities: The quantities by name; a row without a value has 0.

    Returns:
        For each table of `table_keys` an array: block, one axis for each dimension,
        quantity.
    """
    by_name = {dimension.name: dimension for dimension in dimensions}
    # Floats hold whole numbers exactly up to 2**53, far above any sum here.
    weights = [
        np.asarray(dimension, dtype=np.float64) for dimension in quantities.values()
    ]
    tables: dict[TableKey, Integers] = {}
    for by in table_keys(dimensions):
        cell, shape = blocks, [count]
        for name in by:
            cell = cell * len(by_name[name].labels) + by_name[name].codes
            shape.append(len(by_name[name].labels))
        size = int(np.prod(shape))
        sums = [np.bincount(cell, weight, size) for weight in weights]
        stacked = np.array(sums).reshape(len(sums), *shape)
        tables[by] = np.moveaxis(stacked, 0, -1).astype(np.int64)
    return tables


def table_label(by: TableKey) -> str:
    """Return the name of a table's dimensions: `all`, `sex` or `sex x prior`."""
    return CROSS_SEPARATOR.join(by) if by else ALL
