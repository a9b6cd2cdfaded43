"""Readers of third-party plugins: their registration, conflicts, and recordings."""

import io

import numpy as np
import pytest

from netencoders import PluginConflictError, PluginError
from netencoders.records import Provider
from netencoders_audio import AudioError, AudioReader, limits, mono_samples
from netencoders_audio.recordings import readers

TAK = b"tBaK" + bytes(range(200))


class Ramp:
    """A reader that gives 600 samples of a ramp, in two blocks."""

    rate, channels = 8000, 1
    kinds = (np.int16, np.int32, np.uint8, np.float32, np.float64)

    def __init__(self, track, kind=np.int16):
        self.kind, self.track = kind, track

    def blocks(self):
        """Yield the ramp at full scale of the type."""
        ramp = np.arange(600, dtype=np.int64)[:, np.newaxis] - 300
        scale = {np.int16: 64, np.int32: 1 << 22, np.uint8: 0.25}.get(self.kind, 1 / 512)
        values = (ramp * scale + (128 if self.kind is np.uint8 else 0)).astype(self.kind)
        yield values[:250]
        yield values[250:]

    def close(self):
        """Do nothing."""


@pytest.fixture
def register(monkeypatch):
    """Return a function that registers readers of a third-party plugin."""
    real = readers.registrations
    added = []

    def found(hook):
        return (*real(hook), *added)

    monkeypatch.setattr(readers, "registrations", found)

    def add(reader, distribution="more-formats"):
        added.append((Provider(distribution, "more", "1.0"), reader))

    return add


@pytest.mark.parametrize("kind", Ramp.kinds)
def test_reader_of_a_plugin_decodes_its_container(register, kind):
    """A container that netencoders names and does not read is decoded by the reader of a plugin."""
    register(AudioReader("TAK", "TAK", lambda track: Ramp(track, kind)))
    expected = (np.arange(600) - 300) / 512
    tolerance = 1 / 128 if kind is np.uint8 else 0
    assert np.abs(expected - mono_samples(TAK, 8000)).max() <= tolerance
    some = mono_samples({"bytes": TAK, "start": 0.0125, "duration": 0.025}, 8000)
    assert np.abs(expected[100:300] - some).max() <= tolerance


def test_content_is_given_to_the_reader(register):
    """A reader gets the bytes of a container that netencoders does not split."""
    seen = []

    def opened(track):
        seen.append(track)
        return Ramp(track)

    register(AudioReader("TAK", "TAK", opened))
    mono_samples(io.BytesIO(TAK), 8000)
    [track] = seen
    assert (("TAK", "TAK", None), TAK) == (
        (track.container, track.coding, track.packets),
        track.content.read_at(0, track.content.size),
    )


def test_container_without_a_reader_is_named():
    """Without the plugin, the error names the kind of the file and the next step."""
    with pytest.raises(AudioError, match="it looks like TAK audio: convert it") as caught:
        mono_samples(TAK, 8000)
    assert "unrecognized" == caught.value.code


def test_pair_of_two_plugins_is_a_conflict(register):
    """Two plugins that register one pair are an error that names both; none is used."""
    register(AudioReader("TAK", "TAK", Ramp))
    register(AudioReader("TAK", "TAK", Ramp), "other-formats")
    message = (
        r"the audio reader 'TAK in TAK' is provided by more-formats 1.0 \(more\) and other-formats "
        r"1.0 \(more\): none of them is used"
    )
    with pytest.raises(PluginConflictError, match=message):
        mono_samples(TAK, 8000)


def test_pair_of_netencoders_keeps_its_reader(register, coded):
    """A pair that netencoders registers is read by its own reader, also if a plugin has another."""
    expected = mono_samples(coded("ipod", "aac"), 44100)
    register(AudioReader("MP4", "AAC", Ramp))
    assert np.array_equal(expected, mono_samples(coded("ipod", "aac"), 44100))


def test_other_objects_are_refused(register):
    """A plugin that registers another object is named."""
    register("a reader")
    with pytest.raises(PluginError, match=r"register_audio_readers takes an AudioReader. Got"):
        mono_samples(TAK, 8000)


def test_limits_below_the_defaults_exclude_plugins(register):
    """The default limits allow the containers of plugins; narrower ones must name them."""
    register(AudioReader("TAK", "TAK", Ramp))
    mono_samples(TAK, 8000)
    narrow = {"formats": {"WAV", "TAK"}, "codings": {"PCM_16"}}
    with limits(**narrow), pytest.raises(AudioError, match="TAK is not among the codings"):
        mono_samples(TAK, 8000)
    with limits(formats={"WAV", "TAK"}, codings={"TAK"}):
        mono_samples(TAK, 8000)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("", "TAK", Ramp), "the container of an AudioReader must be a name. Got ''"),
        (("TAK", None, Ramp), "the coding of an AudioReader must be a name. Got None"),
        (("TAK", "TAK", 1), "the reader of TAK in TAK must be a function of a Track. Got 1"),
    ],
)
def test_wrong_readers_are_refused(values, message):
    """A reader has two names and a function."""
    with pytest.raises(PluginError, match=message):
        AudioReader(*values)
