"""Partition: overlapping pieces of a signal, one every offset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["group_size", "partition"]

Samples = npt.NDArray[np.float32]


def partition(
    blocks: Iterable[Samples],
    size: int,
    offset: int,
    group: int,
    *,
    fresh: bool = False,
) -> Iterator[Samples]:
    """Cut a signal into partitions, and give them in groups.

    The groups are counted from the first partition, so that they are the same however the signal
    comes in blocks: what is computed from a group has the same bits.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
        One that can be written to may be overwritten by the next one; of others, views are given.
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
    span = (group - 1) * offset + size  # the samples of a whole group
    buffer = np.empty(span, np.float32)
    held = buffer[:0]  # samples before the block, from where the next group begins
    start = 0  # where that is, counted from the block: before it, if negative
    for block in map(np.ascontiguousarray, blocks):
        while start + span <= len(block):
            if start < 0:
                samples = _joined(held, block[: start + span], buffer)
                buffer = np.empty_like(buffer) if fresh else buffer
            else:
                samples = block[start : start + span]
                samples = samples.copy() if fresh and samples.flags.writeable else samples
            yield _rows(samples, group, size, offset)
            start += group * offset
            if start < 0:
                held = buffer[:-start]
                held[:] = samples[group * offset :][: len(held)]
        if start < 0:
            held = _joined(held, block, buffer)
        elif block.flags.writeable:  # the next block may be written over it
            held = _joined(buffer[:0], block[start:], buffer)
        else:
            held = block[start:]
        start -= len(block)
    if len(held) >= size:
        yield _rows(held, 1 + (len(held) - size) // offset, size, offset)


def group_size(size: int, offset: int, multiple: int) -> int:
    """Return how many partitions of `size` samples to transform at once.

    Each group costs some 30 us besides what its partitions cost, and in several threads each of its
    steps may have to wait for the interpreter: with two workers, 300 short files took a fifth to a
    third less time in groups of 1008 than of 256 (measured). More than some megabytes leave the
    cache that processors share. Unless partitions are very long, the result is a multiple of
    `multiple`.
    """
    largest = min(1024, (1 << 19) // max(size, offset))
    return max(1, largest - largest % multiple if largest > multiple else largest)


def _joined(held: Samples, more: Samples, buffer: Samples) -> Samples:
    """Return both, one after the other, in a buffer; `held` may be at its start already."""
    place, end = len(held), len(held) + len(more)
    if held.base is not buffer:
        buffer[:place] = held
    buffer[place:end] = more
    return buffer[:end]


def _rows(samples: Samples, count: int, size: int, offset: int) -> Samples:
    step = samples.itemsize
    # What numpy's as_strided does, which takes longer than copying a second of audio.
    rows = np.ndarray((count, size), np.float32, samples, strides=(offset * step, step))
    rows.setflags(write=False)
    return rows
