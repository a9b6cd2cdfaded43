"""Cepstrum: the logarithm of a mel spectrogram, and its cosine transform (A16 to A19, A88)."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from netencoders import kernel

__all__ = ["cosine_matrix", "dynamic_floor", "logarithm"]


def logarithm(
    values: npt.NDArray[np.float32],
    kind: str,
    floor: float,
    power: int,
    out: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Write the logarithm of values to `out`; values below the floor are raised to it first.

    ::

        Natural:  ln(max(x, floor))
        Base10:   log10(max(x, floor))
        Decibel:  10 log10(max(x, floor)) of powers, 20 log10(max(x, floor)) of magnitudes

    Parameters
    ----------
    values : ndarray of float32
    kind : {"Natural", "Base10", "Decibel"}
    floor : float
        Above 0.
    power : {1, 2}
        1 if the values are magnitudes, 2 if they are powers.
    out : ndarray of float32, of the same shape
        May be `values` itself.
    """
    base = math.e if kind == "Natural" else 10
    factor = 20 / power if kind == "Decibel" else 1.0
    return kernel.logarithm(values, base, floor=floor, factor=factor, out=out)


def dynamic_floor(largest: float, floor: float, dynamic_range: float, power: int) -> float:
    """Return the value that is `dynamic_range` decibels below the largest, or a higher floor.

    Parameters
    ----------
    largest : float
        The largest value of the recording.
    floor : float
        The smallest result.
    dynamic_range : float
        In dB.
    power : {1, 2}
        1 if the values are magnitudes, for which 20 dB are a factor of 10; 2 if they are powers,
        for which 20 dB are a factor of 100.
    """
    return float(max(floor, largest * 10 ** (-dynamic_range * power / 20)))


def cosine_matrix(
    filters: int, coefficients: int, scaling: str, lifter: float | None
) -> npt.NDArray[np.float32]:
    """Return the matrix of the cosine transform (DCT-II), for ``rows @ matrix``.

    ::

        Fourier:      cos(pi n (r + 1/2) / filters) / sqrt(filters)
        Orthonormal:  the same, times sqrt(2) for n > 0

    for filter r and coefficient n, both counted from 0. Liftering multiplies coefficient n by
    1 + lifter / 2 * sin(pi n / lifter).

    Parameters
    ----------
    filters : int
    coefficients : int
        At most as many as filters.
    scaling : {"Fourier", "Orthonormal"}
        "Fourier" is FourierDCT of the Wolfram Language. "Orthonormal" makes the matrix orthogonal
        if there are as many coefficients as filters.
    lifter : float or None

    Returns
    -------
    ndarray of float32, shape (filters, coefficients)
        Computed in float64.

    References
    ----------
    Rules A18 and A19 in docs/decisions.md; S. Young et al., The HTK Book, section 5.6.
    """
    r, n = np.arange(filters)[:, np.newaxis], np.arange(coefficients)
    # In integers, full turns are removed exactly.
    turns = (2 * r + 1) * n % (4 * filters) / (4 * filters)
    matrix: npt.NDArray[np.float64] = np.cos(2 * np.pi * turns) / math.sqrt(filters)
    if scaling == "Orthonormal":
        matrix[:, 1:] *= math.sqrt(2)
    if lifter is not None:
        matrix *= 1 + lifter / 2 * np.sin(np.pi * n / lifter)
    return matrix.astype(np.float32)
