"""Mel scale: frequencies in mel, in which equal steps sound equally large (A12)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["hertz_to_mel", "mel_to_hertz", "require_one_of"]

Floats = npt.NDArray[np.float64]

SCALES: Final = ("HTK", "Slaney")
# Slaney's scale: 15 mel up to 1000 Hz, then 27 for each factor of 6.4.
LINEAR_STEP: Final = 200 / 3
CORNER: Final = 1000.0
CORNER_MEL: Final = 15.0
LOG_STEP: Final = np.log(6.4) / 27


def hertz_to_mel(frequency: npt.ArrayLike, scale: str) -> Floats:
    """Return frequencies on the mel scale.

    ::

        HTK:     2595 log10(1 + f / 700)
        Slaney:  3 f / 200                            below 1000 Hz
                 15 + 27 ln(f / 1000) / ln(6.4)       from 1000 Hz on

    Parameters
    ----------
    frequency : array_like
        In Hz, not negative.
    scale : {"HTK", "Slaney"}

    Returns
    -------
    ndarray of float64
        In mel.

    Raises
    ------
    ValueError
        `scale` is another value.

    References
    ----------
    Rule A12 in docs/decisions.md; S. Young et al., The HTK Book, section 5.4; M. Slaney, Auditory
    Toolbox, Interval Research Technical Report 1998-010.

    Examples
    --------
    >>> from netencoders_audio import hertz_to_mel
    >>> hertz_to_mel([0, 700, 1000], "HTK").round(2)
    array([  0.  , 781.17, 999.99])
    >>> hertz_to_mel([0, 1000, 6400], "Slaney")
    array([ 0., 15., 42.])
    """
    require_one_of("scale", scale, SCALES)
    hertz = np.asarray(frequency, np.float64)
    if scale == "HTK":
        return np.asarray(2595 * np.log10(1 + hertz / 700))
    above = CORNER_MEL + np.log(np.maximum(hertz, CORNER) / CORNER) / LOG_STEP
    return np.where(hertz < CORNER, hertz / LINEAR_STEP, above)


def mel_to_hertz(mel: npt.ArrayLike, scale: str) -> Floats:
    """Return frequencies in Hz for values in mel; the inverse of `hertz_to_mel`.

    Parameters
    ----------
    mel : array_like
        In mel, not negative.
    scale : {"HTK", "Slaney"}

    Returns
    -------
    ndarray of float64
        In Hz.

    Raises
    ------
    ValueError
        `scale` is another value.

    References
    ----------
    Rule A12 in docs/decisions.md, and those of `hertz_to_mel`.

    Examples
    --------
    >>> from netencoders_audio import mel_to_hertz
    >>> mel_to_hertz([0, 15, 42], "Slaney")
    array([   0., 1000., 6400.])
    """
    require_one_of("scale", scale, SCALES)
    mels = np.asarray(mel, np.float64)
    if scale == "HTK":
        return np.asarray(700 * (10 ** (mels / 2595) - 1))
    above = CORNER * np.exp(LOG_STEP * (np.maximum(mels, CORNER_MEL) - CORNER_MEL))
    return np.where(mels < CORNER_MEL, mels * LINEAR_STEP, above)


def require_one_of(name: str, value: object, allowed: tuple[str | None, ...]) -> None:
    """Raise a ValueError unless an argument is one of some values."""
    if value not in allowed:
        *others, last = map(repr, allowed)
        raise ValueError(f"{name!r} must be {', '.join(others)} or {last}. Got {value!r}.")
