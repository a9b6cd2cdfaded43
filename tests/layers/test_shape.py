"""Transpose, Reshape, AddAxis and Repeat: other layouts of the same values."""

import numpy as np
import pytest

from netencoders import ArraySpec, Axis, LayerError, NetEncoder, NetLayer, ParameterError, Varying

CUBE = np.arange(120, dtype=np.float32).reshape(10, 4, 3)
FORM = ArraySpec((Varying, 4, 3), axes=(Axis("time", "s"), Axis("a"), Axis("b")))


def test_transpose_reverses_the_dimensions():
    """By default the dimensions and axes are reversed, and time is last."""
    form = NetLayer("Transpose").infer(FORM)
    assert ((3, 4, Varying), 2) == (form.dims, form.stream_axis)
    assert ("b", "a", "time") == tuple(axis.name for axis in form.axes)
    actual = NetLayer("Transpose")(CUBE)
    assert np.array_equal(CUBE.T, actual)
    assert actual.flags.c_contiguous


def test_long_array_is_contiguous_after_transpose():
    """Of an array of many blocks, the transposed one is C-contiguous too."""
    rows = np.arange(140000, dtype=np.float32).reshape(70000, 2)
    actual = NetLayer("Transpose")(rows)
    assert np.array_equal(rows.T, actual)
    assert actual.flags.c_contiguous


@pytest.mark.parametrize("axes", [(0, 2, 1), (1, 0, 2), (2, 0, 1)])
def test_transpose_takes_an_order(axes):
    """Dimension i of the result is dimension Axes[i] of the input."""
    layer = NetLayer("Transpose", Axes=axes)
    assert np.array_equal(np.transpose(CUBE, axes), layer(CUBE))
    form = layer.infer(FORM)
    assert tuple(FORM.axes[axis] for axis in axes) == form.axes
    assert "time" == form.axes[form.stream_axis].name


def test_transpose_of_parts():
    """The parts of complex numbers stay last."""
    form = ArraySpec((Varying, 5, 2), quantity="complex")
    assert (5, Varying, 2) == NetLayer("Transpose", Axes=[1, 0, 2]).infer(form).dims
    with pytest.raises(LayerError, match="its last dimension holds the parts"):
        NetLayer("Transpose").infer(form)


def test_wrong_orders_are_refused():
    """An order has each dimension once, and as many as the array."""
    with pytest.raises(
        ParameterError, match=r"'Axes' must contain 0 and 1, each once. Got \[0, 2\]"
    ):
        NetLayer("Transpose", Axes=[0, 2])
    with pytest.raises(LayerError, match="Axes has 2 dimensions, and the array has 3"):
        NetLayer("Transpose", Axes=[0, 1]).infer(FORM)


@pytest.mark.parametrize(
    ("shape", "dims"), [([-1], (12,)), ([12], (12,)), ([2, -1], (2, 6)), ([3, 4, 1], (3, 4, 1))]
)
def test_reshape_keeps_the_order_of_elements(shape, dims):
    """A row has the new shape, and its elements in the same order."""
    layer = NetLayer("Reshape", Shape=shape)
    assert np.array_equal(CUBE.reshape(10, *dims), layer(CUBE))
    form = layer.infer(FORM)
    assert (Varying, *dims) == form.dims
    assert (FORM.axes[0], *[Axis("feature")] * len(dims)) == form.axes


