"""Collector: rows of an unknown number, and wrong expected numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders_audio.execution.collector import MAX_FIRST_ALLOCATION, Collector


@given(st.lists(st.integers(0, 40)), st.integers(0, 200))
def test_rows_are_kept_for_any_expected_number(counts, expected):
    """The array holds the written rows for any expected number."""
    collector = Collector((3,), "float32", expected)
    for place, count in enumerate(counts):
        collector.room(count)[:] = place
    rows = [place for place, count in enumerate(counts) for _ in range(count)]
    assert [[row] * 3 for row in rows] == collector.array().tolist()


@pytest.mark.parametrize("row", [(), (101,), (1 << 25,)])
def test_large_expected_number_allocates_little(row):
    """For 2**62 expected rows, the first allocation is bounded."""
    collector = Collector(row, "float32", 1 << 62)
    assert max(MAX_FIRST_ALLOCATION, np.prod(row, dtype=int)) >= collector._array.size


def test_callback_runs_before_growing():
    """The callback runs before rows move, and not if there is room."""
    moves = []
    collector = Collector((2,), "float32", 4, before_growing=lambda: moves.append(rows[0, 0]))
    rows = collector.room(4)
    rows[:] = 7
    assert [] == moves
    collector.room(1)[:] = 8
    assert [7] == moves
    assert 5 == collector.filled
    assert [7, 7, 7, 7, 8] == collector.array()[:, 0].tolist()


def test_result_owns_its_memory():
    """The array is not a view of a larger one."""
    collector = Collector((2,), "float32", 100)
    collector.room(1)[:] = 1
    assert (None, 2) == (collector.array().base, collector.array().size)
