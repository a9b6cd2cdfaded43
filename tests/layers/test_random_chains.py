"""Random chains of layers with random parameters, on arrays of any shape, in any blocks."""

import pickle
from itertools import cycle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from naive_layers import UNDEFINED, naive

from netencoders import ArraySpec, Axis, EncodeError, LayerError, NetLayer, Varying, layers
from netencoders.chain import Chain, join

SHIPPED = [name for name, record in layers().items() if record.provider.is_built_in]
COUNTS = st.one_of(st.integers(0, 4), st.integers(5, 40), st.integers(250, 300))
SHAPES = st.one_of(
    st.just(()), st.tuples(st.integers(1, 5)), st.tuples(st.integers(1, 3), st.integers(1, 4))
)
BLOCKS = st.lists(st.one_of(st.integers(1, 9), st.integers(200, 300)), min_size=1, max_size=4)
FEW = st.integers(1, 12)
NUMBERS = st.sampled_from([-2.5, -1.0, 0.0, 0.25, 1.0, 3.0])
SMALL = st.sampled_from([0.0, 1e-5, 1.0])
ROWS = st.one_of(
    st.integers(1, 60), st.tuples(st.sampled_from(["Multiple", "By"]), st.integers(1, 60))
)


def choice(*options):
    """Return a strategy of some values."""
    return st.sampled_from(options)


PARAMETERS = {
    "AddAxis": {"Position": st.integers(-3, 2)},
    "Affine": {"Shift": NUMBERS, "Factor": NUMBERS},
    "Cast": {
        "Type": choice(
            "float16", "float32", "float64", "int8", "int16", "int64", "uint8", "uint32"
        ),
        "Rounding": choice("Nearest", "Truncate"),
        "Overflow": choice("Saturate", "Error"),
    },
    "Clip": {"Low": choice(None, -1.5, 0.0), "High": choice(None, 0.5, 2.0)},
    "Delta": {
        "WindowSize": choice(3, 5, 9),
        "Order": st.integers(1, 3),
        "Concatenate": st.booleans(),
        "HigherOrder": choice("Filter", "Repeated", "Polynomial"),
        "Edges": choice("Repeat", "Interpolate"),
    },
    "DynamicRange": {"Below": choice(0.0, 1.0, 80.0)},
    "FitRows": {
        "Rows": ROWS,
        "Action": choice("CropOrPad", "Crop", "Pad"),
        "Value": choice(0.0, 1.0),
        "Side": choice("End", "Start"),
    },
    "Log": {
        "Base": choice("E", 2, 10, "Decibel", "MagnitudeDecibel"),
        "Floor": choice(1e-3, 0.5),
        "Offset": choice(0.0, 0.25),
    },
    "Mean": {"Axis": choice("Time", "Features"), "KeepDimension": st.booleans()},
    "Patches": {"Size": FEW, "Offset": FEW, "Padding": choice(None, "Zero")},
    "Polynomial": {"Coefficients": choice((0.5, 1.0), (1.0, -0.25, 0.5))},
    "Repeat": {"Copies": st.integers(1, 3)},
    "Reshape": {"Shape": choice((-1,), (1, -1), (-1, 1), (2, -1), ())},
    "SelectFeatures": {
        "Start": choice(0, 1, -2),
        "Stop": choice(None, 2, -1),
        "Indices": choice(None, None, (0,), (1, 0, 1)),
        "Axis": choice(-1, -1, 1, -2),
    },
    "Stack": {"Size": FEW, "Stride": FEW, "Padding": choice(None, "Repeat")},
    "Standardize": {
        "Axis": choice("Time", "Features", None),
        "Statistics": choice("MeanVariance", "Mean", "Variance"),
        "Ddof": choice(0, 1),
        "Epsilon": SMALL,
        "EpsilonInside": st.booleans(),
        "MinimumDeviation": SMALL,
    },
    "Subsample": {"Stride": FEW, "Phase": st.integers(0, 12)},
    "Transpose": {"Axes": choice(None, (0, 1), (1, 0), (0, 2, 1), (1, 2, 0), (2, 0, 1), (1, 0, 2))},
}


@st.composite
def chains(draw):
    """Return an array, the form of a stream of it, and layers that take it."""
    count, row = draw(COUNTS), draw(SHAPES)
    kind = draw(choice("float32", "float32", "float64", "float16", "int16"))
    array = np.random.default_rng(draw(st.integers(0, 99))).normal(0, 3, (count, *row))
    array = array.astype(kind)
    if row and draw(st.booleans()):
        array[..., 0] = 1  # no deviation, and equal maxima
    axes = (Axis("time", "s", 0.5, 2.0), *[Axis("feature")] * len(row))
    fixed = count > 0 and draw(st.booleans())
    form = ArraySpec((count if fixed else Varying, *row), kind, axes, minimum=0)
    chosen, last = [], form
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(SHIPPED))
        given_ = {key: draw(value) for key, value in PARAMETERS.get(name, {}).items()}
        try:
            layer = NetLayer(name, **given_)
            last = layer.infer(last)
        except (LayerError, ValueError):  # the layer does not take this array, or these values
            continue
        chosen.append(layer)
    assume(chosen)
    return array, form, chosen


