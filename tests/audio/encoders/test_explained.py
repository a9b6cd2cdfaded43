"""The stages of audio encoders for the page of `explain`, and its player."""

import io
import wave
from types import MappingProxyType

import numpy as np
import pytest

from netencoders import ArraySpec, Integer, NetEncoder, Parameter, Varying, registered
from netencoders_audio import Audio
from netencoders_audio.encoders import explained
from netencoders_audio.encoders.audio_encoder import AudioEncoder


def stages_of(name, value, **parameters):
    """Return the stages of an encoder by name."""
    [stages] = NetEncoder(name, **parameters).explain(value).stages
    return {stage.name: stage for stage in stages}


def played(media):
    """Return the rate and the samples of a WAV file."""
    with wave.open(io.BytesIO(media.data)) as file:
        assert (1, 2) == (file.getnchannels(), file.getsampwidth())
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return file.getframerate(), samples


CHAINS = {
    "Audio": [],
    "AudioPartitions": ["Audio"],
    "AudioSTFT": ["Audio", "Partitions and window"],
    "AudioSpectrogram": ["Audio", "Partitions and window"],
    "AudioChroma": ["Audio", "Partitions and window", "AudioSpectrogram"],
    "AudioMelSpectrogram": ["Audio", "Partitions and window", "AudioSpectrogram"],
    "AudioMFCC": ["Audio", "Partitions and window", "AudioSpectrogram", "AudioMelSpectrogram"],
}


@pytest.mark.parametrize("name", CHAINS)
def test_stages_are_the_arrays_of_encoders(name, recording):
    """Each stage is the array of the encoder that ends there, and the last that of the encoder."""
    path = recording(44100, 2)
    stages = stages_of(name, path, SampleRate=8000, Normalization="Max")
    assert ["Recording", *CHAINS[name], name] == [*stages]
    for title, stage in stages.items():
        if title.startswith("Audio"):
            shared = {"SampleRate": 8000, "Normalization": "Max"}
            np.testing.assert_array_equal(NetEncoder(title, **shared)(path), stage.array)
    declared = [parameter.name for parameter in NetEncoder(name).declarations]
    given = [each for stage in stages.values() for each in stage.parameters]
    assert len(given) == len({*given})
    assert {*given} <= {*declared}


@pytest.mark.parametrize("placement", ["Start", "Center"])
def test_windowed_partitions(placement, speech_path):
    """The stage of the window is the partition, conditioned and multiplied by the window."""
    parameters = {"WindowSize": 300, "FFTLength": 512, "WindowPlacement": placement}
    parameters |= {"PreEmphasis": 0.97, "RemoveMean": True, "PartitionPadding": None}
    stages = stages_of("AudioSpectrogram", speech_path, **parameters)
    samples = stages["Audio"].array[:, 0].astype(np.float64)
    hop, first, size = (100, 106, 512) if placement == "Center" else (100, 0, 300)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(300) / 300)
    expected = []
    for start in range(0, len(samples) - size + 1, hop):
        part = samples[start + first :][:300]
        part = part - part.mean()
        expected.append((part - 0.97 * np.append(part[:1], part[:-1])) * window)
    stage = stages["Partitions and window"]
    np.testing.assert_allclose(expected, stage.array, rtol=0, atol=1e-6)
    assert None is stage.form.problem(stage.array)
    spectrum = np.abs(np.fft.rfft(stage.array, 512)) ** 2
    np.testing.assert_allclose(spectrum, stages["AudioSpectrogram"].array, rtol=0, atol=1e-3)


def test_recording_has_its_own_rate_and_channels(recording):
    """The first stage has the samples of each channel at the rate of the file, as lines."""
    stage = stages_of("AudioSpectrogram", recording(44100, 2))["Recording"]
    assert "The samples of the file: 44100 Hz, 2 channels." == stage.summary
    samples = np.stack(
        [
            NetEncoder("Audio", SampleRate=44100, Channel=channel)(recording(44100, 2))[:, 0]
            for channel in range(2)
        ],
        axis=1,
    )
    np.testing.assert_array_equal(samples, stage.array)
    assert (1 / 44100, True) == (stage.form.axes[0].step, stage.lines)


