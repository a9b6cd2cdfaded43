"""The bits of the compiled kernel are those of numpy and scipy.fft."""

import numpy as np
import pytest
import scipy.fft
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netencoders_audio.kernel import FrameKernel, supported
from netencoders_audio.stages.condition import condition
from netencoders_audio.stages.fourier import fourier
from netencoders_audio.stages.power import power

LENGTHS = [length for length in range(2, 2601) if supported(length)]
LONGER = [4000, 4096, 5120, 6000, 6561, 7875, 8000, 8192, 10000]
# Of the window and of the transform.
SIZES = [(1, 2), (2, 2), (3, 8), (7, 7), (8, 12), (25, 32), (128, 128), (129, 200), (400, 512)]
SIZES += [(1000, 1024), (2048, 2048), (77, 77), (1001, 1001)]
# (mean removed, pre-emphasis)
CONDITIONS = [(False, 0.0), (True, 0.0), (False, 0.97), (True, 0.97)]


def hostile(length):
    """Return frames: noise, an impulse, signed zeros, subnormal and huge numbers, infinity, NaN."""
    random = np.random.default_rng(length)
    frames = random.uniform(-1, 1, (9, length)).astype("f4")
    frames[1] = 0
    frames[1, length // 3] = 1
    frames[2] = -0.0
    frames[2, ::3] = 0
    frames[3] *= 1e-40
    frames[4] *= 1e30
    frames[5, length // 2] = np.inf
    frames[6, -1] = np.nan
    frames[7, ::2] = 0
    return frames


def reference(frames, window, place, length, remove_mean, pre_emphasis):
    """Return the transform by the stages of numpy and scipy."""
    rows = np.zeros((len(frames), length), np.float32)
    condition(frames[:, place], remove_mean, pre_emphasis, rows[:, place])
    padded = np.zeros(length, np.float32)
    padded[place] = window
    return fourier(rows, padded)


def assert_same_bits(expected, actual):
    """Compare two arrays bit by bit, but for the sign and the payload of NaN."""
    expected, actual = expected.view(np.float32), actual.view(np.float32)
    np.testing.assert_array_equal(np.isnan(expected), np.isnan(actual))
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(expected[number].view(np.uint32), actual[number].view(np.uint32))


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # of infinity, in numpy
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("lengths", [LENGTHS[i::8] for i in range(8)] + [LONGER])
def test_transform_has_the_bits_of_scipy(kernel, lengths):
    """All supported lengths, and any numbers: the transform is that of scipy."""
    for length in lengths:
        frames = hostile(length)
        whole = slice(0, length)
        transform = FrameKernel(kernel, np.ones(length, "f4"), whole, length, False, 0.0)
        actual = np.empty((len(frames), length // 2 + 1), np.complex64)
        transform(frames, actual)
        assert_same_bits(scipy.fft.rfft(frames), actual)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize(("remove_mean", "pre_emphasis"), CONDITIONS)
@pytest.mark.parametrize(("size", "length"), SIZES)
def test_condition_and_window_have_the_bits_of_numpy(
    kernel, size, length, remove_mean, pre_emphasis
):
    """The mean, the pre-emphasis, the window and its place are those of the stages."""
    frames = hostile(length)
    window = np.random.default_rng(1).uniform(0, 1, size).astype("f4")
    first = (length - size) // 2
    arguments = window, slice(first, first + size), length, remove_mean, pre_emphasis
    actual = np.empty((len(frames), length // 2 + 1), np.complex64)
    FrameKernel(kernel, *arguments)(frames, actual)
    assert_same_bits(reference(frames, *arguments), actual)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("exponent", [1, 2])
@pytest.mark.parametrize("offset", [0.0, 1e-9])
@pytest.mark.parametrize("length", [2, 5, 16, 30, 400, 1024])
def test_power_has_the_bits_of_numpy(kernel, length, offset, exponent):
    """Power and magnitude are those of the stage, with an offset and without."""
    frames, shape = hostile(length), (9, length // 2 + 1)
    arguments = np.hanning(length).astype("f4") + 1, slice(0, length), length, False, 0.0
    expected = power(reference(frames, *arguments), exponent, np.empty(shape, np.float32), offset)
    actual = np.empty(shape, np.float32)
    FrameKernel(kernel, *arguments, exponent, offset)(frames, actual)
    assert_same_bits(expected, actual)


@pytest.mark.parametrize("length", [2, 3, 5, 8, 9, 16, 31, 400, 1103])
def test_two_sided_transform_has_the_bits_of_numpy(kernel, length):
    """The bins above the half are the conjugates of those below, for even and odd lengths."""
    frames = hostile(length)
    transform = FrameKernel(
        kernel, np.ones(length, "f4"), slice(0, length), length, False, 0.0, two_sided=True
    )
    actual = np.empty((len(frames), length), np.complex64)
    transform(frames, actual)
    half = scipy.fft.rfft(frames)
    mirrored = np.conjugate(half[:, 1 : (length + 1) // 2][:, ::-1])
    assert_same_bits(np.concatenate([half, mirrored], axis=1), actual)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 40),
    st.integers(0, 50),
    st.sampled_from([2, 9, 20, 77, 160, 700]),
    st.booleans(),
    st.data(),
)
def test_frame_does_not_depend_on_its_neighbours(kernel, count, hop, length, mean, data):
    """A frame alone has the bits that it has in any group, for any hop."""
    signal = np.random.default_rng(count).uniform(-1, 1, (count - 1) * hop + length).astype("f4")
    frames = np.ndarray((count, length), np.float32, signal, strides=(4 * hop, 4))
    arguments = np.ones(length, "f4"), slice(0, length), length, mean, 0.5, 2
    transform = FrameKernel(kernel, *arguments)
    group = np.empty((count, length // 2 + 1), np.float32)
    transform(frames, group)
    place = data.draw(st.integers(0, count - 1))
    alone = np.empty((1, length // 2 + 1), np.float32)
    transform(frames[place : place + 1].copy(), alone)
    assert_same_bits(alone[0], group[place])


def test_lengths_that_differ_between_releases_are_left_to_scipy():
    """The kernel leaves lengths to scipy whose bits depend on its release."""
    cases = {400: True, 512: True, 1764: False, 1102: False, 1001: True, 137: True, 1103: True}
    cases |= {191: True, 2297: True, 2309: False, 194: True, 1006: False}
    assert cases == {length: supported(length) for length in cases}
    assert [False] * 4 == [supported(length) for length in (-4, 0, 1, 10001)]
