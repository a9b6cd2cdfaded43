"""Fill: samples around a short signal, compared with a loop (A44)."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netencoders_audio.stages.fill import Fill, fill, filled_length

FILLS = st.builds(
    Fill,
    st.integers(0, 150),
    st.sampled_from(["End", "Start", "Both"]),
    st.sampled_from(["Zero", "Repeat", "Cycle"]),
    st.sampled_from([1, 2, 7, 64]),
    st.integers(0, 20),
)


def naive(signal, rule):
    """Return the filled samples as a list, step by step."""
    samples = list(signal)
    if rule.samples == "Cycle" and len(signal) < rule.length:
        added = rule.length - len(signal)
        before = {"End": 0, "Start": added, "Both": added // 2}[rule.side]
        samples = [signal[(k - before) % len(signal)] for k in range(rule.length)]
    if rule.samples == "Repeat":
        while len(samples) + len(signal) <= rule.length:
            samples += list(signal)
    number = 0
    while len(samples) < rule.length:
        at_start = rule.side == "Start" or (rule.side == "Both" and number % 2 == 1)
        samples.insert(0 if at_start else len(samples), 0)
        number += 1
    while len(samples) % rule.multiple:
        samples.append(0)
    return samples + [0] * rule.append


@settings(deadline=None, max_examples=400)
@given(st.integers(1, 100), FILLS, st.integers(0, 99))
@example(10, Fill(25, "Both"), 0)
@example(10, Fill(25, "Start", samples="Repeat"), 0)
@example(10, Fill(25, "Both", samples="Cycle"), 0)
@example(10, Fill(multiple=10, append=3), 0)
def test_fill_equals_the_naive_loop(pieces, joined, count, rule, seed):
    """Every sample and the length follow the definition, for any blocks."""
    signal = np.arange(1, count + 1, dtype=np.float32)
    expected = naive(signal, rule)
    assert expected == joined(fill(pieces(signal, seed), rule)).tolist()
    assert len(expected) == filled_length(count, rule)


def test_blocks_of_a_long_signal_pass_at_once():
    """A signal that needs no samples before it is not held."""
    blocks = (np.full(10, k, np.float32) for k in range(1000))
    result = fill(blocks, Fill(25, "Both"))
    assert [0, 1, 2, 3] == [next(result)[0] for _ in range(4)]
    assert 4 == next(blocks)[0]


@pytest.mark.parametrize(
    "rule", [Fill(9, "Start"), Fill(9, samples="Repeat"), Fill(9, samples="Cycle")]
)
def test_held_blocks_may_be_overwritten(joined, rule):
    """Samples that are held are copies."""
    memory = np.empty(2, np.float32)

    def blocks():
        for start in (1, 3):
            memory[:] = start, start + 1
            yield memory

    assert naive([1, 2, 3, 4], rule) == joined(fill(blocks(), rule)).tolist()
