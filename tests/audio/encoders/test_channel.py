"""Channel: one channel of a recording, or the mean of all (A37)."""

import io
import re
import warnings

import numpy as np
import pytest
import soundfile

from netencoders import Automatic, NetEncoder
from netencoders_audio import Audio, AudioError, AudioWarning, mono_samples

ENCODERS = [
    "Audio",
    "AudioPartitions",
    "AudioSTFT",
    "AudioSpectrogram",
    "AudioMelSpectrogram",
    "AudioMFCC",
    "AudioChroma",
]
RATE = 16000


def wav(samples, **more):
    """Return the bytes of a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", **more)
    return file.getvalue()


def speech(kind=np.int16):
    """Return three different channels of noise."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (20_000, 3))
    full = 1 if np.dtype(kind).kind == "f" else np.iinfo(kind).max
    middle = 2 ** (8 * np.dtype(kind).itemsize - 1) if np.dtype(kind).kind == "u" else 0
    return (noise * full + middle).astype(kind)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize(("channel", "index"), [(0, 0), (2, 2), ("Left", 0), ("Right", 1)])
@pytest.mark.parametrize("rate", [RATE, 11025])
def test_channel_equals_a_recording_of_this_channel(name, channel, index, rate):
    """The array has the bits of the array of a mono recording, in a call and in a stream."""
    samples = speech()
    encoder = NetEncoder(name, SampleRate=rate, Channel=channel)
    expected = NetEncoder(name, SampleRate=rate)(Audio(samples[:, index], RATE))
    blocks = (Audio(samples[start : start + 777], RATE) for start in range(0, 20_000, 777))
    for value in (Audio(samples, RATE), wav(samples)):
        np.testing.assert_array_equal(expected, encoder(value), strict=True)
        assert np.array_equal(expected, np.concatenate(list(encoder.stream(value))))
    assert np.array_equal(expected, np.concatenate(list(encoder.stream(blocks))))


@pytest.mark.parametrize(
    "kind", ["int8", "uint8", "int16", "uint16", "int32", "float16", "float32", "float64", ">f4"]
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_channel_of_every_type_has_the_bits_of_mono(kind, order):
    """Integers and floats have the same scale in one channel as in a mono recording."""
    samples = np.asarray(speech(kind), order=order)
    encoder = NetEncoder("Audio", Channel=1, Normalization=["RMS", 0.1])
    expected = encoder.replace(Channel=0)(Audio(samples[:, 1].copy(), RATE))
    assert np.array_equal(expected, encoder(Audio(samples, RATE)))


def test_automatic_is_the_mean_and_changes_no_digest():
    """Automatic and Mean are the mean, and part of no digest; Left and 0 are one digest."""
    encoder = NetEncoder("Audio")
    assert (Automatic, "Mean") == (encoder.parameters["Channel"], encoder.resolved["Channel"])
    assert encoder.digest == encoder.replace(Channel="Mean").digest
    assert encoder.replace(Channel=0).digest == encoder.replace(Channel="Left").digest
    digests = {encoder.replace(Channel=channel).digest for channel in ("Mean", "Left", "Right", 2)}
    assert 4 == len(digests)
    samples = speech(np.float64)
    np.testing.assert_allclose(samples.mean(1), encoder(Audio(samples, RATE))[:, 0], atol=1e-6)


@pytest.mark.parametrize("name", ["Audio", "AudioMFCC"])
def test_channel_that_the_recording_lacks_is_refused(name):
    """A channel that the recording does not have is an error, before any row."""
    for value in (Audio(speech(), RATE), wav(speech()), iter([Audio(speech(), RATE)])):
        message = "it has no channel 3: its channels are 0 to 2 (channels count from 0, and 'Left'"
        with pytest.raises(AudioError, match=re.escape(message)) as caught:
            next(NetEncoder(name, Channel=3).stream(value))
        assert "no-such-channel" == caught.value.code
    with pytest.raises(AudioError, match="Audio: it has no channel 1: its channel is 0"):
        NetEncoder(name, Channel="Right")(Audio(speech()[:, 0], RATE))


def test_channel_of_the_input_comes_first(tmp_path):
    """A channel that the input names leaves one, which only Automatic, Mean and 0 take."""
    path = tmp_path / "a.wav"
    path.write_bytes(wav(speech()))
    expected = NetEncoder("Audio")(Audio(speech()[:, 1], RATE))
    for value in (Audio.open(path, channel=1), {"path": path, "channel": "Right"}):
        for channel in (Automatic, "Mean", 0, "Left"):
            assert np.array_equal(expected, NetEncoder("Audio", Channel=channel)(value))
        with pytest.raises(AudioError, match="no channel 1: its channel is 0"):
            NetEncoder("Audio", Channel=1)(value)


def test_only_the_chosen_channel_is_checked():
    """A sample that is not finite in another channel does not matter; its own is named."""
    samples = speech(np.float32)
    samples[70, 2] = np.nan
    assert np.isfinite(NetEncoder("Audio", Channel=1)(Audio(samples, RATE))).all()
    for channel in (2, "Mean"):
        with pytest.raises(AudioError, match="the sample at frame 70 of channel 2 is nan"):
            NetEncoder("Audio", Channel=channel)(Audio(samples, RATE))


def antiphase():
    """Return a channel of noise, and its negative."""
    left = speech()[:, 0]
    return np.stack([left, -left], 1)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("more", [{}, {"TargetLength": 1000}, {"SampleRate": 8000}])
@pytest.mark.parametrize("normalization", [None, "Max"])
def test_mean_that_cancels_is_a_warning(name, more, normalization):
    """Opposite channels give one warning, which names the input and the parameter."""
    encoder = NetEncoder(name, Normalization=normalization, **more)
    message = r"^(Audio|bytes): its channels cancel .* opposite phase.* Channel='Left'$"
    for value in (Audio(antiphase(), RATE), wav(antiphase())):
        for encode in (encoder, lambda value, use=encoder: list(use.stream(value))):
            with pytest.warns(AudioWarning, match=message) as caught:
                encode(value)
            assert 1 == len(caught)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            encoder.replace(Channel="Left")(value)


def test_mean_of_the_needed_frames_is_judged():
    """With a TargetLength, frames after it do not matter, for any blocks."""
    together = np.repeat(speech()[:, :1], 2, axis=1)
    samples = np.concatenate([antiphase()[:8000], together])
    encoder = NetEncoder("Audio", SampleRate=8000)
    encoder(Audio(samples, RATE))
    for size in (1, 100, 9000, 30_000):
        blocks = (Audio(samples[at : at + size], RATE) for at in range(0, len(samples), size))
        with pytest.warns(AudioWarning, match="cancel"):
            list(encoder.replace(TargetLength=4000).stream(blocks))


def test_mono_samples_takes_a_channel():
    """The function for other plugins takes the channel too."""
    samples = speech(np.float32)
    for channel, index in ((2, 2), ("Right", 1)):
        taken = mono_samples(Audio(samples, RATE), RATE, channel)
        assert np.array_equal(samples[:, index], taken)
    with pytest.raises(ValueError, match="'Channel' must be 'Mean', 'Left', 'Right', an integer"):
        mono_samples(Audio(samples, RATE), RATE, "left")
