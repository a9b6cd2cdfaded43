"""Levels: warnings of samples in memory whose scale is probably another one."""

import warnings

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioWarning, mono_samples

RAMP = np.linspace(-20_000, 20_000, 8000).astype(np.int16)


def told(value):
    """Return the warnings of an input, and its samples."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        samples = mono_samples(value, 8000)
    assert {AudioWarning} >= {warning.category for warning in caught}
    return [str(warning.message) for warning in caught], samples


def live(samples, size=800):
    """Return an iterator of blocks."""
    return (Audio(samples[at : at + size], 8000) for at in range(0, len(samples), size))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
@pytest.mark.parametrize(
    ("wrap", "name"), [(lambda x: Audio(x, 8000), "Audio"), (live, "iterator")]
)
def test_floats_of_16_bit_range_are_warned_of(dtype, wrap, name):
    """Floats above 4 are encoded unchanged, with one warning that states the remedy."""
    samples = RAMP.astype(dtype)
    found, encoded = told(wrap(samples))
    assert 1 == len(found)
    assert found[0].startswith(f"{name}: its samples reach ")
    assert found[0].endswith(
        ", and full scale is 1; they are encoded unchanged (if they have the scale of 16 bits: "
        "Audio(samples / 32768, rate))"
    )
    np.testing.assert_array_equal(samples.astype("f4"), encoded)


@pytest.mark.parametrize("peak", [4.0, -4.0])
def test_floats_up_to_4_are_quiet(peak):
    """A peak of 4, 12 dB above full scale, is no reason for a warning; a larger one is."""
    assert [] == told(Audio([0.0, peak], 8000))[0]
    [message] = told(Audio([0.0, peak * 1.01], 8000))[0]
    assert "its samples reach 4.04, and" in message


@pytest.mark.parametrize("wrap", [lambda x: Audio(x, 8000), live])
def test_int32_of_16_bit_range_is_warned_of(wrap):
    """Integers of 32 bits in the range of 16 bits are encoded unchanged, with one warning."""
    [message], encoded = told(wrap(RAMP.astype(np.int32)))
    assert (
        "its int32 samples are from -20000 to 20000, within the range of 16 bits; they are encoded "
        "unchanged (if they have the scale of 16 bits: Audio(samples.astype(np.int16), rate))"
    ) == message.partition(": ")[2]
    np.testing.assert_array_equal((RAMP / 2**31).astype("f4"), encoded)


@pytest.mark.parametrize(
    ("samples", "remedy"),
    [
        (RAMP.astype(np.uint32) + np.uint32(2**31), "(samples - np.uint32(2**31 - 2**15)).astype"),
        ((RAMP.astype(np.int32) + 2**15).astype(np.uint32), "samples.astype(np.uint16), rate"),
    ],
)
def test_uint32_of_16_bit_range_is_warned_of(samples, remedy):
    """The same holds about the middle of uint32, and for uint16 in uint32; the remedy works."""
    [message], _ = told(Audio(samples, 8000))
    assert f"Audio({remedy}" in message
    expression = message.rpartition(": Audio(")[2].removesuffix(", rate))")
    fixed = eval(expression, {"np": np}, {"samples": samples})
    np.testing.assert_array_equal(RAMP / np.float32(32768), told(Audio(fixed, 8000))[1])


@pytest.mark.parametrize(
    "samples",
    [
        RAMP.astype(np.int32) * 65536,
        RAMP.astype(np.int32) * 2,  # beyond 16 bits
        np.zeros(8000, np.int32),
        np.full(8000, 2**31, np.uint32),
        RAMP,
        (RAMP // 256).astype(np.int8),
        np.concatenate([RAMP.astype(np.int32), [1 << 15]]).astype(np.int32),
        np.concatenate([RAMP.astype(np.int32), [-(1 << 15) - 1]]).astype(np.int32),
    ],
)
@pytest.mark.parametrize("wrap", [lambda x: Audio(x, 8000), live])
def test_other_integers_are_quiet(samples, wrap):
    """Integers that use their range, silence, and narrow types give no warning."""
    assert [] == told(wrap(samples))[0]


def test_whole_array_of_int32_counts_with_a_target_length():
    """A quiet beginning gives no warning, and a small TargetLength hides none."""
    encoder = NetEncoder("Audio", SampleRate=8000, TargetLength=10)
    quiet = RAMP.astype(np.int32)
    with pytest.warns(AudioWarning, match="within the range of 16 bits"):
        encoder(Audio(quiet, 8000))
    encoder(Audio(np.concatenate([quiet, quiet * 60_000]), 8000))


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_second_reading_gives_no_second_warning(dtype):
    """A stream with Normalization reads the samples twice, and warns once."""
    encoder = NetEncoder("Audio", SampleRate=8000, Normalization="Max")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        list(encoder.stream(Audio(RAMP.astype(dtype), 8000)))
    assert 1 == len(caught)


def test_endless_iterator_is_warned_of_after_10_seconds():
    """The level of an iterator without an end is judged after 10 seconds."""

    def endless():
        while True:
            yield Audio(RAMP.astype(np.int32), 8000)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        blocks = NetEncoder("Audio", SampleRate=8000).stream(endless())
        while not caught:
            next(blocks)
        blocks.close()
    assert str(caught[0].message).startswith("iterator: its int32 samples are from -20000 to 20000")


def test_blocks_of_another_type_are_not_measured():
    """The level of floats is not that of integers in the same iterator."""
    blocks = [Audio(np.zeros(8, np.float32), 8000), Audio(RAMP, 8000)]
    assert [] == told(iter(blocks))[0]
