"""Audio: accepted and refused samples, and immutability."""

import array
import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from netencoders_audio import Audio, AudioError, mono_samples

INTEGERS = ["int8", "int16", "int32"]
UNSIGNED = ["uint8", "uint16", "uint32"]
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
    samples = np.full((3, 3), np.iinfo(dtype).max, dtype)
    assert np.float32(1 - step) == mono_samples(Audio(samples, 8000), 8000)[0]


@pytest.mark.filterwarnings("ignore:Audio. its samples reach 300")
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_are_not_changed(dtype, order):
    """Floats above 1 are neither clipped nor scaled."""
    samples = np.array([-2.5, 0, 0.125, 300], np.dtype(dtype).newbyteorder(order))
    assert [-2.5, 0, 0.125, 300] == mono_samples(Audio(samples, 8000), 8000).tolist()


@pytest.mark.filterwarnings("ignore:Audio. its u?int32 samples are")
@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([*INTEGERS, *UNSIGNED, ">i2", ">f4", "float32", "float64"]),
        st.tuples(st.integers(4, 30), st.integers(1, 4)),
        elements=st.integers(0, 4),
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


@pytest.mark.parametrize("shape", [(4,), (4, 1), (4, 2), (1, 2), (64, 64), (0,), (0, 2)])
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
        ([[1.0], [1.0, 2.0]], "samples are not an array: .*inhomogeneous"),
        (None, "samples of type object are not audio"),
    ],
)
def test_invalid_samples_are_refused(samples, message):
    """Samples that are not audio are refused with the reason and the remedy."""
    with pytest.raises(AudioError, match=message) as caught:
        Audio(samples, 8000)
    assert ("invalid-audio", "Audio") == (caught.value.code, caught.value.source)


@pytest.mark.parametrize("shape", [(1, 3), (1, 40), (2, 60), (2, 500), (63, 64)])
def test_more_channels_than_frames_are_refused(shape):
    """Samples whose channels come first are refused, also with few channels; the remedies work."""
    samples = np.zeros(shape)
    frames, channels = shape
    with pytest.raises(AudioError) as caught:
        Audio(samples, 8000)
    assert (
        f"Audio: shape {shape} means {channels} channels of {frames} frame{'s' * (frames > 1)} "
        "(transpose channels-first samples: Audio(samples.T, rate); for a block with fewer frames "
        f"than channels: Audio(samples, rate, channels={channels}))"
    ) == str(caught.value)
    assert (channels, frames) == (Audio(samples.T, 8000).frames, Audio(samples.T, 8000).channels)
    stated = Audio(samples, 8000, channels=channels)
    assert (frames, channels) == (stated.frames, stated.channels)
    again = pickle.loads(pickle.dumps(stated))
    assert (frames, channels) == (again.frames, again.channels)


def test_frame_of_two_channels_is_a_block_and_no_recording():
    """One frame of two channels is refused as a recording unless it is stated; streams take it."""
    frame = Audio(np.array([[0.5, 0.25]]), 8000)
    with pytest.raises(
        AudioError, match=r"^Audio: shape \(1, 2\) means 2 channels of 1 frame \(tr"
    ):
        mono_samples(frame, 8000)
    assert [0.375] == mono_samples(Audio(frame.samples, 8000, channels=2), 8000).tolist()
    assert [0.375, 0.375] == mono_samples(iter([frame, frame]), 8000).tolist()


@pytest.mark.parametrize(("shape", "stated"), [((9, 2), 1), ((9,), 2), ((2, 9), 2), ((9,), "1")])
def test_other_number_of_channels_than_stated_is_refused(shape, stated):
    """A shape must have the stated number of channels."""
    channels = shape[1] if len(shape) == 2 else 1
    with pytest.raises(AudioError, match=f"means {channels} channels, and channels={stated!r} "):
        Audio(np.zeros(shape), 8000, channels=stated)


@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        ([1, -2, 300], "a list of int"),
        ([[1, 2], [3, 4]], "a list of int"),
        ((0, 1), "a tuple of int"),
        ([2**63], "a list of int"),
        ([10**30], "of type object"),
        (range(5), "of type int64"),
        (np.arange(9), "of type int64"),
        (np.arange(9, dtype=">i8"), "of type >i8"),
        (np.arange(9, dtype=np.uint64), "of type uint64"),
    ],
)
def test_integers_without_a_full_scale_are_refused(samples, kind):
    """Lists of ints and integers of 64 bits are refused: no recorder has a range of 64 bits."""
    with pytest.raises(AudioError, match=f"^Audio: samples are {kind}|^Audio: samples {kind}"):
        Audio(samples, 8000)


