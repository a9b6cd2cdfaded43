"""Padding: adds samples before and after the signal, so that whole partitions cover it (A5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError

__all__ = ["pad", "padding_before", "partition_count", "partitioned_lengths", "shortest"]

Blocks = Iterable[npt.NDArray[np.float32]]


def pad(blocks: Blocks, size: int, padding: str | None) -> Iterator[npt.NDArray[np.float32]]:
    """Pad a signal at its edges.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    size : int
        The length of a partition (frame), in samples.
    padding : str or None
        None: no padding. ``"Right"``: zeros at the end, so that a partition starts at every
        multiple of the offset (hop) below the length. ``"Center"``: size // 2 zeros on both sides,
        so that partitions are centred on the multiples of the offset. ``"CenterReflect"``: the same
        with the signal mirrored about its first and its last sample.

    Yields
    ------
    ndarray of float32, shape (k,)

    Raises
    ------
    AudioError
        With code ``too-short``: the signal has too few samples to mirror.
    """
    if padding is None:
        return iter(blocks)
    if padding == "CenterReflect":
        return _mirrored(blocks, size // 2)
    if before := padding_before(size, padding):
        blocks = chain([np.zeros(before, np.float32)], blocks)
    if after := _added(size, padding) - before:
        blocks = chain(blocks, [np.zeros(after, np.float32)])
    return iter(blocks)


def partition_count(length: int, size: int, offset: int, padding: str | None) -> int:
    """Return the number of whole partitions of a padded signal of `length` samples.

    >>> partition_count(16000, 400, 134, "Right")  # ceil(16000 / 134)
    120
    """
    return max(0, 1 + (length + _added(size, padding) - size) // offset)


def partitioned_lengths(count: int, size: int, offset: int, padding: str | None) -> range:
    """Return the signal lengths that give `count` partitions, the inverse of `partition_count`.

    >>> partitioned_lengths(120, 400, 134, "Right")
    range(15947, 16081)
    """
    last = count * offset + size - _added(size, padding)
    return range(max(last - offset, shortest(size, padding)), last)


def padding_before(size: int, padding: str | None) -> int:
    """Return the number of samples that `pad` puts before the signal."""
    return size // 2 if padding in ("Center", "CenterReflect") else 0


def shortest(size: int, padding: str | None) -> int:
    """Return the length of the shortest signal that has a partition after `pad`."""
    return {None: size, "CenterReflect": size // 2 + 1}.get(padding, 1)


def _added(size: int, padding: str | None) -> int:
    """Return the number of samples that `pad` adds."""
    if padding is None:
        return 0
    return size - 1 if padding == "Right" else 2 * (size // 2)


def _mirrored(blocks: Blocks, reach: int) -> Iterator[npt.NDArray[np.float32]]:
    """Add `reach` mirrored samples on both sides; the edge sample is not repeated."""
    head: list[npt.NDArray[np.float32]] = []
    tail = np.empty(0, np.float32)
    held, started = 0, False
    for block in blocks:
        tail = np.concatenate([tail, block])[-(reach + 1) :]
        if started:
            yield block
            continue
        head.append(block.copy())
        held += len(block)
        if held > reach:
            beginning = np.concatenate(head)
            yield beginning[reach:0:-1]
            yield beginning
            started = True
    if not started:
        raise AudioError(
            f"a recording of {held} samples is too short to mirror {reach} at each edge",
            code="too-short",
            remedy="use shorter partitions, or PartitionPadding 'Center' or Automatic",
        )
    yield tail[-2::-1]
