"""Padding of the signal (A5, A40), compared with a loop and with numpy.pad."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netencoders_audio.stages.padding import (
    pad,
    padding_before,
    padding_text,
    partition_count,
    partitioned_lengths,
    shortest,
)

PADDINGS = [None, "Right", (3, 3, "Zero"), (3, 3, "Reflect"), (5, 0, "Symmetric"), (4, -2, "Zero")]


@st.composite
def paddings(draw):
    """Draw every kind of padding."""
    sides = st.tuples(st.integers(0, 70), st.integers(-30, 70))
    left, right = draw(sides)
    mode = draw(st.sampled_from(["Zero", "Reflect", "Symmetric"]))
    return draw(st.sampled_from([None, "Right", (left, right, mode)]))


def mirrored(signal, place, mode):
    """Return the sample at a place of a mirrored signal: walk to the place, and turn at edges."""
    if mode == "Reflect" and len(signal) == 1:
        return signal[0]
    position, step = 0, 1 if place >= 0 else -1
    for _ in range(abs(place)):
        if 0 <= position + step < len(signal):
            position += step
        else:
            step = -step
            position += step if mode == "Reflect" else 0
    return signal[position]


def padded(signal, size, padding):
    """Return the padded signal, sample by sample."""
    if padding is None:
        return signal
    left, right, mode = (0, size - 1, "Zero") if padding == "Right" else padding
    places = range(-left, len(signal) + right)
    if mode == "Zero":
        return np.array([signal[k] if 0 <= k < len(signal) else 0 for k in places], np.float32)
    return np.array([mirrored(signal, k, mode) for k in places], np.float32)


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 60), st.integers(1, 40), paddings(), st.integers(0, 99))
@example(9, 9, (4, -1, "Zero"), 0)
@example(1, 9, (4, 4, "Reflect"), 0)
@example(3, 9, (70, 70, "Reflect"), 0)
def test_padding_equals_the_naive_loop(pieces, joined, length, size, padding, seed):
    """Every padding has the samples of the loop for any blocks, also of the shortest signals."""
    signal = np.arange(1, length + 1, dtype=np.float32)
    expected = padded(signal, size, padding)
    assert np.array_equal(expected, joined(pad(pieces(signal, seed), size, padding)))


@pytest.mark.parametrize(("ours", "numpys"), [("Reflect", "reflect"), ("Symmetric", "symmetric")])
@pytest.mark.parametrize("length", [1, 2, 3, 10])
@pytest.mark.parametrize("sides", [(0, 7), (7, 0), (25, 31)])
def test_mirrored_padding_equals_numpy_pad(joined, ours, numpys, length, sides):
    """A signal is mirrored as by numpy.pad: again and again if it is short."""
    signal = np.arange(1, length + 1, dtype=np.float32)
    expected = np.pad(signal, sides, mode=numpys)
    assert np.array_equal(expected, joined(pad([signal], 9, (*sides, ours))))


@pytest.mark.parametrize("padding", [(70_000, 140_000, "Reflect"), (140_000, 70_000, "Symmetric")])
def test_long_mirrored_padding(joined, padding):
    """A padding of more samples than one piece is complete."""
    signal = np.arange(1, 90_001, dtype=np.float32)
    expected = np.pad(signal, padding[:2], mode=padding[2].lower())
    assert np.array_equal(expected, joined(pad([signal], 9, padding)))


def test_mirrored_signal_is_not_held():
    """Only the edges are held: after the first samples, each block is passed on at once."""
    blocks = (np.full(10, k, np.float32) for k in range(1000))
    result = pad(blocks, 400, (20, 30, "Reflect"))
    assert [2, 0] == next(result)[[0, -1]].tolist()  # the padding on the left
    assert [0, 2] == next(result)[[0, -1]].tolist()  # three blocks, which have 21 samples
    assert [3, 3] == next(result)[[0, -1]].tolist()
    assert 4 == next(blocks)[0]


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 200), st.integers(1, 40), st.integers(1, 60), paddings())
def test_count_equals_the_naive_loop(length, size, offset, padding):
    """The count is the number of whole partitions, counted in a loop."""
    available = len(padded(np.zeros(length), size, padding))
    fitting = [start for start in range(0, available, offset) if start + size <= available]
    assert len(fitting) == partition_count(length, size, offset, padding)


@given(st.integers(1, 10_000), st.integers(1, 500), st.integers(1, 700))
def test_count_of_automatic_padding(length, size, offset):
    """With the automatic padding, n = ceil(m / Offset) for any window."""
    assert -(-length // offset) == partition_count(length, size, offset, "Right")


@given(st.integers(1, 60), paddings())
def test_shortest_signal_gives_one_partition(joined, size, padding):
    """The shortest signal gives a partition; one sample less gives none, or is no signal."""
    least = shortest(size, padding)
    assert len(joined(pad([np.ones(least, np.float32)], size, padding))) >= size
    assert 1 == least or 0 == partition_count(least - 1, size, 1, padding)


@pytest.mark.parametrize(("padding", "before"), [*zip(PADDINGS, [0, 0, 3, 3, 5, 4], strict=True)])
def test_padding_before_the_signal(padding, before):
    """A padding begins before the signal by the number of samples on the left."""
    assert before == padding_before(padding)


@pytest.mark.parametrize(
    ("padding", "text"),
    [(None, "None"), ("Right", "'Right'"), ((9, -1, "Zero"), "[9, -1, 'Zero']")],
)
def test_padding_in_messages(padding, text):
    """Messages show a padding as it is declared in YAML."""
    assert text == padding_text(padding)


def test_mirror_copies_overwritten_blocks(joined):
    """The mirrored samples are correct if each block overwrites the one before."""

    def blocks():
        buffer = np.empty(4, np.float32)
        for start in range(0, 20, 4):
            buffer[:] = np.arange(start, start + 4)
            yield buffer

    expected = np.pad(np.arange(20), 6, mode="reflect")
    assert np.array_equal(expected, joined(pad(blocks(), 12, (6, 6, "Reflect"))))


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 12), st.integers(1, 20), st.integers(1, 25), paddings())
def test_partitioned_lengths_equal_the_naive_loop(count, size, offset, padding):
    """The lengths are all those that give `count` partitions."""
    expected = [
        length
        for length in range(shortest(size, padding), 400)
        if count == partition_count(length, size, offset, padding)
    ]
    assert expected == list(partitioned_lengths(count, size, offset, padding))


@pytest.mark.parametrize("mode", ["Reflect", "Symmetric"])
def test_block_that_is_long_enough_is_not_copied(mode):
    """A first block with all samples that are mirrored is passed on as it is."""
    block = np.arange(1000, dtype=np.float32)
    before, passed, *_ = pad([block, block], 400, (200, 40, mode))
    assert 200 == len(before)
    assert passed is block
