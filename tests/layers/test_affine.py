"""Affine and Clip: arithmetic with numbers and vectors."""

import numpy as np
import pytest

from netencoders import ArraySpec, LayerError, NetLayer, ParameterError, Varying

ROWS = np.random.default_rng(0).normal(0, 3, (50, 3)).astype(np.float32)


def naive(rows, shift, factor):
    """Return each element with its constants, in float64."""
    shift, factor = np.broadcast_to(shift, 3), np.broadcast_to(factor, 3)
    return [
        [(x + s) * f for x, s, f in zip(row, shift, factor, strict=True)] for row in rows.tolist()
    ]


@pytest.mark.parametrize(
    ("shift", "factor"),
    [(0, 1), (4, 0.25), ([1, -2, 3], 2), (0, [1, 10, 0]), ([1, 2, 3], [4, 5, 6])],
)
def test_shift_comes_before_factor(shift, factor):
    """The shift is added, then the factor multiplies, one of each for all or for each feature."""
    actual = NetLayer("Affine", Shift=shift, Factor=factor)(ROWS)
    assert "float32" == actual.dtype
    np.testing.assert_allclose(naive(ROWS, shift, factor), actual, rtol=1e-6, atol=1e-6)


def test_numbers_without_effect_are_neutral():
    """Shift 0 and Factor 1 change no bit, no digest, and no quantity."""
    form = ArraySpec((Varying, 3), quantity="log")
    assert np.array_equal(ROWS, NetLayer("Affine")(ROWS))
    assert NetLayer("Affine").digest == NetLayer("Affine", Shift=0, Factor=1).digest
    assert "log" == NetLayer("Affine", Shift=3).infer(form).quantity
    assert "" == NetLayer("Affine", Factor=3).infer(form).quantity


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (ArraySpec((Varying, 4)), r"Shift has 3 numbers, and there are 4 features: \(Varying, 4\)"),
        (ArraySpec((Varying, Varying)), "Shift has 3 numbers, and the number of features varies"),
        (
            ArraySpec((3, Varying), stream_axis=1),
            r"of \(3, Varying\) is time: put this layer before",
        ),
        (ArraySpec((Varying,)), r"of \(Varying,\) is time: put the layer AddAxis before it"),
        (ArraySpec((Varying, 3), "int32"), "gets int32: put the layer Cast before it"),
        (ArraySpec((Varying, 3), "float16"), "are of type float16, and 70000.0 is too large"),
    ],
)
def test_forms_that_do_not_fit_the_vector_are_refused(form, message):
    """The length of a vector is that of the last dimension, which is not time."""
    with pytest.raises(LayerError, match=message):
        NetLayer("Affine", Shift=[1, 2, 7e4]).infer(form)


def test_number_works_along_any_dimension():
    """A number needs no features: time may be last."""
    form = ArraySpec((3, Varying), stream_axis=1)
    assert form == NetLayer("Affine", Factor=2).infer(form)


def test_constants_are_numbers():
    """Texts and empty lists are refused with the standard message."""
    for bad in ("4", [], [1, "2"]):
        with pytest.raises(ParameterError, match="'Shift' must be a number"):
            NetLayer("Affine", Shift=bad)


def test_clip_limits_both_sides():
    """Elements are between the limits, and those inside keep their bits."""
    actual = NetLayer("Clip", Low=-2, High=1)(ROWS)
    assert np.array_equal([[min(max(x, -2), 1) for x in row] for row in ROWS.tolist()], actual)
    assert (-1, 1) == tuple(NetLayer("Clip").parameters.values())


@pytest.mark.parametrize(("low", "high"), [(None, 1), (-2, None), (None, None)])
def test_clip_of_one_side(low, high):
    """None is no limit, and has no effect on the digest."""
    layer = NetLayer("Clip", Low=low, High=high)
    inf = float("inf")
    expected = np.clip(ROWS, -inf if low is None else low, inf if high is None else high)
    actual = layer(ROWS)
    assert np.array_equal(expected, actual)
    assert not np.shares_memory(ROWS, actual)


def test_wrong_limits_are_refused():
    """The lower limit is below the upper one, and fits the type."""
    with pytest.raises(ParameterError, match=r"'Low' must be below 'High'. Got 1.0 and 1.0."):
        NetLayer("Clip", Low=1, High=1)
    with pytest.raises(LayerError, match=r"are of type float16, and -70000.0 is too large"):
        NetLayer("Clip", Low=-70000).infer(ArraySpec((Varying, 3), "float16"))
    with pytest.raises(LayerError, match="gets uint8: put the layer Cast before it"):
        NetLayer("Clip").infer(ArraySpec((Varying, 3), "uint8"))
