"""The square of hidden cells in a crossing, and the company that it needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from udfs.statistics.secondary_suppression import MIN_CELL_SIZE, square_to_hide

# Pupils in each cell, with the totals of all sides known -> the rows and columns of
# which every common cell is hidden.
CROSSINGS = {
    "nothing small": ([[9, 9], [9, 9]], [], []),
    "one small cell": ([[3, 20, 30], [30, 40, 50], [60, 70, 80]], [0, 1], [0, 1]),
    # In the first column 3 and 1 are small, and two rows of two columns hide enough
    # of each row: but of that column 4 pupils would follow from its total.
    "few in a column": ([[3, 20, 20], [1, 20, 20], [50, 50, 50]], [0, 1, 2], [0, 1]),
    "few in a row": ([[3, 1, 50], [20, 20, 50], [20, 20, 50]], [0, 1], [0, 1, 2]),
}


@pytest.mark.parametrize(
    ("cells", "rows", "columns"), CROSSINGS.values(), ids=CROSSINGS
)
def test_a_square_hides_enough_in_every_row_and_every_column(cells, rows, columns):
    got_rows, got_columns, alone = square_to_hide(np.array(cells)[None, :, :, None])
    assert np.flatnonzero(got_rows[0]).tolist() == rows
    assert np.flatnonzero(got_columns[0]).tolist() == columns
    assert alone.tolist() == [0]


@given(
    arrays(
        np.int64,
        st.tuples(st.just(1), st.integers(2, 5), st.integers(2, 5), st.just(1)),
        elements=st.one_of(st.integers(0, 8), st.integers(6, 60)),
    )
)
def test_what_a_square_promises_holds_of_any_crossing(sizes):
    rows, columns, alone = square_to_hide(sizes)
    counts, r, c = sizes[0, :, :, 0], rows[0], columns[0]
    small = (counts > 0) & (counts < MIN_CELL_SIZE)
    assert not (small & ~(r[:, None] & c)).any()
    if not small.any():
        assert not r.any()
        assert not c.any()
        return
    if alone[0]:
        return  # the whole of one dimension is hidden then, by the caller
    hidden = counts * (r[:, None] & c)
    assert (hidden.sum(axis=1)[r] >= MIN_CELL_SIZE).all()
    assert (hidden.sum(axis=0)[c] >= MIN_CELL_SIZE).all()
    assert (hidden.sum(axis=1) > 0).sum() >= 2
    assert (hidden.sum(axis=0) > 0).sum() >= 2
