"""Conventions: which numbers a row asks for, as an encoder and its parameters."""

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
    """What netencoders is asked for, and its peers under their own names for it.

    Attributes
    ----------
    encoder : str
    parameters : mapping
        Those that are not the encoder's defaults; in JSON's terms, since another process gets them.
    """

    encoder: str = "AudioSpectrogram"
    parameters: Mapping[str, Any] = field(default_factory=dict)


WHOLE = Convention(parameters={"PartitionPadding": None})
"""Spectrograms of whole partitions only: nobody pads."""

PADDED = Convention(parameters={"PartitionPadding": "Right"})
"""Spectrograms with the edges that are AudioSpectrogram's default."""

# 25 ms every 10 ms, to the next power of 2: what is usual for speech, and Kaldi's default.
_SPEECH = {"WindowSize": 400, "Offset": 160, "FFTLength": 512}
# The edges are torchaudio's default and the filters librosa's; each can declare the other's.
_LIBROSA = {
    **_SPEECH,
    "PartitionPadding": "CenterReflect",
    "NumberOfFilters": 40,
    "MelScale": "Slaney",
    "FilterNormalization": "Slaney",
}
# Kaldi's defaults but for two: no dither, and no energy in the place of coefficient 0.
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
