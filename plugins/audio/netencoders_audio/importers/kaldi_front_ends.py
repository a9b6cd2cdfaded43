"""The front ends of Kaldi: the declarations of its filter bank and of its cepstrum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from netencoders import Boolean, Choice, ConfigField, Real
from netencoders_audio.importers.front_ends import (
    COUNT,
    KALDI_FLOOR,
    FrontEnd,
    Layer,
    Problems,
    Values,
    declaration,
    scaled_log,
)
from netencoders_audio.importers.kaldi_options import SHARED, WINDOWS

__all__ = ["FBANK", "MFCC"]

_BITS = 32768.0  # Kaldi's samples are those of 16 bits


def _partitions(values: Values, problems: Problems) -> dict[str, Any]:
    """Return the parameters that both front ends share, except the power."""
    rate = values["--sample-frequency"]
    if rate != int(rate):
        text = f"'--sample-frequency' must be a whole number. Got {rate}."
        problems.append(("--sample-frequency", text))
        return {}
    size, hop = _samples(rate, values["--frame-length"]), _samples(rate, values["--frame-shift"])
    if size < 2 or hop < 1:
        text = (
            "'--frame-length' and '--frame-shift', in ms, must give at least 2 samples and 1 "
            f"sample. Got {size} and {hop}."
        )
        problems.append(("--frame-length", text))
        return {}
    length = 2 ** math.ceil(math.log2(size)) if values["--round-to-power-of-two"] else size
    if length % 2:
        text = (
            "'--round-to-power-of-two' must be True if a frame has an odd number of samples. "
            f"Got False, and {size} samples."
        )
        problems.append(("--round-to-power-of-two", text))
    padding: list[Any] | None = None
    if not values["--snip-edges"]:
        before = size // 2 - hop // 2
        if before < 0:
            text = (
                "'--snip-edges' must be True if '--frame-shift' is above '--frame-length'. "
                "Got False."
            )
            problems.append(("--snip-edges", text))
        padding = [before, size + hop // 2 - hop - before, "Symmetric"]
    high = values["--high-freq"]
    channel = values["--channel"]
    return {
        "SampleRate": int(rate),
        "Channel": channel if channel >= 0 else "Automatic",
        "WindowSize": size,
        "Offset": hop,
        "PartitionPadding": padding,
        "WindowFunction": WINDOWS[values["--window-type"]],
        "RemoveMean": values["--remove-dc-offset"],
        "PreEmphasis": values["--preemphasis-coefficient"],
        "FFTLength": length,
        "NumberOfFilters": values["--num-mel-bins"],
        "MinimumFrequency": values["--low-freq"],
        "MaximumFrequency": high if high > 0 else rate / 2 + high,
        "FilterSlopes": "Mel",
        "EmptyFilters": "Zero",
    }


def _samples(rate: float, milliseconds: float) -> int:
    """Return a duration in samples, cut to a whole number, as Kaldi computes it."""
    return int(float(np.float32(rate)) * 0.001 * float(np.float32(milliseconds)))


def _mean(values: Values) -> Layer | None:
    if not values["--subtract-mean"]:
        return None
    return {"Standardize": {"Statistics": "Mean"}}


def _fbank(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    power = 2 if values["--use-power"] else 1
    factor = _BITS**power
    log: Layer | None = None
    constants: Layer = {"Affine": {"Shift": 0, "Factor": factor}}
    if values["--use-log-fbank"]:
        log, shift = scaled_log("E", factor, floor=KALDI_FLOOR)
        constants = {"Affine": {"Shift": shift, "Factor": 1}}
    return declaration(
        "AudioMelSpectrogram",
        {**_partitions(values, problems), "Power": power},
        log,
        constants,
        _mean(values),
    )


def _mfcc(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    count, bands = values["--num-ceps"], values["--num-mel-bins"]
    if count > bands:
        text = f"'--num-ceps' must be at most '--num-mel-bins', {bands}. Got {count}."
        problems.append(("--num-ceps", text))
        return {}
    lifter = values["--cepstral-lifter"]
    shift = math.log(_BITS**2) * math.sqrt(bands)
    # The factor of the samples moves each logarithm, and so the first coefficient only.
    constants: Layer = {"Affine": {"Shift": [shift, *[0.0] * (count - 1)]}}
    return declaration(
        "AudioMFCC",
        {
            **_partitions(values, problems),
            "NumberOfCoefficients": count,
            "LogarithmFloor": KALDI_FLOOR / _BITS**2,
            "CosineScaling": "Orthonormal",
            "Liftering": lifter if lifter else None,
        },
        constants,
        _mean(values),
    )


_ENERGY = "No encoder has the energy of a frame as a feature: add --use-energy=false."
_NOTE = "samples of 16 bits; other sample rates are resampled"

FBANK = FrontEnd(
    "compute_fbank_feats",
    (
        *SHARED,
        ConfigField("--use-energy", Choice(False), False, "none", _ENERGY),
        ConfigField("--use-log-fbank", Boolean(), True, "Log"),
        ConfigField("--use-power", Boolean(), True, "Power"),
    ),
    _fbank,
    note=_NOTE,
)
"""The program compute-fbank-feats."""

MFCC = FrontEnd(
    "compute_mfcc_feats",
    (
        *SHARED,
        ConfigField("--use-energy", Choice(False), True, "none", _ENERGY),
        ConfigField("--num-ceps", COUNT, 13, "NumberOfCoefficients"),
        ConfigField("--cepstral-lifter", Real(0), 22.0, "Liftering"),
    ),
    _mfcc,
    note=_NOTE,
)
"""The program compute-mfcc-feats."""
