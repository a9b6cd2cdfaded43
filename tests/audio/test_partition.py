"""Partition: overlapping pieces, in groups that do not depend on the blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio.partition import group_size, partition
from netencoders_audio.projection import ROWS


@settings(deadline=None, max_examples=400)
@given(
    st.integers(0, 150),
    st.integers(1, 30),
    st.integers(1, 70),
    st.integers(1, 6),
    st.integers(0, 999),
)
def test_rows(pieces, length, size, offset, group, seed):
    """Row i is the signal from i times the offset on, in groups of the asked size."""
    signal = np.arange(length, dtype=np.float32)
    starts = range(0, length - size + 1, offset)
    groups = [rows.copy() for rows in partition(pieces(signal, seed), size, offset, group)]
    assert [signal[start : start + size].tolist() for start in starts] == [
        row.tolist() for rows in groups for row in rows
    ]
    assert all(len(rows) == group for rows in groups[:-1])


def test_rows_are_read_only():
    """Rows overlap: writing to one would change another."""
    (rows,) = partition([np.ones(9, np.float32)], 4, 2, 8)
    with pytest.raises(ValueError, match="read-only"):
        rows[0, 0] = 1


@pytest.mark.parametrize(("size", "offset"), [(1, 1), (400, 134), (1 << 24, 1), (1, 2**31 - 1)])
def test_group_size_bounds_memory(size, offset):
    """A group spans some hundred thousand samples at the most, or is a single partition."""
    group = group_size(size, offset)
    assert 1 <= group <= 1024
    assert group == 1 or group * max(size, offset) <= 1 << 19
    assert group <= ROWS or group % ROWS == 0