def test_remedies_for_integers_work():
    """The remedy for a list of ints gives samples of 16 bits, or the floats themselves."""
    with pytest.raises(AudioError) as caught:
        Audio([1, 0, -1], 8000)
    assert (
        "for 16-bit samples: Audio(np.asarray(samples, np.int16), rate); for floats between -1 "
        "and 1: Audio(np.asarray(samples, np.float32), rate)"
    ) == caught.value.remedy
    assert [2.0**-15] == mono_samples(Audio(np.asarray([1], np.int16), 8000), 8000).tolist()
    assert [1.0] == mono_samples(Audio(np.asarray([1], np.float32), 8000), 8000).tolist()


@pytest.mark.parametrize(
    "samples",
    [
        [0, 0.5, 1],
        [np.int16(16384), np.int16(0)],
        [np.zeros(3, np.int16), np.zeros(3, np.int16), np.zeros(3, np.int16)],
        array.array("h", [16384, 0]),
        [],
    ],
)
def test_lists_with_a_known_scale_are_accepted(samples):
    """Lists with floats, and lists of numbers of numpy, have a full scale."""
    assert len(samples) == Audio(samples, 8000).frames


@pytest.mark.parametrize(
    "samples",
    [
        np.ma.masked_greater(np.array([0.1, 0.5]), 0.3),
        np.ma.masked_array(np.array([0.1, 0.5])),
        [np.ma.masked_array(np.array([0.1, 0.5]))],
    ],
)
def test_masked_arrays_are_refused(samples):
    """A masked array is refused, since its mask would be dropped; the remedy states a value."""
    message = (
        "Audio: samples are a masked array, and audio has no masked samples (replace them, for "
        "instance by zeros: samples.filled(0))"
    )
    with pytest.raises(AudioError) as caught:
        Audio(samples, 8000)
    assert message == str(caught.value)


class Tensor:
    """Has the methods of a tensor of torch."""

    def __init__(self, values, *, fails=()):
        self.values, self.fails, self.calls = values, fails, []

    def _next(self, name):
        if name in self.fails:
            raise TypeError(f"{name}: got unsupported ScalarType BFloat16")
        self.calls.append(name)

    def detach(self):
        """Return a tensor without a gradient."""
        self._next("detach")
        return self

    def cpu(self):
        """Return a tensor in the memory of the processor."""
        self._next("cpu")
        return self

    def float(self):
        """Return a tensor of float32."""
        self._next("float")
        return Tensor(self.values.astype(np.float32))

    def numpy(self):
        """Return an array."""
        self._next("numpy")
        return self.values

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("a tensor that requires a gradient is no array")


def test_tensors_are_accepted():
    """A tensor with a gradient, or on a GPU, is converted without a copy of an array."""
    values = np.array([0.5, -0.5], np.float32)
    tensor = Tensor(values)
    assert np.shares_memory(values, Audio(tensor, 8000).samples)
    assert ["detach", "cpu", "numpy"] == tensor.calls
    assert [0.5, -0.5] == Audio(Tensor(values, fails=["numpy"]), 8000).samples.tolist()


@pytest.mark.parametrize("fails", [["detach"], ["numpy", "float"]])
def test_error_of_a_tensor_is_in_the_message(fails):
    """The message includes the error of a tensor that cannot be converted."""
    with pytest.raises(AudioError, match=f"samples are not an array: {fails[-1]}: got unsupp"):
        Audio(Tensor(np.zeros(3), fails=fails), 8000)


def test_integer_tensor_is_refused():
    """A tensor of integers of 64 bits is refused like an array."""
    with pytest.raises(AudioError, match="samples of type int64 have no known full scale"):
        Audio(Tensor(np.arange(3)), 8000)


def test_property_that_raises_is_no_mask():
    """A property that raises any error is not taken for a mask."""

    class Odd:
        @property
        def mask(self):
            raise OSError("gone")

        def __array__(self, dtype=None, copy=None):
            return np.zeros(3)

    assert 3 == Audio(Odd(), 8000).frames


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


@pytest.mark.parametrize(
    "rate",
    [0, -1, 0.0, 16000.5, float("nan"), float("inf"), True, "8000", None, np.float32(8.5), 8 + 0j],
)
def test_invalid_rates_are_refused(rate):
    """A rate must be an integer of at least 1, and not a bool."""
    with pytest.raises(AudioError, match=r"^Audio: rate must be an integer >= 1, in Hz\. Got "):
        Audio(np.zeros(3), rate)


@pytest.mark.parametrize(
    "rate", [8000.0, np.uint16(8000), np.float32(8000), np.float64(8000), np.float16(8000)]
)
def test_integral_number_of_any_type_is_a_valid_rate(rate):
    """An integer of numpy, or a float without a fraction, as of JSON or MATLAB, is a rate."""
    assert (8000, int) == (Audio([0.0], rate).rate, type(Audio([0.0], rate).rate))


def test_huge_integer_is_a_rate():
    """A rate that no float can hold is an integer; `limits` bounds it when it is encoded."""
    assert 10**400 == Audio([0.0], 10**400).rate


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
