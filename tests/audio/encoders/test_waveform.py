"""The encoder "Audio": the waveform, and the first stages of all audio encoders."""

import math
import re
from itertools import combinations

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import (
    All,
    Automatic,
    EncodeError,
    NetEncoder,
    NetGraph,
    Parameter,
    ParameterError,
    Real,
    Varying,
)
from netencoders_audio import WAVEFORM, Audio, AudioError
from netencoders_audio.encoders import signal

EPS = float(np.finfo(np.float32).eps)


def noise(frames, channels=1, seed=0):
    """Return white noise, float32."""
    return np.random.default_rng(seed).uniform(-1, 1, (frames, channels)).astype(np.float32)


def test_defaults():
    """The parameters are those of the waveform, and no others."""
    encoder = NetEncoder("Audio")
    assert WAVEFORM == encoder.declarations
    expected = {"SampleRate": 16000, "Channel": Automatic, "Normalization": None}
    expected |= {
        "TargetLength": All,
        "MaximumLength": All,
        "TargetSide": "Start",
        "TargetFill": "Zero",
    }
    expected |= {"FillSide": Automatic, "MinimumLength": 0, "MultipleOf": 1, "Append": 0}
    expected |= {"SignalPreEmphasis": 0, "Resampling": "SoxrHQ", "ResampledLength": Automatic}
    expected |= {"Augmentation": None, "Seed": None, "Epoch": 0}
    assert expected == encoder.parameters


def test_output_has_time_and_channel():
    """Samples are along the first axis, with a step of one sample."""
    output = NetEncoder("Audio", SampleRate=8000).output
    time, channel = output.axes
    assert ((Varying, 1), "float32", "amplitude") == (output.dims, output.dtype, output.quantity)
    assert ("time", "s", 1 / 8000, 0) == (time.name, time.unit, time.step, time.start)
    assert ("channel", "") == (channel.name, channel.unit)
    assert (4000, 1) == NetEncoder("Audio", SampleRate=8000, TargetLength="0.5 s").output.dims


def test_file_at_its_own_rate_gives_its_samples(speech_path):
    """A mono file of 16 bits gives its exact samples, at its own rate."""
    expected = soundfile.read(speech_path, dtype="float32", always_2d=True)[0]
    np.testing.assert_array_equal(expected, NetEncoder("Audio")(speech_path), strict=True)


@pytest.mark.parametrize(
    ("rate", "channels", "kind"),
    [(8000, 2, "WAV"), (22050, 1, "FLAC"), (44100, 5, "WAV"), (48000, 2, "OGG")],
)
def test_channels_are_averaged_and_rates_resampled(recording, rate, channels, kind):
    """Channels are averaged and rates resampled, as by soxr in one piece (A8, A9)."""
    path = recording(rate, channels, kind)
    frames = soundfile.read(path, always_2d=True)[0]
    expected = soxr.resample(frames.mean(axis=1), rate, 16000, quality="HQ")[:, np.newaxis]
    actual = NetEncoder("Audio")(path)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * np.abs(expected).max())


@settings(max_examples=100)
@given(
    st.integers(1, 60),
    st.integers(1, 3),
    st.none() | st.integers(1, 90),
    st.sampled_from([None, ("Max", 1.0), ("Max", 0.3), ("RMS", 0.2)]),
)
def test_waveform_equals_the_naive_loop(count, channels, length, normalization):
    """Mixing, length and level agree with a loop in Python's floats (A3, A4, A8)."""
    frames = noise(count, channels, seed=count)
    mono = [sum(map(float, frame)) / channels for frame in frames]
    mono = mono[:length]
    if normalization is not None:
        kind, level = normalization
        peak = max(map(abs, mono))
        rms = math.sqrt(sum(sample**2 for sample in mono) / len(mono))
        mono = [sample * level / (peak if kind == "Max" else rms) for sample in mono]
    mono += [0.0] * ((length or 0) - len(mono))
    given_length = {} if length is None else {"TargetLength": length}
    encoder = NetEncoder("Audio", Normalization=normalization, **given_length)
    actual = encoder(Audio(frames, 16000, frames.shape[1]))
    assert (len(mono), 1) == actual.shape
    np.testing.assert_allclose(actual[:, 0], mono, rtol=4 * EPS, atol=4 * EPS * max(map(abs, mono)))


