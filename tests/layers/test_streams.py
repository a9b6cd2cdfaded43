"""Streams of layers, and of chains of three layers, have the bits of the call."""

from itertools import cycle

import numpy as np
import pytest

from netencoders import ArraySpec, EncodeError, NetEncoder, NetLayer, Varying, layers
from netencoders.chain import Chain, join
from netencoders_audio import Audio

SIZES = [(1,), (2,), (3,), (7,), (255,), (256,), (257,), (1, 255, 3, 256, 2)]
LENGTHS = [0, 1, 2, 96, 255, 256, 257, 513, 700]
CASES = [
    ("AddAxis", {}),
    ("Affine", {"Shift": [1, 2, 3, 4, 5, 6], "Factor": 0.3}),
    ("Cast", {"Type": "int16"}),
    ("Clip", {}),
    ("Delta", {}),
    ("Delta", {"Order": 2, "WindowSize": 9, "Concatenate": True}),
    ("Delta", {"Order": 3, "HigherOrder": "Repeated", "Concatenate": True}),
    ("Delta", {"Order": 2, "HigherOrder": "Repeated", "Edges": "Interpolate"}),
    ("Delta", {"Edges": "Interpolate", "WindowSize": 9, "Concatenate": True}),
    ("Delta", {"Order": 3, "HigherOrder": "Polynomial", "WindowSize": 9, "Concatenate": True}),
    ("DynamicRange", {"Below": 3}),
    ("FitRows", {"Rows": 300}),
    ("FitRows", {"Rows": 300, "Side": "Start"}),
    ("FitRows", {"Rows": 300, "Side": "Start", "Action": "Crop"}),
    ("FitRows", {"Rows": 300, "Side": "Start", "Action": "Pad"}),
    ("FitRows", {"Rows": 300, "Action": "Crop"}),
    ("FitRows", {"Rows": ("Multiple", 64), "Action": "Crop"}),
    ("FitRows", {"Rows": ("Multiple", 64), "Action": "Pad", "Value": 3}),
    ("FitRows", {"Rows": ("By", 5), "Action": "Crop"}),
    ("FitRows", {"Rows": ("By", 5), "Action": "Crop", "Side": "Start"}),
    ("FitRows", {"Rows": ("By", 5), "Action": "Pad", "Side": "Start"}),
    ("Log", {"Base": 10, "Offset": 0.1}),
    ("Mean", {}),
    ("Mean", {"Axis": "Features"}),
    ("Mean", {"KeepDimension": False}),
    ("Mean", {"Axis": "Features", "KeepDimension": False}),
    ("OneHotMaximum", {}),
    ("Patches", {}),
    ("Patches", {"Size": 20, "Offset": 7, "Padding": "Zero"}),
    ("Patches", {"Size": 5, "Offset": 13, "Padding": "Zero"}),
    ("Polynomial", {"Coefficients": [0.5, 1, -0.01]}),
    ("Repeat", {}),
    ("Reshape", {"Shape": (2, 3)}),
    ("SelectFeatures", {"Start": 1, "Stop": -1}),
    ("SelectFeatures", {"Indices": [5, 0, 0]}),
    ("Softmax", {}),
    ("Stack", {}),
    ("Stack", {"Size": 2, "Stride": 9}),
    ("Stack", {"Size": 7, "Stride": 6, "Padding": "Repeat"}),
    ("Stack", {"Size": 5, "Stride": 1, "Padding": "Repeat"}),
    ("Standardize", {}),
    ("Standardize", {"Axis": None, "Ddof": 1}),
    ("Standardize", {"Axis": "Features", "EpsilonInside": True}),
    ("Subsample", {"Stride": 3, "Phase": 5}),
    ("SubtractMaximum", {}),
    ("Transpose", {}),
]
CHAINS = [
    ["Log", "Standardize", "Transpose"],
    [
        "Log",
        ("DynamicRange", {"Below": 3}),
        ("Stack", {"Size": 7, "Stride": 6, "Padding": "Repeat"}),
    ],
    [("Delta", {"Concatenate": True}), "Standardize", ("Stack", {"Size": 3})],
    ["Standardize", ("Standardize", {"Axis": None}), "SubtractMaximum"],
    [("Stack", {"Size": 2}), ("Subsample", {"Stride": 3}), ("Patches", {"Size": 7, "Offset": 3})],
    [("Patches", {"Size": 9}), ("Mean", {"Axis": "Features"}), ("Transpose", {"Axes": (2, 0, 1)})],
    ["Delta", "Delta", ("FitRows", {"Rows": 400})],
    [("FitRows", {"Rows": 400}), ("Standardize", {"Ddof": 1}), "AddAxis"],
    ["Softmax", "Mean", "Repeat"],
    [("FitRows", {"Rows": 50}), "Delta", ("Stack", {"Size": 7, "Padding": "Repeat"})],
    [("Affine", {"Factor": 100}), ("Cast", {"Type": "int32"}), ("Reshape", {"Shape": (3, 2)})],
]


