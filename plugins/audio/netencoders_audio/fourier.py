"""Window and Fourier: the short-time Fourier transform of partitions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["fourier", "scaled_window", "window_place"]


def fourier(
    partitions: npt.NDArray[np.float32],
    window: npt.NDArray[np.float32],
    rows: npt.NDArray[np.float32],
    first: int = 0,
) -> npt.NDArray[np.complex64]:
    """Return the Fourier transform of windowed partitions, without its redundant half.

    It is unscaled, in the convention of signal processing (A6)::

        X[i, b] = sum over t of window[t] * partitions[i, t] * exp(-2j pi b (first + t) / length)

    Parameters
    ----------
    partitions : ndarray of float32, shape (k, size)
    window : ndarray of float32, shape (size,)
    rows : ndarray of float32, shape (k, length)
        Memory for the windowed partitions; length is that of the transform. Where it is longer than
        a partition, the rest is zeros.
    first : int
        Where in its row a partition begins (A25).

    Returns
    -------
    ndarray of complex64, shape (k, length // 2 + 1)
        Bin b is the frequency b / length in cycles a sample.
    """
    from scipy import fft  # late: `netencoders list` needs no transform

    size = partitions.shape[1]
    np.multiply(partitions, window, out=rows[:, first : first + size])
    if size < rows.shape[1]:
        rows[:, :first] = 0
        rows[:, first + size :] = 0
    spectrum: npt.NDArray[np.complex64] = fft.rfft(rows, axis=1)
    return spectrum


def scaled_window(window: npt.NDArray[np.float64], scaling: str | None) -> npt.NDArray[np.float32]:
    """Return a window divided by what its `scaling` says (A21).

    Parameters
    ----------
    window : ndarray of float64, shape (size,)
    scaling : {None, "Sum", "Energy"}
        None divides by nothing; "Sum" by the sum: the peak of a sine's magnitude is then half its
        amplitude; "Energy" by the root of the sum of the squares: the power of white noise is then
        its variance.

    Returns
    -------
    ndarray of float32, shape (size,)

    Raises
    ------
    ValueError
        The divisor is zero, but for rounding.
    """
    if scaling == "Sum":
        divisor, most = window.sum(), np.abs(window).sum()
    elif scaling == "Energy":
        divisor, most = np.sqrt(np.square(window).sum()), len(window)
    else:
        return window.astype(np.float32)
    if divisor <= 1e-6 * most:
        raise ValueError(f"its {scaling.lower()} is {divisor:g}.")
    scaled: npt.NDArray[np.float32] = (window / divisor).astype(np.float32)
    return scaled


def window_place(size: int, length: int, placement: str) -> slice:
    """Return where a window stands among the samples of its transform (A25).

    Parameters
    ----------
    size : int
        The length of the window.
    length : int
        That of the transform, at least as much.
    placement : {"Start", "Center"}
        ``"Center"`` leaves as many zeros on the left as on the right, or one fewer.

    Examples
    --------
    >>> window_place(400, 512, "Center")
    slice(56, 456, None)
    """
    first = (length - size) // 2 if placement == "Center" else 0
    return slice(first, first + size)
