"""Polynomial: powers of each element."""

import numpy as np
import pytest

from netencoders import ArraySpec, LayerError, NetLayer, ParameterError, Varying

ROWS = np.random.default_rng(0).normal(0, 2, (50, 3)).astype(np.float32)


@pytest.mark.parametrize("coefficients", [[3], [0, 1], [1, -2, 0.5], [0.5, 0, 0, 2]])
def test_one_list_is_for_all_elements(coefficients):
    """The first number belongs to the power 0, as in numpy.polynomial."""
    expected = np.polynomial.polynomial.polyval(ROWS.astype(np.float64), coefficients)
    actual = NetLayer("Polynomial", Coefficients=coefficients)(ROWS)
    assert "float32" == actual.dtype
    np.testing.assert_allclose(expected, actual, rtol=1e-5, atol=1e-5)


def test_lists_are_for_features():
    """Each feature has its own polynomial, of any degree."""
    lists = [[1], [0, 2, 3], [4, 5]]
    expected = [np.poly1d(c[::-1])(ROWS[:, k].astype(np.float64)) for k, c in enumerate(lists)]
    actual = NetLayer("Polynomial", Coefficients=lists)(ROWS)
    np.testing.assert_allclose(np.transpose(expected), actual, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (ArraySpec((Varying, 3)), r"has 2 lists, and the features of \(Varying, 3\) are 3"),
        (ArraySpec((Varying, Varying)), "are of a number that varies"),
        (ArraySpec((2, Varying), stream_axis=1), "and the last one of .* is time: put this layer"),
        (ArraySpec((Varying, 2), "int32"), "gets int32: put the layer Cast before it"),
        (ArraySpec((Varying, 2), "float16"), "are of type float16, and 70000.0 is too large"),
    ],
)
def test_forms_that_do_not_fit_are_refused(form, message):
    """There is one list for each index of the last dimension, which is not time."""
    with pytest.raises(LayerError, match=message):
        NetLayer("Polynomial", Coefficients=[[1, 7e4], [1]]).infer(form)


def test_coefficients_are_numbers():
    """Texts and empty lists are refused with the standard message."""
    for bad in ("4", [], [[]], [1, "2"], [[1], 2]):
        with pytest.raises(ParameterError, match="'Coefficients' must be"):
            NetLayer("Polynomial", Coefficients=bad)


def test_result_has_no_quantity():
    """A polynomial of a logarithm is none."""
    form = ArraySpec((Varying, 3), quantity="log")
    assert "" == NetLayer("Polynomial").infer(form).quantity
