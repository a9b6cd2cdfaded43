"""Partition: overlapping pieces of a signal, one every offset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

__all__ = ["group_size", "partition"]


def partition(
    blocks: Iterable[npt.NDArray[np.float32]], size: int, offset: int, group: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Cut a signal into partitions, and give them in groups.

    The groups are counted from the first partition, so that they are the same however the signal
    comes in blocks: what is computed from a group has the same bits.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    size : int
        The length of a partition, in samples.
    offset : int
        From the start of a partition to the start of the next, in samples; may exceed `size`.
    group : int
        How many partitions to give at once.

    Yields
    ------
    ndarray of float32, shape (group, size); the last one may have fewer rows
        Row i starts at i times `offset`. The rows are read-only views that overlap, and hold until
        the next group is asked for. Samples after the last whole partition are left out.
    """
    buffer = np.empty((group - 1) * offset + size, np.float32)
    filled = 0  # how much of the buffer holds samples
    skip = 0  # how many samples come before the next partition, where the offset leaves gaps
    for block in blocks:
        start = min(skip, len(block))
        skip -= start
        while start < len(block):
            piece = block[start : start + len(buffer) - filled]
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
            start += len(piece)
            if filled == len(buffer):
                yield _rows(buffer, group, size, offset)
                rest = max(0, len(buffer) - group * offset)
                buffer[:rest] = buffer[len(buffer) - rest :]
                filled = rest
                gap = max(0, group * offset - len(buffer))
                passed = min(gap, len(block) - start)
                start += passed
                skip = gap - passed
    if filled >= size:
        yield _rows(buffer, 1 + (filled - size) // offset, size, offset)


def group_size(size: int, offset: int) -> int:
    """Return how many partitions of `size` samples to transform at once.

    Some hundreds stay in the processor's cache together with their transforms; fewer where an
    offset spreads them over more samples than that.
    """
    return max(1, min(512, (1 << 17) // max(size, offset)))


def _rows(
    buffer: npt.NDArray[np.float32], count: int, size: int, offset: int
) -> npt.NDArray[np.float32]:
    step = buffer.itemsize
    return as_strided(buffer, (count, size), (offset * step, step), writeable=False)
