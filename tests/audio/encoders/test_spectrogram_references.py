"""AudioSpectrogram, compared with a naive loop and with scipy's ShortTimeFFT."""

import cmath
import math

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import ShortTimeFFT, get_window

from netencoders import NetEncoder
from netencoders_audio import Audio

EPS = float(np.finfo(np.float32).eps)


def naive_waveform(frames, length, normalization):
    """Return mono samples by A8, A3 and A4, in Python's floats."""
    mono = [sum(map(float, frame)) / len(frame) for frame in frames][:length]
    zeros = [0.0] * ((length or 0) - len(mono))
    if normalization is None:
        return mono + zeros
    kind, level = normalization
    peak = max(abs(sample) for sample in mono)
    rms = math.sqrt(sum(sample * sample for sample in mono) / len(mono))
    measured = peak if kind == "Max" else rms
    return ([sample * level / measured for sample in mono] if measured else mono) + zeros


def naive_window(name, size):
    """Return a window by its formula (A7)."""
    if name == "boxcar" or size == 1:
        return [1.0] * size
    period = size - 1 if name == "hann_symmetric" else size
    return [0.5 - 0.5 * math.cos(2 * math.pi * t / period) for t in range(size)]


def naive_partitions(signal, size, offset, padding):
    """Return the partitions by A5; each sample is looked up, mirrored if needed."""
    count = len(signal)

    def sample(place):
        if padding == "CenterReflect":
            place = abs(place)
            place = place if place < count else 2 * (count - 1) - place
        return signal[place] if 0 <= place < count else 0.0

    before = size // 2 if padding in ("Center", "CenterReflect") else 0
    end = {None: count, "Right": count + size - 1}.get(padding, count + before)
    starts = range(-before, end - size + 1, offset)
    return [[sample(start + t) for t in range(size)] for start in starts]


