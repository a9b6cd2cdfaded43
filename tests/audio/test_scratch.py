"""Memory that each thread uses again."""

import threading

import numpy as np
import pytest

from netencoders_audio.scratch import MOST_KEPT, scratch


def test_a_thread_s_own():
    """Two threads never write to the same memory."""
    mine, others = scratch(2, 6), []
    thread = threading.Thread(target=lambda: others.append(scratch(2, 6)))
    thread.start()
    thread.join()
    assert not np.shares_memory(mine, others[0])


def test_used_again():
    """The same memory serves one group after the other, also in another shape."""
    first = scratch(4, 100)
    assert (np.dtype("float32"), (4, 100)) == (first.dtype, first.shape)
    assert np.shares_memory(first, scratch(8, 50))


@pytest.mark.parametrize("rows", [1, 2])
def test_large_memory_is_not_kept(rows):
    """Long partitions do not hold memory for ever: what was kept before is kept still."""
    kept = scratch(1, 8)
    large = scratch(rows, MOST_KEPT + 1)
    assert (rows, MOST_KEPT + 1) == large.shape
    assert not np.shares_memory(kept, large)
    assert np.shares_memory(kept, scratch(1, 8))