@settings(max_examples=60)
@given(
    st.integers(120, 1500),
    st.integers(1, 3),
    st.sampled_from([8000, 11025, 16000]),
    st.sampled_from([None, "Max", ("RMS", 0.1), ("Standard", 1e-7)]),
    st.just(All) | st.integers(1, 2000),
    st.sampled_from([0, 0.97]),
    st.integers(1, 700),
)
def test_blocks_of_any_size_give_the_same_bits(
    frames, channels, rate, normalization, length, emphasis, block
):
    """Call and stream give the same bits for any size of decoded blocks."""
    audio = Audio(noise(frames, channels), rate)
    encoder = NetEncoder(
        "Audio", Normalization=normalization, TargetLength=length, SignalPreEmphasis=emphasis
    )
    expected = encoder(audio)
    assert encoder.output.problem(expected) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "BLOCK", block)
        np.testing.assert_array_equal(expected, encoder(audio), strict=True)
        streamed = list(encoder.stream(audio))
    np.testing.assert_array_equal(expected, np.concatenate(streamed), strict=True)


@pytest.mark.parametrize("name", ["AudioSTFT", "AudioSpectrogram", "AudioMelSpectrogram"])
@pytest.mark.parametrize("normalization", [None, "Max"])
def test_other_encoders_start_with_the_waveform(recording, name, normalization):
    """Another encoder gives the same bits for a file and for the file's waveform."""
    path = recording(44100, 2)
    waveform = NetEncoder("Audio", Normalization=normalization)(path)
    encoder = NetEncoder(name)
    expected = encoder.replace(Normalization=normalization)(path)
    np.testing.assert_array_equal(expected, encoder(Audio(waveform[:, 0], 16000)), strict=True)


def test_results_own_their_memory():
    """Neither an array nor the blocks of a stream share memory with the caller's samples."""
    samples = noise(300_000)
    audio, encoder = Audio(samples, 16000), NetEncoder("Audio")
    whole, blocks = encoder(audio), list(encoder.stream(audio))
    assert len(blocks) > 1
    for one, other in combinations([samples, whole, *blocks], 2):
        assert not np.shares_memory(one, other)


@pytest.mark.parametrize("shape", [(100, 1), (100,), (1, 100), (1, 1)])
@pytest.mark.parametrize(
    "encoder",
    [
        NetEncoder("Audio"),
        NetEncoder("Audio", TargetLength=100, Normalization="Max"),
        NetEncoder("SpeechWaveform"),
    ],
    ids=str,
)
def test_bare_waveform_is_refused(encoder, shape):
    """An array that may be samples is refused, also in the form of the output (A38)."""
    array = np.zeros(shape, np.float32)
    ways = [encoder, lambda value: list(encoder.stream(value)), lambda value: encoder([value])]
    for way in ways:
        message = rf"array of shape {re.escape(str(shape))} .* Audio\(samples(\.T)?, rate\)"
        with pytest.raises(AudioError, match=message) as caught:
            way(array)
        assert "bare-array" == caught.value.code


def test_encoded_waveform_is_refused_with_the_remedies():
    """The remedy names the wrapper, and the net that takes the array; both work."""
    encoder = NetEncoder("Audio")
    array = encoder(Audio(noise(100), 16000))
    remedy = "if it is encoded already, net.replace(Input=None) returns a net that takes it)"
    with pytest.raises(AudioError, match=re.escape(remedy)):
        encoder(array)
    assert np.array_equal(array, encoder(Audio(array, 16000)))
    net = NetGraph({"loudest": np.max}, [], Input=encoder)
    with pytest.raises(AudioError, match="may be samples") as caught:
        net(array)
    notes = ["at the input port 'Input' of the net"]
    notes += ["replace(Input=None) returns a net that takes encoded arrays"]
    assert notes == caught.value.__notes__
    assert array.max() == net.replace(Input=None)(array) == net(Audio(array, 16000))


def test_stream_yields_samples_before_the_end_is_read():
    """A long stream yields its first samples before the last are read."""
    samples = noise(300_000)
    samples[-1] = np.nan
    stream = NetEncoder("Audio").stream(Audio(samples, 16000))
    assert np.array_equal(samples[:1000], next(stream)[:1000])
    with pytest.raises(EncodeError, match="the sample at frame 299999 of channel 0 is nan"):
        list(stream)


