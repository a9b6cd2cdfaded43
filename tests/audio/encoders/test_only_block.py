"""A recording that is one block: it skips the stages that would not change it, with equal bits."""

import io

import numpy as np
import pytest
import soundfile

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError, AudioWarning
from netencoders_audio.encoders import signal
from netencoders_audio.encoders.signal import waveform
from netencoders_audio.recordings.recording import Recording

RNG = np.random.default_rng(3)
NOISE = RNG.uniform(-1, 1, (20000, 2)).astype(np.float32)
PLAIN = NetEncoder("Audio").resolved


def file(samples, kind="WAV", coding="PCM_16"):
    """Return a sound file as bytes."""
    content = io.BytesIO()
    soundfile.write(content, samples, 16000, format=kind, subtype=coding)
    return content.getvalue()


INPUTS = {
    "float32": Audio(NOISE[:, 0], 16000),
    "stereo": Audio(NOISE, 16000),
    "int16": Audio((NOISE * 30000).astype(np.int16), 16000),
    "uint8": Audio((NOISE * 100 + 128).astype(np.uint8), 16000),
    "strides": Audio(NOISE[::2, 1], 16000),
    "WAV": file(NOISE[:, 0]),
    "stereo WAV": file(NOISE),
    "float WAV": file(NOISE[:, 0], "WAV", "FLOAT"),
    "FLAC": file(NOISE[:, 0], "FLAC"),
    "part": {"array": NOISE[:, 0], "sampling_rate": 16000, "start": 0.25, "duration": 0.5},
}


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("padding", [None, "Right", (200, 200, "Reflect")])
def test_one_block_has_the_bits_of_all_stages(name, padding, monkeypatch):
    """A short recording has the same bits if it passes through all stages, in call and stream."""
    encoder = NetEncoder("AudioSpectrogram", PartitionPadding=padding)
    actual = encoder(INPUTS[name])
    streamed = np.concatenate(list(encoder.stream(INPUTS[name])))
    monkeypatch.setattr(signal, "_only_block", lambda recording, resolved: None)
    expected = encoder(INPUTS[name])
    np.testing.assert_array_equal(expected, actual, strict=True)
    np.testing.assert_array_equal(expected, streamed, strict=True)


@pytest.mark.parametrize(
    ("given", "skips"),
    [
        ({}, True),
        ({"Channel": "Left"}, False),
        ({"TargetLength": 30000}, False),
        ({"MaximumLength": 30000}, False),
        ({"MinimumLength": 1}, False),
        ({"MultipleOf": 2}, False),
        ({"Append": 1}, False),
        ({"Normalization": "Max"}, False),
        ({"SignalPreEmphasis": 0.5}, False),
        ({"SampleRate": 8000}, False),
    ],
)
def test_only_neutral_parameters_skip_stages(given, skips, monkeypatch):
    """With a parameter that may change the samples, a recording passes through all stages."""
    called = []
    cut = signal.cut
    monkeypatch.setattr(signal, "cut", lambda *arguments: called.append(1) or cut(*arguments))
    NetEncoder("Audio", **given)(INPUTS["float32"])
    assert skips == (not called)


class Longer(Recording):
    """A recording that claims one block and has two, which share their memory."""

    name, rate, channels, length, repeatable = "longer", 16000, 1, 3, True

    def blocks(self, size, start=0):
        """Yield two blocks of three frames."""
        memory = np.empty((3, 1), np.float32)
        for first in (0, 3):
            memory[:, 0] = range(first, first + 3)
            yield memory


def test_wrong_claim_loses_no_samples():
    """A recording that has more blocks than its header claims is encoded to its end."""
    blocks = [block.tolist() for block in waveform(Longer(), PLAIN)]
    assert [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] == blocks


def test_one_block_is_read_only():
    """The samples are not copied, so they cannot be written; the caller's array still can."""
    samples = NOISE[:, 0].copy()
    [block] = waveform(signal.open_recording(Audio(samples, 16000)), PLAIN)
    assert np.shares_memory(samples, block)
    assert (True, False) == (samples.flags.writeable, block.flags.writeable)


def test_one_block_is_checked():
    """NaN, cancelling channels and a wrong scale are reported as in longer recordings."""
    wrong = NOISE.copy()
    wrong[7, 1] = np.nan
    encoder = NetEncoder("AudioSpectrogram")
    with pytest.raises(AudioError, match="the sample at frame 7 of channel 1 is nan"):
        encoder(Audio(wrong, 16000))
    with pytest.warns(AudioWarning, match="its channels cancel each other"):
        encoder(Audio(np.stack([NOISE[:, 0], -NOISE[:, 0]], 1), 16000))
    with pytest.warns(AudioWarning, match="its samples reach 5"):
        encoder(Audio(NOISE / NOISE.max() * np.float32(5), 16000))


@pytest.mark.parametrize(
    ("seconds", "padding", "copied"),
    [(1, None, 0), (1, "Right", 120), (10, None, 0), (10, "Right", 19), (60, None, 24)],
)
def test_samples_in_memory_are_hardly_copied(seconds, padding, copied):
    """Partitions are views of the samples; those over an edge of a block are copied, by 24."""
    samples = np.resize(NOISE[:, 0], 16000 * seconds)
    encoder = NetEncoder("AudioSpectrogram", PartitionPadding=padding)._encoder
    copies = []

    def write(partitions, out):
        if not np.shares_memory(partitions, samples):
            copies.append(len(partitions))
        out[:] = 0

    with signal.open_recording(Audio(samples, 16000)) as recording:
        encoder.collect_rows(recording, (1,), write)
    assert copied == max(copies, default=0)
