"""The signals that presets are compared on, at a sample rate."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import NetEncoder

__all__ = ["KINDS", "signal"]

SPEECH = Path(__file__).parents[2] / "data" / "speech_16k_mono.wav"

KINDS = {
    "speech": "3 s of speech, resampled by `Audio` to the rate of the preset",
    "odd": "the first second of it and 37 more samples",
    "noise": "1 s of white noise, deviation 0.1; 0.5 s of zeros; 0.5 s of noise, deviation 1e-8",
    "short": "12.5 ms of the speech: less than a window of every preset",
    "silence": "1 s of zeros",
}
"""The kinds of signals, and their descriptions."""


@cache
def signal(kind: str, rate: int, bits: int | None = None) -> npt.NDArray[Any]:
    """Return a signal at a rate, as float32; with `bits`, rounded to integers of so many bits."""
    samples = _speech(rate)
    if kind == "odd":
        samples = samples[: rate + 37]
    elif kind == "noise":
        samples = np.random.default_rng(0).standard_normal(2 * rate)
        samples *= np.repeat([0.1, 0, 1e-8], [rate, rate // 2, rate - rate // 2])
    elif kind == "short":
        samples = samples[rate : rate + rate // 80]
    elif kind == "silence":
        samples = np.zeros(rate)
    samples = samples.astype(np.float32)
    if bits is not None:
        samples = np.round(samples * 2 ** (bits - 1)) / np.float32(2 ** (bits - 1))
    samples.flags.writeable = False
    return samples


def _speech(rate: int) -> npt.NDArray[Any]:
    return np.asarray(NetEncoder("Audio", SampleRate=rate)(str(SPEECH)))[: 3 * rate, 0]
