"""Rows: groups of rows whose sizes do not depend on the blocks in which the rows arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["GROUP", "grouped"]

GROUP: Final = 256
"""The number of rows in a group."""


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
