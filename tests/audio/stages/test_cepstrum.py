"""Cepstrum, compared with scipy's cosine transform, and with the formulas term by term."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.fft import dct

from netencoders_audio.stages.cepstrum import cosine_matrix, dynamic_floor, logarithm

EPS = float(np.finfo(np.float32).eps)


def naive_matrix(filters, coefficients, scaling, lifter):
    """Return the matrix, computed one element at a time."""

    def element(r, n):
        scale = math.sqrt((1 if n == 0 or scaling == "Fourier" else 2) / filters)
        weight = 1.0 if lifter is None else 1 + lifter / 2 * math.sin(math.pi * n / lifter)
        return weight * scale * math.cos(math.pi / filters * (r + 0.5) * n)

    return np.array([[element(r, n) for n in range(coefficients)] for r in range(filters)])


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from(["Fourier", "Orthonormal"]),
    st.one_of(st.none(), st.floats(0.5, 100)),
)
def test_matrix_equals_the_definition(filters, coefficients, scaling, lifter):
    """Every element follows the definition."""
    coefficients = min(coefficients, filters)
    expected = naive_matrix(filters, coefficients, scaling, lifter)
    actual = cosine_matrix(filters, coefficients, scaling, lifter)
    assert (np.dtype("float32"), (filters, coefficients)) == (actual.dtype, actual.shape)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=EPS * np.abs(expected).max())


@pytest.mark.parametrize("filters", [1, 2, 13, 40, 128])
def test_matrix_agrees_with_scipy(filters):
    """Both scalings agree with scipy: orthonormal, and its default by 2 sqrt(filters)."""
    values = np.random.default_rng(0).normal(size=(5, filters))
    for scaling, expected in {
        "Orthonormal": dct(values, norm="ortho"),
        "Fourier": dct(values) / (2 * math.sqrt(filters)),
    }.items():
        actual = values @ cosine_matrix(filters, filters, scaling, None)
        np.testing.assert_allclose(actual, expected, atol=1e-6 * math.sqrt(filters))


def test_orthonormal_matrix_is_orthogonal():
    """With all coefficients, the transform times its transpose is the identity."""
    matrix = cosine_matrix(40, 40, "Orthonormal", None).astype("f8")
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(40), atol=1e-6)


def test_lifter_weighs_coefficients():
    """Coefficient 0 keeps its weight; the weight is largest at half the lifter."""
    plain, lifted = (cosine_matrix(40, 23, "Fourier", lifter) for lifter in (None, 22.0))
    np.testing.assert_array_equal(plain[:, 0], lifted[:, 0])
    np.testing.assert_allclose(lifted[:, 11], plain[:, 11] * 12, rtol=4 * EPS)
    np.testing.assert_allclose(lifted[:, 22], plain[:, 22], rtol=8 * EPS)


@pytest.mark.parametrize(
    ("kind", "power", "naive"),
    [
        ("Natural", 2, math.log), ("Natural", 1, math.log), ("Base10", 2, math.log10),
        ("Base10", 1, math.log10), ("Decibel", 2, lambda x: 10 * math.log10(x)),
        ("Decibel", 1, lambda x: 20 * math.log10(x)),
    ],
)  # fmt: skip
def test_logarithm_equals_its_formula(kind, power, naive):
    """Each logarithm follows its formula, with a floor, also in place."""
    values = np.geomspace(1e-20, 1e20, 1000, dtype="f4").reshape(20, 50)
    expected = [[naive(max(float(value), 1e-10)) for value in row] for row in values]
    out = np.empty_like(values)
    assert logarithm(values, kind, 1e-10, power, out) is out
    np.testing.assert_allclose(out, expected, rtol=4 * EPS, atol=4 * EPS)
    np.testing.assert_array_equal(out, logarithm(values, kind, 1e-10, power, values))


def test_logarithm_of_zero_is_that_of_the_floor():
    """The logarithm of zero is that of the floor."""
    out = logarithm(np.zeros((1, 2), "f4"), "Base10", 1e-10, 2, np.empty((1, 2), "f4"))
    np.testing.assert_allclose(out, -10, rtol=EPS)


@pytest.mark.parametrize(
    ("largest", "dynamic_range", "power", "expected"),
    [(1.0, 80, 2, 1e-8), (1.0, 80, 1, 1e-4), (5.0, 20, 2, 0.05), (0.0, 80, 2, 1e-10),
     (1e-5, 80, 2, 1e-10), (1e30, 1000, 2, 1e-10)],
)  # fmt: skip
def test_dynamic_floor_is_below_the_largest_value(largest, dynamic_range, power, expected):
    """The floor is `dynamic_range` decibels below the largest value, and never below `floor`."""
    assert expected == pytest.approx(dynamic_floor(largest, 1e-10, dynamic_range, power))
