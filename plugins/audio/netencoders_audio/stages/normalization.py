"""Normalization by the peak or the root mean square, after the cut to TargetLength (A4)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from netencoders_audio.stages.partition import partition

__all__ = ["measure", "normalize"]

Blocks = Iterable[npt.NDArray[np.float32]]

# The rounding of a sum depends on its groups, so the groups have one size for blocks of any size.
GROUP = 1 << 15


def normalize(
    passes: Callable[[], Blocks], normalization: tuple[str, float]
) -> Iterator[npt.NDArray[np.float32]]:
    """Scale a signal to a level.

    Parameters
    ----------
    passes : callable
        Returns the signal from its first sample. It is called twice: the first pass measures the
        level.
    normalization : tuple
        ``("Max", v)``: the largest absolute value becomes v; ``("RMS", v)``: the root mean square
        becomes v. Silence stays unchanged.

    Yields
    ------
    ndarray of float32, shape (k,)
    """
    kind, level = normalization
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
