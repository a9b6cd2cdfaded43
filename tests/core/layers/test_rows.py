"""Groups of rows that do not depend on the blocks in which the rows arrive."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netencoders.rows import GROUP, grouped, joined, repeats


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


@pytest.mark.parametrize("axis", [0, 1])
def test_last_row_is_repeated(axis: int) -> None:
    """The joined array ends with copies of the last row of the last block, of any layout."""
    array = np.arange(12, dtype=np.float32).reshape(4, 3)
    expected = np.concatenate([array, array[3:], array[3:]])
    blocks = [array[:3], array[3:]]
    if axis:
        expected, blocks = expected.T, [block.T for block in blocks]
    actual = joined(blocks, axis, repeats=2)
    assert expected.tolist() == actual.tolist()
    assert actual.flags.c_contiguous


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int8", "complex64", "bool"])
@pytest.mark.parametrize("row", [(), (1,), (3,), (80,), (2, 5)])
def test_repeats_are_counted_from_the_end(dtype: str, row: tuple[int, ...]) -> None:
    """The count is that of a comparison row by row, for any number of equal rows."""
    for count in (1, 2, 63, 64, 65, 130, 1000):
        for equal in {0, 1, 2, 63, 64, 65, count // 2, count - 2, count - 1}:
            if not 0 <= equal < count:
                continue
            rows = np.zeros((count, *row), dtype)
            rows[count - equal - 2 : count - equal - 1] = 1
            assert min(equal, count - 1) == repeats(rows)


def test_long_repeats_are_compared_in_parts() -> None:
    """Rows of many elements are counted as well, and a row far before the end ends the count."""
    rows = np.zeros((3000, 4096), np.float32)
    rows[7, 4095] = 1
    assert 3000 - 9 == repeats(rows)


def test_rows_of_equal_numbers_and_other_bits_differ() -> None:
    """-0.0 is another row than 0.0, because 1 / x differs."""
    assert 0 == repeats(np.array([[0.0], [-0.0]]))


@pytest.mark.parametrize("rows", [np.zeros((5, 0)), np.zeros((5, 4))[:, ::2], np.zeros(0)])
def test_other_layouts_have_no_repeats(rows: np.ndarray) -> None:
    """Rows without elements, or not adjacent in memory, are not compared."""
    assert 0 == repeats(rows)
