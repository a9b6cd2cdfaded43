"""Groups of rows that do not depend on the blocks in which the rows arrive."""

from __future__ import annotations

import numpy as np
import pytest

from netencoders.rows import GROUP, grouped


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
