"""AudioMelSpectrogram and AudioMFCC, compared with naive formulas in double precision."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dct

from netencoders import NetEncoder, ParameterError
from netencoders.windows import window_samples
from netencoders_audio import Audio

EPS = float(np.finfo(np.float32).eps)
RATE = 16000


def hertz(mel, scale):
    """Return frequencies in Hz from values in mel."""
    if scale == "HTK":
        return 700 * (10 ** (mel / 2595) - 1)
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))


def mel(frequency, scale):
    """Return frequencies in mel from values in Hz."""
    if scale == "HTK":
        return 2595 * np.log10(1 + frequency / 700)
    above = 15 + 27 * np.log(np.maximum(frequency, 1000) / 1000) / np.log(6.4)
    return np.where(frequency < 1000, frequency * 3 / 200, above)


def naive_mel(samples, parameters):
    """Return the mel spectrogram by its definition, in float64, with loops."""
    get = parameters.__getitem__
    size, offset, length = get("WindowSize"), get("Offset"), get("FFTLength")
    padded = np.concatenate([samples.astype("f8"), np.zeros(size)])
    rows = np.array([padded[start : start + size] for start in range(0, len(samples), offset)])
    if get("RemoveMean"):
        rows = rows - rows.mean(axis=1, keepdims=True)
    rows = rows - get("PreEmphasis") * np.concatenate([rows[:, :1], rows[:, :-1]], axis=1)
    window = window_samples(get("WindowFunction"), size)
    window /= {None: 1, "Sum": window.sum(), "Energy": math.sqrt((window**2).sum())}[
        get("WindowScaling")
    ]
    spectrum = np.abs(np.fft.rfft(rows * window, length)) ** get("Power")
    scale = get("MelScale")
    low, high = mel(np.array([get("MinimumFrequency"), get("MaximumFrequency")]), scale)
    mels = np.linspace(low, high, get("NumberOfFilters") + 2)
    bins = np.arange(length // 2 + 1) * RATE / length
    x, edges = (
        (bins, hertz(mels, scale)) if get("FilterSlopes") == "Hertz" else (mel(bins, scale), mels)
    )
    result = np.zeros((len(rows), get("NumberOfFilters")))
    for i, (left, centre, right) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        weights = np.clip(
            np.minimum((x - left) / (centre - left), (right - x) / (right - centre)), 0, 1
        )
        if get("FilterNormalization") == "Slaney":
            weights *= 2 / (hertz(mels, scale)[i + 2] - hertz(mels, scale)[i])
        result[:, i] = spectrum @ weights
    return result


def naive_levels(spectrogram, parameters):
    """Return the logarithm of a mel spectrogram."""
    get = parameters.__getitem__
    decibels = 20 / get("Power")
    levels = np.log10(np.maximum(spectrogram, get("LogarithmFloor")))
    if get("DynamicRange") is not None:
        levels = np.maximum(levels, levels.max() - get("DynamicRange") / decibels)
    return levels * {"Natural": math.log(10), "Base10": 1, "Decibel": decibels}[get("Logarithm")]


def naive_mfcc(samples, parameters):
    """Return the coefficients, by scipy's orthonormal transform."""
    get = parameters.__getitem__
    filters, lifter = get("NumberOfFilters"), get("Liftering")
    result = dct(naive_levels(naive_mel(samples, parameters), parameters), norm="ortho")
    if get("CosineScaling") == "Fourier":
        result[:, 1:] /= math.sqrt(2)
    if lifter is not None:
        result *= 1 + lifter / 2 * np.sin(np.pi * np.arange(filters) / lifter)
    return result[:, : get("NumberOfCoefficients")]


@st.composite
def spectral(draw):
    """Draw parameters of mel spectrograms."""
    size = draw(st.integers(150, 400))
    parameters = {
        "WindowSize": size,
        "Offset": draw(st.integers(40, 300)),
        "WindowFunction": draw(st.sampled_from(["hann", "hamming_symmetric", "povey_symmetric"])),
        "FFTLength": draw(st.integers(size, 600)),
        "RemoveMean": draw(st.booleans()),
        "PreEmphasis": draw(st.sampled_from([0, 0.5, 0.97])),
        "WindowScaling": draw(st.sampled_from([None, "Sum", "Energy"])),
        "Power": draw(st.sampled_from([1, 2])),
        "NumberOfFilters": draw(st.integers(1, 15)),
        "MinimumFrequency": draw(st.sampled_from([0, 20.5, 300])),
        "MaximumFrequency": draw(st.sampled_from([4000, 7600.5, 8000])),
        "MelScale": draw(st.sampled_from(["HTK", "Slaney"])),
        "FilterSlopes": draw(st.sampled_from(["Hertz", "Mel"])),
        "FilterNormalization": draw(st.sampled_from([None, "Slaney"])),
    }
    return parameters, draw(st.integers(0, 99))


@st.composite
def cepstral(draw):
    """Draw parameters of coefficients."""
    parameters, seed = draw(spectral())
    return parameters | {
        "NumberOfCoefficients": draw(st.integers(1, parameters["NumberOfFilters"])),
        "Logarithm": draw(st.sampled_from(["Natural", "Base10", "Decibel"])),
        "LogarithmFloor": draw(st.sampled_from([1e-10, 1e-3])),
        "DynamicRange": draw(st.sampled_from([None, 3, 30])),
        "CosineScaling": draw(st.sampled_from(["Fourier", "Orthonormal"])),
        "Liftering": draw(st.sampled_from([None, 22, 7.5])),
    }, seed


