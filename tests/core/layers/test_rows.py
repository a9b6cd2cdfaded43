"""Groups of rows that do not depend on the blocks in which the rows arrive."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netencoders.rows import GROUP, grouped, joined


@pytest.mark.parametrize("total", [1, 255, 256, 257, 511, 512, 513, 1000])
@pytest.mark.parametrize("sizes", [(1,), (100,), (256,), (255, 2), (1000,), (1, 600, 3)])
def test_groups_do_not_depend_on_the_blocks(total: int, sizes: tuple[int, ...]) -> None:
    """All groups but the last one have 256 rows, and together they are the rows."""
    rows = np.arange(2 * total).reshape(-1, 2)
    blocks, place, turn = [], 0, 0
    while place < total:
        size = sizes[turn % len(sizes)]
        blocks.append(rows[place : place + size])
        place, turn = place + size, turn + 1
    groups = [group.copy() for group in grouped(iter(blocks))]
    assert [GROUP] * (total // GROUP) + [total % GROUP] * (total % GROUP > 0) == [
        len(group) for group in groups
    ]
    assert rows.tolist() == np.concatenate(groups).tolist()


def test_no_rows_are_no_groups() -> None:
    """Without blocks, or with empty blocks, there is no group."""
    assert [] == list(grouped(iter([])))
    assert [] == list(grouped(iter([np.zeros((0, 2))])))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("shape", [(1000, 40, 2), (40, 1000, 3), (3, 5, 70000)])
def test_blocks_of_any_layout_join_to_a_contiguous_array(shape: tuple[int, ...], axis: int) -> None:
    """Transposed blocks, one or several, give the concatenated array, and it is C-contiguous."""
    array = np.arange(math.prod(shape), dtype=np.float32).reshape(shape[::-1]).T
    parts = np.array_split(array, 3, axis=axis)
    for blocks in ([array], parts):
        actual = joined(blocks, axis)
        assert np.array_equal(array, actual)
        assert actual.flags.c_contiguous