def test_normalization_refuses_a_stream_of_single_pass_blocks():
    """A call keeps samples for the second pass of Normalization; a stream is refused."""
    samples, encoder = noise(5000), NetEncoder("Audio", Normalization="Max")
    halves = [Audio(samples[:2500], 16000), Audio(samples[2500:], 16000)]
    assert np.array_equal(encoder(Audio(samples, 16000)), encoder(iter(halves)))
    with pytest.raises(AudioError, match="blocks from an iterator can be read once"):
        list(encoder.stream(iter(halves)))


def test_audio_without_samples_is_refused():
    """Audio without samples is an error, also after resampling (A10)."""
    with pytest.raises(AudioError, match=r"^Audio: no samples"):
        NetEncoder("Audio")(Audio(np.zeros(0), 16000))
    with pytest.raises(AudioError, match=r"^Audio: no samples at 16000 Hz \(remove it from"):
        NetEncoder("Audio")(Audio(np.ones(1), 44100))  # less than half a sample


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"SampleRate": 10_000_001}, "'SampleRate' must be at most 10000000. Got 10000001."),
        ({"TargetLength": 2**31}, "'TargetLength' must be at most 2147483647. Got 2147483648."),
        ({"TargetLength": 0}, "'TargetLength' must be All, an integer >= 1 or a duration. Got 0."),
        ({"MinimumLength": 2**31}, "'MinimumLength' must be at most 2147483647. Got 2147483648."),
        ({"MultipleOf": 2**31}, "'MultipleOf' must be at most 2147483647. Got 2147483648."),
        ({"Append": 2**31}, "'Append' must be at most 2147483647. Got 2147483648."),
        ({"MinimumLength": -1}, "'MinimumLength' must be an integer >= 0 or a duration. Got -1."),
        ({"MultipleOf": 0}, "'MultipleOf' must be an integer >= 1 or a duration. Got 0."),
        ({"Append": None}, "'Append' must be an integer >= 0 or a duration. Got None."),
        ({"TargetSide": "Both"}, "'TargetSide' must be 'Start', None or 'End'. Got 'Both'."),
        ({"TargetFill": 0}, "'TargetFill' must be 'Zero', 'Cycle' or 'Repeat'. Got 0."),
        ({"FillSide": None}, "'FillSide' must be 'End', 'Start', 'Both' or Automatic. Got None."),
        (
            {"TargetLength": 99, "MinimumLength": 100},
            "'MinimumLength' must be at most TargetLength, which is 99. Got 100.",
        ),
        (
            {"WindowSize": 400},
            "unknown parameter 'WindowSize'. It is a parameter of the encoder 'AudioSpectrogram'.",
        ),
    ],
)
def test_refused_parameters(parameters, problem):
    """Values above the maximum and parameters without an effect are refused (A23)."""
    with pytest.raises(ParameterError) as caught:
        NetEncoder("Audio", **parameters)
    (problem_text,) = caught.value.problems
    assert problem_text.startswith(problem)


def test_mono_samples_takes_the_declared_defaults(monkeypatch):
    """A waveform parameter that is added later reaches `mono_samples` with its default."""
    added = Parameter("Gain", Real(above=0), default=0.5)
    waveform = signal.waveform

    def with_gain(recording, resolved):
        assert {"Gain", *(parameter.name for parameter in WAVEFORM)} == set(resolved)
        return (block * resolved["Gain"] for block in waveform(recording, resolved))

    monkeypatch.setattr(signal, "WAVEFORM", (*signal.WAVEFORM, added))
    monkeypatch.setattr(signal, "waveform", with_gain)
    assert [0.5, -0.25] == signal.mono_samples(Audio([1.0, -0.5], 8000), 8000).tolist()


