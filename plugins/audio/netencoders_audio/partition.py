"""Partition: overlapping pieces of a signal, one every offset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from netencoders_audio.projection import ROWS

__all__ = ["group_size", "partition"]


def partition(
    blocks: Iterable[npt.NDArray[np.float32]],
    size: int,
    offset: int,
    group: int,
    *,
    fresh: bool = False,
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
    fresh : bool
        Give each group in memory of its own, for those who use several at a time.

    Yields
    ------
    ndarray of float32, shape (group, size); the last one may have fewer rows
        Row i starts at i times `offset`. The rows are read-only views that overlap, and hold until
        the next group is asked for, unless they are fresh. Samples after the last whole partition
        are left out.
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
                last, buffer = buffer, np.empty_like(buffer) if fresh else buffer
                buffer[:rest] = last[len(last) - rest :]
                filled = rest
                gap = max(0, group * offset - len(buffer))
                passed = min(gap, len(block) - start)
                start += passed
                skip = gap - passed
    if filled >= size:
        yield _rows(buffer, 1 + (filled - size) // offset, size, offset)


def group_size(size: int, offset: int) -> int:
    """Return how many partitions of `size` samples to transform at once.

    Each group costs some 30 us besides what its partitions cost, and in several threads each of its
    steps may have to wait for the interpreter: with two workers, 300 short files took a fifth to a
    third less time in groups of 1008 than of 256 (measured). More than some megabytes leave the
    cache that processors share. It is a multiple of `ROWS`, so that a row has the same place in
    a projection, whatever the size of groups.
    """
    most = min(1024, (1 << 19) // max(size, offset))
    return max(1, most - most % ROWS if most > ROWS else most)


def _rows(
    buffer: npt.NDArray[np.float32], count: int, size: int, offset: int
) -> npt.NDArray[np.float32]:
    step = buffer.itemsize
    # What numpy's as_strided does, which takes longer than copying a second of audio.
    rows = np.ndarray((count, size), np.float32, buffer, strides=(offset * step, step))
    rows.flags.writeable = False
    return rows
