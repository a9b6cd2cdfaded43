"""Condition: mean removal and pre-emphasis of each partition (frame), before the window (A20)."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["condition"]


AnyReal = TypeVar("AnyReal", np.float32, np.float64)


def condition(
    partitions: npt.NDArray[np.float32],
    remove_mean: bool,
    pre_emphasis: float,
    out: npt.NDArray[AnyReal],
) -> npt.NDArray[AnyReal]:
    """Write conditioned partitions to `out`, and return it.

    The mean of a partition is subtracted first, if `remove_mean` is true. Then ::

        y[t] = x[t] - pre_emphasis * x[t - 1]
        y[0] = x[0] - pre_emphasis * x[0]

    as in Kaldi and HTK. Each partition is conditioned separately.

    Parameters
    ----------
    partitions : ndarray of float32, shape (k, size)
        Not changed.
    remove_mean : bool
    pre_emphasis : float
        From 0 (no effect) to 1.
    out : ndarray of float32 or float64, shape (k, size)
        Its type is the precision of the computation (A62).

    References
    ----------
    S. Young et al., The HTK Book, sections 5.2 and 5.4.
    """
    if remove_mean and out.dtype == partitions.dtype:
        np.subtract(partitions, partitions.mean(axis=1, keepdims=True), out=out)
    else:
        out[:] = partitions
        if remove_mean:
            # Converted before: `mean` would convert in pieces of numpy's buffer, and add by pieces.
            out -= out.mean(axis=1, keepdims=True)
    if pre_emphasis:
        # The whole array in one step: blocks of rows took longer (measured).
        coefficient = out.dtype.type(pre_emphasis)
        before = out[:, :-1] * coefficient
        out[:, 0] -= out[:, 0] * coefficient
        out[:, 1:] -= before
    return out
