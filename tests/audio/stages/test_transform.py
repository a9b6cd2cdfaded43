"""FrameTransform: the kernel in the pipeline, compared with the stages of numpy and scipy."""

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders.kernel.library import VARIABLE
from netencoders_audio import MelBands, mel_filters
from netencoders_audio.kernel import matrix as matrix_module
from netencoders_audio.kernel.library import library
from netencoders_audio.stages.condition import condition
from netencoders_audio.stages.fourier import fourier
from netencoders_audio.stages.power import power
from netencoders_audio.stages.transform import frame_transform

WINDOW = np.hanning(300).astype("f4")
ARGUMENTS = WINDOW, slice(50, 350), 400, True, 0.97
SIGNAL = np.random.default_rng(0).uniform(-1, 1, 4000).astype("f4")
PARTITIONS = np.lib.stride_tricks.sliding_window_view(SIGNAL, 400)[::70]


@pytest.fixture
def transform():
    """Return the transform of `ARGUMENTS`."""
    if library() is None:
        pytest.skip("of the compiled kernel")
    return frame_transform(*ARGUMENTS)


def spectrum():
    """Return the transform of the partitions by the stages."""
    window, place, length, remove_mean, pre_emphasis = ARGUMENTS
    rows = np.zeros((len(PARTITIONS), length), np.float32)
    condition(PARTITIONS[:, place], remove_mean, pre_emphasis, rows[:, place])
    padded = np.zeros(length, np.float32)
    padded[place] = window
    return fourier(rows, padded)


def test_spectrum_and_power_are_those_of_the_stages(transform):
    """The transform, the power and the magnitude have the bits of the stages."""
    np.testing.assert_array_equal(spectrum(), transform.spectrum(PARTITIONS))
    both = np.empty((len(PARTITIONS), 400), np.complex64)
    transform.two_sided(PARTITIONS, both)
    np.testing.assert_array_equal(spectrum(), both[:, :201])
    np.testing.assert_array_equal(spectrum()[:, 199:0:-1].conj(), both[:, 201:])
    out = np.empty((len(PARTITIONS), 201), np.float32)
    for exponent, offset in ((1, 0.0), (2, 0.0), (1, 1e-9)):
        expected = power(spectrum(), exponent, np.empty_like(out), offset)
        transform.power(PARTITIONS, exponent, out, offset)
        np.testing.assert_array_equal(expected, out)


@pytest.mark.parametrize("columns", [0, 8192])
def test_bands_are_those_of_the_stages(transform, monkeypatch, columns):
    """Bands have the bits of the stages, also if the matrix is too wide for one call."""
    monkeypatch.setattr(matrix_module, "MAX_COLUMNS", columns)
    bands = MelBands(mel_filters(40, 400, 16000), 1, 1e-9)
    expected, actual = np.empty((2, len(PARTITIONS), 40), np.float32)
    bands.apply(spectrum(), np.empty((len(PARTITIONS), 402), np.float32), expected)
    bands.transform(transform, PARTITIONS, actual)
    np.testing.assert_array_equal(expected, actual)


def test_there_is_no_transform_for_other_settings(monkeypatch):
    """Windows of float64, other lengths, and a kernel that is off are left to the stages."""
    assert frame_transform(WINDOW.astype("f8"), *ARGUMENTS[1:]) is None
    assert frame_transform(WINDOW, slice(0, 300), 1102, False, 0.0) is None
    monkeypatch.setenv(VARIABLE, "off")
    library.cache_clear()
    assert frame_transform(*ARGUMENTS) is None
    library.cache_clear()


def test_engine_names_the_reason(monkeypatch):
    """The engine of an encoder is the kernel, or the reason why numpy and scipy are used."""
    if library() is None:
        pytest.skip("of the compiled kernel")
    names = [
        NetEncoder("AudioSpectrogram", **parameters).engine
        for parameters in ({}, {"WindowSize": 1102}, {"TransformPrecision": "Double"})
    ]
    assert "numpy and scipy, for FFTLength 1102" == names[1]
    assert "numpy and scipy, for TransformPrecision 'Double'" == names[2]
    assert names[0] in ("kernel avx2", "kernel sse2", "kernel neon")
    for value, text in (("off", "kernel off: numpy and scipy"), ("x", "none: the environment")):
        monkeypatch.setenv(VARIABLE, value)
        library.cache_clear()
        assert NetEncoder("AudioSpectrogram").engine.startswith(text)
    library.cache_clear()
