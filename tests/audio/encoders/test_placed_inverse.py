"""Reconstruct, with windows in the middle of a longer transform (A25)."""

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders_audio import Audio, reconstruct

EPS = float(np.finfo(np.float32).eps)


def samples(count=3000):
    """Return noise between -0.5 and 0.5."""
    return np.random.default_rng(0).uniform(-0.5, 0.5, count).astype(np.float32)


@pytest.mark.parametrize("padding", [None, "Right", "Center", "CenterReflect"])
@pytest.mark.parametrize(("size", "fft_length"), [(400, 512), (401, 512), (99, 1024), (7, 8)])
def test_samples_within_a_window_are_reconstructed(padding, size, fft_length):
    """Samples within a window are reconstructed; all others are zero."""
    offset = -(-size // 4)
    encoder = NetEncoder(
        "AudioSTFT", WindowSize=size, Offset=offset, FFTLength=fft_length,
        WindowPlacement="Center", PartitionPadding=padding, WindowFunction="hamming",
    )  # fmt: skip
    rows = encoder(Audio(samples(), 16000))
    actual = reconstruct(rows, encoder, length=3000)
    before = fft_length // 2 if padding in ("Center", "CenterReflect") else 0
    first = (fft_length - size) // 2 - before
    last = first + (len(rows) - 1) * offset + size
    expected = samples()
    expected[: max(first, 0)] = expected[last:] = 0
    np.testing.assert_allclose(actual, expected, rtol=0, atol=32 * EPS)


@pytest.mark.parametrize("padding", [None, "Right", "Center", "CenterReflect"])
def test_default_length_ends_with_the_last_window(padding):
    """The default length ends with the last window in the longest recording of n rows."""
    encoder = NetEncoder(
        "AudioSTFT", FFTLength=512, WindowPlacement="Center", PartitionPadding=padding
    )
    rows = encoder(Audio(samples(), 16000))
    actual = reconstruct(rows, encoder)
    assert len(actual) <= 3000 + 133
    inside = slice(256, min(len(actual), 3000) - 256)
    np.testing.assert_allclose(actual[inside], samples()[inside], rtol=0, atol=64 * EPS)
