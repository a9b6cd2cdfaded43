"""Sentinels: one object each, also after a copy or a pickle."""

from __future__ import annotations

import copy
import pickle

import pytest

from netencoders.sentinels import Absent, All, Automatic, Sentinel, Varying


@pytest.mark.parametrize("sentinel", [Automatic, All, Absent, Varying], ids=repr)
def test_copy_or_pickle_of_a_sentinel_is_the_same_object(sentinel: Sentinel) -> None:
    """A copy or a pickle is the same object, so that `is` finds it."""
    assert sentinel is copy.copy(sentinel)
    assert sentinel is copy.deepcopy(sentinel)
    assert sentinel is copy.deepcopy([sentinel])[0]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert sentinel is pickle.loads(pickle.dumps(sentinel, protocol))
