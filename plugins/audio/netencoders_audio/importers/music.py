"""Sounds and music in Hugging Face transformers: CLAP, Pop2Piano and MusicGen."""

from __future__ import annotations

from typing import Any

from netencoders import Choice, ConfigField, Real
from netencoders_audio.importers.front_ends import (
    COUNT,
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
    PADS,
    UNUSED_SIZE,
    shared,
)

__all__ = ["MUSIC"]


def _clap(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    check_even(values, problems, "fft_window_size", "sampling_rate")
    size, length = values["fft_window_size"], values["max_length_s"] * values["sampling_rate"]
    check_computed(values, problems, nb_frequency_bins=size // 2 + 1, nb_max_samples=length)
    fused = values["truncation"] == "fusion"
    slaney = {} if fused else {"MelScale": "Slaney", "FilterNormalization": "Slaney"}
    return declaration(
        "AudioMelSpectrogram",
        {
            "SampleRate": values["sampling_rate"],
            "TargetLength": length,
            "TargetSide": None,  # of longer audio, the class takes parts at random
            "TargetFill": {"repeatpad": "Repeat", "repeat": "Cycle", "pad": "Zero"}[
                values["padding"]
            ],
            "WindowSize": size,
            "Offset": values["hop_length"],
            "PartitionPadding": "CenterReflect",
            "TransformPrecision": "Double",
            "NumberOfFilters": values["feature_size"],
            "MinimumFrequency": values["frequency_min"],
            "MaximumFrequency": values["frequency_max"],
            **slaney,
            "EmptyFilters": "Zero",
        },
        {"Log": {"Base": "Decibel", "Floor": 1e-10}},
        {"Repeat": {"Copies": 4}} if fused else {"AddAxis": {"Position": 0}},
    )


def _pop2piano(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    check_even(values, problems, "window_size", "sampling_rate")
    return declaration(
        "AudioMelSpectrogram",
        {
            "SampleRate": values["sampling_rate"],
            "WindowSize": values["window_size"],
            "Offset": values["hop_length"],
            "PartitionPadding": "CenterReflect",
            "NumberOfFilters": values["feature_size"],
            "MinimumFrequency": values["min_frequency"],
            "EmptyFilters": "Zero",
        },
        {"Clip": {"Low": 1e-10, "High": None}},  # the class raises the values to this floor
        {"Transpose": {}},
    )


def _musicgen_melody(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    check_even(values, problems, "n_fft", "sampling_rate")
    length = values["chunk_length"] * values["sampling_rate"]
    check_computed(values, problems, n_samples=length)
    return declaration(
        "AudioChroma",
        {
            "SampleRate": values["sampling_rate"],
            "MaximumLength": length,
            "MinimumLength": values["n_fft"],
            "FillSide": "Both",
            "WindowSize": values["n_fft"],
            "Offset": values["hop_length"],
            "PartitionPadding": "CenterReflect",
            "NumberOfChroma": values["num_chroma"],
        },
        {"OneHotMaximum": {}},
    )


MUSIC = (
    FrontEnd(
        "ClapFeatureExtractor",
        (
            *shared(48000),
            ConfigField("feature_size", COUNT, 64, "NumberOfFilters"),
            ConfigField("hop_length", COUNT, 480, "Offset"),
            ConfigField("max_length_s", COUNT, 10, "TargetLength, in seconds"),
            ConfigField("fft_window_size", COUNT, 1024, "WindowSize"),
            ConfigField("frequency_min", Real(0), 0.0, "MinimumFrequency"),
            ConfigField("frequency_max", Real(above=0), 14000.0, "MaximumFrequency"),
            ConfigField(
                "truncation",
                Choice("fusion", "rand_trunc"),
                "fusion",
                "the filters, and four copies or one",
            ),
            ConfigField(
                "padding",
                Choice("repeatpad", "repeat", "pad"),
                "repeatpad",
                "TargetFill",
            ),
            *PADS,
            # The published configs have fields of an older version of the class.
            *without_effect(
                "the class does not use it", "top_db", "chunk_length_s", "n_fft", "nb_max_frames"
            ),
            *computed("nb_frequency_bins", "nb_max_samples"),
        ),
        _clap,
        note="longer recordings are refused; the class takes parts of them at random",
    ),
    FrontEnd(
        "Pop2PianoFeatureExtractor",
        (
            *shared(22050),
            ConfigField("feature_size", COUNT, 512, "NumberOfFilters"),
            ConfigField("window_size", COUNT, 4096, "WindowSize"),
            ConfigField("hop_length", COUNT, 1024, "Offset"),
            ConfigField("min_frequency", Real(0), 10.0, "MinimumFrequency"),
            *without_effect("the parts between beats", "num_bars"),
            *ANY_PADDING,
        ),
        _pop2piano,
        note="its mel_spectrogram, without the search for beats and the logarithm",
    ),
    FrontEnd(
        "MusicgenMelodyFeatureExtractor",
        (
            *shared(32000),
            *UNUSED_SIZE,
            ConfigField("n_fft", COUNT, 16384, "WindowSize, MinimumLength"),
            ConfigField("hop_length", COUNT, 4096, "Offset"),
            ConfigField("num_chroma", COUNT, 12, "NumberOfChroma"),
            ConfigField("chunk_length", COUNT, 30, "MaximumLength, in seconds"),
            *without_effect("the stems of Demucs", "stem_indices"),
            *computed("n_samples"),
            *ANY_PADDING,
        ),
        _musicgen_melody,
    ),
)
