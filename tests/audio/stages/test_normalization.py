"""Normalization by the peak, the root mean square, or mean and variance (A4, A42)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from netencoders_audio.stages.normalization import measure, moments, normalize

SIGNALS = hnp.arrays(
    "float32", st.integers(1, 200), elements=st.floats(-(2.0**39), 2.0**39, width=32)
)
LEVELS = st.floats(0, 1e6, exclude_min=True)


@settings(deadline=None)
@given(SIGNALS, LEVELS, st.sampled_from(["Max", "RMS"]), st.integers(0, 99))
def test_any_blocks_give_the_same_bits(pieces, joined, signal, level, kind, seed):
    """The result has the same bits for any blocks."""
    whole = joined(normalize(lambda: [signal], (kind, level)))
    cut = joined(normalize(lambda: pieces(signal, seed), (kind, level)))
    assert np.array_equal(whole, cut)
    assert np.isfinite(whole).all()


@settings(deadline=None)
@given(SIGNALS, st.sampled_from([1, 0.5, 0.1, 3, 1e6]))
def test_peak_is_exactly_the_level(joined, signal, level):
    """The largest absolute value becomes the level exactly; silence stays silence."""
    peak = np.abs(joined(normalize(lambda: [signal], ("Max", level)))).max()
    assert (np.float32(level) if signal.any() else 0) == peak


@settings(deadline=None)
@given(SIGNALS.filter(lambda signal: np.abs(signal).max() > 1e-30), st.sampled_from([1, 0.1, 7]))
def test_root_mean_square_is_the_level(joined, signal, level):
    """The root mean square, computed in float64, becomes the level."""
    scaled = joined(normalize(lambda: [signal], ("RMS", level))).astype("f8")
    assert math.sqrt(np.mean(scaled**2)) == pytest.approx(level, rel=1e-6)


@pytest.mark.parametrize("kind", ["Max", "RMS"])
@pytest.mark.parametrize("size", [1, 100_000])
def test_silence_stays_silent(joined, kind, size):
    """Silent samples stay zero, without a warning."""
    assert not joined(normalize(lambda: [np.zeros(size, np.float32)], (kind, 1.0))).any()


def test_long_signal_has_the_same_level_for_any_blocks(pieces):
    """The root mean square of many groups has the same bits for any blocks."""
    signal = np.random.default_rng(0).standard_normal(100_000).astype(np.float32)
    measured = measure([signal], "RMS")
    assert measured == measure(pieces(signal, 1, largest=40_000), "RMS")
    assert measured == pytest.approx(np.sqrt(np.mean(signal.astype("f8") ** 2)), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_sum_of_squares_does_not_depend_on_the_blocks(pieces, seed):
    """Squares of very different sizes are summed in the same order for any blocks.

    The sum of such squares changes in its last bits with nearly every other grouping.
    """
    random = np.random.default_rng(seed)
    signal = (random.standard_normal(100_000) * 10.0 ** random.uniform(-3, 3, 100_000)).astype("f4")
    expected = measure([signal], "RMS")
    for largest in (10, 1000, 40_000):
        assert expected == measure(pieces(signal, seed, largest), "RMS")


@pytest.mark.parametrize("kind", ["Max", "RMS"])
def test_level_of_no_samples_is_zero(kind):
    """The level of no samples is 0."""
    assert 0 == measure([], kind)


@settings(deadline=None)
@given(SIGNALS, st.sampled_from([0.0, 1e-7, 1.0]), st.integers(0, 99))
def test_standard_equals_the_naive_loop(pieces, joined, signal, epsilon, seed):
    """Mean and variance, by two loops in Python's floats; any blocks give the same bits."""
    plain = signal.astype("f8").tolist()
    mean = math.fsum(plain) / len(plain)
    variance = math.fsum((x - mean) ** 2 for x in plain) / len(plain)
    actual = joined(normalize(lambda: [signal], ("Standard", epsilon)))
    cut = joined(normalize(lambda: pieces(signal, seed), ("Standard", epsilon)))
    assert np.array_equal(actual, cut)
    deviation = math.sqrt(variance + epsilon)
    if deviation > 1e-9 * abs(mean):  # otherwise the naive mean has no digits left
        expected = [(x - mean) / deviation if deviation else 0.0 for x in plain]
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("epsilon", [0.0, 1e-7])
@pytest.mark.parametrize("level", [0.0, 0.1, 1e10])
@pytest.mark.parametrize("size", [1, 3, 100_000])
def test_constant_signal_becomes_zero(joined, epsilon, level, size):
    """The distance of a constant signal from its mean is exactly 0."""
    signal = np.full(size, level, np.float32)
    assert not joined(normalize(lambda: [signal], ("Standard", epsilon))).any()


@pytest.mark.parametrize("offset", [0, 0.5, 1000])
def test_moments_of_a_long_signal(pieces, offset):
    """Mean and variance of many groups have the same bits for any blocks, also with an offset."""
    signal = (np.random.default_rng(0).standard_normal(100_000) + offset).astype(np.float32)
    mean, variance = moments([signal])
    for largest in (1000, 40_000):
        assert (mean, variance) == moments(pieces(signal, 1, largest=largest))
    assert mean == pytest.approx(signal.mean(dtype="f8"), rel=1e-9, abs=1e-12)
    assert variance == pytest.approx(signal.var(dtype="f8"), rel=1e-9)


def test_moments_of_no_samples_are_zero():
    """No samples have the moments 0 and 0."""
    assert (0, 0) == moments([])


@pytest.mark.parametrize("kind", ["Max", "Standard"])
def test_input_signal_is_not_changed(joined, kind):
    """The blocks of the signal are not changed."""
    signal = np.array([1, 2], np.float32)
    joined(normalize(lambda: [signal], (kind, 1.0)))
    assert [1, 2] == signal.tolist()
