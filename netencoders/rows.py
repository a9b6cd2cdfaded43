"""Rows: rows that arrive in blocks, in groups of fixed sizes, or joined."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["GROUP", "grouped", "joined", "repeats"]

GROUP: Final = 256
"""The number of rows in a group."""

_TILE = 1 << 15  # elements that are copied at once, so that both layouts stay in the cache
_STEP = 64  # rows that are compared at once, at first; and in elements, at most `_MOST`
_MOST = 1 << 18


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


def joined(blocks: Sequence[npt.NDArray[Any]], axis: int, repeats: int = 0) -> npt.NDArray[Any]:
    """Return blocks of any layout in memory, such as transposed ones, as one C-contiguous array.

    The last row is repeated `repeats` more times.

    >>> joined([np.ones((3, 2)).T, np.zeros((1, 2)).T], axis=1, repeats=1)
    array([[1., 1., 1., 0., 0.],
           [1., 1., 1., 0., 0.]])
    """
    first = blocks[0]
    shape = list(first.shape)
    shape[axis] = sum(block.shape[axis] for block in blocks) + repeats
    out = np.empty(shape, first.dtype)
    target, place = np.moveaxis(out, axis, 0), 0
    for block in blocks:
        rows = np.moveaxis(block, axis, 0)
        step = max(16, _TILE // max(1, math.prod(rows.shape[1:])))
        for begin in range(0, len(rows), step):
            part = rows[begin : begin + step]
            target[place + begin : place + begin + len(part)] = part
        place += len(rows)
    if repeats:
        # A copy: from overlapping memory, numpy would write each row after the other.
        last = target[place - 1 : place].copy()
        target[place:] = last
    return out


def repeats(rows: npt.NDArray[Any]) -> int:
    """Return the number of rows at the end of an array that equal the row before, bit for bit.

    >>> repeats(np.array([[1, 2], [3, 4], [3, 4], [3, 4]]))
    2
    """
    count, size = len(rows), math.prod(rows.shape[1:]) * rows.itemsize
    if count < 2 or not size or not rows.flags.c_contiguous or rows.dtype.hasobject:
        return 0
    # Wide integers, because they are compared in less time.
    wide = next(width for width in (8, 4, 2, 1) if size % width == 0)
    words = rows.reshape(count, -1).view(f"u{wide}")
    found, step = 0, 1  # a look at two rows tells it of most arrays
    while found < count - 1:
        end = count - found
        begin = max(1, end - step)
        different = words[begin:end] != words[begin - 1 : end - 1]
        if different.any():
            last = int(np.flatnonzero(different.any(axis=1))[-1])
            return found + end - begin - 1 - last
        found += end - begin
        step = max(_STEP, min(2 * step, _MOST // words.shape[1]))
    return found
