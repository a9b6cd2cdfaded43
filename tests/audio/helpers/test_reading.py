"""The properties of Audio and of Audio.open: samples, rate, channels, duration."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile

from netencoders import EncodeError, NetEncoder, inputs
from netencoders_audio import Audio, AudioError

SPEECH = str(Path(__file__).parents[2] / "data" / "speech_16k_mono.wav")


def test_duration_of_samples() -> None:
    """The duration of samples in memory is their number divided by the rate, in s."""
    assert 0.5 == Audio(np.zeros((4000, 2), np.float32), 8000).duration
    assert 0 == Audio(np.zeros(0, np.float32), 8000).duration


def test_path_without_a_rate_names_audio_open() -> None:
    """A path in the place of samples is refused, with the line that opens it."""
    for given in ((SPEECH,), (Path(SPEECH),), (SPEECH, 16000)):
        with pytest.raises(AudioError, match=r"samples are a path: .* or Audio\.open\(") as caught:
            Audio(*given)
        assert "invalid-audio" == caught.value.code
    with pytest.raises(AudioError, match=r"rate must be an integer >= 1, in Hz\. Got a NoneType"):
        Audio(np.zeros(1, np.float32))  # type: ignore[call-overload] # the rate is missing


@pytest.mark.parametrize("coding", ["PCM_16", "PCM_24", "FLOAT", "flac", "ogg"])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_of_a_file_are_encoded_to_the_bits_of_the_file(
    tmp_path: Path, coding: str, channels: int
) -> None:
    """A file has its rate, channels, duration and samples, which mean the same as the file."""
    kind = coding if coding.islower() else "wav"
    path = tmp_path / f"a.{kind}"
    drawn = np.random.default_rng(0).uniform(-0.5, 0.5, (30_000, channels))
    soundfile.write(path, drawn, 12000, None if kind == coding else coding)
    file = Audio.open(path)
    assert (12000, channels, 2.5) == (file.rate, file.channels, file.duration)
    samples = file.samples
    assert (30_000, *([channels] if channels > 1 else [])) == samples.shape
    assert samples.dtype in (np.int16, np.float32)
    encoder = NetEncoder("AudioSpectrogram", Channel=channels - 1)
    assert np.array_equal(encoder(path), encoder(Audio(samples, file.rate)))


def test_excerpt_has_its_own_samples() -> None:
    """The properties are those of the excerpt and of the channel, to the sample."""
    whole = Audio.open(SPEECH)
    expected = soundfile.read(SPEECH, dtype="int16")[0]
    assert np.array_equal(expected, whole.samples)
    part = Audio.open(SPEECH, start=1.0, stop="1250 ms", channel=0)
    assert (16000, 1, 0.25) == (part.rate, part.channels, part.duration)
    assert np.array_equal(expected[16000:20000], part.samples)
    last = Audio.open(SPEECH, frames=slice(-7, None))
    assert np.array_equal(expected[-7:], last.samples)
    assert 7 / 16000 == last.duration


def test_duration_without_a_header_is_counted(tmp_path: Path) -> None:
    """If the header states no length, the duration is that of the decoded frames."""
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros((30_000, 2)), 8000)
    content = bytearray(path.read_bytes())
    assert 30_000 == int.from_bytes(content[21:26]) & 0xFFFFFFFFF  # of the block STREAMINFO
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    assert 3.75 == Audio.open(path).duration
    assert (30_000, 2) == Audio.open(path).samples.shape


def test_properties_hold_nothing() -> None:
    """A file is as small and as equal as before after its samples were read."""
    file, other = Audio.open(SPEECH), Audio.open(SPEECH)
    assert 56040 == len(file.samples)
    assert other == file
    assert len(pickle.dumps(other)) == len(pickle.dumps(file))


def test_file_without_samples_has_none(tmp_path: Path) -> None:
    """A file with a header alone has an array without rows."""
    path = tmp_path / "none.wav"
    soundfile.write(path, np.zeros((0, 2)), 8000)
    file = Audio.open(path)
    assert ((0, 2), 0.0) == (file.samples.shape, file.duration)


@pytest.mark.parametrize("name", ["samples", "rate", "channels", "duration"])
def test_broken_file_is_the_error_of_the_encoder(name: str, tmp_path: Path) -> None:
    """A missing and an empty file give the error of the encoder, word by word."""
    (tmp_path / "empty.wav").touch()
    for path in (tmp_path / "absent.wav", tmp_path / "empty.wav"):
        with pytest.raises(EncodeError) as expected:
            NetEncoder("Audio")(str(path))
        with pytest.raises(AudioError) as caught:
            getattr(Audio.open(path), name)
        assert str(expected.value) == str(caught.value)


def test_kinds_of_inputs_read_no_file() -> None:
    """A file is audio among the kinds of inputs, and its properties are not read to know it."""
    assert inputs.has_kind(Audio.open("absent.wav"), ("audio",))
    assert inputs.has_kind(Audio(np.zeros(1, np.float32), 8000), ("audio",))
