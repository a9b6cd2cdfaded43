"""Augment: changes of a waveform, against naive implementations, for blocks of any size."""

import numpy as np
import pytest

from netencoders.draws import Draws
from netencoders_audio.stages.augment import add_noise, add_recording, scale, shift
from netencoders_audio.stages.convolution import MIN_LENGTH, Response, convolve
from netencoders_audio.stages.vocal_tract import warped_frequencies

DRAWS = Draws(bytes(range(32)))


def signal(count, seed=0):
    """Return noise in float32."""
    return np.random.default_rng(seed).uniform(-1, 1, count).astype(np.float32)


def cut(samples, sizes):
    """Yield samples in blocks of some sizes again and again, all in one memory."""
    memory = np.empty(max(sizes), np.float32)
    start = place = 0
    while start < len(samples):
        count = min(sizes[place % len(sizes)], len(samples) - start)
        memory[:count] = samples[start : start + count]
        yield memory[:count]
        start, place = start + count, place + 1


def joined(blocks):
    """Return all samples, copied at once, since the next block may overwrite a block."""
    return np.concatenate([np.empty(0, np.float32), *(block.copy() for block in blocks)])


SIZES = [[10**6], [1], [7, 0, 30], [64, 3]]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("offset", [0, 1, 5, 99, 100, 250, -1, -30, -99, -100, -250])
def test_shift_moves_and_fills_with_zeros(sizes, offset):
    """The length stays, and zeros come from outside."""
    samples = signal(100)
    padded = np.concatenate([np.zeros(300, np.float32), samples, np.zeros(300, np.float32)])
    expected = padded[300 - offset : 400 - offset]
    np.testing.assert_array_equal(expected, joined(shift(cut(samples, sizes), offset)))


def test_shift_holds_no_more_than_its_offset():
    """Of an endless signal, each block is returned before the next one is read."""

    def endless():
        while True:
            read.append(1)
            yield np.ones(10, np.float32)

    for offset in (25, -25):
        read = []
        blocks = shift(endless(), offset)
        total = 0
        while total < 1000:
            total += len(next(blocks))
        assert len(read) <= 100 + 3


def test_scale_multiplies_in_float32():
    """The factor is rounded to float32 first, as in other libraries."""
    samples = signal(100)
    actual = joined(scale(cut(samples, [7]), 0.3))
    assert np.float32 == actual.dtype
    np.testing.assert_array_equal(samples * np.float32(0.3), actual)


@pytest.mark.parametrize("sizes", SIZES)
def test_noise_is_the_drawn_numbers(sizes):
    """Sample i has the normal number at position i, for blocks of any size."""
    samples = signal(1000)
    expected = samples + np.float32(0.1) * DRAWS.normal(1000).astype(np.float32)
    np.testing.assert_array_equal(expected, joined(add_noise(cut(samples, sizes), 0.1, DRAWS)))


@pytest.mark.parametrize("sizes", SIZES)
def test_recording_repeats_from_its_start(sizes):
    """A short recording is added again and again, from the drawn sample on."""
    samples, recording = signal(100), signal(17, 1)
    expected = [samples[i] + np.float32(0.5) * recording[(5 + i) % 17] for i in range(len(samples))]
    actual = joined(add_recording(cut(samples, sizes), recording, 5, 0.5))
    np.testing.assert_array_equal(expected, actual)
    np.testing.assert_array_equal(signal(17, 1), recording)


@pytest.mark.parametrize("sizes", [[10**6], [999, 1], [4096]])
@pytest.mark.parametrize(
    ("count", "length"), [(1, 1), (50, 20), (20_000, 1), (30_000, 2500), (9000, 9001)]
)
def test_convolution_is_the_sum(sizes, count, length):
    """The beginning of the whole convolution, to the rounding of float32."""
    samples, response = signal(count), signal(length, 1)
    expected = np.convolve(samples.astype(np.float64), response.astype(np.float64))[:count]
    actual = joined(convolve(cut(samples, sizes), Response(response)))
    assert (np.float32, count) == (actual.dtype, len(actual))
    np.testing.assert_allclose(expected, actual, rtol=1e-6, atol=1e-5)


def test_convolution_has_the_same_bits_for_any_blocks():
    """The blocks of the transform depend on the response alone."""
    samples, response = signal(40_000), Response(signal(3000, 1))
    assert MIN_LENGTH * 2 == response.block + 3000 - 1
    expected = joined(convolve(cut(samples, [10**6]), response))
    for sizes in ([1000], [1, 8191], [16384]):
        assert expected.tobytes() == joined(convolve(cut(samples, sizes), response)).tobytes()


def test_unit_response_changes_nothing():
    """A response of one sample of 1 gives the samples, as nearly as a transform can."""
    samples = signal(5000)
    actual = joined(convolve(cut(samples, [512]), Response(np.ones(1, np.float32))))
    np.testing.assert_allclose(samples, actual, atol=1e-7)


def test_stages_of_no_samples_give_none():
    """A signal without samples stays one."""
    assert 0 == len(joined(shift(iter([]), 5))) == len(joined(shift(iter([]), -5)))
    assert 0 == len(joined(convolve(iter([]), Response(signal(5)))))
    assert 0 == len(joined(add_noise(iter([]), 1.0, DRAWS)))


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.0, 1.1, 2.0])
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_warp_is_the_published_formula(factor, rate):
    """It is that of Jaitly and Hinton, with an edge of 4800 Hz at 16 kHz; the order stays."""
    half, edge = rate / 2, 4800 * rate / 16000
    bend = edge * min(factor, 1)

    def naive(f):
        if f <= bend / factor:
            return f * factor
        return half - (half - bend) / (half - bend / factor) * (half - f)

    hertz = np.linspace(0, half, 1001)
    actual = warped_frequencies(hertz, factor, rate)
    np.testing.assert_allclose([naive(f) for f in hertz], actual, rtol=1e-12)
    assert (np.diff(actual) > 0).all()
    np.testing.assert_allclose([0, half], actual[[0, -1]], atol=1e-9)
