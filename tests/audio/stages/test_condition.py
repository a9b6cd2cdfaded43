"""Condition, compared with a loop over the samples of each partition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio.stages.condition import condition


def naive(rows, remove_mean, pre_emphasis):
    """Return conditioned rows, computed one sample at a time."""
    result = []
    for row in rows.astype("f8").tolist():
        mean = sum(row) / len(row) if remove_mean else 0.0
        row = [x - mean for x in row]
        result.append([x - pre_emphasis * row[max(0, t - 1)] for t, x in enumerate(row)])
    return np.array(result)


@settings(max_examples=150)
@given(
    st.integers(1, 140),
    st.integers(1, 50),
    st.booleans(),
    st.sampled_from([0.0, 0.5, 0.97, 1.0]),
    st.integers(0, 99),
)
def test_condition_equals_the_naive_loop(count, size, remove_mean, pre_emphasis, seed):
    """Each sample follows the definition, in overlapping partitions that are not changed."""
    signal = np.random.default_rng(seed).uniform(-1, 1, count * 3 + size).astype("f4")
    rows = np.lib.stride_tricks.sliding_window_view(signal, size)[::3][:count]
    before = signal.copy()
    wide = np.full((count, size + 5), np.nan, "f4")
    out = wide[:, :size]
    assert condition(rows, remove_mean, pre_emphasis, out) is out
    np.testing.assert_allclose(out, naive(rows, remove_mean, pre_emphasis), rtol=0, atol=1e-6)
    assert np.isnan(wide[:, size:]).all()
    np.testing.assert_array_equal(before, signal)


@pytest.mark.parametrize("remove_mean", [False, True])
@pytest.mark.parametrize("pre_emphasis", [0.0, 0.97])
def test_condition_in_double_precision(remove_mean, pre_emphasis):
    """With `out` in float64, all steps are computed in float64, and no row depends on others."""
    random = np.random.default_rng(0)
    signal = (random.uniform(0.4, 0.6, 30_000) * 10 ** random.uniform(-9, 0, 30_000)).astype("f4")
    rows = np.lib.stride_tricks.sliding_window_view(signal, 399)[::160]
    out = condition(rows, remove_mean, pre_emphasis, np.empty(rows.shape))
    np.testing.assert_allclose(out, naive(rows, remove_mean, pre_emphasis), rtol=0, atol=1e-14)
    alone = [condition(row[None], remove_mean, pre_emphasis, np.empty((1, 399)))[0] for row in rows]
    assert np.array_equal(alone, out)


@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("count", [1, 163, 164, 500])
def test_rows_of_any_block_have_the_same_bits(kind, count):
    """Pre-emphasis in blocks gives each row the bits that it has alone, with other memory."""
    rows = np.random.default_rng(0).standard_normal((count, 400), "f4")
    out = np.full((count, 512), np.nan, kind)
    condition(rows, True, 0.97, out[:, :400])
    alone = [condition(row[None], True, 0.97, np.empty((1, 400), kind))[0] for row in rows]
    assert np.array_equal(alone, out[:, :400])
    assert np.isnan(out[:, 400:]).all()


def test_constant_without_its_mean_is_zero():
    """A constant becomes zero if its mean is removed, and is scaled by PreEmphasis otherwise."""
    rows = np.full((3, 40), 0.25, "f4")
    assert (condition(rows, True, 0.97, np.empty_like(rows)) == 0).all()
    np.testing.assert_allclose(condition(rows, False, 0.75, np.empty_like(rows)), 0.0625)


def test_partitions_are_copied_without_any_condition():
    """Without mean removal and pre-emphasis, partitions are copied."""
    rows = np.random.default_rng(0).random((3, 40), "f4")
    np.testing.assert_array_equal(rows, condition(rows, False, 0.0, np.empty_like(rows)))


@pytest.mark.parametrize("arguments", [(False, 0.0), (True, 0.97)])
def test_input_partitions_are_not_changed(arguments):
    """Partitions are views of a signal that the next group needs: they are not changed."""
    rows = np.arange(16, dtype=np.float32).reshape(2, 8)
    rows.flags.writeable = False
    condition(rows, *arguments, np.empty((2, 8), np.float32))
    assert np.array_equal(rows.ravel(), np.arange(16))
