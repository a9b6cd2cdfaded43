"""DynamicRange and SubtractMaximum: levels relative to the maximum of the recording."""

import numpy as np
import pytest

from netencoders import ArraySpec, LayerError, NetEncoder, NetLayer, ParameterError, Varying
from netencoders_audio import Audio

ROWS = np.random.default_rng(0).normal(-20, 30, (600, 5)).astype(np.float32)


def test_dynamic_range_raises_elements_far_below_the_maximum():
    """Elements below the maximum minus Below become that level; all others keep their bits."""
    top = max(max(row) for row in ROWS.tolist())
    level = np.float32(top) - np.float32(25)
    actual = NetLayer("DynamicRange", Below=25)(ROWS)
    assert np.array_equal(np.where(ROWS < level, level, ROWS), actual)
    assert (actual == level).any()
    assert (actual > level).any()


def test_below_is_80_by_default_and_not_negative():
    """The default is 80, and a negative range is refused."""
    assert 80 == NetLayer("DynamicRange").parameters["Below"]
    with pytest.raises(ParameterError, match=r"'Below' must be a number >= 0. Got -1"):
        NetLayer("DynamicRange", Below=-1)


@pytest.mark.parametrize("quantity", ["power", "magnitude", "amplitude"])
def test_dynamic_range_needs_logarithms(quantity):
    """Powers and magnitudes are refused, with the remedy."""
    form = ArraySpec((Varying, 5), quantity=quantity)
    with pytest.raises(LayerError, match=f"their quantity is {quantity}: put the layer Log before"):
        NetLayer("DynamicRange").infer(form)
    assert "log" == NetLayer("DynamicRange").infer(ArraySpec((5,), quantity="log")).quantity
    with pytest.raises(LayerError, match=r"are of type float16, and 70000.0 is too large"):
        NetLayer("DynamicRange", Below=7e4).infer(ArraySpec((Varying, 5), "float16"))


def test_maximum_is_subtracted():
    """The largest element becomes 0, and all differences stay."""
    actual = NetLayer("SubtractMaximum")(ROWS)
    assert 0 == actual.max()
    assert np.array_equal(ROWS - ROWS.max(), actual)


@pytest.mark.parametrize("name", ["DynamicRange", "SubtractMaximum"])
def test_levels_need_real_floats_and_take_no_rows(name):
    """Integers are refused, and an array without rows stays empty."""
    with pytest.raises(LayerError, match="gets int16: put the layer Cast before it"):
        NetLayer(name).infer(ArraySpec((Varying, 5), "int16"))
    assert (0, 5) == NetLayer(name)(ROWS[:0]).shape


def test_log_mel_of_whisper():
    """The layers of Whisper give its log-mel spectrogram, features first."""
    mel = NetEncoder("AudioMelSpectrogram", NumberOfFilters=80)
    layers = mel.then("Log", Base=10).then("DynamicRange", Below=8)
    encoder = layers.then("Affine", Shift=4, Factor=0.25).then("Transpose")
    audio = Audio(np.random.default_rng(0).uniform(-0.5, 0.5, 40000), 16000)
    log = np.log10(np.maximum(mel(audio), 1e-10))
    expected = ((np.maximum(log, log.max() - 8) + 4) / 4).T
    actual = encoder(audio)
    np.testing.assert_allclose(expected, actual, atol=1e-6)
    assert np.array_equal(actual, np.concatenate(list(encoder.stream(audio)), axis=1))
