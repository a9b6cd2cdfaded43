"""Recordings of many rates, channel counts and formats, made from one recording of speech."""

import io
import signal
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from netencoders_audio.limits import VARIABLE, environment_limits

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"
SECONDS = 1.5


@pytest.fixture(scope="session")
def speech_path():
    """Return the path of a real recording: 56040 frames, mono, 16 kHz, 16 bits."""
    return SPEECH


@pytest.fixture(scope="session")
def speech():
    """Return the samples of the real recording: float64, with 16-bit precision."""
    return soundfile.read(SPEECH)[0]


@pytest.fixture(scope="session")
def frames(speech):
    """Return a function that makes int16 speech of a rate, different in each channel."""

    def make(rate, channels):
        mono = soxr.resample(speech[: int(SECONDS * 16000)], 16000, rate)
        mixed = [np.roll(mono, 50 * k) * (-0.8) ** k for k in range(channels)]
        return np.clip(np.round(np.stack(mixed, 1) * 32768), -32768, 32767).astype(np.int16)

    return make


@pytest.fixture(scope="session")
def recording(tmp_path_factory, frames):
    """Return a function that writes a recording of a rate, channel count and format, once."""
    folder = tmp_path_factory.mktemp("recordings")

    def path(rate=16000, channels=1, kind="WAV", coding=None):
        file = folder / f"{rate}-{channels}-{coding}.{kind.lower()}"
        if not file.exists():
            samples = frames(rate, channels)
            if kind == "MP3" or coding in ("FLOAT", "DOUBLE"):
                # libsndfile writes integers to these formats at another scale.
                samples = samples / 32768
            soundfile.write(file, samples, rate, coding, format=kind)
        return file

    return path


@pytest.fixture(scope="session")
def wav():
    """Return a function that makes the bytes of a file from samples and a rate."""

    def make(samples, rate=16000, kind="WAV", coding=None):
        file = io.BytesIO()
        soundfile.write(file, samples, rate, coding, format=kind)
        return file.getvalue()

    return make


@pytest.fixture(scope="session")
def pieces():
    """Return a function that cuts an array into random blocks, also of one sample or none."""

    def cut(array, seed, largest=50):
        random = np.random.default_rng(seed)
        blocks, start = [], 0
        while start < len(array):
            size = int(random.choice([0, 1, 2, int(random.integers(1, largest + 1))]))
            blocks.append(array[start : start + size])
            start += size
        return blocks

    return cut


@pytest.fixture
def set_limits(monkeypatch):
    """Return a function that sets the environment variable of limits, as for a new process."""

    def set_variable(text):
        monkeypatch.setenv(VARIABLE, text)
        environment_limits.cache_clear()

    yield set_variable
    environment_limits.cache_clear()


@pytest.fixture(scope="session")
def joined():
    """Return a function that joins the blocks of a stage, and copies each before the next."""

    def join(blocks):
        return np.concatenate([np.empty(0, np.float32), *(block.copy() for block in blocks)])

    return join


@pytest.fixture
def handler_raises():
    """Return a function that returns another one, in which a signal handler raises an exception."""
    before = signal.getsignal(signal.SIGUSR1)

    def make(problem):
        def handler(*_):
            raise problem

        signal.signal(signal.SIGUSR1, handler)
        return lambda *_: signal.raise_signal(signal.SIGUSR1)

    yield make
    signal.signal(signal.SIGUSR1, before)


def encoded(tracks, container, coding, options=None, form=None, file_options=None):
    """Return the bytes of a file with one or more tracks of int16 or int32 samples.

    Parameters
    ----------
    tracks : sequence of (ndarray, int)
        The samples, of shape (frames, channels), and the rate of each track.
    container, coding : str
        FFmpeg's names.
    """
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=file_options or {}) as output:
        streams = []
        for samples, rate in tracks:
            layout = {1: "mono", 2: "stereo", 8: "7.1"}[samples.shape[1]]
            stream = output.add_stream(coding, rate=rate, layout=layout, options=options or {})
            if form:
                stream.format = form
            streams.append(stream)
        for stream, (samples, rate) in zip(streams, tracks, strict=True):
            kind = "s16" if samples.dtype == np.int16 else "s32"
            for place in range(0, len(samples), 4096):
                part = np.ascontiguousarray(samples[place : place + 4096]).reshape(1, -1)
                layout = {1: "mono", 2: "stereo", 8: "7.1"}[samples.shape[1]]
                frame = av.AudioFrame.from_ndarray(part, kind, layout)
                frame.rate, frame.pts = rate, place
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture(scope="session")
def coded(frames):
    """Return a function that encodes speech; it makes each file once."""
    made = {}

    def make(container, coding, rate=44100, channels=2, tracks=1, **settings):
        key = (container, coding, rate, channels, tracks, str(settings))
        if key not in made:
            speech = frames(rate, channels)
            several = [(np.roll(speech, 1000 * index, axis=0), rate) for index in range(tracks)]
            made[key] = encoded(several, container, coding, **settings)
        return made[key]

    return make


@pytest.fixture(scope="session")
def encoder_of_tracks():
    """Return the function `encoded`."""
    return encoded