def naive_spectrogram(signal, *, size, offset, window, padding, fft_length, power, placement):
    """Return the spectrogram by A6, one sum at a time."""
    weights = naive_window(window, size)
    if placement == "Center":  # A25
        spare = fft_length - size
        weights = [0.0] * (spare // 2) + weights + [0.0] * (spare - spare // 2)
        size = fft_length
    turn = [cmath.exp(-2j * math.pi * k / fft_length) for k in range(fft_length)]

    def element(part, b):
        terms = (weights[t] * part[t] * turn[b * t % fft_length] for t in range(size))
        return abs(sum(terms)) ** power

    partitions = naive_partitions(signal, size, offset, padding)
    return [[element(part, b) for b in range(fft_length // 2 + 1)] for part in partitions]


@st.composite
def cases(draw):
    """Draw valid frames and parameters."""
    count = draw(st.integers(1, 60))
    channels = draw(st.sampled_from([1, 2, 5]))
    length = draw(st.one_of(st.none(), st.integers(1, 80)))
    kept = count if length is None else length
    padding = draw(st.sampled_from([None, "Right", "Center", "CenterReflect"]))
    most = {None: kept, "CenterReflect": 2 * kept - 1}.get(padding, 24)
    size = draw(st.integers(1, min(24, most)))
    fft_length = size + draw(st.sampled_from([0, 0, 1, 7]))
    placements = ["Start", "Center"] if fft_length <= most else ["Start"]
    return {
        "frames": np.random.default_rng(draw(st.integers(0, 99))).normal(0, 0.2, (count, channels)),
        "length": length,
        "normalization": draw(st.sampled_from([None, ("Max", 1.0), ("Max", 0.3), ("RMS", 0.2)])),
        "padding": padding,
        "size": size,
        "offset": draw(st.integers(1, 30)),
        "window": draw(st.sampled_from(["hann", "boxcar", "hann_symmetric"])),
        "fft_length": fft_length,
        "placement": draw(st.sampled_from(placements)),
        "power": draw(st.sampled_from([1, 2])),
    }


@settings(max_examples=200)
@given(cases())
def test_spectrogram_equals_the_naive_loop(case):
    """All rules together agree with sums in double precision, without a Fourier transform."""
    frames, length = case.pop("frames"), case.pop("length")
    signal = naive_waveform(frames, length, normalization := case.pop("normalization"))
    expected = np.array(naive_spectrogram(signal, **case))
    encoder = NetEncoder(
        "AudioSpectrogram",
        Normalization=normalization,
        **({} if length is None else {"TargetLength": length}),
        WindowSize=case["size"],
        Offset=case["offset"],
        WindowFunction=case["window"],
        PartitionPadding=case["padding"],
        FFTLength=case["fft_length"],
        WindowPlacement=case["placement"],
        Power=case["power"],
    )
    # The error of the transform is relative to the whole partition, not to each bin.
    largest = (case["size"] * np.abs(signal).max()) ** case["power"]
    actual = encoder(Audio(frames, 16000, frames.shape[1]))
    assert expected.shape == actual.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * largest + 1e-30)


def decoded(path, rate):
    """Return a file as mono samples at a rate, by libsndfile and soxr in one piece (A8, A9)."""
    frames, own_rate = soundfile.read(path, always_2d=True)
    return soxr.resample(frames.mean(axis=1), own_rate, rate, quality="HQ")


def short_time_fft(signal, rate, size, offset, padding, window="hann", fft_length=None):
    """Return the power by scipy: slices are centred, so the first starts at half a window."""
    transform = ShortTimeFFT(
        get_window(window, size), offset, rate, mfft=fft_length or size, fft_mode="onesided"
    )
    first = size // 2
    if padding == "CenterReflect":
        signal = np.pad(signal, size // 2, mode="reflect")
    elif padding == "Center":
        signal = np.pad(signal, size // 2)
    end = len(signal) if padding == "Right" else len(signal) - size + 1
    return np.abs(transform.stft(signal, 0, -(-end // offset), k_offset=first).T) ** 2


@pytest.mark.parametrize(
    ("rate", "channels", "kind", "coding"),
    [
        (8000, 1, "WAV", "PCM_16"), (8000, 2, "WAV", "ULAW"), (8000, 1, "OGG", "OPUS"),
        (16000, 1, "FLAC", "PCM_16"), (16000, 5, "WAV", "PCM_24"), (16000, 2, "MP3", None),
        (22050, 2, "OGG", "VORBIS"), (22050, 1, "AIFF", "PCM_16"), (22050, 1, "WAV", "PCM_U8"),
        (44100, 1, "MP3", None), (44100, 2, "WAV", "FLOAT"), (44100, 5, "FLAC", "PCM_24"),
        (48000, 5, "OGG", "VORBIS"), (48000, 2, "WAV", "DOUBLE"), (48000, 1, "WAV", "ALAW"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", [None, 8000, 16000])
def test_spectrogram_agrees_with_scipy(recording, rate, channels, kind, coding, target):
    """Real recordings agree with scipy's ShortTimeFFT, at their own rate and at others."""
    path, target = recording(rate, channels, kind, coding), target or rate
    encoder = NetEncoder("AudioSpectrogram", SampleRate=target)
    size, offset = encoder.resolved["WindowSize"], encoder.resolved["Offset"]
    expected = short_time_fft(decoded(path, target), target, size, offset, "Right")
    np.testing.assert_allclose(encoder(path), expected, rtol=0, atol=16 * EPS * expected.max())


@pytest.mark.parametrize("padding", [None, "Right", "Center", "CenterReflect"])
@pytest.mark.parametrize(
    ("size", "offset", "window", "fft_length"),
    [
        (400, 160, "hann", 400),
        (401, 100, "hamming", 512),
        (512, 1024, "boxcar", 512),
        (1024, 256, "blackmanharris", 1024),
        (255, 64, ("kaiser", 14.0), 1001),
    ],
)
def test_other_parameters_agree_with_scipy(recording, padding, size, offset, window, fft_length):
    """Paddings, windows and lengths agree with scipy's ShortTimeFFT on a real recording."""
    path = recording(44100, 2)
    expected = short_time_fft(
        decoded(path, 16000), 16000, size, offset, padding, window, fft_length
    )
    encoder = NetEncoder(
        "AudioSpectrogram", WindowSize=size, Offset=offset, WindowFunction=window,
        FFTLength=fft_length, PartitionPadding=padding,
    )  # fmt: skip
    np.testing.assert_allclose(encoder(path), expected, rtol=0, atol=16 * EPS * expected.max())


SIGNALS = st.tuples(st.integers(1, 400), st.integers(0, 99))


def normal(count, seed):
    """Return normal noise."""
    return np.random.default_rng(seed).standard_normal(count).clip(-4, 4).astype(np.float32)


@pytest.mark.filterwarnings("ignore:Audio. its samples reach")
@settings(max_examples=50)
@given(SIGNALS, st.integers(-10, 10), st.integers(1, 50), st.integers(1, 50))
def test_scaled_signal_has_the_squared_factor(form, exponent, size, offset):
    """A signal twice as large has four times the power, bit for bit, since 2 is a power of 2."""
    encoder = NetEncoder("AudioSpectrogram", WindowSize=size, Offset=offset)
    signal = normal(*form)
    scaled = encoder(Audio(signal * np.float32(2.0**exponent), 16000))
    assert np.array_equal(encoder(Audio(signal, 16000)) * np.float32(4.0**exponent), scaled)


@settings(max_examples=50)
@given(SIGNALS, st.integers(1, 60))
def test_power_of_all_bins_is_that_of_the_samples(form, size):
    """Without window and overlap, the power of all bins is size times that of the samples."""
    signal = normal(*form)
    encoder = NetEncoder("AudioSpectrogram", WindowSize=size, Offset=size, WindowFunction="boxcar")
    weights = np.full(size // 2 + 1, 2.0)  # a bin stands for its mirror image as well
    weights[0] = 1
    if size % 2 == 0:
        weights[-1] = 1
    power = (encoder(Audio(signal, 16000)).astype("f8") * weights).sum()
    assert power == pytest.approx(size * np.sum(signal.astype("f8") ** 2), rel=32 * EPS)


@settings(max_examples=50)
@given(SIGNALS, st.integers(1, 40), st.integers(1, 60), st.integers(0, 5))
def test_silence_before_a_signal_shifts_rows(form, size, offset, rows):
    """Silence of k offsets before a signal moves its rows by k."""
    signal = normal(*form)
    encoder = NetEncoder(
        "AudioSpectrogram", WindowSize=size, Offset=offset, WindowFunction="boxcar"
    )
    expected = encoder(Audio(signal, 16000))
    shifted = encoder(Audio(np.concatenate([np.zeros(rows * offset, "f4"), signal]), 16000))
    assert len(expected) + rows == len(shifted)
    # The transform of a single row may be rounded differently than in a full group.
    tolerance = 8 * EPS * expected.max()
    np.testing.assert_allclose(shifted[rows:], expected, rtol=0, atol=tolerance)


@pytest.mark.filterwarnings("ignore:Audio. its samples reach")
@settings(max_examples=50)
@given(SIGNALS, st.integers(0, 99), st.floats(-2, 2), st.integers(1, 40))
def test_transform_is_linear(form, seed, factor, size):
    """The transform is linear: |x + y|**2 + |x - y|**2 = 2 |x|**2 + 2 |y|**2, bin by bin."""
    encoder = NetEncoder("AudioSpectrogram", WindowSize=size)
    x, y = normal(*form), normal(form[0], seed) * np.float32(factor)
    added, taken, first, second = (encoder(Audio(s, 16000)) for s in (x + y, x - y, x, y))
    tolerance = 32 * EPS * (first.max() + second.max() + added.max() + taken.max()) * size
    np.testing.assert_allclose(added + taken, 2 * first + 2 * second, rtol=0, atol=tolerance)


@pytest.mark.parametrize("size", [8, 9, 400])
def test_power_of_a_constant(size):
    """A constant gives bin 0 the power (value * sum of the window) ** 2; Hann leaks to bin 1."""
    encoder = NetEncoder("AudioSpectrogram", WindowSize=size)
    row = encoder(Audio(np.full(2000, 0.5, np.float32), 16000))[0]
    np.testing.assert_allclose(row[0], (0.5 * size / 2) ** 2, rtol=16 * EPS)
    np.testing.assert_allclose(row[1], (0.5 * size / 4) ** 2, rtol=16 * EPS)
    assert row[2:].max() < 16 * EPS * row[0]


@pytest.mark.parametrize("number", [2, 37, 100, 198])
@pytest.mark.parametrize("phase", [0, 1])
def test_power_of_a_tone(number, phase):
    """A cosine of amplitude a at a bin has power (a * size / 4)**2 there."""
    tone = 0.8 * np.cos(2 * np.pi * number * np.arange(4000) / 400 + phase)
    row = NetEncoder("AudioSpectrogram")(Audio(tone, 16000))[3]
    np.testing.assert_allclose(row[number], (0.8 * 400 / 4) ** 2, rtol=64 * EPS)
    others = np.delete(row, [number - 1, number, number + 1])
    assert others.max() < 64 * EPS * row[number]


@pytest.mark.parametrize("place", [0, 5, 7])
def test_power_of_an_impulse(place):
    """An impulse has the same power in all bins: the squared window at its position."""
    signal = np.zeros(100, np.float32)
    signal[place] = 3
    row = NetEncoder("AudioSpectrogram", WindowSize=16)(Audio(signal, 16000))[0]
    expected = (3 * math.sin(math.pi * place / 16) ** 2) ** 2
    np.testing.assert_allclose(row, np.full(9, expected), rtol=32 * EPS, atol=1e-30)
