"""Partition: overlapping frames, in groups that do not depend on the blocks of the signal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio.stages.partition import group_size, partition
from netencoders_audio.stages.projection import ROWS


def overwritten(blocks):
    """Yield blocks as a decoder does: each overwrites the one before."""
    memory = np.empty(200, np.float32)
    for block in blocks:
        memory[:] = np.nan
        memory[: len(block)] = block
        yield memory[: len(block)]


def read_only(blocks):
    """Yield read-only blocks, each in its own memory."""
    for block in blocks:
        block.setflags(write=False)
        yield block


@settings(deadline=None, max_examples=600)
@given(
    st.integers(0, 150),
    st.integers(1, 30),
    st.integers(1, 70),
    st.integers(1, 6),
    st.integers(0, 999),
    st.sampled_from([overwritten, read_only]),
    st.booleans(),
)
def test_row_i_starts_at_i_times_offset(
    pieces, length, size, offset, group, seed, memory_of, fresh
):
    """Row i starts at sample i * offset, in groups of the given size."""
    signal = np.arange(length, dtype=np.float32)
    starts = range(0, length - size + 1, offset)
    groups = partition(memory_of(pieces(signal, seed)), size, offset, group, fresh=fresh)
    groups = list(groups) if fresh else [rows.copy() for rows in groups]
    assert [signal[start : start + size].tolist() for start in starts] == [
        row.tolist() for rows in groups for row in rows
    ]
    assert all(len(rows) == group for rows in groups[:-1])


def test_read_only_signal_is_not_copied():
    """The partitions of one read-only block are views of it."""
    signal = np.arange(100, dtype=np.float32)
    for writeable in (True, False):
        signal.setflags(write=writeable)
        last = list(partition([signal], 4, 2, 8, fresh=True))[-1]
        assert writeable != np.shares_memory(signal, last)


def test_rows_cannot_be_written():
    """Rows are read-only, because they overlap."""
    (rows,) = partition([np.ones(9, np.float32)], 4, 2, 8)
    with pytest.raises(ValueError, match="read-only"):
        rows[0, 0] = 1


@pytest.mark.parametrize(("size", "offset"), [(1, 1), (400, 134), (1 << 24, 1), (1, 2**31 - 1)])
def test_group_size_limits_memory(size, offset):
    """A group has at most 2**19 samples, or is a single partition."""
    group = group_size(size, offset, ROWS)
    assert 1 <= group <= 1024
    assert group == 1 or group * max(size, offset) <= 1 << 19
    assert group <= ROWS or group % ROWS == 0


def test_complete_group_is_yielded_before_the_next_block():
    """A complete group is yielded before the next block is read."""
    read_blocks = []

    def blocks():
        for number in range(3):
            read_blocks.append(number)
            yield np.arange(4, dtype=np.float32)

    groups = partition(blocks(), size=2, offset=2, group=2)
    for number in range(3):
        assert [[0, 1], [2, 3]] == next(groups).tolist()
        assert number + 1 == len(read_blocks)


@settings(deadline=None, max_examples=400)
@given(
    st.integers(0, 150),
    st.integers(1, 9),
    st.integers(1, 12),
    st.integers(1, 4),
    st.integers(1, 5),
    st.integers(0, 999),
    st.sampled_from([overwritten, read_only]),
    st.booleans(),
)
def test_joined_groups_have_the_same_rows(
    pieces, length, size, offset, group, factor, seed, memory_of, fresh
):
    """With `most`, groups are joined; the rows, and the places where groups begin, are the same."""
    signal = np.arange(length, dtype=np.float32)
    starts = range(0, length - size + 1, offset)
    most = group * factor
    groups = partition(memory_of(pieces(signal, seed)), size, offset, group, most=most, fresh=fresh)
    groups = list(groups) if fresh else [rows.copy() for rows in groups]
    assert [signal[start : start + size].tolist() for start in starts] == [
        row.tolist() for rows in groups for row in rows
    ]
    assert all(len(rows) % group == 0 and len(rows) <= most for rows in groups[:-1])


def test_all_whole_groups_of_a_block_are_yielded_together():
    """Whole groups of a block are joined up to `most`; a group that begins before it is alone."""
    blocks = [np.arange(22, dtype=np.float32), np.arange(100, dtype=np.float32)]
    counts = [len(rows) for rows in partition(blocks, 4, 2, 3, most=30)]
    assert [9, 3, 30, 18] == counts