def noise(seed, count=3000):
    """Return noise with a changing level and a mean."""
    random = np.random.default_rng(seed)
    level = np.abs(np.sin(np.linspace(0, 3, count))) * 0.5
    return (random.standard_normal(count) * level + 0.01).astype("f4")


@settings(max_examples=80)
@given(spectral())
def test_mel_spectrogram_equals_the_naive_one(case):
    """Every rule at once, in double precision."""
    parameters, seed = case
    samples = noise(seed)
    expected = naive_mel(samples, parameters)
    actual = NetEncoder("AudioMelSpectrogram", **parameters)(Audio(samples, RATE))
    assert (np.dtype("float32"), expected.shape) == (actual.dtype, actual.shape)
    # The error of the transform is relative to the whole partition, not to each filter.
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5 * expected.max())


@settings(max_examples=80)
@given(cepstral())
def test_mfcc_equals_the_naive_one(case):
    """Every rule at once, in double precision."""
    parameters, seed = case
    samples = noise(seed)
    expected = naive_mfcc(samples, parameters)
    encoder = NetEncoder("AudioMFCC", **parameters)
    actual = encoder(Audio(samples, RATE))
    assert (np.dtype("float32"), expected.shape) == (actual.dtype, actual.shape)
    # A filter far below the loudest has few exact digits, so its logarithm has a larger error.
    np.testing.assert_allclose(actual, expected, rtol=1e-3, atol=2e-3 * np.abs(expected).max())
    streamed = np.concatenate(list(encoder.stream(Audio(samples, RATE))))
    np.testing.assert_array_equal(actual, streamed)


def test_long_recording_agrees_with_the_definition():
    """Thousands of rows, in groups, in threads and in a stream, agree with the definition."""
    samples = noise(0, 2_000_000)
    encoder = NetEncoder("AudioMFCC", Offset=160, FFTLength=512)
    parameters = dict(encoder.resolved)
    actual = encoder(Audio(samples, RATE))
    np.testing.assert_array_equal(
        actual, np.concatenate(list(encoder.stream(Audio(samples, RATE))))
    )
    expected = naive_mfcc(samples[:60_000], parameters)[:370]
    np.testing.assert_allclose(actual[:370], expected, rtol=0, atol=1e-4 * np.abs(expected).max())
    expected = naive_mfcc(samples[12_000 * 160 :], parameters)
    np.testing.assert_allclose(
        actual[12_000:], expected, rtol=0, atol=1e-4 * np.abs(expected).max()
    )


def test_mel_and_mfcc_follow_from_the_spectrogram(speech_path):
    """The mel spectrogram is the filtered spectrogram, and the MFCC is its cepstrum."""
    from netencoders_audio.stages.cepstrum import cosine_matrix
    from netencoders_audio.stages.mel import mel_filters

    spectrogram = NetEncoder("AudioSpectrogram")(speech_path).astype("f8")
    filters = mel_filters(40, 400, RATE, 0, RATE / 2, "HTK", "Hertz", None)
    bands = NetEncoder("AudioMelSpectrogram")(speech_path)
    np.testing.assert_allclose(bands, spectrogram @ filters, rtol=4e-6)
    levels = np.log(np.maximum(bands, 1e-10).astype("f8"))
    expected = levels @ cosine_matrix(40, 13, "Fourier", None)
    actual = NetEncoder("AudioMFCC")(speech_path)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=8 * EPS * np.abs(levels).sum(1).max())


@pytest.mark.parametrize("name", ["AudioMelSpectrogram", "AudioMFCC"])
@pytest.mark.parametrize("threads", ["1", "3"])
def test_threads_and_blocks_give_the_same_bits(monkeypatch, name, threads):
    """The bits are the same for any number of threads and any kind of input."""
    samples = noise(1, 1_500_000)
    encoder = (
        NetEncoder(name, FFTLength=1024, DynamicRange=40)
        if name == "AudioMFCC"
        else (NetEncoder(name, FFTLength=1024))
    )
    expected = encoder(Audio(samples, RATE))
    monkeypatch.setenv("NETENCODERS_WORKERS", threads)
    np.testing.assert_array_equal(expected, encoder(Audio(samples, RATE)))
    cuts = np.cumsum(np.random.default_rng(0).integers(1, 50_000, 50))
    blocks = (Audio(block, RATE) for block in np.split(samples, cuts) if len(block))
    np.testing.assert_array_equal(expected, encoder(blocks))


@pytest.mark.parametrize("scaling", ["Sum", "Energy"])
def test_window_scaling_of_a_zero_window_is_refused(scaling):
    """A window with a sum of zero cannot be divided by its sum."""
    with pytest.raises(ParameterError) as caught:
        NetEncoder(
            "AudioSpectrogram",
            WindowSize=2,
            WindowFunction="hann_symmetric",
            WindowScaling=scaling,
        )
    expected = f"'WindowScaling' '{scaling}' does not fit this window: its {scaling.lower()} is 0."
    assert (expected,) == tuple(caught.value.problems)
