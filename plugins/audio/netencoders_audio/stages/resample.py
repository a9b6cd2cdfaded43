"""Resampling to the encoder's rate, by soxr at its HQ quality (A9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["resample", "resampled_length"]


def resample(
    blocks: Iterable[npt.NDArray[np.float32]], rate: int, new_rate: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Resample a signal block by block; the result does not depend on the size of the blocks.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    rate, new_rate : int
        Sample rates in Hz. If they are equal, the blocks are not changed.

    Yields
    ------
    ndarray of float32, shape (j,)
        In total `resampled_length` samples.
    """
    return iter(blocks) if rate == new_rate else _resampled(blocks, rate, new_rate)


def resampled_length(length: int, rate: int, new_rate: int) -> int:
    """Return the number of samples after `resample`: the exact length, rounded to an integer.

    >>> resampled_length(44100, 44100, 16000)
    16000
    """
    return length if rate == new_rate else (2 * length * new_rate + rate) // (2 * rate)


def _resampled(
    blocks: Iterable[npt.NDArray[np.float32]], rate: int, new_rate: int
) -> Iterator[npt.NDArray[np.float32]]:
    import soxr  # late: a file at the right rate needs no resampler

    stream = soxr.ResampleStream(rate, new_rate, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)
