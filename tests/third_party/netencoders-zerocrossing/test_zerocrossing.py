"""ZeroCrossingRate and its spec: the contract of every encoder, and known values."""

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders.testing import EncoderContract
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


def test_rows_are_those_of_a_spectrogram():
    """The rows are those of the same partitions as in AudioSpectrogram."""
    audio = Audio(np.ones(16000, np.float32), 16000)
    rates, spectrogram = NetEncoder("ZeroCrossingRate"), NetEncoder("AudioSpectrogram")
    assert len(spectrogram(audio)) == len(rates(audio)) == 120
    assert spectrogram.output.axes[0] == rates.output.axes[0]
