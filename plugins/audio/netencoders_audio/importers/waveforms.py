"""Waveforms in Hugging Face transformers: Wav2Vec2, EnCodec and DAC."""

from __future__ import annotations

from typing import Any

from netencoders import Boolean, Choice, ConfigField, Real, Union
from netencoders_audio.importers.front_ends import (
    COUNT,
    FrontEnd,
    Problems,
    Values,
    declaration,
)
from netencoders_audio.importers.transformers_fields import ANY_PADDING, MONO, PADS, shared

__all__ = ["WAVEFORMS", "waveform"]


def waveform(values: Values) -> dict[str, Any]:
    """Return the declaration of samples, with mean 0 and variance 1 if `do_normalize` is set."""
    normalization = ["Standard", 1e-7] if values["do_normalize"] else None
    return declaration(
        "Audio", {"SampleRate": values["sampling_rate"], "Normalization": normalization}
    )


def _wav2vec2(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    return waveform(values)


def _encodec(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    if values["chunk_length_s"] is not None and values["overlap"] is not None:
        text = (
            "'chunk_length_s' and 'overlap' must not both be set: the length of overlapping chunks "
            f"cannot be declared. Got {values['chunk_length_s']} and {values['overlap']}."
        )
        problems.append(("overlap", text))
    return declaration("Audio", {"SampleRate": values["sampling_rate"]}, {"Transpose": {}})


def _dac(values: Values, part: str | None, problems: Problems) -> dict[str, Any]:
    return declaration(
        "Audio",
        {"SampleRate": values["sampling_rate"], "MultipleOf": values["hop_length"]},
        {"Transpose": {}},
    )


_SECONDS = Union(Choice(None), Real(above=0))

WAVEFORMS = (
    FrontEnd(
        "Wav2Vec2FeatureExtractor",
        (
            *shared(16000),
            MONO,
            ConfigField("do_normalize", Boolean(), True, "Normalization"),
            *ANY_PADDING,
        ),
        _wav2vec2,
        note="one row for each sample",
    ),
    FrontEnd(
        "EncodecFeatureExtractor",
        (
            *shared(24000),
            MONO,
            ConfigField("chunk_length_s", _SECONDS, None, "no effect without overlap"),
            ConfigField("overlap", _SECONDS, None, "no effect without chunk_length_s"),
            *ANY_PADDING,
        ),
        _encodec,
    ),
    FrontEnd(
        "DacFeatureExtractor",
        (
            *shared(16000),
            MONO,
            ConfigField("hop_length", COUNT, 512, "MultipleOf"),
            *PADS,
        ),
        _dac,
    ),
)
