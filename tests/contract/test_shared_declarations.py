"""A third-party encoder can use the parameters and base classes of the audio encoders."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import netencoders_audio
from netencoders import (
    ArraySpec,
    Axis,
    Encoder,
    NetEncoder,
    ParameterError,
    Varying,
    encoders,
    registered,
)
from netencoders_audio import SPECTRAL, Audio, PartitionedEncoder, mono_samples

GROUPS = ("WAVEFORM", "PARTITIONS", "CONDITION", "FOURIER", "POWER")
SHARED = {
    parameter.name: parameter for group in GROUPS for parameter in getattr(netencoders_audio, group)
}


class Peak(Encoder):
    """The largest absolute sample of each partition."""

    name = "Peak"
    parameters = tuple(SHARED[name] for name in ("SampleRate", "WindowSize", "Offset"))

    def output(self):
        """Return (n, 1)."""
        return ArraySpec((Varying, 1), quantity="amplitude")

    def encode(self, value):
        """Return one row for each partition."""
        samples = np.abs(mono_samples(value, self.resolved["SampleRate"]))
        size, offset = self.resolved["WindowSize"], self.resolved["Offset"]
        starts = range(0, len(samples), offset)
        return np.array([[samples[start : start + size].max()] for start in starts])


class SpectralCentroid(PartitionedEncoder):
    """The centroid of the spectrum of each partition, in bins."""

    name = "SpectralCentroid"
    parameters = SPECTRAL
    row = (1,)

    def output(self):
        """Return (n, 1)."""
        return self.rows_spec(Axis("feature"), quantity="bin")

    def compute(self, spectrum, spare, out):
        """Write one row for each partition."""
        magnitudes = np.abs(spectrum)
        bins = np.arange(spectrum.shape[1], dtype=np.float32)
        out[:, 0] = (magnitudes * bins).sum(axis=1) / magnitudes.sum(axis=1)


@pytest.fixture(autouse=True)
def third_party_encoders():
    """Register the third-party encoders."""
    with registered(Peak), registered(SpectralCentroid):
        yield


def test_guide_names_each_group_of_parameters():
    """The guide names each group of parameters, and no parameter is in two groups."""
    guide = (Path(__file__).parents[2] / "plugins" / "README.md").read_text("utf-8")
    groups = [name for name in netencoders_audio.__all__ if name.isupper()]
    assert [] == [group for group in groups if f"`{group}`" not in guide]
    assert len(SHARED) == sum(len(getattr(netencoders_audio, group)) for group in GROUPS)


def test_parameters_of_shipped_encoders_are_in_public_groups():
    """Every parameter of every audio encoder is in a public group."""
    groups = [getattr(netencoders_audio, name) for name in netencoders_audio.__all__]
    public = {id(parameter) for group in groups if type(group) is tuple for parameter in group}
    for record in encoders().values():
        if record.encoder.__module__.startswith("netencoders_audio"):
            assert {id(parameter) for parameter in record.parameters} <= public, record.name


def test_subclass_may_replace_the_window():
    """A subclass may replace the declared window by another."""

    class ScaledWindow(SpectralCentroid):
        name = "ScaledWindow"

        def __init__(self, resolved):
            super().__init__(resolved)
            self.window = 3 * self.window

        def compute(self, spectrum, spare, out):
            out[:, 0] = np.abs(spectrum).max(axis=1)

    class DeclaredWindow(ScaledWindow):
        name = "DeclaredWindow"
        __init__ = SpectralCentroid.__init__

    with registered(ScaledWindow), registered(DeclaredWindow):
        audio = Audio(np.random.default_rng(0).standard_normal(5000, "f4"), 16000)
        expected = 3 * NetEncoder("DeclaredWindow")(audio)
        np.testing.assert_allclose(NetEncoder("ScaledWindow")(audio), expected, rtol=1e-5)


def test_public_names_exist():
    """All public names exist, and include those that the plugin guide extends."""
    names = netencoders_audio.__all__
    assert [] == [name for name in names if not hasattr(netencoders_audio, name)]
    assert {"PartitionedEncoder", "SPECTRAL", "reconstruct"} <= set(names)


def test_spectrogram_declares_the_parameters_of_the_groups():
    """AudioSpectrogram declares the same parameter objects as the groups."""
    shipped = {
        parameter.name: parameter for parameter in NetEncoder("AudioSpectrogram").declarations
    }
    assert {} == {name: shipped[name] for name in SHARED if shipped[name] is not SHARED[name]}


def test_parameters_resolve_as_in_audio_spectrogram():
    """Values are resolved and refused as by AudioSpectrogram."""
    given = {"SampleRate": 11025, "WindowSize": "32 ms"}
    ours, theirs = NetEncoder("Peak", **given), NetEncoder("AudioSpectrogram", **given)
    assert ours.resolved == {name: theirs.resolved[name] for name in ours.resolved}
    with pytest.raises(ParameterError, match="'Offset' must be an integer >= 1, a duration or Aut"):
        NetEncoder("Peak", Offset=0)
    rows = {row.name for row in ours.diff(theirs)}
    assert {"encoder name", *SHARED} - set(ours.resolved) == rows & {"encoder name", *SHARED}


def test_shared_parameter_is_immutable():
    """An encoder cannot change a shared parameter for other encoders."""
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'default'"):
        SHARED["SampleRate"].default = 8000


def test_encoder_has_the_partitions_of_the_spectrogram():
    """The encoder has as many partitions as the spectrogram, each with its peak."""
    audio = Audio(np.linspace(0, 1, 16000), 16000)
    peaks = NetEncoder("Peak", Offset="25 ms")(audio)
    assert len(NetEncoder("AudioSpectrogram", Offset="25 ms")(audio)) == len(peaks)
    assert np.linspace(0, 1, 16000)[399::400] == pytest.approx(peaks[:, 0], abs=1e-6)


def test_subclass_of_partitioned_encoder_streams_rows():
    """A subclass of PartitionedEncoder inherits rows, axes, streams and rules of parameters."""
    noise = np.random.default_rng(0).uniform(-1, 1, 100_000)
    audio, encoder = Audio(noise, 44100), NetEncoder("SpectralCentroid", WindowSize="32 ms")
    magnitudes = NetEncoder("AudioSpectrogram", WindowSize="32 ms", Power=1)(audio)
    expected = np.average(np.broadcast_to(np.arange(257), magnitudes.shape), 1, magnitudes)
    actual = encoder(audio)
    np.testing.assert_allclose(actual[:, 0], expected, rtol=1e-5)
    assert np.array_equal(actual, np.concatenate(list(encoder.stream(audio))))
    assert NetEncoder("AudioSTFT", WindowSize="32 ms").output.axes[0] == encoder.output.axes[0]
    with pytest.raises(ParameterError, match="'FFTLength' must be at least WindowSize"):
        encoder.replace(FFTLength=1)
