"""FitRows: a number of rows, a multiple of a number, or some rows more or less."""

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Axis,
    EncodeError,
    LayerError,
    NetEncoder,
    NetLayer,
    ParameterError,
    Varying,
)
from netencoders_audio import Audio, AudioError

ROWS = np.random.default_rng(0).normal(0, 3, (40, 3)).astype(np.float32)
TIME = Axis("time", "s", 0.5, 1.0)
FORM = ArraySpec((Varying, 3), axes=(TIME, Axis("feature")))


def naive(rows, count, action, value, side):
    """Return rows that are cut off or added one at a time."""
    result = [list(row) for row in rows]
    while len(result) > count and action != "Pad":
        result.pop(0 if side == "Start" else -1)
    while len(result) < count and action != "Crop":
        result.insert(0 if side == "Start" else len(result), [value] * 3)
    return np.array(result, np.float32)


@pytest.mark.parametrize("side", ["End", "Start"])
@pytest.mark.parametrize("action", ["CropOrPad", "Crop", "Pad"])
@pytest.mark.parametrize("count", [1, 12, 39, 40, 41, 100])
def test_rows_are_cropped_and_padded(count, action, side):
    """Rows are cut off, or added with the value, at the side."""
    value = 0 if action == "Crop" else -7.5
    layer = NetLayer("FitRows", Rows=count, Action=action, Value=value, Side=side)
    expected = naive(ROWS, count, action, value, side)
    assert np.array_equal(expected, layer(ROWS))
    assert expected.shape == layer.infer(ArraySpec((40, 3))).dims
    assert (count if action == "CropOrPad" else Varying, 3) == layer.infer(FORM).dims


