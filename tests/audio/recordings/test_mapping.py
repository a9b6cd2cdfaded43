"""Mappings: the keys of rows and manifests are honoured exactly, and unknown ones refused (A36)."""

import re

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError

RATE = 16000


def encoder(**parameters):
    """Return the encoder Audio, so that samples are comparable."""
    return NetEncoder("Audio", SampleRate=RATE, **parameters)


@pytest.fixture(params=["path", "bytes", "array"])
def row(request, recording, frames):
    """Return a dict of each form, for one recording of two channels."""
    path = recording(RATE, 2)
    return {
        "path": {"path": str(path)},
        "bytes": {"bytes": path.read_bytes(), "path": None},
        "array": {"path": str(path), "array": frames(RATE, 2), "sampling_rate": RATE},
    }[request.param]


PARTS = [
    ({}, slice(None)),
    ({"start": 0.25}, slice(4000, None)),
    ({"offset": 0.25}, slice(4000, None)),
    ({"end": 0.75}, slice(0, 12000)),
    ({"duration": 0.5}, slice(0, 8000)),
    ({"start": 0.25, "end": 0.75}, slice(4000, 12000)),
    ({"offset": 0.25, "duration": 0.5}, slice(4000, 12000)),
    ({"start": 0.25, "duration": "500 ms"}, slice(4000, 12000)),
    ({"offset": "250 ms", "end": np.float32(0.75)}, slice(4000, 12000)),
    # The start is 1.6 frames, and the duration 1.6 frames: both are rounded.
    ({"offset": 0.0001, "duration": 0.0001}, slice(2, 4)),
    ({"offset": None, "duration": None, "text": None, "channel": None}, slice(None)),
]


@pytest.mark.parametrize(("keys", "cut"), PARTS, ids=str)
@pytest.mark.parametrize("channel", [None, 0, 1, "Right"])
def test_part_and_channel_of_a_dict_are_encoded(row, frames, keys, cut, channel):
    """The part and the channel that a dict names are encoded, exactly."""
    samples = frames(RATE, 2)[cut]
    if channel is not None:
        samples = samples[:, 1 if channel == "Right" else channel]
    value = {**row, **keys, **({} if channel is None else {"channel": channel})}
    expected = encoder()(Audio(samples, RATE))
    np.testing.assert_array_equal(expected, encoder()(value), strict=True)
    [again] = encoder().map([value], workers=2)
    assert np.array_equal(expected, again)


REFUSED = [
    ({"strat": 1}, "the key 'strat' is unknown. Did you mean 'start'? (give only the keys of the"),
    ({"text": "a"}, "the key 'text' is unknown. (give only the keys of the audio: array, samplin"),
    ({"stop": 1}, "the key 'stop' is unknown."),
    ({"frames": slice(9)}, "the key 'frames' is unknown."),
    ({3: 1}, "the key 3 is unknown."),
    ({"start": 0, "offset": 0}, "'start' and 'offset' are both given (give one of the two)"),
    ({"end": 1, "duration": 1}, "'end' and 'duration' are both given (give one of the two)"),
]


@pytest.mark.parametrize(("keys", "message"), REFUSED, ids=str)
def test_unknown_and_contradicting_keys_are_refused(row, keys, message):
    """A key that is unknown, or that contradicts another one, is refused by name."""
    with pytest.raises(AudioError, match=re.escape(f"dict: {message}")) as caught:
        encoder()({**row, **keys})
    assert "unsupported-input" == caught.value.code


WRONG = [
    ({"end": "1"}, "invalid-audio", "'end' must be a number of seconds or a duration. Got '1'"),
    ({"offset": -1}, "invalid-audio", "'offset' must be from 0 to 1000000000 seconds. Got -1"),
    ({"duration": []}, "invalid-audio", "'duration' must be a number of seconds or a duration"),
    ({"channel": [0, 1]}, "invalid-audio", "'channel' must be an index >= 0, 'Left' or 'Right'"),
    ({"channel": 2}, "no-such-channel", "it has no channel 2: its channels are 0 to 1"),
    ({"duration": 0}, "out-of-range", "its stop, frame 0 (0 s), is not after its start, frame 0"),
    ({"offset": 1, "duration": 0.6}, "out-of-range", "its stop, frame 25600 (1.6 s), is after its"),
    ({"start": 9}, "out-of-range", "its start, frame 144000 (9 s), is not before its end: it has"),
]


@pytest.mark.parametrize(("keys", "code", "message"), WRONG, ids=str)
def test_values_of_keys_are_checked(row, keys, code, message):
    """A value that is not valid, or beyond the recording, is refused with its key."""
    with pytest.raises(AudioError, match=re.escape(message)) as caught:
        encoder()({**row, **keys})
    assert code == caught.value.code


@pytest.mark.parametrize("rate", [RATE, float(RATE), np.int32(RATE), None])
def test_rate_of_a_file_may_be_stated(recording, frames, rate):
    """A `sampling_rate` beside a file may state the rate that the file has."""
    path = recording(RATE, 2)
    assert np.array_equal(encoder()(path), encoder()({"path": path, "sampling_rate": rate}))


@pytest.mark.parametrize("rate", [8000, "16000", [RATE]])
def test_other_rate_than_the_file_has_is_refused(recording, rate):
    """A `sampling_rate` that is not the rate of the file is refused."""
    message = r"'sampling_rate' is .*, but the file has 16000 Hz \(correct the rate, or leave it"
    with pytest.raises(AudioError, match=message) as caught:
        encoder()({"path": recording(RATE, 2), "sampling_rate": rate})
    assert "unsupported-input" == caught.value.code


def test_bytes_of_another_type_are_refused_beside_a_path(recording):
    """Bytes come before the path; a value of another type is not passed over."""
    with pytest.raises(AudioError, match="a dict with 'path' of type PosixPath, 'bytes' of type"):
        encoder()({"path": recording(RATE, 2), "bytes": [1, 2]})
