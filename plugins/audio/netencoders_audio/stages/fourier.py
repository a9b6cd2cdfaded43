"""Window and Fourier: the short-time Fourier transform of partitions (frames)."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = [
    "PRECISIONS",
    "fourier",
    "prepare_fourier",
    "repeated_window",
    "scaled_window",
    "window_place",
]

PRECISIONS: Final[dict[str, type[np.float32] | type[np.float64]]] = {
    "Single": np.float32,
    "Double": np.float64,
}
"""The type of the windowed partitions for each TransformPrecision (A62)."""

AnyReal = TypeVar("AnyReal", np.float32, np.float64)

# Samples that are windowed at once. A window of this length stays in the processor cache.
ROW: Final = 9600


def fourier(rows: npt.NDArray[AnyReal], windows: npt.NDArray[AnyReal]) -> npt.NDArray[Any]:
    """Return the Fourier transform of windowed partitions, without its redundant half.

    The transform is unscaled, in the convention of signal processing (A6)::

        X[i, b] = sum over t of window[t] * rows[i, t] * exp(-2j pi b t / length)

    Parameters
    ----------
    rows : ndarray of float32 or float64, shape (k, length)
        The partitions, with zeros outside of the window (A25). They are windowed in place.
    windows : ndarray of the same type, shape (n * length,)
        The window, repeated: see `repeated_window`.

    Returns
    -------
    ndarray of complex64 or complex128, shape (k, length // 2 + 1)
        Bin b is the frequency b / length, in cycles per sample. The precision is that of `rows`.
    """
    import scipy.fft  # late: `netencoders list` needs no transform

    samples = rows.reshape(-1)
    whole = samples.size // windows.size * windows.size
    several, rest = samples[:whole].reshape(-1, windows.size), samples[whole:]
    np.multiply(several, windows, out=several)
    np.multiply(rest, windows[: rest.size], out=rest)
    spectrum: npt.NDArray[Any] = scipy.fft.rfft(rows)
    return spectrum


def prepare_fourier() -> None:
    """Import the Fourier transform, before threads need it at the same time."""
    import scipy.fft  # noqa: F401 - for `fourier`


def repeated_window(
    window: npt.NDArray[AnyReal], length: int, place: slice
) -> npt.NDArray[AnyReal]:
    """Return a window with zeros around it, repeated to fill a long row.

    numpy multiplies row by row, and each row takes about 50 ns more. With rows of 400 samples, the
    steps up to the power took 5 to 8 % more time (measured).

    Parameters
    ----------
    window : ndarray of float32 or float64, shape (size,)
    length : int
        The length of the transform.
    place : slice
        The position of the window in it (A25).

    Returns
    -------
    ndarray of the same type, shape (n * length,)

    Examples
    --------
    >>> repeated_window(np.float32([1, 2]), 3, slice(0, 2))[:6].tolist()
    [1.0, 2.0, 0.0, 1.0, 2.0, 0.0]
    """
    row = np.zeros(length, window.dtype)
    row[place] = window
    return np.tile(row, max(1, ROW // length))


def scaled_window(window: npt.NDArray[np.float64], scaling: str | None) -> npt.NDArray[np.float64]:
    """Return a window divided by its sum or by the root of its energy (A21).

    Parameters
    ----------
    window : ndarray of float64, shape (size,)
    scaling : {None, "Sum", "Energy"}
        None leaves the window unchanged. "Sum" divides by the sum: the peak of a sine's magnitude
        is then half its amplitude. "Energy" divides by the root of the sum of squares: the power of
        white noise is then its variance.

    Returns
    -------
    ndarray of float64, shape (size,)

    Raises
    ------
    ValueError
        The divisor is zero, up to rounding.
    """
    if scaling == "Sum":
        divisor, bound = window.sum(), np.abs(window).sum()
    elif scaling == "Energy":
        divisor, bound = np.sqrt(np.square(window).sum()), len(window)
    else:
        return window
    if divisor <= 1e-6 * bound:
        raise ValueError(f"its {scaling.lower()} is {divisor:g}.")
    scaled: npt.NDArray[np.float64] = window / divisor
    return scaled


def window_place(size: int, length: int, placement: str) -> slice:
    """Return the position of a window among the samples of its transform (A25).

    Parameters
    ----------
    size : int
        The length of the window.
    length : int
        The length of the transform, at least `size`.
    placement : {"Start", "Center"}
        ``"Center"`` puts equal numbers of zeros on both sides, or one fewer on the left.

    Examples
    --------
    >>> window_place(400, 512, "Center")
    slice(56, 456, None)
    """
    first = (length - size) // 2 if placement == "Center" else 0
    return slice(first, first + size)
