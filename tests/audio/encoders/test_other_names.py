"""Names of other libraries: the answer names the parameter, and the line with the user's value."""

import ast
import re

import numpy as np
import pytest

from netencoders import NetEncoder, ParameterError, encoders, layers
from netencoders.errors import folded
from netencoders_audio.encoders import other_names

MEL, MFCC = "AudioMelSpectrogram", "AudioMFCC"
OWN = [
    name
    for name, record in encoders().items()
    if record.encoder.__module__.startswith("netencoders_audio") and record.derived_from is None
]


def answers(encoder, given):
    """Return the answer to each name."""
    with pytest.raises(ParameterError) as caught:
        NetEncoder(encoder, **given)
    found = {}
    for problem in caught.value.problems:
        name, answer = re.fullmatch(r"unknown parameter '(\w+)'\. ?(.*)", problem).groups()
        found[name] = answer
    return found


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("hop_length", 160, "Offset=160"),
        ("HopLength", 160, "Offset=160"),
        ("hop_size", 160, "Offset=160"),
        ("frame_step", 160, "Offset=160"),
        ("n_window_stride", 160, "Offset=160"),
        ("nperseg", 400, "WindowSize=400"),
        ("n_window_size", 400, "WindowSize=400"),
        ("n_mels", 80, "NumberOfFilters=80"),
        ("num_mel_bins", 80, "NumberOfFilters=80"),
        ("nfilt", 26, "NumberOfFilters=26"),
        ("feature_size", 80, "NumberOfFilters=80"),
        ("fmin", 20, "MinimumFrequency=20"),
        ("low_freq", 20, "MinimumFrequency=20"),
        ("lowfreq", 20, "MinimumFrequency=20"),
        ("fmax", 8000, "MaximumFrequency=8000"),
        ("sr", 16000, "SampleRate=16000"),
        ("fs", 16000, "SampleRate=16000"),
        ("sample_frequency", 16000, "SampleRate=16000"),
        ("sampling_rate", 16000, "SampleRate=16000"),
        ("window", "hann", "WindowFunction='hann'"),
        ("power", 2.0, "Power=2"),
        ("power", 1, "Power=1"),
        ("mag_power", 2.0, "Power=2"),
        ("htk", True, "MelScale='HTK'"),
        ("htk", False, "MelScale='Slaney'"),
        ("mel_scale", "slaney", "MelScale='Slaney'"),
        ("norm", "slaney", "FilterNormalization='Slaney'"),
        ("norm", None, "FilterNormalization=None (null in YAML)"),
        ("pad_mode", "reflect", "PartitionPadding='CenterReflect'"),
        ("pad_mode", "constant", "PartitionPadding='Center'"),
        ("center", False, "PartitionPadding=None (null in YAML)"),
        ("snip_edges", True, "PartitionPadding=None (null in YAML)"),
        ("chunk_length", 30, "TargetLength='30 s'"),
    ],
)
def test_name_has_the_line_to_write(name, value, line):
    """A name of the same meaning is answered with the parameter and the user's value."""
    parameter = line.partition("=")[0]
    answer = answers(MEL, {name: value})[name]
    assert answer.startswith(f"Did you mean '{parameter}'?")
    assert answer.endswith(f"Write {line}.")
    text = line.partition("=")[2].partition(" (")[0]
    next(of for of in encoders()[MEL].parameters if of.name == parameter).check(
        ast.literal_eval(text)
    )


