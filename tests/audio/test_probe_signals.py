"""The signals of probes: the same integers on every machine."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from netencoders import Automatic, NetEncoder, ProbeError, VerificationError
from netencoders.yaml_specs.probe import MAX_LENGTH as MAX_OF_SPECS
from netencoders_audio import Audio, probe_audio, probe_lengths
from netencoders_audio.probe_signals import LEVELS, MAX_LENGTH, SIGNALS

M = 2**32

PINNED = {
    "Syllables": "471ccd4d3524dd6a54b505ae9411031057621282d8b513f41cce47a57ec03e32",
    "Noise": "3c77a9430967200f699ad06b43c7c5f6749d501ed203c7eb24a65ac18b7f149d",
    "Sweep": "0e234f0ccad55b9b933dabf0a1b87ddf3d2daf6b04a10a777c1f94009b98e414",
}


def triangle(phase: int) -> int:
    """Return the triangle wave of one phase."""
    upper = phase % M // 2**16
    return 2 * min(upper, 2**16 - 1 - upper) - 2**15 + 1


def naive_noise(length: int, rate: int) -> list[int]:
    """Return the noise by its recurrence."""
    state, samples = rate, []
    for _ in range(length):
        samples.append(state // 2**16 - 2**15)
        state = (1664525 * state + 1013904223) % M
    return samples


def naive_sweep(length: int, rate: int) -> list[int]:
    """Return the sweep, sample after sample."""
    phase, samples = rate * 2**16, []
    for n in range(length):
        phase = (phase + n * (2**31 // length)) % M
        samples.append(triangle(phase) // 4)
    return samples


def naive_syllables(length: int, rate: int) -> list[int]:
    """Return the syllables, sample after sample."""
    noise, phase, samples = naive_noise(length, rate), 0, []
    count = len(LEVELS)
    starts = [-(-k * length // count) for k in range(count + 1)]
    size = -(-length // count)
    for n in range(length):
        part = max(k for k in range(count) if starts[k] <= n)
        rise = M * 62 // (rate * size)
        phase = (phase + M * 125 // rate + (n - starts[part]) * rise) % M
        wave = triangle(phase) // 2 + triangle(11 * phase) // 4 + triangle(29 * phase) // 8
        level = LEVELS[part]
        samples.append(0 if level is None else (wave + noise[n] // 16 + 1024) // 2**level)
    return samples


NAIVE = {"Syllables": naive_syllables, "Noise": naive_noise, "Sweep": naive_sweep}


@pytest.mark.parametrize("rate", [1, 8000, 44100, 10_000_000])
@pytest.mark.parametrize("length", [1, 2, 11, 12, 13, 500, 5001])
@pytest.mark.parametrize("signal", SIGNALS)
def test_signal_equals_the_naive_integers(signal: str, length: int, rate: int) -> None:
    """The samples are those of Python integers, for any length."""
    samples = probe_audio(signal, length, rate).samples
    assert np.int16 == samples.dtype
    assert NAIVE[signal](length, rate) == samples.tolist()


@pytest.mark.parametrize("signal", SIGNALS)
def test_signal_depends_on_the_rate(signal: str) -> None:
    """Another SampleRate is noticed, also by an encoder that gives the samples themselves."""
    encoder = NetEncoder("Audio")
    probe = encoder.probe(signal)
    for rate in (8000, 16001):
        changed = NetEncoder("Audio", SampleRate=rate).to_dict()
        with pytest.raises(VerificationError, match="values differ by more than"):
            NetEncoder.from_dict({**changed, "probe": probe}).verify()


@pytest.mark.parametrize("signal", SIGNALS)
def test_signal_is_pinned(signal: str) -> None:
    """The samples never change: stored probes depend on them."""
    samples = probe_audio(signal, 48000, 16000).samples.astype("<i2")
    assert PINNED[signal] == hashlib.sha256(samples.tobytes()).hexdigest()


def test_longest_signal_is_made() -> None:
    """The longest signal of a spec fits the integers."""
    for signal in SIGNALS:
        samples = probe_audio(signal, MAX_LENGTH, 16000).samples
        assert -(2**15) <= samples.min() < -1000 < 1000 < samples.max() < 2**15


def test_syllables_have_silence_and_all_levels_and_frequencies() -> None:
    """There are zeros, quiet and loud parts, and no frequency without energy."""
    samples = probe_audio("Syllables", 48000, 16000).samples.astype(float)
    parts = np.sqrt(np.mean(samples.reshape(12, -1) ** 2, axis=1))
    assert 4 == (parts == 0).sum()
    assert parts.max() > 5000
    assert 0 < parts[parts > 0].min() < 50
    spectrum = NetEncoder("AudioSpectrogram")(Audio(samples.astype(np.int16), 16000))
    decibels = 10 * np.log10(spectrum.max(axis=0))
    assert decibels.max() - decibels.min() < 60


def test_lengths_are_about_three_seconds_or_more() -> None:
    """The default is a sample less than 3 seconds; others are bounded by the limit of specs."""
    assert {"Syllables": 23999, "Noise": 23999, "Sweep": 23999} == dict(probe_lengths(8000))
    assert 65536 == probe_lengths(8000, 65536)["Noise"]
    assert MAX_OF_SPECS == MAX_LENGTH == probe_lengths(10_000_000)["Noise"]
    probe = NetEncoder("AudioSpectrogram", SampleRate=8000, WindowSize=16384).probe()
    assert 65536 == probe["length"]


def test_unknown_signal_is_refused() -> None:
    """The error names the signals."""
    with pytest.raises(ProbeError, match=r"no signal 'Hum'. Known: Syllables, Noise, Sweep"):
        probe_audio("Hum", 3, 8000)


@pytest.mark.parametrize("rate", [8000, 44100])
def test_signal_has_the_rate_of_the_encoder(rate: int) -> None:
    """No sample is resampled: the signal has the resolved SampleRate."""
    encoder = NetEncoder("Audio", SampleRate=rate, Channel=Automatic)
    audio = encoder._encoder.probe_input("Noise", 100)
    assert rate == audio.rate
    expected = np.array(naive_noise(100, rate), np.float32) / 2**15
    assert expected.tolist() == encoder(audio)[:, 0].tolist()
