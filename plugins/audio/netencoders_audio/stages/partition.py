"""Partition: cuts a signal into overlapping frames, one for each hop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["group_size", "partition", "sounding"]

Samples = npt.NDArray[np.float32]

FLOAT32: Final = np.dtype(np.float32)


def partition(
    blocks: Iterable[Samples],
    size: int,
    offset: int,
    group: int,
    *,
    most: int = 0,
    fresh: bool = False,
) -> Iterator[Samples]:
    """Cut a signal into partitions (frames), and yield them in groups.

    Groups are counted from the first partition. They are the same for blocks of any size, unless
    `most` joins some of them, so that results computed from a group have the same bits.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
        The next block may overwrite a writable block. Groups may be views of a read-only block.
    size : int
        The length of a partition, in samples.
    offset : int
        The hop, from the start of a partition to that of the next, in samples; may exceed `size`.
    group : int
        The number of partitions in a group.
    most : int
        Yield all whole groups that a block completes in one or two joined groups, of up to this
        number of partitions. A group is never delayed.
    fresh : bool
        Yield each group in new memory, for callers that use several groups at a time.

    Yields
    ------
    ndarray of float32, shape (group, size), or of several groups; the last may have fewer rows
        Row i starts at sample i * offset. The rows are read-only views that overlap. Unless `fresh`
        is true, they are valid until the next group. Samples after the last whole partition are
        left out.
    """
    span = (group - 1) * offset + size  # the samples of a whole group
    buffer = np.empty(span, np.float32)
    held = buffer[:0]  # samples before the block, from the start of the next group
    start = 0  # of the next group, counted from the start of the block; negative: before it
    for block in map(np.ascontiguousarray, blocks):
        while start + span <= len(block):
            count = group
            if most > group:
                count = min(most, (len(block) - start - size) // offset + 1)
                if start < 0:  # only those that begin in the samples that are held
                    count = min(count, -(start // offset))
                count = max(group, count - count % group)
            end = start + (count - 1) * offset + size
            if start < 0:
                more = block[:end]
                if count == group:
                    samples = _joined(held, more, buffer)
                else:
                    samples = np.concatenate([held, more])
                buffer = np.empty_like(buffer) if fresh else buffer
            else:
                samples = block[start:end]
                samples = samples.copy() if fresh and samples.flags.writeable else samples
            yield _rows(samples, count, size, offset)
            start += count * offset
            if start < 0:
                held = buffer[:-start]
                held[:] = samples[count * offset :][: len(held)]
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
    """Return the number of partitions of `size` samples to transform at once.

    Each group takes about 30 us more, and with several threads each of its steps may wait for the
    interpreter lock: with two workers, 300 short files took a fifth to a third less time in groups
    of 1008 than in groups of 256 (measured). Groups above some megabytes do not fit into the shared
    processor cache. The result is a multiple of `multiple`, unless partitions are very long.
    """
    largest = min(1024, (1 << 19) // max(size, offset))
    return max(1, largest - largest % multiple if largest > multiple else largest)


def sounding(partitions: Samples) -> int:
    """Return the number of partitions up to the last one that is not all zeros.

    A zero is the number +0.0: -0.0 counts as sound, so partitions of zeros are equal, bit for bit.

    Parameters
    ----------
    partitions : ndarray of float32, shape (k, size)

    Examples
    --------
    >>> sounding(np.float32([[0, 0], [0, 1], [0, 0], [0, 0]]))
    2
    """
    count, size = len(partitions), partitions.shape[1]
    if not count or partitions[-1, 0]:  # one sample tells it of most recordings
        return count
    bits = partitions.view(np.uint32)
    if bits[-1].any():
        return count
    # Partitions overlap: every `step`-th one and the last one contain all samples.
    step = max(1, bits.itemsize * size // bits.strides[0])
    found = np.flatnonzero(bits[::step].max(axis=1))
    first = int(found[-1]) * step if len(found) else 0
    found = np.flatnonzero(bits[first : first + step].max(axis=1))
    return first + int(found[-1]) + 1 if len(found) else 0


def _joined(held: Samples, more: Samples, buffer: Samples) -> Samples:
    """Return `held` and then `more` in a buffer; `held` may already be at its start."""
    place, end = len(held), len(held) + len(more)
    if held.base is not buffer:
        buffer[:place] = held
    buffer[place:end] = more
    return buffer[:end]


def _rows(samples: Samples, count: int, size: int, offset: int) -> Samples:
    step = samples.itemsize
    # The same as numpy's as_strided, which takes longer than a copy of a second of audio.
    rows = np.ndarray((count, size), FLOAT32, samples, strides=(offset * step, step))
    if samples.flags.writeable:
        rows.flags.writeable = False
    return rows
