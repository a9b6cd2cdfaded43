"""Log: bases, floor, offset, and the forms that it refuses."""

import math
from dataclasses import replace

import numpy as np
import pytest

from netencoders import ArraySpec, LayerError, NetLayer, ParameterError, Varying

POWERS = np.array([[1e-12, 1e-3, 1.0], [8.0, 100.0, 3e7]], np.float32)


def naive(rows, function, floor=1e-10, offset=0.0, factor=1.0):
    """Return the logarithm of each element in float64."""
    return np.array(
        [[factor * function(max(x, floor) + offset) for x in row] for row in rows.tolist()]
    )


@pytest.mark.parametrize(
    ("base", "function", "factor"),
    [("E", math.log, 1), (2, math.log2, 1), (10, math.log10, 1), ("Decibel", math.log10, 10)],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_base_is_that_of_the_logarithm(base, function, factor, dtype):
    """Each base gives its logarithm; decibels are ten times the one of base 10."""
    actual = NetLayer("Log", Base=base)(POWERS.astype(dtype))
    assert dtype == actual.dtype
    np.testing.assert_allclose(naive(POWERS, function, factor=factor), actual, rtol=3e-7)


def test_floor_changes_smaller_elements_only():
    """Elements below Floor become it, and all others keep their bits."""
    low, high = NetLayer("Log", Floor=1e-10)(POWERS), NetLayer("Log", Floor=0.5)(POWERS)
    assert np.array_equal(POWERS < 0.5, low != high)
    assert np.float32(np.log(np.float32(0.5))) == high[0, 0]


def test_offset_is_added_after_the_floor():
    """Offset is added to the larger of the element and the floor."""
    actual = NetLayer("Log", Floor=1e-2, Offset=0.25)(POWERS)
    np.testing.assert_allclose(naive(POWERS, math.log, 1e-2, 0.25), actual, rtol=3e-7)
    assert NetLayer("Log").digest == NetLayer("Log", Offset=0).digest


def test_floor_of_zero_needs_an_offset():
    """Without a floor, the offset alone makes the logarithm finite: negative numbers become 0."""
    layer = NetLayer("Log", Floor=0, Offset=2**-24)
    actual = layer(np.array([0, -5, 1], np.float32))
    np.testing.assert_allclose([-24 * math.log(2), -24 * math.log(2), 0], actual, atol=2e-7)
    with pytest.raises(ParameterError, match=r"'Floor' or 'Offset' must be at least 1e-37: .*0\.0"):
        NetLayer("Log", Floor=0)
    with pytest.raises(ParameterError, match="'Floor' must be a number from 0 to 1e"):
        NetLayer("Log", Floor=-1)
    with pytest.raises(ParameterError, match="'Base' must be 'E', 2, 10, 'Decibel' or 'Magn"):
        NetLayer("Log", Base=3)


def test_form_has_the_quantity_of_the_base():
    """The form stays, and the quantity is log or decibel."""
    form = ArraySpec((Varying, 3), quantity="power")
    assert "log" == NetLayer("Log").infer(form).quantity
    assert "decibel" == NetLayer("Log", Base="Decibel").infer(form).quantity
    assert form.dims == NetLayer("Log").infer(form).dims


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (ArraySpec((Varying, 3), "int16"), "gets int16: put the layer Cast before it"),
        (ArraySpec((Varying, 3), "complex64"), "takes real numbers, and gets complex64"),
        (ArraySpec((Varying, 2), quantity="complex"), "gets the parts of complex numbers"),
        (ArraySpec((Varying, 3), quantity="log"), "are logarithms already: their quantity is log"),
        (
            ArraySpec((Varying, 3), "float16"),
            r"in float16, .* the Floor 1e-10 and the Offset 0.0 are 0, .* use at least 6.1e-05",
        ),
    ],
)
def test_wrong_forms_are_refused(form, message):
    """Integers, complex numbers, logarithms, and a floor that the type does not have."""
    with pytest.raises(LayerError, match=message):
        NetLayer("Log").infer(form)


def test_floor_that_is_too_large_for_the_type_is_refused():
    """A number that is infinite in the type of the elements is refused."""
    with pytest.raises(LayerError, match=r"are of type float16, and 100000.0 is too large"):
        NetLayer("Log", Floor=1e5).infer(ArraySpec((Varying, 3), "float16"))


def test_decibels_follow_the_quantity():
    """Decibels of magnitudes are twice those of powers, and each Base refuses the other."""
    magnitudes = np.array([[1.0, 10.0]], np.float32)
    decibels = NetLayer("Log", Base="MagnitudeDecibel")(magnitudes)
    assert [[0, 20]] == decibels.round(4).tolist()
    powers = NetLayer("Log", Base="Decibel")(magnitudes**2)
    assert np.allclose(decibels, powers, atol=1e-5)
    for base, good, wrong in (
        ("Decibel", "power", "magnitude"),
        ("Decibel", "", "amplitude"),
        ("MagnitudeDecibel", "magnitude", "power"),
    ):
        layer = NetLayer("Log", Base=base)
        form = ArraySpec((Varying, 2), quantity=good)
        assert "decibel" == layer.infer(form).quantity
        with pytest.raises(LayerError, match=f"have the quantity {wrong}, whose decibels are"):
            layer.infer(replace(form, quantity=wrong))


@pytest.mark.parametrize("base", ["E", 2, 10, "Decibel"])
def test_logarithm_of_float16_does_not_depend_on_the_block(base):
    """A single row has the bits of that row among others; those of 3.07 in numpy differ."""
    array = np.array([0.5, 3.07, 3.07, 7.0], np.float16)
    layer = NetLayer("Log", Base=base, Floor=1e-4)
    single = [layer(array[place : place + 1]) for place in range(4)]
    np.testing.assert_array_equal(layer(array), np.concatenate(single), strict=True)
