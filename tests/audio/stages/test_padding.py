"""Padding of the signal (A5), compared with numpy.pad."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio import AudioError
from netencoders_audio.stages.padding import (
    pad,
    padding_before,
    partition_count,
    partitioned_lengths,
    shortest,
)

PADDINGS = [None, "Right", "Center", "CenterReflect"]


def padded(signal, size, padding):
    """Return the padded signal, by numpy."""
    if padding == "CenterReflect":
        return np.pad(signal, size // 2, mode="reflect")
    sides = {None: (0, 0), "Right": (0, size - 1), "Center": (size // 2, size // 2)}[padding]
    return np.pad(signal, sides)


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 60), st.integers(1, 40), st.sampled_from(PADDINGS), st.integers(0, 99))
def test_padding_equals_numpy_pad(pieces, joined, length, size, padding, seed):
    """Every padding agrees with numpy for any blocks; a signal too short to mirror is an error."""
    signal = np.arange(1, length + 1, dtype=np.float32)
    if padding == "CenterReflect" and length <= size // 2:
        message = (
            rf"^a recording of {length} samples is too short to mirror {size // 2} at each edge"
        )
        with pytest.raises(AudioError, match=message) as caught:
            joined(pad(pieces(signal, seed), size, padding))
        assert "too-short" == caught.value.code
        return
    expected = padded(signal, size, padding)
    assert np.array_equal(expected, joined(pad(pieces(signal, seed), size, padding)))


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 200), st.integers(1, 40), st.integers(1, 60), st.sampled_from(PADDINGS))
def test_count_equals_the_naive_loop(length, size, offset, padding):
    """The count is the number of whole partitions, counted in a loop."""
    mode = "Center" if padding == "CenterReflect" else padding
    available = len(padded(np.zeros(length), size, mode))
    fitting = [start for start in range(0, available, offset) if start + size <= available]
    assert len(fitting) == partition_count(length, size, offset, padding)


@given(st.integers(1, 10_000), st.integers(1, 500), st.integers(1, 700))
def test_count_of_automatic_padding(length, size, offset):
    """With the automatic padding, n = ceil(m / Offset) for any window."""
    assert -(-length // offset) == partition_count(length, size, offset, "Right")


@given(st.integers(1, 60), st.sampled_from(PADDINGS))
def test_shortest_signal_gives_one_partition(joined, size, padding):
    """The shortest signal gives one partition; one sample less gives an error or none."""
    least = shortest(size, padding)
    assert len(joined(pad([np.ones(least, np.float32)], size, padding))) >= size
    if padding is None:
        assert 0 == partition_count(least - 1, size, 1, padding)
    elif padding == "CenterReflect":
        with pytest.raises(AudioError, match="too short to mirror"):
            list(pad([np.ones(least - 1, np.float32)], size, padding))
    else:
        assert 1 == least


@pytest.mark.parametrize(("padding", "before"), [*zip(PADDINGS, [0, 0, 3, 3], strict=True)])
def test_padding_before_the_signal(padding, before):
    """Only centred partitions begin before the signal."""
    assert before == padding_before(7, padding)


def test_mirror_copies_overwritten_blocks(joined):
    """The mirrored samples are correct if each block overwrites the one before."""

    def blocks():
        buffer = np.empty(4, np.float32)
        for start in range(0, 20, 4):
            buffer[:] = np.arange(start, start + 4)
            yield buffer

    expected = np.pad(np.arange(20), 6, mode="reflect")
    assert np.array_equal(expected, joined(pad(blocks(), 12, "CenterReflect")))


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 12), st.integers(1, 20), st.integers(1, 25), st.sampled_from(PADDINGS))
def test_partitioned_lengths_equal_the_naive_loop(count, size, offset, padding):
    """The lengths are all those that give `count` partitions."""
    expected = [
        length
        for length in range(shortest(size, padding), 400)
        if count == partition_count(length, size, offset, padding)
    ]
    assert expected == list(partitioned_lengths(count, size, offset, padding))
