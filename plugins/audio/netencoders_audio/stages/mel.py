"""Mel: filters whose centres are equally spaced on the mel scale (A12 to A15)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.stages.mel_scale import hertz_to_mel, mel_to_hertz, require_one_of
from netencoders_audio.stages.vocal_tract import warped_frequencies

__all__ = ["centre_spacing", "mel_filters", "mel_problems"]

Floats = npt.NDArray[np.float64]

# A filter is empty if its largest weight is smaller: such a weight is zero, with a rounding error.
MIN_PEAK: Final = 1e-6
# The largest filter matrix, in elements; its computation takes several hundred megabytes.
MAX_ELEMENTS: Final = 1 << 24
# In Hz: the edges of narrower filters are equal or wrong in float64, and their weights NaN.
MIN_SPACING: Final = 1e-6


def mel_filters(
    count: int,
    fft_length: int,
    rate: float,
    low: float = 0.0,
    high: float | None = None,
    scale: str = "HTK",
    slopes: str = "Hertz",
    normalization: str | None = None,
    shape: str = "Triangle",
    warp: float = 1.0,
) -> npt.NDArray[np.float32]:
    """Return triangular filters that overlap by half, with centres equally spaced in mel.

    With band edges e[0] to e[count + 1], equally spaced in mel from `low` to `high`, filter i rises
    from zero at e[i] to one at e[i + 1], its centre, and falls to zero at e[i + 2]::

        weight = max(0, min((x - e[i]) / (e[i + 1] - e[i]), (e[i + 2] - x) / (e[i + 2] - e[i + 1])))

    The defaults are those of AudioMelSpectrogram. With the shape ``"SymmetricTriangle"``, both
    sides are as wide as the left one, and neighbours need not overlap by half::

        weight = max(0, 1 - |x - e[i + 1]| / (e[i + 1] - e[i]))

    Parameters
    ----------
    count : int
        The number of filters.
    fft_length : int
        Bin b is the frequency b * rate / fft_length.
    rate : float
        Sample rate in Hz.
    low, high : float
        The lower edge of the first filter and the upper edge of the last one, in Hz. If `high` is
        None, it is rate / 2.
    scale : {"HTK", "Slaney"}
    slopes : {"Hertz", "Mel"}
        The unit of x and e: in Hz (librosa, torchaudio) or in mel (HTK, Kaldi, tf.signal), the
        sides of the filters are straight lines.
    normalization : {None, "Slaney"}
        "Slaney" multiplies each filter by 2 / (its width in Hz), which makes its area 1. The width
        of a "Triangle" is e[i + 2] - e[i].
    shape : {"Triangle", "SymmetricTriangle"}
    warp : float
        The band edges are moved as for a vocal tract of another length (A149); 1 moves none.

    Returns
    -------
    ndarray of float32, shape (fft_length // 2 + 1, count)
        Computed in float64. If no bin lies in a filter, its column is zero.

    Raises
    ------
    ValueError
        `low` and `high` are not 0 <= low < high <= rate / 2; `scale`, `slopes`, `normalization` or
        `shape` is another value; or a count is below 1.

    References
    ----------
    Rules A12 to A15 and A41 in docs/decisions.md.

    Examples
    --------
    >>> from netencoders_audio import mel_filters
    >>> mel_filters(2, 8, 8000).round(2)
    array([[0.  , 0.  ],
           [0.68, 0.32],
           [0.  , 0.91],
           [0.  , 0.45],
           [0.  , 0.  ]], dtype=float32)
    """
    high = rate / 2 if high is None else high
    _require_filters(count, fft_length, rate, low, high)
    require_one_of("slopes", slopes, ("Hertz", "Mel"))
    require_one_of("normalization", normalization, (None, "Slaney"))
    require_one_of("shape", shape, ("Triangle", "SymmetricTriangle"))
    band_edges = _band_edges(count, low, high, scale)
    hertz = mel_to_hertz(band_edges, scale)
    if warp != 1:
        hertz = warped_frequencies(hertz, warp, rate)
        band_edges = hertz_to_mel(hertz, scale)
    bins = np.arange(fft_length // 2 + 1) * (rate / fft_length)
    if slopes == "Hertz":
        band_edges = hertz
    else:
        bins = hertz_to_mel(bins, scale)
    left, centre, right = _corners(band_edges, shape)
    x = bins[:, np.newaxis]
    filters = np.minimum((x - left) / (centre - left), (right - x) / (right - centre))
    filters = np.maximum(filters, 0)
    if normalization is not None:
        # In mel, the edges are equally spaced without a warp, so that both shapes are one.
        filters *= 2 / (right - left if slopes == "Hertz" else hertz[2:] - hertz[:-2])
    return filters.astype(np.float32)


def mel_problems(
    count: int,
    fft_length: int,
    rate: float,
    low: float,
    high: float,
    scale: str,
    slopes: str,
    *,
    shape: str = "Triangle",
    empty: str = "Error",
) -> list[str]:
    """Return one sentence for each reason why these filters cannot be used.

    If `empty` is ``"Zero"``, a filter without a bin is no such reason.
    """
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
    elif high - low < MIN_SPACING * count:
        problems.append(
            f"'MaximumFrequency' must be at least {MIN_SPACING * count:g} Hz above "
            f"MinimumFrequency for {count} filters. Got a distance of {high - low:g} Hz."
        )
    if count > bins and empty == "Error":
        problems.append(
            f"'NumberOfFilters' must be at most the number of bins, which is {bins} for an "
            f"FFTLength of {fft_length}. Got {count}."
        )
    elif count * bins > MAX_ELEMENTS:
        problems.append(
            f"'NumberOfFilters' must be at most {MAX_ELEMENTS // bins} for an FFTLength of "
            f"{fft_length}. Got {count}."
        )
    if problems or empty == "Zero":
        return problems
    filters = mel_filters(count, fft_length, rate, low, high, scale, slopes, None, shape)
    without = np.flatnonzero(filters.max(axis=0) < MIN_PEAK)
    if len(without):
        hertz = mel_to_hertz(_band_edges(count, low, high, scale), scale)
        corners = _corners(hertz, shape if slopes == "Hertz" else "Triangle")
        left, _, right = (side[without[0]] for side in corners)
        problems.append(_empty(count, without, fft_length, rate, left, right))
    return problems


def centre_spacing(count: int, low: float, high: float, scale: str) -> tuple[float, float]:
    """Return the centre of the first filter, and the distance between centres, in mel."""
    band_edges = _band_edges(count, low, high, scale)
    return float(band_edges[1]), float(band_edges[-1] - band_edges[0]) / (count + 1)


def _band_edges(count: int, low: float, high: float, scale: str) -> Floats:
    first, last = hertz_to_mel([low, high], scale)
    return np.linspace(first, last, count + 2)


def _corners(band_edges: Floats, shape: str) -> tuple[Floats, Floats, Floats]:
    """Return the left edges, the centres and the right edges of the filters."""
    left, centre, right = band_edges[:-2], band_edges[1:-1], band_edges[2:]
    return left, centre, right if shape == "Triangle" else 2 * centre - left


def _require_filters(count: int, fft_length: int, rate: float, low: float, high: float) -> None:
    if count < 1 or fft_length < 1:
        raise ValueError(
            f"'count' and 'fft_length' must be at least 1. Got {count} and {fft_length}."
        )
    if not 0 <= low < high <= rate / 2:
        raise ValueError(
            f"'low' and 'high' must be 0 <= low < high <= {rate / 2:g}, which is half the rate. "
            f"Got {low:g} and {high:g}."
        )


def _empty(
    count: int,
    empty: npt.NDArray[np.intp],
    fft_length: int,
    rate: float,
    left: float,
    right: float,
) -> str:
    names = ", ".join(str(number + 1) for number in empty[:8])
    more = "" if len(empty) <= 8 else f" and {len(empty) - 8} more"
    which = (
        f"filter {names} is empty. It has no bin"
        if len(empty) == 1
        else f"filters {names}{more} are empty. The first one has no bin"
    )
    return (
        f"'NumberOfFilters' {count} is too large: {which} between {left:.1f} and "
        f"{right:.1f} Hz; bins are {rate / fft_length:.1f} Hz apart. Use fewer filters, a longer "
        "FFTLength, or a wider range from MinimumFrequency to MaximumFrequency; or give zeros for "
        "empty filters, with EmptyFilters 'Zero'."
    )
