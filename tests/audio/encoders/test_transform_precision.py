"""TransformPrecision: the window and the transform in float32 or float64 (A62)."""

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders.windows import window_samples
from netencoders_audio import Audio, mel_filters, reconstruct

RATE = 16000
EPS = float(np.finfo("f4").eps)
PARAMETERS = [
    {},
    {"WindowSize": 1024, "Offset": 320, "WindowFunction": "hamming_symmetric"},
    {"WindowSize": 401, "Offset": 160, "FFTLength": 512, "WindowPlacement": "Center"},
    {"WindowSize": 400, "Offset": 160, "FFTLength": 512, "RemoveMean": True, "PreEmphasis": 0.97},
    {"WindowSize": 4096, "Offset": 1024, "WindowScaling": "Energy"},
]


def signal(size=RATE):
    """Return a loud tone at 500 Hz, noise far below it, and both fading to silence."""
    random = np.random.default_rng(0)
    t = np.arange(size) / RATE
    samples = 0.9 * np.sin(2 * np.pi * 500 * t) + 1e-7 * random.standard_normal(size)
    return (samples * np.linspace(1, 0, size) ** 4).astype("f4")


def naive(samples, resolved):
    """Return the transform of each partition in float64, row by row, by its definition."""
    size, offset, length = (resolved[name] for name in ("WindowSize", "Offset", "FFTLength"))
    window = window_samples(resolved["WindowFunction"], size)
    if resolved["WindowScaling"] == "Energy":
        window = window / np.sqrt((window**2).sum())
    before = (length - size) // 2 if resolved["WindowPlacement"] == "Center" else 0
    extent = length if resolved["WindowPlacement"] == "Center" else size
    rows = []
    for start in range(0, len(samples) - extent + 1, offset):
        row = samples[start + before : start + before + size].astype("f8")
        if resolved["RemoveMean"]:
            row = row - row.mean()
        if resolved["PreEmphasis"]:
            row = row - resolved["PreEmphasis"] * np.concatenate([row[:1], row[:-1]])
        padded = np.zeros(length)
        padded[before : before + size] = row * window
        rows.append(np.fft.fft(padded))
    return np.array(rows)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_double_precision_has_the_error_of_float32_in_each_bin(parameters):
    """Each bin has some ulps of float32, also a bin that is far below the loudest one."""
    encoder = NetEncoder(
        "AudioSpectrogram", PartitionPadding=None, TransformPrecision="Double", **parameters
    )
    samples = signal()
    length = encoder.resolved["FFTLength"]
    expected = np.abs(naive(samples, encoder.resolved)[:, : length // 2 + 1]) ** 2
    actual = encoder(Audio(samples, RATE))
    assert np.dtype("float32") == actual.dtype
    np.testing.assert_allclose(actual, expected, rtol=4 * EPS, atol=1e-37)


def test_single_precision_has_the_error_of_the_loudest_bin():
    """The default has an error relative to the loudest bin: Double is needed for the others."""
    encoder = NetEncoder("AudioSpectrogram", PartitionPadding=None)
    samples = signal()
    precise = encoder.replace(TransformPrecision="Double")(Audio(samples, RATE))
    error = np.abs(encoder(Audio(samples, RATE)) - precise)
    assert (error <= 1e-5 * precise.max(axis=1, keepdims=True)).all()
    assert (error > 0.1 * precise).any()


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_transform_in_double_precision_is_rounded(parameters):
    """AudioSTFT has the transform of float64, each part rounded to float32."""
    encoder = NetEncoder(
        "AudioSTFT", PartitionPadding=None, TransformPrecision="Double", **parameters
    )
    samples = signal()
    expected = naive(samples, encoder.resolved)
    parts = np.stack([expected.real, expected.imag], axis=-1)
    bound = EPS / 2 * np.abs(parts) + 1e-14 * np.abs(expected).max()
    assert (np.abs(parts - encoder(Audio(samples, RATE))) <= bound).all()


def test_mel_bands_and_chroma_take_the_precise_spectrogram():
    """Mel bands, coefficients and chroma are those of the spectrogram in double precision."""
    audio = Audio(signal(), RATE)
    rows = NetEncoder("AudioSpectrogram", TransformPrecision="Double")(audio).astype("f8")
    encoder = NetEncoder("AudioMelSpectrogram", TransformPrecision="Double")
    bands = rows @ mel_filters(40, 400, RATE)
    np.testing.assert_allclose(encoder(audio), bands, rtol=8 * EPS)
    for name in ("AudioMelSpectrogram", "AudioMFCC", "AudioChroma"):
        encoder = NetEncoder(name, WindowSize=1024)
        changed = encoder.replace(TransformPrecision="Double")
        assert not np.array_equal(encoder(audio), changed(audio))


@pytest.mark.parametrize("name", ["AudioSpectrogram", "AudioMFCC", "AudioSTFT", "AudioChroma"])
@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("seconds", [0.3, 9, 24])
def test_double_precision_has_the_same_bits_in_any_blocks(name, parameters, seconds):
    """A call in one group, in two or in more has the bits of a stream of live blocks."""
    samples = signal(int(seconds * RATE)) + np.float32(0.05)
    encoder = NetEncoder(name, TransformPrecision="Double", **parameters)
    live = (Audio(samples[start : start + 9999], RATE) for start in range(0, len(samples), 9999))
    expected = encoder(Audio(samples, RATE))
    assert np.array_equal(expected, np.concatenate(list(encoder.stream(live))))


def test_single_is_neutral():
    """Single is the default and is no part of the digest; Double is."""
    encoder = NetEncoder("AudioSpectrogram")
    assert encoder.digest == encoder.replace(TransformPrecision="Single").digest
    assert encoder.digest != encoder.replace(TransformPrecision="Double").digest


def test_reconstruction_in_double_precision():
    """The inverse gives the samples, with the error of float32."""
    encoder = NetEncoder("AudioSTFT", PartitionPadding="Center", TransformPrecision="Double")
    samples = signal()
    again = reconstruct(encoder(Audio(samples, RATE)), encoder, length=len(samples))
    np.testing.assert_allclose(again, samples, rtol=0, atol=4 * EPS)
