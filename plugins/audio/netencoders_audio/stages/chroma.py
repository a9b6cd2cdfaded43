"""Chroma: filters that add up the octaves of each pitch class, and normalized rows (A48)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.stages.mel import MAX_ELEMENTS, MIN_PEAK
from netencoders_audio.stages.mel_scale import require_one_of

__all__ = ["NORMS", "chroma_filters", "chroma_problems", "normalize_rows"]

Floats = npt.NDArray[np.float64]

NORMS: Final = ("Max", "Sum", "Energy")
"""The largest value, the sum, and the root of the sum of squares."""

A4: Final = 440.0
# Smaller norms are zero, with a rounding error: the row is left as it is.
SILENCE: Final = float(np.finfo(np.float32).tiny)


def chroma_filters(
    count: int,
    fft_length: int,
    rate: float,
    tuning: float = 0.0,
    octaves: tuple[float, float] | None = (5.0, 2.0),
    normalization: str | None = "Energy",
    first: str = "C",
) -> npt.NDArray[np.float32]:
    """Return the filters of pitch classes, those of librosa.

    The position of bin b on the scale of chroma, counted from A0, is ::

        p[b] = count * log2(b * rate / fft_length / 27.5) - tuning
        p[0] = p[1] - 1.5 * count

    Its distance d to chroma c is p[b] - c, in a circle of `count`: -count / 2 <= d < count / 2. The
    weight of bin b in chroma c is ::

        exp(-(2 d / max(p[b + 1] - p[b], 1)) ** 2 / 2)

    The weights of each bin are then normalized, and multiplied by
    exp(-((p[b] / count - centre) / width) ** 2 / 2), with `octaves` as centre and width.

    Parameters
    ----------
    count : int
        The number of chroma in an octave.
    fft_length : int
        Bin b is the frequency b * rate / fft_length.
    rate : float
        Sample rate in Hz.
    tuning : float
        The deviation of A4 from 440 Hz, in chroma.
    octaves : tuple of two floats, or None
        The octave that counts most, and the width of its surroundings; 0 is the octave from
        27.5 Hz. None gives all octaves the same weight.
    normalization : {"Energy", "Sum", "Max", None}
        The norm of the weights of a bin that becomes 1: the root of the sum of squares, the sum or
        the largest; None leaves them unchanged.
    first : {"C", "A"}
        The first chroma. "C" moves the chroma by 3 * (count // 12), which is exact if `count` is a
        multiple of 12.

    Returns
    -------
    ndarray of float32, shape (fft_length // 2 + 1, count)
        Computed in float64.

    Raises
    ------
    ValueError
        `count` is below 1, or `fft_length` below 2; `normalization` or `first` is another value.

    References
    ----------
    librosa.filters.chroma; D. Ellis, Chroma feature analysis and synthesis (2007). Rule A48 in
    docs/decisions.md.

    Examples
    --------
    >>> from netencoders_audio import chroma_filters
    >>> filters = chroma_filters(12, 4096, 16000)
    >>> filters.shape, int(filters[round(440 * 4096 / 16000)].argmax())  # A is 9 above C
    ((2049, 12), 9)
    """
    if count < 1 or fft_length < 2:
        raise ValueError(
            f"'count' must be at least 1, and 'fft_length' at least 2. Got {count} and "
            f"{fft_length}."
        )
    require_one_of("normalization", normalization, (None, *NORMS))
    require_one_of("first", first, ("C", "A"))
    bins = fft_length // 2 + 1
    positions = _positions(count, fft_length, rate, tuning)
    widths = np.ones(bins)
    spacing = np.diff(positions)[:bins]
    widths[: len(spacing)] = np.maximum(spacing, 1)
    positions = positions[:bins]
    # An odd count: the circle is not symmetric. librosa rounds a half to the even number.
    half = np.round(count / 2)
    distances = np.subtract.outer(positions, np.arange(count))
    distances = np.remainder(distances + half, count) - half
    filters: Floats = np.exp(-0.5 * np.square(2 * distances / widths[:, np.newaxis]))
    if normalization is not None:
        filters /= _norms(filters, normalization)
    if octaves is not None:
        centre, width = octaves
        weights = np.exp(-0.5 * np.square((positions / count - centre) / width))
        filters *= weights[:, np.newaxis]
    if first == "C":
        filters = np.roll(filters, -3 * (count // 12), axis=1)
    return filters.astype(np.float32)


def chroma_problems(
    count: int,
    fft_length: int,
    rate: float,
    tuning: float,
    octaves: tuple[float, float] | None,
) -> list[str]:
    """Return one sentence for each reason why these filters cannot be used."""
    if fft_length < 2:
        return [f"'FFTLength' must be at least 2 for chroma. Got {fft_length}."]
    bins = fft_length // 2 + 1
    if count * bins > MAX_ELEMENTS:
        limit = MAX_ELEMENTS // bins
        return [f"'NumberOfChroma' must be at most {limit} for this FFTLength. Got {count}."]
    if octaves is None:  # the weights of a bin reach the next bin, so no chroma is empty
        return []
    filters = chroma_filters(count, fft_length, rate, tuning, octaves, "Max", "A")
    empty = np.count_nonzero(filters.max(axis=0) < MIN_PEAK)
    if not empty:
        return []
    problem = (
        f"'OctaveWeighting' {list(octaves)} leaves {empty} of {count} chroma without a bin: "
        f"bins are {rate / fft_length:.1f} Hz apart. Use a larger width, another centre, or a "
        "longer FFTLength."
    )
    return [problem]


def normalize_rows(rows: npt.NDArray[np.float32], kind: str | None) -> None:
    """Divide each row by its norm, in place; rows of zeros stay zero.

    Parameters
    ----------
    rows : ndarray of float32, shape (k, count)
        Not negative.
    kind : {"Max", "Sum", "Energy", None}
        The largest value, the sum, or the root of the sum of squares; None changes nothing.
    """
    if kind is None:
        return
    norms = _norms(rows.astype(np.float64), kind)  # the square of a float32 may overflow it
    norms[norms < SILENCE] = 1
    np.divide(rows, norms, out=rows, casting="same_kind")


def _positions(count: int, fft_length: int, rate: float, tuning: float) -> Floats:
    """Return the position of each bin, and that of the next bin after the last, if there is one."""
    stop = min(fft_length // 2 + 2, fft_length)
    frequencies = np.arange(1, stop) * (rate / fft_length)
    positions = count * np.log2(frequencies / (A4 / 16)) - tuning
    # The frequency 0 has no chroma: 1.5 octaves below bin 1, its weights are wide.
    return np.concatenate([[positions[0] - 1.5 * count], positions])


def _norms(rows: Floats, kind: str) -> Floats:
    norms: Floats
    if kind == "Max":
        norms = rows.max(axis=1, keepdims=True)
    elif kind == "Sum":
        norms = rows.sum(axis=1, keepdims=True)
    else:
        norms = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    return norms
