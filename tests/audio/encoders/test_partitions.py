"""AudioPartitions: frames without window or transform (A47)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import NetEncoder, ParameterError, Varying
from netencoders_audio import RAW_PARTITIONS, WAVEFORM, Audio, AudioError
from netencoders_audio.encoders import rows as rows_module

RATE = 16000


def noise(count, seed=0):
    """Return white noise with a mean."""
    return (np.random.default_rng(seed).uniform(-0.5, 0.5, count) + 0.05).astype(np.float32)


def padded(samples, size, padding):
    """Return the signal with its padding."""
    if padding == "Right":
        return np.pad(samples, (0, size - 1))
    if padding is None:
        return samples
    mode = "constant" if padding == "Center" else "reflect"
    return np.pad(samples, size // 2, mode=mode)


def naive(samples, size, offset, padding):
    """Return the partitions, by slices."""
    signal = padded(samples, size, padding)
    starts = range(0, len(signal) - size + 1, offset)
    return np.array([signal[start : start + size] for start in starts])


def cut(samples, size):
    """Yield an array as Audio blocks of one size."""
    for start in range(0, len(samples), size):
        yield Audio(samples[start : start + size], RATE)


def test_defaults():
    """The parameters are those of the waveform and of partitions, without a window."""
    encoder = NetEncoder("AudioPartitions")
    assert (*WAVEFORM, *RAW_PARTITIONS) == encoder.declarations
    names = [parameter.name for parameter in encoder.declarations]
    more = ["WindowSize", "Offset", "PartitionPadding", "RemoveMean", "PreEmphasis"]
    assert [*(parameter.name for parameter in WAVEFORM), *more] == names
    spectrogram = NetEncoder("AudioSpectrogram").resolved
    assert {name: spectrogram[name] for name in names} == encoder.resolved


@pytest.mark.parametrize("name", ["WindowFunction", "WindowScaling", "FFTLength", "Power"])
def test_parameters_of_a_window_and_a_transform_are_unknown(name):
    """A parameter without an effect is refused."""
    with pytest.raises(ParameterError, match=f"unknown parameter '{name}'"):
        NetEncoder("AudioPartitions", **{name: 512})


def test_output_has_time_and_samples():
    """The first axis is the time of the centre, the second counts samples in the partition."""
    encoder = NetEncoder("AudioPartitions", SampleRate=8000, WindowSize=100, Offset=40)
    output = encoder.output
    assert ((Varying, 100), "float32", "amplitude") == (output.dims, output.dtype, output.quantity)
    time, sample = output.axes
    assert ("time", 0.005, 50 / 8000) == (time.name, time.step, time.start)
    assert ("sample", "", 1, 0) == (sample.name, sample.unit, sample.step, sample.start)
    assert 0 == encoder.replace(PartitionPadding="Center").output.axes[0].start
    assert (200, 100) == encoder.replace(TargetLength=8000).output.dims


@settings(max_examples=60)
@given(
    size=st.integers(1, 300),
    offset=st.integers(1, 400),
    padding=st.sampled_from([None, "Right", "Center", "CenterReflect"]),
    count=st.integers(300, 3000),
    block=st.sampled_from([1000, 77, 5000]),
)
def test_partitions_equal_slices_of_the_signal(size, offset, padding, count, block):
    """Each partition is a slice of the padded signal, bit for bit, in a call and in a stream."""
    samples = noise(count)
    encoder = NetEncoder(
        "AudioPartitions", WindowSize=size, Offset=offset, PartitionPadding=padding
    )
    expected = naive(samples, size, offset, padding)
    np.testing.assert_array_equal(expected, encoder(Audio(samples, RATE)), strict=True)
    streamed = list(encoder.stream(cut(samples, block)))
    np.testing.assert_array_equal(expected, np.concatenate(streamed), strict=True)


@settings(max_examples=40)
@given(
    size=st.integers(1, 200),
    offset=st.sampled_from([1, 2, 50, 250]),
    remove_mean=st.booleans(),
    coefficient=st.sampled_from([0, 0.97]),
    block=st.sampled_from([100, 1601, 5000]),
)
def test_conditioned_partitions_equal_the_naive_ones(size, offset, remove_mean, coefficient, block):
    """RemoveMean and PreEmphasis change each partition alone, with equal bits in a stream."""
    samples = noise(2000)
    expected = naive(samples, size, offset, "Right").astype("f8")
    if remove_mean:
        expected -= expected.mean(axis=1, keepdims=True)
    before = np.concatenate([expected[:, :1], expected[:, :-1]], axis=1)
    encoder = NetEncoder(
        "AudioPartitions",
        WindowSize=size,
        Offset=offset,
        RemoveMean=remove_mean,
        PreEmphasis=coefficient,
    )
    actual = encoder(Audio(samples, RATE))
    np.testing.assert_allclose(actual, expected - coefficient * before, atol=1e-6)
    assert np.array_equal(actual, np.concatenate(list(encoder.stream(cut(samples, block)))))


def test_spectrogram_is_the_transform_of_partitions():
    """AudioSpectrogram transforms these partitions, after its window."""
    audio = Audio(noise(5000), RATE)
    shared = {"WindowSize": 256, "Offset": 100, "PartitionPadding": "Center", "PreEmphasis": 0.9}
    partitions = NetEncoder("AudioPartitions", **shared)(audio)
    spectrum = np.fft.rfft(partitions.astype("f8") * np.hanning(257)[:-1])
    actual = NetEncoder("AudioSpectrogram", **shared)(audio)
    np.testing.assert_allclose(actual, np.abs(spectrum) ** 2, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("workers", ["1", "3"])
def test_threads_and_files_give_the_same_bits(monkeypatch, recording, workers):
    """A file gives the same partitions with worker threads, in a call and in a stream."""
    path = recording(44100, 2, "FLAC")
    encoder = NetEncoder("AudioPartitions", RemoveMean=True, Normalization="Max")
    expected = encoder(path)
    monkeypatch.setattr(rows_module, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", workers)
    assert np.array_equal(expected, encoder(path))
    assert np.array_equal(expected, np.concatenate(list(encoder.stream(path))))


def test_partitions_are_copies():
    """The array belongs to the caller: overlapping rows do not share memory with each other."""
    samples = noise(1000)
    kept = samples.copy()
    rows = NetEncoder("AudioPartitions", WindowSize=100, Offset=10)(Audio(samples, RATE))
    rows[0] = 0
    assert np.array_equal(kept, samples)
    assert np.array_equal(kept[10:110], rows[1])


def test_recording_without_a_partition_is_an_error():
    """Without padding, a recording shorter than a partition is refused, in call and stream."""
    encoder = NetEncoder("AudioPartitions", WindowSize=100, PartitionPadding=None)
    for run in (encoder, lambda audio: list(encoder.stream(audio))):
        with pytest.raises(AudioError, match="shorter than one partition of 100 samples") as seen:
            run(Audio(noise(99), RATE))
        assert "too-short" == seen.value.code


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"TargetLength": 50, "WindowSize": 100, "PartitionPadding": None},
            "'TargetLength' must be at least 100 if PartitionPadding is None and WindowSize is 100",
        ),
        ({"WindowSize": 1 << 25}, "'WindowSize' must be at most 16777216. Got 33554432"),
        ({"WindowSize": 0}, "'WindowSize' must be an integer >= 1"),
    ],
)
def test_refused_values(parameters, message):
    """Lengths that do not fit are refused, with the limit."""
    with pytest.raises(ParameterError, match=message):
        NetEncoder("AudioPartitions", **parameters)


def test_frames_of_crepe():
    """CREPE takes centred frames of 1024 samples, a hop of 160, zeros at both edges."""
    samples = noise(4000)
    encoder = NetEncoder("AudioPartitions", WindowSize=1024, Offset=160, PartitionPadding="Center")
    rows = encoder(Audio(samples, RATE))
    assert (1 + 4000 // 160, 1024) == rows.shape
    assert np.array_equal(np.pad(samples, 512)[3 * 160 :][:1024], rows[3])