@pytest.mark.parametrize("size", [1, 7, 8, 40, 41])
def test_number_of_rows_becomes_a_multiple(size):
    """Crop gives the next lower multiple, and Pad the next higher one."""
    pad = NetLayer("FitRows", Rows=["Multiple", size], Action="Pad", Value=2)
    expected = np.concatenate([ROWS, np.full((-40 % size, 3), 2, np.float32)])
    assert np.array_equal(expected, pad(ROWS))
    crop = NetLayer("FitRows", Rows=["Multiple", size], Action="Crop")
    if size <= 40:
        assert np.array_equal(ROWS[: 40 // size * size], crop(ROWS))
        return
    with pytest.raises(EncodeError, match="its 40 rows are too few for the layer FitRows"):
        crop(ROWS)


@pytest.mark.parametrize("side", ["End", "Start"])
@pytest.mark.parametrize("count", [1, 7, 39])
def test_some_rows_more_or_less(count, side):
    """With "By", so many rows are cut off or added at the side, and the time axis is known."""
    crop = NetLayer("FitRows", Rows=["By", count], Action="Crop", Side=side)
    pad = NetLayer("FitRows", Rows=["By", count], Action="Pad", Side=side, Value=3)
    start, added = side == "Start", np.full((count, 3), 3, np.float32)
    assert np.array_equal(ROWS[count:] if start else ROWS[: 40 - count], crop(ROWS))
    assert np.array_equal(np.concatenate([added, ROWS] if start else [ROWS, added]), pad(ROWS))
    assert 1 + 0.5 * count * start == crop.infer(FORM).axes[0].start
    assert 1 - 0.5 * count * start == pad.infer(FORM).axes[0].start
    assert (1, 1 + count) == (crop.infer(FORM).minimum, pad.infer(FORM).minimum)
    assert (40 - count, 3) == crop.infer(ArraySpec((40, 3))).dims


@pytest.mark.parametrize("side", ["End", "Start"])
def test_crop_that_leaves_no_row_is_an_error(side):
    """If as many rows are cut off as there are, there are too few."""
    with pytest.raises(EncodeError, match="its 40 rows are too few for the layer FitRows"):
        NetLayer("FitRows", Rows=["By", 40], Action="Crop", Side=side)(ROWS)
    with pytest.raises(EncodeError, match="its 0 rows are too few for the layer FitRows"):
        NetLayer("FitRows", Rows=["By", 1], Action="Pad", Side=side)(ROWS[:0])


def test_array_without_rows():
    """Without rows, nothing is added: it is an error if the number must be larger than 0."""
    assert (0, 3) == NetLayer("FitRows", Rows=["Multiple", 4], Action="Pad")(ROWS[:0]).shape
    assert (0, 3) == NetLayer("FitRows", Rows=4, Action="Crop")(ROWS[:0]).shape
    for side in ("End", "Start"):
        for action in ("Pad", "CropOrPad"):
            with pytest.raises(EncodeError, match="its 0 rows are too few for the layer FitRows"):
                NetLayer("FitRows", Rows=4, Side=side, Action=action)(ROWS[:0])


def test_minimum_of_the_form():
    """The smallest number of rows is known to the form."""
    pad = NetLayer("FitRows", Rows=16, Action="Pad")
    assert 16 == pad.infer(FORM).minimum
    assert (
        4
        == NetLayer("FitRows", Rows=4, Action="Crop")
        .infer(ArraySpec((Varying, 3), minimum=9))
        .minimum
    )


def test_time_of_the_first_row():
    """At the end, time stays; at the start it moves, and is unknown if the length varies."""
    layer = NetLayer("FitRows", Rows=12)
    assert TIME == layer.infer(FORM).axes[0]
    start = layer.replace(Side="Start")
    assert Axis("row") == start.infer(FORM).axes[0]
    fixed = ArraySpec((40, 3), axes=FORM.axes)
    assert Axis("time", "s", 0.5, 1 + 0.5 * 28) == start.infer(fixed).axes[0]
    assert Axis("time", "s", 0.5, 1 - 0.5 * 10) == start.replace(Rows=50).infer(fixed).axes[0]
    assert () == start.infer(ArraySpec((Varying, 3))).axes


def test_value_must_be_of_the_type():
    """A value that the type of the elements does not have is refused, and a range grows."""
    integers = ArraySpec((Varying,), "int8", low=1, high=9)
    assert (-3, 9) == (
        (form := NetLayer("FitRows", Value=-3).infer(integers)).low,
        form.high,
    )
    assert 12 == NetLayer("FitRows", Value=12).infer(integers).high
    for value in (0.5, 128, -129):
        with pytest.raises(LayerError, match=f"of type int8, which does not have {value}"):
            NetLayer("FitRows", Value=value).infer(integers)
    with pytest.raises(LayerError, match=r"of type bool, which does not have 2.0"):
        NetLayer("FitRows", Value=2).infer(ArraySpec((Varying,), "bool"))
    with pytest.raises(LayerError, match=r"are of type float16, and 70000.0 is too large"):
        NetLayer("FitRows", Value=7e4).infer(ArraySpec((Varying,), "float16"))
    assert 0 == NetLayer("FitRows", Rows=2)(np.ones(1, np.int8))[1]


@pytest.mark.parametrize("side", ["End", "Start"])
def test_all_rows_are_read(side):
    """An error behind the rows that are kept is raised in a stream as in a call."""

    def blocks():
        yield Audio(np.ones(40000), 16000)
        raise AudioError("the line is broken", code="malformed")

    encoder = NetEncoder("AudioMelSpectrogram").then("FitRows", Rows=5, Side=side)
    for attempt in (encoder, lambda value: list(encoder.stream(value))):
        with pytest.raises(AudioError, match="the line is broken"):
            attempt(blocks())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"Rows": ["Multiple", 2]}, "with 'Multiple', 'Action' must be 'Crop' or 'Pad'"),
        ({"Rows": ["By", 2]}, "with 'By', 'Action' must be 'Crop' or 'Pad'. Got 'CropOrPad'."),
        (
            {"Rows": ["Multiple", 2], "Action": "Pad", "Side": "Start"},
            "with 'Multiple', 'Side' must be 'End'. Got 'Start'.",
        ),
        ({"Action": "Crop", "Value": 1}, "'Value' must be 0 if no rows are added: 'Action' is"),
        (
            {"Rows": 0},
            r"'Rows' must be an integer from 1 to .* or \['Multiple' or 'By', an integer",
        ),
        ({"Side": "Left"}, "'Side' must be 'End' or 'Start'"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    """A value that is wrong, or does not fit another one, is named."""
    with pytest.raises(ParameterError, match=message):
        NetLayer("FitRows", **parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {"Rows": 9000},
        {"Rows": 9000, "Side": "Start"},
        {"Rows": ["By", 9000], "Action": "Pad", "Side": "Start"},
        {"Rows": ["Multiple", 9000], "Action": "Pad"},
    ],
)
def test_stream_adds_rows_in_small_blocks(parameters):
    """A stream needs the memory of a few thousand rows that are added, and not of all."""
    encoder = NetEncoder("AudioMelSpectrogram").then("FitRows", **parameters)
    audio = Audio(np.random.default_rng(0).normal(size=16000) / 9, 16000)
    blocks = list(encoder.stream(audio))
    assert 4096 == max(map(len, blocks))
    assert np.array_equal(encoder(audio), np.concatenate(blocks))


def test_number_of_rows_is_bounded():
    """A typing error does not fill the memory."""
    with pytest.raises(ParameterError, match="'Rows' must be an integer from 1 to 16777216"):
        NetLayer("FitRows", Rows=2**24 + 1)
