"""Conventions: encoders and their parameters, which define the arrays of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "CORPUS",
    "DNSMOS",
    "DNSMOS_P808",
    "FASTER_WHISPER",
    "KALDI_FBANK",
    "KALDI_MEL",
    "KALDI_MFCC",
    "LIBROSA_MEL",
    "LIBROSA_MFCC",
    "PADDED",
    "SCORES",
    "WHISPER",
    "WHOLE",
    "Convention",
]


@dataclass(frozen=True)
class Convention:
    """An encoder of netencoders. The peers compute the same arrays.

    Attributes
    ----------
    encoder : str
        The name of an encoder or of a spec, which may have layers.
    parameters : mapping
        The parameters that differ from the defaults of the encoder or the spec, as JSON values.
    """

    encoder: str = "AudioSpectrogram"
    parameters: Mapping[str, Any] = field(default_factory=dict)


WHOLE = Convention(parameters={"PartitionPadding": None})
"""Spectrograms of whole partitions (frames), without padding."""

PADDED = Convention(parameters={"PartitionPadding": "Right"})
"""Spectrograms with the default padding of AudioSpectrogram."""

# Frames of 25 ms with a hop of 10 ms, padded to the next power of 2: common for speech, and the
# default of Kaldi.
_SPEECH = {"WindowSize": 400, "Offset": 160, "FFTLength": 512}
# The padding is the default of torchaudio, the filters are the default of librosa. Both libraries
# support both.
_LIBROSA = {
    **_SPEECH,
    "PartitionPadding": "CenterReflect",
    "NumberOfFilters": 40,
    "MelScale": "Slaney",
    "FilterNormalization": "Slaney",
}
# The defaults of Kaldi, except that there is no dither, and no energy instead of coefficient 0.
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
"""Mel spectrograms that librosa and torchaudio can both compute."""

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
"""Coefficients that librosa and torchaudio can both compute; they limit the range to 80 dB."""

KALDI_MEL = Convention("AudioMelSpectrogram", {**_KALDI, "NumberOfFilters": 40})
"""Mel spectrograms of Kaldi, without the logarithm."""

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
"""Coefficients of Kaldi."""

KALDI_FBANK = Convention("KaldiFbank")
"""The logarithms of 80 mel bands of Kaldi, the front end of many speech recognizers."""

CORPUS = Convention("AudioMelSpectrogram", {"NumberOfFilters": 80})
"""The powers of 80 mel bands, for corpora."""

DNSMOS = Convention("DNSMOSInput")
"""The scores of DNSMOS; the second model takes the preset DNSMOSWaveform."""

DNSMOS_P808 = Convention("DNSMOSInput")
"""The score of P.808 alone."""

SCORES = 1e-4
"""The tolerance of scores from 1 to 5, relative to the largest: the third decimal."""

WHISPER = Convention("Whisper")
"""The features of Whisper: each recording is filled with zeros to 30 s."""

FASTER_WHISPER = Convention("FasterWhisper")
"""The features of faster-whisper: each recording has its own length, and 160 zeros follow."""
