"""Excerpts: exact to the sample, in every format, and refused beyond the recording (A36)."""

import io
import pickle
import re
from fractions import Fraction

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError
from netencoders_audio.positions import exact_seconds, frame_at
from netencoders_audio.recordings.opening import open_recording

RATE = 22050
KINDS = [
    ("WAV", None), ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("WAV", "DOUBLE"), ("WAV", "ULAW"),
    ("RF64", None), ("W64", None), ("AIFF", None), ("AU", None), ("CAF", None),
    ("FLAC", None), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None),
]  # fmt: skip


def rate_of(coding):
    """Return a rate that the coding has."""
    return 24000 if coding == "OPUS" else RATE


def encoder(rate=RATE, **parameters):
    """Return the encoder Audio at the rate of the file, so that samples are comparable."""
    return NetEncoder("Audio", SampleRate=rate, **parameters)


@pytest.fixture(scope="session")
def whole():
    """Return a function that decodes a file as a whole, with its own coding."""
    known = {}

    def decode(path):
        if path not in known:
            with open_recording(path) as recording:
                blocks = [block.copy() for block in recording.blocks(1 << 18)]
                known[path] = np.concatenate(blocks)
        return known[path]

    return decode


@pytest.mark.parametrize(("kind", "coding"), KINDS)
@settings(max_examples=12)
@given(data=st.data())
def test_excerpt_equals_the_slice_of_the_samples(recording, whole, kind, coding, data):
    """For any bounds, the array is that of the slice of all samples, to the bit."""
    path = recording(rate_of(coding), 2, kind, coding)
    samples = whole(path)
    first = data.draw(st.integers(0, len(samples) - 1))
    last = data.draw(st.one_of(st.none(), st.integers(first + 1, len(samples))))
    value = Audio.open(path, frames=slice(first, last))
    for change in ({}, {"SampleRate": 16000, "Normalization": "Max", "TargetLength": 500}):
        use = encoder(rate_of(coding)).replace(**change)
        expected = use(Audio(samples[first:last], rate_of(coding), 2))
        np.testing.assert_array_equal(expected, use(value), strict=True)
        blocks = np.concatenate(list(use.stream(value)))
        np.testing.assert_array_equal(expected, blocks, strict=True)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "AIFF"])
def test_decoded_samples_are_those_of_soundfile(recording, kind):
    """The excerpt has the samples that soundfile reads at its frames."""
    path = recording(RATE, 1, kind)
    expected = soundfile.read(path, dtype="float32")[0][5000:7000, np.newaxis]
    assert np.array_equal(expected, encoder()(Audio.open(path, frames=slice(5000, 7000))))


@pytest.mark.parametrize("name", ["AudioSpectrogram", "AudioMFCC"])
def test_other_encoders_take_excerpts_in_map_and_in_processes(recording, frames, name):
    """An excerpt is an input of any encoder, in threads and in other processes."""
    path, samples = recording(RATE, 2), frames(RATE, 2)
    values = [Audio.open(path, start, start + 0.5, channel=1) for start in (0, 0.25, 0.5)]
    cuts = [slice(start, start + 11025) for start in (0, 5513, 11025)]
    cuts[1] = slice(5513, 16538)
    use = NetEncoder(name)
    expected = [use(Audio(samples[cut, 1], RATE)) for cut in cuts]
    ways = [use(values), use.map(values, workers=3), use.map(values, workers=1, isolate=True)]
    for way in ways:
        for left, right in zip(expected, way, strict=True):
            assert np.array_equal(left, right)


@pytest.mark.parametrize(
    ("start", "stop", "first", "last"),
    [
        (None, None, 0, None),
        (0.5, 1.25, 11025, 27563),  # 27562.5: half a frame is rounded up
        ("500 ms", "1.25 s", 11025, 27563),
        (0.1, None, 2205, None),
        (np.float64(0.1), np.int64(1), 2205, 22050),
        ("0.0001 s", None, 2, None),  # 2.205
        (None, 0.00012, 0, 3),  # 2.646
    ],
)
def test_times_mean_the_nearest_frame(recording, frames, start, stop, first, last):
    """Seconds and durations mean the nearest frame of the file, half a frame upwards."""
    value = Audio.open(recording(RATE, 1), start, stop)
    assert np.array_equal(encoder()(Audio(frames(RATE, 1)[first:last], RATE)), encoder()(value))


@given(st.integers(0, 10**6), st.integers(1, 192_000))
def test_times_of_frames_mean_these_frames(frame, rate):
    """The time of a frame, as a float, means the frame; so excerpts join without a gap."""
    assert frame == frame_at(exact_seconds(frame / rate), rate)


def test_float_is_the_decimal_that_python_prints():
    """A float and the duration with the same digits are equal: 0.1 is one tenth."""
    assert (Fraction(1, 10), Fraction(1, 10)) == (exact_seconds(0.1), exact_seconds("100 ms"))


