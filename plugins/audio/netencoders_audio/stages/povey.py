"""Povey: Kaldi's window, the Hann window to the power of 0.85."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from netencoders.windows import window_samples

__all__ = ["povey"]


def povey(size: int, periodic: bool) -> npt.NDArray[np.float64]:
    """Return the samples of Kaldi's window.

    Parameters
    ----------
    size : int
        The number of samples, at least 2.
    periodic : bool
        Whether the window is periodic. Kaldi's own is symmetric.

    Returns
    -------
    ndarray of float64, shape (size,)

    References
    ----------
    .. [1] Kaldi, ``feat/feature-window.cc``, window type ``povey``.
    """
    hann: npt.NDArray[np.float64] = window_samples("hann" if periodic else "hann_symmetric", size)
    return hann**0.85
