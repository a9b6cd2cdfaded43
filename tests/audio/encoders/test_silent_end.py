"""A silent end: of equal partitions of zeros, one is computed, with the bits of all."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netencoders import Axis, NetEncoder, registered
from netencoders_audio import SPECTRAL, Audio, PartitionedEncoder, row_stable
from netencoders_audio.encoders import partitioned
from netencoders_audio.stages.partition import partition, sounding

NAMES = ["AudioSpectrogram", "AudioMelSpectrogram", "AudioMFCC", "AudioChroma", "AudioSTFT"]
PARAMETERS = [
    {"TargetLength": 100_000},
    {"TargetLength": 100_000, "PartitionPadding": "CenterReflect", "PreEmphasis": 0.97},
    {"MinimumLength": 400_000, "FillSide": "Start", "WindowSize": 512, "Offset": 600},
    {"WindowSize": 400, "FFTLength": 512, "WindowPlacement": "Center", "RemoveMean": True},
    {"TargetLength": 50_000, "TransformPrecision": "Double"},
]


def speech(zero=0.0):
    """Return noise, silence inside of it, and silence after it."""
    samples = np.random.default_rng(0).uniform(-1, 1, 30_000).astype("f4")
    samples[5000:15_000] = zero
    samples[20_000:] = zero
    return samples


@given(
    st.integers(1, 20),
    st.integers(1, 12),
    st.integers(1, 9),
    st.lists(st.integers(0, 99), max_size=3),
)
@example(4, 6, 3, [13])  # a sample of the last partition only
def test_sounding_equals_the_naive_loop(count, size, offset, places):
    """The number of partitions up to the last one with a sample other than +0.0."""
    samples = np.zeros((count - 1) * offset + size, np.float32)
    for place in places:
        samples[place % len(samples)] = -0.0 if place % 2 else 0.5
    [rows] = partition([samples], size, offset, count)
    found = [index for index, row in enumerate(rows) if row.tobytes().strip(b"\0")]
    assert (found[-1] + 1 if found else 0) == sounding(rows)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_silent_end_has_the_bits_of_all_partitions(monkeypatch, name, parameters, zero):
    """The array is that of a computation of all partitions, bit for bit, also in a stream."""
    encoder, audio = NetEncoder(name, **parameters), Audio(speech(zero), 16000)
    actual = encoder(audio)
    streamed = np.concatenate(list(encoder.stream(audio)))
    monkeypatch.setattr(partitioned, "sounding", len)
    expected = encoder(audio)
    assert expected.tobytes() == actual.tobytes()
    assert expected.tobytes() == streamed.tobytes()


def test_silence_alone_has_the_bits_of_all_partitions(monkeypatch):
    """A recording of zeros gives equal rows."""
    encoder, audio = NetEncoder("AudioMFCC"), Audio(np.zeros(500_000, np.float32), 16000)
    actual = encoder(audio)
    monkeypatch.setattr(partitioned, "sounding", len)
    assert encoder(audio).tobytes() == actual.tobytes()


@pytest.mark.parametrize(("mark", "expected"), [(row_stable, 113), (lambda compute: compute, 300)])
def test_partitions_of_a_silent_end_are_not_computed(mark, expected):
    """One partition of zeros is computed; all are if `compute` is not marked as row-stable."""
    counts = []

    class Counted(PartitionedEncoder):
        """Counts the rows that it computes."""

        name = "Counted"
        parameters = SPECTRAL
        row = (1,)

        def output(self):
            """Return (n, 1)."""
            return self.rows_spec(Axis("feature"))

        @mark
        def compute(self, spectrum, spare, out):
            """Write the magnitude of bin 1."""
            counts.append(len(out))
            out[:] = np.abs(spectrum[:, 1:2])

    with registered(Counted):
        encoder = NetEncoder("Counted", Offset=160, TargetLength=48_000)
        array = encoder(Audio(np.ones(17_800, np.float32), 16000))
    assert 300 == len(array)
    assert expected == sum(counts)
