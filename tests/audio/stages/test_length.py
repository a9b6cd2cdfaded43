"""Length: the first n samples, zero-padded (A3), without reading more blocks than needed."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders_audio import AudioError
from netencoders_audio.stages.length import cut, cut_start, extend, zeros

SIGNAL = np.arange(1, 101, dtype=np.float32)


@given(st.one_of(st.none(), st.integers(1, 300)), st.integers(0, 99))
def test_signal_is_cut_or_padded(pieces, joined, length, seed):
    """The result is the beginning of the signal, then zeros, for any blocks."""
    wanted = 100 if length is None else length
    expected = np.pad(SIGNAL, (0, max(0, wanted - 100)))[:wanted]
    assert np.array_equal(expected, joined(extend(cut(pieces(SIGNAL, seed), length), length)))


def test_padding_of_many_blocks_is_zero(joined):
    """Padding that is longer than one block of zeros is complete, and all zeros."""
    padded = joined(extend([SIGNAL], 200_000))
    assert (200_000, 5050) == (len(padded), padded.sum())


@pytest.mark.parametrize(("length", "read"), [(1, 1), (10, 1), (11, 2), (20, 2), (None, 10)])
def test_blocks_after_the_length_are_not_read(joined, length, read):
    """Blocks after the wanted length are not read."""
    read_blocks = []
    joined(cut((read_blocks.append(k) or SIGNAL[k : k + 10] for k in range(0, 100, 10)), length))
    assert read == len(read_blocks)


@given(st.integers(1, 300), st.integers(0, 99))
def test_last_samples_are_kept(pieces, joined, length, seed):
    """The result is the end of the signal, for any blocks."""
    assert np.array_equal(SIGNAL[-length:], joined(cut_start(pieces(SIGNAL, seed), length)))


def test_few_samples_are_held_for_the_last_ones():
    """Samples before the last ones are dropped while the signal is read: 4 GB take no memory."""
    block = np.zeros(1 << 18, np.float32)
    tracemalloc.start()
    try:
        kept = list(cut_start((block for _ in range(1 << 12)), 15))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [15] == [len(last) for last in kept]
    assert peak < 1 << 16


@pytest.mark.parametrize("count", [-1, 0, 1, 65_536, 65_537, 200_000])
def test_zeros(count):
    """Any number of zeros, in blocks."""
    blocks = list(zeros(count))
    assert max(0, count) == sum(map(len, blocks))
    assert all(len(block) and not block.any() for block in blocks)


@pytest.mark.parametrize("length", [None, 5])
@pytest.mark.parametrize("blocks", [[], [SIGNAL[:0]]])
def test_signal_without_samples_is_refused(length, blocks):
    """A signal without samples is an error and is not padded (A10)."""
    with pytest.raises(
        AudioError, match=r"^no samples \(remove it from the inputs, or record it again\)$"
    ) as e:
        list(cut(blocks, length))
    assert "empty-audio" == e.value.code
