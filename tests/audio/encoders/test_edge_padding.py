"""PartitionPadding as numbers of samples before and after the signal (A40)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import NetEncoder
from netencoders_audio import Audio, ReconstructionError, reconstruct

RATE = 16000
MODES = {"Zero": "constant", "Reflect": "reflect", "Symmetric": "symmetric"}
RECIPES = [
    [200, 40, "Reflect"],
    [256, 96, "Zero"],
    [120, 200, "Symmetric"],
    [160, -1, "Zero"],
    [0, 1000, "Reflect"],
    [900, 0, "Symmetric"],
    [3, -100, "Reflect"],
]


def samples(count=3000):
    """Return noise."""
    return np.random.default_rng(0).uniform(-0.5, 0.5, count).astype(np.float32)


def padded(signal, padding):
    """Return a padded signal, by numpy."""
    left, right, mode = padding
    whole = np.pad(signal, (left, max(right, 0)), mode=MODES[mode])
    return whole[: len(whole) + min(right, 0)]


@pytest.mark.parametrize("padding", RECIPES, ids=str)
@pytest.mark.parametrize("count", [500, 1777, 3000])
def test_rows_are_those_of_the_padded_signal(padding, count):
    """The rows are those of whole partitions of the signal that numpy pads."""
    encoder = NetEncoder("AudioSpectrogram", Offset=160, PartitionPadding=padding)
    whole = encoder.replace(PartitionPadding=None)
    expected = whole(Audio(padded(samples(count), padding), RATE))
    assert np.array_equal(expected, encoder(Audio(samples(count), RATE)))
    fixed = encoder.replace(TargetLength=count)
    assert expected.shape == fixed.output.dims
    assert np.array_equal(expected, fixed(Audio(samples(4000)[:count], RATE)))


@settings(max_examples=100)
@given(
    st.integers(100, 2000),
    st.integers(0, 600),
    st.integers(-90, 600),
    st.sampled_from(list(MODES)),
    st.integers(1, 700),
)
def test_stream_has_the_bits_of_the_call(count, left, right, mode, size):
    """Blocks of any size give the bits of the call, and those of the padded signal."""
    encoder = NetEncoder(
        "AudioMelSpectrogram", WindowSize=10, Offset=7, FFTLength=400,
        PartitionPadding=[left, right, mode], SampleRate=8000,
    )  # fmt: skip
    signal = samples(count)
    expected = encoder.replace(PartitionPadding=None)(
        Audio(padded(signal, [left, right, mode]), 8000)
    )
    assert np.array_equal(expected, encoder(Audio(signal, 8000)))
    blocks = (Audio(signal[start : start + size], 8000) for start in range(0, count, size))
    assert np.array_equal(expected, np.concatenate(list(encoder.stream(blocks))))


@pytest.mark.parametrize(
    ("name", "parameters", "padding"),
    [
        ("Center", {"WindowSize": 400}, [200, 200, "Zero"]),
        ("CenterReflect", {"WindowSize": 401}, ["12.5 ms", 200, "Reflect"]),
        ("Center", {"WindowSize": 400, "FFTLength": 512}, [200, 200, "Zero"]),
        (
            "CenterReflect",
            {"WindowSize": 400, "FFTLength": 512, "WindowPlacement": "Center"},
            ["16 ms", 256, "Reflect"],
        ),
        ("Center", {"WindowSize": 1}, None),
        ([0, 0, "Reflect"], {}, None),
        ([0, -3, "Reflect"], {}, [0, -3, "Zero"]),
    ],
)
def test_equal_paddings_have_one_digest(name, parameters, padding):
    """A name and its numbers of samples are one declaration."""
    named = NetEncoder("AudioSpectrogram", PartitionPadding=name, **parameters)
    encoder = named.replace(PartitionPadding=padding)
    assert encoder.resolved == named.resolved
    assert encoder.digest == named.digest
    audio = Audio(samples(), RATE)
    assert np.array_equal(named(audio), encoder(audio))


def test_kinds_of_padding_have_different_digests():
    """Each number and each mode is part of the digest."""
    paddings = [*RECIPES, [200, 40, "Zero"], [201, 40, "Reflect"], "Right", None]
    digests = {NetEncoder("AudioSTFT", PartitionPadding=padding).digest for padding in paddings}
    assert len(paddings) == len(digests)


@pytest.mark.parametrize("padding", RECIPES, ids=str)
def test_time_axis_begins_with_the_padding(padding):
    """Time 0 is the first sample of the recording, without the padding."""
    encoder = NetEncoder("AudioSTFT", Offset=160, PartitionPadding=padding)
    assert (200 - padding[0]) / RATE == pytest.approx(encoder.output.axes[0].start)


@pytest.mark.parametrize("padding", [*RECIPES, [2000, 0, "Zero"]], ids=str)
def test_samples_are_reconstructed(padding):
    """The inverse has the samples between the first and the last window."""
    encoder = NetEncoder(
        "AudioSTFT", Offset=100, WindowFunction="hamming", PartitionPadding=padding
    )
    signal = samples()
    rows = encoder(Audio(signal, RATE))
    actual = reconstruct(rows, encoder, length=3000)
    reached = min(3000, 100 * (len(rows) - 1) + 400 - padding[0])
    np.testing.assert_allclose(actual[:reached], signal[:reached], rtol=0, atol=1e-5)
    assert len(reconstruct(rows, encoder)) >= reached


def test_default_length_within_the_padding():
    """If all windows end before the recording, the shortest length is the default."""
    encoder = NetEncoder("AudioSTFT", Offset=200, PartitionPadding=[700, 0, "Zero"])
    rows = encoder(Audio(samples(50), RATE))
    assert (2, 1) == (len(rows), len(reconstruct(rows, encoder)))


def test_rows_of_no_recording_cannot_be_reconstructed():
    """The message about a number of rows shows the numbers of samples."""
    encoder = NetEncoder("AudioSTFT", PartitionPadding=[5000, 0, "Zero"])
    message = r"No recording has 3 rows if the encoder has PartitionPadding \[5000, 0, 'Zero'\]\."
    with pytest.raises(ReconstructionError, match=message):
        reconstruct(np.zeros((3, 400, 2), np.float32), encoder)
