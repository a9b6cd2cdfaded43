"""Fields that the feature extractors of Hugging Face transformers share."""

from __future__ import annotations

from netencoders import Choice, ConfigField
from netencoders_audio.importers.front_ends import RATE, Exactly, without_effect

__all__ = ["ANY_PADDING", "DITHER", "MONO", "PADS", "UNUSED_SIZE", "shared"]

_CODE = "It names code of the model, which is not run: import the class that it extends, if any."
_LABELS = ("feature_extractor_type", "processor_class", "return_attention_mask")

DITHER = ConfigField(
    "dither",
    Exactly(0),
    0.0,
    "none",
    "It adds random noise to each input: set it to 0.",
)
MONO = ConfigField(
    "feature_size", Exactly(1), 1.0, "one channel", "Two channels cannot be encoded together."
)
PADS = (
    ConfigField("padding_value", Exactly(0), 0.0, "the samples that are added"),
    ConfigField("padding_side", Choice("right"), "right", "samples are added at the end"),
)
ANY_PADDING = without_effect("one recording is not padded", "padding_value", "padding_side")
UNUSED_SIZE = without_effect("the class does not use it", "feature_size")


def shared(rate: int) -> tuple[ConfigField, ...]:
    """Return the fields of every class; `rate` is the default of the sample rate."""
    return (
        ConfigField("sampling_rate", RATE, rate, "SampleRate"),
        *without_effect("a label, or the mask of a batch", *_LABELS),
        ConfigField("auto_map", Choice(None), None, "no code of the model", _CODE),
        ConfigField("trust_remote_code", Choice(None, False), None, "no code of the model", _CODE),
    )
