"""Pre-emphasis of the whole signal, compared with a loop (A43)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio.stages.emphasis import emphasize

EPS = float(np.finfo(np.float32).eps)


def noise(count, seed=0):
    """Return noise between -1 and 1."""
    return np.random.default_rng(seed).uniform(-1, 1, count).astype(np.float32)


@settings(deadline=None, max_examples=150)
@given(st.integers(1, 200), st.sampled_from([0.5, 0.97, 1]), st.integers(0, 99))
def test_emphasis_equals_the_naive_loop(pieces, joined, count, coefficient, seed):
    """Each sample follows the definition, and has the same bits for any blocks."""
    signal = noise(count, seed)
    whole = joined(emphasize([signal], coefficient))
    plain = signal.astype("f8").tolist()
    expected = [plain[0], *(x - coefficient * y for x, y in zip(plain[1:], plain, strict=False))]
    np.testing.assert_allclose(whole, expected, rtol=0, atol=2 * EPS)
    assert signal[0] == whole[0]
    assert np.array_equal(whole, joined(emphasize(pieces(signal, seed), coefficient)))


def test_blocks_are_not_changed_and_may_be_overwritten(joined):
    """The block of the caller stays; its last sample is remembered if the next overwrites it."""
    memory = np.empty(3, np.float32)

    def blocks():
        for start in range(0, 9, 3):
            memory[:] = np.arange(start, start + 3)
            before = memory.copy()
            yield memory
            assert np.array_equal(before, memory)

    expected = np.r_[0, np.arange(1, 9) - 0.5 * np.arange(8)]
    assert np.array_equal(expected, joined(emphasize(blocks(), 0.5)))


@pytest.mark.parametrize("signal", [noise(3), np.float32([-0.0, 0.0])])
def test_zero_passes_the_blocks_on(signal):
    """Without emphasis, the blocks are the same objects."""
    (block,) = emphasize([signal], 0.0)
    assert block is signal