@pytest.mark.parametrize(
    "cut", [slice(-100, None), slice(-200, -100), slice(100, -100), slice(None, 9), slice(None)]
)
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3"])
def test_negative_frames_count_from_the_end(recording, whole, kind, cut):
    """Negative frames count from the end, as in Python."""
    path = recording(RATE, 1, kind)
    expected = encoder()(Audio(whole(path)[cut], RATE))
    assert np.array_equal(expected, encoder()(Audio.open(path, frames=cut)))


def unknown_length(content):
    """Return a FLAC file without a length, as a pipe gets it."""
    start = content.index(b"fLaC") + 8 + 13
    return content[:start] + bytes([content[start] & 0xF0, 0, 0, 0, 0]) + content[start + 5 :]


@pytest.mark.parametrize("cut", [slice(9000, 9500), slice(9000, None), slice(-500, None)])
def test_file_of_unknown_length_has_excerpts(recording, whole, tmp_path, cut):
    """The frames of a file that states no length are counted."""
    path = recording(RATE, 1, "FLAC")
    pipe = tmp_path / "pipe.flac"
    pipe.write_bytes(unknown_length(path.read_bytes()))
    expected = encoder()(Audio(whole(path)[cut], RATE))
    assert np.array_equal(expected, encoder()(Audio.open(pipe, frames=cut)))
    check(Audio.open(pipe, start=99), "out-of-range", ", is not before its end: it has 33075 frame")


def check(value, code, message, **parameters):
    """Check that an input is refused with a code, and with a part of the message."""
    with pytest.raises(AudioError, match=re.escape(message)) as caught:
        encoder(**parameters)(value)
    assert code == caught.value.code
    return caught.value


BEYOND = [
    ((2, None), "its start, frame 44100 (2 s), is not before its end: it has 33075 frames (1.5 s)"),
    ((1.5, None), "its start, frame 33075 (1.5 s), is not before its end: it has 33075 frames"),
    ((1, "1501 ms"), "its stop, frame 33097 (1.50099773 s), is after its end: it has 33075 frames"),
    ((1, 0.5), "its stop, frame 11025 (0.5 s), is not after its start, frame 22050 (1 s)"),
    ((1, 1), "its stop, frame 22050 (1 s), is not after its start, frame 22050 (1 s)"),
    ((slice(-33076, None),), "its start is before its first frame, by 1"),
    ((slice(0, -33075),), "its stop, frame 0 (0 s), is not after its start, frame 0 (0 s)"),
]