def test_reshape_to_numbers():
    """An empty shape makes a number of each row of one element: a waveform (n)."""
    encoder = NetEncoder("Audio").then("Reshape", Shape=[])
    assert (Varying,) == encoder.output.dims
    assert np.array_equal(CUBE[:, 0, 0], NetLayer("Reshape", Shape=[])(CUBE[:, :1, :1]))


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (FORM, r"a row of \(4, 3\) has 12 elements, which do not fit Shape \[5, -1\]"),
        (ArraySpec((Varying,)), r"a row of \(\) has 1 element, which do not fit Shape"),
        (ArraySpec((Varying, Varying)), "the size of its rows varies"),
        (ArraySpec((4, Varying), stream_axis=1), "needs time as the first dimension"),
        (ArraySpec((Varying, 5, 2), quantity="complex"), "holds the parts of complex numbers"),
    ],
)
def test_rows_that_do_not_fit_the_shape_are_refused(form, message):
    """The number of elements of a row stays."""
    with pytest.raises(LayerError, match=message):
        NetLayer("Reshape", Shape=[5, -1]).infer(form)
    with pytest.raises(LayerError, match=r"do not fit Shape \[6\]"):
        NetLayer("Reshape", Shape=[6]).infer(FORM)


def test_wrong_shapes_are_refused():
    """A shape has sizes of at least 1, and one unknown size at most."""
    for shape in ([-1, -1], [0]):
        with pytest.raises(ParameterError, match="'Shape' must have sizes >= 1, and -1 once at"):
            NetLayer("Reshape", Shape=shape)


@pytest.mark.parametrize("position", [0, 1, 3, -1, -4])
def test_axis_is_added_at_the_position(position):
    """A dimension of size 1 is at the position of the result, and time moves with it."""
    layer = NetLayer("AddAxis", Position=position)
    actual, form = layer(CUBE), layer.infer(FORM)
    assert np.array_equal(np.expand_dims(CUBE, position), actual)
    assert 1 == form.dims[position] == actual.shape[position]
    assert Axis("index") == form.axes[position]
    assert "time" == form.axes[form.stream_axis].name


def test_wrong_positions_are_refused():
    """A position is inside of the result, and not behind the parts of complex numbers."""
    with pytest.raises(LayerError, match="from -4 to 3 for an array of 3 dimensions, and is 4"):
        NetLayer("AddAxis", Position=4).infer(FORM)
    with pytest.raises(LayerError, match="from -2 to 1 for an array of 1 dimension, and is -3"):
        NetLayer("AddAxis", Position=-3).infer(ArraySpec((Varying,)))
    parts = ArraySpec((Varying, 5, 2), quantity="complex")
    with pytest.raises(LayerError, match="its last dimension holds the parts"):
        NetLayer("AddAxis", Position=-1).infer(parts)
    assert (Varying, 5, 1, 2) == NetLayer("AddAxis", Position=2).infer(parts).dims


def test_results_do_not_share_memory_with_the_input():
    """A layer that needs no copy gives an array of its own: the input belongs to the caller."""
    for name, parameters in [("AddAxis", {}), ("Reshape", {"Shape": [12]}), ("Cast", {})]:
        assert not np.shares_memory(CUBE, NetLayer(name, **parameters)(CUBE))
    column = CUBE[:, 0, 0].copy()
    assert not np.shares_memory(column, NetLayer("Transpose")(column))


def test_copies_are_equal():
    """Each copy is the array, along a new first dimension."""
    actual, form = NetLayer("Repeat", Copies=4)(CUBE), NetLayer("Repeat", Copies=4).infer(FORM)
    assert np.array_equal(np.stack([CUBE] * 4), actual)
    assert ((4, Varying, 4, 3), 1) == (form.dims, form.stream_axis)
    assert (Axis("copy"), *FORM.axes) == form.axes
    with pytest.raises(ParameterError, match=r"'Copies' must be .* from 1 to 65536. Got 0"):
        NetLayer("Repeat", Copies=0)


def test_layers_after_time_has_moved():
    """Layers of elements work on an array whose time is not first; others say the reason."""
    encoder = NetEncoder("AudioMelSpectrogram").then("AddAxis").then("Log")
    assert ((1, Varying, 40), 1) == (encoder.output.dims, encoder.output.stream_axis)
    with pytest.raises(LayerError, match="layer 2 of 2, Delta: it needs time as the first"):
        NetEncoder("AudioMelSpectrogram").then("AddAxis").then("Delta")
