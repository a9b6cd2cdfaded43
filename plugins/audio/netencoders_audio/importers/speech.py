"""Speech recognition in Hugging Face transformers: Whisper, Parakeet and Gemma 4."""

from __future__ import annotations

import math
from typing import Any

from netencoders import Boolean, Choice, ConfigField, ListOf, Real, Union
from netencoders_audio.importers.front_ends import (
    COUNT,
    FrontEnd,
    Layer,
    Problems,
    Values,
    check_computed,
    check_even,
    computed,
    declaration,
    scaled_log,
    without_effect,
)
from netencoders_audio.importers.transformers_fields import (
    ANY_PADDING,
    DITHER,
    PADS,
    shared,
)

__all__ = ["SPEECH"]

_SLANEY = {"MelScale": "Slaney", "FilterNormalization": "Slaney", "EmptyFilters": "Zero"}


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
            **_SLANEY,
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
            **_SLANEY,
        },
        {"Log": {"Base": "E", "Floor": 0.0, "Offset": 2.0**-24}},
        {"Standardize": {"Ddof": 1, "Epsilon": 1e-5}},
    )


class _PerFeature(ListOf):
    """Numbers, one for each feature; a list in a list of one item is taken as this item."""

    def check(self, value: Any) -> Any:
        """Return the numbers without the outer lists, which `save_pretrained` writes."""
        for _ in range(2):
            if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], list):
                value = value[0]
        return super().check(value)


def _gemma4(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    rate, count = values["sampling_rate"], values["feature_size"]
    check_even(values, problems, "sampling_rate")
    size = round(rate * values["frame_length_ms"] / 1000)
    hop = round(rate * values["hop_length_ms"] / 1000)
    if not (1 < size <= 2**24 and 1 <= hop <= 2**24):
        text = (
            "'frame_length_ms' and 'hop_length_ms' must give from 2 to 16777216 samples. "
            f"Got {size} and {hop}."
        )
        problems.append(("frame_length_ms", text))
        return {}
    fft_length = 2 ** (math.ceil(math.log2(size)) + values["fft_overdrive"])
    check_computed(values, problems, frame_length=size, hop_length=hop, fft_length=fft_length)
    if values["preemphasis"] and not values["preemphasis_htk_flavor"]:
        text = (
            "'preemphasis_htk_flavor' must be True if 'preemphasis' is not 0: the other kind takes "
            "a sample from the next partition. Got False."
        )
        problems.append(("preemphasis_htk_flavor", text))
    mean, deviation = values["per_bin_mean"], values["per_bin_stddev"]
    for name, vector in (("per_bin_mean", mean), ("per_bin_stddev", deviation)):
        if vector is not None and len(vector) != count:
            text = (
                f"{name!r} must have one number for each feature, {count}. Got {len(vector)}: "
                "correct it, or 'feature_size'."
            )
            problems.append((name, text))
    if deviation is not None and 0 in deviation:
        problems.append(("per_bin_stddev", "'per_bin_stddev' must not contain 0. Remove it."))
    if problems:
        return {}
    log, shift = scaled_log("E", values["input_scale_factor"], offset=values["mel_floor"])
    affine: dict[str, Any] = {}
    if mean is not None:
        affine["Shift"] = [shift - number for number in mean]
    elif shift:
        affine["Shift"] = shift
    if deviation is not None:
        affine["Factor"] = [1 / number for number in deviation]
    constants: Layer | None = {"Affine": affine} if affine else None
    return declaration(
        "AudioMelSpectrogram",
        {
            "SampleRate": rate,
            "WindowSize": size,
            "Offset": hop,
            "PartitionPadding": [size // 2, -1, "Zero"],
            "PreEmphasis": values["preemphasis"],
            "FFTLength": fft_length,
            "Power": 1,
            "NumberOfFilters": count,
            "MinimumFrequency": values["min_frequency"],
            "MaximumFrequency": values["max_frequency"],
            "EmptyFilters": "Zero",
        },
        log,
        constants,
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
    FrontEnd(
        "Gemma4AudioFeatureExtractor",
        (
            *shared(16000),
            ConfigField("feature_size", COUNT, 128, "NumberOfFilters"),
            ConfigField("frame_length_ms", Real(above=0), 20.0, "WindowSize"),
            ConfigField("hop_length_ms", Real(above=0), 10.0, "Offset"),
            ConfigField("min_frequency", Real(0), 0.0, "MinimumFrequency"),
            ConfigField("max_frequency", Real(above=0), 8000.0, "MaximumFrequency"),
            ConfigField("preemphasis", Real(0, 1), 0.0, "PreEmphasis"),
            ConfigField("preemphasis_htk_flavor", Boolean(), True, "the kind of PreEmphasis"),
            ConfigField("fft_overdrive", Boolean(), False, "FFTLength"),
            DITHER,
            ConfigField("input_scale_factor", Real(above=0), 1.0, "Log and Affine"),
            ConfigField("mel_floor", Real(above=0), 1e-3, "Offset of Log"),
            ConfigField(
                "per_bin_mean",
                Union(Choice(None), _PerFeature(Real(), 1, 16384)),
                None,
                "Shift of Affine",
            ),
            ConfigField(
                "per_bin_stddev",
                Union(Choice(None), _PerFeature(Real(), 1, 16384)),
                None,
                "Factor of Affine",
            ),
            *PADS,
            *computed("frame_length", "hop_length", "fft_length"),
        ),
        _gemma4,
        note="the valid rows; recordings of more than 480000 samples are not cut",
    ),
)
