"""Pre-emphasis of the whole signal: each sample minus a share of the one before it (A43)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["emphasize"]

Samples = npt.NDArray[np.float32]


def emphasize(blocks: Iterable[Samples], coefficient: float) -> Iterator[Samples]:
    """Raise the high frequencies of a signal.

    ::

        y[t] = x[t] - coefficient * x[t - 1]
        y[0] = x[0]

    The computation is elementwise in float32, so that the result does not depend on the blocks.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
        Not changed.
    coefficient : float
        From 0 (no effect) to 1.

    Returns
    -------
    iterator of ndarray of float32, shape (k,)

    See Also
    --------
    netencoders_audio.stages.condition.condition : pre-emphasis of each partition by itself.
    """
    return _emphasized(blocks, np.float32(coefficient)) if coefficient else iter(blocks)


def _emphasized(blocks: Iterable[Samples], coefficient: np.float32) -> Iterator[Samples]:
    before = np.float32(0)  # the first sample stays
    for block in blocks:
        if not len(block):
            continue
        out = np.empty_like(block)
        np.multiply(block[:-1], coefficient, out=out[1:])
        out[0] = before * coefficient
        before = block[-1]
        yield np.subtract(block, out, out=out)
