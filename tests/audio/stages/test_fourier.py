"""Fourier and power, compared with the definition, term by term in float64 (A6)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio.stages.fourier import ROW, fourier, repeated_window, window_place
from netencoders_audio.stages.power import power


def terms(rows, window, length, first=0):
    """Return the transform by its definition, as a product with the exponentials."""
    t, b = first + np.arange(rows.shape[1])[:, np.newaxis], np.arange(length // 2 + 1)
    return (rows.astype("f8") * window) @ np.exp(-2j * np.pi * ((b * t) % length) / length)


def transformed(signal, window, before, after):
    """Return the result of `fourier` for partitions with zeros on both sides."""
    rows = np.pad(signal, ((0, 0), (before, after)))
    length = rows.shape[1]
    return fourier(rows, repeated_window(window, length, slice(before, length - after)))


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 50), st.integers(1, 700), st.integers(0, 40), st.integers(0, 99))
def test_transform_equals_the_definition(rows, size, extra, seed):
    """The transform is unscaled, one-sided, and zero-padded at the end of the partitions."""
    random = np.random.default_rng(seed)
    signal, window = random.standard_normal((rows, size)), random.random(size)
    signal, window = signal.astype("f4"), window.astype("f4")
    expected = terms(signal, window, size + extra)
    actual = transformed(signal, window, 0, extra)
    assert (np.dtype("complex64"), (rows, (size + extra) // 2 + 1)) == (actual.dtype, actual.shape)
    bound = 8 * np.finfo("f4").eps * np.abs(signal * window).sum(1, keepdims=True)
    assert (np.abs(expected - actual) <= bound).all()


@pytest.mark.parametrize("length", [1, 7, 400, 512, 1024])
def test_transform_in_double_precision(length):
    """The transform of float64 has the precision of float64."""
    random = np.random.default_rng(0)
    rows, window = random.standard_normal((9, length)), random.random(length)
    expected = terms(rows, window, length)
    actual = transformed(rows, window, 0, 0)
    assert np.dtype("complex128") == actual.dtype
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-14 * length)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 5), st.integers(1, 70), st.integers(0, 40), st.integers(0, 40))
def test_centred_window_shifts_the_phase(rows, size, before, after):
    """A window in the middle has zeros on both sides, and shifts the phase (A25)."""
    random, length = np.random.default_rng(0), before + size + after
    signal, window = random.random((rows, size), "f4"), random.random(size, "f4")
    actual = transformed(signal, window, before, after)
    bound = 8 * np.finfo("f4").eps * (signal * window).sum(1, keepdims=True)
    assert (np.abs(terms(signal, window, length, before) - actual) <= bound).all()


@pytest.mark.parametrize(
    ("size", "length", "placement", "start"),
    [(5, 8, "Start", 0), (5, 8, "Center", 1), (4, 8, "Center", 2), (8, 8, "Center", 0)],
)
def test_window_place_of_each_placement(size, length, placement, start):
    """The window is in the middle, or half a sample before it, as in librosa and torch."""
    assert slice(start, start + size) == window_place(size, length, placement)


@pytest.mark.parametrize("length", [1, 7, 400, ROW - 1, ROW, ROW + 1])
def test_short_window_is_repeated(length):
    """The window is repeated for several short rows or one long row, with zeros around it."""
    window = np.arange(1, length // 2 + 2, dtype=np.float32)
    place = slice(length - len(window), length)
    windows = repeated_window(window, length, place).reshape(-1, length)
    assert max(1, ROW // length) == len(windows)
    assert (windows[:, place] == window).all()
    assert not windows[:, : place.start].any()


@pytest.mark.parametrize("precision", ["f4", "f8"])
@pytest.mark.parametrize("count", [1, 23, 24, 25, 48, 100])
def test_row_has_the_same_bits_in_any_group(count, precision):
    """A row has the same transform beside any other rows, in both precisions."""
    random = np.random.default_rng(0)
    rows, window = random.standard_normal((count, 400), precision), random.random(400, precision)
    windows = repeated_window(window, 400, slice(0, 400))
    alone = [fourier(row[np.newaxis].copy(), windows)[0] for row in rows]
    assert np.array_equal(alone, fourier(rows, windows))


@pytest.mark.parametrize(("exponent", "expected"), [(2, [25, 0, 2]), (1, [5, 0, 2**0.5])])
def test_power_of_each_exponent(exponent, expected):
    """Exponent 2 gives the squared magnitude and 1 the magnitude, written to `out`."""
    out = np.empty((1, 3), np.float32)
    spectrum = np.array([[3 + 4j, 0, -1 + 1j]], np.complex64)
    assert power(spectrum, exponent, out) is out
    np.testing.assert_allclose(out, [expected], rtol=np.finfo("f4").eps)
