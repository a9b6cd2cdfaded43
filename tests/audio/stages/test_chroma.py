"""Chroma: the filters of pitch classes, and the norms of rows (A48)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio import chroma_filters
from netencoders_audio.stages.chroma import chroma_problems, normalize_rows

CASES = st.fixed_dictionaries(
    {
        "count": st.integers(1, 40),
        "fft_length": st.one_of(st.integers(2, 40), st.sampled_from([401, 512])),
        "rate": st.sampled_from([8000, 22050]),
        "tuning": st.sampled_from([0.0, 0.3, -1.5]),
        "octaves": st.sampled_from([(5.0, 2.0), (3.5, 1.0), None]),
        "normalization": st.sampled_from(["Energy", "Sum", "Max", None]),
        "first": st.sampled_from(["C", "A"]),
    }
)


def position(number, case):
    """Return the position of a bin on the scale of chroma, counted from A0 (27.5 Hz)."""
    if number == 0:
        return position(1, case) - 1.5 * case["count"]
    frequency = number * case["rate"] / case["fft_length"]
    reference = 440 * 2 ** (case["tuning"] / case["count"]) / 16
    return case["count"] * math.log2(frequency / reference)


def naive_row(number, case):
    """Return the weights of one bin, by the definition of librosa, with loops."""
    count, at = case["count"], position(number, case)
    last = number == case["fft_length"] - 1
    width = 1 if last else max(position(number + 1, case) - at, 1)
    weights = []
    for chroma in range(count):
        distance = at - chroma
        while distance < -round(count / 2):
            distance += count
        while distance >= count - round(count / 2):
            distance -= count
        weights.append(math.exp(-0.5 * (2 * distance / width) ** 2))
    norm = {
        "Energy": math.sqrt(sum(each * each for each in weights)),
        "Sum": sum(weights),
        "Max": max(weights),
        None: 1,
    }[case["normalization"]]
    octave = 1.0
    if case["octaves"] is not None:
        centre, spread = case["octaves"]
        octave = math.exp(-0.5 * ((at / count - centre) / spread) ** 2)
    weights = [each / norm * octave for each in weights]
    moved = 3 * (count // 12) if case["first"] == "C" else 0
    return weights[moved:] + weights[:moved]


@settings(max_examples=60)
@given(CASES)
def test_filters_equal_the_naive_ones(case):
    """Every parameter at once, bin by bin, in double precision."""
    expected = [naive_row(number, case) for number in range(case["fft_length"] // 2 + 1)]
    actual = chroma_filters(**case)
    assert np.float32 == actual.dtype
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"count": 0}, "'count' must be at least 1, and 'fft_length' at least 2. Got 0 and 512"),
        ({"fft_length": 1}, "'count' must be at least 1, .* Got 12 and 1"),
        (
            {"normalization": "Peak"},
            "'normalization' must be None, 'Max', 'Sum' or 'Energy'. Got 'Peak'",
        ),
        ({"first": "B"}, "'first' must be 'C' or 'A'. Got 'B'"),
    ],
)
def test_filters_refuse_values_without_a_meaning(given, message):
    """A wrong argument is named, with the allowed values."""
    with pytest.raises(ValueError, match=message):
        chroma_filters(**{"count": 12, "fft_length": 512, "rate": 16000} | given)


@pytest.mark.parametrize("count", [1, 5, 12, 500])
def test_no_chroma_is_empty_without_octave_weighting(count):
    """The weights of a bin reach the next one, also if there are more chroma than bins."""
    filters = chroma_filters(count, 64, 16000, octaves=None, normalization="Max")
    assert filters.max(axis=0).min() > 0.5
    assert [] == chroma_problems(count, 64, 16000, 0.0, None)


@pytest.mark.parametrize("scale", [1e-30, 1, 1e30])
@pytest.mark.parametrize(
    ("kind", "norm"), [("Max", np.inf), ("Sum", 1), ("Energy", 2)], ids=["Max", "Sum", "Energy"]
)
def test_rows_have_the_norm_one(kind, norm, scale):
    """Each row has the norm 1, also if the squares are beyond float32."""
    rows = (scale * np.random.default_rng(0).uniform(0, 1, (50, 12))).astype(np.float32)
    expected = rows / np.linalg.norm(rows.astype("f8"), norm, axis=1, keepdims=True)
    normalize_rows(rows, kind)
    np.testing.assert_allclose(rows, expected, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(rows, norm, axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("kind", ["Max", "Sum", "Energy", None])
def test_rows_of_zeros_stay_zero(kind):
    """Silence has no strongest chroma: its row stays zero, and the next row is normalized."""
    rows = np.float32([[0, 0], [0, 2]])
    normalize_rows(rows, kind)
    expected = [[0, 0], [0, 2 if kind is None else 1]]
    assert expected == rows.tolist()
