"""Kaldi's window, compared with the formula and with scipy's Hann window."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.signal import windows

from netencoders.windows import window_samples
from netencoders_audio.stages.povey import povey


@given(st.integers(2, 3000), st.booleans())
def test_povey_equals_its_formula(size: int, periodic: bool) -> None:
    """The samples have the bits of the formula, under each suffix."""
    turns = np.arange(size) / (size if periodic else size - 1)
    expected = (0.5 - 0.5 * np.cos(2 * np.pi * turns)) ** 0.85
    assert expected.tobytes() == povey(size, periodic).tobytes()
    for suffix in ["", "_periodic"] if periodic else ["_symmetric"]:
        assert expected.tobytes() == window_samples(f"povey{suffix}", size).tobytes()


@pytest.mark.parametrize("periodic", [False, True])
def test_povey_is_a_power_of_the_hann_window(periodic: bool) -> None:
    """It is scipy's Hann window to the power of 0.85."""
    expected = windows.hann(400, sym=not periodic) ** 0.85
    np.testing.assert_allclose(povey(400, periodic), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ["povey", "povey_symmetric"])
def test_povey_of_one_sample_is_1(name: str) -> None:
    """A single sample is 1 (A7)."""
    assert [1.0] == window_samples(name, 1).tolist()