def blocks(array, sizes):
    """Yield an array in blocks, in memory that the next block overwrites."""
    memory, place = np.empty((max(sizes), *array.shape[1:]), array.dtype), 0
    for size in cycle(sizes):
        part = array[place : place + size]
        if not len(part):
            return
        memory[: len(part)] = part
        yield memory[: len(part)]
        place += size


def outcome(action):
    """Return the array, or the error, of an action."""
    try:
        return action()
    except EncodeError as problem:
        return problem


@settings(max_examples=150, deadline=None)
@given(chains(), BLOCKS)
def test_stream_equals_call_and_form(case, sizes):
    """The stream has the bits or the error of the call, and the result has the inferred form."""
    array, form, chosen = case
    before, chain = array.copy(), Chain(chosen, form)
    expected = outcome(lambda: chain.array(array))
    last = chain.forms[-1]
    streamed = outcome(
        lambda: (
            join([block.copy() for block in chain.blocks(lambda: blocks(array, sizes))], last)
            if len(array)
            else chain.array(array)
        )
    )
    assert array.tobytes() == before.tobytes()
    if isinstance(expected, EncodeError):
        assert str(expected) == str(streamed)
        assert expected.code in ("too-short", "out-of-range", "non-finite")
        return
    assert expected.tobytes() == streamed.tobytes()
    assert last.problem(expected) is None
    assert last.problem(streamed) is None
    assert expected.dtype.kind not in "f" or np.isfinite(expected).all()
    assert pickle.loads(pickle.dumps(chosen)) == chosen
    assert chosen == [NetLayer.from_dict(layer.to_dict()) for layer in chosen]


@settings(max_examples=150, deadline=None)
@given(chains())
def test_each_layer_equals_its_definition(case):
    """A layer gives the numbers of its definition, or `too-short` where no row is left."""
    array, _, chosen = case
    for layer in chosen:
        if not len(array):
            return
        actual = outcome(lambda layer=layer, array=array: layer(array))
        expected = naive(layer.name, array, layer.resolved)
        if expected is UNDEFINED and isinstance(actual, EncodeError):
            assert "bug" != actual.code, str(actual)
            return
        expected = actual if expected is UNDEFINED else expected
        if isinstance(actual, EncodeError) and "non-finite" == actual.code:
            with np.errstate(over="ignore"):
                assert not np.isfinite(expected.astype(array.dtype)).all()
            return
        if expected is None or isinstance(actual, EncodeError):
            assert expected is None, str(actual)
            assert actual.code in ("too-short", "out-of-range")
            return
        assert expected.shape == actual.shape
        if actual.dtype.kind == "f":
            digits = {"float16": 1e-2, "float32": 2e-5, "float64": 1e-11}[actual.dtype.name]
            scale = max(1.0, float(np.abs(expected).max()), float(np.abs(array).max()))
            np.testing.assert_allclose(actual, expected, rtol=digits, atol=digits * scale)
        else:
            np.testing.assert_array_equal(expected, actual)
        if layer.infer(ArraySpec((Varying, *array.shape[1:]), array.dtype.name)).stream_axis:
            return
        array = actual


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(1, 60), st.booleans())
def test_time_of_a_row_is_the_mean_time_of_its_rows(data, count, fixed):
    """If the elements are times, the axis of the result has the mean of each whole row."""
    name = data.draw(st.sampled_from(["Stack", "Patches", "Subsample", "FitRows", "Delta"]))
    given_ = {key: data.draw(value) for key, value in PARAMETERS[name].items()}
    given_ |= {"Concatenate": True} if name == "Delta" else {}
    given_ |= {"Value": 0.0} if name == "FitRows" else {}
    time = Axis("time", "s", 0.5, 7.0)
    form = ArraySpec((count if fixed else Varying, 1), "float64", (time, Axis("feature")))
    times = (7 + 0.5 * np.arange(count))[:, np.newaxis]
    try:
        layer = NetLayer(name, **given_)
        axes = layer.infer(form).axes
        result = layer(times)
    except (ValueError, EncodeError):
        return
    if not axes[0].unit:  # the time of the first row depends on the recording
        assert not fixed
        assert ("FitRows", "Start") == (name, given_["Side"])
        return
    assert ("time", "s") == (axes[0].name, axes[0].unit)
    for place, row in enumerate(result.reshape(len(result), -1)):
        row = row[:1] if name == "Delta" else row
        if (row == 0).any() or (np.diff(row) != 0.5).any():
            continue  # rows that were added, or repeated at an edge
        assert axes[0].start + place * axes[0].step == pytest.approx(row.mean())
        if name == "Patches":
            inner = axes[1].start + np.arange(len(row)) * axes[1].step
            np.testing.assert_allclose(row, row.mean() + inner)


def test_every_layer_is_drawn_with_every_parameter():
    """A new layer, or a new parameter, is added to the random chains."""
    declared = {
        name: {parameter.name for parameter in layers()[name].parameters} for name in SHIPPED
    }
    assert declared == {name: set(PARAMETERS.get(name, {})) for name in SHIPPED}
