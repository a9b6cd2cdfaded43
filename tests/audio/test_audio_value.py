"""Audio: accepted and refused samples, and immutability."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from netencoders_audio import Audio, AudioError, mono_samples

INTEGERS = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_are_scaled_by_their_range(dtype, order):
    """The smallest integer becomes -1, half of it -0.5, and zero 0."""
    low = np.iinfo(dtype).min
    samples = np.array([low, low // 2, 0, -(low // 2)], np.dtype(dtype).newbyteorder(order))
    assert [-1, -0.5, 0, 0.5] == mono_samples(Audio(samples, 8000), 8000).tolist()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", UNSIGNED)
def test_unsigned_integers_are_scaled_about_their_middle(dtype, order):
    """Zero becomes -1, and the middle of the range 0."""
    half = (int(np.iinfo(dtype).max) + 1) // 2
    samples = np.array([0, half // 2, half, half + half // 2], np.dtype(dtype).newbyteorder(order))
    assert [-1, -0.5, 0, 0.5] == mono_samples(Audio(samples, 8000), 8000).tolist()


@pytest.mark.parametrize("dtype", INTEGERS + UNSIGNED)
def test_largest_integer_is_at_most_1(dtype):
    """The largest integer becomes one step less than 1, or 1 after rounding to float32."""
    step = 2.0 ** (1 - np.iinfo(dtype).bits)
    samples = np.full((1, 3), np.iinfo(dtype).max, dtype)
    assert np.float32(1 - step) == mono_samples(Audio(samples, 8000), 8000)[0]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_are_not_changed(dtype, order):
    """Floats above 1 are neither clipped nor scaled."""
    samples = np.array([-2.5, 0, 0.125, 300], np.dtype(dtype).newbyteorder(order))
    assert [-2.5, 0, 0.125, 300] == mono_samples(Audio(samples, 8000), 8000).tolist()


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([*INTEGERS, *UNSIGNED, ">i2", ">f4", "float32", "float64"]),
        st.tuples(st.integers(1, 30), st.integers(1, 4)),
        elements=st.integers(0, 100),
    )
)
def test_memory_layout_does_not_change_the_samples(samples):
    """Reversed, strided, Fortran-ordered and read-only arrays give the samples of a copy."""
    expected = mono_samples(Audio(samples.copy(), 8000), 8000)
    frozen = samples.copy()
    frozen.flags.writeable = False
    for same in (samples[::-1].copy()[::-1], np.repeat(samples, 2, 0)[::2], samples.copy("F")):
        assert np.array_equal(expected, mono_samples(Audio(same, 8000), 8000))
    assert np.array_equal(expected, mono_samples(Audio(frozen, 8000), 8000))


@pytest.mark.parametrize("shape", [(4,), (4, 1), (4, 2), (1, 2), (1, 64), (0,), (0, 2)])
def test_shape_gives_frames_and_channels(shape):
    """The first axis is frames; one axis is one channel; an Audio may have no frames."""
    audio = Audio(np.zeros(shape), 8000)
    assert (shape[0], shape[1] if len(shape) == 2 else 1) == (audio.frames, audio.channels)


def test_lists_are_accepted():
    """Nested lists of numbers are samples."""
    assert [0.75, 0.25] == mono_samples(Audio([[1.0, 0.5], [0.0, 0.5]], 8000), 8000).tolist()


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(3, complex), r"Audio: samples of type complex128 are not audio \(convert them"),
        (np.zeros(3, bool), "samples of type bool are not audio"),
        (np.zeros(3, object), "samples of type object are not audio"),
        (np.zeros(3, "m8[s]"), r"samples of type timedelta64\[s\] are not audio"),
        (np.array(["a"]), "samples of type <U1 are not audio"),
        (np.float32(1), r"samples of shape \(\) are not audio \(give \(frames,\) or \(frames, ch"),
        (np.zeros((2, 2, 2)), r"samples of shape \(2, 2, 2\) are not audio"),
        (np.zeros((3, 0)), r"shape \(3, 0\) means 0 channels \(give at least one"),
        (np.zeros((2, 500)), r"shape \(2, 500\) means 500 channels \(transpose channels-first"),
        ([[1.0], [1.0, 2.0]], "samples are not an array: .*inhomogeneous"),
        (None, "samples of type object are not audio"),
    ],
)
def test_invalid_samples_are_refused(samples, message):
    """Samples that are not audio are refused with the reason and the remedy."""
    with pytest.raises(AudioError, match=message) as caught:
        Audio(samples, 8000)
    assert ("invalid-audio", "Audio") == (caught.value.code, caught.value.source)


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize <= 8, reason="long double is double here")
def test_long_doubles_are_refused():
    """Long doubles are refused, because their format depends on the machine."""
    with pytest.raises(AudioError, match=r"samples of type float128 are not audio"):
        Audio(np.zeros(3, np.longdouble), 8000)


@pytest.mark.parametrize("problem", [TypeError, ValueError, RuntimeError])
def test_error_of_an_array_like_is_in_the_message(problem):
    """The message includes the error of an array-like, such as a tensor on another device."""

    class Tensor:
        def __array__(self, dtype=None, copy=None):
            raise problem("use .cpu() first")

    with pytest.raises(AudioError, match=r"samples are not an array: use \.cpu\(\) first"):
        Audio(Tensor(), 8000)


@pytest.mark.parametrize("rate", [0, -1, 8000.0, float("nan"), True, "8000", None, np.float32(8)])
def test_invalid_rates_are_refused(rate):
    """A rate must be an integer of at least 1, and not a bool."""
    with pytest.raises(AudioError, match=r"^Audio: rate must be an integer >= 1, in Hz\. Got "):
        Audio(np.zeros(3), rate)


def test_numpy_integer_is_a_valid_rate():
    """An integer of numpy is accepted as a rate."""
    assert 8000 == Audio([0.0], np.uint16(8000)).rate


def test_attributes_and_samples_cannot_be_changed():
    """Neither attributes nor samples can be changed through an Audio."""
    audio = Audio(np.zeros(3), 8000)
    with pytest.raises(AttributeError, match="an Audio is immutable"):
        audio.rate = 1
    with pytest.raises(AttributeError, match="an Audio is immutable"):
        del audio.rate
    with pytest.raises(ValueError, match="read-only"):
        audio.samples[0] = 1


def test_array_of_the_caller_stays_writable():
    """The array of the caller is not copied, and stays writable."""
    samples = np.zeros(3)
    assert np.shares_memory(samples, Audio(samples, 8000).samples)
    assert samples.flags.writeable


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_and_pickles_are_equal(duplicate):
    """Copies and pickles hold the same samples and rate."""
    actual = duplicate(Audio(np.arange(6, dtype=np.int16).reshape(3, 2), 8000))
    assert ([[0, 1], [2, 3], [4, 5]], 8000) == (actual.samples.tolist(), actual.rate)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((3,), "<Audio: 3 frames, 1 channel, 8000 Hz, int16>"),
        ((3, 2), "<Audio: 3 frames, 2 channels, 8000 Hz, int16>"),
    ],
)
def test_repr_has_no_samples(shape, expected):
    """The repr shows frames, channels, rate and type, without samples."""
    assert expected == repr(Audio(np.zeros(shape, np.int16), 8000))


def test_unknown_truncated_policy_is_refused():
    """The policy for truncated files is "error" or "warn"."""
    with pytest.raises(AudioError, match="truncated must be 'error' or 'warn'") as caught:
        Audio.open("a.wav", truncated="skip")
    assert "invalid-audio" == caught.value.code
