"""Resample: soxr (A9) and filters (A45), with equal results in blocks and in one piece."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import All, NetEncoder
from netencoders_audio import Audio
from netencoders_audio.encoders.signal import waveform
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import MemoryRecording
from netencoders_audio.stages.resample import (
    RESAMPLERS,
    SOXR,
    own_rounding,
    resample,
    resampled_length,
)

COMMON = [8000, 11025, 16000, 22050, 44100, 48000, 96000]
RATES = st.sampled_from(COMMON)
ROUNDING = st.sampled_from(["Round", "Ceiling"])
LEVELS = {"SampleRate", "TargetLength", "Normalization"}
MEAN = {name: v for name, v in NetEncoder("Audio").resolved.items() if name not in LEVELS}


def noise(count, seed=0):
    """Return white noise."""
    return np.random.default_rng(seed).standard_normal(count).clip(-4, 4).astype(np.float32)


@pytest.mark.parametrize("resampler", RESAMPLERS)
@settings(deadline=None, max_examples=40)
@given(RATES, RATES, st.integers(1, 4000), st.integers(0, 99), ROUNDING)
def test_any_blocks_give_the_same_bits(
    pieces, joined, resampler, rate, new_rate, count, seed, rounding
):
    """Blocks, down to single samples, resample to the same bits as one piece."""
    signal, last = noise(count), (rate, new_rate, resampler, rounding)
    whole = joined(resample([signal], *last))
    assert np.array_equal(whole, joined(resample(pieces(signal, seed), *last)))


@settings(deadline=None, max_examples=100)
@given(st.integers(50, 400_000), st.integers(50, 400_000), st.integers(1, 500), ROUNDING)
def test_predicted_length_is_that_of_the_result(joined, rate, new_rate, count, rounding):
    """The predicted length is the length of the result of soxr."""
    if count * new_rate > 2_000_000 * rate:
        count = 1
    out = joined(resample([noise(count)], rate, new_rate, "SoxrHQ", rounding))
    assert resampled_length(count, rate, new_rate, rounding) == len(out)


@pytest.mark.parametrize("resampler", [name for name in RESAMPLERS if name not in SOXR])
@settings(deadline=None, max_examples=40)
@given(RATES, RATES, st.integers(1, 4000), ROUNDING)
def test_predicted_length_is_that_of_filters(joined, resampler, rate, new_rate, count, rounding):
    """The predicted length is the length of the result of a filter."""
    out = joined(resample([noise(count)], rate, new_rate, resampler, rounding))
    assert resampled_length(count, rate, new_rate, rounding) == len(out)


@pytest.mark.parametrize("quality", ["HQ", "VHQ", "MQ"])
@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_result_equals_soxr(joined, speech, rate, quality):
    """The samples are those of soxr's own function at each quality."""
    expected = soxr.resample(speech.astype("f4"), rate, 16000, quality=quality)
    actual = joined(resample([speech.astype("f4")], rate, 16000, f"Soxr{quality}"))
    np.testing.assert_array_equal(expected, actual, strict=True)


