"""The parameters that the audio encoders share; each docstring of a stage tells more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders import (
    All,
    Automatic,
    Boolean,
    Choice,
    Integer,
    Parameter,
    Real,
    Samples,
    TupleOf,
    Union,
)
from netencoders import Window as WindowType

__all__ = [
    "CEPSTRUM",
    "CONDITION",
    "FOURIER",
    "MEL",
    "PARTITIONS",
    "POWER",
    "SPECTRAL",
    "WAVEFORM",
    "beyond_limits",
]

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


class _Rate(Integer):
    """A rate in Hz; its examples are rates of audio, which mel filters have room in."""

    def examples(self) -> list[Any]:
        return [8000, 44100]


class _UpperFrequency(Real):
    """A frequency in Hz; its examples are some that mel filters reach up to."""

    def examples(self) -> list[Any]:
        return [3800, 4000.0]


_LEVEL = Real(above=0, max=1e6)

WAVEFORM = (
    Parameter(
        "SampleRate",
        _Rate(min=1),
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
        neutral=None,
        doc="the level that the peak (Max) or the root mean square (RMS) is brought to; Automatic "
        "and 'Max' are ['Max', 1]",
    ),
    Parameter(
        "TargetLength",
        Union(Choice(All), Samples(min=1)),
        default=All,
        unit="samples",
        neutral=All,
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
        neutral=None,
        doc="how the edges are filled: zeros on the right (Automatic), None (whole partitions "
        "only), zeros or a mirrored signal around centred partitions",
    ),
)
"""From a waveform to windowed partitions."""

CONDITION = (
    Parameter(
        "RemoveMean",
        Boolean(),
        default=False,
        neutral=False,
        doc="whether the mean of each partition is subtracted from it",
    ),
    Parameter(
        "PreEmphasis",
        Real(0, 1),
        default=0,
        neutral=0.0,
        doc="how much of the sample before is subtracted from each sample of a partition, which "
        "raises high frequencies; 0 for none, 0.97 in Kaldi",
    ),
    Parameter(
        "WindowScaling",
        Choice(None, "Sum", "Energy"),
        default=None,
        neutral=None,
        doc="what the window is divided by: nothing (None), its sum, or the root of the sum of its "
        "squares",
    ),
)
"""What is done to partitions besides their window."""

FOURIER = (
    Parameter(
        "FFTLength",
        Samples(min=1),
        default=Automatic,
        unit="samples",
        automatic=lambda WindowSize: WindowSize,  # noqa: N803 - a parameter
        neutral=lambda WindowSize: WindowSize,  # noqa: N803 - a parameter
        doc="the length that partitions are zero-padded to before the Fourier transform",
    ),
    Parameter(
        "WindowPlacement",
        Choice("Start", "Center"),
        default="Start",  # A25
        neutral="Start",
        doc="where the window stands, if FFTLength is longer: at the start, followed by zeros; or "
        "in the middle of partitions that are FFTLength long, as in librosa and torch",
    ),
)
"""From partitions to their transform."""

SPECTRAL = (*WAVEFORM, *PARTITIONS, *CONDITION, *FOURIER)
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

MEL = (
    Parameter(
        "NumberOfFilters",
        Integer(min=1),
        default=40,
        doc="how many mel filters, at most as many as bins",
    ),
    Parameter(
        "MinimumFrequency",
        Real(min=0),
        default=Automatic,
        unit="Hz",
        automatic=lambda: 0.0,
        neutral=0.0,
        doc="where the first filter begins; Automatic is 0",
    ),
    Parameter(
        "MaximumFrequency",
        _UpperFrequency(above=0),
        default=Automatic,
        unit="Hz",
        automatic=lambda SampleRate: SampleRate / 2,  # noqa: N803 - a parameter
        neutral=lambda SampleRate: SampleRate / 2,  # noqa: N803 - a parameter
        doc="where the last filter ends; Automatic is half the SampleRate",
    ),
    Parameter(
        "MelScale",
        Choice("HTK", "Slaney"),
        default="HTK",  # A12
        doc="the mel scale: 2595 log10(1 + f / 700), or Slaney's, linear below 1000 Hz",
    ),
    Parameter(
        "FilterSlopes",
        Choice("Hertz", "Mel"),
        default="Hertz",  # A14
        doc="along which axis the sides of the triangular filters are straight",
    ),
    Parameter(
        "FilterNormalization",
        Choice(None, "Slaney"),
        default=None,  # A15
        neutral=None,
        doc="None: each filter is 1 at its centre; Slaney: its area in Hz is 1",
    ),
)
"""From a spectrogram to a mel spectrogram."""

CEPSTRUM = (
    Parameter(
        "NumberOfCoefficients",
        Integer(min=1),
        default=13,
        doc="how many coefficients are kept, at most NumberOfFilters",
    ),
    Parameter(
        "Logarithm",
        Choice("Natural", "Base10", "Decibel"),
        default="Natural",  # A16
        doc="which logarithm is taken of the mel spectrogram",
    ),
    Parameter(
        "LogarithmFloor",
        Real(1e-37, 1e37),  # float32 holds both, as normal numbers
        default=1e-10,  # A17
        doc="what smaller values of the mel spectrogram count as, so that silence has a logarithm",
    ),
    Parameter(
        "DynamicRange",
        Union(Choice(None), Real(above=0, max=1000)),
        default=None,
        unit="dB",
        neutral=None,
        doc="how far values may be below the largest of the recording; smaller ones count as that. "
        "Needs the whole recording; None for any range",
    ),
    Parameter(
        "CosineScaling",
        Choice("Fourier", "Orthonormal"),
        default="Fourier",  # A18
        doc="the scaling of the cosine transform: that of FourierDCT, or orthonormal",
    ),
    Parameter(
        "Liftering",
        Union(Choice(None), Real(above=0, max=1e6)),
        default=None,  # A19
        neutral=None,
        doc="L, where coefficient n, from 0, is multiplied by 1 + L/2 sin(pi n / L); 22 in HTK and "
        "Kaldi, None for none",
    ),
)
"""From a mel spectrogram to its cepstrum."""


def beyond_limits(resolved: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each parameter that is beyond any use."""
    return [
        f"{name!r} must be at most {limit}. Got {resolved[name]}."
        for name, limit in LIMITS.items()
        if name in resolved and resolved[name] is not All and resolved[name] > limit
    ]
