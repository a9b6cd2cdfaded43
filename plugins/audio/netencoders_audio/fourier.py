"""Window and Fourier: the short-time Fourier transform of partitions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["fourier"]


def fourier(
    partitions: npt.NDArray[np.float32],
    window: npt.NDArray[np.float32],
    scratch: npt.NDArray[np.float32],
) -> npt.NDArray[np.complex64]:
    """Return the Fourier transform of windowed partitions, without its redundant half.

    It is unscaled, in the convention of signal processing (A6)::

        X[i, b] = sum over t of window[t] * partitions[i, t] * exp(-2j pi b t / length)

    Parameters
    ----------
    partitions : ndarray of float32, shape (k, size)
    window : ndarray of float32, shape (size,)
    scratch : ndarray of float32, shape (k or more, length)
        Memory for windowed partitions; length is that of the transform. Its columns from `size` on
        hold zeros, by which the partitions are padded at their end.

    Returns
    -------
    ndarray of complex64, shape (k, length // 2 + 1)
        Bin b is the frequency b / length in cycles a sample.
    """
    from scipy import fft  # late: `netencoders list` needs no transform

    # The scratch is used again for each group: without it, the system would take back its memory
    # and clear it anew for each, which doubled the time of a long recording (measured).
    count, size = partitions.shape
    rows = scratch[:count]
    np.multiply(partitions, window, out=rows[:, :size])
    spectrum: npt.NDArray[np.complex64] = fft.rfft(rows, axis=1)
    return spectrum
