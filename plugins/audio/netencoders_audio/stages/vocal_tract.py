"""Vocal tract: the frequencies of mel filters for a speaker with another vocal tract (A149)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["warped_frequencies"]

EDGE: Final = 0.3
"""The edge of the speech formants as a share of the sample rate: 4800 Hz at 16000 Hz."""


def warped_frequencies(
    frequencies: npt.ArrayLike, factor: float, rate: float
) -> npt.NDArray[np.float64]:
    """Return frequencies for a vocal tract whose length differs by a factor.

    With the edge h = 0.3 * rate and b = h * min(factor, 1)::

        factor * f                                                   for f <= b / factor
        rate / 2 - (rate / 2 - b) / (rate / 2 - b / factor) * (rate / 2 - f)       above

    Parameters
    ----------
    frequencies : array_like
        In Hz, from 0 to rate / 2.
    factor : float
        1 changes nothing. More moves formants up.
    rate : float
        Sample rate in Hz.

    Returns
    -------
    ndarray of float64
        In Hz: the order of frequencies, 0 and rate / 2 stay.

    References
    ----------
    N. Jaitly and G. E. Hinton, Vocal tract length perturbation (VTLP) improves speech recognition,
    ICML Workshop on Deep Learning for Audio, Speech and Language Processing, 2013.

    Examples
    --------
    >>> warped_frequencies([0, 1000, 4800, 8000], 0.9, 16000).round(1).tolist()
    [0.0, 900.0, 4320.0, 8000.0]
    """
    hertz = np.asarray(frequencies, np.float64)
    half, bend = rate / 2, EDGE * rate * min(factor, 1.0)
    slope = (half - bend) / (half - bend / factor)
    above = half - slope * (half - hertz)
    return np.where(hertz <= bend / factor, factor * hertz, above)