@pytest.mark.parametrize(("bounds", "message"), BEYOND, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_excerpts_beyond_the_recording_are_refused(recording, kind, bounds, message):
    """An excerpt that the recording does not have is an error with both numbers."""
    path = recording(RATE, 1, kind)
    value = Audio.open(path, *bounds) if len(bounds) == 2 else Audio.open(path, frames=bounds[0])
    error = check(value, "out-of-range", f"it has no such excerpt: {message}")
    assert str(path) == error.source
    with pytest.raises(AudioError, match="no such excerpt"):
        list(encoder().stream(value))


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_excerpt_of_samples_beyond_the_claim_is_read(wav, kind):
    """The header may claim too few frames; the excerpt is within those that there are."""
    samples = np.random.default_rng(0).integers(-9000, 9000, 9000).astype(np.int16)
    content = bytearray(wav(samples, RATE, kind))
    if kind == "WAV":
        content[40:44] = bytes(4)
    else:
        content[22:26] = (5000).to_bytes(4)  # the lowest 32 bits of the number of frames
    value = {"bytes": bytes(content), "start": 0.25, "end": 0.35}
    with pytest.warns(UserWarning, match="claims"):
        array = encoder()(value)
    assert np.array_equal(samples[5513:7718] / np.float32(32768), array[:, 0])
    with pytest.warns(UserWarning, match="claims"):
        check({**value, "end": 0.41}, "out-of-range", "is after its end: it has 9000 frames")


def test_rest_after_the_excerpt_is_not_read(wav):
    """An excerpt that ends before the recording does not decode the rest."""
    noise = np.random.default_rng(0).integers(-9000, 9000, 400_000).astype(np.int16)
    content = bytearray(wav(noise, RATE, "FLAC"))
    content[-60_000:-50_000] = bytes(10_000)
    array = encoder()({"bytes": bytes(content), "start": 1, "duration": 1})
    assert np.array_equal(noise[22050:44100] / np.float32(32768), array[:, 0])
    check({"bytes": bytes(content)}, "malformed", "damaged")


def test_excerpt_of_a_file_without_frames_is_empty(wav):
    """A file without frames is empty, with any excerpt."""
    check({"bytes": wav(np.zeros(0, np.int16)), "start": 1}, "empty-audio", "no samples")


def test_truncated_file_has_excerpts_of_its_frames(tmp_path, wav):
    """With truncated='warn', the available frames have excerpts."""
    samples = np.arange(1000, dtype=np.int16)
    path = tmp_path / "cut.wav"
    path.write_bytes(wav(samples, RATE)[: 44 + 1200])
    value = Audio.open(path, frames=slice(100, 600), truncated="warn")
    with pytest.warns(UserWarning, match="600 of the 1000 frames"):
        array = encoder()(value)
    assert np.array_equal(samples[100:600] / np.float32(32768), array[:, 0])
    with pytest.warns(UserWarning, match="600 of the 1000 frames"):
        check(
            Audio.open(path, frames=slice(0, 601), truncated="warn"), "out-of-range", "it has 600"
        )


@pytest.mark.parametrize(("channel", "index"), [(0, 0), ("Left", 0), (1, 1), ("Right", 1)])
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG"])
def test_channel_of_a_file_is_that_of_its_samples(recording, whole, kind, channel, index):
    """A file with a chosen channel equals a recording of this channel alone."""
    path = recording(RATE, 3, kind)
    expected = encoder()(Audio(whole(path)[:, index], RATE))
    assert np.array_equal(expected, encoder()(Audio.open(path, channel=channel)))
    value = Audio.open(path, 0.5, 1, channel=channel)
    assert np.array_equal(expected[11025:22050], encoder()(value))


def test_channel_that_the_file_lacks_is_refused(recording):
    """A channel that the file does not have is an error that lists those that it has."""
    path = recording(RATE, 2)
    check(Audio.open(path, channel=2), "no-such-channel", "no channel 2: its channels are 0 to 1")
    mono = Audio.open(recording(RATE, 1), channel="Right")
    check(mono, "no-such-channel", "it has no channel 1: its channel is 0")


def test_position_of_a_bad_sample_is_that_in_the_file(wav):
    """A sample that is not finite is named by its frame and channel in the file."""
    samples = np.zeros((1000, 2), np.float32)
    samples[700, 1] = np.nan
    value = {"bytes": wav(samples, RATE, coding="FLOAT"), "offset": 0.01, "channel": 1}
    check(value, "non-finite", "the sample at frame 700 of channel 1 is nan")


INVALID = [
    ({"start": -1}, "'start' must be from 0 to 1000000000 seconds. Got -1 (give seconds such as"),
    ({"stop": float("nan")}, "'stop' must be from 0 to 1000000000 seconds. Got nan"),
    ({"stop": 10**400}, "'stop' must be from 0 to 1000000000 seconds. Got an integer of 1329 bits"),
    ({"start": "1:30"}, "'start' must be a number of seconds or a duration. Got '1:30'"),
    ({"start": True}, "'start' must be a number of seconds or a duration. Got True"),
    ({"start": np.timedelta64(1, "s")}, "'start' must be a number of seconds or a duration. Got"),
    ({"frames": (0, 9)}, "'frames' must be a slice of integers without a step. Got (0, 9)"),
    ({"frames": slice(0, 9, 2)}, "'frames' must be a slice of integers without a step."),
    ({"frames": slice(0, 0.5)}, "(give for example frames=slice(0, 16000), the first 16000"),
    ({"frames": slice(False, 9)}, "'frames' must be a slice of integers without a step."),
    ({"channel": -1}, "'channel' must be an index >= 0, 'Left' or 'Right'. Got -1 (the first"),
    ({"channel": True}, "'channel' must be an index >= 0, 'Left' or 'Right'. Got True"),
    ({"channel": "left"}, "'channel' must be an index >= 0, 'Left' or 'Right'. Got 'left'"),
    ({"start": 0, "frames": slice(9)}, "frames and start or stop are both given (give frames, or"),
    ({"stop": 1, "frames": slice(9)}, "frames and start or stop are both given"),
]


@pytest.mark.parametrize(("arguments", "message"), INVALID, ids=lambda value: str(value)[:40])
def test_arguments_of_open_are_checked(arguments, message):
    """Audio.open refuses each invalid argument by name, before a file is opened."""
    with pytest.raises(AudioError, match=re.escape(message)) as caught:
        Audio.open("no/such.wav", **arguments)
    assert ("invalid-audio", True) == (caught.value.code, caught.value.source.startswith("Audio"))


def test_file_with_an_excerpt_is_a_value():
    """The input is hashable, equal and picklable, and its repr shows what is not the default."""
    value = Audio.open("a.wav", np.float64(0.5), channel=np.int8(1), truncated="warn")
    assert "AudioFile(path='a.wav', truncated='warn', start=0.5, channel=1)" == repr(value)
    sliced = Audio.open("a.wav", frames=slice(np.int64(1), 2))
    assert "AudioFile(path='a.wav', frames=slice(1, 2, None))" == repr(sliced)
    for item in (value, sliced):
        again = pickle.loads(pickle.dumps(item))
        assert (item, hash(item)) == (again, hash(again))


def test_file_objects_and_bytes_have_excerpts_in_dicts(recording, frames):
    """Bytes with a part are a dict; the content is decoded as from a path."""
    content = recording(RATE, 1, "FLAC").read_bytes()
    expected = encoder()(Audio(frames(RATE, 1)[2205:], RATE))
    assert np.array_equal(expected, encoder()({"bytes": content, "offset": 0.1}))
    assert np.array_equal(
        expected, encoder()({"bytes": io.BytesIO(content).getvalue(), "start": 0.1})
    )
