"""Convolution: the response of a room, by overlap-add with blocks of fixed size (A148)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Response", "convolve"]

Samples = npt.NDArray[np.float32]

MIN_LENGTH: Final = 1 << 13
"""The smallest length of a Fourier transform."""


class Response:
    """An impulse response, with its Fourier transform.

    Parameters
    ----------
    samples : ndarray of float32, shape (m,)
        At least one sample.

    Attributes
    ----------
    block : int
        The number of samples that are transformed at once. It depends on the response alone, so
        that the result does not depend on the blocks of the signal.
    """

    def __init__(self, samples: Samples) -> None:
        from scipy import fft  # late: `netencoders list` needs no transform

        # A quarter of the length of a transform is the response, or less.
        self._length = max(MIN_LENGTH, 1 << (4 * len(samples) - 1).bit_length())
        self.block = self._length - len(samples) + 1
        self._transform = fft.rfft(samples.astype(np.float64), self._length)

    def applied(self, block: Samples) -> npt.NDArray[np.float64]:
        """Return the response to a block of at most `block` samples: all of its samples."""
        from scipy import fft  # late, as above

        spectrum = fft.rfft(block.astype(np.float64), self._length)
        spectrum *= self._transform
        whole: npt.NDArray[np.float64] = fft.irfft(spectrum, self._length)
        return whole


def convolve(blocks: Iterable[Samples], response: Response) -> Iterator[Samples]:
    """Yield ``y[i] = sum over j of h[j] * x[i - j]``, as many samples as the signal has.

    The sums are computed in float64, and are not scaled. The end of the response to the last
    samples is cut off.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    response : Response

    Yields
    ------
    ndarray of float32, shape (j,)
        `response.block` samples, and fewer at the end.
    """
    tail = np.zeros(0)
    for block in _regrouped(blocks, response.block):
        whole = response.applied(block)
        whole[: len(tail)] += tail
        tail = whole[len(block) :]
        yield whole[: len(block)].astype(np.float32)


def _regrouped(blocks: Iterable[Samples], size: int) -> Iterator[Samples]:
    """Yield the samples in blocks of one size; the last one may be smaller."""
    group, filled = np.empty(size, np.float32), 0
    for block in blocks:
        start = 0
        while start < len(block):
            count = min(size - filled, len(block) - start)
            group[filled : filled + count] = block[start : start + count]
            filled += count
            start += count
            if filled == size:
                yield group
                filled = 0
    if filled:
        yield group[:filled]
