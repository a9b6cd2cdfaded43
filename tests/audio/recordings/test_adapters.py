"""Adapters: values of other libraries are taken by their attributes."""

import io
import os
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError, mono_samples

RATE = 8000
STEREO = np.random.default_rng(0).uniform(-0.5, 0.5, (500, 2)).astype(np.float32)
EXPECTED = mono_samples(Audio(STEREO, RATE), RATE)


class AudioSamples(SimpleNamespace):
    """Has the attributes of AudioSamples of torchcodec: channels first."""


class AudioDecoder:
    """Has the methods of AudioDecoder of torchcodec and Hugging Face datasets."""

    def __init__(self, samples, seconds=None):
        self.samples, self.metadata = samples, SimpleNamespace(duration_seconds=seconds)

    def get_all_samples(self):
        """Return the samples, or raise them."""
        if isinstance(self.samples, Exception):
            raise self.samples
        return self.samples


class AudioSegment(SimpleNamespace):
    """Has the attributes of AudioSegment of pydub."""

    def get_array_of_samples(self):
        """Return the samples of all channels in one array."""
        return self.values


@pytest.mark.parametrize(
    "value",
    [
        AudioSamples(data=STEREO.T, sample_rate=RATE, pts_seconds=0.0),
        AudioSamples(data=STEREO.T, sample_rate=float(RATE)),
        AudioDecoder(AudioSamples(data=STEREO.T, sample_rate=RATE)),
        AudioDecoder(AudioSamples(data=STEREO.T, sample_rate=RATE), 3600.0),
        AudioSegment(values=STEREO.ravel(), channels=2, frame_rate=RATE),
        {"waveform": STEREO.T, "sample_rate": RATE},
        {"waveform": STEREO.T.tolist(), "sample_rate": RATE},
    ],
)
def test_values_of_other_libraries_are_taken(value):
    """Samples whose channels come first are transposed; the result is that of an Audio."""
    for _ in range(2):
        np.testing.assert_array_equal(EXPECTED, mono_samples(value, RATE))
    assert np.array_equal(NetEncoder("Audio")(Audio(STEREO, RATE)), NetEncoder("Audio")(value))


def test_one_dimension_is_one_channel():
    """Samples of one dimension are not transposed."""
    for value in (
        {"waveform": STEREO[:, 0], "sample_rate": RATE},
        AudioSamples(data=STEREO[:, 0], sample_rate=RATE),
    ):
        np.testing.assert_array_equal(STEREO[:, 0], mono_samples(value, RATE))


def test_segment_of_16_bits_is_scaled():
    """The samples of a pydub segment are integers, which are scaled by their range."""
    values = np.array([16384, -32768], np.int16)
    assert [0.5, -1] == mono_samples(
        AudioSegment(values=values, channels=1, frame_rate=RATE), RATE
    ).tolist()


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (
            {"waveform": STEREO, "sample_rate": RATE},
            "invalid-audio",
            (
                "dict: shape (500, 2) means 500 channels of 2 frames (give (channels, frames), or "
                "Audio(samples, rate) with (frames, channels))"
            ),
        ),
        (
            AudioSamples(data=STEREO, sample_rate=RATE),
            "invalid-audio",
            "a value of type AudioSamples: shape (500, 2) means 500 channels of 2 frames",
        ),
        (
            {"waveform": STEREO.T[np.newaxis], "sample_rate": RATE},
            "invalid-audio",
            "Audio: samples of shape (1, 2, 500) are not audio",
        ),
        (
            {"waveform": STEREO.T, "sample_rate": 0.5},
            "invalid-audio",
            "Audio: rate must be an integer >= 1",
        ),
        (
            {"waveform": STEREO.T, "sample_rate": RATE, "array": STEREO},
            "unsupported-input",
            "dict: 'array' and 'waveform' are both given (give one of the two)",
        ),
        (
            {"waveform": "a.wav", "sample_rate": RATE},
            "unreadable",
            "dict: reading it fails with AttributeError: ",
        ),
        (
            AudioDecoder(RuntimeError("no stream")),
            "unreadable",
            (
                "a value of type AudioDecoder: reading it fails with RuntimeError: no stream "
                "(read its samples, and wrap them as Audio(samples, rate))"
            ),
        ),
        (AudioDecoder(None), "unsupported-input", "a value of type AudioDecoder: it is not audio"),
        (
            AudioDecoder(AudioSamples(data=STEREO.T, sample_rate=RATE), 90_000.0),
            "limit-exceeded",
            "a value of type AudioDecoder: it is longer than 24 hours, and the limit max_hours",
        ),
    ],
)
def test_values_that_are_no_audio_are_refused(value, code, message):
    """The error names the shape, the failure, or the limit, and the remedy."""
    with pytest.raises(AudioError) as caught:
        mono_samples(value, RATE)
    assert str(caught.value).startswith(message)
    assert (code, True) == (caught.value.code, bool(caught.value.remedy))


