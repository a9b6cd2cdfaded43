"""The layer OneHotMaximum: 1 at the largest element of each row."""

import numpy as np
import pytest

from netencoders import ArraySpec, LayerError, NetEncoder, NetLayer, Varying
from netencoders.testing import LayerContract
from netencoders_audio import Audio


class TestOneHotMaximum(LayerContract):
    """OneHotMaximum."""

    layer = "OneHotMaximum"

    def inputs(self):
        """Return rows of numbers and of matrices, one row and many."""
        noise = np.random.default_rng(0).standard_normal((600, 12)).astype(np.float32)
        return [noise, noise[:1], noise.astype(np.float64), noise.reshape(600, 3, 4)]


@pytest.mark.parametrize("shape", [(1, 1), (50, 12), (7, 3, 5)])
def test_one_hot_equals_the_naive_loop(shape):
    """The first of the largest elements along the last axis is 1, all others are 0."""
    array = np.random.default_rng(0).integers(0, 4, shape).astype(np.float32)
    kept, expected = array.copy(), np.zeros_like(array)
    for index in np.ndindex(shape[:-1]):
        row = array[index].tolist()
        expected[index][row.index(max(row))] = 1
    np.testing.assert_array_equal(expected, NetLayer("OneHotMaximum")(array), strict=True)
    assert np.array_equal(kept, array)


def test_stream_has_the_bits_of_the_call():
    """A stream of an encoder with the layer has the bits of the call, and its rows."""
    encoder = NetEncoder("AudioMelSpectrogram")
    audio = Audio(np.random.default_rng(0).uniform(-1, 1, 200_000).astype("f4"), 16000)
    live = (Audio(audio.samples[start : start + 999], 16000) for start in range(0, 200_000, 999))
    hot = encoder.then("OneHotMaximum")
    array = hot(audio)
    assert np.array_equal(encoder(audio).argmax(axis=1), array.argmax(axis=1))
    assert np.array_equal(array, np.concatenate(list(hot.stream(live))))


def test_form_has_no_quantity():
    """The form is that of the input; a 1 is no power."""
    form = NetEncoder("AudioMelSpectrogram").then("OneHotMaximum").output
    assert ((Varying, 40), "float32", "") == (form.dims, form.dtype, form.quantity)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (ArraySpec((Varying,)), "it compares the elements of each row, and gets an array of dim"),
        (ArraySpec((Varying, 3), "int64"), "it takes real floating-point numbers, and gets int64"),
        (ArraySpec((3, Varying), stream_axis=1), "it needs time as the first dimension"),
    ],
)
def test_other_forms_are_refused(form, message):
    """A row of one number, integers, and arrays whose last dimension is time are refused."""
    with pytest.raises(LayerError, match=message):
        NetLayer("OneHotMaximum").infer(form)