@pytest.mark.parametrize("normalization", [None, "Max"])
def test_pre_emphasis_of_the_whole_signal(normalization):
    """It applies to the kept and normalized samples, and the zeros of TargetLength stay zeros."""
    audio = Audio(noise(1000), 8000)
    given_values = {"SampleRate": 8000, "Normalization": normalization}
    x = NetEncoder("Audio", **given_values)(audio)[:, 0]
    expected = np.r_[x[0], x[1:] - np.float32(0.97) * x[:-1]]
    encoder = NetEncoder("Audio", SignalPreEmphasis=0.97, **given_values)
    assert np.array_equal(expected, encoder(audio)[:, 0])
    longer = encoder.replace(TargetLength=1500)(audio)[:, 0]
    assert np.array_equal(np.pad(expected, (0, 500)), longer)
    shorter = encoder.replace(TargetLength=600, Normalization=None)(audio)[:, 0]
    y = noise(1000)[:600, 0]
    assert np.array_equal(np.r_[y[0], y[1:] - np.float32(0.97) * y[:-1]], shorter)


def test_pre_emphasis_is_that_of_the_resampled_signal():
    """A spectrogram with the parameter is that of the emphasized waveform at its rate."""
    audio, emphasis = Audio(noise(30_000, 2), 44100), {"SignalPreEmphasis": 0.97}
    waveform = NetEncoder("Audio", **emphasis)(audio)
    for name in ("AudioSpectrogram", "AudioMFCC"):
        expected = NetEncoder(name)(Audio(waveform[:, 0], 16000))
        assert np.array_equal(expected, NetEncoder(name, **emphasis)(audio))
    plain = NetEncoder("AudioSpectrogram", PreEmphasis=0.97)(audio)
    assert not np.allclose(plain, NetEncoder("AudioSpectrogram", **emphasis)(audio), rtol=0.1)


@pytest.mark.parametrize("value", [-0.1, 1.5, True, None, "0.97", Automatic])
def test_pre_emphasis_outside_of_its_range_is_refused(value):
    """A share is a number from 0 to 1."""
    message = re.escape(f"'SignalPreEmphasis' must be a number from 0 to 1. Got {value!r}.")
    with pytest.raises(ParameterError, match=message):
        NetEncoder("Audio", SignalPreEmphasis=value)


def test_no_pre_emphasis_is_neutral():
    """Without emphasis the digest stays."""
    encoder = NetEncoder("Audio")
    assert encoder.digest == encoder.replace(SignalPreEmphasis=0.0).digest
    assert encoder.digest != encoder.replace(SignalPreEmphasis=0.5).digest


def test_standard_is_that_of_the_kept_samples():
    """Mean and variance are those of the samples before the end; added zeros stay zeros."""
    audio = Audio(noise(1000) + 0.25, 8000)
    encoder = NetEncoder("Audio", SampleRate=8000, Normalization=["Standard", 1e-7])
    x = (noise(1000)[:, 0] + 0.25).astype("f8")
    expected = (x - x.mean()) / np.sqrt(x.var() + 1e-7)
    np.testing.assert_allclose(encoder(audio)[:, 0], expected, rtol=0, atol=4 * EPS)
    longer = encoder.replace(TargetLength=1500)(audio)
    assert np.array_equal(np.pad(encoder(audio), ((0, 500), (0, 0))), longer)
    x = x[:600]
    expected = (x - x.mean()) / np.sqrt(x.var() + 1e-7)
    shorter = encoder.replace(TargetLength=600)(audio)
    np.testing.assert_allclose(shorter[:, 0], expected, rtol=0, atol=4 * EPS)


def test_epsilon_of_standard_is_declared():
    """The epsilon has an effect on quiet recordings, and is part of the digest."""
    audio = Audio(1e-4 * noise(1000), 16000)
    small, large = (NetEncoder("Audio", Normalization=["Standard", e]) for e in (1e-12, 1e-5))
    assert 1 == pytest.approx(float(small(audio).std()), rel=1e-3)
    assert small(audio).std() > 10 * large(audio).std()
    assert small.digest != large.digest


def test_standard_refuses_a_stream_of_single_pass_blocks():
    """It needs two passes, as the other kinds of Normalization."""
    encoder = NetEncoder("Audio", Normalization=["Standard", 1e-7])
    blocks = [Audio(part, 16000) for part in np.split(noise(5000), 10)]
    assert np.array_equal(encoder(Audio(noise(5000), 16000)), encoder(iter(blocks)))
    with pytest.raises(AudioError, match="blocks from an iterator can be read once"):
        list(encoder.stream(iter(blocks)))
