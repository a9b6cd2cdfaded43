"""The low-pass filters of torchaudio and scipy for resampling (A45).

For the ratio ``up / down == new_rate / rate`` in lowest terms, sample m of the result is ::

    y[m] = sum over k of weight(m, k) * x[k]

The distance of x[k] from y[m] is ``m * down - k * up``, in units of 1 / up of an input sample. The
weights are 0 beyond a distance. They recur: sample ``m + up`` has those of m, `down` samples later.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError

__all__ = ["FILTERS", "MAX_WEIGHTS", "ResamplingFilter", "resampling_filter"]

Numbers = npt.NDArray[np.int64]
Single = npt.NDArray[np.float32]

MAX_WEIGHTS: Final = 1 << 22
"""The largest number of weights of all phases. A `FilterBank` takes about 50 MB then."""


class ResamplingFilter(ABC):
    """A filter for one ratio of two rates.

    Parameters
    ----------
    up, down : int
        The ratio of the new rate to the old one, in lowest terms.

    Attributes
    ----------
    half : int
        The largest distance at which a weight is not 0.
    """

    def __init__(self, up: int, down: int) -> None:
        self.up, self.down = up, down
        self.half = self.reach(up, down)

    @classmethod
    @abstractmethod
    def reach(cls, up: int, down: int) -> int:
        """Return `half` for a ratio."""

    @abstractmethod
    def weights(self, phases: Numbers, inputs: Numbers) -> npt.NDArray[Any]:
        """Return the weights of input samples in samples of the result.

        Parameters
        ----------
        phases : ndarray of int64
            The numbers of samples of the result, from 0 to ``up - 1``.
        inputs : ndarray of int64
            The numbers of input samples. The shapes of both arrays broadcast.

        Returns
        -------
        ndarray of float32 or float64
            Beyond the distance `half`, any value.
        """


class WindowedSinc(ResamplingFilter):
    """A sinc function times a window, as torchaudio.functional.resample computes it for float32.

    torchaudio computes the weights in float32. For ratios such as 16000 / 22050 this changes the
    result by up to 5e-5 of full scale. The same steps in the same precision give its result.
    """

    crossings: ClassVar[int]
    """The number of zero crossings on each side: ``lowpass_filter_width``."""
    rolloff: ClassVar[float]
    """The cutoff frequency, relative to half of the lower rate."""

    @classmethod
    def reach(cls, up: int, down: int) -> int:
        """Return the distance of the last zero crossing, rounded down."""
        return math.floor(cls.crossings * up * down / (min(up, down) * cls.rolloff))

    def weights(self, phases: Numbers, inputs: Numbers) -> npt.NDArray[Any]:
        """Return the weights in float32, in the order of operations of torchaudio."""
        cutoff = min(self.up, self.down) * self.rolloff
        result = -phases.astype(np.float32) / np.float32(self.up)
        places = result + inputs.astype(np.float32) / np.float32(self.down)
        places = (places * np.float32(cutoff)).clip(-self.crossings, self.crossings)
        window = self.window(places) * np.float32(cutoff / self.down)
        angles = places * np.float32(math.pi)
        nonzero = np.where(angles == 0, np.float32(1), angles)
        sinc: Single = np.where(angles == 0, np.float32(1), np.sin(nonzero) / nonzero)
        return sinc * window

    @staticmethod
    @abstractmethod
    def window(places: Single) -> Single:
        """Return the window; places are in zero crossings."""


class TorchaudioHann(WindowedSinc):
    """torchaudio's default: ``sinc_interp_hann``."""

    crossings, rolloff = 6, 0.99

    @staticmethod
    def window(places: Single) -> Single:
        """Return a squared cosine, which is 0 at the last zero crossing."""
        hann: Single = np.cos(places * np.float32(math.pi) / 6 / 2) ** 2
        return hann


class TorchaudioKaiser(WindowedSinc):
    """``sinc_interp_kaiser`` with the values that torchaudio's documentation has for librosa."""

    crossings, rolloff = 64, 0.9475937167399596

    @staticmethod
    def window(places: Single) -> Single:
        """Return a Kaiser window, which ends at the last zero crossing."""
        beta = np.float32(14.769656459379492)
        kaiser = np.i0(beta * np.sqrt(1 - (places / 64) ** 2)) / np.i0(beta)
        return np.asarray(kaiser, np.float32)


class ScipyPolyphase(ResamplingFilter):
    """The default of scipy.signal.resample_poly: a sinc function times a Kaiser window.

    The sum of the weights at all distances is `up`, so that a constant keeps its level.
    """

    def __init__(self, up: int, down: int) -> None:
        super().__init__(up, down)
        places = np.arange(-self.half, self.half + 1) / self.half
        taps = np.sinc(10 * places) * np.i0(5 * np.sqrt(1 - places**2))
        self._taps: npt.NDArray[np.float64] = taps * (up / taps.sum())

    @classmethod
    def reach(cls, up: int, down: int) -> int:
        """Return ten samples at the lower rate."""
        return 10 * max(up, down)

    def weights(self, phases: Numbers, inputs: Numbers) -> npt.NDArray[Any]:
        """Return the weights in float64."""
        distances = phases * self.down - inputs * self.up
        index = (distances + self.half).clip(0, 2 * self.half)
        weights: npt.NDArray[np.float64] = self._taps[index]
        return weights


FILTERS: Final[dict[str, type[ResamplingFilter]]] = {
    "TorchaudioHann": TorchaudioHann,
    "TorchaudioKaiser": TorchaudioKaiser,
    "ScipyPolyphase": ScipyPolyphase,
}
"""The filters, by the value of the parameter Resampling."""


def resampling_filter(name: str, rate: int, new_rate: int) -> ResamplingFilter:
    """Return a filter for two rates.

    Parameters
    ----------
    name : str
        A key of `FILTERS`.
    rate, new_rate : int
        Sample rates in Hz, which differ.

    Returns
    -------
    ResamplingFilter

    Raises
    ------
    AudioError
        With code ``limit-exceeded``: the filter has more than `MAX_WEIGHTS` weights.

    References
    ----------
    .. [1] torchaudio.functional.resample: its defaults, and the values that the page "Audio
       Resampling" of its documentation has for librosa's ``kaiser_best``.
    .. [2] scipy.signal.resample_poly: its default window, ``("kaiser", 5.0)``.
    """
    divisor = math.gcd(rate, new_rate)
    up, down = new_rate // divisor, rate // divisor
    count = 2 * FILTERS[name].reach(up, down) + 1
    if count > MAX_WEIGHTS:
        raise AudioError(
            f"its {rate} Hz would be resampled to {new_rate} Hz by {name}. The ratio in lowest "
            f"terms is {up}/{down}, which needs a filter of {count} weights; at most {MAX_WEIGHTS} "
            "are allowed",
            code="limit-exceeded",
            remedy="use Resampling='SoxrHQ', which takes any ratio, or a SampleRate that has a "
            f"larger common divisor with {rate}",
        )
    return FILTERS[name](up, down)
