"""The encoder, its spec and the layer: the contracts, and known values."""

import numpy as np
import pytest

from netencoders import ArraySpec, EncodeError, LayerError, NetEncoder, NetLayer
from netencoders.testing import EncoderContract, LayerContract
from netencoders_audio import Audio


class TestZeroCrossingRate(EncoderContract):
    """The contract."""

    encoder = "ZeroCrossingRate"

    def inputs(self):
        """Return one sample, and two channels of noise at another rate."""
        noise = np.random.default_rng(0).uniform(-1, 1, (11025, 2))
        return [Audio([-1.0], 16000), Audio(noise, 44100)]


class TestTelephoneZeroCrossingRate(TestZeroCrossingRate):
    """The contract, for the spec."""

    encoder = "TelephoneZeroCrossingRate"


class TestChange(LayerContract):
    """The contract of layers."""

    layer = "Change"

    def inputs(self):
        """Return the fewest rows, constant rows, and more than two groups of 256 rows."""
        noise = np.random.default_rng(0).standard_normal((700, 3))
        return [noise[:2].astype(np.float32), np.ones((9, 2)), noise]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([1, -1, 1, -1, 1], [1, 1, 0]),  # there are no crossings after the end
        ([1, -1, -1, 1, 1], [0.5, 0.5, 0]),
        ([1, 0, -0.0, 1], [0, 0]),  # zero counts as positive, and so does -0.0
        ([-1], [0]),
    ],
)
def test_known_values(samples, expected):
    """Partitions of three samples, every two samples, have these rates."""
    encoder = NetEncoder("ZeroCrossingRate", WindowSize=3, Offset=2)
    rates = encoder(Audio(np.array(samples, np.float32), 16000))
    assert [[rate] for rate in expected] == rates.tolist()


@pytest.mark.parametrize("lag", [1, 3])
def test_change_of_known_rows(lag):
    """The layer gives the differences of rows, and the time of the later row."""
    encoder = NetEncoder("ZeroCrossingRate")
    change = encoder.then("Change", Lag=lag)
    audio = Audio(np.random.default_rng(0).uniform(-1, 1, 16000), 16000)
    rates = encoder(audio)
    assert (rates[lag:] - rates[:-lag]).tolist() == change(audio).tolist()
    assert encoder.output.axes[0].at(lag) == change.output.axes[0].at(0)


def test_change_needs_more_rows_than_its_lag():
    """Too few rows are an error of the input, or of the declaration if their number is fixed."""
    layer = NetLayer("Change", Lag=2)
    with pytest.raises(EncodeError, match="its 2 rows are too few for the layer Change"):
        layer(np.zeros((2, 1)))
    with pytest.raises(LayerError, match="2 rows are too few for Lag 2"):
        layer.infer(ArraySpec((2, 1)))


def test_change_refuses_integers():
    """Unsigned differences would wrap around."""
    with pytest.raises(LayerError, match="real floating-point numbers, and gets uint8"):
        NetLayer("Change")(np.zeros((2, 1), np.uint8))


def test_rows_are_those_of_a_spectrogram():
    """The rows are those of the same partitions as in AudioSpectrogram."""
    audio = Audio(np.ones(16000, np.float32), 16000)
    rates, spectrogram = NetEncoder("ZeroCrossingRate"), NetEncoder("AudioSpectrogram")
    assert len(spectrogram(audio)) == len(rates(audio)) == 120
    assert spectrogram.output.axes[0] == rates.output.axes[0]
