"""Speech synthesis in Hugging Face transformers: SpeechT5 and UnivNet."""

from __future__ import annotations

import math
from typing import Any

from netencoders import Boolean, Choice, ConfigField, Integer, Real, Union
from netencoders_audio.importers.front_ends import (
    COUNT,
    SLANEY,
    Exactly,
    FrontEnd,
    Layer,
    Problems,
    Values,
    check_even,
    declaration,
    without_effect,
)
from netencoders_audio.importers.transformers_fields import (
    ANY_PADDING,
    MONO,
    UNUSED_SIZE,
    shared,
)
from netencoders_audio.importers.waveforms import waveform

__all__ = ["VOCODERS"]

_WINDOWS = {
    "hann_window": "hann",
    "hann": "hann",
    "hamming_window": "hamming",
    "hamming": "hamming",
    "boxcar": "boxcar",
    "povey": "povey",
}


def _speecht5(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    if part == "Waveform":
        return waveform(values)
    rate = values["sampling_rate"]
    size, hop = values["win_length"] * rate // 1000, values["hop_length"] * rate // 1000
    check_even(values, problems, "sampling_rate")
    if size < 2 or size % 2 or hop < 1:
        text = (
            "'win_length' and 'hop_length', in ms, must give an even number of samples, and at "
            f"least 1 sample. Got {size} and {hop}: change them, or 'sampling_rate'."
        )
        problems.append(("win_length", text))
        return {}
    return declaration(
        "AudioMelSpectrogram",
        {
            "SampleRate": rate,
            "WindowSize": size,
            "Offset": hop,
            "PartitionPadding": "CenterReflect",
            "WindowFunction": _WINDOWS[values["win_function"]],
            "FFTLength": 2 ** math.ceil(math.log2(size)),
            "Power": 1,
            "NumberOfFilters": values["num_mel_bins"],
            "MinimumFrequency": values["fmin"],
            "MaximumFrequency": values["fmax"],
            **SLANEY,
        },
        {"Log": {"Base": 10, "Floor": values["mel_floor"]}},
    )


def _univnet(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    size, hop = values["win_length"], values["hop_length"]
    length = values["filter_length"]
    length = 2 ** math.ceil(math.log2(size)) if length is None else length
    check_even(values, problems, "sampling_rate", "win_length")
    if length != size:
        text = (
            "'filter_length' must be equal to 'win_length': the class fails otherwise. "
            f"Got {length} and {size}."
        )
        problems.append(("filter_length", text))
    if hop > size:
        text = f"'hop_length' must be at most 'win_length', {size}. Got {hop}."
        problems.append(("hop_length", text))
    low, high = values["normalize_min"], values["normalize_max"]
    if values["do_normalize"] and not low < high:
        text = f"'normalize_min' must be below 'normalize_max', {high}. Got {low}."
        problems.append(("normalize_min", text))
    if problems:
        return {}
    # An addition before a multiplication, and a second one.
    shift, factor = math.log(values["compression_factor"]), 1.0
    if values["do_normalize"]:
        shift, factor = shift - (low + high) / 2, 2 / (high - low)
    constants: Layer | None = None
    if (shift, factor) != (0, 1):
        constants = {"Affine": {"Shift": shift, "Factor": factor}}
    sides = (size - hop) // 2
    return declaration(
        "AudioMelSpectrogram",
        {
            "SampleRate": values["sampling_rate"],
            "MaximumLength": values["max_length_s"] * values["sampling_rate"],
            "WindowSize": size,
            "Offset": hop,
            "PartitionPadding": [sides, sides, "Reflect"],
            "WindowFunction": _WINDOWS[values["win_function"]],
            "Power": 1,
            "PowerOffset": values["mel_floor"],
            "NumberOfFilters": values["num_mel_bins"],
            "MinimumFrequency": values["fmin"],
            "MaximumFrequency": values["fmax"] or "Automatic",
            **SLANEY,
        },
        {"Log": {"Base": "E", "Floor": values["compression_clip_val"]}},
        constants,
    )


_WINDOW = ConfigField("win_function", Choice(*_WINDOWS), "hann_window", "WindowFunction")

VOCODERS = (
    FrontEnd(
        "SpeechT5FeatureExtractor",
        (
            *shared(16000),
            MONO,
            ConfigField("do_normalize", Boolean(), False, "Normalization of Waveform"),
            ConfigField("num_mel_bins", COUNT, 80, "NumberOfFilters of Target"),
            ConfigField("hop_length", COUNT, 16, "Offset of Target, in ms"),
            ConfigField("win_length", COUNT, 64, "WindowSize of Target, in ms"),
            _WINDOW,
            ConfigField("fmin", Real(0), 80.0, "MinimumFrequency of Target"),
            ConfigField("fmax", Real(above=0), 7600.0, "MaximumFrequency of Target"),
            ConfigField("mel_floor", Real(above=0), 1e-10, "Floor of Log of Target"),
            ConfigField(
                "frame_signal_scale", Exactly(1), 1.0, "no effect", "The class no longer uses it."
            ),
            *without_effect("a field of the model", "reduction_factor"),
            *ANY_PADDING,
        ),
        _speecht5,
        ("Waveform", "Target"),
    ),
    FrontEnd(
        "UnivNetFeatureExtractor",
        (
            *shared(24000),
            *UNUSED_SIZE,
            ConfigField("do_normalize", Boolean(), False, "Affine"),
            ConfigField("num_mel_bins", COUNT, 100, "NumberOfFilters"),
            ConfigField("hop_length", COUNT, 256, "Offset"),
            ConfigField("win_length", COUNT, 1024, "WindowSize"),
            _WINDOW,
            ConfigField(
                "filter_length", Union(Choice(None), COUNT), 1024, "the same as win_length"
            ),
            ConfigField("fmin", Real(0), 0.0, "MinimumFrequency"),
            ConfigField("fmax", Union(Choice(None), Real(above=0)), None, "MaximumFrequency"),
            ConfigField("mel_floor", Real(above=0), 1e-9, "PowerOffset"),
            ConfigField(
                "center", Choice(False), False, "no other padding", "A second padding is added."
            ),
            ConfigField("compression_factor", Real(above=0), 1.0, "Shift of Affine"),
            ConfigField("compression_clip_val", Real(above=0), 1e-5, "Floor of Log"),
            ConfigField("normalize_min", Real(), -11.512925148010254, "Affine"),
            ConfigField("normalize_max", Real(), 2.3143386840820312, "Affine"),
            ConfigField("max_length_s", Integer(1), 10, "MaximumLength, in seconds"),
            *without_effect("the noise, and an argument", "model_in_channels", "pad_end_length"),
            *ANY_PADDING,
        ),
        _univnet,
    ),
)
