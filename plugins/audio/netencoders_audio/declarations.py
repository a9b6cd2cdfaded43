"""The parameters that the audio encoders share; each docstring of a stage tells more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders import All, Automatic, Choice, Integer, Parameter, Real, Samples, TupleOf, Union
from netencoders import Window as WindowType

__all__ = ["POWER", "SPECTRAL", "WAVEFORM", "beyond_limits"]

# Bounds far beyond any use, so that a slip of the keyboard is an error and not a full memory.
LIMITS = {
    "SampleRate": 10_000_000,
    "TargetLength": (1 << 31) - 1,
    "WindowSize": 1 << 24,
    "Offset": (1 << 31) - 1,
    "FFTLength": 1 << 24,
}


class _Peak(Choice):
    """'Max' alone, which is ['Max', 1]."""

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> tuple[str, float]:
        return (value, 1.0)


_LEVEL = Real(above=0, max=1e6)

WAVEFORM = (
    Parameter(
        "SampleRate",
        Integer(min=1),
        default=16000,
        unit="Hz",
        doc="the rate that audio is resampled to",
    ),
    Parameter(
        "Normalization",
        Union(
            Choice(None),
            TupleOf(Choice("Max", "RMS"), _LEVEL),
            _Peak("Max"),
        ),
        default=None,
        automatic=lambda: ("Max", 1.0),
        doc="the level that the peak (Max) or the root mean square (RMS) is brought to; Automatic "
        "and 'Max' are ['Max', 1]",
    ),
    Parameter(
        "TargetLength",
        Union(Choice(All), Samples(min=1)),
        default=All,
        unit="samples",
        doc="how many samples are kept from the beginning, zero-padded at the end",
    ),
)
"""From a recording to a waveform."""

PARTITIONS = (
    Parameter(
        "WindowSize",
        Samples(min=1),
        default=Automatic,
        unit="samples",
        # A1, in integers: ceil(rate / 40).
        automatic=lambda SampleRate: -(-SampleRate // 40),  # noqa: N803 - a parameter
        doc="the length of a partition; Automatic is 25 ms",
    ),
    Parameter(
        "Offset",
        Samples(min=1),
        default=Automatic,
        unit="samples",
        automatic=lambda WindowSize: -(-WindowSize // 3),  # noqa: N803 - A1; a parameter
        doc="from the start of a partition to the next; Automatic is a third of WindowSize",
    ),
    Parameter(
        "WindowFunction",
        WindowType(),
        default=Automatic,
        automatic=lambda: "hann",  # A7
        doc="what partitions are multiplied with: a window of scipy.signal, periodic unless its "
        "name ends in _symmetric; Automatic is 'hann'",
    ),
    Parameter(
        "PartitionPadding",
        Choice(None, "Right", "Center", "CenterReflect"),
        default=Automatic,
        automatic=lambda: "Right",  # A5
        doc="how the edges are filled: zeros on the right (Automatic), None (whole partitions "
        "only), zeros or a mirrored signal around centred partitions",
    ),
)
"""From a waveform to windowed partitions."""

FOURIER = (
    Parameter(
        "FFTLength",
        Samples(min=1),
        default=Automatic,
        unit="samples",
        automatic=lambda WindowSize: WindowSize,  # noqa: N803 - a parameter
        doc="the length that partitions are zero-padded to before the Fourier transform",
    ),
)
"""From partitions to their transform."""

SPECTRAL = (*WAVEFORM, *PARTITIONS, *FOURIER)
"""From a recording to the Fourier transform of its partitions."""

POWER = (
    Parameter(
        "Power",
        Choice(2, 1),
        default=2,
        doc="2 for the squared magnitude, 1 for the magnitude",
    ),
)
"""From a transform to a spectrogram."""


def beyond_limits(resolved: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each parameter that is beyond any use."""
    return [
        f"{name!r} must be at most {limit}. Got {resolved[name]}."
        for name, limit in LIMITS.items()
        if name in resolved and resolved[name] is not All and resolved[name] > limit
    ]
