"""Gemma in Hugging Face transformers: the audio of Gemma 3n and Gemma 4."""

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
)
from netencoders_audio.importers.transformers_fields import DITHER, PADS, shared

__all__ = ["GEMMA"]


class _PerFeature(ListOf):
    """Numbers, one for each feature; a list in a list of one item is taken as this item."""

    def check(self, value: Any) -> Any:
        """Return the numbers without the outer lists, which `save_pretrained` writes."""
        for _ in range(2):
            if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], list):
                value = value[0]
        return super().check(value)


def _gemma3n(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    floor = values["mel_floor"]
    parameters, factor = _mel(values, problems)
    if problems:
        return {}
    # All rows of the padded signal are kept, and partitions begin with the first sample.
    parameters |= {"MultipleOf": 128, "PartitionPadding": [0, -1, "Zero"]}
    log, shift = scaled_log("E", factor, floor=floor)
    return declaration("AudioMelSpectrogram", parameters, log, _constants(values, shift))


def _gemma4(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    floor = values["mel_floor"]
    parameters, factor = _mel(values, problems)
    if problems:
        return {}
    # The rows that hold zeros after the end of the signal are not valid.
    parameters["PartitionPadding"] = [parameters["WindowSize"] // 2, -1, "Zero"]
    log, shift = scaled_log("E", factor, offset=floor)
    return declaration("AudioMelSpectrogram", parameters, log, _constants(values, shift))


def _mel(values: Values, problems: Problems) -> tuple[dict[str, Any], float]:
    """Return the parameters that both classes share, and the factor of the samples."""
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
        return {}, 1.0
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
    parameters = {
        "SampleRate": rate,
        "MaximumLength": _LONGEST,
        "WindowSize": size,
        "Offset": hop,
        "PreEmphasis": values["preemphasis"],
        "FFTLength": fft_length,
        "Power": 1,
        "NumberOfFilters": count,
        "MinimumFrequency": values["min_frequency"],
        "MaximumFrequency": values["max_frequency"],
        "EmptyFilters": "Zero",
    }
    return parameters, values["input_scale_factor"]


def _constants(values: Values, shift: float) -> Layer | None:
    """Return the layer for the means and deviations, after the shift of the factor."""
    mean, deviation = values["per_bin_mean"], values["per_bin_stddev"]
    affine: dict[str, Any] = {}
    if mean is not None:
        affine["Shift"] = [shift - number for number in mean]
    elif shift:
        affine["Shift"] = shift
    if deviation is not None:
        affine["Factor"] = [1 / number for number in deviation]
    return {"Affine": affine} if affine else None


_LONGEST = 480000  # samples; an argument of a call, which no field holds
_LENGTH = Real(above=0, max=1e6)


def _fields(
    length: float, low: float, high: float, emphasis: float, floor: float, *, overdrive: bool
) -> tuple[ConfigField, ...]:
    """Return the fields of both classes, whose defaults differ."""
    return (
        *shared(16000),
        ConfigField("feature_size", COUNT, 128, "NumberOfFilters"),
        ConfigField("frame_length_ms", _LENGTH, length, "WindowSize"),
        ConfigField("hop_length_ms", _LENGTH, 10.0, "Offset"),
        ConfigField("min_frequency", Real(0), low, "MinimumFrequency"),
        ConfigField("max_frequency", Real(above=0), high, "MaximumFrequency"),
        ConfigField("preemphasis", Real(0, 1), emphasis, "PreEmphasis"),
        ConfigField("preemphasis_htk_flavor", Boolean(), True, "the kind of PreEmphasis"),
        ConfigField("fft_overdrive", Boolean(), overdrive, "FFTLength"),
        DITHER,
        ConfigField("input_scale_factor", Real(above=0), 1.0, "Log and Affine"),
        ConfigField("mel_floor", Real(above=0), floor, "Floor or Offset of Log"),
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
    )


_LONG = "longer recordings are cut to 480000 samples, as a call of the class does by default"

GEMMA = (
    FrontEnd(
        "Gemma3nAudioFeatureExtractor",
        _fields(32.0, 125.0, 7600.0, 0.97, 1e-5, overdrive=True),
        _gemma3n,
        note=_LONG,
    ),
    FrontEnd(
        "Gemma4AudioFeatureExtractor",
        _fields(20.0, 0.0, 8000.0, 0.0, 1e-3, overdrive=False),
        _gemma4,
        note=f"the valid rows; {_LONG}",
    ),
)
