"""Filter banks of Kaldi in Hugging Face transformers: Speech2Text, SeamlessM4T and AST."""

from __future__ import annotations

from typing import Any

from netencoders import Boolean, Choice, ConfigField, Real
from netencoders_audio.importers.front_ends import (
    COUNT,
    KALDI_FLOOR,
    Exactly,
    FrontEnd,
    Layer,
    Problems,
    Values,
    check_even,
    declaration,
    scaled_log,
    without_effect,
)
from netencoders_audio.importers.transformers_fields import (
    ANY_PADDING,
    DITHER,
    UNUSED_SIZE,
    shared,
)

__all__ = ["KALDI_LIKE"]

_BITS = 32768.0**2  # the powers of samples of 16 bits


def _fbank(values: Values, window: str) -> dict[str, Any]:
    """Return the parameters of Kaldi's filter bank at 25 ms and 10 ms of 16 kHz, in samples."""
    return {
        "SampleRate": values["sampling_rate"],
        "WindowSize": 400,
        "Offset": 160,
        "PartitionPadding": None,
        "WindowFunction": window,
        "RemoveMean": True,
        "PreEmphasis": 0.97,
        "FFTLength": 512,
        "NumberOfFilters": values["num_mel_bins"],
        "MinimumFrequency": 20,
        "MaximumFrequency": values["sampling_rate"] // 2,
        "FilterSlopes": "Mel",
        "EmptyFilters": "Zero",
    }


def _speech2text(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    _check_sizes(values, problems)
    log, shift = scaled_log("E", _BITS, floor=KALDI_FLOOR)
    chosen = values["normalize_means"], values["normalize_vars"]
    statistics = {(True, True): "MeanVariance", (True, False): "Mean", (False, True): "Variance"}
    normalize: Layer | None = None
    if values["do_ceptral_normalize"] and any(chosen):
        normalize = {"Standardize": {"Ddof": 0, "Epsilon": 0, "Statistics": statistics[chosen]}}
        if chosen == (False, True):
            # Not 0: equal elements give infinity, which is refused, as the class gives it.
            normalize["Standardize"]["MinimumDeviation"] = 1e-38
    return declaration(
        "AudioMelSpectrogram",
        _fbank(values, "povey_symmetric"),
        log,
        {"Affine": {"Shift": shift, "Factor": 1}},
        normalize,
    )


def _seamless(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    _check_sizes(values, problems)
    check_even(values, problems, "sampling_rate")
    log, shift = scaled_log("E", _BITS, floor=KALDI_FLOOR)
    return declaration(
        "AudioMelSpectrogram",
        _fbank(values, "povey_symmetric"),
        log,
        {"Affine": {"Shift": shift, "Factor": 1}},
        {"Standardize": {"Ddof": 1, "Epsilon": 1e-7, "EpsilonInside": True}},
        {"Stack": {"Size": 2, "Stride": 2}},
    )


def _check_sizes(values: Values, problems: Problems) -> None:
    if values["feature_size"] != values["num_mel_bins"]:
        text = (
            f"'feature_size' must be equal to 'num_mel_bins', {values['num_mel_bins']}. "
            f"Got {values['feature_size']}: correct one of them."
        )
        problems.append(("feature_size", text))


def _ast(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    constants: Layer | None = None
    if values["do_normalize"]:
        factor = 1 / (values["std"] * 2)
        constants = {"Affine": {"Shift": -values["mean"], "Factor": factor}}
    return declaration(
        "AudioMelSpectrogram",
        _fbank(values, "hann_symmetric"),
        {"Log": {"Base": "E", "Floor": KALDI_FLOOR}},
        {"FitRows": {"Rows": values["max_length"]}},
        constants,
    )


# With torchaudio, these classes use partitions of 25 ms, and without it, of 400 samples.
_ONLY_16K = ConfigField(
    "sampling_rate",
    Choice(16000),
    16000,
    "SampleRate",
    "At other rates the class gives other arrays with torchaudio than without it.",
)


def _at_16k(fields: tuple[ConfigField, ...]) -> tuple[ConfigField, ...]:
    return tuple(_ONLY_16K if field.name == "sampling_rate" else field for field in fields)


KALDI_LIKE = (
    FrontEnd(
        "Speech2TextFeatureExtractor",
        (
            *_at_16k(shared(16000)),
            ConfigField("feature_size", COUNT, 80, "the same as num_mel_bins"),
            ConfigField("num_mel_bins", COUNT, 80, "NumberOfFilters"),
            DITHER,
            ConfigField("do_ceptral_normalize", Boolean(), True, "Standardize"),
            ConfigField("normalize_means", Boolean(), True, "Standardize"),
            ConfigField("normalize_vars", Boolean(), True, "Standardize"),
            *ANY_PADDING,
        ),
        _speech2text,
    ),
    FrontEnd(
        "SeamlessM4TFeatureExtractor",
        (
            *shared(16000),
            ConfigField("feature_size", COUNT, 80, "the same as num_mel_bins"),
            ConfigField("num_mel_bins", COUNT, 80, "NumberOfFilters"),
            ConfigField("stride", Exactly(2), 2.0, "Stack"),
            *without_effect("names of languages", "language_code"),
            *ANY_PADDING,
        ),
        _seamless,
        note="the valid rows, without one that is filled up",
    ),
    FrontEnd(
        "ASTFeatureExtractor",
        (
            *_at_16k(shared(16000)),
            *UNUSED_SIZE,
            ConfigField("num_mel_bins", COUNT, 128, "NumberOfFilters"),
            ConfigField("max_length", COUNT, 1024, "FitRows"),
            ConfigField("do_normalize", Boolean(), True, "Affine"),
            ConfigField("mean", Real(), -4.2677393, "Shift of Affine"),
            ConfigField("std", Real(above=0), 4.5689974, "Factor of Affine"),
            *ANY_PADDING,
            *without_effect("computed from other fields", "mel_filters", "window"),
        ),
        _ast,
    ),
)
