"""Window and Fourier: the short-time Fourier transform of partitions."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

__all__ = ["fourier"]


def fourier(
    partitions: npt.NDArray[np.float32], window: npt.NDArray[np.float32], length: int
) -> npt.NDArray[np.complex64]:
    """Return the Fourier transform of windowed partitions, without its redundant half.

    It is unscaled, in the convention of signal processing (A6)::

        X[i, b] = sum over t of window[t] * partitions[i, t] * exp(-2j pi b t / length)

    Parameters
    ----------
    partitions : ndarray of float32, shape (k, size)
    window : ndarray of float32, shape (size,)
    length : int
        The length of the transform: partitions are zero-padded to it, at their end.

    Returns
    -------
    ndarray of complex64, shape (k, length // 2 + 1)
        Bin b is the frequency b / length in cycles a sample.
    """
    from scipy import fft  # late: `netencoders list` needs no transform

    windowed = np.multiply(partitions, window)
    spectrum = fft.rfft(windowed, length, axis=1, overwrite_x=True)
    # scipy's types do not tell that single precision stays single.
    return cast("npt.NDArray[np.complex64]", spectrum)
