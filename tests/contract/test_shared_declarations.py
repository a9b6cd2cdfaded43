"""A stranger's encoder may declare the parameters of the audio encoders by taking them over."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from netencoders import ArraySpec, Encoder, NetEncoder, ParameterError, Varying, registered
from netencoders_audio import Audio, declarations, mono_samples

GROUPS = ("WAVEFORM", "PARTITIONS", "FOURIER", "POWER")
SHARED = {
    parameter.name: parameter for group in GROUPS for parameter in getattr(declarations, group)
}


class Peak(Encoder):
    """The largest absolute value of each partition."""

    name = "Peak"
    parameters = tuple(SHARED[name] for name in ("SampleRate", "WindowSize", "Offset"))

    def output(self):
        """Return (n, 1)."""
        return ArraySpec((Varying, 1), quantity="amplitude")

    def encode(self, value):
        """Return a row a partition."""
        samples = np.abs(mono_samples(value, self.resolved["SampleRate"]))
        size, offset = self.resolved["WindowSize"], self.resolved["Offset"]
        starts = range(0, len(samples), offset)
        return np.array([[samples[start : start + size].max()] for start in starts])


@pytest.fixture(autouse=True)
def peak():
    """Register the encoder."""
    with registered(Peak):
        yield


def test_groups_are_taught():
    """The guide names each group, and no parameter is in two."""
    guide = (Path(__file__).parents[2] / "plugins" / "README.md").read_text("utf-8")
    assert [] == [group for group in GROUPS if f"`{group}`" not in guide]
    assert len(SHARED) == sum(len(getattr(declarations, group)) for group in GROUPS)


def test_spectrogram_is_made_of_the_groups():
    """The encoder that ships declares the very same parameters, every one of them."""
    shipped = {
        parameter.name: parameter for parameter in NetEncoder("AudioSpectrogram").declarations
    }
    assert {} == {name: shipped[name] for name in SHARED if shipped[name] is not SHARED[name]}


def test_parameters_mean_the_same():
    """Values resolve, and are refused, as those of the encoder that ships."""
    given = {"SampleRate": 11025, "WindowSize": "32 ms"}
    ours, theirs = NetEncoder("Peak", **given), NetEncoder("AudioSpectrogram", **given)
    assert ours.resolved == {name: theirs.resolved[name] for name in ours.resolved}
    with pytest.raises(ParameterError, match="'Offset' must be an integer >= 1, a duration or Aut"):
        NetEncoder("Peak", Offset=0)
    rows = {row.name for row in ours.diff(theirs)}
    assert {"encoder name", *SHARED} - set(ours.resolved) == rows & {"encoder name", *SHARED}


def test_parameters_cannot_be_changed():
    """What one encoder takes over, it cannot change for the others."""
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'default'"):
        SHARED["SampleRate"].default = 8000


def test_encodes():
    """The encoder has as many partitions as the spectrogram, each with its peak."""
    audio = Audio(np.linspace(0, 1, 16000), 16000)
    peaks = NetEncoder("Peak", Offset="25 ms")(audio)
    assert len(NetEncoder("AudioSpectrogram", Offset="25 ms")(audio)) == len(peaks)
    assert np.linspace(0, 1, 16000)[399::400] == pytest.approx(peaks[:, 0], abs=1e-6)
