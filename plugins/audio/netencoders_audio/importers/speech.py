"""Speech recognition in Hugging Face transformers: Whisper and Parakeet."""

from __future__ import annotations

from typing import Any

from netencoders import Choice, ConfigField, Real, Union
from netencoders_audio.importers.front_ends import (
    COUNT,
    SLANEY,
    FrontEnd,
    Problems,
    Values,
    check_computed,
    check_even,
    computed,
    declaration,
    without_effect,
)
from netencoders_audio.importers.transformers_fields import (
    ANY_PADDING,
    DITHER,
    PADS,
    shared,
)

__all__ = ["SPEECH"]


def _whisper(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    check_even(values, problems, "n_fft", "sampling_rate")
    size, hop, rate = values["n_fft"], values["hop_length"], values["sampling_rate"]
    length = values["chunk_length"] * rate
    check_computed(values, problems, n_samples=length, nb_max_frames=length // hop)
    return declaration(
        "AudioMelSpectrogram",
        {
            "SampleRate": rate,
            "TargetLength": length,
            "WindowSize": size,
            "Offset": hop,
            # Centred partitions without the last one.
            "PartitionPadding": [size // 2, size // 2 - hop, "Reflect"],
            "NumberOfFilters": values["feature_size"],
            "MaximumFrequency": 8000,
            **SLANEY,
        },
        {"Log": {"Base": 10, "Floor": 1e-10}},
        {"DynamicRange": {"Below": 8}},
        {"Affine": {"Shift": 4, "Factor": 0.25}},
        {"Transpose": {}},
    )


def _parakeet(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    check_even(values, problems, "n_fft", "sampling_rate")
    size, hop = values["n_fft"], values["hop_length"]
    return declaration(
        "AudioMelSpectrogram",
        {
            "SampleRate": values["sampling_rate"],
            "SignalPreEmphasis": values["preemphasis"] or 0,
            "WindowSize": values["win_length"],
            "Offset": hop,
            "FFTLength": size,
            "WindowPlacement": "Center",
            "WindowFunction": "hann_symmetric",
            # Centred partitions without the last one, which is not valid.
            "PartitionPadding": [size // 2, size // 2 - hop, "Zero"],
            "NumberOfFilters": values["feature_size"],
            **SLANEY,
        },
        {"Log": {"Base": "E", "Floor": 0.0, "Offset": 2.0**-24}},
        {"Standardize": {"Ddof": 1, "Epsilon": 1e-5}},
    )


SPEECH = (
    FrontEnd(
        "WhisperFeatureExtractor",
        (
            *shared(16000),
            ConfigField("feature_size", COUNT, 80, "NumberOfFilters"),
            ConfigField("hop_length", COUNT, 160, "Offset"),
            ConfigField("n_fft", COUNT, 400, "WindowSize"),
            ConfigField("chunk_length", COUNT, 30, "TargetLength, in seconds"),
            DITHER,
            *PADS,
            ConfigField(
                "do_normalize",
                Choice(None, False),
                None,
                "an argument of a call",
                "The class takes it as an argument of a call: remove it.",
            ),
            *computed("n_samples", "nb_max_frames"),
            *without_effect("computed from other fields", "mel_filters"),
        ),
        _whisper,
    ),
    FrontEnd(
        "ParakeetFeatureExtractor",
        (
            *shared(16000),
            ConfigField("feature_size", COUNT, 80, "NumberOfFilters"),
            ConfigField("hop_length", COUNT, 160, "Offset"),
            ConfigField("n_fft", COUNT, 512, "FFTLength"),
            ConfigField("win_length", COUNT, 400, "WindowSize"),
            ConfigField("preemphasis", Union(Choice(None), Real(0, 1)), 0.97, "SignalPreEmphasis"),
            *ANY_PADDING,
        ),
        _parakeet,
        note="the valid rows, without the row of zeros that follows",
    ),
)
