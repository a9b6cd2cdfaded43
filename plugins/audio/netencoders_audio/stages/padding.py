"""Padding: adds samples before and after the signal, so that whole partitions cover it (A5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "Padding",
    "pad",
    "padding_before",
    "padding_text",
    "partition_count",
    "partitioned_lengths",
    "shortest",
]

Blocks = Iterable[npt.NDArray[np.float32]]
Padding = str | tuple[int, int, str] | None
"""A resolved PartitionPadding: None, ``"Right"`` or (left, right, mode), in samples (A40)."""

PIECE: Final = 1 << 16


def pad(blocks: Blocks, size: int, padding: Padding) -> Iterator[npt.NDArray[np.float32]]:
    """Pad a signal at its edges.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
        At least one sample in total.
    size : int
        The length of a partition (frame), in samples.
    padding : str, tuple or None
        None: no padding. ``"Right"``: zeros at the end, so that a partition starts at every
        multiple of the offset (hop) below the length. (left, right, mode): numbers of samples
        before and after the signal. A negative `right` cuts samples off the end of the padded
        signal. The mode is ``"Zero"``; ``"Reflect"``, the signal mirrored about its first and its
        last sample; or ``"Symmetric"``, the mirrored signal that repeats these samples. A signal
        that is shorter than its padding is mirrored repeatedly, as by `numpy.pad`.

    Yields
    ------
    ndarray of float32, shape (k,)

    Notes
    -----
    Only the samples at the edges that are mirrored or cut off are held in memory.
    """
    if padding is None:
        return iter(blocks)
    left, right, mode = (0, size - 1, "Zero") if isinstance(padding, str) else padding
    if mode != "Zero":
        blocks = _mirrored(blocks, left, max(right, 0), mode)
    else:
        if left:
            blocks = chain([np.zeros(left, np.float32)], blocks)
        if right > 0:
            blocks = chain(blocks, [np.zeros(right, np.float32)])
    return _without_end(blocks, -right) if right < 0 else iter(blocks)


def partition_count(length: int, size: int, offset: int, padding: Padding) -> int:
    """Return the number of whole partitions of a padded signal of `length` samples.

    >>> partition_count(16000, 400, 134, "Right")  # ceil(16000 / 134)
    120
    """
    return max(0, 1 + (length + _added(size, padding) - size) // offset)


def partitioned_lengths(count: int, size: int, offset: int, padding: Padding) -> range:
    """Return the signal lengths that give `count` partitions, the inverse of `partition_count`.

    >>> partitioned_lengths(120, 400, 134, "Right")
    range(15947, 16081)
    """
    last = count * offset + size - _added(size, padding)
    return range(max(last - offset, shortest(size, padding)), last)


def padding_before(padding: Padding) -> int:
    """Return the number of samples that `pad` puts before the signal."""
    return padding[0] if isinstance(padding, tuple) else 0


def shortest(size: int, padding: Padding) -> int:
    """Return the length of the shortest signal that has a partition after `pad`."""
    return max(1, size - _added(size, padding))


def padding_text(padding: Padding) -> str:
    """Return a padding as messages show it, such as ``[200, 40, 'Reflect']``."""
    return repr(list(padding) if isinstance(padding, tuple) else padding)


def _added(size: int, padding: Padding) -> int:
    """Return the number of samples that `pad` adds; negative if it cuts off more."""
    if padding is None:
        return 0
    return size - 1 if isinstance(padding, str) else padding[0] + padding[1]


def _mirrored(
    blocks: Blocks, left: int, right: int, mode: str
) -> Iterator[npt.NDArray[np.float32]]:
    """Add mirrored samples on both sides."""
    edge = int(mode == "Reflect")  # the sample at the edge, which Reflect does not repeat
    head: list[npt.NDArray[np.float32]] = []
    tail = np.empty(0, np.float32)
    held = 0
    for block in blocks:
        tail = _last(tail, block, right + edge)
        if held >= left + edge:
            yield block
            continue
        if not held and len(block) >= left + edge:  # without the copies of several blocks
            yield from _extension(block, -left, left, edge)
            held = len(block)
            yield block
            continue
        head.append(block.copy())
        held += len(block)
        if held >= left + edge:
            yield from _beginning(head, left, edge)
    if 0 < held < left + edge:  # the whole signal is shorter
        yield from _beginning(head, left, edge)
    yield from _extension(tail, len(tail), right, edge)


def _beginning(
    head: list[npt.NDArray[np.float32]], left: int, edge: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the padding on the left, and the first samples of the signal."""
    beginning = np.concatenate(head)
    head.clear()
    yield from _extension(beginning, -left, left, edge)
    yield beginning


def _extension(
    samples: npt.NDArray[np.float32], first: int, count: int, edge: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the positions from `first` on of samples that are mirrored without end."""
    if edge and len(samples) == 1:  # a single sample has no other one to mirror
        edge = 0
    period = 2 * len(samples) - 2 * edge
    for start in range(first, first + count, PIECE):
        place = np.arange(start, min(start + PIECE, first + count)) % period
        yield samples[np.minimum(place, period - 1 + edge - place)]


def _last(
    tail: npt.NDArray[np.float32], block: npt.NDArray[np.float32], count: int
) -> npt.NDArray[np.float32]:
    """Return the last `count` samples of `tail` and `block`, in memory of their own."""
    if not count:
        return tail
    if len(block) >= count:
        return block[-count:].copy()
    return np.concatenate([tail, block])[-count:]


def _without_end(blocks: Blocks, count: int) -> Iterator[npt.NDArray[np.float32]]:
    """Leave out the last `count` samples, which are held back until more follow."""
    held = np.empty(0, np.float32)
    for block in blocks:
        if len(block) >= count:
            yield held
            yield block[: len(block) - count]
        else:
            joined = np.concatenate([held, block])
            yield joined[: max(0, len(joined) - count)]
        held = _last(held, block, count)
