"""The options of Kaldi: their texts as values, and the options that fbank and mfcc share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from netencoders import (
    Boolean,
    Choice,
    ConfigField,
    Integer,
    Real,
    ValueType,
)
from netencoders.parameters import short
from netencoders_audio.importers.front_ends import (
    COUNT,
    Exactly,
    Problems,
    without_effect,
)

__all__ = ["SHARED", "WINDOWS", "typed_options"]

WINDOWS = {
    "povey": "povey_symmetric",
    "hanning": "hann_symmetric",
    "hamming": "hamming_symmetric",
    "blackman": "blackman_symmetric",
    "rectangular": "boxcar",
}
"""The window functions, by Kaldi's names. Kaldi's windows are symmetric."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_TRUTH = {"true": True, "t": True, "1": True, "": True, "false": False, "f": False, "0": False}


def typed_options(
    options: Mapping[str, Any], fields: Sequence[ConfigField]
) -> tuple[dict[str, Any], Problems]:
    """Return the options by their canonical names, with numbers and truth values for texts.

    In a name, Kaldi takes capitals for small letters, and underscores for hyphens. A text that is
    not of the type of its option remains a text, which the type refuses.

    Returns
    -------
    values : dict of str to object
    problems : list of (str, str)
        The options that are given twice.
    """
    types = {field.name: field.type for field in fields}
    values: dict[str, Any] = {}
    problems: Problems = []
    for given, text in options.items():
        name = "--" + given[2:].lower().replace("_", "-")
        if name in values:
            problems.append((name, f"the option {short(name)} is repeated: remove one."))
        values[name] = _value(text, types.get(name)) if isinstance(text, str) else text
    return values, problems


def _value(text: str, kind: ValueType | None) -> Any:
    if isinstance(kind, Boolean) or (isinstance(kind, Choice) and kind.options == (False,)):
        return _TRUTH.get(text.lower(), text)
    if isinstance(kind, Integer) and re.fullmatch(r"[-+]?\d{1,30}", text):
        return int(text)
    if isinstance(kind, Real) and len(text) < 100 and _NUMBER.fullmatch(text):
        return float(text)
    return text


SHARED = (
    ConfigField("--sample-frequency", Real(1, 10_000_000), 16000.0, "SampleRate"),
    ConfigField("--frame-length", Real(above=0, max=1e6), 25.0, "WindowSize, in ms"),
    ConfigField("--frame-shift", Real(above=0, max=1e6), 10.0, "Offset, in ms"),
    ConfigField("--snip-edges", Boolean(), True, "PartitionPadding"),
    ConfigField("--window-type", Choice(*WINDOWS), "povey", "WindowFunction"),
    ConfigField(
        "--blackman-coeff", Exactly(0.42), 0.42, "WindowFunction", "No other window is declared."
    ),
    ConfigField(
        "--dither",
        Exactly(0),
        1.0,
        "none",
        "It adds random noise, also at inference, and Kaldi's default is 1: add --dither=0.",
    ),
    ConfigField("--preemphasis-coefficient", Real(0, 1), 0.97, "PreEmphasis"),
    ConfigField("--remove-dc-offset", Boolean(), True, "RemoveMean"),
    ConfigField("--round-to-power-of-two", Boolean(), True, "FFTLength"),
    ConfigField("--num-mel-bins", COUNT, 23, "NumberOfFilters"),
    ConfigField("--low-freq", Real(0), 20.0, "MinimumFrequency"),
    ConfigField("--high-freq", Real(), 0.0, "MaximumFrequency; below 1, relative to half the rate"),
    ConfigField("--channel", Integer(-1, 255), -1, "Channel"),
    ConfigField("--subtract-mean", Boolean(), False, "Standardize"),
    ConfigField(
        "--htk-compat",
        Choice(False),
        False,
        "none",
        "It changes the order and the scale of the features.",
    ),
    ConfigField("--vtln-warp", Exactly(1), 1.0, "none", "Filters cannot be warped."),
    ConfigField("--vtln-map", Choice(""), "", "none", "Filters cannot be warped."),
    ConfigField("--min-duration", Exactly(0), 0.0, "none", "Short recordings are not left out."),
    ConfigField("--output-format", Choice("kaldi"), "kaldi", "none", "It is another file format."),
    *without_effect("only with a vtln-warp", "--vtln-low", "--vtln-high", "--utt2spk"),
    *without_effect(
        "only at another sample rate, which is resampled", "--allow-downsample", "--allow-upsample"
    ),
    *without_effect("only with use-energy", "--energy-floor", "--raw-energy"),
    *without_effect(
        "messages, memory or other files",
        "--debug-mel",
        "--max-feature-vectors",
        "--verbose",
        "--print-args",
        "--write-utt2dur",
    ),
)