def rows(count):
    """Return rows of six features, some of which are equal over time."""
    array = np.random.default_rng(count).normal(1, 3, (count, 6)).astype(np.float32)
    array[:, 2] = 0.1
    return array


def blocks(array, sizes):
    """Yield blocks in memory that the next block overwrites."""
    memory, place = np.empty((max(sizes), 6), np.float32), 0
    for size in cycle(sizes):
        part = array[place : place + size]
        if not len(part):
            return
        memory[: len(part)] = part
        yield memory[: len(part)]
        place += size


def made(chain):
    """Return the layers of a list of names, and of names with parameters."""
    return [
        NetLayer(item) if isinstance(item, str) else NetLayer(item[0], **item[1]) for item in chain
    ]


def called(chain, form, array):
    """Return the result of a chain, or the code of its error."""
    try:
        return Chain(chain, form).array(array)
    except EncodeError as problem:
        return problem.code


def check(chain, array):
    """Compare the streams in blocks of all sizes with the call; too few rows are the same error."""
    form = ArraySpec((Varying, 6), minimum=0)
    expected = called(chain, form, array)
    for sizes in SIZES:
        linked = Chain(chain, form)
        parts = linked.blocks(lambda sizes=sizes: blocks(array, sizes))
        if isinstance(expected, str):
            assert "too-short" == expected
            with pytest.raises(EncodeError, match="too few"):
                list(parts)
            continue
        last = linked.forms[-1]
        actual = join([part.copy() for part in parts], last)
        assert expected.shape == actual.shape
        assert expected.tobytes() == actual.tobytes(), sizes
        assert last.problem(expected) is None


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("count", LENGTHS)
def test_stream_of_a_layer_equals_the_call(case, count):
    """The joined blocks equal the call to the bit, for any sizes of blocks."""
    check([NetLayer(case[0], **case[1])], rows(count))


@pytest.mark.parametrize("chain", [[case] for case in CASES] + CHAINS, ids=str)
def test_equal_rows_at_the_end_have_the_bits_of_a_stream(chain):
    """A call that computes one of many equal rows gives the bits of all of them."""
    array = rows(700)
    array[300:] = array[300]
    check(made(chain), array)


@pytest.mark.parametrize("features", [1, 7, 8, 9, 80, 129, 9000])
@pytest.mark.parametrize(
    ("name", "parameters"),
    [("Standardize", {"Axis": "Features"}), ("Mean", {"Axis": "Features"}), ("Softmax", {})],
)
def test_sums_within_a_row_do_not_depend_on_the_block(name, parameters, features):
    """Numpy adds the elements of a row in the same order, for any number of rows."""
    array = np.random.default_rng(0).normal(1, 3, (40, features)).astype(np.float32)
    layer = NetLayer(name, **parameters)
    for size in (1, 3, 17):
        parts = [layer(array[place : place + size]) for place in range(0, 40, size)]
        assert layer(array).tobytes() == np.concatenate(parts).tobytes()


@pytest.mark.parametrize("chain", CHAINS, ids=str)
@pytest.mark.parametrize("count", [1, 100, 513, 700])
def test_stream_of_three_layers_equals_the_call(chain, count):
    """The joined blocks of a chain of three layers equal the call to the bit."""
    check(made(chain), rows(count))


@pytest.mark.parametrize("chain", CHAINS[:5], ids=str)
def test_encoder_with_layers_streams_the_bits_of_the_call(chain):
    """An encoder of audio with three layers gives the same bits for any blocks of samples."""
    encoder = NetEncoder("AudioMelSpectrogram", NumberOfFilters=6)
    for item in chain:
        encoder = encoder.then(item) if isinstance(item, str) else encoder.then(item[0], **item[1])
    audio = Audio(np.random.default_rng(0).uniform(-0.5, 0.5, 50000), 16000)
    actual = np.concatenate(list(encoder.stream(audio)), axis=encoder.output.stream_axis)
    assert encoder(audio).tobytes() == actual.tobytes()


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("count", LENGTHS)
def test_form_of_a_fixed_number_of_rows(case, count):
    """The form of the result of a fixed number of rows has the dimensions of the array."""
    layer, array = NetLayer(case[0], **case[1]), rows(max(1, count))
    form = ArraySpec(array.shape)
    try:
        expected = layer(array).shape
    except EncodeError:
        with pytest.raises(ValueError, match="too few"):
            layer.infer(form)
        return
    assert expected == layer.infer(form).dims


def test_every_layer_has_a_case():
    """Each layer that is shipped is in the list of cases."""
    shipped = {name for name, record in layers().items() if record.provider.is_built_in}
    assert shipped == {name for name, _ in CASES}
