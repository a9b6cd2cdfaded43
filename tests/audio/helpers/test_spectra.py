"""SpectrogramArray and ShortTimeFourier: the transform of AudioSTFT, and its inverse."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import EncodeError, NetEncoder, ParameterError
from netencoders.windows import window_samples
from netencoders_audio import (
    Audio,
    AudioWarning,
    ReconstructionError,
    ShortTimeFourier,
    SpectrogramArray,
    reconstruct,
)
from netencoders_audio.helpers.coverage import lost_samples

SPEECH = str(Path(__file__).parents[2] / "data" / "speech_16k_mono.wav")
PADDINGS = [None, "Right", "Center", (5, 3, "Symmetric"), (2, -1, "Zero")]


def noise(frames: int, channels: int = 1, seed: int = 7) -> Any:
    """Return noise of a fifth of full scale."""
    drawn = np.random.default_rng(seed).uniform(-0.2, 0.2, (frames, channels))
    return drawn.astype(np.float32)


def naive(samples: Any, size: int, offset: int, window: Any, fft_length: int) -> Any:
    """Return the transform by the formula: a partition at each multiple of the offset."""
    count = -(-len(samples) // offset)
    padded = np.concatenate([samples, np.zeros(size)])
    rows = [padded[i * offset : i * offset + size] * window for i in range(count)]
    time, bins = np.arange(size), np.arange(fft_length)[:, np.newaxis]
    return np.array([(row * np.exp(-2j * np.pi * bins * time / fft_length)).sum(1) for row in rows])


@pytest.mark.parametrize("size", [1, 2, 5, 64, 200])
@pytest.mark.parametrize(("offset", "fft_length"), [(1, 0), (7, 3), (64, 56)])
@pytest.mark.parametrize("window", ["boxcar", "hann", ["kaiser", 8.0]])
def test_array_is_the_sum(size: int, offset: int, fft_length: int, window: Any) -> None:
    """Each element is the sum of the definition, with zeros on the right and no scale."""
    samples = noise(150)[:, 0]
    length = size + fft_length
    array = SpectrogramArray(Audio(samples, 8000), size, offset, window, fft_length=length)
    factor = window_samples(tuple(window) if isinstance(window, list) else window, size)
    expected = naive(samples, size, offset, factor, length)
    assert (np.complex64, expected.shape) == (array.dtype, array.shape)
    assert np.abs(array - expected).max() < 1e-5


@pytest.mark.parametrize("value", [SPEECH, "bytes", "stereo", "excerpt"])
@pytest.mark.parametrize("parameters", [{}, {"padding": "Center"}, {"channel": 0}])
def test_array_has_the_bits_of_the_encoder(value: Any, parameters: dict[str, Any]) -> None:
    """The array is that of AudioSTFT at the rate of the input, of any kind of input."""
    values = {
        "bytes": Path(SPEECH).read_bytes(),
        "stereo": Audio(noise(300_000, 2), 44100),
        "excerpt": Audio.open(SPEECH, start=1.0, stop="2 s"),
    }
    value = values.get(value, value)
    rate = value.rate if isinstance(value, Audio) else 16000
    encoder = NetEncoder(
        "AudioSTFT",
        SampleRate=rate,
        WindowSize="25 ms",
        **{
            {"padding": "PartitionPadding", "channel": "Channel"}[name]: item
            for name, item in parameters.items()
        },
    )
    expected = encoder(value).view(np.complex64)[..., 0]
    offset = encoder.resolved["Offset"]
    array = SpectrogramArray(value, "25 ms", offset, "hann", **parameters)
    assert np.array_equal(expected, array)
    spectrogram = encoder.resolved["FFTLength"] // 2 + 1
    power = NetEncoder("AudioSpectrogram", **encoder.parameters)
    assert np.allclose(power(value), np.abs(array[:, :spectrogram]) ** 2, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 31, 32, 33, 128, 1000, 56040])
def test_automatic_size_and_offset(length: int) -> None:
    """The size is 2 ** round(log2(sqrt(m)) + 1), halves to even; the offset is a third of it."""
    wanted = Fraction(math.log2(length)) / 2 + 1
    size = 2 ** min(range(40), key=lambda power: (abs(power - wanted), power % 2))
    stft = ShortTimeFourier(Audio(noise(length), 8000))
    assert (size, max(1, round(size / 3)), "boxcar") == tuple(
        stft.encoder.resolved[name] for name in ("WindowSize", "Offset", "WindowFunction")
    )
    assert (-(-length // stft.encoder.resolved["Offset"]), size) == stft.array.shape


def test_times_and_frequencies() -> None:
    """Times are the centres of partitions in s, and frequencies those of both halves in Hz."""
    stft = ShortTimeFourier(Audio(noise(1000), 8000), 200, 100)
    assert np.allclose((np.arange(10) * 100 + 100) / 8000, stft.times)
    assert np.allclose(np.arange(200) * 40, stft.frequencies)
    assert (8000, 1000) == (stft.rate, stft.length)
    centred = ShortTimeFourier(Audio(noise(1000), 8000), 200, 100, padding="Center")
    assert 0 == centred.times[0]
    assert (
        "<ShortTimeFourierData: 10 partitions, 200 bins, offset 100, 1000 samples at 8000 Hz>"
        == (repr(stft))
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"size": 400, "offset": 100, "window": "hann", "padding": "Center"},
        {"size": 400, "offset": 400},
        {"size": 5, "offset": 2, "window": "hamming", "fft_length": 9},
    ],
)
@pytest.mark.parametrize("length", [1, 399, 5000])
def test_inverse_gives_the_samples(arguments: dict[str, Any], length: int) -> None:
    """The inverse gives the recording, to the rounding of float32 and of the same length."""
    audio = Audio(noise(length), 22050)
    again = ShortTimeFourier(audio, **arguments).inverse()
    assert (22050, length, np.float32) == (again.rate, again.frames, again.samples.dtype)
    assert np.abs(again.samples - audio.samples[:, 0]).max() < 1e-6


def test_inverse_of_a_changed_array() -> None:
    """With a mask, the inverse is that of reconstruct: the nearest signal."""
    stft = ShortTimeFourier(SPEECH, 512, 128, "hann", padding="Center")
    low = (stft.frequencies < 1000) | (stft.frequencies > 15000)
    changed = replace(stft, array=stft.array * low)
    parts = changed.array.view(np.float32).reshape(*stft.array.shape, 2)
    expected = reconstruct(parts, stft.encoder, 56040)
    assert np.array_equal(expected, changed.inverse().samples)


def test_inverse_is_refused_if_samples_are_lost() -> None:
    """With a window that begins at zero, the first samples have no weight: an error, not zeros."""
    stft = ShortTimeFourier(SPEECH, 400, 134, "hann")
    with pytest.raises(
        ReconstructionError,
        match=r"Samples 0 to 12 of 56040 have none\. Use padding='Center', or a smaller offset\.",
    ):
        stft.inverse()
    with pytest.raises(ReconstructionError, match="'Offset' must be at most WindowSize"):
        ShortTimeFourier(SPEECH, 400, 401).inverse()


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(
    ("size", "offset", "window"), [(8, 3, "hann"), (9, 9, "boxcar"), (7, 1, "hann")]
)
@pytest.mark.parametrize("length", [9, 40, 41, 101])
def test_lost_samples_are_those_without_weight(
    padding: Any, size: int, offset: int, window: str, length: int
) -> None:
    """The first run of lost samples is that of a loop over all partitions."""
    encoder = NetEncoder(
        "AudioSTFT", WindowSize=size, Offset=offset, WindowFunction=window, PartitionPadding=padding
    )
    count = len(encoder(Audio(noise(length), 16000)))
    before = encoder.resolved["PartitionPadding"]
    before = before[0] if isinstance(before, tuple) else 0
    squares = window_samples(window, size) ** 2
    sums = np.zeros(length + before + count * offset + size)
    for row in range(count):
        sums[row * offset : row * offset + size] += squares
    lost = np.flatnonzero(sums[before : before + length] < 1e-4 * squares.max())
    expected = list(
        lost[: next((i for i in range(1, len(lost)) if lost[i] - lost[i - 1] > 1), None)]
    )
    assert expected == list(lost_samples(encoder, count, length))


def test_arguments_are_those_of_the_parameters() -> None:
    """An invalid size, offset, window, padding or channel is the error of the parameter."""
    for name, given in (
        ("WindowSize", {"size": 0}),
        ("Offset", {"offset": -1}),
        ("WindowFunction", {"window": "dirichlet"}),
        ("FFTLength", {"size": 8, "fft_length": 4}),
        ("PartitionPadding", {"padding": "Left"}),
        ("Channel", {"channel": "Middle"}),
    ):
        with pytest.raises(ParameterError, match=f"'{name}' must"):
            SpectrogramArray(SPEECH, **given)


def test_warning_of_the_level_is_given_once() -> None:
    """The samples are read once, so a warning about them comes once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        SpectrogramArray(Audio(noise(1000) * 100, 8000))
    assert [AudioWarning] == [warning.category for warning in caught]


def test_broken_input_is_the_error_of_the_encoder(tmp_path: Path) -> None:
    """A missing, an empty and a non-finite input give the error of the encoder, word by word."""
    path = tmp_path / "empty.wav"
    path.touch()
    nan = Audio(np.array([0, np.nan], np.float32), 16000)
    none = Audio(np.zeros(0, np.float32), 16000)
    for value in (str(path), str(tmp_path / "absent.wav"), nan, none, b"RIFF", np.zeros(9)):
        with pytest.raises(EncodeError) as expected:
            NetEncoder("AudioSTFT")(value)
        with pytest.raises(EncodeError) as caught:
            SpectrogramArray(value)
        assert str(expected.value) == str(caught.value)
    with pytest.raises(EncodeError, match=r"^Audio: it is shorter than one partition of 400"):
        SpectrogramArray(Audio(noise(9), 8000), 400, padding=None)
