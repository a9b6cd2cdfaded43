"""AudioResample: all channels, with the bits of the encoders."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from netencoders import EncodeError, NetEncoder, ParameterError
from netencoders_audio import Audio, AudioError, AudioResample, limits

SPEECH = str(Path(__file__).parents[2] / "data" / "speech_16k_mono.wav")
RESAMPLERS = ["SoxrHQ", "SoxrVHQ", "TorchaudioHann", "ScipyPolyphase"]


def noise(frames: int, channels: int, seed: int = 1) -> Any:
    """Return noise of a fifth of full scale."""
    drawn = np.random.default_rng(seed).uniform(-0.2, 0.2, (frames, channels))
    return drawn.astype(np.float32)


@pytest.mark.parametrize("resampling", RESAMPLERS)
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_one_channel_has_the_bits_of_the_encoder(rate: int, resampling: str) -> None:
    """A recording of one channel gives the samples of the encoder Audio, from any kind of input."""
    encoder = NetEncoder("Audio", SampleRate=rate, Resampling=resampling)
    expected = encoder(SPEECH)[:, 0]
    for value in (SPEECH, Path(SPEECH), Path(SPEECH).read_bytes(), Audio.open(SPEECH)):
        result = AudioResample(value, rate, resampling=resampling)
        assert (rate, np.float32, 1) == (result.rate, result.samples.dtype, result.samples.ndim)
        assert np.array_equal(expected, result.samples)
    # The helper's result is an input of the same rate: the arrays of other encoders agree.
    mel = NetEncoder("AudioMelSpectrogram", SampleRate=rate, Resampling=resampling)
    assert np.array_equal(mel(SPEECH), mel(result))


@pytest.mark.parametrize("resampling", RESAMPLERS)
@pytest.mark.parametrize("frames", [1, 700, 300_000])
def test_each_channel_has_the_bits_of_the_encoder(frames: int, resampling: str) -> None:
    """Channel c is that of the parameter Channel, also of a recording of many blocks."""
    audio = Audio(noise(frames, 3), 44100, 3)
    result = AudioResample(audio, 48000, resampling=resampling)
    assert 3 == result.channels
    for channel in range(3):
        encoder = NetEncoder("Audio", SampleRate=48000, Resampling=resampling, Channel=channel)
        assert np.array_equal(encoder(audio)[:, 0], result.samples[:, channel])


@pytest.mark.parametrize("kind", [np.int16, np.uint8, np.int32, np.float64])
def test_equal_rates_scale_integers_alone(kind: Any) -> None:
    """At the same rate the samples are those of the input, in float32 and with full scale 1."""
    samples = np.array([[0, 100], [5, 60], [7, 1]], kind)
    if samples.itemsize > 2:  # else there is a warning of the level
        samples = samples << 20 if kind is np.int32 else samples / 100
    scale, centre = {"i": (2 ** (8 * samples.itemsize - 1), 0), "u": (128, 128), "f": (1, 0)}[
        samples.dtype.kind
    ]
    expected = ((samples.astype(np.float64) - centre) / scale).astype(np.float32)
    assert np.array_equal(expected, AudioResample(Audio(samples, 8000), 8000).samples)


def test_integer_ratio_of_a_low_tone_is_its_exact_interpolation() -> None:
    """Twice the rate of a slow sine is the sine between the samples, far from the edges."""
    phase = 2 * np.pi * 50 / 8000
    tone = np.sin(phase * np.arange(8000)).astype(np.float32)
    result = AudioResample(Audio(tone, 8000), 16000).samples
    naive = np.sin(phase / 2 * np.arange(16000))
    assert 16000 == len(result)
    assert np.abs(result - naive)[4000:12000].max() < 1e-5


@pytest.mark.parametrize(("rounding", "expected"), [("Round", 0), ("Ceiling", 1)])
def test_rounding_of_the_length(rounding: str, expected: int) -> None:
    """The number of samples is that of ResampledLength; of no samples there is an error."""
    audio = Audio(noise(1001, 1), 44100)
    assert 363 + expected == AudioResample(audio, 16000, rounding=rounding).frames
    assert 363 == round(Fraction(1001 * 160, 441))
    if not expected:
        with pytest.raises(AudioError, match=r"^Audio: no samples at 16000 Hz") as caught:
            AudioResample(Audio(np.zeros(1, np.float32), 44100), 16000)
        assert "empty-audio" == caught.value.code


def test_arguments_are_those_of_the_parameters() -> None:
    """An invalid rate or resampler is the error of the parameter, and a ratio has a limit."""
    audio = Audio(noise(100, 2), 8000)
    with pytest.raises(ParameterError, match="'SampleRate' must be"):
        AudioResample(audio, 0)
    with pytest.raises(ParameterError, match="'Resampling' must be"):
        AudioResample(audio, 8000, resampling="Lanczos")
    with limits(max_ratio=2), pytest.raises(AudioError, match="a ratio of 3") as caught:
        AudioResample(audio, 24000)
    assert "limit-exceeded" == caught.value.code


def test_broken_input_is_the_error_of_the_encoder(tmp_path: Path) -> None:
    """A missing, an empty, a cut and a non-finite input give the encoder's error, word by word."""
    good = tmp_path / "good.flac"
    soundfile.write(good, noise(9000, 2), 16000)
    (tmp_path / "cut.flac").write_bytes(good.read_bytes()[:9000])
    (tmp_path / "empty.wav").touch()
    nan = Audio(np.array([[0, 1], [2, np.nan]], np.float32), 16000)
    inputs = [str(tmp_path / name) for name in ("absent.wav", "cut.flac", "empty.wav")]
    for value in (*inputs, nan, b"RIFF", 5, np.zeros(9)):
        with pytest.raises(EncodeError) as expected:
            NetEncoder("Audio")(value)
        with pytest.raises(EncodeError) as caught:
            AudioResample(value, 16000)
        assert (expected.value.code, str(expected.value)) == (caught.value.code, str(caught.value))


def test_position_of_a_wrong_sample_is_that_of_the_file(tmp_path: Path) -> None:
    """The error counts the frames of the file, also in an excerpt and in a late block."""
    samples = noise(400_000, 2)
    samples[390_000, 1] = np.nan
    path = tmp_path / "a.wav"
    soundfile.write(path, samples, 16000, "FLOAT")
    for value in (path, Audio.open(path, frames=slice(7, None))):
        with pytest.raises(AudioError, match=r"the sample at frame 390000 of channel 1 is nan"):
            AudioResample(value, 8000)


def test_memory_is_that_of_the_result(tmp_path: Path) -> None:
    """A long file is read in blocks: the peak is the result and some blocks."""
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros(8_000_000, np.int16), 16000)
    AudioResample(SPEECH, 8000)  # imports
    tracemalloc.start()
    try:
        AudioResample(path, 8000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 4_000_000 + 2**23


def test_worker_threads_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block asks if the worker threads are stopped, as the encoders do."""
    asked = []
    monkeypatch.setattr("netencoders_audio.helpers.reading.check_stop", lambda: asked.append(1))
    AudioResample(Audio(noise(600_000, 2), 8000), 8000)
    assert 5 == len(asked)
    del asked[:]
    assert 56040 == len(Audio.open(SPEECH).samples)
    assert 1 == len(asked)