@pytest.mark.parametrize("count", [147, 148, 149, 1000])
def test_ceiling_of_soxr_appends_a_zero_at_most(joined, count):
    """With the rule Ceiling, soxr's samples are followed by a zero if it rounded down (A46)."""
    rounded = joined(resample([noise(count)], 22050, 16000))
    ceiling = joined(resample([noise(count)], 22050, 16000, "SoxrHQ", "Ceiling"))
    assert -(-count * 16000 // 22050) == len(ceiling)
    assert np.array_equal(np.pad(rounded, (0, len(ceiling) - len(rounded))), ceiling)


def test_round_of_filters_drops_a_sample_at_most(joined):
    """With the rule Round, a filter gives the first samples of those with the rule Ceiling."""
    lengths = []
    for count in range(1, 500):
        args = [noise(count)], 44100, 16000, "TorchaudioHann"
        ceiling, rounded = joined(resample(*args, "Ceiling")), joined(resample(*args, "Round"))
        assert np.array_equal(ceiling[: len(rounded)], rounded)
        lengths.append(len(ceiling) - len(rounded))
    assert {0, 1} == set(lengths)


@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_own_rule_for_the_length(resampler):
    """Round belongs to soxr, and Ceiling to the other libraries (A46)."""
    assert ("Round" if resampler.startswith("Soxr") else "Ceiling") == own_rounding(resampler)


def test_equal_rates_do_not_change_blocks():
    """At equal rates the blocks pass unchanged."""
    blocks = [noise(3), noise(2)]
    assert all(a is b for a, b in zip(blocks, resample(blocks, 8000, 8000), strict=True))


@pytest.mark.parametrize("resampler", RESAMPLERS)
@pytest.mark.parametrize(("rate", "new_rate"), [(44100, 16000), (8000, 48000)])
def test_tone_keeps_its_frequency_and_level(rate, new_rate, resampler):
    """A tone of 1 kHz is the same tone at the new rate, except at the ends."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    expected = np.sin(2 * np.pi * 1000 * np.arange(new_rate) / new_rate)
    edge = new_rate // 20
    actual = NetEncoder("Audio", SampleRate=new_rate, Resampling=resampler)(Audio(tone, rate))
    # The pass band of torchaudio's default is the least even.
    tolerance = 1e-4 if resampler in SOXR else 5e-3
    np.testing.assert_allclose(actual[edge:-edge, 0], expected[edge:-edge], atol=tolerance)


def test_no_samples_give_no_samples(joined):
    """A signal without samples gives no samples."""
    assert 0 == len(joined(resample([], 8000, 16000)))


@pytest.mark.parametrize("rate", COMMON)
@pytest.mark.parametrize("new_rate", COMMON)
@pytest.mark.parametrize("count", [1, 1000])
@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_target_length_reads_one_block(rate, new_rate, count, resampler):
    """For common rates one block with the wanted length and the lookahead is enough."""
    requested = []

    class Counted:
        name, channels, length, origin = "counted", 1, None, (0, 0)
        augmentation = None

        def blocks(self, size):
            requested.append(size)
            signal = noise(4 * size)[:, np.newaxis]
            for start in range(0, len(signal), size):
                requested[1:] = [start // size + 1]
                yield signal[start : start + size]

    recording = Counted()
    recording.rate = rate
    resolved = {"SampleRate": new_rate, "TargetLength": count, "Normalization": None, **MEAN}
    resolved["Resampling"] = resampler
    assert count == sum(len(block) for block in waveform(recording, resolved))
    longest = {"SoxrHQ": 1400, "SoxrMQ": 1400, "SoxrVHQ": 1800}.get(resampler, 4500)
    ahead = 0 if rate == new_rate else longest * max(rate, new_rate) / new_rate + 1
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
    _compare_first_samples(joined, rate, new_rate, count, "SoxrHQ")


@settings(deadline=None, max_examples=80)
@given(RATES, RATES, st.integers(1, 700), st.sampled_from(RESAMPLERS))
def test_target_length_gives_the_first_samples_of_any_resampler(
    joined, rate, new_rate, count, resampler
):
    """The first samples have the same bits, with and without decoding of the rest."""
    _compare_first_samples(joined, rate, new_rate, count, resampler)


def _compare_first_samples(joined, rate, new_rate, count, resampler):
    audio = Audio(noise(max(500, min(100_000, 1000 * rate // new_rate))), rate)
    resolved = {"SampleRate": new_rate, "TargetLength": All, "Normalization": None, **MEAN}
    resolved["Resampling"] = resampler
    with open_recording(audio) as recording:
        whole = joined(waveform(recording, resolved))
        first = joined(waveform(recording, {**resolved, "TargetLength": count}))
    expected = np.pad(whole, (0, max(0, count - len(whole))))[:count]
    assert np.array_equal(expected, first)


def test_half_a_sample_is_rounded_as_soxr_does():
    """The length of soxr for 46.5 samples is 46, and for 1.5 samples 2."""
    for rate, new_rate, length in ((50, 2325, 46), (2, 3, 2)):
        assert length == resampled_length(1, rate, new_rate)
        blocks = resample([np.ones(1, np.float32)], rate, new_rate)
        assert length == sum(len(block) for block in blocks)