def test_properties_that_raise_are_no_audio():
    """A value whose properties raise any error is refused like others."""

    class Odd:
        def __getattr__(self, name):
            raise OSError(f"{name} is gone")

    with pytest.raises(AudioError, match=r"^a value of type Odd: it is not audio") as caught:
        mono_samples(Odd(), RATE)
    assert "unsupported-input" == caught.value.code


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ((STEREO[:, 0], RATE), f"Audio(value[0], {RATE})"),
        ((RATE, STEREO[:, 0]), f"Audio(value[1], {RATE})"),
        ((np.int64(RATE), STEREO), f"Audio(value[1], {RATE})"),
        ((STEREO.T, float(RATE)), f"Audio(value[0].T, {RATE})"),
        (([0.5, 0.25], RATE), f"Audio(value[0], {RATE})"),
        ((STEREO, RATE, "en"), f"Audio(value[0], {RATE})"),
    ],
)
def test_tuples_are_refused_with_the_line_that_wraps_them(value, line):
    """The remedy for a tuple of samples and rate works as it is written."""
    with pytest.raises(AudioError) as caught:
        mono_samples(value, RATE)
    assert "unsupported-input" == caught.value.code
    assert f"wrap them: {line} from netencoders_audio" == caught.value.remedy
    samples = next(item for item in value if np.ndim(item))
    audio = eval(line, {"value": value, "Audio": Audio})
    assert len(mono_samples(audio, RATE)) == max(np.shape(samples))


def test_longer_tuple_has_the_line_for_its_first_items():
    """A row of a dataset of torchaudio has further items."""
    with pytest.raises(AudioError, match=r"Audio\(value\[0\]\.T, 8000\) from netencoders_audio\)$"):
        mono_samples((STEREO.T, RATE, "a transcript", 1), RATE)


@pytest.mark.parametrize("value", [(), (STEREO,), ("a", "b"), (1, 2), ([], 3), (STEREO, STEREO)])
def test_other_tuples_are_not_audio(value):
    """A tuple without samples and a rate is no audio."""
    with pytest.raises(AudioError, match=r"^a value of type tuple: it is not audio"):
        mono_samples(value, RATE)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("frame", [0, 3000])
@pytest.mark.parametrize("use", ["path", "file"])
def test_sound_file_is_read_from_its_position(recording, kind, frame, use):
    """A SoundFile is read from its position, which stays, and it stays open."""
    path = recording(16000, 2, kind)
    whole = mono_samples(path, 16000)
    with soundfile.SoundFile(path if use == "path" else path.open("rb")) as file:
        file.seek(frame)
        for _ in range(2):
            np.testing.assert_array_equal(whole[frame:], mono_samples(file, 16000))
            assert frame == file.tell()
        encoder = NetEncoder("Audio", Normalization="Max")
        np.testing.assert_array_equal(encoder(file), np.concatenate(list(encoder.stream(file))))
        expected = soundfile.read(path, start=frame, frames=50)[0]
        np.testing.assert_allclose(file.read(50), expected, atol=1e-4)
        if use == "file":
            file.name.close()


def test_sound_file_has_the_checks_of_its_file(recording, tmp_path):
    """A truncated file is found also through a SoundFile; the error has the path."""
    path = tmp_path / "cut.wav"
    path.write_bytes(recording().read_bytes()[:9000])
    with (
        soundfile.SoundFile(path) as file,
        pytest.raises(AudioError, match="of the 24000") as caught,
    ):
        mono_samples(file, 16000)
    assert ("truncated", str(path)) == (caught.value.code, caught.value.source)


def test_sound_file_at_its_end_is_told(recording):
    """A SoundFile that was read to its end has the remedy to move it; the file is closed."""
    before = len(os.listdir("/proc/self/fd"))
    with soundfile.SoundFile(recording()) as file:
        file.read()
        with pytest.raises(AudioError) as caught:
            mono_samples(file, 16000)
    message = "it is at its end, at frame 24000 (move it to its first frame: file.seek(0))"
    assert f"{recording()}: {message}" == str(caught.value)
    assert "empty-audio" == caught.value.code
    assert before == len(os.listdir("/proc/self/fd"))


def test_sound_files_that_cannot_be_opened_again_are_refused(recording, tmp_path):
    """A SoundFile that is closed, written, without a header or a name has its own message."""

    def message(file):
        with pytest.raises(AudioError) as caught:
            mono_samples(file, 16000)
        assert "unsupported-input" == caught.value.code
        return str(caught.value)

    with soundfile.SoundFile(recording()) as file:
        pass
    remedy = f"open it for reading, or give its path: '{recording()}'"
    assert f"a value of type SoundFile: it is closed ({remedy})" == message(file)
    with soundfile.SoundFile(tmp_path / "out.wav", "w", 16000, 1) as file:
        assert "it is open in mode 'w' (open it for reading, or give its path: " in message(file)
    again = (
        "a value of type SoundFile: its source cannot be opened a second time (read its samples: "
        "Audio(file.read(dtype='float32'), file.samplerate))"
    )
    raw = {"samplerate": 16000, "channels": 1, "format": "RAW", "subtype": "PCM_16"}
    for source, header in ((recording(), raw), (io.BytesIO(bytes(99)), raw)):
        with soundfile.SoundFile(source, **header) as file:
            assert again == message(file)
    with (
        recording().open("rb") as opened,
        soundfile.SoundFile(opened.fileno(), closefd=False) as file,
    ):
        assert again == message(file)
