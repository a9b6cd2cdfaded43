"""ConformAudio: one rate, one number of channels, one length."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from netencoders import EncodeError, NetEncoder, ParameterError
from netencoders_audio import Audio, AudioError, AudioResample, ConformAudio

SPEECH = str(Path(__file__).parents[2] / "data" / "speech_16k_mono.wav")


def noise(frames: int, channels: int = 1, seed: int = 5) -> Any:
    """Return noise of a fifth of full scale."""
    drawn = np.random.default_rng(seed).uniform(-0.2, 0.2, (frames, channels))
    return drawn.astype(np.float32)


def forms(results: list[Audio]) -> list[tuple[int, int, int]]:
    """Return the rate, the channels and the frames of each result."""
    return [(audio.rate, audio.channels, audio.frames) for audio in results]


def test_defaults_are_the_largest_of_all() -> None:
    """The highest rate, the most channels and the longest duration; zeros follow."""
    short = Audio(noise(4000), 8000)  # 0.5 s
    stereo = Audio(noise(30_000, 2), 44100)  # 0.68 s
    results = ConformAudio([short, stereo])
    assert [(44100, 2, 30_000)] * 2 == forms(results)
    assert np.array_equal(stereo.samples, results[1].samples)
    own = AudioResample(short, 44100).samples
    assert np.array_equal(np.stack([own, own], axis=1), results[0].samples[: len(own)])
    assert not results[0].samples[len(own) :].any()


@pytest.mark.parametrize("length", [100, 1000, 12345, 400_000, "0.25 s"])
@pytest.mark.parametrize("rate", [8000, 44100])
def test_one_channel_has_the_bits_of_the_encoder(rate: int, length: Any) -> None:
    """With channels=1 and a length, each result is the encoder Audio with TargetLength."""
    inputs = [SPEECH, Path(SPEECH).read_bytes(), Audio(noise(300_000, 3), 22050)]
    encoder = NetEncoder("Audio", SampleRate=rate, TargetLength=length)
    results = ConformAudio(inputs, rate=rate, channels=1, length=length)
    for value, result in zip(inputs, results, strict=True):
        assert np.array_equal(encoder(value)[:, 0], result.samples)


def test_none_keeps_each_length() -> None:
    """With length=None no sample is added or cut off."""
    results = ConformAudio([Audio(noise(100), 8000), Audio(noise(70, 2), 8000)], length=None)
    assert [(8000, 2, 100), (8000, 2, 70)] == forms(results)


def test_length_counts_samples_at_the_new_rate() -> None:
    """A length is cut at the end, or filled with zeros; a channel that is copied is, too."""
    audio = Audio(noise(100), 8000)
    (result,) = ConformAudio([audio], channels=3, length=30)
    assert np.array_equal(np.repeat(audio.samples[:30], 3, axis=1), result.samples)
    (result,) = ConformAudio([audio], rate=16000, length=300)
    assert [(16000, 1, 300)] == forms([result])
    assert np.array_equal(AudioResample(audio, 16000).samples, result.samples[:200])
    assert not result.samples[200:].any()


def test_inputs_that_are_read_once_are_held() -> None:
    """An iterator and a file object are read once, also if the rate comes from them."""
    live = iter([Audio(noise(50), 16000), Audio(noise(50, seed=6), 16000)])
    file = io.BytesIO(Path(SPEECH).read_bytes())
    results = ConformAudio([live, file, {"array": noise(9)[:, 0], "sampling_rate": 8000}])
    assert [(16000, 1, 56040)] * 3 == forms(results)
    assert np.array_equal(noise(50, seed=6)[:, 0], results[0].samples[50:100])
    assert np.array_equal(NetEncoder("Audio")(SPEECH)[:, 0], results[1].samples)


def test_blocks_of_two_types_are_refused() -> None:
    """Blocks that are held have one type; with the rate and the channels, none is held."""
    blocks = [Audio(noise(50), 8000), Audio((noise(50) * 32768).astype(np.int16), 8000)]
    with pytest.raises(
        AudioError, match="element 0: iterator: its blocks have the types float32 and int16"
    ) as caught:
        ConformAudio([iter(blocks)])
    assert "unsupported-input" == caught.value.code
    assert [(8000, 1, 100)] == forms(ConformAudio([iter(blocks)], rate=8000, channels=1))


def test_no_inputs_give_no_results() -> None:
    """An empty list conforms."""
    assert [] == ConformAudio([])


def test_other_channels_need_a_choice() -> None:
    """Two channels are not made three; the error names the place and the way out."""
    three, two = Audio(noise(9, 3), 8000), Audio(noise(9, 2), 8000)
    with pytest.raises(
        AudioError,
        match=r"^element 1: Audio: it has 2 channels, and 3 are wanted, which needs a choice "
        r"\(mix it first: AudioChannelMix",
    ) as caught:
        ConformAudio([three, two])
    assert ("no-such-channel", 1) == (caught.value.code, caught.value.index)
    assert [(8000, 1, 9)] * 2 == forms(ConformAudio([three, two], channels=1))


@pytest.mark.parametrize("channels", [0, -1, 1.0, True, "2", None, 1025])
def test_channels_are_a_number(channels: Any) -> None:
    """Another number of channels is refused before an input is read."""
    with pytest.raises(
        AudioError, match=r"^ConformAudio: channels must be Automatic or an integer from 1 to 1024"
    ) as caught:
        ConformAudio(["absent.wav"], channels=channels)
    assert "invalid-audio" == caught.value.code


@pytest.mark.parametrize("audios", [SPEECH, Audio([0.5], 8000), {}])
def test_inputs_are_a_list(audios: Any) -> None:
    """A single input is refused: its characters or samples are no inputs."""
    with pytest.raises(AudioError, match=r"^ConformAudio: audios must be a list. Got") as caught:
        ConformAudio(audios)
    assert "invalid-audio" == caught.value.code


def test_arguments_are_those_of_the_parameters() -> None:
    """An invalid rate or length is the error of the parameter."""
    with pytest.raises(ParameterError, match="'SampleRate' must be"):
        ConformAudio([SPEECH], rate=0)
    with pytest.raises(ParameterError, match="'TargetLength' must be"):
        ConformAudio([SPEECH], length=0)


@pytest.mark.parametrize("rate", [{}, {"rate": 16000, "channels": 1}])
def test_broken_input_is_the_error_of_the_encoder(rate: dict[str, int], tmp_path: Path) -> None:
    """The error of the encoder, with the place of the input, also if the rate is given."""
    good = tmp_path / "good.flac"
    soundfile.write(good, noise(9000, 2), 16000)
    broken = tmp_path / "cut.flac"
    broken.write_bytes(good.read_bytes()[:9000])
    for value in (str(broken), str(tmp_path / "absent.wav"), b"RIFF"):
        with pytest.raises(EncodeError) as expected:
            NetEncoder("Audio")(value)
        with pytest.raises(EncodeError) as caught:
            ConformAudio([good, value], **rate)
        assert f"element 1: {expected.value}" == str(caught.value)