@pytest.mark.parametrize(
    ("encoder", "given", "name", "words"),
    [
        (MEL, {"n_fft": 512}, "n_fft", "'FFTLength'? The frame itself is 'WindowSize': in librosa"),
        (MEL, {"n_fft": 512}, "n_fft", "write WindowSize=512, which 'FFTLength' follows."),
        (MEL, {"n_fft": 512, "win_length": 400}, "n_fft", "'FFTLength'? Write FFTLength=512."),
        (MEL, {"nfft": 512, "winlen": 0.02}, "nfft", "'FFTLength'? Write FFTLength=512."),
        (MEL, {"win_length": 400}, "win_length", "'WindowSize'? Write WindowSize=400. librosa and"),
        (MEL, {"win_length": 400}, "win_length", "in the middle: WindowPlacement='Center'."),
        (MEL, {"frame_length": 25}, "frame_length", "in ms: write WindowSize='25 ms', or Window"),
        (MEL, {"frame_length": 25.0}, "frame_length", "or WindowSize=25 for samples."),
        (MEL, {"frame_shift": 12.5}, "frame_shift", "in ms: write Offset='12.5 ms'."),
        (MEL, {"frame_shift": "x"}, "frame_shift", "Did you mean 'Offset'?"),
        (MEL, {"winlen": 0.025}, "winlen", "'WindowSize'? 0.025 s is WindowSize='25 ms'."),
        (MEL, {"winstep": 0.01}, "winstep", "'Offset'? 0.01 s is Offset='10 ms'."),
        (MEL, {"window_size": 0.02}, "window_size", "0.02 s is WindowSize='20 ms'."),
        (MEL, {"window_stride": 160}, "window_stride", "Write Offset=160, in samples."),
        (MEL, {"window_stride": "x"}, "window_stride", "Did you mean 'Offset'?"),
        (MEL, {"noverlap": 240, "nperseg": 400}, "noverlap", "not the overlap: write Offset=160."),
        (MEL, {"noverlap": 240}, "noverlap", "write Offset=nperseg - noverlap."),
        (MEL, {"center": True}, "center", "PartitionPadding='Center' for zeros, the default of l"),
        (MEL, {"center": True, "pad_mode": "reflect"}, "center", "PartitionPadding='CenterReflect"),
        (MEL, {"pad_mode": "edge"}, "pad_mode", "Did you mean 'PartitionPadding'?"),
        (MEL, {"snip_edges": False}, "snip_edges", "PartitionPadding=[120, 200, 'Symmetric'] for"),
        (MEL, {"power": None}, "power", "'Power'? power=None is the encoder 'AudioSTFT'."),
        (MEL, {"power": 0.5}, "power", "It is 2, the squared magnitude, or 1, the magnitude."),
        (MEL, {"window_type": "povey"}, "window_type", "write WindowFunction='povey_symmetric'."),
        (MEL, {"window_type": "hanning"}, "window_type", "'hann_symmetric'; the periodic ones of"),
        (MEL, {"winfunc": np.hamming}, "winfunc", "WindowFunction='hamming_symmetric'; the period"),
        (MEL, {"window_fn": 3}, "window_fn", "Did you mean 'WindowFunction'?"),
        (MEL, {"high_freq": 0}, "high_freq", "Half the SampleRate is the default: leave it out."),
        (MEL, {"high_freq": -400}, "high_freq", "-400 is 400 Hz below half the SampleRate: write "),
        (MEL, {"fmax": None}, "fmax", "Half the SampleRate is the default: leave it out."),
        (MEL, {"norm": 2}, "norm", "It is None or 'Slaney'."),
        (MFCC, {"norm": "ortho"}, "norm", "'CosineScaling'? Write CosineScaling='Orthonormal'."),
        (MEL, {"normalized": True}, "normalized", "normalized=True is WindowScaling='Energy'."),
        (MEL, {"normalized": False}, "normalized", "None is the default: leave it out."),
        (MEL, {"preemph": 0.97}, "preemph", "Write SignalPreEmphasis=0.97 for the whole signal"),
        (MEL, {"top_db": 80}, "top_db", '.then("DynamicRange", Below=80).'),
        (MFCC, {"top_db": 80}, "top_db", "'DynamicRange'? Write DynamicRange=80. It is relative"),
        (MFCC, {"lifter": 22}, "lifter", "from 0, as Kaldi and HTK: write Liftering=22"),
        (MEL, {"offset": 1.5}, "offset", "part of the input: Audio.open(path, start=1.5)."),
        (MEL, {"offset": 160}, "offset", "'Offset'? It is the hop: write Offset=160."),
        (MEL, {"duration": 2.5}, "duration", "Write TargetLength='2.5 s'."),
        (MEL, {"mono": True}, "mono", "The mean of the channels is the default: leave it out"),
        (MEL, {"mono": False}, "mono", "Each array has one: leave it out, or write Channel=0."),
        (MEL, {"log": True}, "log", 'It is a layer: .then("Log").'),
        (MEL, {"amin": 1e-10}, "amin", '.then("Log", Base="Decibel", Floor=1e-10).'),
        (MEL, {"n_mfcc": 13}, "n_mfcc", "'NumberOfCoefficients' of the encoder 'AudioMFCC'?"),
        ("Audio", {"n_mels": 80}, "n_mels", "'NumberOfFilters' of the encoder 'AudioMelSpectro"),
        ("Audio", {"hop_length": 160}, "hop_length", "'Offset' of the encoder 'AudioSpectrogram'?"),
        (
            "Audio",
            {"Offset": 160},
            "Offset",
            "It is a parameter of the encoder 'AudioSpectrogram'.",
        ),
        ("Whisper", {"n_mels": 128}, "n_mels", "Write NumberOfFilters=128."),
        (MEL, {"dither": 0}, "dither", "Dither is random noise, and none is added: leave it out."),
        (MEL, {"Frames": 1}, "Frames", "Known: SampleRate, Resampling, ResampledLength, Channel,"),
        (MEL, {"zzz": 1}, "zzz", "Known: SampleRate, Resampling, ResampledLength, Channel,"),
    ],
)
def test_other_meaning_is_explained(encoder, given, name, words):
    """A name whose meaning differs is answered with the difference, or with the layer."""
    assert words in answers(encoder, given)[name]


@pytest.mark.parametrize("encoder", OWN)
def test_every_answer_is_short_for_any_value(encoder):
    """Each name of the tables has an answer on one line for values of any type."""
    names = {name for _, of, _ in other_names._SENTENCES for name in of} | {*other_names._LAYERS}
    declared = {folded(parameter.name) for parameter in encoders()[encoder].parameters}
    numbers = [0, -1, 3, 0.5, float("nan"), float("inf"), 10**400]
    for value in (None, True, False, *numbers, "x" * 1000, [1], {}, print, np.zeros(3)):
        given = dict.fromkeys(sorted(names - declared), value)
        for answer in answers(encoder, given).values():
            assert len(answer) < 1000
            assert answer.isprintable()


def test_named_parameters_and_layers_exist():
    """Each name in quotes is that of a parameter, an encoder, a layer or a value."""
    known = {parameter.name for name in OWN for parameter in encoders()[name].parameters}
    known |= {*encoders(), *layers()}
    for needed, names, sentence in other_names._SENTENCES:
        assert needed in known
        assert all(folded(name) == name for name in names)
        text = sentence(3, {})
        assert re.findall(r"'([A-Z]\w+)'\?", text)[0] in known
    for name, sentence in other_names._LAYERS.items():
        assert folded(name) == name
        assert {*re.findall(r"then\(\"(\w+)\"", sentence(3))} <= known
