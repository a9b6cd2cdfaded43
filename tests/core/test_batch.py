"""Batches: arrays padded to one length, with lengths and a mask."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import (
    ArraySpec,
    Axis,
    Batch,
    Choice,
    EncodeError,
    Encoder,
    Integer,
    NetEncoder,
    Parameter,
    Varying,
    registered,
)
from netencoders_audio import Audio

LENGTHS = st.lists(st.integers(0, 9), min_size=1, max_size=5)
ROW = 3


class Counted(Encoder):
    """Gives an array of a number of rows, with the rows at a declared axis."""

    name = "Counted"
    parameters = (
        Parameter("Place", Integer(0, 2), default=0, doc="the axis of the rows"),
        Parameter("Type", Choice("float32", "int16", "complex64", "bool"), "float32", doc="type"),
    )

    def output(self) -> ArraySpec:
        """Return three dimensions, of which one varies."""
        place = self.resolved["Place"]
        dims: list[Any] = [2, ROW]
        dims.insert(place, Varying)
        return ArraySpec(tuple(dims), self.resolved["Type"], minimum=0, stream_axis=place)

    def encode(self, value: Any) -> Any:
        """Return the numbers from 1 on."""
        if value < 0:
            raise EncodeError(f"{value} is negative", code="negative")
        rows = np.arange(1, 1 + value * 2 * ROW).reshape(value, 2, ROW)
        return np.moveaxis(rows, 0, self.resolved["Place"]).astype(self.resolved["Type"])


class Fixed(Encoder):
    """Gives an array of a fixed form, or a number."""

    name = "Fixed"
    parameters = (Parameter("Size", Integer(0), default=4, doc="the size; 0 for a number"),)

    def output(self) -> ArraySpec:
        """Return a fixed form."""
        size = self.resolved["Size"]
        return ArraySpec((size,) if size else ())

    def encode(self, value: Any) -> Any:
        """Return a constant array."""
        return np.full(self.output().dims, value, np.float32)


class Square(Encoder):
    """Gives an array of which both dimensions vary."""

    name = "Square"
    parameters = ()

    def output(self) -> ArraySpec:
        """Return two dimensions that vary."""
        return ArraySpec((Varying, Varying))

    def encode(self, value: Any) -> Any:
        """Return zeros."""
        return np.zeros((value, value), np.float32)


class Named(Encoder):
    """Gives two named arrays."""

    name = "Named"
    parameters = ()

    def output(self) -> dict[str, ArraySpec]:
        """Return two forms of one length."""
        return {"ids": ArraySpec((Varying,), "int64"), "ones": ArraySpec((2, Varying), "float32")}

    def encode(self, value: Any) -> Any:
        """Return numbers, and ones."""
        return {"ids": np.arange(value), "ones": np.ones((2, value), np.float32)}


def expected(arrays: list[Any], place: int, size: int, side: str, pad: Any) -> list[Any]:
    """Return the padded arrays, by numpy.pad."""
    padded = []
    for array in arrays:
        widths = [(0, 0)] * array.ndim
        more = size - array.shape[place]
        widths[place] = (0, more) if side == "end" else (more, 0)
        padded.append(np.pad(array, widths, constant_values=pad))
    return padded


@settings(max_examples=200, deadline=None)
@given(
    LENGTHS,
    st.integers(0, 2),
    st.sampled_from(["end", "start"]),
    st.integers(1, 5),
    st.one_of(st.none(), st.integers(0, 4)),
    st.sampled_from(["float32", "int16", "complex64"]),
    st.sampled_from([1, 3]),
)
def test_arrays_are_padded(lengths, place, side, multiple, more, dtype, workers):
    """Each array is padded as numpy.pad does it, along any axis, and the mask is the input."""
    with registered(Counted):
        encoder = NetEncoder("Counted", Place=place, Type=dtype)
        length = None if more is None else max(lengths) + more
        batch = encoder.batch(
            iter(lengths), pad=-7, length=length, multiple=multiple, side=side, workers=workers
        )
        arrays = [encoder(count) for count in lengths]
    size = max(lengths) + (more or 0)
    size += -size % multiple
    assert isinstance(batch, Batch)
    assert np.dtype(dtype) == batch.array.dtype
    for wanted, actual in zip(expected(arrays, place, size, side, -7), batch.array, strict=True):
        np.testing.assert_array_equal(wanted, actual)
    assert len(lengths) == len(batch)
    assert np.int64 == batch.lengths.dtype
    assert lengths == batch.lengths.tolist()
    places = np.arange(size) if side == "end" else np.arange(size)[::-1]
    assert [(places < count).tolist() for count in lengths] == batch.mask.tolist()
    assert np.bool_ == batch.mask.dtype


def test_fixed_form_has_a_full_mask():
    """Without an axis that varies the mask is True; a larger length pads nevertheless."""
    with registered(Fixed):
        batch = NetEncoder("Fixed").batch([1, 2])
        longer = NetEncoder("Fixed").batch([1], length=5)
        numbers = NetEncoder("Fixed", Size=0).batch([1, 2], length=1, multiple=9)
    assert [[1] * 4, [2] * 4] == batch.array.tolist()
    assert [4, 4] == batch.lengths.tolist()
    assert np.ones((2, 4)).tolist() == batch.mask.tolist()
    assert [[1, 1, 1, 1, 0]] == longer.array.tolist()
    assert [[True] * 4 + [False]] == longer.mask.tolist()
    assert [1, 2] == numbers.array.tolist()
    assert [1, 1] == numbers.lengths.tolist()
    assert [[True], [True]] == numbers.mask.tolist()


def test_features_first_presets_are_padded_in_time():
    """An encoder with Transpose, as the presets of Whisper, is padded along the second axis."""
    encoder = NetEncoder("AudioMelSpectrogram", NumberOfFilters=40).then("Log").then("Transpose")
    clips = [Audio(np.ones(n, np.float32), 16000) for n in (3000, 9000)]
    batch = encoder.batch(clips)
    assert (2, 40, 68) == batch.array.shape
    assert [23, 68] == batch.lengths.tolist()
    assert encoder(clips[0]).tolist() == batch.array[0][:, batch.mask[0]].tolist()
    assert not batch.array[0][:, ~batch.mask[0]].any()
    whisper = NetEncoder("Whisper").batch(clips)
    assert (2, 80, 3000) == whisper.array.shape
    assert whisper.mask.all()


def test_named_arrays_are_a_dict_of_batches():
    """An encoder of several named arrays gives a batch of each."""
    with registered(Named):
        batches = NetEncoder("Named").batch([1, 3], pad=9)
    assert ["ids", "ones"] == list(batches)
    assert [[0, 9, 9], [0, 1, 2]] == batches["ids"].array.tolist()
    assert [[[1, 9, 9]] * 2, [[1, 1, 1]] * 2] == batches["ones"].array.tolist()
    assert [1, 3] == batches["ones"].lengths.tolist()


def test_encoded_arrays_are_batched_as_they_are():
    """Arrays of the form of the output are not encoded again."""
    with registered(Counted):
        encoder = NetEncoder("Counted")
        arrays = list(encoder.map([2, 1]))
        assert encoder.batch([2, 1]).array.tolist() == encoder.batch(arrays).array.tolist()


def test_results_of_map_are_batched():
    """`Batch.of` pads encoded arrays as `batch` does, also if a layer keeps their form."""
    encoder = NetEncoder("AudioSpectrogram").then("Log")
    clips = [Audio(np.ones(n, np.float32), 16000) for n in (3000, 9000)]
    rules = {"pad": -1, "length": 70, "multiple": 8, "side": "start"}
    expected = encoder.batch(clips, **rules)
    actual = Batch.of(encoder.map(clips), encoder.output, **rules)
    assert isinstance(actual, Batch)
    for name in ("array", "lengths", "mask"):
        assert getattr(expected, name).tolist() == getattr(actual, name).tolist()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        ([1.0], "a value of type list: it does not have the form of the batch: it is not an array"),
        (np.zeros(3), "the form of the batch: type float64 is not float32 (give arrays of the enc"),
        (np.zeros((3, 1), "f4"), "the form of the batch: dimensions (3, 1) do not fit (Varying,)"),
    ],
)
def test_arrays_of_another_form_are_refused(array, message):
    """`Batch.of` names the array that has another form."""
    with pytest.raises(EncodeError, match=rf"^element 1: .*{re.escape(message)}") as caught:
        Batch.of([np.zeros(3, "f4"), array], ArraySpec((Varying,)))
    assert ("unsupported-input", 1) == (caught.value.code, caught.value.index)


def test_array_is_too_long_for_the_length(tmp_path):
    """Nothing is cut off: the error names the input, its length and the remedy."""
    with registered(Counted):
        encoder = NetEncoder("Counted", Place=1)
        with pytest.raises(
            EncodeError,
            match=r"^element 1: a value of type int: its array has 7 elements along dimension 1, 2 "
            r"more than length=5 \(set length to at least 9, or declare the part to keep: with the "
            r"layer FitRows, or a parameter of the encoder, such as TargetLength\)$",
        ) as caught:
            encoder.batch([5, 7, 9], length=5, multiple=4)
    assert ("too-long", 1) == (caught.value.code, caught.value.index)
    path = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"
    with pytest.raises(EncodeError, match=r"speech.*elements along dimension 0 \(time\)") as caught:
        NetEncoder("AudioSpectrogram").batch([path], length=5)
    assert str(path) == caught.value.source


@pytest.mark.parametrize("workers", [1, 2, None])
def test_error_of_an_input_has_its_index(workers):
    """An input that cannot be encoded is an error as in `map`."""
    with (
        registered(Counted),
        pytest.raises(EncodeError, match=r"^element 1: a value of type int: -1 is neg") as caught,
    ):
        NetEncoder("Counted").batch([3, -1, 2], workers=workers)
    assert ("negative", 1) == (caught.value.code, caught.value.index)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pad": "0"}, "pad must be a number. Got '0'."),
        ({"pad": None}, "pad must be a number. Got None."),
        ({"pad": 0.5, "Type": "int16"}, "pad=0.5 is not a number of the type int16."),
        ({"pad": 40000, "Type": "int16"}, "pad=40000 is not a number of the type int16."),
        ({"pad": np.nan, "Type": "int16"}, "pad=nan is not a number of the type int16."),
        ({"pad": 1e39}, "pad=1e+39 is not a number of the type float32."),
        ({"pad": 1j}, "pad=1j is not a number of the type float32."),
        ({"length": -1}, "length must be an integer >= 0. Got -1."),
        ({"length": 2.0}, "length must be an integer >= 0. Got 2.0."),
        ({"multiple": 0}, "multiple must be an integer >= 1. Got 0."),
        ({"multiple": True}, "multiple must be an integer >= 1. Got True."),
        ({"multiple": None}, "multiple must be an integer >= 1. Got None."),
        ({"side": "left"}, "side must be 'end' or 'start'. Got 'left'."),
        ({"workers": 0}, "workers must be an integer >= 1. Got 0."),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    """An argument that is not valid is named, with its values."""
    given_ = dict(arguments)
    with registered(Counted), pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        NetEncoder("Counted", Type=given_.pop("Type", "float32")).batch([1], **given_)


@pytest.mark.parametrize(
    ("pad", "dtype"),
    [(0.1, "float32"), (np.nan, "float32"), (-np.inf, "float32"), (1.0, "int16"), (0.0, "bool")],
)
def test_pads_that_the_type_holds_are_taken(pad, dtype):
    """A float is rounded to the type, and may be NaN or infinite; integral floats are integers."""
    with registered(Counted):
        array = NetEncoder("Counted", Type=dtype).batch([0], length=1, pad=pad).array
    np.testing.assert_array_equal(np.full((1, 1, 2, 3), pad).astype(dtype), array)


def test_no_inputs_are_refused():
    """A batch of no inputs has no length; the error names the remedy."""
    with registered(Counted), pytest.raises(ValueError, match="leave empty batches out"):
        NetEncoder("Counted").batch([])


@pytest.mark.parametrize("one", ["a.wav", b"", {}, np.zeros(3), Path("a.wav"), 3])
def test_one_input_is_refused(one):
    """One input instead of several is an error before anything is encoded."""
    with (
        registered(Counted),
        pytest.raises(TypeError, match=r"^batch takes several inputs, as a list\. Got one .*\[v"),
    ):
        NetEncoder("Counted").batch(one)


def test_list_that_is_one_input_is_refused():
    """A list that the encoder takes as one input is not a batch."""

    class Lists(Fixed):
        """Takes lists of numbers."""

        name = "Lists"
        inputs = ("array",)

    with registered(Lists):
        with pytest.raises(TypeError, match=r"Got one list: for a batch of one, give \[value\]\."):
            NetEncoder("Lists").batch([1.0, 2.0])
        assert (1, 4) == NetEncoder("Lists").batch([[1.0, 2.0, 3.0, 4.0]]).array.shape


def test_two_dimensions_that_vary_are_refused():
    """A mask describes one dimension: the error names the dimensions and the remedy."""
    with (
        registered(Square),
        pytest.raises(ValueError, match=r"2 of the dimensions \(Varying, Varying\) of Square vary"),
    ):
        NetEncoder("Square").batch([1])


def test_axis_that_varies_may_be_another_than_that_of_the_stream():
    """The axis that varies is padded, also if a stream would join blocks along another one."""

    class Wide(Encoder):
        """Gives one row of a length that varies."""

        name = "Wide"
        parameters = ()

        def output(self) -> ArraySpec:
            """Return one row."""
            return ArraySpec((1, Varying), "float32", (Axis("row"), Axis("time", "s")))

        def encode(self, value: Any) -> Any:
            """Return ones."""
            return np.ones((1, value), np.float32)

    with registered(Wide):
        assert [[[1, 0]], [[1, 1]]] == NetEncoder("Wide").batch([1, 2]).array.tolist()
