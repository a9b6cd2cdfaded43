"""Normalization by the peak, the root mean square, or mean and variance (A4, A42).

It follows the cut to TargetLength.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from netencoders_audio.stages.partition import partition

__all__ = ["measure", "moments", "normalize"]

Blocks = Iterable[npt.NDArray[np.float32]]

# The rounding of a sum depends on its groups, so the groups have one size for blocks of any size.
GROUP = 1 << 15


def normalize(
    passes: Callable[[], Blocks], normalization: tuple[str, float]
) -> Iterator[npt.NDArray[np.float32]]:
    """Scale a signal to a level, or standardize it.

    Parameters
    ----------
    passes : callable
        Returns the signal from its first sample. It is called twice: the first pass measures the
        level.
    normalization : tuple
        ``("Max", v)``: the largest absolute value becomes v; ``("RMS", v)``: the root mean square
        becomes v; ``("Standard", epsilon)``: the mean becomes 0 and the variance 1, by
        (x - mean) / sqrt(variance + epsilon). Silence stays unchanged.

    Yields
    ------
    ndarray of float32, shape (k,)
    """
    kind, level = normalization
    if kind == "Standard":
        mean, variance = moments(passes())
        deviation = math.sqrt(variance + level) or 1.0
        for block in passes():
            centred = np.subtract(block, mean, dtype=np.float64)
            yield np.divide(centred, deviation, out=centred).astype(np.float32)
        return
    measured = measure(passes(), kind)
    for block in passes():
        # In float64, the peak becomes exactly v, and a tiny divisor does not underflow.
        scaled = np.divide(block, measured / level, dtype=np.float64) if measured else block
        yield scaled.astype(np.float32, copy=False)


def measure(blocks: Blocks, kind: str) -> float:
    """Return the peak (``"Max"``) or the root mean square (``"RMS"``) of a signal."""
    if kind == "Max":
        return max((float(np.abs(block).max()) for block in blocks if len(block)), default=0.0)
    total, count = 0.0, 0
    for group in partition(blocks, size=1, offset=1, group=GROUP):
        total += float(np.square(group, dtype=np.float64).sum())
        count += len(group)
    return math.sqrt(total / count) if count else 0.0


def moments(blocks: Blocks) -> tuple[float, float]:
    """Return the mean and the variance (the mean square distance from the mean) of a signal.

    Both are computed in float64, in one pass, with the moments of groups of fixed size. The sum of
    a constant group is exact, so that the variance of a constant signal is exactly 0.

    References
    ----------
    T. F. Chan, G. H. Golub and R. J. LeVeque, Algorithms for computing the sample variance, The
    American Statistician 37 (1983).
    """
    count, mean, squares = 0, 0.0, 0.0
    for group in partition(blocks, size=1, offset=1, group=GROUP):
        samples = group.astype(np.float64)
        size, centre = len(samples), float(samples.mean())
        distance = centre - mean
        squares += float(np.square(samples - centre).sum())
        squares += distance * distance * count * size / (count + size)
        mean += distance * size / (count + size)
        count += size
    return mean, squares / count if count else 0.0
