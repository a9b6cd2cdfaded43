"""Conventions: an encoder and its parameters, which define the numbers of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "KALDI_MEL",
    "KALDI_MFCC",
    "LIBROSA_MEL",
    "LIBROSA_MFCC",
    "PADDED",
    "WHOLE",
    "Convention",
]


@dataclass(frozen=True)
class Convention:
    """An encoder of netencoders and its parameters; the peers compute the same numbers.

    Attributes
    ----------
    encoder : str
    parameters : mapping
        Those that differ from the encoder's defaults, as JSON values, for another process.
    """

    encoder: str = "AudioSpectrogram"
    parameters: Mapping[str, Any] = field(default_factory=dict)


WHOLE = Convention(parameters={"PartitionPadding": None})
"""Spectrograms of whole partitions only, without padding."""

PADDED = Convention(parameters={"PartitionPadding": "Right"})
"""Spectrograms with AudioSpectrogram's default padding."""

# 25 ms every 10 ms, padded to the next power of 2: usual for speech, and Kaldi's default.
_SPEECH = {"WindowSize": 400, "Offset": 160, "FFTLength": 512}
# The padding is torchaudio's default, the filters are librosa's; both libraries offer both.
_LIBROSA = {
    **_SPEECH,
    "PartitionPadding": "CenterReflect",
    "NumberOfFilters": 40,
    "MelScale": "Slaney",
    "FilterNormalization": "Slaney",
}
# Kaldi's defaults, except for two: no dither, and no energy in place of coefficient 0.
_KALDI = {
    **_SPEECH,
    "PartitionPadding": None,
    "RemoveMean": True,
    "PreEmphasis": 0.97,
    "WindowFunction": "povey_symmetric",
    "FilterSlopes": "Mel",
    "MinimumFrequency": 20.0,
}

LIBROSA_MEL = Convention("AudioMelSpectrogram", _LIBROSA)
"""Mel spectrograms as librosa and torchaudio both declare them."""

LIBROSA_MFCC = Convention(
    "AudioMFCC",
    {
        **_LIBROSA,
        "NumberOfCoefficients": 13,
        "Logarithm": "Decibel",
        "DynamicRange": 80.0,
        "CosineScaling": "Orthonormal",
    },
)
"""Coefficients as librosa and torchaudio both declare them; the range of 80 dB is their default."""

KALDI_MEL = Convention("AudioMelSpectrogram", {**_KALDI, "NumberOfFilters": 40})
"""Mel spectrograms as Kaldi declares them, without its logarithm."""

KALDI_MFCC = Convention(
    "AudioMFCC",
    {
        **_KALDI,
        "NumberOfFilters": 23,
        "NumberOfCoefficients": 13,
        "LogarithmFloor": 2.0**-23,  # the epsilon of float32
        "CosineScaling": "Orthonormal",
        "Liftering": 22.0,
    },
)
"""Coefficients as Kaldi declares them."""
