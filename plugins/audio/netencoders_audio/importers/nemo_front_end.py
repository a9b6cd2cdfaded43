"""The front end of NeMo: the declaration of its preprocessor of mel spectrograms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from netencoders import (
    Boolean,
    Choice,
    ConfigField,
    Real,
    Union,
)
from netencoders_audio.importers.front_ends import (
    COUNT,
    RATE,
    Exactly,
    FrontEnd,
    Layer,
    Problems,
    Values,
    check_even,
    declaration,
    without_effect,
)

__all__ = ["NEMO_FRONT_END"]

_CLASS = "AudioToMelSpectrogramPreprocessor"
_TARGETS = (
    f"nemo.collections.asr.modules.{_CLASS}",
    f"nemo.collections.asr.modules.audio_preprocessing.{_CLASS}",
)
_WINDOWS = {
    "hann": "hann_symmetric",
    "hamming": "hamming_symmetric",
    "blackman": "blackman_symmetric",
    "bartlett": "bartlett_symmetric",
    "none": "boxcar",
}
_EPS = float(np.finfo(np.float32).eps)


def _nemo(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    size = _samples(values, "window_size", problems)
    hop = _samples(values, "window_stride", problems)
    check_even(values, problems, "sample_rate")
    length = values["n_fft"]
    if length is None:
        length = 2 ** math.ceil(math.log2(max(size, 1)))
    if length % 2:
        text = f"'n_fft' must be even: the library rounds its half. Got {length}."
        problems.append(("n_fft", text))
    return declaration(
        "AudioMelSpectrogram",
        {
            "SampleRate": values["sample_rate"],
            "SignalPreEmphasis": values["preemph"] or 0,
            "WindowSize": size,
            "Offset": hop,
            "FFTLength": length,
            "WindowPlacement": "Center",
            "WindowFunction": _WINDOWS[values["window"]],
            # Centred partitions without the last one, which is not valid.
            "PartitionPadding": [length // 2, length // 2 - hop, "Zero"],
            "Power": int(values["mag_power"]),
            "NumberOfFilters": values["features"],
            "MinimumFrequency": values["lowfreq"],
            "MaximumFrequency": values["highfreq"] or "Automatic",
            "MelScale": "Slaney",
            "FilterNormalization": None if values["mel_norm"] is None else "Slaney",
            "EmptyFilters": "Zero",
        },
        _log(values),
        _statistics(values),
        {"Transpose": {}},
    )


def _samples(values: Values, name: str, problems: Problems) -> int:
    """Return a duration in samples, which is given in seconds or in samples."""
    seconds, samples = values[name], values[f"n_{name}"]
    if (seconds is None) == (samples is None):
        text = (
            f"one of {name!r} and 'n_{name}' must be set, and the other one must be null. "
            f"Got {seconds} and {samples}."
        )
        problems.append((name, text))
        return 1
    if samples is not None:
        return int(samples)
    count = int(seconds * values["sample_rate"])
    if count < 1:
        problems.append((name, f"{name!r} must give at least 1 sample. Got {seconds} s."))
    return max(count, 1)


def _log(values: Values) -> Layer | None:
    if not values["log"]:
        return None
    guard = values["log_zero_guard_value"]
    guard = _EPS if guard == "eps" else guard
    if values["log_zero_guard_type"] == "clamp":
        return {"Log": {"Base": "E", "Floor": guard}}
    return {"Log": {"Base": "E", "Floor": 0.0, "Offset": guard}}


def _statistics(values: Values) -> Layer | None:
    axis = {"per_feature": "Time", "all_features": None}
    if values["normalize"] not in axis:
        return None
    return {
        "Standardize": {"Axis": axis[values["normalize"]], "Ddof": 1, "Epsilon": 1e-5},
    }


_OPTIONAL = Union(Choice(None), COUNT)
_SECONDS = Union(Choice(None), Real(above=0, max=1000))

NEMO_FRONT_END = FrontEnd(
    _CLASS,
    (
        ConfigField("_target_", Choice(*_TARGETS), doc="the class"),
        ConfigField("sample_rate", RATE, 16000, "SampleRate"),
        ConfigField("window_size", _SECONDS, 0.02, "WindowSize, in seconds"),
        ConfigField("window_stride", _SECONDS, 0.01, "Offset, in seconds"),
        ConfigField("n_window_size", _OPTIONAL, None, "WindowSize"),
        ConfigField("n_window_stride", _OPTIONAL, None, "Offset"),
        ConfigField("window", Choice(*_WINDOWS), "hann", "WindowFunction"),
        ConfigField(
            "normalize",
            Choice("per_feature", "all_features", None, "NA"),
            "per_feature",
            "Standardize",
            "Fixed means are not in the config.",
        ),
        ConfigField("n_fft", _OPTIONAL, None, "FFTLength"),
        ConfigField("preemph", Union(Choice(None), Real(0, 1)), 0.97, "SignalPreEmphasis"),
        ConfigField("features", COUNT, 64, "NumberOfFilters"),
        ConfigField("lowfreq", Real(0), 0.0, "MinimumFrequency"),
        ConfigField("highfreq", Union(Choice(None), Real(above=0)), None, "MaximumFrequency"),
        ConfigField("log", Boolean(), True, "Log"),
        ConfigField("log_zero_guard_type", Choice("add", "clamp"), "add", "Offset, Floor of Log"),
        ConfigField(
            "log_zero_guard_value",
            Union(Choice("eps"), Real(above=0)),
            2.0**-24,
            "Offset, Floor of Log",
            "A power of 'tiny' is too small for a layer.",
        ),
        ConfigField("mag_power", Union(Exactly(2), Exactly(1)), 2.0, "Power"),
        ConfigField("mel_norm", Choice("slaney", None), "slaney", "FilterNormalization"),
        ConfigField(
            "frame_splicing", Exactly(1), 1.0, "none", "Frames that are joined cannot be declared."
        ),
        ConfigField(
            "exact_pad",
            Choice(False),
            False,
            "none",
            "Versions of NeMo differ in the frames and the padding that it gives.",
        ),
        ConfigField("stft_exact_pad", Choice(False), False, "none", "It is another transform."),
        ConfigField(
            "use_torchaudio",
            Choice(False),
            False,
            "none",
            "It is another class, which applies the window and the noise in another way.",
        ),
        *without_effect("noise of training only", "dither", "rng"),
        *without_effect("training only", "nb_augmentation_prob", "nb_max_freq", "use_grads"),
        *without_effect("added after the valid rows", "pad_to", "pad_value"),
        *without_effect("another computation of the same transform", "stft_conv"),
    ),
    _nemo,
    note="the valid rows: pad_to adds none; dither and augmentation of training are left out",
)
"""The class AudioToMelSpectrogramPreprocessor."""
