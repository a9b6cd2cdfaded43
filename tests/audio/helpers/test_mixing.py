"""AudioChannelMix: the mean, one channel, and weighted sums."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from netencoders import EncodeError, NetEncoder
from netencoders_audio import Audio, AudioChannelMix, AudioError, AudioWarning


def noise(frames: int, channels: int, kind: Any = np.float32) -> Any:
    """Return noise of a fifth of full scale."""
    drawn = np.random.default_rng(3).uniform(-0.2, 0.2, (frames, channels))
    return (drawn * 32768).astype(kind) if kind is np.int16 else drawn.astype(kind)


@pytest.mark.parametrize(
    ("mix", "channel"), [("Mono", "Mean"), ("Left", 0), ("Right", 1), ("Left", "Left")]
)
@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_names_have_the_bits_of_the_encoder(mix: str, channel: Any, kind: Any) -> None:
    """A name gives the waveform of the encoder Audio at the rate of the input."""
    audio = Audio(noise(200_000, 3, kind), 22050)
    result = AudioChannelMix(audio, mix)
    expected = NetEncoder("Audio", SampleRate=22050, Channel=channel)(audio)[:, 0]
    assert (22050, (200_000,), np.float32) == (
        result.rate,
        result.samples.shape,
        result.samples.dtype,
    )
    assert np.array_equal(expected, result.samples)


@pytest.mark.parametrize("columns", [1, 2, 5])
@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_matrix_is_a_sum_in_float64(kind: Any, columns: int) -> None:
    """A matrix gives the weighted sums, added in order of the channels, at any block."""
    samples = noise(200_000, 3, kind)
    weights = np.random.default_rng(4).normal(size=(3, columns))
    scaled = samples.astype(np.float64) / (32768 if kind is np.int16 else 1)
    naive = sum(scaled[:, [i]] * weights[i] for i in range(3)).astype(np.float32)
    result = AudioChannelMix(Audio(samples, 8000), weights)
    assert columns == result.channels
    assert np.array_equal(naive, result.samples.reshape(-1, columns))


def test_matrix_of_mono_makes_several_channels() -> None:
    """One channel may be given to several; one frame of two channels is a whole result."""
    assert [[0.5, 0.25]] == AudioChannelMix(Audio([0.5], 8000), [[1, 0.5]]).samples.tolist()
    wide = AudioChannelMix(Audio([0.5], 8000), [[1, 0.5, 0, 2]])
    assert (4, 1) == (wide.channels, wide.frames)
    assert 4 == AudioChannelMix(wide, np.eye(4)).channels


def test_channels_that_cancel_give_a_warning() -> None:
    """The mean of opposite channels warns, as the encoders do; a weighted sum does not."""
    one = noise(16000, 1)
    audio = Audio(np.concatenate([one, -one], axis=1), 16000)
    with pytest.warns(AudioWarning, match="its channels cancel each other"):
        AudioChannelMix(audio, "Mono")
    assert np.array_equal(one[:, 0], AudioChannelMix(audio, [[0.5], [-0.5]]).samples)


@pytest.mark.parametrize(
    "mix",
    ["Stereo", "mono", None, 1, [1, 2], [], [[]], [[np.nan]], [[1e7]], [["a"]], [[1], [1, 2]]],
)
def test_other_mixes_are_refused(mix: Any) -> None:
    """Another name, or no matrix of finite numbers, is an error that lists the values."""
    with pytest.raises(
        AudioError, match=r"^AudioChannelMix: mix must be 'Mono', 'Left', 'Right', or a matrix"
    ) as caught:
        AudioChannelMix(Audio([0.5], 8000), mix)
    assert "invalid-audio" == caught.value.code


def test_other_numbers_of_channels_are_refused(tmp_path: Path) -> None:
    """A matrix needs one row for each channel, and Right a second channel; the file is named."""
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(10, 1), 8000)
    with pytest.raises(
        AudioError, match=r"a\.wav: it has 1 channels, and the matrix has 2 rows \(give a matrix"
    ) as caught:
        AudioChannelMix(path, [[1], [1]])
    assert "no-such-channel" == caught.value.code
    with pytest.raises(AudioError, match=r"a\.wav: it has no channel 1"):
        AudioChannelMix(path, "Right")


@pytest.mark.parametrize("mix", ["Mono", [[1.0]]])
def test_broken_input_is_the_error_of_the_encoder(mix: Any, tmp_path: Path) -> None:
    """A missing, an empty and a non-finite input give the error of the encoder, word by word."""
    path = tmp_path / "empty.wav"
    path.touch()
    nan = Audio(np.array([0, np.nan], np.float32), 16000)
    for value in (str(path), str(tmp_path / "absent.wav"), nan, b"RIFF"):
        with pytest.raises(EncodeError) as expected:
            NetEncoder("Audio")(value)
        with pytest.raises(EncodeError, match=r".") as caught:
            AudioChannelMix(value, mix)
        assert str(expected.value) == str(caught.value)


def test_no_samples_are_refused() -> None:
    """Of no samples there is no mix, with a name or a matrix."""
    for mix in ("Mono", [[1.0]]):
        with pytest.raises(AudioError, match=r"^Audio: no samples") as caught:
            AudioChannelMix(Audio(np.zeros(0, np.float32), 8000), mix)
        assert "empty-audio" == caught.value.code
