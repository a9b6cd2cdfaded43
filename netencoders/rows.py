"""Rows: rows that arrive in blocks, in groups of fixed sizes, or joined."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["GROUP", "grouped", "joined"]

GROUP: Final = 256
"""The number of rows in a group."""

_TILE = 1 << 15  # elements that are copied at once, so that both layouts stay in the cache


def grouped(blocks: Iterator[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
    """Yield the rows of some blocks in groups of `GROUP` rows; the last one may be smaller.

    A group is a view of a block, or of memory that the next groups overwrite.

    >>> [len(group) for group in grouped(iter([np.zeros((100, 2)), np.zeros((500, 2))]))]
    [256, 256, 88]
    """
    held: npt.NDArray[Any] | None = None
    count = 0  # rows in `held`
    for block in blocks:
        place = 0
        if count and held is not None:
            place = min(GROUP - count, len(block))
            held[count : count + place] = block[:place]
            count += place
            if count < GROUP:
                continue
            yield held
            count = 0
        whole = place + (len(block) - place) // GROUP * GROUP
        for begin in range(place, whole, GROUP):
            yield block[begin : begin + GROUP]
        if whole < len(block):
            if held is None:
                held = np.empty((GROUP, *block.shape[1:]), block.dtype)
            count = len(block) - whole
            held[:count] = block[whole:]
    if count and held is not None:
        yield held[:count]


def joined(blocks: Sequence[npt.NDArray[Any]], axis: int) -> npt.NDArray[Any]:
    """Return blocks of any layout in memory, such as transposed ones, as one C-contiguous array.

    >>> joined([np.ones((3, 2)).T, np.zeros((1, 2)).T], axis=1)
    array([[1., 1., 1., 0.],
           [1., 1., 1., 0.]])
    """
    first = blocks[0]
    shape = list(first.shape)
    shape[axis] = sum(block.shape[axis] for block in blocks)
    out = np.empty(shape, first.dtype)
    target, place = np.moveaxis(out, axis, 0), 0
    for block in blocks:
        rows = np.moveaxis(block, axis, 0)
        step = max(16, _TILE // max(1, math.prod(rows.shape[1:])))
        for begin in range(0, len(rows), step):
            part = rows[begin : begin + step]
            target[place + begin : place + begin + len(part)] = part
        place += len(rows)
    return out