def test_many_channels_are_not_all_drawn():
    """Only the first 8 channels are lines."""
    stage = stages_of("Audio", Audio(np.full((100, 9), 0.5, np.float32), 8000))["Recording"]
    assert (100, 8) == stage.array.shape
    assert stage.summary.endswith("9 channels, of which the first 8 are drawn.")


def test_long_recordings_are_cut():
    """Stages hold the first 30 s, with the bits of the whole recording; so does the player."""
    samples = np.tile(np.linspace(-0.5, 0.5, 1000, dtype=np.float32), 40)
    samples[-1] = 1  # the maximum, which Normalization needs
    encoder = NetEncoder("AudioSpectrogram", SampleRate=1000, Normalization=["Max", 0.5])
    page = encoder.explain(Audio(samples, 1000))
    assert all(stage.is_cut for stage in page.stages[0])
    assert (30000, 1) == page.stages[0][1].array.shape
    array = page.stages[0][-1].array
    np.testing.assert_array_equal(encoder(Audio(samples, 1000))[: len(array)], array)
    assert 0.25 == page.stages[0][1].array.max()


def test_player_has_the_waveform(speech_path):
    """The player has the waveform of the encoder, in 16 bits."""
    parameters = {"SampleRate": 8000, "Normalization": ["Max", 0.5]}
    encoder = NetEncoder("AudioMFCC", **parameters)._encoder
    media = explained.audio_media(encoder, speech_path, 2.0)
    waveform = NetEncoder("Audio", **parameters)(speech_path)[:16000, 0]
    rate, samples = played(media)
    assert ("audio/wav", "", 8000) == (media.type, media.note, rate)
    np.testing.assert_allclose(waveform * 32767, samples, rtol=0, atol=0.51)


def test_player_does_not_clip():
    """Samples above full scale are divided by the largest, and the page says so."""
    encoder = NetEncoder("Audio", SampleRate=8000)._encoder
    media = explained.audio_media(encoder, Audio(np.array([0.0, -2.5, 1.25]), 8000), 30.0)
    assert [0, -32767, 16384] == played(media)[1].tolist()
    assert "It plays the samples divided by 2.5, so that none is above 1." == media.note


def test_player_is_bounded(monkeypatch):
    """At most a number of samples is played, and the page says so."""
    monkeypatch.setattr(explained, "LARGEST_MEDIA", 4000)
    encoder = NetEncoder("Audio", SampleRate=8000)._encoder
    media = explained.audio_media(encoder, Audio(np.zeros(5000), 8000), 30.0)
    assert 4000 == len(played(media)[1])
    assert "The player has the first 0.5 s." == media.note


def test_player_of_a_low_rate():
    """Browsers refuse rates below 3000 Hz, so each sample is repeated."""
    encoder = NetEncoder("Audio", SampleRate=1000)._encoder
    rate, samples = played(explained.audio_media(encoder, Audio(np.array([0, 1.0]), 1000), 30.0))
    assert (3000, [0, 0, 0, 32767, 32767, 32767]) == (rate, samples.tolist())


class Peaks(AudioEncoder):
    """Gives the peak, without the parameters of a waveform."""

    name = "Peaks"
    parameters = (Parameter("SampleRate", Integer(1), 8000),)

    def output(self):
        """Return the form."""
        return ArraySpec((Varying, 1))

    def encode(self, value):
        """Return one number."""
        return np.abs(value.samples).max(keepdims=True).astype(np.float32).reshape(1, 1)


def test_encoder_without_the_parameters_of_a_waveform():
    """It has the recording and its own array; the player has the mean of the channels."""
    audio = Audio(np.array([[0.5, 0.25], [0.0, -1.0]]), 8000)
    with registered(Peaks):
        assert ["Recording", "Peaks"] == [*stages_of("Peaks", audio)]
    media = Peaks(MappingProxyType({"SampleRate": 8000})).media(audio, 30.0)
    assert [round(0.375 * 32767), -16384] == played(media)[1].tolist()


def test_audio_encoder_of_named_arrays():
    """An encoder of several arrays has a stage for each."""

    class Both(Peaks):
        """Gives two arrays."""

        name = "Both"

        def output(self):
            return {"Peak": ArraySpec((1, 1)), "Count": ArraySpec((1,), "int64")}

        def encode(self, value):
            return {"Peak": super().encode(value), "Count": np.array([value.frames])}

    with registered(Both):
        assert ["Peak", "Count"] == [*stages_of("Both", Audio(np.zeros(7), 8000))]
