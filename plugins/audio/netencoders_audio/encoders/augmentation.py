"""Augmentation: the drawn changes of one input, as the parameter Augmentation declares (A147).

The order is TimeShift, Volume, Convolution and Noise. VTLP changes the mel filters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from netencoders.draws import Draws, exponential, logarithms
from netencoders.values import Content
from netencoders_audio.encoders.augmentation_values import LIMITS
from netencoders_audio.encoders.signal import mono_samples
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.stages.augment import add_noise, add_recording, scale, shift
from netencoders_audio.stages.convolution import Response, convolve

__all__ = ["Augmented", "Augmenter", "drawn_number"]

Samples = npt.NDArray[np.float32]
Chosen = TypeVar("Chosen")


class Augmenter:
    """The augmentation of an encoder; it reads the recordings once.

    Parameters
    ----------
    kinds : mapping of str to object
        The value of the parameter Augmentation.
    rate : int
        Sample rate in Hz.
    """

    def __init__(self, kinds: Mapping[str, Any], rate: int) -> None:
        self._rate = rate
        noises, level = _recordings_and_level(kinds.get("Noise"))
        self._noises = [mono_samples(content.data, rate) for content in noises]
        self._responses = [_response(content, rate) for content in _listed(kinds, "Convolution")]
        self._declared = {name: kinds[name] for name in LIMITS if name in kinds}
        if level is not None:
            self._declared["Noise"] = level

    def of_input(self, draws: Draws) -> Augmented:
        """Return the augmentation of the input with these random numbers."""
        numbers = {
            name: drawn_number(declared, draws.part(name), *LIMITS[name])
            for name, declared in self._declared.items()
        }
        noise = _one_of(self._noises, draws.part("Noise.recording"))
        response = _one_of(self._responses, draws.part("Convolution"))
        return Augmented(numbers, self._rate, draws, noise, response)


class Augmented:
    """The augmentation that is drawn for one input.

    Parameters
    ----------
    numbers : dict of str to float
        The drawn number of each kind: TimeShift in s.
    rate : int
        Sample rate in Hz.
    draws : Draws
        The random numbers of the input, for the noise.
    noise : ndarray of float32, optional
        The recording that is the noise.
    response : Response, optional
        The impulse response of Convolution.

    Attributes
    ----------
    numbers : dict of str to float
        The argument.
    warp : float or None
        The number of VTLP.
    """

    def __init__(
        self,
        numbers: dict[str, float],
        rate: int,
        draws: Draws,
        noise: Samples | None = None,
        response: Response | None = None,
    ) -> None:
        self.numbers = numbers
        self.warp = numbers.get("VTLP")
        self._rate, self._draws = rate, draws
        self._noise, self._response = noise, response

    def apply(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        """Yield the samples after all changes, as many as there are."""
        numbers = self.numbers
        if "TimeShift" in numbers:
            blocks = shift(blocks, math.floor(numbers["TimeShift"] * self._rate + 0.5))
        if "Volume" in numbers:
            blocks = scale(blocks, numbers["Volume"])
        if self._response is not None:
            blocks = convolve(blocks, self._response)
        if "Noise" not in numbers:
            return blocks
        if self._noise is None:
            return add_noise(blocks, numbers["Noise"], self._draws.part("Noise.samples"))
        start = _position(len(self._noise), self._draws.part("Noise.start"))
        return add_recording(blocks, self._noise, start, numbers["Noise"])


def drawn_number(declared: Any, draws: Draws, low: float, high: float) -> float:
    """Return a number of a distribution; one outside of the bounds becomes the nearest bound.

    Parameters
    ----------
    declared : float or tuple
        A canonical value of `augmentation_values.Distribution`.
    draws : Draws
        The number at position 0 is used.
    low, high : float
        The bounds.
    """
    if isinstance(declared, float):
        return declared
    *name, first, second = declared
    number: float
    if name == ["Normal"]:
        number = first + second * float(draws.normal(1)[0])
    elif name == ["LogUniform"]:
        ends = logarithms(np.array([first, second]))
        share = float(draws.uniform(1)[0])
        number = exponential(float(ends[0]) + share * float(ends[1] - ends[0]))
        low, high = first, second  # the rounding may pass them
    else:
        number = first + (second - first) * float(draws.uniform(1)[0])
    return min(max(number, low), high)


def _recordings_and_level(noise: Any) -> tuple[Sequence[Content], Any]:
    """Return the recordings of the value of Noise, and the number that it declares, or None."""
    if noise is None:
        return (), None
    if isinstance(noise, Content):
        return (noise,), 1.0
    if isinstance(noise, tuple) and isinstance(noise[-1], Content):
        return noise, 1.0
    if isinstance(noise, tuple) and isinstance(noise[0], Content | tuple):
        recordings, level = noise
        return (recordings,) if isinstance(recordings, Content) else recordings, level
    return (), noise


def _listed(kinds: Mapping[str, Any], name: str) -> Sequence[Content]:
    """Return the recordings of a kind."""
    value = kinds.get(name, ())
    return (value,) if isinstance(value, Content) else value


def _response(content: Content, rate: int) -> Response:
    """Return an impulse response at a rate: the same filter, so its sum stays (A148)."""
    samples = mono_samples(content.data, rate)
    with open_recording(content.data) as recording:
        gain = recording.rate / rate
    return Response(samples * np.float32(gain))


def _one_of(items: Sequence[Chosen], draws: Draws) -> Chosen | None:
    return items[_position(len(items), draws)] if items else None


def _position(count: int, draws: Draws) -> int:
    """Return a number from 0 to count - 1."""
    # The upper bits of a product of integers: exact, and no number is more likely by 2**-32.
    return (int(draws.words(1)[0]) * count) >> 64
