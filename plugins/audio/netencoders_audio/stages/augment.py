"""Augment: changes of a waveform with drawn numbers, block by block (A147, A148).

Each stage keeps the number of samples, needs constant memory, and gives the same bits for blocks of
any size.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from netencoders.draws import Draws
from netencoders_audio.stages.length import zeros

__all__ = ["add_noise", "add_recording", "scale", "shift"]

Samples = npt.NDArray[np.float32]


def shift(blocks: Iterable[Samples], offset: int) -> Iterator[Samples]:
    """Move a signal in time; zeros take the place of the samples that are moved away.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    offset : int
        If positive, this number of zeros comes first, and the last samples are lost: they are
        held in memory. If negative, the first samples are lost, and zeros follow the signal.

    Yields
    ------
    ndarray of float32, shape (j,)
        In total as many samples as `blocks`.
    """
    if offset < 0:
        yield from _earlier(blocks, -offset)
        return
    held: deque[Samples] = deque()
    silence = offset
    for block in blocks:
        count = min(silence, len(block))
        silence -= count
        yield from zeros(count)
        held.append(block.copy())  # the source may overwrite the block
        wanted = len(block) - count
        while wanted:
            first = held.popleft()
            yield first[:wanted]
            if len(first) > wanted:
                held.appendleft(first[wanted:])
            wanted -= min(wanted, len(first))


def _earlier(blocks: Iterable[Samples], offset: int) -> Iterator[Samples]:
    count = 0
    for block in blocks:
        yield block[max(0, offset - count) :]
        count += len(block)
    yield from zeros(min(offset, count))


def scale(blocks: Iterable[Samples], factor: float) -> Iterator[Samples]:
    """Multiply a signal by a factor, in float32.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    factor : float

    Yields
    ------
    ndarray of float32, shape (k,)
    """
    for block in blocks:
        yield block * np.float32(factor)


def add_noise(blocks: Iterable[Samples], amplitude: float, draws: Draws) -> Iterator[Samples]:
    """Add white Gaussian noise: sample i is ``x[i] + amplitude * n[i]``, in float32.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    amplitude : float
        The standard deviation of the noise.
    draws : Draws
        The normal number at position i is that of sample i.

    Yields
    ------
    ndarray of float32, shape (k,)
    """
    place = 0
    for block in blocks:
        noise = draws.normal(len(block), place).astype(np.float32)
        noise *= np.float32(amplitude)
        yield np.add(block, noise, out=noise)
        place += len(block)


def add_recording(
    blocks: Iterable[Samples], recording: Samples, start: int, level: float
) -> Iterator[Samples]:
    """Add a recording, again and again: sample i is ``x[i] + level * r[(start + i) % len(r)]``.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    recording : ndarray of float32, shape (m,)
        At least one sample.
    start : int
        The sample of the recording that is added to the first sample of the signal.
    level : float

    Yields
    ------
    ndarray of float32, shape (k,)
    """
    place = start
    for block in blocks:
        added = recording[np.arange(place, place + len(block)) % len(recording)]
        added *= np.float32(level)
        yield np.add(block, added, out=added)
        place += len(block)
