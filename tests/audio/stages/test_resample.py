"""Resample: soxr HQ (A9), with equal results in blocks and in one piece."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import All, NetEncoder
from netencoders_audio import Audio, mono_samples
from netencoders_audio.encoders.signal import waveform
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import MemoryRecording
from netencoders_audio.stages.resample import resample, resampled_length

COMMON = [8000, 11025, 16000, 22050, 44100, 48000, 96000]
RATES = st.sampled_from(COMMON)


LEVELS = {"SampleRate", "TargetLength", "Normalization"}
MEAN = {name: v for name, v in NetEncoder("Audio").resolved.items() if name not in LEVELS}


def noise(count, seed=0):
    """Return white noise."""
    return np.random.default_rng(seed).standard_normal(count).clip(-4, 4).astype(np.float32)


@settings(deadline=None, max_examples=40)
@given(RATES, RATES, st.integers(1, 4000), st.integers(0, 99))
def test_any_blocks_give_the_same_bits(pieces, joined, rate, new_rate, count, seed):
    """Blocks, down to single samples, resample to the same bits as one piece."""
    signal = noise(count)
    whole = joined(resample([signal], rate, new_rate))
    assert np.array_equal(whole, joined(resample(pieces(signal, seed), rate, new_rate)))


@settings(deadline=None, max_examples=100)
@given(st.integers(50, 400_000), st.integers(50, 400_000), st.integers(1, 500))
def test_predicted_length_is_that_of_the_result(joined, rate, new_rate, count):
    """The predicted length is the length of the result."""
    if count * new_rate > 2_000_000 * rate:
        count = 1
    out = joined(resample([noise(count)], rate, new_rate))
    assert resampled_length(count, rate, new_rate) == len(out)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_result_equals_soxr_hq(joined, speech, rate):
    """The samples are those of soxr's own function at quality HQ."""
    expected = soxr.resample(speech.astype("f4"), rate, 16000, quality="HQ")
    np.testing.assert_array_equal(
        expected, joined(resample([speech.astype("f4")], rate, 16000)), strict=True
    )


def test_equal_rates_do_not_change_blocks():
    """At equal rates the blocks pass unchanged."""
    blocks = [noise(3), noise(2)]
    assert all(a is b for a, b in zip(blocks, resample(blocks, 8000, 8000), strict=True))


@pytest.mark.parametrize(("rate", "new_rate"), [(44100, 16000), (8000, 48000)])
def test_tone_keeps_its_frequency_and_level(rate, new_rate):
    """A tone of 1 kHz is the same tone at the new rate, except at the ends."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    expected = np.sin(2 * np.pi * 1000 * np.arange(new_rate) / new_rate)
    edge = new_rate // 20
    actual = mono_samples(Audio(tone, rate), new_rate)
    np.testing.assert_allclose(actual[edge:-edge], expected[edge:-edge], atol=1e-4)


def test_no_samples_give_no_samples(joined):
    """A signal without samples gives no samples."""
    assert 0 == len(joined(resample([], 8000, 16000)))


@pytest.mark.parametrize("rate", COMMON)
@pytest.mark.parametrize("new_rate", COMMON)
@pytest.mark.parametrize("count", [1, 1000])
def test_target_length_reads_one_block(rate, new_rate, count):
    """For common rates one block with the wanted length and the lookahead is enough."""
    requested = []

    class Counted:
        name, channels, length, origin = "counted", 1, None, (0, 0)

        def blocks(self, size):
            requested.append(size)
            signal = noise(4 * size)[:, np.newaxis]
            for start in range(0, len(signal), size):
                requested[1:] = [start // size + 1]
                yield signal[start : start + size]

    recording = Counted()
    recording.rate = rate
    resolved = {"SampleRate": new_rate, "TargetLength": count, "Normalization": None, **MEAN}
    assert count == sum(len(block) for block in waveform(recording, resolved))
    ahead = 0 if rate == new_rate else 1400 * max(rate, new_rate) / new_rate + 1
    assert count * rate / new_rate + ahead + 1 >= requested[0]
    assert 1 == requested[1]


def test_many_channels_give_shorter_blocks(joined, monkeypatch):
    """The samples of all channels in a block are limited, and a block has at least one frame."""
    sizes = []
    blocks = MemoryRecording.blocks
    monkeypatch.setattr(
        MemoryRecording, "blocks", lambda self, size: sizes.append(size) or blocks(self, size)
    )
    monkeypatch.setattr("netencoders_audio.encoders.signal.BLOCK", 100)
    resolved = {"SampleRate": 8000, "TargetLength": All, "Normalization": None, **MEAN}
    for channels, size in ((1, 100), (3, 33), (128, 1)):
        samples = noise(200 * channels).reshape(200, channels)
        with open_recording(Audio(samples, 8000)) as recording:
            mono = joined(waveform(recording, resolved))
        assert size == sizes.pop()
        np.testing.assert_allclose(samples.mean(axis=1), mono, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.integers(500, 200_000), st.integers(500, 200_000), st.integers(1, 700))
def test_target_length_gives_the_first_samples(joined, rate, new_rate, count):
    """The first samples have the same bits, with and without decoding of the rest."""
    audio = Audio(noise(max(500, min(100_000, 1000 * rate // new_rate))), rate)
    resolved = {"SampleRate": new_rate, "TargetLength": All, "Normalization": None, **MEAN}
    with open_recording(audio) as recording:
        whole = joined(waveform(recording, resolved))
        first = joined(waveform(recording, {**resolved, "TargetLength": count}))
    expected = np.pad(whole, (0, max(0, count - len(whole))))[:count]
    assert np.array_equal(expected, first)
