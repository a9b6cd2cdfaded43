"""Mono: the mean of the channels (A8), and the refusal of samples that are not finite."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from netencoders_audio import AudioError
from netencoders_audio.stages.mono import mix, mix_block

FRAMES = st.tuples(st.integers(1, 40), st.integers(1, 6))


@settings(deadline=None)
@given(hnp.arrays(st.sampled_from(["int16", "int32", "uint8", "uint16"]), FRAMES))
def test_mean_of_integers_is_exact(block):
    """The mean equals exact arithmetic, rounded to float32."""
    bits = np.iinfo(block.dtype).bits
    middle = 0 if block.dtype.kind == "i" else 2 ** (bits - 1)
    exact = [(sum(map(int, row)) / len(row) - middle) / 2 ** (bits - 1) for row in block]
    np.testing.assert_allclose(mix_block(block), exact, rtol=2 * np.finfo("f4").eps, atol=1e-9)


@settings(deadline=None)
@given(
    hnp.arrays(
        st.sampled_from(["float16", "float32", "float64"]),
        FRAMES,
        elements=st.floats(-2, 2, width=16),
    ),
    st.integers(0, 99),
)
def test_mean_of_floats_has_the_same_bits_for_any_blocks(pieces, joined, block, seed):
    """The result is the mean, with the same bits for any blocks."""
    whole = joined(mix([block]))
    assert np.array_equal(whole, joined(mix(pieces(block, seed))))
    np.testing.assert_allclose(whole, block.astype("f8").mean(1), atol=4 * np.finfo("f4").eps)
    assert np.dtype("float32") == whole.dtype


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("channels", [1, 2])
def test_first_non_finite_sample_is_named(dtype, bad, channels):
    """The error names the frame and the channel of the first sample that is not finite."""
    frames = np.zeros((30, channels), dtype)
    frames[17, -1] = frames[20, 0] = bad
    place = rf"^the sample at frame 17 of channel {channels - 1} is {bad}; samples must be finite"
    with pytest.raises(AudioError, match=place) as caught:
        list(mix([frames[:10], frames[10:]]))
    assert "non-finite" == caught.value.code


@pytest.mark.parametrize(("dtype", "bad"), [("float32", 1e30), ("float64", 1e300), ("f4", 2e12)])
def test_samples_whose_power_overflows_are_refused(dtype, bad):
    """Finite samples that are too large for their power are refused, without a warning."""
    with pytest.raises(AudioError, match="the sample at frame 2 of channel 0 is "):
        list(mix([np.array([[0], [1], [bad]], dtype)]))


def test_opposite_infinities_are_refused():
    """Infinities whose sum is not infinite are refused."""
    with pytest.raises(AudioError, match="the sample at frame 0 of channel 0 is inf"):
        list(mix([np.array([[np.inf, -np.inf]])]))


def test_large_samples_below_the_limit_pass():
    """A block of large samples passes if each sample is below the limit."""
    block = np.full((1000, 1), 9e11, np.float32)
    assert np.array_equal(block[:, 0], next(mix([block])))


def test_input_block_is_not_changed():
    """A block of the caller's memory is not changed."""
    for dtype in ("int16", "float32", "float64"):
        block = np.arange(12).reshape(6, 2).astype(dtype)
        before = block.copy()
        list(mix([block]))
        assert np.array_equal(before, block)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.int32])
def test_integers_are_divided_by_their_scale(channels, dtype):
    """The mean has the bits of a division, also where no product by an inverse is exact."""
    info = np.iinfo(dtype)
    block = np.random.default_rng(0).integers(info.min, info.max, (999, channels)).astype(dtype)
    kind = np.float64 if info.bits == 32 else np.float32
    middle = 0 if info.min else 1 << (info.bits - 1)
    total = sum(block[:, channel].astype(kind) - kind(middle) for channel in range(channels))
    expected = (total / kind(channels << (info.bits - 1))).astype(np.float32)
    np.testing.assert_array_equal(expected, mix_block(block), strict=True)
