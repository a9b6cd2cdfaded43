"""SelectFeatures: a range of features, or a list of indices."""

import numpy as np
import pytest

from netencoders import ArraySpec, Axis, LayerError, NetEncoder, NetLayer, ParameterError, Varying

ROWS = np.arange(30, dtype=np.float32).reshape(5, 6)
FORM = ArraySpec((Varying, 6), axes=(Axis("time", "s"), Axis("frequency", "Hz", 10.0, 5.0)))


def select(**parameters):
    """Return the layer."""
    return NetLayer("SelectFeatures", **parameters)


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, None), (1, None), (-1, None), (0, -1), (2, 4), (-4, -1), (5, 6), (1, -2)],
)
def test_range_of_features_equals_the_slice(start, stop):
    """Start and Stop are those of a slice, and the axis begins at the first feature."""
    layer = select(Start=start, Stop=stop)
    assert np.array_equal(ROWS[:, start:stop], layer(ROWS))
    form = layer.infer(FORM)
    assert (Varying, ROWS[:, start:stop].shape[1]) == form.dims
    assert (FORM.axes[0], Axis("frequency", "Hz", 10.0, 5.0 + 10 * (start % 6))) == form.axes


@pytest.mark.parametrize(
    ("indices", "axis"),
    [
        ([0, 2, 4], Axis("frequency", "Hz", 20.0, 5.0)),
        ([-1, 3, 1], Axis("frequency", "Hz", -20.0, 55.0)),
        ([4], Axis("frequency", "Hz", 10.0, 45.0)),
        ([0, 1, 3], Axis("feature")),
        ([2, 2], Axis("feature")),
    ],
)
def test_list_of_indices_keeps_its_order(indices, axis):
    """The features have the order of the list; equal distances keep the coordinates."""
    layer = select(Indices=indices)
    assert np.array_equal(ROWS[:, indices], layer(ROWS))
    assert axis == layer.infer(FORM).axes[1]
    assert () == layer.infer(ArraySpec((Varying, 6))).axes


def test_other_dimensions_are_selected():
    """Axis is the dimension: frequencies of complex parts, and features that are first."""
    half = NetEncoder("AudioSTFT").then("SelectFeatures", Stop=201, Axis=-2)
    assert ((Varying, 201, 2), "complex") == (half.output.dims, half.output.quantity)
    cube = ROWS.reshape(5, 3, 2)
    assert np.array_equal(cube[:, 1:], select(Start=1, Axis=1)(cube))
    assert np.array_equal(cube[:, [2, 0]], select(Indices=[2, 0], Axis=-2)(cube))
    first = (
        NetEncoder("AudioMelSpectrogram").then("Transpose").then("SelectFeatures", Stop=8, Axis=0)
    )
    assert ((8, Varying), 1) == (first.output.dims, first.output.stream_axis)


def test_quantity_type_and_memory():
    """Quantity and type stay, and the result does not share memory with the input."""
    form = ArraySpec((Varying, 6), "int16", quantity="power", low=3, high=9)
    result = select(Stop=6).infer(form)
    assert ("power", "int16", 3, 9) == (result.quantity, result.dtype, result.low, result.high)
    assert not np.shares_memory(ROWS, select()(ROWS))
    assert select(Stop=-1)(ROWS).flags.c_contiguous


@pytest.mark.parametrize(
    ("parameters", "form", "message"),
    [
        ({"Start": 6}, FORM, "Start is 6, and there are 6 features"),
        ({"Start": -7}, FORM, "Start is -7, and there are 6 features"),
        ({"Stop": 7}, FORM, "Stop is 7, and there are 6 features"),
        ({"Stop": -6}, FORM, "^Stop is -6, and there are 6 features$"),
        (
            {"Start": 4, "Stop": -2},
            FORM,
            "Start is 4, Stop is -2, and there are 6 .*: none is left",
        ),
        ({"Indices": [0, 6]}, FORM, "Indices has 6, and there are 6 features"),
        ({"Indices": [-2]}, ArraySpec((Varying, 1)), "Indices has -2, and there is 1 feature$"),
        ({"Axis": 2}, FORM, r"Axis is 2, and the array has the dimensions \(Varying, 6\)"),
        ({"Axis": -3}, FORM, r"Axis is -3, and the array has the dimensions \(Varying, 6\)"),
        (
            {"Axis": 0},
            FORM,
            "dimension 0 of .* is time: the layers FitRows and Subsample leave out",
        ),
        ({}, ArraySpec((Varying,)), r"dimension 0 of \(Varying,\) is time"),
        ({}, ArraySpec((3, Varying, Varying), stream_axis=1), "the number of features varies"),
        ({}, ArraySpec((Varying, 9, 2), quantity="complex"), "holds the parts of complex numbers"),
    ],
)
def test_features_that_are_missing_are_refused(parameters, form, message):
    """An index that the features do not have is an error, and so is time."""
    with pytest.raises(LayerError, match=message):
        select(**parameters).infer(form)


def test_wrong_parameters_are_refused():
    """A range is not empty, and indices replace it."""
    for start, stop in ((3, 3), (5, 2), (-1, -1), (-1, -4)):
        with pytest.raises(ParameterError, match=f"'Start' must be below 'Stop'. Got {start} and"):
            select(Start=start, Stop=stop)
    message = "'Indices' replaces 'Start' and 'Stop', which must be 0 and None. Got 1 and None"
    with pytest.raises(ParameterError, match=message):
        select(Indices=[0], Start=1)
    with pytest.raises(ParameterError, match="'Indices' must be"):
        select(Indices=[])
