"""Names of other libraries whose meaning differs from that of a parameter, or that have none.

`Parameter.known_as` has the names of the same meaning. The sentences here are written with the
value that the user gave. The module is long because each of these names has a sentence of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from netencoders.corrections import corrections, written
from netencoders.errors import folded
from netencoders.parameters import Parameter, short
from netencoders_audio.encoders.parameters import (
    CEPSTRUM,
    CONDITION,
    FOURIER,
    MEL,
    PARTITIONS,
    POWER,
)

__all__ = ["name_hint"]

Sentence = Callable[[Any, Mapping[str, Any]], str]

_OWNERS: Final = {
    "AudioSpectrogram": (*PARTITIONS, *CONDITION, *FOURIER, *POWER),
    "AudioMelSpectrogram": MEL,
    "AudioMFCC": CEPSTRUM,
}


def name_hint(name: str, given: Mapping[str, Any], parameters: Collection[Parameter]) -> str:
    """Return a sentence about a name that is no parameter, or an empty text.

    Parameters
    ----------
    name : str
    given : mapping of str to object
        All given values, by name.
    parameters : collection of Parameter
        Those of the encoder.
    """
    key, declared = folded(name), {parameter.name for parameter in parameters}
    for needed, names, sentence in _SENTENCES:
        if key in names and (needed in declared if needed else True):
            return sentence(given[name], {folded(other): item for other, item in given.items()})
    if _stands_for(key, parameters):
        return ""
    if key in _LAYERS:
        return _LAYERS[key](given[name])
    for owner, others in _OWNERS.items():
        if parameter := _stands_for(key, others):
            if parameter == name:
                return f"It is a parameter of the encoder {owner!r}."
            return f"Did you mean {parameter!r} of the encoder {owner!r}?"
    return ""


def _stands_for(key: str, parameters: Collection[Parameter]) -> str | None:
    """Return the parameter that a name stands for, or None."""
    for parameter in parameters:
        if key in map(folded, (parameter.name, *parameter.known_as)):
            return parameter.name
    return None


def _did_you_mean(name: str, *lines: str) -> str:
    return " ".join([f"Did you mean {name!r}?", *lines])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _milliseconds(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") + " ms"


_LENGTHS: Final = {folded(name) for name in (PARTITIONS[0].name, *PARTITIONS[0].known_as)}
"""The names of 'WindowSize'."""


def _transform(value: Any, given: Mapping[str, Any]) -> str:
    if _LENGTHS & {*given}:
        note = "WindowPlacement='Center' puts a shorter window in the middle, as librosa and torch."
        return _did_you_mean("FFTLength", f"Write FFTLength={short(value)}.", note)
    return _did_you_mean(
        "FFTLength",
        "The frame itself is 'WindowSize': in librosa and torch it has n_fft samples if there is "
        f"no win_length, so write WindowSize={short(value)}, which 'FFTLength' follows.",
    )


def _window_length(value: Any, given: Mapping[str, Any]) -> str:
    note = "librosa and torch put a window shorter than n_fft in the middle: "
    return _did_you_mean(
        "WindowSize", f"Write WindowSize={short(value)}.", f"{note}WindowPlacement='Center'."
    )


def _kaldi_time(parameter: str) -> Sentence:
    def sentence(value: Any, given: Mapping[str, Any]) -> str:
        if not _is_number(value):
            return _did_you_mean(parameter)
        line = f"Kaldi's is in ms: write {parameter}={_milliseconds(value)!r}"
        count = f", or {parameter}={int(value)} for samples" if float(value).is_integer() else ""
        return _did_you_mean(parameter, f"{line}{count}.")

    return sentence


def _seconds(parameter: str) -> Sentence:
    def sentence(value: Any, given: Mapping[str, Any]) -> str:
        if isinstance(value, float) and _is_number(value):
            line = f"{parameter}={_milliseconds(value * 1000)!r}"
            return _did_you_mean(parameter, f"{value:g} s is {line}.")
        if isinstance(value, int) and not isinstance(value, bool):
            return _did_you_mean(parameter, f"Write {parameter}={short(value)}, in samples.")
        return _did_you_mean(parameter)

    return sentence


def _overlap(value: Any, given: Mapping[str, Any]) -> str:
    size = given.get("nperseg", given.get("windowsize"))
    exact = isinstance(size, int) and isinstance(value, int)
    line = f"write Offset={size - value}" if exact else "write Offset=nperseg - noverlap"
    return _did_you_mean("Offset", f"It is the hop, not the overlap: {line}.")


def _centre(value: Any, given: Mapping[str, Any]) -> str:
    if value is False:
        return _did_you_mean("PartitionPadding", "Write PartitionPadding=None (null in YAML).")
    mode = given.get("padmode")
    if isinstance(mode, str) and mode in _PADDINGS:
        return _did_you_mean("PartitionPadding", f"Write PartitionPadding={_PADDINGS[mode]!r}.")
    return _did_you_mean(
        "PartitionPadding",
        "Write PartitionPadding='Center' for zeros, the default of librosa, or 'CenterReflect' "
        "for reflected samples, the default of torch.",
    )


_PADDINGS: Final = {"constant": "Center", "reflect": "CenterReflect"}


def _padding_mode(value: Any, given: Mapping[str, Any]) -> str:
    if isinstance(value, str) and value in _PADDINGS:
        return _did_you_mean("PartitionPadding", f"Write PartitionPadding={_PADDINGS[value]!r}.")
    return _did_you_mean("PartitionPadding")


def _edges(value: Any, given: Mapping[str, Any]) -> str:
    if value is True:
        return _did_you_mean("PartitionPadding", "Write PartitionPadding=None (null in YAML).")
    return _did_you_mean(
        "PartitionPadding",
        "snip_edges=False mirrors (WindowSize - Offset) / 2 samples before the signal: "
        "PartitionPadding=[120, 200, 'Symmetric'] for frames of 400 and a hop of 160.",
    )


def _power(value: Any, given: Mapping[str, Any]) -> str:
    if value is None:
        return _did_you_mean("Power", "power=None is the encoder 'AudioSTFT'.")
    if _is_number(value) and value in (1, 2):
        return _did_you_mean("Power", f"Write Power={int(value)}.")
    return _did_you_mean("Power", "It is 2, the squared magnitude, or 1, the magnitude.")


def _window(value: Any, given: Mapping[str, Any]) -> str:
    name = value if isinstance(value, str) else getattr(value, "__name__", "")
    name = name.removesuffix("_window") if isinstance(name, str) and len(name) < 40 else ""
    name = "hann" if name == "hanning" else name
    if not name.isidentifier():
        return _did_you_mean("WindowFunction")
    symmetric = "Kaldi's and numpy's windows are symmetric"
    line = f"{symmetric}: write WindowFunction='{name}_symmetric'"
    plain = f"; the periodic ones of librosa and torch are '{name}'" if name != "povey" else ""
    return _did_you_mean("WindowFunction", f"{line}{plain}.")


def _highest(value: Any, given: Mapping[str, Any]) -> str:
    if value is None or (_is_number(value) and value == 0):
        note = "Half the SampleRate is the default: leave it out."
        return _did_you_mean("MaximumFrequency", note)
    if _is_number(value) and value < 0:
        note = f"Kaldi's {value:g} is {-value:g} Hz below half the SampleRate"
        return _did_you_mean(
            "MaximumFrequency", f"{note}: write MaximumFrequency={8000 + value:g} at 16000 Hz."
        )
    return _did_you_mean("MaximumFrequency", f"Write MaximumFrequency={short(value)}.")


def _scale(value: Any, given: Mapping[str, Any]) -> str:
    text = value.casefold() if isinstance(value, str) else ""
    if value is True or text == "htk":
        return _did_you_mean("MelScale", "Write MelScale='HTK'.")
    if value is False or text == "slaney":
        return _did_you_mean("MelScale", "Write MelScale='Slaney'.")
    return _did_you_mean("MelScale")


def _norm(value: Any, given: Mapping[str, Any]) -> str:
    if isinstance(value, str) and value == "ortho":
        return _did_you_mean("CosineScaling", "Write CosineScaling='Orthonormal'.")
    line = "Slaney" if isinstance(value, str) and value.casefold() == "slaney" else None
    if line or value is None:
        return _did_you_mean(
            "FilterNormalization", f"Write {written('FilterNormalization', line)}."
        )
    return _did_you_mean("FilterNormalization", "It is None or 'Slaney'.")


def _normalized(value: Any, given: Mapping[str, Any]) -> str:
    if value is False:
        return _did_you_mean("WindowScaling", "None is the default: leave it out.")
    return _did_you_mean("WindowScaling", "torchaudio's normalized=True is WindowScaling='Energy'.")


def _emphasis(value: Any, given: Mapping[str, Any]) -> str:
    return _did_you_mean(
        "SignalPreEmphasis",
        f"Write SignalPreEmphasis={short(value)} for the whole signal, as in NeMo, librosa and "
        "python_speech_features; 'PreEmphasis' is that of each frame, as in Kaldi.",
    )


def _range(value: Any, given: Mapping[str, Any]) -> str:
    return _did_you_mean(
        "DynamicRange",
        f"Write DynamicRange={short(value)}. It is relative to the largest value of the recording, "
        "and None by default; librosa's logarithm is Logarithm='Decibel'.",
    )


def _lifter(value: Any, given: Mapping[str, Any]) -> str:
    return _did_you_mean(
        "Liftering",
        f"It counts coefficients from 0, as Kaldi and HTK: write Liftering={short(value)} for "
        "theirs. librosa counts from 1, which has no parameter here.",
    )


def _start(value: Any, given: Mapping[str, Any]) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return _did_you_mean("Offset", f"It is the hop: write Offset={short(value)}.")
    return (
        "'Offset' is the hop. The start of an excerpt is part of the input: "
        f"Audio.open(path, start={short(value)})."
    )


def _length(value: Any, given: Mapping[str, Any]) -> str:
    found = [item for item in corrections(value) if isinstance(item, str) and item.endswith(" s")]
    line = f"{value} s" if isinstance(value, int) else [*found, ""][0]
    write = f"Write TargetLength={line!r}." if line and value is not True else ""
    return _did_you_mean("TargetLength", f"It cuts and fills to this length. {write}".strip())


def _channel(value: Any, given: Mapping[str, Any]) -> str:
    note = "The mean of the channels is the default" if value is True else "Each array has one"
    return _did_you_mean("Channel", f"{note}: leave it out, or write Channel=0.")


_SENTENCES: Final[tuple[tuple[str, tuple[str, ...], Sentence], ...]] = (
    ("FFTLength", ("nfft", "fftsize"), _transform),
    ("WindowPlacement", ("winlength",), _window_length),
    ("WindowSize", ("framelength", "framelengthms"), _kaldi_time("WindowSize")),
    ("Offset", ("frameshift", "frameshiftms"), _kaldi_time("Offset")),
    ("WindowSize", ("winlen", "windowsize"), _seconds("WindowSize")),
    ("Offset", ("winstep", "windowstride", "framestride"), _seconds("Offset")),
    ("Offset", ("noverlap",), _overlap),
    ("Offset", ("offset",), _start),
    ("PartitionPadding", ("center",), _centre),
    ("PartitionPadding", ("padmode",), _padding_mode),
    ("PartitionPadding", ("snipedges",), _edges),
    ("WindowFunction", ("windowtype", "winfunc", "windowfn"), _window),
    ("WindowScaling", ("normalized",), _normalized),
    ("Power", ("power", "magpower"), _power),
    ("MaximumFrequency", ("fmax", "highfreq"), _highest),
    ("MelScale", ("htk", "melscale"), _scale),
    ("FilterNormalization", ("norm",), _norm),
    ("SignalPreEmphasis", ("preemph", "preemphasis"), _emphasis),
    ("DynamicRange", ("topdb",), _range),
    ("Liftering", ("lifter",), _lifter),
    ("TargetLength", ("chunklength", "duration"), _length),
    ("Channel", ("mono", "tomono"), _channel),
)
"""The parameter that an encoder needs for a sentence, the names in folded form, the sentence."""


def _layer(line: str) -> Callable[[Any], str]:
    return lambda value: f"It is a layer: .then({line.format(short(value))})."


def _says(text: str) -> Callable[[Any], str]:
    return lambda value: text


_LAYERS: Final[dict[str, Callable[[Any], str]]] = {
    "topdb": lambda value: (
        "It is the layer 'DynamicRange', after a logarithm: "
        f'.then("Log", Base="Decibel").then("DynamicRange", Below={short(value)}).'
    ),
    "amin": _layer('"Log", Base="Decibel", Floor={}'),
    "ref": _says('For the maximum it is a layer: .then("SubtractMaximum").'),
    **dict.fromkeys(("log", "uselogfbank", "logmels"), _layer('"Log"')),
    "normalize": _layer('"Standardize"'),
    "donormalize": _says(
        "Did you mean 'Normalization'? Write Normalization=['Standard', 1e-7] for waveforms."
    ),
    "dither": _says("Dither is random noise, and none is added: leave it out."),
    "padding": _says("encoder.batch(values) pads a batch; 'TargetLength' pads one recording."),
    "returntensors": _says("Arrays are of numpy: torch.from_numpy(array) is a tensor."),
    "device": _says("Encoders compute on the processor: leave it out."),
    "onesided": _says("The transform of real samples has one side: leave it out."),
    "dcttype": _says("The cosine transform is of type 2: leave it out."),
    "melkwargs": _says("Its items are parameters here: n_mels is 'NumberOfFilters'."),
    "roundtopoweroftwo": _says("Write FFTLength=512 for a 'WindowSize' of 400 samples."),
}
"""Sentences about names that are layers, or not needed, by their folded form."""
