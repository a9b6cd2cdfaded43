"""Interrupts: an exception of a signal handler at any moment of the decoding of a file."""

import gc
import inspect
import io
import os
import signal
import sys

import numpy as np
import pytest

import netencoders_audio.files.descriptors as descriptors
import netencoders_audio.recordings.opening as opening
from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError

KINDS = [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None)]
WAYS = {
    "path": lambda path: path,
    "bytes": lambda path: path.read_bytes(),
    "file object": lambda path: io.BytesIO(path.read_bytes()),
    "functions": lambda path: io.BytesIO(path.read_bytes()),
}
FOLDERS = ("/netencoders_audio/files/", "/netencoders_audio/recordings/")


class LateError(Exception):
    """The exception of a signal handler."""


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Return a function that makes an input from a path; the last one has no descriptor."""
    if request.param == "functions":
        monkeypatch.setattr(descriptors, "_ON_DISK", -1)
    return WAYS[request.param]


def interrupted_at(point, action):
    """Run an action, and raise an exception at a point, as a signal handler does.

    The points are those where Python may run a handler: the beginnings of functions, and the ends
    of functions in C. A generator that is deleted also has a `call`, but runs no handler there. A
    function for `sys.setprofile`, too, gets the frame that it interrupts.
    """
    seen = 0

    def profile(frame, event, argument):
        nonlocal seen
        name = frame.f_code.co_filename.replace(os.sep, "/")
        begins = event == "call" and not frame.f_code.co_flags & inspect.CO_GENERATOR
        if (begins or event == "c_return") and any(folder in name for folder in FOLDERS):
            seen += 1
            if seen == point:
                sys.setprofile(None)
                raise LateError

    sys.setprofile(profile)
    try:
        return action()
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize(("kind", "coding"), KINDS)
def test_interrupt_arrives_at_every_point(recording, capfd, way, kind, coding):
    """An exception that a handler raises at any point arrives, and the next input is right."""
    encoder = NetEncoder("AudioSpectrogram")
    path = recording(16000, 1, kind, coding)
    expected = encoder(path)
    point, ended = 0, False
    before = len(os.listdir("/dev/fd"))
    lost = 0
    while not ended:
        point += 1
        value = way(path)
        try:
            array = interrupted_at(point, lambda value=value: encoder(value))
            ended = True
            assert np.array_equal(expected, array)
        except LateError:
            if point % 20 == 0:
                assert np.array_equal(expected, encoder(way(path)))
        lost = max(lost, len(os.listdir("/dev/fd")) - before)
    assert point > 30
    # An interrupt between the opening of a file and its first reference loses this one file.
    assert lost <= 4
    assert "LateError" not in capfd.readouterr().err  # printed, and lost


@pytest.mark.parametrize(("kind", "coding"), KINDS)
def test_interrupts_arrive_while_a_file_is_decoded(recording, way, kind, coding):
    """An alarm whose handler raises an exception is never lost, and no file is called damaged."""
    encoder = NetEncoder("AudioSpectrogram")
    path = recording(16000, 1, kind, coding)
    expected = encoder(path)
    fired = []

    def handler(*_):
        fired.append(1)
        raise LateError

    before = signal.signal(signal.SIGALRM, handler)
    gc.disable()  # hypothesis has a callback of the collection, in which an exception is lost
    try:
        for delay in np.random.default_rng(0).uniform(1e-5, 5e-3, 60):
            fired.clear()
            value = way(path)
            try:
                signal.setitimer(signal.ITIMER_REAL, delay)
                array = encoder(value)
                silent = not fired
                signal.setitimer(signal.ITIMER_REAL, 0)
                assert silent
                assert np.array_equal(expected, array)
            except LateError:
                pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()


@pytest.mark.parametrize("problem", [TimeoutError("late"), ValueError("late")])
@pytest.mark.parametrize("name", ["stat", "open"])
def test_timeout_is_not_a_failed_opening(recording, monkeypatch, handler_raises, problem, name):
    """A timeout that a signal handler raises while a file is opened is raised."""
    path = recording()
    monkeypatch.setattr(opening.os, name, handler_raises(problem))
    with pytest.raises(type(problem), match=r"^late$"):
        NetEncoder("AudioSpectrogram")(str(path))


@pytest.mark.parametrize("problem", [TimeoutError("late"), ValueError("late")])
@pytest.mark.parametrize("name", ["url", "name", "geturl", "shape", "mask"])
def test_timeout_is_not_a_missing_attribute(handler_raises, problem, name):
    """A timeout that a signal handler raises while an attribute is read is raised."""
    signals = handler_raises(problem)

    class Source(io.BytesIO):
        def __getattribute__(self, asked):
            if asked == name and name != "geturl":
                signals()
            return signals if asked == name else super().__getattribute__(asked)

    if name in ("shape", "mask"):
        action = lambda: Audio(Source(), 16000)  # noqa: E731 - one of two actions
    else:
        action = lambda: NetEncoder("AudioSpectrogram")(Source(b"no sound" * 99))  # noqa: E731
    if name == "shape":
        action = lambda: NetEncoder("AudioSpectrogram")({"waveform": Source(), "sample_rate": 9})  # noqa: E731
    with pytest.raises(type(problem), match=r"^late$"):
        action()


def test_timeout_is_not_a_failed_method(handler_raises):
    """A timeout that a signal handler raises in a method of another library is raised."""

    class Samples:
        sample_rate = 16000
        data = None

        def get_all_samples(self):
            handler_raises(RuntimeError("late"))()

    with pytest.raises(RuntimeError, match=r"^late$"):
        NetEncoder("AudioSpectrogram")(Samples())


def test_error_of_a_method_is_raised():
    """An exception of a decoder of another library that it does not document is raised as it is."""

    class Samples:
        def get_all_samples(self):
            raise ConnectionError("reset by peer")

    with pytest.raises(ConnectionError, match=r"^reset by peer$"):
        NetEncoder("AudioSpectrogram")(Samples())


@pytest.mark.parametrize("after", [0, 2])
def test_error_of_an_iterator_is_raised(after):
    """An exception of an iterator of blocks is raised as it is; its AudioError keeps its code."""

    def microphone(problem):
        for _ in range(after):
            yield Audio(np.zeros(4000, np.float32), 16000)
        raise problem

    encoder = NetEncoder("AudioSpectrogram")
    for problem in (OSError("the device is gone"), LateError()):
        for call in (encoder, lambda value: list(encoder.stream(value))):
            with pytest.raises(type(problem)) as caught:
                call(microphone(problem))
            assert problem is caught.value
    with pytest.raises(AudioError, match="mute") as caught:
        encoder(microphone(AudioError("mute", code="mute")))
    assert "mute" == caught.value.code
    (error,) = encoder.map([microphone(AudioError("mute", code="mute"))], on_error="return")
    assert "mute" == error.code
