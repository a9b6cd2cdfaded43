"""Mel: the mel scale, and filters with centres equally spaced on it (A12 to A15)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["centre_spacing", "hertz_to_mel", "mel_filters", "mel_problems", "mel_to_hertz"]

Floats = npt.NDArray[np.float64]

# Slaney's scale: 15 mel up to 1000 Hz, then 27 for each factor of 6.4.
LINEAR_STEP: Final = 200 / 3
CORNER: Final = 1000.0
CORNER_MEL: Final = 15.0
LOG_STEP: Final = np.log(6.4) / 27

# A smaller weight is a rounded zero.
NOTHING: Final = 1e-6
# Elements of the filter matrix: computing it takes some hundreds of megabytes.
MAX_ELEMENTS: Final = 1 << 24


def hertz_to_mel(frequency: npt.ArrayLike, scale: str) -> Floats:
    """Return frequencies on the mel scale.

    ::

        HTK:     2595 log10(1 + f / 700)
        Slaney:  3 f / 200                            below 1000 Hz
                 15 + 27 ln(f / 1000) / ln(6.4)       from 1000 Hz

    Parameters
    ----------
    frequency : array_like
        In Hz, not negative.
    scale : {"HTK", "Slaney"}

    Returns
    -------
    ndarray of float64
        In mel.

    References
    ----------
    S. Young et al., The HTK Book, section 5.4; M. Slaney, Auditory Toolbox, Interval Research
    Technical Report 1998-010.

    Examples
    --------
    >>> hertz_to_mel([0, 700, 1000], "HTK").round(2)
    array([  0.  , 781.17, 999.99])
    >>> hertz_to_mel([0, 1000, 6400], "Slaney")
    array([ 0., 15., 42.])
    """
    hertz = np.asarray(frequency, np.float64)
    if scale == "HTK":
        return np.asarray(2595 * np.log10(1 + hertz / 700))
    above = CORNER_MEL + np.log(np.maximum(hertz, CORNER) / CORNER) / LOG_STEP
    return np.where(hertz < CORNER, hertz / LINEAR_STEP, above)


def mel_to_hertz(mel: npt.ArrayLike, scale: str) -> Floats:
    """Return frequencies in Hz from values in mel; the inverse of `hertz_to_mel`."""
    places = np.asarray(mel, np.float64)
    if scale == "HTK":
        return np.asarray(700 * (10 ** (places / 2595) - 1))
    above = CORNER * np.exp(LOG_STEP * (np.maximum(places, CORNER_MEL) - CORNER_MEL))
    return np.where(places < CORNER_MEL, places * LINEAR_STEP, above)


def mel_filters(
    count: int,
    fft_length: int,
    rate: float,
    low: float,
    high: float,
    scale: str,
    slopes: str,
    normalization: str | None,
) -> npt.NDArray[np.float32]:
    """Return triangular filters that overlap by half, with centres equally spaced in mel.

    With band edges e[0] to e[count + 1], equally spaced in mel from `low` to `high`, filter i rises
    from zero at e[i] to one at e[i + 1], its centre, and falls to zero at e[i + 2]::

        weight = max(0, min((x - e[i]) / (e[i + 1] - e[i]), (e[i + 2] - x) / (e[i + 2] - e[i + 1])))

    Parameters
    ----------
    count : int
        The number of filters.
    fft_length : int
        Bin b is the frequency b * rate / fft_length.
    rate : float
        Sample rate in Hz.
    low, high : float
        The lower edge of the first filter and the upper edge of the last one, in Hz.
    scale : {"HTK", "Slaney"}
    slopes : {"Hertz", "Mel"}
        The unit of x and e, in which the sides of the triangles are straight: Hz (librosa,
        torchaudio) or mel (HTK, Kaldi, tf.signal).
    normalization : {None, "Slaney"}
        "Slaney" multiplies each filter by 2 / (e[i + 2] - e[i]), in 1 / Hz, which makes its area 1.

    Returns
    -------
    ndarray of float32, shape (fft_length // 2 + 1, count)
        Computed in float64.

    References
    ----------
    Rules A12 to A15 in docs/decisions.md.
    """
    band_edges = _band_edges(count, low, high, scale)
    hertz = mel_to_hertz(band_edges, scale)
    bins = np.arange(fft_length // 2 + 1) * (rate / fft_length)
    if slopes == "Hertz":
        band_edges = hertz
    else:
        bins = hertz_to_mel(bins, scale)
    x, left, centre, right = bins[:, np.newaxis], band_edges[:-2], band_edges[1:-1], band_edges[2:]
    filters = np.minimum((x - left) / (centre - left), (right - x) / (right - centre))
    filters = np.maximum(filters, 0)
    if normalization is not None:
        filters *= 2 / (hertz[2:] - hertz[:-2])
    return filters.astype(np.float32)


def mel_problems(
    count: int, fft_length: int, rate: float, low: float, high: float, scale: str, slopes: str
) -> list[str]:
    """Return one sentence for each reason why `mel_filters` cannot make these filters."""
    bins = fft_length // 2 + 1
    problems = []
    if high > rate / 2:
        problems.append(
            f"'MaximumFrequency' must be at most half the SampleRate, which is {rate / 2:g}. "
            f"Got {high:g}."
        )
    if low >= high:
        problems.append(
            f"'MinimumFrequency' must be below MaximumFrequency, which is {high:g}. Got {low:g}."
        )
    if count > bins:
        problems.append(
            f"'NumberOfFilters' must be at most the number of bins, which is {bins} where "
            f"FFTLength is {fft_length}. Got {count}."
        )
    elif count * bins > MAX_ELEMENTS:
        problems.append(
            f"'NumberOfFilters' must be at most {MAX_ELEMENTS // bins} where FFTLength is "
            f"{fft_length}. Got {count}."
        )
    if problems:
        return problems
    filters = mel_filters(count, fft_length, rate, low, high, scale, slopes, None)
    empty = np.flatnonzero(filters.max(axis=0) < NOTHING)
    if len(empty):
        band_edges = _band_edges(count, low, high, scale)
        problems.append(_empty(empty, fft_length, rate, band_edges, scale))
    return problems


def centre_spacing(count: int, low: float, high: float, scale: str) -> tuple[float, float]:
    """Return the centre of the first filter, and the distance between centres, in mel."""
    band_edges = _band_edges(count, low, high, scale)
    return float(band_edges[1]), float(band_edges[-1] - band_edges[0]) / (count + 1)


def _band_edges(count: int, low: float, high: float, scale: str) -> Floats:
    first, last = hertz_to_mel([low, high], scale)
    return np.linspace(first, last, count + 2)


def _empty(
    empty: npt.NDArray[np.intp], fft_length: int, rate: float, band_edges: Floats, scale: str
) -> str:
    names = ", ".join(str(number + 1) for number in empty[:8])
    more = "" if len(empty) <= 8 else f" and {len(empty) - 8} more"
    which = (
        f"filter {names} is empty, since"
        if len(empty) == 1
        else f"filters {names}{more} are empty, the first since"
    )
    left, right = mel_to_hertz([band_edges[empty[0]], band_edges[empty[0] + 2]], scale)
    return (
        f"'NumberOfFilters' {len(band_edges) - 2} is too many: {which} no bin lies "
        f"between {left:.1f} and {right:.1f} Hz, where bins are {rate / fft_length:.1f} Hz "
        f"apart. Use fewer filters, a longer FFTLength, or wider limits (MinimumFrequency, "
        f"MaximumFrequency)."
    )
