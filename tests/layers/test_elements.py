"""Cast and Softmax: types and shares."""

import math

import numpy as np
import pytest

from netencoders import ArraySpec, EncodeError, LayerError, NetLayer, ParameterError, Varying

ROWS = np.random.default_rng(0).normal(0, 3, (50, 5)).astype(np.float32)
TYPES = NetLayer("Cast")._layer.parameters[0].type.options


def exact(value, rounding):
    """Return an integer by Python's own rounding."""
    return round(value) if rounding == "Nearest" else math.trunc(value)


@pytest.mark.parametrize("rounding", ["Nearest", "Truncate"])
def test_floats_are_rounded(rounding):
    """Halves become even, or all digits after the point are cut off."""
    values = np.array([0.5, 1.5, 2.5, -0.5, -2.7, 2.7], np.float32)
    actual = NetLayer("Cast", Type="int8", Rounding=rounding)(values)
    assert [exact(float(value), rounding) for value in values] == actual.tolist()
    assert "int8" == actual.dtype


@pytest.mark.parametrize("given", TYPES)
@pytest.mark.parametrize("wanted", TYPES)
def test_every_pair_of_types(given, wanted):
    """Limits, their neighbours and small numbers keep their value, saturate, or are an error."""
    known = np.finfo(given) if given.startswith("f") else np.iinfo(given)
    other = np.finfo(wanted) if wanted.startswith("f") else np.iinfo(wanted)
    low, high = int(other.min), int(other.max)
    raw = [0, 1, 100, int(known.min), int(known.max)]
    for limit in (low, high):
        if int(known.min) < limit < int(known.max):
            raw += [limit - 1, limit, limit + 1]
            if known.dtype.kind == "f":
                number = known.dtype.type(limit)
                raw += [int(np.nextafter(number, side)) for side in (known.min, known.max)]
    raw = [value for value in raw if int(known.min) <= value <= int(known.max)]
    values = np.array(raw, dtype=object).astype(given)
    saturated = NetLayer("Cast", Type=wanted, Overflow="Saturate")(values)
    limited = [min(max(int(value), low), high) for value in values]
    assert wanted == saturated.dtype
    assert np.array_equal(np.array(limited, dtype=object).astype(wanted), saturated)
    assert np.isfinite(saturated).all()
    strict = NetLayer("Cast", Type=wanted)
    if all(low <= int(value) <= high for value in values):
        assert np.array_equal(saturated, strict(values))
        return
    with pytest.raises(EncodeError, match=f"which {wanted} does not have") as caught:
        strict(values)
    assert "out-of-range" == caught.value.code
    assert "Overflow='Saturate'" in caught.value.remedy


def test_form_of_cast():
    """The type changes, and a range is kept for integers."""
    form = ArraySpec((Varying, 5), "int32", low=-5, high=300)
    bytes_ = NetLayer("Cast", Type="uint8").infer(form)
    assert ("uint8", 0, 255) == (bytes_.dtype, bytes_.low, bytes_.high)
    floats = NetLayer("Cast").infer(form)
    assert ("float32", None, None) == (floats.dtype, floats.low, floats.high)
    assert None is NetLayer("Cast", Type="uint8").infer(ArraySpec((5,))).low
    assert [0.0, 1.0] == NetLayer("Cast")(np.array([False, True])).tolist()
    with pytest.raises(LayerError, match="takes real numbers, and gets complex64"):
        NetLayer("Cast").infer(ArraySpec((Varying, 5), "complex64"))


def test_bad_parameters_of_cast():
    """A type that is not in the list, or a rounding without an effect, is refused."""
    with pytest.raises(ParameterError, match=r"'Type' must be 'float16', .* Got 'int4'"):
        NetLayer("Cast", Type="int4")
    with pytest.raises(ParameterError, match="'Rounding' must be 'Nearest' for Type 'float64'"):
        NetLayer("Cast", Type="float64", Rounding="Truncate")


def test_softmax_gives_shares():
    """Each row has the exponentials of its elements, divided by their sum."""
    actual = NetLayer("Softmax")(ROWS)
    for row, shares in zip(ROWS.tolist(), actual, strict=True):
        parts = [math.exp(x) for x in row]
        np.testing.assert_allclose([part / math.fsum(parts) for part in parts], shares, rtol=2e-7)
    assert "float32" == actual.dtype


def test_softmax_of_large_numbers_is_finite():
    """Exponentials do not overflow: the maximum is subtracted first."""
    assert [[0.5, 0.5, 0.0]] == NetLayer("Softmax")(np.array([[1e30, 1e30, -1e30]])).tolist()


def test_form_of_softmax():
    """The last dimension is not time; the result has no quantity."""
    assert "" == NetLayer("Softmax").infer(ArraySpec((Varying, 5), quantity="log")).quantity
    with pytest.raises(LayerError, match="works along the last dimension, and the last one of"):
        NetLayer("Softmax").infer(ArraySpec((5, Varying), stream_axis=1))
    with pytest.raises(LayerError, match="gets int16: put the layer Cast before it"):
        NetLayer("Softmax").infer(ArraySpec((Varying, 5), "int16"))
