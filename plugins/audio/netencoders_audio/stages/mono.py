"""Mono: the mean of the channels (A8), or one of them (A37), in float32.

Integers are scaled by their range.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError
from netencoders_audio.stages.energies import Energies

__all__ = ["mix", "mix_block"]

LARGEST = 1e12
FLOAT32 = np.dtype(np.float32)


def mix(
    blocks: Iterable[npt.NDArray[Any]],
    channel: int | None = None,
    origin: tuple[int, int] = (0, 0),
    energies: Energies | None = None,
) -> Iterator[npt.NDArray[np.float32]]:
    """Mix blocks of frames down to one channel, or pick one.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (k, channels)
    channel : int, optional
        The only channel that is read, with the bits of a recording of this channel alone. None is
        the mean of all channels.
    origin : tuple of int
        The frame and the channel at which the blocks begin, for the error.
    energies : Energies, optional
        It measures the blocks, unless a channel is picked.

    Yields
    ------
    ndarray of float32, shape (k,)

    Raises
    ------
    AudioError
        With code ``non-finite`` and the position of the first sample that is NaN, infinite, or so
        large (above 1e12) that its power would overflow.
    """
    start, first = origin
    if channel is not None:
        first += channel
    for frames in blocks:
        block = frames if channel is None else frames[:, channel, np.newaxis]
        yield mix_bounded(block, (start, first), energies)
        start += len(block)
    if energies is not None:
        energies.end()


def mix_bounded(
    block: npt.NDArray[Any], origin: tuple[int, int], energies: Energies | None
) -> npt.NDArray[np.float32]:
    """Return the result of `mix_block`; raise the error of `mix`.

    Parameters
    ----------
    block, origin, energies
        As for `mix`; `origin` is that of this block.
    """
    mono = mix_block(block, energies)
    # The fastest check: if the sum of squares is below LARGEST**2, no mean is above LARGEST. A
    # comparison with NaN is false, and integers are within bounds. vdot is the only product of
    # numpy that does not warn of an overflow; the error names its position instead.
    if block.dtype.kind == "f" and not np.vdot(mono, mono) < LARGEST**2:
        _require_bounded(block, *origin)
    return mono


def mix_block(block: npt.NDArray[Any], energies: Energies | None = None) -> npt.NDArray[np.float32]:
    """Return the mean of the channels of one block.

    The channels of each sample are added in order, so that the result does not depend on the size
    of the blocks. A matrix product does not guarantee this.

    Parameters
    ----------
    block : ndarray, shape (k, channels)
        Integers are divided by half their range; unsigned integers are centred first.
    energies : Energies, optional
        It measures the block.

    Returns
    -------
    ndarray of float32, shape (k,)
        A view of the block, or a new read-only array.

    Examples
    --------
    >>> mix_block(np.array([[32767, -32768], [16384, 16384]], np.int16))
    array([-1.5258789e-05,  5.0000000e-01], dtype=float32)
    """
    channels = block.shape[1]
    if channels == 1 and block.dtype == FLOAT32:
        return np.ascontiguousarray(block[:, 0])
    if block.dtype.kind in "iu":
        return _mean(block, channels, energies)
    with np.errstate(over="ignore", invalid="ignore"):  # `mix` raises an error with the position
        return _mean(block, channels, energies)


def _mean(
    block: npt.NDArray[Any], channels: int, energies: Energies | None
) -> npt.NDArray[np.float32]:
    # Sums of 8-bit and 16-bit integers are exact in float32; wider types need float64.
    kind = np.float32 if block.dtype.itemsize <= 2 or block.dtype == FLOAT32 else np.float64
    total: npt.NDArray[Any] = block[:, 0]
    samples = block
    if channels > 1:
        # Converting in memory order is twice as fast as one channel after the other.
        samples = block.astype(kind, copy=False)
        total = np.add(samples[:, 0], samples[:, 1])
        for channel in range(2, channels):
            np.add(total, samples[:, channel], out=total)
    scale, half_range = float(channels), 1.0
    if block.dtype.kind in "iu":
        half_range = 2.0 ** (8 * block.dtype.itemsize - 1)
        if block.dtype.kind == "u":
            total = np.subtract(total, half_range * channels, dtype=kind)
        scale *= half_range
    if energies is not None and channels > 1 and not energies.ended:
        middle = half_range if block.dtype.kind == "u" else 0.0
        energies.add(samples, total, half_range, middle)
    if scale != 1:
        # Converting first takes half of the time of numpy's division of integers (measured).
        total = total.astype(kind, copy=False)
        if math.frexp(scale)[0] == 0.5:  # a power of two: its inverse, and so the product, is exact
            np.multiply(total, 1 / scale, out=total)
        else:
            np.divide(total, scale, out=total)
    mono: npt.NDArray[np.float32] = total.astype(np.float32, copy=False)
    mono.setflags(write=False)  # read-only: partitions are views of it
    return mono


def _require_bounded(block: npt.NDArray[Any], start: int, first: int) -> None:
    # In float64: float16 ends at 65504, below LARGEST.
    wrong = np.argwhere(~(np.abs(block.astype(np.float64)) <= LARGEST))
    if len(wrong):
        frame, channel = wrong[0]
        place = f"at frame {start + frame} of channel {first + channel}"
        raise AudioError(
            f"the sample {place} is {block[frame, channel]}; "
            f"samples must be finite, and at most {LARGEST:g} in absolute value",
            code="non-finite",
            remedy="replace or remove such samples",
        )
